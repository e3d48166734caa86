//! Values of literals: strings, numbers, durations and sizes, each as the function of Go that reads it.

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

/// Nanoseconds of a duration as Prometheus writes it (prometheus/common model/time.go, `ParseDuration`).
pub(super) fn prometheus_duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 7] = [
        ("y", 365 * 86_400_000),
        ("w", 7 * 86_400_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];
    if text == "0" {
        return Some(0);
    }
    let (mut rest, mut total, mut next) = (text, 0i64, 0);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let (count, unit) = (&rest[..digits], &rest[digits..digits + letters]);
        let place = UNITS.iter().position(|(name, _)| *name == unit).filter(|p| *p >= next)?;
        next = place + 1;
        let part = count.parse::<i64>().ok()?.checked_mul(UNITS[place].1)?;
        total = total.checked_add(part).filter(|ms| *ms <= i64::MAX / 1_000_000)?;
        rest = &rest[digits + letters..];
    }
    total.checked_mul(1_000_000)
}

/// Nanoseconds of a duration as Prometheus writes it, or as Go does.
pub(super) fn duration(text: &str) -> Option<i64> {
    prometheus_duration(text).or_else(|| go_duration(text))
}

/// `time.ParseDuration`.
fn go_duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, f64); 8] =
        [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12)];
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|c| c.is_ascii_digit() || *c == b'.').count();
        let (number, tail) = rest.split_at(digits);
        if number.bytes().filter(|c| *c == b'.').count() > 1 || !number.bytes().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let letters = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total += number.parse::<f64>().ok()? * size;
        rest = tail;
    }
    // Rounded like this the bound is not exact; a duration of 292 years is none that anybody writes.
    if total > i64::MAX as f64 {
        return None;
    }
    let total = total as i64;
    Some(if negative { -total } else { total })
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
