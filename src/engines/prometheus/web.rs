//! The file of `--web.config.file`: TLS and users of its own port (prometheus/exporter-toolkit web/tls_config.go,
//! web/handler.go@v0.8.2 to v0.17.1, the versions in go.mod of prometheus/prometheus@v2.40.7 to v3.14.0). Names and types are
//! the catalogue's.

use super::rules::invalid_value::RULE;
use crate::conform::read::{filled, there};
use crate::conform::{Judge, When};
use crate::near::Near;
use crate::parse::Node;

/// Headers that may be set, with the only values of some.
const HEADERS: [(&str, &[&str]); 5] = [
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
    ("Content-Security-Policy", &[]),
];

/// What `client_auth_type` takes.
const CLIENT_AUTH: [&str; 6] = [
    "NoClientCert",
    "RequestClientCert",
    "RequireAnyClientCert",
    "RequireClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
];

/// Ciphers that some Go since 1.19 knows as safe (golang/go src/crypto/tls/cipher_suites.go@go1.19, go1.26).
const CIPHERS: [&str; 17] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    // Taken by Go before 1.22 only.
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
];

/// Looks at a whole file.
pub(super) fn file(judge: &mut Judge<'_>, root: Node<'_>) {
    if let Some(tls) = there(root, "tls_server_config").filter(|n| n.is_map()) {
        server(judge, tls);
    }
    for entry in root.at(&["http_server_config", "headers"]).into_iter().flat_map(Node::entries) {
        header(judge, entry.name(), entry.key, entry.value);
    }
    for entry in root.get("basic_auth_users").into_iter().flat_map(Node::entries) {
        let Some(hash) = entry.value.scalar().or_else(|| entry.value.is_null().then_some("")) else { continue };
        if let Err(why) = bcrypt(hash) {
            judge
                .tell(
                    &RULE,
                    entry.value.span(),
                    When::Always,
                    format!("the password of `{}` is no bcrypt hash: {why}", entry.name()),
                )
                .help("write what `htpasswd -nBC 10 USER` prints behind the colon");
        }
    }
}

fn server(judge: &mut Judge<'_>, tls: Node<'_>) {
    let set = |key: &str| filled(tls, key).is_some();
    let (certificate, key) = (set("cert") || set("cert_file"), set("key") || set("key_file"));
    let client = ["client_ca", "client_ca_file", "client_auth_type"].into_iter().find(|k| set(k));
    let at = tls.entries().first().map_or(tls.span(), |e| e.key.span());
    if !certificate && (key || client.is_some()) {
        judge.tell(&RULE, at, When::Always, "`tls_server_config` has no certificate").help("write `cert_file`");
    } else if certificate && !key {
        judge
            .tell(&RULE, at, When::Always, "`tls_server_config` has a certificate and no key")
            .help("write `key_file`");
    }
    let kind = filled(tls, "client_auth_type");
    let word = kind.and_then(Node::scalar).unwrap_or_default();
    if let Some(kind) = kind.filter(|_| !CLIENT_AUTH.contains(&word)) {
        let near = Near::default();
        let help = near.nearest(word, CLIENT_AUTH.into_iter()).map(|n| format!("did you mean `{n}`?"));
        let all = || format!("one of `{}`", CLIENT_AUTH.join("`, `"));
        judge
            .tell(&RULE, kind.span(), When::Always, format!("`client_auth_type` cannot be `{word}`"))
            .help(help.unwrap_or_else(all));
    }
    if let Some(ca) = filled(tls, "client_ca").or_else(|| filled(tls, "client_ca_file"))
        && matches!(word, "" | "NoClientCert")
    {
        judge
            .tell(&RULE, ca.span(), When::Always, "certificates of clients are never asked for")
            .help("write `client_auth_type: RequireAndVerifyClientCert`");
    }
    for cipher in tls.get("cipher_suites").into_iter().flat_map(Node::items) {
        let Some(name) = cipher.scalar().filter(|n| !CIPHERS.contains(n)) else { continue };
        let near = Near::default();
        let told =
            judge.tell(&RULE, cipher.span(), When::Always, format!("there is no cipher `{name}`, or it is not safe"));
        match near.nearest(name, CIPHERS.into_iter()) {
            Some(near) => told.help(format!("did you mean `{near}`?")),
            None => told.help("delete it: Go chooses good ones"),
        };
    }
}

fn header(judge: &mut Judge<'_>, name: &str, key: Node<'_>, value: Node<'_>) {
    let Some((_, values)) = HEADERS.iter().find(|(known, _)| *known == name) else {
        let all: Vec<&str> = HEADERS.iter().map(|(n, _)| *n).collect();
        judge
            .tell(&RULE, key.span(), When::Always, format!("the header `{name}` cannot be set"))
            .help(format!("one of `{}`, written so", all.join("`, `")));
        return;
    };
    let text = value.scalar().unwrap_or_default();
    if !values.is_empty() && (value.scalar().is_some() || value.is_null()) && !values.contains(&text) {
        judge
            .tell(&RULE, value.span(), When::Always, format!("`{name}` cannot be `{text}`"))
            .help(format!("one of `{}`", values.join("`, `")));
    }
}

/// Whether a hash has a cost that can be read (golang.org/x/crypto bcrypt/bcrypt.go `newFromHash`@v0.31.0).
fn bcrypt(hash: &str) -> Result<(), &'static str> {
    let bytes = hash.as_bytes();
    if bytes.len() < 59 {
        return Err("it is too short");
    }
    if bytes[0] != b'$' || bytes[1] > b'2' {
        return Err("it does not begin with `$2`");
    }
    // The minor version, if one is written, is one letter.
    let at = if bytes[2] == b'$' { 3 } else { 4 };
    let cost = std::str::from_utf8(&bytes[at..at + 2]).ok().and_then(|c| c.parse::<u8>().ok());
    match cost {
        Some(4..=31) => Ok(()),
        Some(_) => Err("its cost must be 4 to 31"),
        None => Err("its cost cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_long_and_names_its_cost() {
        assert!(bcrypt("$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG").is_ok());
        assert!(bcrypt("$2$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG").is_ok());
        for bad in
            ["", "secret", "$1$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG".replace("$1", "x1").as_str()]
        {
            assert!(bcrypt(bad).is_err(), "{bad}");
        }
        assert!(bcrypt("$2y$99$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG").is_err());
        assert!(bcrypt("$2y$xx$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG").is_err());
    }
}
