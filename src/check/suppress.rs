//! Applies ignore comments, and finds those that silence nothing.

use super::{Options, is_called};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::tree::{Artifact, Suppression, Tree};

/// An ignore comment that silences nothing.
pub(super) static UNUSED: Rule = Rule {
    id: "gen-unused-suppression",
    aliases: &[],
    summary: "an ignore comment that silences nothing",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("unused_suppression.md"),
};

/// Splits findings into those that stay and those that a comment silences; adds a finding for each comment that silences
/// nothing.
pub(super) fn apply(tree: &Tree, found: Vec<Diagnostic>, options: &Options) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let all: Vec<(&Artifact, &Suppression)> =
        tree.artifacts.iter().flat_map(|a| a.suppressions.iter().map(move |s| (a, s))).collect();
    if all.is_empty() {
        return (found, Vec::new());
    }
    let mut used = vec![false; all.len()];
    let (mut kept, mut silenced) = (Vec::new(), Vec::new());
    for diagnostic in found {
        let mut hit = false;
        for (at, (_, suppression)) in all.iter().enumerate() {
            if speaks_of(suppression, &diagnostic) {
                used[at] = true;
                hit = true;
            }
        }
        if hit { silenced.push(diagnostic) } else { kept.push(diagnostic) }
    }
    let rules = super::rules();
    for ((artifact, suppression), used) in all.into_iter().zip(used) {
        // In a file that cannot be read no rule had its say.
        if used || !artifact.syntax.is_empty() {
            continue;
        }
        match rules.iter().find(|r| is_called(r, &suppression.rule)) {
            Some(rule) if !options.wants(rule) => {}
            Some(rule) => {
                let message = format!("nothing here breaks `{}`", rule.id);
                kept.push(Diagnostic::new(&UNUSED, suppression.span, message).help("remove the id from the comment"));
            }
            None => kept.push(unknown(suppression, &rules)),
        }
    }
    (kept, silenced)
}

fn speaks_of(suppression: &Suppression, diagnostic: &Diagnostic) -> bool {
    let (covers, span) = (suppression.covers, diagnostic.primary.span);
    covers.source == span.source
        && (covers.start..=covers.end).contains(&span.start)
        && is_called(diagnostic.rule, &suppression.rule)
}

fn unknown(suppression: &Suppression, rules: &[&'static Rule]) -> Diagnostic {
    let message = format!("there is no rule `{}`", suppression.rule);
    let near = rules.iter().map(|r| (strsim::damerau_levenshtein(r.id, &suppression.rule), r.id)).min();
    let diagnostic = Diagnostic::new(&UNUSED, suppression.span, message);
    match near.filter(|(distance, _)| *distance <= 3) {
        Some((_, id)) => diagnostic.help(format!("did you mean `{id}`?")),
        None => diagnostic.help("`vispyr rules` lists them"),
    }
}
