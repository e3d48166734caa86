//! Whether the value of a flag is one, as Go's `flag` reads it (golang/go src/flag/flag.go@go1.26.0: `boolValue`, `intValue`,
//! `uintValue`, `float64Value`, `durationValue`; types of their own read their text as they do in a file).

use super::{text, value};
use crate::catalogue::schema::{Type, TypeKind};
use crate::lang::quantity;

/// What `strconv.ParseBool` takes (golang/go src/internal/strconv/atob.go@go1.26.0).
const BOOLS: [&str; 12] = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];

/// What a flag of that type wants in the place of a text; `None` = it takes it, or that is not known.
pub(super) fn wanted(written: &str, ty: Type) -> Option<String> {
    let fits = match ty.kind() {
        TypeKind::Bool => BOOLS.contains(&written),
        TypeKind::Duration => quantity::go_duration(written).is_ok(),
        TypeKind::Number(kind) if kind.starts_with("float") => is_float(written),
        TypeKind::Number(kind) => is_whole(written, kind.starts_with("uint")),
        TypeKind::Text(name) => return text::misfit(written, name).map(|misfit| misfit.wanted),
        _ => true,
    };
    (!fits).then(|| value::wanted(ty))
}

/// Numbers in another base, or with `_`, are left alone.
fn is_float(written: &str) -> bool {
    written.contains(['x', 'X', '_', 'p', 'P']) || written.parse::<f64>().is_ok()
}

/// A whole number of 64 bits, in the base that its beginning says.
fn is_whole(written: &str, unsigned: bool) -> bool {
    let (negative, digits) = match written.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, written.strip_prefix('+').unwrap_or(written)),
    };
    // `strconv.ParseUint` takes no sign at all.
    if unsigned && digits.len() != written.len() {
        return false;
    }
    let based = digits.len() > 1 && digits.starts_with('0');
    if based && digits.as_bytes()[1].is_ascii_alphabetic() || digits.contains('_') {
        return true;
    }
    let number = u64::from_str_radix(digits, if based { 8 } else { 10 });
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain && number.is_ok_and(|n| unsigned || n <= i64::MAX as u64 + u64::from(negative))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_does() {
        for good in ["0", "17", "+3", "-3", "0x1f", "0b1", "1_000", "017", "-9223372036854775808"] {
            assert!(is_whole(good, false), "{good}");
        }
        for bad in ["", "-", "1s", "1.5", "09", "1e3", " 1", "9223372036854775808", "ten"] {
            assert!(!is_whole(bad, false), "{bad}");
        }
        assert!(is_whole("18446744073709551615", true) && !is_whole("-1", true) && !is_whole("+1", true));
        assert!(is_float("1e3") && is_float("-.5") && !is_float("") && !is_float("1s"));
    }
}
