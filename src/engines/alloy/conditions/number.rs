//! Numbers as Alloy writes them: plain, as durations, as sizes.

use crate::lang::quantity::{base2_bytes, go_duration};

/// Whatever of the three it is.
pub(super) fn any(text: &str) -> Option<f64> {
    go_duration(text).or_else(|_| base2_bytes(text)).ok().or_else(|| {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e'));
        if plain { text.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_whichever_it_reads_as() {
        assert_eq!(any("3"), Some(3.0));
        assert_eq!(any("-3s"), Some(-3e9));
        assert_eq!(any("1KB"), Some(1024.0));
        assert_eq!(any("3x"), None);
    }
}
