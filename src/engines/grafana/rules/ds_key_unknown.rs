//! Settings of a data source under a name that is almost right.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::keys;
use crate::parse::{Entry, Node};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-ds-key-unknown",
    aliases: &[],
    summary: "a setting below `jsonData` is almost one that the data source reads, so it is ignored",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_key_unknown.md"),
};

/// Every such key.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        let kind = source.get("type").and_then(Node::scalar).unwrap_or_default();
        for entry in source.get("jsonData").map(Node::entries).unwrap_or_default() {
            if let Some(meant) = keys::json(kind, entry.name()) {
                let who = format!("data sources of the type `{kind}` have");
                // Two spellings of one setting: the right one is there, and the other one is dead.
                tell(&entry, &who, meant, findings);
            }
            let inner = if entry.value.is_seq() { entry.value.items().collect() } else { vec![entry.value] };
            for part in inner.into_iter().flat_map(Node::entries) {
                if let Some(meant) = keys::inner(entry.name(), part.name()) {
                    tell(&part, &format!("`{}` has", entry.name()), meant, findings);
                }
            }
        }
    }
}

fn tell(entry: &Entry<'_>, who: &str, meant: &str, findings: &mut Findings) {
    let diagnostic = Diagnostic::new(&RULE, entry.key.span(), format!("{who} no `{}`", entry.name()))
        .note("Grafana keeps the key and nothing reads it")
        .help(format!("write `{meant}`"));
    findings.push(diagnostic);
}
