//! Who says whether a text is valid in the language that it is of.

use std::net::Ipv6Addr;

use super::embedded::{Embedded, fault};
use crate::engines::alloy::types::{Verdict, url};
use crate::lang::{encoding, entry, glob, strptime, zone};

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
    /// A Go template with the functions of `loki.process`.
    Template,
    /// A Go template with Go's own functions.
    PlainTemplate,
    /// JMESPath.
    JmesPath,
    /// A LogQL stream selector, or a log query.
    LogQl,
    /// A pattern of LogQL.
    Pattern,
    /// The name of a text encoding.
    Encoding,
    /// `net.ResolveUDPAddr`, `net.ResolveTCPAddr` of an address of this machine.
    ListenAddress,
    /// `sarama.ParseKafkaVersion`.
    KafkaVersion,
    /// The same, or `kversion.FromString` of franz-go.
    AnyKafkaVersion,
    /// `time.LoadLocation`.
    TimeZone,
    /// Hexadecimal digits.
    Hex,
    /// A regular expression of Go, in which a group has a name.
    NamedRegex,
    /// The same, in which every group has a name, and there is one.
    NamedGroups,
    /// The configuration of an exporter as YAML.
    Yaml(Embedded),
    /// The name of a data source as go-sql-driver/mysql reads it.
    MysqlDsn,
    /// A layout of strptime as the collector reads it.
    Strptime,
    /// The name of a host as RFC 1123 has it, none that every host has
    /// (DataDog/datadog-agent pkg/util/hostname/validate/validate.go).
    Hostname,
    /// `net/url.Parse`, with a scheme `postgres` or `postgresql`.
    PostgresUrl,
    /// At least three parts with `/` between them.
    ThreeParts,
    /// One character.
    Character,
    /// A token of HTTP, or nothing.
    Token,
    /// A pattern of paths as the collector's file consumer takes it.
    Glob,
    /// A field of a log entry, as operators of the collector name one.
    Field,
    /// The same, or all attributes, or all of the resource.
    RootField,
    /// A condition in expr, as operators of the collector have them.
    Condition,
}

/// Says whether a text is valid; `None` = nobody here knows.
pub trait Judge {
    /// Whether `text` is valid `syntax`.
    fn valid(&self, syntax: Syntax, text: &str) -> Option<bool>;

    /// Why a text is not valid.
    fn why(&self, _syntax: Syntax, _text: &str) -> Option<Why> {
        None
    }
}

/// Why a text is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The reason; empty = that it is not valid says it.
    pub message: String,
    /// The mend.
    pub help: Option<String>,
}

/// What needs no parser of a language. Composes: answer what you know, hand the rest here.
#[derive(Debug, Clone, Copy, Default)]
pub struct Builtin;

impl Judge for Builtin {
    fn valid(&self, syntax: Syntax, text: &str) -> Option<bool> {
        match syntax {
            Syntax::Url => parsed(text, |_, _| true),
            Syntax::HttpUrl => {
                parsed(text, |scheme, _| matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https"))
            }
            Syntax::PostgresUrl => {
                parsed(text, |scheme, _| matches!(scheme.to_ascii_lowercase().as_str(), "postgres" | "postgresql"))
            }
            Syntax::AbsoluteUrl => parsed(text, |scheme, host| !scheme.is_empty() && !host.is_empty()),
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
            Syntax::Duration => Some(crate::lang::quantity::go_duration(text).is_ok()),
            Syntax::ListenAddress => listen_address(text),
            Syntax::KafkaVersion => Some(kafka_version(text)),
            Syntax::AnyKafkaVersion => Some(kafka_version(text) || short_kafka_version(text)),
            Syntax::TimeZone => zone::is_known(text),
            Syntax::Hex => Some(text.bytes().all(|b| b.is_ascii_hexdigit())),
            Syntax::Hostname => Some(hostname(text)),
            Syntax::Encoding => Some(encoding::is_known(text)),
            Syntax::ThreeParts => Some(text.split('/').count() >= 3),
            Syntax::Character => Some(text.chars().count() == 1),
            Syntax::Token => Some(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))),
            Syntax::Glob => glob::is_valid(text),
            Syntax::Field => Some(entry::check(text, false).is_ok()),
            Syntax::RootField => Some(entry::check(text, true).is_ok()),
            Syntax::Strptime => Some(strptime::is_valid(text)),
            Syntax::Yaml(embedded) => Some(fault(text, embedded).is_none()),
            Syntax::MysqlDsn => Some(mysql_dsn(text)),
            Syntax::Regex
            | Syntax::NamedRegex
            | Syntax::NamedGroups
            | Syntax::Template
            | Syntax::PlainTemplate
            | Syntax::JmesPath
            | Syntax::LogQl
            | Syntax::Pattern
            | Syntax::Condition => None,
        }
    }
}

/// Whether `net/url.Parse` takes it, as a URL whose scheme and host `holds`.
fn parsed(text: &str, holds: impl Fn(&str, &str) -> bool) -> Option<bool> {
    match url(text) {
        Verdict::Url(scheme, host) => Some(holds(scheme, host)),
        Verdict::Refused(_) => Some(false),
        Verdict::Unsure => None,
    }
}

/// Whether `net.SplitHostPort` takes it. IPv6 and other brackets are not judged.
fn host_port(text: &str) -> Option<bool> {
    if text.contains(['[', ']']) {
        let (host, port) = text.strip_prefix('[')?.split_once("]:")?;
        return (host.parse::<Ipv6Addr>().is_ok() && !port.contains(':')).then_some(true);
    }
    Some(text.bytes().filter(|&b| b == b':').count() == 1)
}

/// Whether it can be listened on. Names of hosts and of services are the machine's.
fn listen_address(text: &str) -> Option<bool> {
    if host_port(text)? {
        let port = text.rsplit(':').next().unwrap_or_default();
        if port.bytes().all(|b| b.is_ascii_digit()) {
            return if port.is_empty() || port.parse::<u16>().is_ok() { None } else { Some(false) };
        }
        // The names of services are words.
        let word = port.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+' | b'/'));
        return if word && !port.starts_with('-') { None } else { Some(false) };
    }
    Some(false)
}

/// `1.2.3`, or `0.1.2.3`.
fn kafka_version(text: &str) -> bool {
    let count = if text.starts_with('0') { 4 } else { 3 };
    let mut parts = 0;
    let plain = text.split('.').all(|part| {
        parts += 1;
        !part.is_empty() && part.len() < 10 && part.bytes().all(|b| b.is_ascii_digit())
    });
    plain && parts == count && (count == 3 || text.starts_with("0."))
}

/// `1.2`, `1.2.3`, `0.1.2` or `0.1.2.3`, with or without a `v` before it.
fn short_kafka_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let count = text.split('.').count();
    let plain = text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    plain && if text.starts_with("0.") { matches!(count, 3 | 4) } else { matches!(count, 2 | 3) }
}

fn hostname(text: &str) -> bool {
    let part = |part: &str| {
        let dash = part.starts_with('-') || part.ends_with('-');
        !dash && !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let own = ["localhost", "localhost.localdomain", "localhost6.localdomain6", "ip6-localhost"];
    !own.contains(&text) && text.len() <= 255 && text.split('.').all(part)
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

/// Whether it may name a data source (go-sql-driver/mysql dsn.go `ParseDSN`, `normalize`@v1.7.1, @v1.10.0): parameters and
/// what is in brackets are not looked at.
fn mysql_dsn(text: &str) -> bool {
    // `user:password@net(addr)/db?params`: a password may hold a `/`, parameters may not.
    let Some((before, _)) = text.rsplit_once('/') else { return text.is_empty() };
    let place = before.rsplit_once('@').map_or(before, |(_, place)| place);
    match place.split_once('(') {
        Some((_, address)) => address.ends_with(')'),
        None => matches!(place, "" | "tcp" | "unix"),
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
    fn urls_are_those_of_go() {
        judge(
            Syntax::Url,
            &["http://loki:3100/api", "", "loki", "loki:3100", "http://u:p@h", "http://[::1]:80"],
            &[":3100", "127.0.0.1:3100", "http://a\nb", "http://a b", "http://h/%zz", "http://h:port"],
            &["http://a:b:1"],
        );
        judge(Syntax::AbsoluteUrl, &["http://a", "http://u@h"], &["a/b", "/a", "", "unix:/a", "1.2.3.4:5"], &[]);
        judge(Syntax::HttpUrl, &["http://a", "HTTPS://a", "http:a", "http://u@h"], &["ftp://a", "a", "a:1", ":1"], &[]);
    }

    #[test]
    fn addresses_need_a_port() {
        judge(Syntax::HostPort, &["a:1", ":1", "a:", "[::1]:1"], &["a", "", "a:1:2", "::1"], &["[::1]", "[a]:1"]);
    }

    #[test]
    fn addresses_that_can_be_listened_on_are_the_machines() {
        judge(Syntax::ListenAddress, &[], &["a", "", "a:99999", "a:-1", "a:1("], &["a:1", ":http", "[::1]:1"]);
    }

    #[test]
    fn versions_of_kafka_have_three_parts() {
        judge(
            Syntax::KafkaVersion,
            &["2.8.0", "0.10.2.1"],
            &["", "2.8", "x", "2.8.x", "0.1.2", "2.8.0.1", "00.1.2.3"],
            &[],
        );
        judge(
            Syntax::AnyKafkaVersion,
            &["2.8.0", "0.10.2.1", "2.8", "v2.8.0", "v0.10.2", "10.0.0"],
            &["", "x", "2", "2.8.x", "2.8.0.1", "0.10"],
            &[],
        );
    }

    #[test]
    fn data_sources_of_mysql() {
        let good = [
            "",
            "/",
            "/db",
            "u:p@/db",
            "u:p@tcp/",
            "u:p/w@(h:3306)/db",
            "root@tcp(h:3306)/db?tls=false",
            "u@unix(/s)/",
        ];
        judge(
            Syntax::MysqlDsn,
            &good,
            &["u@h", "mysql://u@h:3306/db", "u:p@h:3306/", "u@tcp(h/db", "u@tcp(h)/db?loc=a/b"],
            &[],
        );
    }

    #[test]
    fn names_of_hosts() {
        judge(Syntax::Hostname, &["a", "a.b-c", "1.2"], &["", "localhost", "a_b", "a b", "-a", "a.", "a.-b"], &[]);
        let layouts = ["%Y-%m-%dT%H:%M:%S.%LZ", "%f", "", "%", "a %%", ",%s"];
        judge(Syntax::Strptime, &layouts, &["%Q", "2006", "%S%L", "%%f", "%é"], &[]);
        judge(Syntax::Hex, &["", "0aF"], &["x", "0 1"], &[]);
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
