//! One uid for two dashboards of one Grafana.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{KINDS, load};
use crate::parse::Node;
use crate::tree::Artifact;
use crate::tree::path;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-dash-uid-duplicate",
    aliases: &[],
    summary: "two provisioned dashboards have one uid, so Grafana stops updating both",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("dash_uid_duplicate.md"),
};

/// Files before it that one dashboard is held against: the work for all of them stays bounded.
const BEFORE: usize = 1_000;

/// Every uid that an earlier file of the same service has.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(own) = uid(ctx.artifact) else { return };
    let loaded = load::loaders(ctx.tree, ctx.artifact);
    // Whoever loads a folder loads all of it, known or not.
    let folder = path::folder(&ctx.artifact.path);
    let boards = KINDS.iter().flat_map(|kind| ctx.tree.of_kind(kind).take_while(|(id, _)| *id < ctx.id));
    for (_, other) in boards.take(BEFORE) {
        let Some(first) = uid(other).filter(|n| n.scalar() == own.scalar()) else { continue };
        let theirs = || load::loaders(ctx.tree, other);
        let both = match loaded.is_empty() {
            true => path::folder(&other.path) == folder && theirs().is_empty(),
            false => theirs().iter().any(|o| loaded.iter().any(|l| l.service == o.service)),
        };
        if !both {
            continue;
        }
        let message = format!("`{}` is the uid of another dashboard, too", own.scalar().unwrap_or_default());
        let diagnostic = Diagnostic::new(&RULE, own.inner(), message)
            .label(first.inner(), "the other one")
            .note("Grafana then takes the right to write from their providers: new and changed files are not loaded")
            .help("give one of them another uid");
        let severity = if loaded.is_empty() { Severity::Info } else { RULE.severity };
        findings.push(diagnostic.severity(severity));
        return;
    }
}

fn uid(artifact: &Artifact) -> Option<Node<'_>> {
    let root = artifact.data()?.root()?;
    root.get("uid").filter(|n| n.scalar().is_some_and(|t| !t.is_empty()))
}
