//! Patterns of paths as bmatcuk/doublestar reads them.

/// Whether the OpenTelemetry Collector takes the pattern, which it matches against `matchstring`; `None` = that depends on the
/// machine, or on how far it matches (doublestar validate.go `doValidatePattern`, match.go@v4.9.1, @v4.10.0).
#[must_use]
pub fn is_valid(pattern: &str) -> Option<bool> {
    // A `\` escapes, or is what stands between folders.
    if pattern.is_empty() || pattern.starts_with(['*', '?', '[', '{', 'm']) || pattern.contains('\\') {
        return None;
    }
    let (mut open, mut rest) = (0_u32, pattern.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'[' => {
                let class = tail.strip_prefix(b"^").or(tail.strip_prefix(b"!")).unwrap_or(tail);
                match class.iter().position(|b| *b == b']') {
                    None | Some(0) => return Some(false),
                    Some(end) => rest = &class[end + 1..],
                }
            }
            b'{' => open += 1,
            b'}' if open == 0 => return Some(false),
            b'}' => open -= 1,
            _ => {}
        }
    }
    Some(open == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_closed() {
        for good in ["/var/log/*.log", "/a/**/b", "/a[0-9]", "/a[^b]", "/{a,b{c,d}}/*", "./a]", "/a[b"] {
            assert_eq!(is_valid(good), Some(good != "/a[b"), "{good}");
        }
        for bad in ["/a[", "/a[]", "/a[^]", "/a[]b]", "/{a", "/a}", "/{a,{b}"] {
            assert_eq!(is_valid(bad), Some(false), "{bad}");
        }
        for unsure in ["", "*", "[a", "m[", "/a\\[", "C:\\["] {
            assert_eq!(is_valid(unsure), None, "{unsure}");
        }
    }
}
