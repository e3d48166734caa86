//! A secret under the keys that everybody may read.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-secure-in-json",
    aliases: &[],
    summary: "a password or token of a data source stands where it is not encrypted, and where Grafana does not look for it",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("secure_in_json.md"),
};

/// Keys that Grafana reads from `secureJsonData` alone (npm `@grafana/data` 13.2.3, docs of provisioning).
const SECRET: [&str; 8] = [
    "basicAuthPassword",
    "password",
    "tlsCACert",
    "tlsClientCert",
    "tlsClientKey",
    "secretKey",
    "accessKey",
    "httpHeaderValue1",
];

/// Every such key.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        let data = source.get("jsonData").map(Node::entries).unwrap_or_default();
        let below = data.into_iter().filter(|e| SECRET.contains(&e.name()));
        let beside = source.entries().into_iter().filter(|e| matches!(e.name(), "basicAuthPassword" | "password"));
        for entry in below.chain(beside).filter(|e| e.value.scalar().is_some_and(|t| !t.is_empty())) {
            let name = entry.name();
            let message = format!("Grafana does not look for `{name}` here");
            let diagnostic = Diagnostic::new(&RULE, entry.key.span(), message)
                .note("what stands outside of `secureJsonData` is neither used nor encrypted")
                .help(format!("move `{name}` below `secureJsonData`"));
            findings.push(diagnostic);
        }
    }
}
