//! Passwords and tokens that stand in the config of a server.

use crate::conform::is_placeholder;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::parse::{Document, Entry, Node};
use crate::tree::{Artifact, Tree, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-secret-in-config",
    aliases: &[],
    summary: "a password or token stands in the config of a server",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("secret_in_config.md"),
};

/// Configs whose readers take such keys. Those of Alloy and Grafana have rules of their own.
const KINDS: [&str; 6] =
    ["alertmanager-config", "loki-config", "mimir-config", "prometheus-config", "pyroscope-config", "tempo-config"];

/// Keys of which the readers say that they hold secrets: type `Secret` (prometheus/common config/http_config.go@v0.65.0,
/// prometheus/alertmanager config/config.go, config/notifiers.go@v0.27.0, @v0.28.1, grafana/dskit flagext/secret.go).
const KEYS: [&str; 23] = [
    "account_key",
    "api_key",
    "api_secret",
    "auth_password",
    "auth_secret",
    "basic_auth_password",
    "bearer_token",
    "bot_token",
    "client_secret",
    "credentials",
    "opsgenie_api_key",
    "password",
    "routing_key",
    "s3_secret_access_key",
    "sas_token",
    "sasl_password",
    "secret_access_key",
    "secret_key",
    "service_key",
    "slack_api_url",
    "smtp_auth_password",
    "user_key",
    "webhook_url",
];

/// Places that one finding shows.
const PLACES: usize = 8;

/// Once per file.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let files = KINDS.into_iter().flat_map(|kind| linked.tree.of_kind(kind)).map(|(_, a)| a);
    for file in files.filter(|a| is_kept(linked.tree, a)) {
        let Some(root) = file.data().and_then(Document::root) else { continue };
        let found = secrets(root);
        let Some((first, rest)) = found.split_first() else { continue };
        let message =
            format!("`{}` stands in the file: whoever reads it, or its history, has the secret", first.name());
        let mut diagnostic = Diagnostic::new(&RULE, first.value.span(), message).help(help(file, first.name()));
        for other in rest.iter().take(PLACES) {
            diagnostic = diagnostic.label(other.value.span(), "another one");
        }
        diagnostic.secrets = found.iter().map(|entry| entry.value.inner()).collect();
        findings.push(diagnostic);
    }
}

/// Whether a file is kept with the others, and is no example of one.
fn is_kept(tree: &Tree, file: &Artifact) -> bool {
    let name = path::name(&file.path);
    !tree.is_ignored(&file.path) && !name.contains("example") && !name.contains("sample")
}

/// Entries whose values are secrets that are written out.
fn secrets(root: Node<'_>) -> Vec<Entry<'_>> {
    let mut found = Vec::new();
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        // What an alias repeats stands elsewhere.
        if node.is_alias() {
            continue;
        }
        for entry in node.own_entries() {
            let written = entry.value.scalar().filter(|_| !entry.value.is_alias()).unwrap_or_default();
            if KEYS.contains(&entry.name()) && is_secret(written.trim()) && !says_itself(entry.name(), written.trim()) {
                found.push(entry);
            } else {
                waiting.push(entry.value);
            }
        }
        waiting.extend(node.items());
    }
    found.sort_by_key(|e| e.value.span().start);
    found
}

/// Whether a value only says what is to stand there: the key's own name, or the end of it.
fn says_itself(key: &str, text: &str) -> bool {
    let plain = |t: &str| t.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let (key, text) = (plain(key), plain(text));
    text.len() > 3 && key.ends_with(&text)
}

fn is_secret(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('$') && !is_placeholder(text)
}

/// Keys of Prometheus and Alertmanager without a twin that names a file.
const ALONE: [&str; 4] = ["api_secret", "auth_secret", "secret_access_key", "secret_key"];

/// How its reader takes it from elsewhere: none of Prometheus and Alertmanager replaces variables, all others do when told to.
fn help(file: &Artifact, key: &str) -> String {
    match file.kind.name {
        "prometheus-config" | "alertmanager-config" if ALONE.contains(&key) => {
            "keep this file out of the repository, and mount it as a secret".to_owned()
        }
        "prometheus-config" | "alertmanager-config" => {
            format!("put it into a file of its own, and name that with `{key}_file`")
        }
        _ => "write `${NAME}`, start the server with `-config.expand-env=true`, and set the variable".to_owned(),
    }
}
