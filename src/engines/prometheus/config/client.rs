//! How Prometheus logs in where it asks: authentication, TLS, proxies, headers of its HTTP clients
//! (prometheus/common config/http_config.go `HTTPClientConfig.Validate`, `TLSConfig.Validate`, `ProxyConfig.Validate`,
//! config/headers.go @v0.37.1 to v0.70.1, the versions in go.mod of prometheus/prometheus@v2.40.7 to v3.14.0).

use super::read::{filled, is_true, there, word};
use crate::engines::prometheus::judge::{Judge, When};
use crate::engines::prometheus::rules::invalid_value::RULE;
use crate::parse::Node;
use crate::source::Span;

/// Headers that `http_headers` cannot set.
const RESERVED: [&str; 18] = [
    "authorization",
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
    "x-prometheus-scrape-timeout-seconds",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

/// The fields of a client, which stand among others in the same map.
pub(super) fn client(judge: &mut Judge<'_>, map: Node<'_>) {
    authentication(judge, map);
    tls(judge, map);
    proxy(judge, map);
    if let Some(headers) = there(map, "http_headers") {
        for entry in headers.entries().into_iter().filter(|e| RESERVED.contains(&e.name().to_lowercase().as_str())) {
            let message = format!("`http_headers` cannot set `{}`: Prometheus sets it itself", entry.name());
            judge.refuse(&RULE, entry.key.span(), When::Always, message);
        }
    }
}

fn authentication(judge: &mut Judge<'_>, map: Node<'_>) {
    let bearer = filled(map, "bearer_token").map(|_| "bearer_token");
    let bearer_file = filled(map, "bearer_token_file").map(|_| "bearer_token_file");
    let blocks = ["basic_auth", "authorization", "oauth2"].into_iter().filter(|k| there(map, k).is_some());
    let all: Vec<&str> = blocks.chain(bearer).chain(bearer_file).collect();
    if let [first, second, ..] = all[..] {
        several(judge, map, first, second, "ways to log in");
    }
    if let Some(basic) = there(map, "basic_auth") {
        let since = (judge.since(2, 49), judge.since(2, 53));
        one_of(judge, basic, &["username", "username_file", "username_ref"], since);
        one_of(judge, basic, &["password", "password_file", "password_ref"], (true, judge.since(2, 53)));
    }
    if let Some(authorization) = there(map, "authorization") {
        let since = (true, judge.since(2, 53));
        one_of(judge, authorization, &["credentials", "credentials_file", "credentials_ref"], since);
        if let Some(kind) = filled(authorization, "type")
            && kind.scalar().is_some_and(|t| t.trim().eq_ignore_ascii_case("basic"))
        {
            judge
                .refuse(&RULE, kind.span(), When::Always, "`authorization.type` cannot be `Basic`")
                .help("write `basic_auth` with `username` and `password` instead");
        }
    }
    if let Some(oauth) = there(map, "oauth2").filter(|n| n.is_map()) {
        oauth2(judge, map, oauth);
    }
}

fn oauth2(judge: &mut Judge<'_>, map: Node<'_>, oauth: Node<'_>) {
    let place = key(map, "oauth2");
    for field in ["client_id", "token_url"] {
        if word(oauth, field, "") == Some("") {
            judge.refuse(
                &RULE,
                oauth.get(field).map_or(place, Node::span),
                When::Always,
                format!("`oauth2` lacks `{field}`"),
            );
        }
    }
    let secrets = ["client_secret", "client_secret_file", "client_secret_ref"];
    let bearer =
        word(oauth, "grant_type", "") == Some("urn:ietf:params:oauth:grant-type:jwt-bearer") && judge.since(3, 8);
    if bearer {
        let keys = ["client_certificate_key", "client_certificate_key_file", "client_certificate_key_ref"];
        one_of(judge, oauth, &keys, (true, true));
        if let Some(algorithm) = filled(oauth, "signature_algorithm")
            && !algorithm.scalar().is_some_and(|a| ["RS256", "RS384", "RS512"].contains(&a))
        {
            judge
                .refuse(&RULE, algorithm.span(), When::Sometimes, "`signature_algorithm` is none that can sign")
                .help("one of `RS256`, `RS384`, `RS512`");
        }
    } else {
        one_of(judge, oauth, &secrets, (true, judge.since(2, 53)));
        if !judge.since(2, 51) && secrets.iter().all(|s| filled(oauth, s).is_none()) {
            judge
                .refuse(&RULE, place, When::Sometimes, "`oauth2` lacks `client_secret`")
                .help("write `client_secret:` or `client_secret_file:`");
        }
    }
    tls(judge, oauth);
    proxy(judge, oauth);
}

/// The `tls_config` of a map.
pub(super) fn tls(judge: &mut Judge<'_>, map: Node<'_>) {
    let Some(tls) = there(map, "tls_config").filter(|n| n.is_map()) else { return };
    let inline = judge.since(2, 45);
    for base in ["ca", "cert", "key"] {
        let [file, reference] = [format!("{base}_file"), format!("{base}_ref")];
        one_of(judge, tls, &[base, &file, &reference], (inline, judge.since(2, 53)));
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
        .refuse(&RULE, lone.key.span(), When::Always, format!("`tls_config` has `{}` without `{missing}`", lone.name()))
        .help(format!("write `{missing}:` too; a client certificate needs both"));
}

fn proxy(judge: &mut Judge<'_>, map: Node<'_>) {
    let url = filled(map, "proxy_url");
    let environment = is_true(map, "proxy_from_environment");
    let headers = there(map, "proxy_connect_header").filter(|h| !h.entries().is_empty());
    if headers.is_some() && url.is_none() && !environment {
        let message = "`proxy_connect_header` is set, and no `proxy_url`";
        judge.refuse(&RULE, key(map, "proxy_connect_header"), When::Sometimes, message);
    }
    if !judge.since(2, 43) {
        return;
    }
    if environment && url.is_some() {
        several(judge, map, "proxy_url", "proxy_from_environment", "ways to find the proxy");
    }
    if filled(map, "no_proxy").is_none() {
        return;
    }
    if environment {
        several(judge, map, "no_proxy", "proxy_from_environment", "ways to name what needs no proxy");
    } else if there(map, "proxy_url").is_none() {
        let message = "`no_proxy` is set, and no `proxy_url`";
        judge.refuse(&RULE, key(map, "no_proxy"), When::Sometimes, message);
    }
}

/// At most one of a value, its file and its reference; `since` says whether the second and third are looked at.
fn one_of(judge: &mut Judge<'_>, map: Node<'_>, names: &[&str; 3], since: (bool, bool)) {
    let looked = [since.0, since.0, since.1];
    let given: Vec<&str> =
        names.iter().zip(looked).filter(|(n, looked)| *looked && filled(map, n).is_some()).map(|(n, _)| *n).collect();
    if let [first, second, ..] = given[..] {
        several(judge, map, first, second, "sources of one value");
    }
}

/// Two fields of which one may be set.
pub(super) fn several(judge: &mut Judge<'_>, map: Node<'_>, first: &str, second: &str, what: &str) {
    let (one, other) = (key(map, first), key(map, second));
    judge
        .refuse(&RULE, other, When::Always, format!("`{first}` and `{second}` are two {what}"))
        .label(one, "the other one")
        .help("remove one of the two");
}

/// Where a key stands; the map itself where it does not.
pub(super) fn key(map: Node<'_>, name: &str) -> Span {
    map.entry(name).map_or_else(|| first(map), |e| e.key.span())
}

/// The first key of a map, where something is missing.
pub(super) fn first(map: Node<'_>) -> Span {
    map.entries().first().map_or(map.span(), |e| e.key.span())
}
