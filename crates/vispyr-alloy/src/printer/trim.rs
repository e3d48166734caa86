//! Removes spacing at the ends of lines and the marks around comments.

use super::writer::ESCAPE;

/// What lies between two [`ESCAPE`] marks is kept as it is.
pub(super) fn trim(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 1);
    // Blanks and tabs since the last other character; they are written when one follows on the same line.
    let mut pending = 0..0;
    let mut escaped = false;
    for (at, &byte) in text.iter().enumerate() {
        if escaped {
            if byte == ESCAPE {
                escaped = false;
            } else {
                out.push(byte);
            }
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\x0b' => {
                if pending.is_empty() {
                    pending.start = at;
                }
                pending.end = at + 1;
            }
            b'\n' | b'\x0c' => {
                pending = 0..0;
                out.push(b'\n');
            }
            _ => {
                out.extend(text[pending.clone()].iter().map(|&b| if b == b'\x0b' { b'\t' } else { b }));
                pending = 0..0;
                if byte == ESCAPE { escaped = true } else { out.push(byte) }
            }
        }
    }
    out
}
