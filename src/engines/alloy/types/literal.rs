//! Strings that Alloy reads as something else: numbers, durations, sizes, URLs.

use crate::lang::quantity::{Fault, base2_bytes, go_duration};
use crate::lang::url::{Verdict, url};

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

/// Why a string is no duration; `None` = it is one.
pub(super) fn duration_fault(text: &str) -> Option<&'static str> {
    Some(match go_duration(text).err()? {
        Fault::NoUnit => "it lacks a unit: `ns`, `us`, `ms`, `s`, `m` or `h`",
        Fault::Unit => "its unit is none of `ns`, `us`, `ms`, `s`, `m`, `h`",
        Fault::Shape => "a duration reads `30s` or `1h30m`",
    })
}

/// Why a string is no size; `None` = it is one.
pub(super) fn size_fault(text: &str) -> Option<&'static str> {
    Some(match base2_bytes(text).err()? {
        Fault::NoUnit => "it lacks a unit: `B`, `KiB`, `MiB`, `GiB`",
        Fault::Unit => "its unit is none of `B`, `KiB`, `MiB`, `GiB`, `TiB`",
        Fault::Shape => "a size reads `64MiB`",
    })
}

/// Why a string is no URL (Go `net/url.Parse`): only what it certainly refuses.
pub(super) fn url_fault(text: &str) -> Option<&'static str> {
    match url(text) {
        Verdict::Refused(why) => Some(why),
        Verdict::Url(..) | Verdict::Unsure => None,
    }
}
