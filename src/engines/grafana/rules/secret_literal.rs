//! Secrets that are written into a provisioning file.

use crate::conform::is_placeholder;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-secret-literal",
    aliases: &[],
    summary: "a secret of a data source stands in its provisioning file as it is",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("secret_literal.md"),
};

/// Keys of `secureJsonData` that hold certificates: they may be seen by everybody.
const PUBLIC: [&str; 3] = ["tlsCACert", "tlsClientCert", "serverName"];

/// The first such secret of a file, with the others beside it.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    let mut found = Vec::new();
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        let header = |name: &str| {
            let number = name.strip_prefix("httpHeaderValue")?;
            source.at(&["jsonData", &format!("httpHeaderName{number}")])?.scalar()
        };
        for entry in source.get("secureJsonData").map(Node::entries).unwrap_or_default() {
            // The name of a tenant is none, nor what a proxy is told.
            let open = header(entry.name()).is_some_and(|h| !h.eq_ignore_ascii_case("authorization"));
            let text = entry.value.as_str().map(str::trim).unwrap_or_default();
            // Dots and stars stand for what is left out.
            let said = text.chars().any(char::is_alphanumeric);
            let written = said && !text.contains(['$', '<', '{']) && !is_placeholder(text);
            if written && !open && !PUBLIC.contains(&entry.name()) {
                found.push(entry);
            }
        }
    }
    let Some(first) = found.first() else { return };
    let message = format!("`{}` stands here as it is", first.name());
    let mut diagnostic = Diagnostic::new(&RULE, first.value.span(), message)
        .note("who can read this file, or its history, has the secret")
        .help("write `$NAME` and set the variable for Grafana, or `$__file{/run/secrets/…}`");
    for other in found.iter().skip(1).take(7) {
        diagnostic = diagnostic.label(other.value.span(), "another one");
    }
    diagnostic.secrets = found.iter().map(|entry| entry.value.inner()).collect();
    findings.push(diagnostic);
}
