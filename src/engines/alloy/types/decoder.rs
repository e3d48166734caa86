//! Functions of the standard library that decode text: what each refuses
//! (grafana/alloy syntax/internal/stdlib/stdlib.go@v1.0.0, @v1.11.3, @v1.19.0-rc.3).

use std::sync::Arc;

use crate::lang::json;
use crate::parse::{Dialect, yaml};
use crate::source::SourceId;

/// Longer texts are not read.
const LONGEST: usize = 1 << 18;

/// What a function decodes, when that text is none of it.
pub(in crate::engines::alloy) fn refuses(function: &str, text: &str) -> Option<&'static str> {
    if text.len() > LONGEST {
        return None;
    }
    let (reads, what) = match function {
        "encoding.from_json" | "json_decode" => (json::is_valid(text), "JSON"),
        "encoding.from_yaml" | "yaml_decode" => (is_yaml(text), "YAML"),
        "encoding.from_base64" | "base64_decode" => (is_base64(text, b"+/"), "base64"),
        "encoding.from_URLbase64" => (is_base64(text, b"-_"), "base64 for URLs"),
        "encoding.url_decode" => (is_escaped(text), "the text of a URL"),
        _ => return None,
    };
    (!reads).then_some(what)
}

/// Whether `yaml.v3` reads its first document.
fn is_yaml(text: &str) -> bool {
    text.contains("\n---") || yaml(SourceId(0), &Arc::from(text), Dialect::V3).1.is_empty()
}

/// Whether `encoding/base64` reads it, with its padding; line ends do not count.
fn is_base64(text: &str, signs: &[u8]) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let end = bytes.iter().rposition(|b| *b != b'=').map_or(0, |at| at + 1);
    let digits = bytes[..end].iter().all(|b| b.is_ascii_alphanumeric() || signs.contains(b));
    digits && bytes.len().is_multiple_of(4) && bytes.len() - end <= 2
}

/// Whether `net/url.QueryUnescape` reads it.
fn is_escaped(text: &str) -> bool {
    let digits = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    text.match_indices('%').all(|(at, _)| digits(&text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoders_refuse_what_is_not_theirs() {
        for (function, text, reads) in [
            ("encoding.from_json", "[{", false),
            ("encoding.from_json", " {\"a\": [1, null]} ", true),
            ("encoding.from_json", "", false),
            ("json_decode", "{'a': 1}", false),
            ("encoding.from_yaml", "- a: [", false),
            ("encoding.from_yaml", "", true),
            ("encoding.from_yaml", "a: {b: 1}", true),
            ("encoding.from_base64", "%%%", false),
            ("encoding.from_base64", "YQ==", true),
            ("encoding.from_base64", "YQ", false),
            ("encoding.from_base64", "Y\nQ==", true),
            ("encoding.from_base64", "", true),
            ("encoding.from_base64", "====", false),
            ("encoding.from_URLbase64", "_-8=", true),
            ("encoding.from_URLbase64", "/w==", false),
            ("encoding.url_decode", "a%20b+c", true),
            ("encoding.url_decode", "a%2", false),
            ("encoding.url_decode", "%zz", false),
            ("string.trim", "%zz", true),
        ] {
            assert_eq!(refuses(function, text).is_none(), reads, "{function} {text}");
        }
    }
}
