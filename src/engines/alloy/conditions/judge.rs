//! Who says whether a text is valid in the language that it is of.

use std::net::Ipv6Addr;

/// The languages of texts that conditions ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// Go's regexp package.
    Regex,
    /// `net/url.Parse`.
    Url,
    /// `net/url.Parse`, with a scheme `http` or `https`.
    HttpUrl,
    /// `net/url.Parse`, with scheme and host.
    AbsoluteUrl,
    /// `net.SplitHostPort`.
    HostPort,
    /// `google/uuid.Parse`.
    Uuid,
    /// A label name of Prometheus before UTF-8: letters, digits and `_`, no digit first.
    Label,
    /// The same, or with references to groups (`$1`, `${name}`) in it.
    LabelTemplate,
    /// `strconv.ParseInt` to base 8.
    Octal,
    /// `strconv.ParseFloat`.
    Float,
    /// `time.ParseDuration`.
    Duration,
    /// A Go template.
    Template,
    /// JMESPath.
    JmesPath,
    /// A LogQL stream selector, or a log query.
    LogQl,
    /// The name of a text encoding.
    Encoding,
}

/// Says whether a text is valid; `None` = nobody here knows.
pub trait Judge {
    /// Whether `text` is valid `syntax`.
    fn valid(&self, syntax: Syntax, text: &str) -> Option<bool>;
}

/// What needs no parser of a language. Composes: answer what you know, hand the rest here.
#[derive(Debug, Clone, Copy, Default)]
pub struct Builtin;

impl Judge for Builtin {
    fn valid(&self, syntax: Syntax, text: &str) -> Option<bool> {
        match syntax {
            Syntax::Url | Syntax::HttpUrl | Syntax::AbsoluteUrl if broken_url(text) => Some(false),
            Syntax::Url => url(text).map(|_| true),
            Syntax::HttpUrl => Some(matches!(url(text)?.0.to_ascii_lowercase().as_str(), "http" | "https")),
            Syntax::AbsoluteUrl => url(text).map(|(scheme, host)| !scheme.is_empty() && !host.is_empty()),
            Syntax::HostPort => host_port(text),
            Syntax::Uuid => Some(uuid(text)),
            Syntax::Label => Some(label(text)),
            Syntax::LabelTemplate => Some(label_template(text)),
            Syntax::Octal => Some(i32::from_str_radix(text.trim_start_matches('+'), 8).is_ok()),
            // Go reads more spellings of floats (hexadecimal, `_`): what looks like one of them is not judged.
            Syntax::Float => match text.parse::<f64>() {
                Ok(_) => Some(true),
                Err(_) => (!text.contains(['x', 'X', '_', 'n', 'N', 'i', 'I'])).then_some(false),
            },
            Syntax::Duration => Some(super::number::duration(text).is_some()),
            Syntax::Regex | Syntax::Template | Syntax::JmesPath | Syntax::LogQl | Syntax::Encoding => None,
        }
    }
}

/// Scheme and host of a text that `net/url.Parse` surely accepts; `None` when that is not sure.
fn url(text: &str) -> Option<(&str, &str)> {
    // Escapes, user information, brackets and control bytes have rules of their own; what has them is not judged.
    if text.bytes().any(|b| b <= b' ' || b >= 0x7f || matches!(b, b'%' | b'[' | b']' | b'@' | b'\\' | b'^' | b'"')) {
        return None;
    }
    let head = text.split(['/', '?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match head.split_once(':') {
        None => ("", text),
        Some((scheme, _)) => {
            let mut bytes = scheme.bytes();
            let first = bytes.next()?;
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
            if !first.is_ascii_alphabetic() || !bytes.all(plain) {
                return None;
            }
            (scheme, text.get(scheme.len() + 1..)?)
        }
    };
    let Some(rest) = rest.strip_prefix("//") else { return Some((scheme, "")) };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = host.split_once(':').map_or("", |(_, port)| port);
    port.bytes().all(|b| b.is_ascii_digit()).then_some((scheme, host))
}

/// Texts that `net/url.Parse` surely refuses: the two mistakes that people make.
fn broken_url(text: &str) -> bool {
    let control = text.bytes().any(|b| b < b' ' || b == 0x7f);
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    // `:9090` has no scheme before its colon, and `127.0.0.1:9090` begins a scheme with a digit, which Go takes for a
    // path whose first segment holds a colon: both are refused.
    let colon = first.split_once(':').is_some_and(|(scheme, _)| {
        let mut bytes = scheme.bytes();
        match bytes.next() {
            None => true,
            Some(b) => b.is_ascii_digit() && text.is_ascii() && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'.'),
        }
    });
    control || colon
}

/// Whether `net.SplitHostPort` takes it. IPv6 and other brackets are not judged.
fn host_port(text: &str) -> Option<bool> {
    if text.contains(['[', ']']) {
        let (host, port) = text.strip_prefix('[')?.split_once("]:")?;
        return (host.parse::<Ipv6Addr>().is_ok() && !port.contains(':')).then_some(true);
    }
    Some(text.bytes().filter(|&b| b == b':').count() == 1)
}

/// Whether `uuid.Parse` takes it: 36 characters, the same in braces or after `urn:uuid:`, or 32 hexadecimal digits.
fn uuid(text: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let dashed = |text: &str| {
        let parts: Vec<&str> = text.split('-').collect();
        parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, len)| part.len() == len && hex(part))
    };
    match text.len() {
        32 => hex(text),
        36 => dashed(text),
        // The first and the last byte are not looked at.
        38 => text.get(1..37).is_some_and(dashed),
        45 => {
            text.get(..9).is_some_and(|urn| urn.eq_ignore_ascii_case("urn:uuid:")) && text.get(9..).is_some_and(dashed)
        }
        _ => false,
    }
}

fn label(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$`: letters and `_` or references, digits anywhere but first.
fn label_template(text: &str) -> bool {
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'$' => {
                let rest = &bytes[at + 1..];
                let braces = rest.first() == Some(&b'{');
                let rest = &rest[usize::from(braces)..];
                let len = rest.iter().take_while(|b| word(b)).count();
                if len == 0 || braces && rest.get(len) != Some(&b'}') {
                    return false;
                }
                at += 1 + len + 2 * usize::from(braces);
            }
            b if word(&b) && (at > 0 || !b.is_ascii_digit()) => at += 1,
            _ => return false,
        }
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(syntax: Syntax, yes: &[&str], no: &[&str], unsure: &[&str]) {
        for (texts, verdict) in [(yes, Some(true)), (no, Some(false)), (unsure, None)] {
            for text in texts {
                assert_eq!(Builtin.valid(syntax, text), verdict, "{syntax:?} {text:?}");
            }
        }
    }

    #[test]
    fn urls_are_judged_only_when_it_is_sure() {
        judge(
            Syntax::Url,
            &[
                "http://loki:3100/api",
                "",
                "loki",
                "/path",
                "loki:3100",
                "http://h?a=b:c",
                "unix:///var/run/docker.sock",
            ],
            &[":3100", "127.0.0.1:3100", "http://a\nb"],
            &["http://a b", "http://[::1]:80", "http://u:p@h", "http://h/%zz", "http://h:port"],
        );
        judge(Syntax::AbsoluteUrl, &["http://a"], &["a/b", "/a", "", "unix:/a", "1.2.3.4:5"], &["http://u@h"]);
        judge(Syntax::HttpUrl, &["http://a", "HTTPS://a", "http:a"], &["ftp://a", "a", "a:1", ":1"], &["http://u@h"]);
    }

    #[test]
    fn addresses_need_a_port() {
        judge(Syntax::HostPort, &["a:1", ":1", "a:", "[::1]:1"], &["a", "", "a:1:2", "::1"], &["[::1]", "[a]:1"]);
    }

    #[test]
    fn uuids_are_those_of_the_library() {
        let uuid = "123e4567-e89b-12d3-a456-426614174000";
        judge(
            Syntax::Uuid,
            &[uuid, "123e4567e89b12d3a456426614174000", &format!("{{{uuid}}}"), &format!("urn:uuid:{uuid}")],
            &["", "00", "123e4567-e89b-12d3-a456-42661417400g", "123e4567e89b-12d3-a456-426614174000-"],
            &[],
        );
    }

    #[test]
    fn names_of_labels() {
        judge(Syntax::Label, &["a", "_a1", "__meta"], &["", "1a", "a-b", "a.b", "$1", "é"], &[]);
        judge(
            Syntax::LabelTemplate,
            &["a", "_1", "$1", "${1}", "a_$1", "${a}_b", "$1x", "a${1}2"],
            &["", "1a", "a-b", "$", "${", "${}", "${1", "$-", "a.b"],
            &[],
        );
    }

    #[test]
    fn numbers_and_what_nobody_knows() {
        judge(Syntax::Octal, &["0755", "0"], &["", "0x1", "9"], &[]);
        judge(Syntax::Float, &["0.5", "1e3", "1", "nan"], &["", "a", "1,5"], &["0x1p-2", "1_0"]);
        judge(Syntax::Duration, &["1s", "-1.5h", "0", "1h2m3s"], &["", "1", "1d", "s", "1 s"], &[]);
        judge(Syntax::Regex, &[], &[], &["("]);
    }
}
