//! Strings that Alloy reads as something else: numbers, durations, sizes, URLs.

use super::url::{Verdict, url};

/// Sizes such as `64MiB`.
pub(super) const SIZE: &str = "github.com/alecthomas/units.Base2Bytes";
/// URLs.
pub(super) const URL: &str = "component/common/config.URL";

/// Whether a string stands for a number (grafana/alloy syntax/internal/value/value.go `convertValue`@v1.19.0-rc.3).
pub(in crate::engines::alloy) fn is_number(text: &str) -> bool {
    let is_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    match text.strip_prefix('-') {
        Some(_) => text.parse::<i64>().is_ok(),
        None if text.contains(['.', 'e', 'E']) => is_float(text),
        None => is_digits(text) && text.parse::<u64>().is_ok(),
    }
}

/// Whether Go's `strconv.ParseFloat` takes it. What only it takes (hexadecimal, underscores) is let pass unread.
fn is_float(text: &str) -> bool {
    let odd = text.contains(['_', 'x', 'X', 'p', 'P']);
    odd || text.parse::<f64>().is_ok_and(|v| v.is_finite() || text.to_ascii_lowercase().contains("inf"))
}

/// Why a string is no duration (Go `time.ParseDuration`); `None` = it is one.
pub(super) fn duration_fault(text: &str) -> Option<&'static str> {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1.0),
        ("us", 1e3),
        ("\u{b5}s", 1e3),
        ("\u{3bc}s", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("m", 6e10),
        ("h", 3.6e12),
    ];
    match quantity(text, |unit| UNITS.iter().find(|(name, _)| *name == unit).map(|u| u.1)) {
        Quantity::Is => None,
        Quantity::NoUnit => Some("it lacks a unit: `ns`, `us`, `ms`, `s`, `m` or `h`"),
        Quantity::Unit => Some("its unit is none of `ns`, `us`, `ms`, `s`, `m`, `h`"),
        Quantity::No => Some("a duration reads `30s` or `1h30m`"),
    }
}

/// Why a string is no size (alecthomas/units bytes.go `ParseBase2Bytes`@0f3dac36c52b).
pub(super) fn size_fault(text: &str) -> Option<&'static str> {
    let unit = |binary: bool, unit: &str| {
        let suffix = if binary { "iB" } else { "B" };
        if unit == "B" {
            return Some(1.0);
        }
        let power = "KMGTPE".find(unit.strip_suffix(suffix)?).filter(|_| unit.len() == suffix.len() + 1)?;
        Some(1024f64.powi(power as i32 + 1))
    };
    match [true, false].map(|binary| quantity(text, |u| unit(binary, u))) {
        [Quantity::Is, _] | [_, Quantity::Is] => None,
        [_, Quantity::NoUnit] => Some("it lacks a unit: `B`, `KiB`, `MiB`, `GiB`"),
        [_, Quantity::Unit] => Some("its unit is none of `B`, `KiB`, `MiB`, `GiB`, `TiB`"),
        _ => Some("a size reads `64MiB`"),
    }
}

enum Quantity {
    Is,
    /// A number stands alone.
    NoUnit,
    /// The unit is not known.
    Unit,
    /// Something else.
    No,
}

/// `[-+]?([0-9]*(\.[0-9]*)?[unit]+)+`, as Go and its followers read it.
fn quantity(text: &str, unit: impl Fn(&str) -> Option<f64>) -> Quantity {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Quantity::Is;
    }
    if rest.is_empty() {
        return Quantity::No;
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        let fraction = rest[whole..].strip_prefix('.').map(digits);
        if whole + fraction.unwrap_or(0) == 0 {
            return Quantity::No;
        }
        let end = whole + fraction.map_or(0, |f| f + 1);
        let value: f64 = rest[..end].parse().unwrap_or_default();
        rest = &rest[end..];
        let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            return Quantity::NoUnit;
        }
        let Some(factor) = unit(&rest[..end]) else { return Quantity::Unit };
        sum += value * factor;
        rest = &rest[end..];
    }
    // Go keeps 64 bits, of nanoseconds or bytes.
    if sum >= 9.223_372_036_854_776e18 { Quantity::No } else { Quantity::Is }
}

/// Why a string is no URL (Go `net/url.Parse`): only what it certainly refuses.
pub(super) fn url_fault(text: &str) -> Option<&'static str> {
    match url(text) {
        Verdict::Refused(why) => Some(why),
        Verdict::Url(..) | Verdict::Unsure => None,
    }
}
