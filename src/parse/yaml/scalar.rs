//! What a plain YAML scalar is, as Go's readers resolve it (`go-yaml/yaml resolve.go@v2.4.0, @v3.0.1`).

use crate::parse::document::{Dialect, Style, Type};

/// A number as Go reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::parse) enum Number {
    Int(i64),
    Uint(u64),
    Float(f64),
}

/// A boolean word of YAML 1.1.
pub(in crate::parse) fn word(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// A boolean word of YAML 1.2.
pub(in crate::parse) fn is_true_or_false(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

/// The kind of a scalar.
pub(super) fn kind(text: &str, style: Style, tag: Option<&str>, dialect: Dialect) -> Type {
    match tag {
        None if style == Style::Plain => plain(text, dialect),
        None => Type::String,
        Some("!!null") => Type::Null,
        // Only v2 takes the old words under this tag.
        Some("!!bool") if is_true_or_false(text) || (dialect == Dialect::V2 && word(text).is_some()) => Type::Bool,
        Some("!!int") if number(text).is_some() => Type::Int,
        Some("!!float") if number(text).is_some() => Type::Float,
        Some("!!timestamp") if is_time(text) => Type::Time,
        // Go hands text under a tag it does not know on as a string.
        Some(_) => Type::String,
    }
}

fn plain(text: &str, dialect: Dialect) -> Type {
    let Some(first) = text.bytes().next() else { return Type::Null };
    match first {
        b'~' | b'n' | b'N' if matches!(text, "~" | "null" | "Null" | "NULL") => Type::Null,
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => {
            let known = if dialect == Dialect::V2 { word(text).is_some() } else { is_true_or_false(text) };
            if known { Type::Bool } else { Type::String }
        }
        b'0'..=b'9' | b'+' | b'-' | b'.' => {
            // v2 reads a date too, but hands it on as the text it was.
            if dialect != Dialect::V2 && is_time(text) {
                return Type::Time;
            }
            match number(text) {
                Some(Number::Int(0)) if text == "-0" && dialect == Dialect::V4 => Type::Float,
                Some(Number::Int(_) | Number::Uint(_)) => Type::Int,
                Some(Number::Float(_)) => Type::Float,
                None => Type::String,
            }
        }
        _ => Type::String,
    }
}

/// A number, underscores and base prefixes allowed.
pub(in crate::parse) fn number(text: &str) -> Option<Number> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(Number::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(Number::Float(f64::NEG_INFINITY)),
        ".nan" | ".NaN" | ".NAN" => return Some(Number::Float(f64::NAN)),
        _ => {}
    }
    // Longer text is no number anyone writes, and keeps the cost of a huge scalar at nothing.
    if text.len() > 400 {
        return None;
    }
    if text.starts_with('.') {
        return float(text);
    }
    if text.contains('_') {
        let bare = text.replace('_', "");
        return go_int(&bare).or_else(|| float(&bare));
    }
    go_int(text).or_else(|| float(text))
}

/// `strconv.ParseInt(text, 0, 64)`, then `ParseUint`.
pub(in crate::parse) fn go_int(text: &str) -> Option<Number> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let value = u64::from_str_radix(digits, base).ok()?;
    match (i64::try_from(value), negative) {
        (Ok(value), true) => Some(Number::Int(-value)),
        (Ok(value), false) => Some(Number::Int(value)),
        (Err(_), true) => (value == 1 << 63).then_some(Number::Int(i64::MIN)),
        (Err(_), false) => (!text.starts_with('+')).then_some(Number::Uint(value)),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn float(text: &str) -> Option<Number> {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let digits = |at: &mut usize| {
        let from = *at;
        while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
            *at += 1;
        }
        *at - from
    };
    let whole = digits(&mut at);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        if digits(&mut at) + whole == 0 {
            return None;
        }
    } else if whole == 0 {
        return None;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'-' | b'+')));
        if digits(&mut at) == 0 {
            return None;
        }
    }
    if at != bytes.len() {
        return None;
    }
    // Go refuses a number beyond the largest one instead of making it infinite.
    text.parse().ok().filter(|v: &f64| v.is_finite()).map(Number::Float)
}

/// `2006-1-2`, alone or with a time of day: the layouts that Go's readers try.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes.len() > 40 || bytes.get(4) != Some(&b'-') {
        return false;
    }
    let mut at = 0;
    let mut field = |max: usize, before: Option<u8>| -> Option<u32> {
        if let Some(before) = before {
            if bytes.get(at) != Some(&before) {
                return None;
            }
            at += 1;
        }
        let from = at;
        while at - from < max && bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        text.get(from..at)?.parse().ok()
    };
    let Some((year, month, day)) = (|| Some((field(4, None)?, field(2, Some(b'-'))?, field(2, Some(b'-'))?)))() else {
        return false;
    };
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return false,
    };
    if day == 0 || day > days {
        return false;
    }
    if at == bytes.len() {
        return true;
    }
    let separator = bytes[at];
    if !matches!(separator, b'T' | b't' | b' ') {
        return false;
    }
    let rest = &text[at + 1..];
    let (clock, zone) = match rest.find(['Z', '+', '-']) {
        Some(n) => rest.split_at(n),
        None => (rest, ""),
    };
    let zoned = zone == "Z" || (zone.len() == 6 && zone.as_bytes()[3] == b':');
    let mut parts = clock.splitn(3, ':');
    let small = |part: Option<&str>, below: u32| {
        part.is_some_and(|p| (1..=2).contains(&p.len()) && p.parse::<u32>().is_ok_and(|n| n < below))
    };
    let (hour, minute, second) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    small(hour, 24)
        && small(minute, 60)
        && small(Some(second), 60)
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && if separator == b' ' { zone.is_empty() } else { zoned }
}
