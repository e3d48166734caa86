//! Bytes → text: UTF-8, with or without a byte order mark, and UTF-16 with one.

/// Decodes a file; the number is that of the bytes before the text. `None` when it is not text.
pub(super) fn decode(bytes: Vec<u8>) -> Option<(String, u32)> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return String::from_utf8(rest.to_vec()).ok().map(|t| (t, 3));
    }
    let wide: Option<fn([u8; 2]) -> u16> = match bytes.get(..2) {
        Some([0xFF, 0xFE]) => Some(u16::from_le_bytes),
        Some([0xFE, 0xFF]) => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = wide {
        let units = bytes[2..].chunks(2).map(|c| unit([c[0], c.get(1).copied().unwrap_or(0)]));
        return char::decode_utf16(units).collect::<Result<String, _>>().ok().map(|t| (t, 2));
    }
    String::from_utf8(bytes).ok().filter(|t| !has_nul(t)).map(|t| (t, 0))
}

/// Whether a text holds a NUL. Hardly any does: looking at all bytes, with no end before the last, is fastest.
fn has_nul(text: &str) -> bool {
    text.bytes().fold(false, |found, b| found | (b == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_and_counted() {
        assert_eq!(decode(b"a: 1".to_vec()), Some(("a: 1".into(), 0)));
        assert_eq!(decode(b"\xEF\xBB\xBFa".to_vec()), Some(("a".into(), 3)));
        assert_eq!(decode(b"\xFF\xFEa\0\xFC\0".to_vec()), Some(("a\u{fc}".into(), 2)));
        assert_eq!(decode(b"\xFE\xFF\0a".to_vec()), Some(("a".into(), 2)));
        assert_eq!(decode(b"\xFF\xFE\x00\xD8".to_vec()), None);
        assert_eq!(decode(b"a\xFF".to_vec()), None);
        assert_eq!(decode(b"a\0b".to_vec()), None);
    }
}
