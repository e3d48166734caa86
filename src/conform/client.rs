//! How engines built on Prometheus' common library log in where they ask: authentication, TLS, proxies, headers
//! (prometheus/common config/http_config.go `HTTPClientConfig.Validate`, `TLSConfig.Validate`, `ProxyConfig.Validate`,
//! config/headers.go@v0.37.1 to v0.70.1).

use super::judge::{Judge, When};
use super::read::{filled, is_true, key, there, word};
use crate::diagnostic::Rule;
use crate::parse::Node;
use crate::source::Span;

/// Headers that a remote write sets itself (prometheus/prometheus config/config.go `reservedHeaders`@v2.40.7, v3.14.0).
const SENT: [&str; 16] = [
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "x-prometheus-remote-write-version",
    "x-prometheus-remote-read-version",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

/// Headers that `http_headers` cannot set, beside those.
const RESERVED: [&str; 2] = ["authorization", "x-prometheus-scrape-timeout-seconds"];

/// What differs between releases of the library.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// Whether proxies of the environment are known, and looked at: from v0.42.0.
    pub environment: bool,
    /// Whether certificates can stand in the file: from v0.44.0.
    pub inline: bool,
    /// Whether `oauth2` must have a secret: to v0.46.0.
    pub secret_required: bool,
    /// Whether `username_file` is known beside `username`: from v0.46.0.
    pub username_file: bool,
    /// Whether a secret can be a reference: from v0.53.0.
    pub references: bool,
    /// Whether a token can be signed instead of a secret: from v0.67.3.
    pub signed: bool,
}

impl Since {
    /// The release that refuses the least, where only a range of them is known, from v0.43.0 on.
    pub const LEAST: Self = Self {
        environment: true,
        inline: false,
        secret_required: false,
        username_file: false,
        references: false,
        signed: true,
    };
}

/// Somewhere that series are written to, by the code of Prometheus that others have within them: its address, and how it is asked
/// (prometheus/prometheus config/config.go `RemoteWriteConfig.UnmarshalYAML`@v2.40.7, v3.14.0).
pub fn sender(judge: &mut Judge<'_>, rule: &'static Rule, at: Span, writer: Node<'_>, since: Since) {
    if !writer.is_map() {
        return;
    }
    if writer.get("url").is_none_or(Node::is_null) {
        judge.tell(rule, at, When::Always, "this remote write has no `url`").help("write `url:` and where to");
    }
    headers(judge, rule, writer);
    client(judge, rule, writer, since);
}

/// Headers of one's own for a remote write.
pub fn headers(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>) {
    for entry in there(map, "headers").into_iter().flat_map(Node::entries) {
        let name = entry.name().to_lowercase();
        if name == "authorization" {
            judge
                .tell(rule, entry.key.span(), When::Always, "`headers` cannot set `Authorization`")
                .help("write `authorization` or `basic_auth` beside `url`");
        } else if SENT.contains(&name.as_str()) {
            let message = format!("`headers` cannot set `{}`: {} sets it itself", entry.name(), judge.title());
            judge.tell(rule, entry.key.span(), When::Always, message).help("delete it");
        }
    }
}

/// The fields of a client, which may stand among others in the same map.
pub fn client(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, since: Since) {
    authentication(judge, rule, map, since);
    tls(judge, rule, map, since);
    proxy(judge, rule, map, since);
    let headers = there(map, "http_headers").map(Node::entries).unwrap_or_default();
    let reserved = |name: &str| SENT.contains(&name) || RESERVED.contains(&name);
    for entry in headers.iter().filter(|e| reserved(e.name().to_lowercase().as_str())) {
        let message = format!("`http_headers` cannot set `{}`: {} sets it itself", entry.name(), judge.title());
        judge.tell(rule, entry.key.span(), When::Always, message);
    }
}

fn authentication(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, since: Since) {
    let blocks = ["basic_auth", "authorization", "oauth2"].into_iter().filter(|k| there(map, k).is_some());
    let tokens = ["bearer_token", "bearer_token_file"].into_iter().filter(|k| filled(map, k).is_some());
    let all: Vec<&str> = blocks.chain(tokens).collect();
    if let [first, second, ..] = all[..] {
        several(judge, rule, map, first, second, "ways to log in");
    }
    if let Some(basic) = there(map, "basic_auth") {
        one_of(judge, rule, basic, "username", (since.username_file, since.references));
        one_of(judge, rule, basic, "password", (true, since.references));
    }
    if let Some(authorization) = there(map, "authorization") {
        one_of(judge, rule, authorization, "credentials", (true, since.references));
        if let Some(kind) = filled(authorization, "type")
            && kind.scalar().is_some_and(|t| t.trim().eq_ignore_ascii_case("basic"))
        {
            judge
                .tell(rule, kind.span(), When::Always, "`authorization.type` cannot be `Basic`")
                .help("write `basic_auth` with `username` and `password` instead");
        }
    }
    if let Some(oauth) = there(map, "oauth2").filter(|n| n.is_map()) {
        oauth2(judge, rule, map, oauth, since);
    }
}

fn oauth2(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, oauth: Node<'_>, since: Since) {
    let place = key(map, "oauth2");
    for field in ["client_id", "token_url"] {
        if word(oauth, field, "") == Some("") {
            judge.tell(
                rule,
                oauth.get(field).map_or(place, Node::span),
                When::Always,
                format!("`oauth2` lacks `{field}`"),
            );
        }
    }
    if since.signed && word(oauth, "grant_type", "") == Some("urn:ietf:params:oauth:grant-type:jwt-bearer") {
        one_of(judge, rule, oauth, "client_certificate_key", (true, true));
        if let Some(algorithm) = filled(oauth, "signature_algorithm")
            && !algorithm.scalar().is_some_and(|a| ["RS256", "RS384", "RS512"].contains(&a))
        {
            judge
                .tell(rule, algorithm.span(), When::Sometimes, "`signature_algorithm` is none that can sign")
                .help("one of `RS256`, `RS384`, `RS512`");
        }
    } else {
        one_of(judge, rule, oauth, "client_secret", (true, since.references));
        let secrets = ["client_secret", "client_secret_file", "client_secret_ref"];
        if since.secret_required && secrets.iter().all(|s| filled(oauth, s).is_none()) {
            judge
                .tell(rule, place, When::Sometimes, "`oauth2` lacks `client_secret`")
                .help("write `client_secret:` or `client_secret_file:`");
        }
    }
    tls(judge, rule, oauth, since);
    proxy(judge, rule, oauth, since);
}

/// The `tls_config` of a map.
pub fn tls(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, since: Since) {
    let Some(tls) = there(map, "tls_config").filter(|n| n.is_map()) else { return };
    for base in ["ca", "cert", "key"] {
        one_of(judge, rule, tls, base, (since.inline, since.references));
    }
    let given = |base: &str| {
        let names = [base.to_owned(), format!("{base}_file"), format!("{base}_ref")];
        names.into_iter().find_map(|n| tls.entry(&n).filter(|_| filled(tls, &n).is_some()))
    };
    let (lone, missing) = match (given("cert"), given("key")) {
        (Some(cert), None) => (cert, "key_file"),
        (None, Some(key)) => (key, "cert_file"),
        _ => return,
    };
    judge
        .tell(rule, lone.key.span(), When::Always, format!("`tls_config` has `{}` without `{missing}`", lone.name()))
        .help(format!("write `{missing}:` too; a client certificate needs both"));
}

fn proxy(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, since: Since) {
    let url = filled(map, "proxy_url");
    let environment = is_true(map, "proxy_from_environment");
    let headers = there(map, "proxy_connect_header").filter(|h| !h.entries().is_empty());
    if headers.is_some() && url.is_none() && !environment {
        let message = "`proxy_connect_header` is set, and no `proxy_url`";
        judge.tell(rule, key(map, "proxy_connect_header"), When::Sometimes, message);
    }
    if !since.environment {
        return;
    }
    if environment && url.is_some() {
        several(judge, rule, map, "proxy_url", "proxy_from_environment", "ways to find the proxy");
    }
    if filled(map, "no_proxy").is_none() {
        return;
    }
    if environment {
        several(judge, rule, map, "no_proxy", "proxy_from_environment", "ways to name what needs no proxy");
    } else if there(map, "proxy_url").is_none() {
        judge.tell(rule, key(map, "no_proxy"), When::Sometimes, "`no_proxy` is set, and no `proxy_url`");
    }
}

/// At most one of a value, its file and its reference; `looked` says whether the last two are looked at.
fn one_of(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, base: &str, looked: (bool, bool)) {
    let names = [(base.to_owned(), true), (format!("{base}_file"), looked.0), (format!("{base}_ref"), looked.1)];
    let given: Vec<&String> =
        names.iter().filter(|(n, looked)| *looked && filled(map, n).is_some()).map(|(n, _)| n).collect();
    if let [first, second, ..] = given[..] {
        several(judge, rule, map, first, second, "sources of one value");
    }
}

/// Two fields of which one may be set.
pub fn several(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, first: &str, second: &str, what: &str) {
    let (one, other) = (key(map, first), key(map, second));
    judge
        .tell(rule, other, When::Always, format!("`{first}` and `{second}` are two {what}"))
        .label(one, "the other one")
        .help("remove one of the two");
}
