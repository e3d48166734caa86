//! A whole text with its variables replaced by Go's `os.Expand`, which knows of no YAML and refuses nothing
//! (golang/go src/os/env.go@go1.26.0).

use super::envsubst::{LONGEST, Outcome, Replaced};

/// Variables of one letter that need no braces.
const SPECIAL: &[u8] = b"*#$@!?-0123456789";

/// Replaces the variables of a text. `value` says what stands for the name, as it is written; `None` = unknown.
pub(super) fn replace(text: &str, value: impl Fn(&str) -> Option<String>) -> Outcome {
    let (mut replaced, mut at) = (Replaced::default(), 0);
    while let Some(dollar) = text[at..].find('$').map(|found| at + found) {
        replaced.push(&text[at..dollar], at..dollar, true);
        let behind = &text[dollar + 1..];
        let (name, width) = name(behind);
        at = dollar + 1 + width;
        match (name, width) {
            // A dollar that begins no name stays, and braces that hold none go.
            ("", 0) => replaced.push("$", dollar..at, true),
            ("", _) => replaced.push("", dollar..at, false),
            _ => {
                let Some(found) = value(name) else { return Outcome::Unknown };
                replaced.push(&found, dollar..at, false);
            }
        }
        if replaced.text.len() > LONGEST {
            return Outcome::Unknown;
        }
    }
    replaced.push(&text[at..], at..text.len(), true);
    Outcome::Text(replaced)
}

/// The name at the begin of a text, and how many bytes it takes with its braces.
fn name(text: &str) -> (&str, usize) {
    let bytes = text.as_bytes();
    if let Some(inner) = text.strip_prefix('{') {
        return match inner.find('}') {
            _ if matches!(bytes, [_, special, b'}', ..] if SPECIAL.contains(special)) => (&text[1..2], 3),
            Some(end) => (&inner[..end], end + 2),
            None => ("", 1),
        };
    }
    let length = match bytes.first() {
        Some(first) if SPECIAL.contains(first) => 1,
        _ => bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count(),
    };
    (&text[..length], length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match replace(text, |name| Some(format!("<{name}>"))) {
            Outcome::Text(replaced) => replaced.text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn variables_are_replaced_as_go_does() {
        // What Go 1.26 makes of them with a mapping that puts brackets around the name.
        for (text, want) in [
            ("a", "a"),
            ("$a-$b", "<a>-<b>"),
            ("${a}${b:c d}", "<a><b:c d>"),
            ("$1$$x", "<1><$>x"),
            ("100$", "100$"),
            ("$ {x}", "$ {x}"),
            ("a${}b", "ab"),
            ("a${b", "ab"),
            ("${*}${1}", "<*><1>"),
            ("${a\nb}", "<a\nb>"),
            ("ü$a_1ü", "ü<a_1>ü"),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
        assert_eq!(replace("$x", |_| None), Outcome::Unknown);
    }
}
