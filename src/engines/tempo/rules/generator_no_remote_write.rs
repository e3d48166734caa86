//! A generator whose series nobody gets.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::tempo::overrides;
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-generator-no-remote-write",
    aliases: &[],
    summary: "a metrics generator that writes its series nowhere",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("generator_no_remote_write.md"),
};

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = super::root(ctx) else { return };
    // `local-blocks` makes no series.
    let makes = |n: Node<'_>| {
        n.scalar().is_some_and(|n| n.starts_with("span-metrics") || n == "service-graphs" || n == "host-info")
    };
    let lists = overrides::processors(ctx.tree, ctx.artifact).unwrap_or_default();
    let Some(list) = lists.into_iter().find(|list| list.items().any(makes)) else { return };
    let storage = root.at(&["metrics_generator", "storage"]);
    let written = storage.and_then(|s| s.get("remote_write"));
    if written.is_some_and(|w| w.items().next().is_some() || w.scalar().is_some()) {
        return;
    }
    // One that stands elsewhere is told of as a key that is none there.
    if root.get("metrics_generator").is_some_and(|g| g.get("remote_write").is_some()) {
        return;
    }
    // Without a path it does not even run (modules/generator/generator.go `ErrUnconfigured`, cmd/tempo/app/modules.go@v3.0.3).
    let (message, note) = match storage.is_some_and(|s| s.get("path").is_some()) {
        true => ("the metrics generator makes series and writes them nowhere", "nothing is logged"),
        false => {
            ("the metrics generator has processors and no storage: it does not run", "one line of the log says so")
        }
    };
    findings.push(
        Diagnostic::new(&RULE, list.span(), message)
            .help("write `metrics_generator.storage` with a `path`, and `remote_write` with the `url` of a Prometheus or Mimir")
            .note(format!("{note}: the service graph and every panel over span metrics stay empty")),
    );
}
