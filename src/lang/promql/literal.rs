//! Values of numbers, durations and strings, as the engine reads them.

use crate::lang::quantity::{PrometheusFault, prometheus_duration};

/// The value of a number token: integers with a base prefix and underscores first, then floats, as
/// prometheus/prometheus promql/parser/parse.go@v3.14.0 does it. `None` when the engine refuses it.
pub(super) fn number(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "inf" => return Some(f64::INFINITY),
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    if !underscores_separate_digits(&lower) {
        return None;
    }
    let plain = lower.replace('_', "");
    if let Some(hex) = plain.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(|n| n as f64);
    }
    if plain.len() > 1
        && let Some(octal) = plain.strip_prefix('0')
        && let Ok(n) = i64::from_str_radix(octal, 8)
    {
        return Some(n as f64);
    }
    plain.parse::<f64>().ok().filter(|f| f.is_finite())
}

/// Go's rule: an underscore stands between digits, or between a base prefix and a digit.
fn underscores_separate_digits(lower: &str) -> bool {
    let (hex, digits) = match lower.strip_prefix("0x") {
        Some(rest) => (true, rest),
        None => (false, lower),
    };
    let digit = |c: u8| c.is_ascii_digit() || (hex && c.is_ascii_hexdigit());
    let bytes = digits.as_bytes();
    bytes.iter().enumerate().filter(|(_, c)| **c == b'_').all(|(i, _)| {
        let before = i.checked_sub(1).map_or(hex, |j| digit(bytes[j]));
        before && bytes.get(i + 1).is_some_and(|c| digit(*c))
    })
}

/// The seconds of a duration token such as `1h30m`.
pub(super) fn duration(text: &str) -> Result<f64, String> {
    let seconds = |ms| ms as f64 / 1000.0;
    prometheus_duration(text).map(seconds).map_err(|fault| match fault {
        PrometheusFault::Unit(unit) => format!("`{text}` is no duration: unknown unit `{unit}`"),
        PrometheusFault::Order => format!("`{text}` is no duration: units go from long to short, each once"),
        PrometheusFault::Range => format!("duration `{text}` is out of range"),
    })
}

/// The value of a string token with its quotes. Bytes that make no UTF-8 (`"\xff"`) become U+FFFD.
///
/// The lexer has checked the escapes, so an odd one is taken as it stands.
pub(super) fn unquote(token: &str) -> String {
    let mut chars = token.chars();
    let quote = chars.next();
    chars.next_back();
    let inner = chars.as_str();
    if quote == Some('`') || !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            push(&mut out, c);
            continue;
        }
        let Some(escape) = rest.chars().next() else { break };
        let (skip, digits, base) = match escape {
            '0'..='7' => (0, 3, 8),
            'x' => (1, 2, 16),
            'u' => (1, 4, 16),
            'U' => (1, 8, 16),
            _ => {
                rest = &rest[escape.len_utf8()..];
                push(&mut out, plain_escape(escape));
                continue;
            }
        };
        let code = rest.get(skip..skip + digits).unwrap_or_default();
        rest = rest.get(skip + digits..).unwrap_or_default();
        match u32::from_str_radix(code, base) {
            Ok(byte) if escape == 'x' || base == 8 => out.push(byte as u8),
            Ok(code) => push(&mut out, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
            Err(_) => {}
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn plain_escape(c: char) -> char {
    match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_go() {
        assert_eq!(number("0x1F"), Some(31.0));
        assert_eq!(number("1_000"), Some(1000.0));
        assert_eq!(number("0755"), Some(493.0));
        assert_eq!(number("08"), Some(8.0));
        assert_eq!(number(".5"), Some(0.5));
        assert_eq!(number("1e3"), Some(1000.0));
        assert_eq!(number("0x"), None);
        assert_eq!(number("1e999"), None);
        assert_eq!(number("1__0"), None);
    }

    #[test]
    fn durations_have_ordered_units() {
        assert_eq!(duration("1h30m"), Ok(5400.0));
        assert_eq!(duration("5ms"), Ok(0.005));
        assert!(duration("5m1h").is_err());
        assert!(duration("5m5m").is_err());
        assert!(duration("5hs").is_err());
        assert!(duration("99999999999y").is_err());
    }

    #[test]
    fn strings_lose_their_escapes() {
        assert_eq!(unquote(r#""a\n\"\u263a\x41\101""#), "a\n\"\u{263a}AA");
        assert_eq!(unquote(r"`a\n`"), r"a\n");
        assert_eq!(unquote(r#""\xff""#), "\u{fffd}");
    }
}
