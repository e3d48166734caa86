//! A generator whose series nobody gets.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
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
    let named = |path: &[&str]| root.at(path).map(|n| (n, n.items().filter_map(Node::scalar).collect::<Vec<_>>()));
    let scoped = named(&["overrides", "defaults", "metrics_generator", "processors"]);
    let Some((list, names)) = scoped.or_else(|| named(&["overrides", "metrics_generator_processors"])) else { return };
    // `local-blocks` makes no series.
    if !names.iter().any(|n| n.starts_with("span-metrics") || *n == "service-graphs" || *n == "host-info") {
        return;
    }
    let storage = root.at(&["metrics_generator", "storage"]);
    let written = storage.and_then(|s| s.get("remote_write"));
    if written.is_some_and(|w| w.items().next().is_some() || w.scalar().is_some()) {
        return;
    }
    let tenants = ["per_tenant_override_config", "user_configurable_overrides"];
    if tenants.iter().any(|k| root.at(&["overrides", k]).is_some()) {
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
