//! URLs and `host:port` addresses as engines write them → the [`Url`]s of `symbol`, every part with its own span.
//!
//! What is not literal (a variable, a placeholder that a script fills in) gives nothing: silence is the answer to what
//! cannot be known.

use std::ops::Range;

use vispyr_alloy::Decoded;

use crate::parse::{Node, Text};
use crate::source::{SourceId, Span};
use crate::symbol::{Credentials, Extra, PathRead, Protocol, SecretSource, Signal, Url};

/// A text with the way back to its bytes, whatever language it stands in.
#[derive(Debug, Clone)]
pub enum Written<'d> {
    /// A scalar of YAML, JSON or INI.
    Data(Text<'d>),
    /// A string of Alloy.
    Alloy(Decoded<'d>, SourceId),
    /// A text whose span is that of the whole; its parts are found when both are equally long.
    Flat(String, Span),
    /// A text that is put together, of a variable's value for one.
    Joined(Joined),
}

/// Texts put together, each with its place.
#[derive(Debug, Clone)]
pub struct Joined {
    text: String,
    /// Where each ends in `text`, and the place of all of it.
    pieces: Vec<(usize, Span)>,
    whole: Span,
}

impl Joined {
    /// Longer texts are not made.
    const LONGEST: usize = 4096;

    /// Nothing yet; `whole` is where the whole is written.
    pub fn new(whole: Span) -> Self {
        Self { text: String::new(), pieces: Vec::new(), whole }
    }

    /// Puts a text behind; `None` = it becomes too long.
    pub fn push(&mut self, text: &str, span: Span) -> Option<()> {
        if !text.is_empty() {
            self.text.push_str(text);
            self.pieces.push((self.text.len(), span));
        }
        (self.text.len() <= Self::LONGEST).then_some(())
    }

    /// Puts another one behind.
    pub fn append(&mut self, other: &Self) -> Option<()> {
        let mut from = 0;
        for (end, span) in &other.pieces {
            self.push(&other.text[from..*end], *span)?;
            from = *end;
        }
        Some(())
    }

    /// Where the whole is written.
    pub fn whole(&self) -> Span {
        self.whole
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a part stands: in its piece, if there is one that holds it.
    fn span(&self, part: Range<usize>) -> Span {
        let at = self.pieces.partition_point(|(end, _)| *end <= part.start);
        let from = at.checked_sub(1).map_or(0, |before| self.pieces[before].0);
        match self.pieces.get(at) {
            Some((end, span)) if part.end <= *end => sliced(*span, end - from, part.start - from..part.end - from),
            _ => self.whole,
        }
    }
}

/// A part of a text of that length whose place is known; the whole of it where its parts are written in another way.
fn sliced(span: Span, length: usize, part: Range<usize>) -> Span {
    if (span.end - span.start) as usize == length { span.slice(part) } else { span }
}

impl Written<'_> {
    /// The text.
    pub fn value(&self) -> &str {
        match self {
            Self::Data(text) => text.value(),
            Self::Alloy(text, _) => text.value(),
            Self::Flat(text, _) => text,
            Self::Joined(joined) => &joined.text,
        }
    }

    /// Where a part of it stands.
    pub fn span(&self, part: Range<usize>) -> Span {
        match self {
            Self::Data(text) => text.span(part),
            Self::Alloy(text, source) => {
                let range = text.source_range(part.start as u32..part.end as u32);
                Span { source: *source, start: range.start, end: range.end }
            }
            Self::Flat(text, span) => sliced(*span, text.len(), part),
            Self::Joined(joined) => joined.span(part),
        }
    }

    /// Where the text itself stands, if it stands in one place.
    pub fn place(&self) -> Span {
        match self {
            Self::Joined(Joined { pieces, .. }) if pieces.len() == 1 => pieces[0].1,
            _ => self.whole(),
        }
    }

    /// Where the whole is written, or put together.
    pub fn whole(&self) -> Span {
        if let Self::Joined(joined) = self { joined.whole } else { self.span(0..self.value().len()) }
    }
}

/// The parts of a URL or an address, as ranges of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// `http`, without `://`.
    pub scheme: Option<Range<usize>>,
    /// Whether a user name stands before the host.
    pub user: bool,
    /// Host, without the brackets of an IPv6 address.
    pub host: Range<usize>,
    /// Port, where one is written.
    pub port: Option<Range<usize>>,
    /// Path, up to a query; empty when there is none.
    pub path: Range<usize>,
}

/// A path as a request asks for it: `net/url` writes the slash before one that lacks it (golang/go src/net/url/url.go
/// `String`@go1.26.0).
pub fn rooted(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

/// Splits a text; `None` when it is no literal URL or address.
pub fn split(text: &str) -> Option<Parts> {
    let mut scheme = text.find("://").map(|at| 0..at);
    let mut from = scheme.as_ref().map_or(0, |s| s.end + 3);
    if let Some(s) = &scheme {
        let plain = text[s.clone()].chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        if !plain || s.is_empty() {
            return None;
        }
        // gRPC's resolvers: `dns:///tempo:4317` has an empty authority, the target is its path.
        if matches!(&text[s.clone()], "dns" | "passthrough" | "static") {
            from = text[from..].find('/').map_or(from, |at| from + at + 1);
            scheme = None;
        }
    } else if let Some(target) = ["dns+", "dnssrv+", "dnssrvnoa+"].iter().find(|p| text.starts_with(**p)) {
        from = target.len();
    }
    let end = text[from..].find(['/', '?', '#']).map_or(text.len(), |at| from + at);
    let authority = &text[from..end];
    let at_sign = authority.rfind('@');
    let start = from + at_sign.map_or(0, |at| at + 1);
    let rest = &text[start..end];
    let (host, port) = match rest.strip_prefix('[').and_then(|r| r.find(']')) {
        Some(close) => {
            let after = start + close + 2;
            let port = text[after..end].strip_prefix(':').map(|_| after + 1..end);
            (start + 1..start + 1 + close, port)
        }
        None => match rest.find(':') {
            Some(colon) => (start..start + colon, Some(start + colon + 1..end)),
            None => (start..end, None),
        },
    };
    let name = &text[host.clone()];
    let six = name.contains(':') && name.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '%'));
    if name.is_empty() || !(six || is_host(name)) {
        return None;
    }
    let path_end = text[end..].find(['?', '#']).map_or(text.len(), |at| end + at);
    Some(Parts { scheme, user: at_sign.is_some(), host, port: port.filter(|p| !p.is_empty()), path: end..path_end })
}

/// Whether a name can be a host. One in capitals alone is a placeholder that something else fills in.
fn is_host(name: &str) -> bool {
    let legal = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    legal && (name.bytes().any(|b| b.is_ascii_lowercase()) || !name.bytes().any(|b| b.is_ascii_uppercase()))
}

/// Who dials, and how.
#[derive(Debug, Clone)]
pub struct Client<'a> {
    /// Who, for messages.
    pub sender: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// What travels.
    pub signals: Vec<Signal>,
    /// What the client appends to the path; none = the path is used as written.
    pub appended: &'a [&'a str],
    /// Whether TLS is spoken, and where that is decided; `None` = the scheme decides.
    pub tls: Option<(Option<bool>, Span)>,
    /// Port of a URL that names none; `None` = the scheme's.
    pub port: Option<u16>,
    /// What is shown, and where that is decided.
    pub credentials: (Option<Credentials>, Option<Span>),
}

impl<'a> Client<'a> {
    /// One that shows no credentials and lets the scheme decide on TLS.
    pub fn new(sender: impl Into<String>, protocol: Protocol, signals: &[Signal], appended: &'a [&'a str]) -> Self {
        Self {
            sender: sender.into(),
            protocol,
            signals: signals.to_vec(),
            appended,
            tls: None,
            port: None,
            credentials: (Some(Credentials::None), None),
        }
    }
}

/// Paths of OTLP over gRPC, by signal (opentelemetry-proto `collector/*/v1/*_service.proto`).
fn grpc_path(signal: Signal) -> &'static str {
    match signal {
        Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        Signal::Profiles => "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
    }
}

/// A server at `host:port`, or at a URL, of which no more is known than that it is dialled: not whether TLS is spoken, nor what
/// is shown.
pub fn server(text: &Written<'_>, sender: impl Into<String>, protocol: Protocol) -> Option<Url> {
    let mut client = Client::new(sender, protocol, &[], &[]);
    client.tls = Some((None, text.whole()));
    client.credentials = (None, None);
    url(text, client)
}

/// The URL that a client dials; `None` when it is not literal.
pub fn url(text: &Written<'_>, client: Client<'_>) -> Option<Url> {
    let value = text.value();
    let parts = split(value)?;
    let scheme = parts.scheme.as_ref().map(|s| value[s.clone()].to_ascii_lowercase());
    let whole = text.whole();
    let grpc = client.protocol.is_grpc();
    let by_scheme = match scheme.as_deref() {
        Some("https" | "grpcs") => Some(true),
        Some("http" | "h2c" | "grpc") => Some(false),
        // A scheme that is not one of the web's: not a way that is understood here.
        Some(_) => return None,
        // Without a scheme an HTTP client does not know what to do, unless something else says so.
        None if client.tls.is_none() => return None,
        None => None,
    };
    let scheme_span = parts.scheme.clone().map_or(whole, |s| text.span(s));
    let (tls, tls_span) = match (&client.tls, by_scheme) {
        // `https://` in a gRPC endpoint means TLS whatever the block says; `http://` is stripped.
        (Some(_), Some(true)) => (Some(true), scheme_span),
        (Some((tls, span)), _) => (*tls, *span),
        (None, known) => (known, scheme_span),
    };
    let port = match &parts.port {
        Some(range) => Some(value[range.clone()].parse::<u16>().ok().filter(|p| *p > 0)?),
        None if grpc && client.port.is_none() => None,
        None => client.port.or(match tls {
            Some(true) => Some(443),
            Some(false) => Some(80),
            None => None,
        }),
    };
    let path = &value[parts.path.clone()];
    let readable = !path.contains(['$', '{', '%', '<']);
    let base = path.trim_end_matches('/');
    let paths: Option<Vec<String>> = if grpc {
        (!client.signals.is_empty()).then(|| client.signals.iter().map(|s| grpc_path(*s).to_owned()).collect())
    } else if !readable || matches!(client.protocol, Protocol::Http | Protocol::Otlp | Protocol::Gossip) {
        None
    } else if client.appended.is_empty() {
        Some(vec![if path.is_empty() { "/".to_owned() } else { path.to_owned() }])
    } else {
        Some(client.appended.iter().map(|a| format!("{base}{a}")).collect())
    };
    // A name may end in the dot of the root.
    let host = value[parts.host.clone()].trim_end_matches('.').to_ascii_lowercase();
    let host_span = text.span(parts.host.clone());
    let credentials = if parts.user { (None, None) } else { client.credentials };
    Some(Url {
        span: whole,
        sender: client.sender,
        protocol: client.protocol,
        signals: client.signals,
        tls,
        tls_span,
        host,
        host_span,
        port,
        port_span: parts.port.map_or(host_span, |p| text.span(p)),
        paths,
        path_span: if parts.path.is_empty() { whole } else { text.span(parts.path) },
        credentials_span: credentials.1.unwrap_or(whole),
        credentials: credentials.0,
        extras: Vec::new(),
        unverified: None,
        sampled: None,
        handed: Vec::new(),
        listed: false,
    })
}

/// A block of `remote_write`, as Prometheus and those that took its client read it: `sender` dials its `url`, which is read as
/// `read` says.
pub fn remote_write<'d>(writer: Node<'d>, sender: &str, read: impl Fn(Text<'d>) -> Option<Written<'d>>) -> Option<Url> {
    let client = Client::new(sender, Protocol::RemoteWrite, &[Signal::Metrics], &[]);
    let mut url = url(&read(writer.get("url")?.text()?)?, Client { credentials: shown(writer), ..client })?;
    url.unverified = unverified(writer);
    url.extras = Extra::KEYS.iter().filter_map(|(key, extra)| Some((*extra, on(writer, key)?))).collect();
    Some(url)
}

/// Where an HTTP client of Prometheus is told to take any certificate (`prometheus/common config/http_config.go`).
pub fn unverified(client: Node<'_>) -> Option<Span> {
    on(client.get("tls_config")?, "insecure_skip_verify")
}

/// Whether a server that lets in this origin lets in all: one `*` stands for any text (rs/cors cors.go@v1.11.1).
pub fn is_any_origin(origin: &str) -> bool {
    matches!(origin, "*" | "http://*" | "https://*")
}

/// The place of a key that is true.
pub fn on(map: Node<'_>, key: &str) -> Option<Span> {
    map.entry(key).filter(|e| e.value.as_bool() == Some(true)).map(|e| e.key.span().to(e.value.span()))
}

/// What an HTTP client of Prometheus shows (`prometheus/common config/http_config.go`).
pub fn shown(client: Node<'_>) -> (Option<Credentials>, Option<Span>) {
    let secret = |node: Option<Node<'_>>, file: Option<Node<'_>>| match (node, file) {
        // Where variables are replaced first, it is none of what is written.
        (Some(n), _) if n.scalar().is_some_and(|t| t.contains("${")) => SecretSource::Unknown,
        (Some(n), _) => SecretSource::Literal(n.scalar().unwrap_or_default().to_owned()),
        (None, Some(f)) => SecretSource::File(f.scalar().unwrap_or_default().to_owned()),
        (None, None) => SecretSource::Unknown,
    };
    if let Some(basic) = client.get("basic_auth") {
        let password = secret(basic.get("password"), basic.get("password_file"));
        let user = basic.get("username").and_then(Node::scalar).map(str::to_owned);
        return (Some(Credentials::Basic { user, password }), Some(basic.span()));
    }
    if let Some(auth) = client.get("authorization") {
        let bearer = auth.get("type").and_then(Node::scalar).is_none_or(|t| t.eq_ignore_ascii_case("bearer"));
        let shown = secret(auth.get("credentials"), auth.get("credentials_file"));
        return (bearer.then_some(Credentials::Bearer(shown)), Some(auth.span()));
    }
    for (key, file) in [("bearer_token", false), ("bearer_token_file", true)] {
        if let Some(node) = client.get(key) {
            let source = if file { secret(None, Some(node)) } else { secret(Some(node), None) };
            return (Some(Credentials::Bearer(source)), Some(node.span()));
        }
    }
    let other = ["oauth2", "sigv4", "azuread", "google_iam", "headers", "http_headers"];
    if other.iter().any(|k| client.get(k).is_some()) {
        return (None, None);
    }
    (Some(Credentials::None), None)
}

/// A file that settings name.
#[derive(Debug, Clone, Copy)]
pub struct NamedFile<'d> {
    /// [`PathRead::CREDENTIALS`] or [`PathRead::CERTIFICATES`].
    pub what: &'static str,
    /// Its key: `password_file`.
    pub key: &'d str,
    /// The name of the file.
    pub node: Node<'d>,
    /// Whether the settings are those of a discovery.
    pub discovers: bool,
    /// Whether the settings are those of who hands out tokens.
    pub tokens: bool,
}

/// Nodes of one file that are looked at for names of files.
const NODES: u32 = 200_000;

/// What an HTTP client of Prometheus reads from the file of that key (prometheus/common config/http_config.go@v0.44.0,
/// @v0.70.1).
pub fn client_file(key: &str) -> Option<&'static str> {
    const CREDENTIALS: [&str; 6] = [
        "bearer_token_file",
        "client_certificate_key_file",
        "client_secret_file",
        "credentials_file",
        "password_file",
        "username_file",
    ];
    match key {
        "ca_file" | "cert_file" | "key_file" => Some(PathRead::CERTIFICATES),
        _ => CREDENTIALS.contains(&key).then_some(PathRead::CREDENTIALS),
    }
}

/// All files that settings below a node name, where a key is one of those that `named` knows.
pub fn files<'d>(root: Node<'d>, named: impl Fn(&str) -> Option<&'static str>) -> Vec<NamedFile<'d>> {
    let mut found = Vec::new();
    let mut stack = vec![(root, false, false)];
    let mut left = NODES;
    while let Some((node, discovers, tokens)) = stack.pop() {
        let Some(rest) = left.checked_sub(1) else { break };
        left = rest;
        stack.extend(node.items().map(|item| (item, discovers, tokens)));
        for entry in node.own_entries().filter(|e| !e.value.is_alias()) {
            let (key, node) = (entry.name(), entry.value);
            match named(key).filter(|_| node.scalar().is_some_and(|text| !text.is_empty())) {
                Some(what) => found.push(NamedFile { what, key, node, discovers, tokens }),
                None => stack.push((node, discovers || key.ends_with("_sd_configs"), tokens || key == "oauth2")),
            }
        }
    }
    found.sort_by_key(|file| file.node.span().start);
    found
}

/// The address of a listener: `:4317`, `0.0.0.0:4317`, `[::]:4317`, `tempo:4317`, `127.0.0.1:4317`. A port that is not
/// literal is `None`.
pub fn listen(text: &str) -> (Option<crate::symbol::Bind>, Option<u16>) {
    let text = text.trim();
    let Some((host, port)) = text.rsplit_once(':') else { return (None, None) };
    (bind(host), port.parse().ok())
}

/// Whether a server that is built on `grafana/dskit` ends TLS with these settings: with both a certificate and a key
/// (`grafana/tempo vendor/github.com/grafana/dskit/server/server.go@v3.0.3`, the same @v2.10.8).
pub fn dskit_tls(settings: Node<'_>) -> Option<bool> {
    let set =
        |keys: [&str; 2]| keys.iter().any(|k| settings.get(k).and_then(Node::scalar).is_some_and(|t| !t.is_empty()));
    (set(["cert_file", "cert"]) && set(["key_file", "key"])).then_some(true)
}

/// The host part of a listener's address.
pub fn bind(host: &str) -> Option<crate::symbol::Bind> {
    use crate::symbol::Bind;
    let host = host.trim_matches(['[', ']']);
    if host.contains(['$', '{', '%']) {
        return None;
    }
    Some(match host {
        "" | "0.0.0.0" | "::" | "*" => Bind::All,
        other if is_loopback(other) => Bind::Loopback,
        other => Bind::Host(other.to_owned()),
    })
}

/// Whether a host means the process' own machine.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Option<(&str, Option<&str>, &str)> {
        let parts = split(text)?;
        Some((&text[parts.host], parts.port.map(|p| &text[p]), &text[parts.path]))
    }

    #[test]
    fn urls_and_addresses_come_apart() {
        let cases = [
            ("http://tempo:3200/api?x=1", Some(("tempo", Some("3200"), "/api"))),
            ("tempo:4317", Some(("tempo", Some("4317"), ""))),
            ("https://user:pw@gw.example.com/push", Some(("gw.example.com", None, "/push"))),
            ("http://[::1]:9090", Some(("::1", Some("9090"), ""))),
            ("dns:///tempo:4317", Some(("tempo", Some("4317"), ""))),
            ("dns+memcached:11211", Some(("memcached", Some("11211"), ""))),
            ("http://${HOST}:9090", None),
            ("MIMIR_URL/api/v1/push", None),
            ("", None),
            ("http://", None),
            ("://x", None),
        ];
        for (text, want) in cases {
            assert_eq!(cut(text), want, "{text}");
        }
    }

    #[test]
    fn a_port_that_is_none_gives_no_url() {
        let text = Written::Flat("http://tempo:99999".into(), Span::new(SourceId(0), 0..18));
        assert!(url(&text, Client::new("x", Protocol::Http, &[], &[])).is_none());
        let text = Written::Flat("http://tempo".into(), Span::new(SourceId(0), 5..17));
        let url = url(&text, Client::new("x", Protocol::TempoQuery, &[], &["/api/search"]));
        let url = url.map(|u| (u.port, u.host_span.range(), u.paths));
        assert_eq!(url, Some((Some(80), 12..17, Some(vec!["/api/search".to_owned()]))));
    }
}
