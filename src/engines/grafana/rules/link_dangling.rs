//! Links between dashboards to one that is not there.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashSet};

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::engines::grafana::board::{Board, KINDS, load};
use crate::near::Near;

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

/// Each such uid once per file. One that is another but for a slip is a warning; one that may have been made by hand is worth
/// a note.
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    if instance.service.is_none() {
        return;
    }
    // Of all dashboards, once something links to one.
    let uids = LazyCell::new(|| {
        let boards = KINDS.iter().flat_map(|kind| instance.tree.of_kind(kind)).take(BOARDS);
        boards.filter_map(|(_, a)| uid(a)).collect::<BTreeSet<&str>>()
    });
    let near = Near::default();
    for (_, file) in &instance.files {
        let Some(board) = Board::of(file) else { continue };
        let mut told = HashSet::new();
        let links = board.root.document().nodes().filter_map(|n| Some((n, target(n.as_str()?)?)));
        for (node, uid) in links {
            if uids.contains(uid) || uids.len() >= BOARDS || !told.insert(uid) {
                continue;
            }
            if told.len() == 1 && load::loaders(instance.tree, file).is_empty() {
                break;
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
