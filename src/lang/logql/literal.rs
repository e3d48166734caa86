//! Values of literals: strings, numbers, durations and sizes, each as the function of Go that reads it.

use crate::lang::quantity;

/// The text of a string literal whose escapes the scanner has checked. `None` when Go's `Unquote` refuses it: an octal
/// number above 255, a character beyond Unicode, or half of a surrogate pair where `surrogates` is false.
///
/// Bytes that make no UTF-8 become U+FFFD; an expression with one matches no text that is UTF-8.
pub(super) fn unquote(literal: &str, surrogates: bool) -> Option<String> {
    let inner = literal.get(1..literal.len().checked_sub(1)?)?;
    if literal.starts_with('`') || !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    let mut out: Vec<u8> = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend(c.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let kind = chars.next()?;
        let mut number = |first: &str, digits: usize, base: u32| {
            let text: String = first.chars().chain(chars.by_ref().take(digits)).collect();
            u32::from_str_radix(&text, base).ok()
        };
        match kind {
            'a' => out.push(7),
            'b' => out.push(8),
            'f' => out.push(12),
            'n' => out.push(10),
            'r' => out.push(13),
            't' => out.push(9),
            'v' => out.push(11),
            'x' => out.push(u8::try_from(number("", 2, 16)?).ok()?),
            '0'..='7' => out.push(u8::try_from(number(&kind.to_string(), 2, 8)?).ok()?),
            'u' | 'U' => {
                let value = number("", if kind == 'u' { 4 } else { 8 }, 16)?;
                let c = match char::from_u32(value) {
                    Some(c) => c,
                    None if surrogates && value <= 0x0010_FFFF => char::REPLACEMENT_CHARACTER,
                    None => return None,
                };
                out.extend(c.encode_utf8(&mut [0; 4]).bytes());
            }
            c => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// `strconv.ParseFloat` of a number token; `None` when it refuses the number.
pub(super) fn float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("0b") || lower.starts_with("0o") {
        return None;
    }
    let plain = lower.replace('_', "");
    let Some(hex) = plain.strip_prefix("0x") else {
        return plain.parse::<f64>().ok().filter(|f| f.is_finite());
    };
    // Go wants an exponent for every hexadecimal number here.
    let (mantissa, exponent) = hex.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value = 0.0f64;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    let exponent = exponent.parse::<i32>().ok()?;
    let shift = exponent.saturating_sub(i32::try_from(fraction.len()).ok()?.saturating_mul(4));
    Some(value * 2f64.powi(shift)).filter(|f| f.is_finite())
}

/// Nanoseconds of a duration as Prometheus writes it.
pub(super) fn prometheus_duration(text: &str) -> Option<i64> {
    let ms = quantity::prometheus_duration(text).ok().filter(|_| !text.is_empty());
    // `0` is the one that needs no unit.
    let ms = ms.or_else(|| (text == "0").then_some(0))?;
    i64::try_from(ms).ok()?.checked_mul(1_000_000)
}

/// Nanoseconds of a duration as Prometheus writes it, or as Go does.
pub(super) fn duration(text: &str) -> Option<i64> {
    prometheus_duration(text).or_else(|| quantity::go_duration(text).ok().map(|ns| ns as i64))
}

/// Bytes of a size (dustin/go-humanize bytes.go, `ParseBytes`).
pub(super) fn bytes(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(|c| c.is_ascii_digit() || *c == b'.').count();
    let number: f64 = text[..digits].parse().ok()?;
    let unit = text[digits..].to_lowercase();
    let factor: f64 = match unit.as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "ki" | "kib" => 1024.0,
        "m" | "mb" => 1e6,
        "mi" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" => 1e9,
        "gi" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "t" | "tb" => 1e12,
        "ti" | "tib" => 1024f64.powi(4),
        "p" | "pb" => 1e15,
        "pi" | "pib" => 1024f64.powi(5),
        "e" | "eb" => 1e18,
        "ei" | "eib" => 1024f64.powi(6),
        _ => return None,
    };
    let value = number * factor;
    (value < u64::MAX as f64).then_some(value as u64)
}
