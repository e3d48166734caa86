//! Links between dashboards to one that is not there.

use std::collections::{BTreeSet, HashSet};

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{Board, KINDS, load};
use crate::near::Near;
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-link-dangling",
    aliases: &[],
    summary: "a link of a provisioned dashboard leads to a uid that no dashboard of the tree has",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("link_dangling.md"),
};

/// Dashboards that are looked at for a uid.
const BOARDS: usize = 2_000;

/// Each such uid once. One that is another but for a slip is a warning; one that may have been made by hand is worth a note.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(board) = Board::of(ctx.artifact) else { return };
    let links = board.root.document().nodes().filter_map(|n| Some((n, target(n.as_str()?)?)));
    let links: Vec<(Node<'_>, &str)> = links.collect();
    if links.is_empty() || load::loaders(ctx.tree, ctx.artifact).is_empty() {
        return;
    }
    let boards = ctx.tree.artifacts.iter().filter(|a| KINDS.contains(&a.kind.name)).take(BOARDS);
    let uids: BTreeSet<&str> = boards.filter_map(uid).collect();
    let (near, mut told) = (Near::default(), HashSet::new());
    for (node, uid) in links {
        if uids.contains(uid) || !told.insert(uid) || uids.len() >= BOARDS {
            continue;
        }
        let message = format!("this link leads to `{uid}`, and no dashboard of these files has that uid");
        let mut diagnostic = Diagnostic::new(&RULE, node.inner(), message);
        match near.nearest(uid, uids.iter().copied()) {
            Some(meant) => diagnostic = diagnostic.help(format!("did you mean `{meant}`?")),
            None => diagnostic = diagnostic.severity(Severity::Info).note("it may have been made by hand"),
        }
        findings.push(diagnostic);
    }
}

fn uid(artifact: &crate::tree::Artifact) -> Option<&str> {
    let root = artifact.data()?.root()?;
    let node = root.get("uid").or_else(|| root.at(&["metadata", "name"])).or_else(|| root.at(&["spec", "uid"]))?;
    node.scalar()
}

/// The uid that a link within the same Grafana names: `/d/UID`, `/d/UID/title?…`.
fn target(text: &str) -> Option<&str> {
    if text.len() > 4_096 || text.contains(char::is_whitespace) {
        return None;
    }
    let rest = text.strip_prefix("/d/").or_else(|| text.strip_prefix("d/"))?;
    let uid = rest.split(['/', '?', '#', '&']).next()?;
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (!uid.is_empty() && uid.len() <= 40 && uid.chars().all(sign)).then_some(uid)
}
