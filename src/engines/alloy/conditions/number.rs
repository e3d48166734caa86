//! Numbers as Alloy writes them: plain, as durations, as sizes.

/// A Go duration in nanoseconds (`time.ParseDuration`).
pub(super) fn duration(text: &str) -> Option<f64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        if number.bytes().filter(|&b| b == b'.').count() > 1 || !number.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let unit = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        // `1.` and `.5` are numbers to Go.
        total += format!("0{number}").trim_end_matches('.').parse::<f64>().ok()? * unit;
        rest = tail;
    }
    Some(if negative { -total } else { total })
}

/// A size in bytes (`alecthomas/units` to base 2): `512MiB`, `1GB`.
pub(super) fn size(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    let power = match unit {
        "B" => 0,
        "KiB" | "KB" => 1,
        "MiB" | "MB" => 2,
        "GiB" | "GB" => 3,
        "TiB" | "TB" => 4,
        "PiB" | "PB" => 5,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * 1024_f64.powi(power))
}

/// Whatever of the three it is.
pub(super) fn any(text: &str) -> Option<f64> {
    duration(text).or_else(|| size(text)).or_else(|| {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e'));
        if plain { text.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        let cases =
            [("1s", 1e9), ("1h30m", 5400e9), ("1.5s", 1.5e9), ("100ms", 1e8), ("0", 0.0), ("-2s", -2e9), ("10s", 1e10)];
        for (text, value) in cases {
            assert_eq!(duration(text), Some(value), "{text}");
        }
        for (text, value) in [(".5s", 0.5e9), ("1.s", 1e9), ("1us", 1e3), ("1µs", 1e3), ("20m0s", 1200e9)] {
            assert_eq!(duration(text), Some(value), "{text}");
        }
        for text in ["", "1", "s", "1d", "1s2", "1.2.3s", ".s", "1S", "-"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_to_base_two() {
        assert_eq!(size("512MiB"), Some(512.0 * 1024.0 * 1024.0));
        assert_eq!(size("1KB"), Some(1024.0));
        assert_eq!(size("1"), None);
        assert_eq!(any("3"), Some(3.0));
        assert_eq!(any("3s"), Some(3e9));
        assert_eq!(any("3x"), None);
    }
}
