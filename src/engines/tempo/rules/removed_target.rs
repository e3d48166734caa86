//! `target:` or `-target` of another release.

use crate::catalogue::Version;
use crate::conform::{Judge, When};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::near::Near;
use crate::source::Span;

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

/// All that ever were, those that people do not see included (grafana/tempo cmd/tempo/app/modules.go@v2.3.1, v2.4.2, v2.5.0, v2.6.1, v2.7.2,
/// v2.8.4, v2.9.5, v2.10.8, v3.0.3).
const TARGETS: [&str; 30] = [
    "all",
    "all-3.0",
    "backend-scheduler",
    "backend-worker",
    "block-builder",
    "cache-provider",
    "common",
    "compactor",
    "distributor",
    "generator-ring-watcher",
    "ingester",
    "internal-server",
    "live-store",
    "live-store-ring",
    "memberlist-kv",
    "metrics-generator",
    "metrics-generator-no-local-blocks",
    "metrics-generator-ring",
    "optional-store",
    "overrides",
    "overrides-api",
    "partition-ring",
    "querier",
    "query-frontend",
    "ring",
    "scalable-single-binary",
    "secondary-ring",
    "server",
    "store",
    "usage-report",
];

/// Whether some release has such a target.
pub(in crate::engines::tempo) fn is_known(text: &str) -> bool {
    TARGETS.contains(&text)
}

/// Tells of a target that no release has.
pub(in crate::engines::tempo) fn unknown(judge: &mut Judge<'_>, text: &str, span: Span) {
    let message = format!("Tempo has no target `{text}`");
    let near = Near::default().nearest(text, TARGETS.into_iter());
    judge
        .tell(&RULE, span, When::Always, message)
        .help(near.map_or("write `all`, or one of its parts".to_owned(), |near| format!("did you mean `{near}`?")))
        .note("Tempo does not start with it, and `-config.verify` does not say so");
}

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
