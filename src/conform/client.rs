//! How engines built on Prometheus' common library log in where they ask: authentication, TLS, proxies
//! (prometheus/common config/http_config.go `HTTPClientConfig.Validate`, `TLSConfig.Validate`, `ProxyConfig.Validate`@v0.44.0
//! to v0.70.1).

use super::judge::{Judge, When};
use super::read::{filled, is_true, key, there, word};
use crate::diagnostic::Rule;
use crate::parse::Node;

/// What differs between releases of the library.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// Whether `oauth2` must have a secret: to v0.46.0.
    pub secret_required: bool,
    /// Whether a secret can be a reference: from v0.53.0.
    pub references: bool,
    /// Whether `username_file` is known beside `username`: from v0.46.0.
    pub username_file: bool,
}

/// The fields of a client.
pub fn client(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, since: Since) {
    authentication(judge, rule, map, since);
    tls(judge, rule, map, since);
    proxy(judge, rule, map);
}

fn authentication(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, since: Since) {
    let blocks = ["basic_auth", "authorization", "oauth2"].into_iter().filter(|k| there(map, k).is_some());
    let tokens = ["bearer_token", "bearer_token_file"].into_iter().filter(|k| filled(map, k).is_some());
    let all: Vec<&str> = blocks.chain(tokens).collect();
    if let [first, second, ..] = all[..] {
        several(judge, rule, map, first, second, "ways to log in");
    }
    if let Some(basic) = there(map, "basic_auth") {
        one_of(judge, rule, basic, "username", since.username_file, since.references);
        one_of(judge, rule, basic, "password", true, since.references);
    }
    if let Some(authorization) = there(map, "authorization") {
        one_of(judge, rule, authorization, "credentials", true, since.references);
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
        if word(oauth, field) == Some("") {
            judge.tell(
                rule,
                oauth.get(field).map_or(place, Node::span),
                When::Always,
                format!("`oauth2` lacks `{field}`"),
            );
        }
    }
    if word(oauth, "grant_type") != Some("urn:ietf:params:oauth:grant-type:jwt-bearer") {
        one_of(judge, rule, oauth, "client_secret", true, since.references);
        let none = ["client_secret", "client_secret_file"].iter().all(|s| filled(oauth, s).is_none());
        if since.secret_required && none {
            judge.tell(rule, place, When::Sometimes, "`oauth2` lacks `client_secret`");
        }
    }
    tls(judge, rule, oauth, since);
    proxy(judge, rule, oauth);
}

/// The `tls_config` of a map.
fn tls(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, since: Since) {
    let Some(tls) = there(map, "tls_config").filter(|n| n.is_map()) else { return };
    for base in ["ca", "cert", "key"] {
        one_of(judge, rule, tls, base, true, since.references);
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

fn proxy(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>) {
    let url = filled(map, "proxy_url");
    let environment = is_true(map, "proxy_from_environment");
    let headers = there(map, "proxy_connect_header").filter(|h| !h.entries().is_empty());
    if headers.is_some() && url.is_none() && !environment {
        let message = "`proxy_connect_header` is set, and no `proxy_url`";
        judge.tell(rule, key(map, "proxy_connect_header"), When::Sometimes, message);
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

/// At most one of a value, its file and its reference.
fn one_of(judge: &mut Judge<'_>, rule: &'static Rule, map: Node<'_>, base: &str, file: bool, reference: bool) {
    let names = [(base.to_owned(), true), (format!("{base}_file"), file), (format!("{base}_ref"), reference)];
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
