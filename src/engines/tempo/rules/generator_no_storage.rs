//! A generator that is off for want of a path.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-generator-no-storage",
    aliases: &[],
    summary: "a metrics generator without a place for its log: it is off",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("generator_no_storage.md"),
};

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = super::root(ctx) else { return };
    let Some(storage) = root.at(&["metrics_generator"]).and_then(|g| g.entry("storage")) else { return };
    let writes = storage.value.get("remote_write").is_some_and(|w| w.items().next().is_some());
    if !writes || storage.value.get("path").is_some_and(|p| p.scalar() != Some("")) {
        return;
    }
    if super::may_have_flag(ctx, "metrics-generator.storage.path") {
        return;
    }
    findings.push(
        Diagnostic::new(&RULE, storage.key.span(), "the metrics generator has no `storage.path`, and is off")
            .help("write `path: /var/tempo/generator/wal`, on a volume")
            .note("Tempo logs a warning at start and makes no series"),
    );
}
