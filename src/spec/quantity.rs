//! Durations and sizes as `vispyr.toml` writes them.

use super::text::Complaint;

/// The longest duration: well inside the 292 years that a Go `time.Duration` holds.
const LONGEST: u64 = 100 * 365 * 86_400;

/// Units of durations, longest first, with their seconds.
const SECONDS: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// A duration: whole numbers with units, longest first, each once.
pub(super) const DURATION: &str = "^([0-9]+w([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?|[0-9]+d([0-9]+h)?([0-9]+m)?([0-9]+s)?|[0-9]+h([0-9]+m)?([0-9]+s)?|[0-9]+m([0-9]+s)?|[0-9]+s)$";

/// Units of sizes with the power of 1024 they stand for. Both spellings mean the same, as in Prometheus: alecthomas/units
/// bytes.go ParseBase2Bytes@v0.0.0-20240927000941-0f3dac36c52b, used by prometheus/prometheus cmd/prometheus/main.go@v3.14.0.
const BYTES: [(&str, u32); 9] =
    [("B", 0), ("KB", 1), ("KiB", 1), ("MB", 2), ("MiB", 2), ("GB", 3), ("GiB", 3), ("TB", 4), ("TiB", 4)];

/// A size: one whole number with a unit.
pub(super) const SIZE: &str = "^[0-9]+(B|KB|KiB|MB|MiB|GB|GiB|TB|TiB)$";

/// Reads `1d12h` as seconds.
pub(super) fn duration(text: &str) -> Result<u64, Complaint> {
    let mut rest = text;
    let mut units = SECONDS.iter();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return Err(Complaint::new("is no duration").help("write a number and a unit, such as `15d`"));
    }
    while !rest.is_empty() {
        let (number, after) = digits(rest);
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        if number.is_empty() {
            return Err(Complaint::new("is no duration").help("write a number and a unit, such as `15d`"));
        }
        match unit {
            "" => return Err(Complaint::new("has no unit").help(format!("add one of w, d, h, m, s: `{text}d`"))),
            "y" => return Err(Complaint::new("counts years, which differ").help("count days: a year has 365 or 366")),
            "ms" => return Err(Complaint::new("is finer than a second").help("use whole seconds, such as `1s`")),
            _ => {}
        }
        let Some((_, seconds)) = units.find(|(u, _)| *u == unit) else {
            let known = SECONDS.iter().any(|(u, _)| *u == unit);
            return Err(if known {
                Complaint::new(format!("has the unit `{unit}` out of order"))
                    .help("write each unit once, the longest first, such as `1d12h`")
            } else {
                Complaint::new("is no duration").help("use whole numbers and the units w, d, h, m, s, such as `1d12h`")
            });
        };
        let part = number.parse::<u64>().ok().and_then(|n| n.checked_mul(*seconds));
        total = match part.and_then(|p| total.checked_add(p)) {
            Some(sum) if sum <= LONGEST => sum,
            _ => return Err(Complaint::new("is longer than 100 years")),
        };
        rest = next;
    }
    Ok(total)
}

/// Reads `20GB` as bytes: units are powers of 1024.
pub(super) fn size(text: &str) -> Result<u64, Complaint> {
    let (number, unit) = digits(text);
    if number.is_empty() {
        return Err(Complaint::new("is no size").help("write a number and a unit, such as `20GB`"));
    }
    if let Some(fraction) = unit.strip_prefix('.') {
        return Err(fractional(number, fraction));
    }
    if let Some((_, power)) = BYTES.iter().find(|(u, _)| *u == unit) {
        let bytes = number.parse::<u64>().ok().and_then(|n| n.checked_mul(1024_u64.pow(*power)));
        // Engines hold sizes in an int64.
        return bytes
            .filter(|b| i64::try_from(*b).is_ok())
            .ok_or_else(|| Complaint::new("is more than any store can hold"));
    }
    let alike = BYTES.iter().map(|(u, _)| *u).find(|u| {
        u.eq_ignore_ascii_case(unit) || (!unit.is_empty() && u.trim_end_matches('B').eq_ignore_ascii_case(unit))
    });
    Err(match alike {
        Some(known) => {
            Complaint::new(format!("has the unknown unit `{unit}`")).help(format!("write `{number}{known}`"))
        }
        None if unit.is_empty() => {
            Complaint::new("has no unit").help(format!("add one of B, KB, MB, GB, TB: `{number}GB`"))
        }
        None => Complaint::new("is no size").help("use a whole number and one of B, KB, MB, GB, TB, such as `20GB`"),
    })
}

/// `1.5GB` is refused, but its help names the same size in a smaller unit where that is exact.
fn fractional(number: &str, fraction: &str) -> Complaint {
    let complaint = Complaint::new("is not a whole number");
    let (decimals, unit) = digits(fraction);
    let smaller = BYTES.iter().find(|(u, _)| *u == unit).and_then(|(_, power)| {
        let name = BYTES.iter().find(|(u, p)| *p + 1 == *power && u.ends_with("iB") == unit.ends_with("iB"))?.0;
        let scale = 10_u64.checked_pow(u32::try_from(decimals.len()).ok()?)?;
        let scaled = number.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(decimals.parse().ok()?)?;
        let scaled = scaled.checked_mul(1024)?;
        (scaled % scale == 0).then(|| format!("write `{}{name}`", scaled / scale))
    });
    complaint.help(smaller.unwrap_or_else(|| "use a whole number of a smaller unit".to_owned()))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// Bytes as a person reads them, exact where a unit divides them.
pub(super) fn show_bytes(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1024 && value.is_multiple_of(1024) && unit + 1 < units.len() {
        value /= 1024;
        unit += 1;
    }
    format!("{value}{}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_numbers_with_units_longest_first() {
        assert_eq!(duration("15d"), Ok(1_296_000));
        assert_eq!(duration("1d12h"), Ok(129_600));
        assert_eq!(duration("1w2d3h4m5s"), Ok(788_645));
        for bad in [
            "",
            "d",
            "15",
            "1y",
            "100ms",
            "1h1d",
            "1h1h",
            "1.5h",
            "-5s",
            " 5s",
            "5 s",
            "1D",
            "9999999999w",
            "18446744073709551616s",
            "٣s",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_powers_of_1024_in_both_spellings() {
        assert_eq!(size("20GB"), Ok(20 * 1024 * 1024 * 1024));
        assert_eq!(size("20GiB"), size("20GB"));
        assert_eq!(size("1KB"), Ok(1024));
        for bad in ["", "GB", "20", "20 GB", "20G", "20gb", "1.5GB", "-1GB", "99999999TB", "1kB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
        let help = |text: &str| size(text).err().and_then(|c| c.help);
        assert_eq!(help("1.5GB").as_deref(), Some("write `1536MB`"));
        assert_eq!(help("0.25GiB").as_deref(), Some("write `256MiB`"));
        assert_eq!(help("20G").as_deref(), Some("write `20GB`"));
        assert_eq!(help("20gib").as_deref(), Some("write `20GiB`"));
        assert_eq!(help("0.1GB").as_deref(), Some("use a whole number of a smaller unit"));
    }

    #[test]
    fn bytes_are_shown_in_the_biggest_unit_that_divides_them() {
        assert_eq!(show_bytes(1 << 30), "1GiB");
        assert_eq!(show_bytes((1 << 30) + (1 << 20)), "1025MiB");
        assert_eq!(show_bytes(7), "7B");
    }
}
