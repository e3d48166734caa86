//! `target:` or `-target` of another release.

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-removed-target",
    aliases: &[],
    summary: "a target that this version of Tempo does not have",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("removed_target.md"),
};

/// Targets with the releases that have them, as (major, minor): first, and first without (grafana/tempo
/// cmd/tempo/app/modules.go@v2.3.1 to v3.0.3).
const GONE: [(&str, (u16, u16), &str); 4] = [
    ("scalable-single-binary", (3, 0), "`all`, which is one process that needs no Kafka"),
    ("all-3.0", (3, 0), "`all`, which it was the trial of"),
    ("ingester", (3, 0), "`live-store` and `block-builder`, which need Kafka"),
    ("compactor", (3, 0), "`backend-worker` and `backend-scheduler`"),
];

/// Targets of a list that a version does not have.
pub(in crate::engines::tempo) fn gone(
    text: &str,
    version: Version,
) -> impl Iterator<Item = (&'static str, (u16, u16), &'static str)> {
    let named = move |target: &str| text.split(',').any(|t| t.trim() == target);
    GONE.into_iter()
        .filter(move |(target, (major, minor), _)| version >= Version::new(*major, *minor, 0) && named(target))
}

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(node) = super::root(ctx).and_then(|r| r.get("target")) else { return };
    let (Some(text), Some((version, _))) = (node.scalar(), &ctx.artifact.version) else { return };
    // The command line wins over the file.
    if super::may_have_flag(ctx, "target") && !ctx.artifact.uses.is_empty() {
        return;
    }
    for (target, (major, minor), instead) in gone(text, *version) {
        let message = format!("Tempo {version} has no target `{target}`: it is gone since {major}.{minor}");
        let found = Diagnostic::new(&RULE, node.span(), message).help(format!("use {instead}"));
        findings.push(super::weighed(ctx, found));
    }
}
