//! One title for two dashboards of one folder.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{KINDS, load};
use crate::parse::Node;
use crate::tree::{Artifact, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-dash-title-duplicate",
    aliases: &[],
    summary: "two provisioned dashboards of one folder have one title, so Grafana stops updating both",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("dash_title_duplicate.md"),
};

/// Files before it that one dashboard is held against: the work for all of them stays bounded.
const BEFORE: usize = 1_000;

/// Every title that an earlier file of the same provider has, where both come into one folder
/// (grafana/grafana pkg/services/provisioning/dashboards/validator.go@417bdf534a41, file_reader.go@669d0865b2ad
/// `dashboardIdentity`).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(own) = text(ctx.artifact, "title") else { return };
    let loaded = load::loaders(ctx.tree, ctx.artifact);
    if loaded.is_empty() {
        return;
    }
    let folder = path::folder(&ctx.artifact.path);
    let boards = KINDS.iter().flat_map(|kind| ctx.tree.of_kind(kind).take_while(|(id, _)| *id < ctx.id));
    for (_, other) in boards.take(BEFORE) {
        let Some(first) = text(other, "title").filter(|n| n.scalar() == own.scalar()) else { continue };
        let uid = |a| text(a, "uid").and_then(Node::scalar);
        // That is told of as such.
        if uid(other).is_some() && uid(other) == uid(ctx.artifact) {
            continue;
        }
        let beside = path::folder(&other.path) == folder;
        let together = load::loaders(ctx.tree, other)
            .into_iter()
            .any(|o| loaded.iter().any(|l| l.service == o.service && l.path == o.path && (beside || !l.by_folder)));
        if together {
            let message =
                format!("`{}` is the title of another dashboard of this folder, too", own.scalar().unwrap_or_default());
            findings.push(
                Diagnostic::new(&RULE, own.inner(), message)
                    .label(first.inner(), "the other one")
                    .note("Grafana logs \"dashboard title is not unique in folder\" and takes the right to write from their provider: new and changed files are not loaded")
                    .help("give one of them another title, or a folder of its own"),
            );
            return;
        }
    }
}

/// A text at the top of a dashboard.
fn text<'a>(artifact: &'a Artifact, key: &str) -> Option<Node<'a>> {
    let root = artifact.data()?.root()?;
    root.get(key).filter(|n| n.scalar().is_some_and(|t| !t.is_empty()))
}
