//! Texts as Go's `net/url.Parse` takes them (golang/go src/net/url/url.go@go1.22.7, @go1.24.6, @go1.26.7: what the releases of
//! Alloy are built with). Where those differ, the verdict is unsure.

use std::net::Ipv6Addr;

/// What `net/url.Parse` says of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// A URL, of that scheme and that host (with its port); both may be empty.
    Url(&'a str, &'a str),
    /// No URL; why.
    Refused(&'static str),
    /// That depends on the release of Go.
    Unsure,
}

/// Reads a text.
pub fn url(text: &str) -> Verdict<'_> {
    plain(text).unwrap_or_else(|| parse(text).unwrap_or_else(Verdict::Refused))
}

/// What most are: a scheme, a host, perhaps a port, and a path, all of letters, digits and the like. Such text is read once.
fn plain(text: &str) -> Option<Verdict<'_>> {
    let run = |text: &str, also: &[u8]| {
        text.bytes().position(|b| !b.is_ascii_alphanumeric() && !also.contains(&b)).unwrap_or(text.len())
    };
    let (scheme, rest) = text.split_at(run(text, b""));
    let rest = rest.strip_prefix("://").filter(|_| scheme.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let end = run(rest, b"-.");
    let port = rest[end..].strip_prefix(':').map_or(0, |port| 1 + port.bytes().take_while(u8::is_ascii_digit).count());
    let (host, path) = rest.split_at(end + port);
    let is_path = path.is_empty() || path.starts_with('/') && run(path, b"/-._~") == path.len();
    is_path.then_some(Verdict::Url(scheme, host))
}

fn parse(text: &str) -> Result<Verdict<'_>, &'static str> {
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    if before.bytes().any(|b| b < b' ' || b == 0x7f) {
        return Err("it holds a control character");
    }
    if before == "*" {
        escapes(fragment)?;
        return Ok(Verdict::Url("", ""));
    }
    let (scheme, rest) = scheme(before)?;
    let rest = rest.split('?').next().unwrap_or_default();
    if !rest.starts_with('/') && !scheme.is_empty() {
        escapes(fragment)?;
        return Ok(Verdict::Url(scheme, ""));
    }
    if !rest.starts_with('/') && rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
        return Err("it lacks a scheme such as `http://`, and its first part holds a `:`");
    }
    let authority = rest.strip_prefix("//").filter(|_| !scheme.is_empty() || !rest.starts_with("///"));
    let (host, path) = match authority {
        Some(authority) => authority.split_at(authority.find('/').unwrap_or(authority.len())),
        None => ("", rest),
    };
    let (user, host) = host.rsplit_once('@').map_or((None, host), |(user, host)| (Some(user), host));
    let sure = self::host(host)?;
    if let Some(user) = user {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(plain) {
            return Err("the user before its `@` holds a character that must be written as `%` and two digits");
        }
        escapes(user)?;
    }
    escapes(path)?;
    escapes(fragment)?;
    Ok(if sure { Verdict::Url(scheme, host) } else { Verdict::Unsure })
}

/// What stands before the first `:`, when that is a scheme, and the rest.
fn scheme(text: &str) -> Result<(&str, &str), &'static str> {
    let end = text.bytes().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')));
    match end {
        Some(0) if text.starts_with(':') => Err("it lacks a scheme before the `:`"),
        Some(at) if text.as_bytes()[at] == b':' && text.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Ok((&text[..at], &text[at + 1..]))
        }
        _ => Ok(("", text)),
    }
}

/// Whether every release of Go takes it for a host; an error when none does.
fn host(host: &str) -> Result<bool, &'static str> {
    if let Some(inside) = host.strip_prefix('[') {
        let Some((address, port)) = inside.rsplit_once(']') else {
            return Err("the `[` of its host is not closed");
        };
        self::port(port)?;
        let (address, zone) = address.split_once("%25").unwrap_or((address, "0"));
        // Later releases demand an address of IPv6 here, and know zones of their own.
        let plain = !zone.is_empty() && zone.bytes().all(|b| b.is_ascii_alphanumeric());
        return Ok(plain && address.parse::<Ipv6Addr>().is_ok());
    }
    let colons = host.bytes().filter(|&b| b == b':').count();
    if let Some(at) = host.rfind(':') {
        self::port(&host[at..])?;
    }
    let bytes = host.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'%' => {
                let high = hex(bytes, at)?;
                // A host may escape what is no ASCII alone, and the `%` itself.
                if high < 8 && bytes.get(at + 1..at + 3) != Some(b"25") {
                    return Err("its host may not hold this `%`");
                }
            }
            b if b >= 0x80 || b.is_ascii_alphanumeric() => {}
            b if b"-_.~!$&'()*+,;=:[]<>\"".contains(&b) => {}
            b' ' => return Err("its host holds a space"),
            _ => return Err("its host holds a character that a host may not hold"),
        }
    }
    // Releases differ about more than one colon, and about brackets within.
    Ok(colons < 2 && !host.contains(['[', ']']))
}

/// `:` and digits, or nothing.
fn port(text: &str) -> Result<(), &'static str> {
    let digits = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    if text.is_empty() || text.strip_prefix(':').is_some_and(digits) { Ok(()) } else { Err("its port is no number") }
}

/// Every `%` begins an escape.
fn escapes(text: &str) -> Result<(), &'static str> {
    let bytes = text.as_bytes();
    let mut percents = bytes.iter().enumerate().filter(|(_, b)| **b == b'%');
    percents.try_for_each(|(at, _)| hex(bytes, at).map(|_| ()))
}

/// The first digit of the escape that begins at a `%`.
fn hex(bytes: &[u8], at: usize) -> Result<u32, &'static str> {
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    match (digit(at + 1), digit(at + 2)) {
        (Some(high), Some(_)) => Ok(high),
        _ => Err("two hexadecimal digits must follow its `%`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_go_takes() {
        let cases = [
            ("http://loki:3100/api", "http", "loki:3100"),
            ("HTTPS://a", "HTTPS", "a"),
            ("", "", ""),
            ("*", "", ""),
            ("loki", "", ""),
            ("a b", "", ""),
            ("loki:3100", "loki", ""),
            ("http:a:b", "http", ""),
            ("//host/p", "", "host"),
            ("///host:x/p", "", ""),
            ("unix:///var/run/docker.sock", "unix", ""),
            ("http://u:p@h:1/", "http", "h:1"),
            ("http://h?a=%zz b", "http", "h?a=%zz b"),
            ("http://h/a b", "http", "h"),
            ("http://h/%41", "http", "h"),
            ("http://%C3%A9", "http", "%C3%A9"),
            ("http://é:1", "http", "é:1"),
            ("http://<host>:1", "http", "<host>:1"),
            ("http://[::1]:80", "http", "[::1]:80"),
            ("http://[fe80::1%25en0]", "http", "[fe80::1%25en0]"),
            ("a/b:c", "", ""),
            ("%3Curl%3E", "", ""),
        ];
        for (text, scheme, host) in cases {
            let host = host.split('?').next().unwrap();
            assert_eq!(url(text), Verdict::Url(scheme, host), "{text}");
        }
    }

    #[test]
    fn what_go_refuses() {
        for text in [
            ":3100",
            "127.0.0.1:3100",
            "http://a\nb",
            "htt}://a",
            " http://a",
            "h\u{e9}:1",
            "http://a:b",
            "http://a:1(",
            "http://a:310,/x",
            "http://a b",
            "http://a^b",
            "http://a\\b",
            "http://a%41",
            "http://a%",
            "http://h/%zz",
            "http://h#%",
            "http://u p@h",
            "http://u%@h",
            "http://[::1",
            "http://[::1]x",
            "%zz",
        ] {
            assert!(matches!(url(text), Verdict::Refused(_)), "{text}: {:?}", url(text));
        }
    }

    #[test]
    fn what_releases_of_go_differ_about() {
        for text in ["http://a:b:1", "http://::1", "http://[a]:1", "http://a[b]", "http://[::1%25a-b]"] {
            assert_eq!(url(text), Verdict::Unsure, "{text}");
        }
    }
}
