//! Durations and sizes as the engines' own readers take them, for languages and configs alike.

/// Why a text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A number stands alone.
    NoUnit,
    /// The unit is not known.
    Unit,
    /// Something else, or a value out of range.
    Shape,
}

/// Units of Go's durations, in nanoseconds.
const GO: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("\u{b5}s", 1e3),
    ("\u{3bc}s", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 6e10),
    ("h", 3.6e12),
];

/// Nanoseconds of a duration such as `1h30m` (Go `time.ParseDuration`).
pub fn go_duration(text: &str) -> Result<f64, Fault> {
    quantity(text, |unit| GO.iter().find(|(name, _)| *name == unit).map(|u| u.1))
}

/// Bytes of a size such as `64MiB`; either all units have an `i` or none (alecthomas/units bytes.go
/// `ParseBase2Bytes`@0f3dac36c52b).
pub fn base2_bytes(text: &str) -> Result<f64, Fault> {
    let unit = |suffix: &str, unit: &str| {
        if unit == "B" {
            return Some(1.0);
        }
        let power = "KMGTPE".find(unit.strip_suffix(suffix)?).filter(|_| unit.len() == suffix.len() + 1)?;
        Some(1024f64.powi(power as i32 + 1))
    };
    match [quantity(text, |u| unit("iB", u)), quantity(text, |u| unit("B", u))] {
        [Ok(value), _] | [_, Ok(value)] => Ok(value),
        [_, fault] => fault,
    }
}

/// `[-+]?([0-9]*(\.[0-9]*)?[unit]+)+`, as Go and its followers read it.
fn quantity(text: &str, unit: impl Fn(&str) -> Option<f64>) -> Result<f64, Fault> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0.0);
    }
    if rest.is_empty() {
        return Err(Fault::Shape);
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        let fraction = rest[whole..].strip_prefix('.').map(digits);
        if whole + fraction.unwrap_or(0) == 0 {
            return Err(Fault::Shape);
        }
        let end = whole + fraction.map_or(0, |f| f + 1);
        let value: f64 = rest[..end].parse().unwrap_or_default();
        rest = &rest[end..];
        let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            return Err(Fault::NoUnit);
        }
        sum += value * unit(&rest[..end]).ok_or(Fault::Unit)?;
        rest = &rest[end..];
    }
    // Go keeps 64 bits, of nanoseconds or bytes.
    if sum >= 9.223_372_036_854_776e18 { Err(Fault::Shape) } else { Ok(sign * sum) }
}

/// Why a text is no duration to Prometheus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrometheusFault<'t> {
    /// This is no unit.
    Unit(&'t str),
    /// Units go from long to short, each once.
    Order,
    /// The number, or the whole, is too large, or there is none.
    Range,
}

/// Milliseconds of a duration such as `1d12h`: units once each, from long to short
/// (prometheus/common model/time.go `ParseDuration`@v0.65.0). The empty text has none.
pub fn prometheus_duration(text: &str) -> Result<u64, PrometheusFault<'_>> {
    const UNITS: [(&str, u64); 7] = [
        ("y", 365 * 86_400_000),
        ("w", 7 * 86_400_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];
    // The engine counts nanoseconds in 64 bits with a sign.
    const MOST: u64 = (i64::MAX as u64) / 1_000_000;
    let mut rest = text;
    let (mut total, mut allowed) = (0u64, 0);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (count, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at(letters);
        rest = tail;
        let place = UNITS.iter().position(|(name, _)| *name == unit).ok_or(PrometheusFault::Unit(unit))?;
        if place < allowed {
            return Err(PrometheusFault::Order);
        }
        allowed = place + 1;
        let part =
            count.parse::<u64>().ok().and_then(|n| n.checked_mul(UNITS[place].1)).ok_or(PrometheusFault::Range)?;
        total = total.checked_add(part).filter(|sum| *sum <= MOST).ok_or(PrometheusFault::Range)?;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for good in
            ["0", "+0", "-0", "1s", "1h30m", "1.5h", ".5s", "1.s", "10\u{b5}s", "10us", "-1m", "1h0m0s", "2562047h"]
        {
            assert!(go_duration(good).is_ok(), "{good}");
        }
        for bad in ["", "1", "s", ".s", "1d", "1 s", "1h 30m", "-", "1ss", "1M", "1e3s", "2562048h", "1s2"] {
            assert!(go_duration(bad).is_err(), "{bad}");
        }
        assert_eq!(go_duration("-1.5h"), Ok(-5.4e12));
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        for good in ["0", "1B", "64MiB", "64MB", "1KiB", "1KB", "1.5GiB", "1GiB512MiB", "-1B"] {
            assert!(base2_bytes(good).is_ok(), "{good}");
        }
        for bad in ["", "64", "64M", "64kB", "64kiB", "64mib", "MiB", "64 MiB", "1GB512MiB", "16EiB"] {
            assert!(base2_bytes(bad).is_err(), "{bad}");
        }
        assert_eq!(base2_bytes("1GiB512MiB"), Ok(1_610_612_736.0));
    }

    #[test]
    fn prometheus_takes_each_unit_once_from_long_to_short() {
        assert_eq!(prometheus_duration("1d12h"), Ok(36 * 3_600_000));
        assert_eq!(prometheus_duration("1h1d"), Err(PrometheusFault::Order));
        assert_eq!(prometheus_duration("1.5h"), Err(PrometheusFault::Unit("")));
        assert_eq!(prometheus_duration("5q"), Err(PrometheusFault::Unit("q")));
        assert_eq!(prometheus_duration("99999y"), Err(PrometheusFault::Range));
    }
}
