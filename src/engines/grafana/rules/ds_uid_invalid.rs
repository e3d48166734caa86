//! A uid that Grafana does not accept.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-ds-uid-invalid",
    aliases: &[],
    summary: "the uid of a data source has signs or a length that Grafana refuses",
    tier: Tier::B,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_uid_invalid.md"),
};

/// Every such uid. Releases before 12.0 keep them, 11.2 and later may be told to refuse (grafana/grafana#102192).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        let Some(uid) = source.get("uid") else { continue };
        let Some(text) = uid.scalar().filter(|t| !t.is_empty() && !t.contains('$')) else { continue };
        let sign = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
        let why = match sign {
            Some(sign) => format!("has `{sign}`; letters, digits, `-` and `_` are allowed"),
            None if text.len() > 40 => format!("has {} signs; 40 are allowed", text.len()),
            None => continue,
        };
        let diagnostic = Diagnostic::new(&RULE, uid.inner(), format!("the uid `{text}` {why}"));
        findings.push(diagnostic.note("Grafana refuses such uids since 12.0 and does not start"));
    }
}
