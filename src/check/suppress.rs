//! Applies ignore comments, and finds those that silence nothing.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::ignores::Ignores;
use super::{Options, is_called};
use crate::diagnostic::{Diagnostic, Fix, FixKind, Rule, Severity, Tier};
use crate::near::Near;
use crate::source::{Edit, SourceId, Span};
use crate::tree::{Artifact, Suppression, Tree, path};

/// An ignore comment that silences nothing.
pub(super) static UNUSED: Rule = Rule {
    id: "gen-unused-suppression",
    aliases: &[],
    summary: "an ignore comment, or a line of `[check.ignore]`, that silences nothing",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::Safe,
    since: "0.1.0",
    page: include_str!("unused_suppression.md"),
};

/// Splits findings into those that stay and those that a comment or a `vispyr.toml` silences; adds a finding for each that
/// silences nothing.
pub(super) fn apply(
    tree: &Tree,
    found: Vec<Diagnostic>,
    mut ignores: Ignores<'_>,
    options: &Options,
) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let all: Vec<(&Artifact, &Suppression)> =
        tree.artifacts.iter().flat_map(|a| a.suppressions.iter().map(move |s| (a, s))).collect();
    if all.is_empty() && ignores.is_empty() {
        return (found, Vec::new());
    }
    let index = Index::of(&all);
    let mut used = vec![0isize; all.len() + 1];
    let (mut kept, mut silenced) = (Vec::new(), Vec::new());
    for diagnostic in found {
        // Where both silence a finding, both are of use.
        let mut hit = ignores.silence(tree, &diagnostic);
        for range in index.speak_of(&all, &diagnostic) {
            hit = true;
            used[range.start] += 1;
            used[range.end] -= 1;
        }
        if hit { silenced.push(diagnostic) } else { kept.push(diagnostic) }
    }
    let mut depth = 0;
    let mut is_used = vec![false; all.len()];
    for (at, change) in used.iter().take(all.len()).enumerate() {
        depth += change;
        is_used[index.order[at]] = depth > 0;
    }
    for diagnostic in unused(tree, &all, &is_used, options) {
        if ignores.silence(tree, &diagnostic) { silenced.push(diagnostic) } else { kept.push(diagnostic) }
    }
    kept.extend(ignores.unused(tree, options));
    (kept, silenced)
}

/// A finding for each id that silences nothing, with the edit that takes it away.
fn unused(tree: &Tree, all: &[(&Artifact, &Suppression)], is_used: &[bool], options: &Options) -> Vec<Diagnostic> {
    let rules = super::rules();
    let near = Near::default();
    let alone: HashSet<&str> = super::alone().map(|r| r.id).collect();
    let mut found = Vec::new();
    for comment in (0..all.len()).collect::<Vec<_>>().chunk_by(|a, b| all[*a].1.comment == all[*b].1.comment) {
        let mut idle: Vec<(usize, Diagnostic)> = Vec::new();
        for at in comment.iter().filter(|at| !is_used[**at]) {
            let (artifact, suppression) = all[*at];
            // In a file that cannot be read no rule had its say, and of a file that was named alone none on several.
            let listed = || tree.is_listed(path::folder(&artifact.path));
            match rules.iter().find(|r| is_called(r, &suppression.rule)) {
                _ if !artifact.syntax.is_empty() => {}
                Some(rule) if !options.wants(rule) || !(alone.contains(rule.id) || listed()) => {}
                Some(rule) => {
                    let message = format!("nothing here breaks `{}`", rule.id);
                    let found = Diagnostic::new(&UNUSED, suppression.span, message);
                    idle.push((*at, found.help("remove the id from the comment")));
                }
                None => found.push(unknown(&UNUSED, suppression.span, &suppression.rule, &rules, &near)),
            }
        }
        let stays: Vec<usize> = comment.iter().filter(|c| !idle.iter().any(|(at, _)| at == *c)).copied().collect();
        let spans: Vec<Span> = comment.iter().map(|at| all[*at].1.span).collect();
        for (at, diagnostic) in idle {
            let span = match stays.first() {
                None => all[at].1.comment,
                Some(first) => with_comma(&spans, at - comment[0], first - comment[0]),
            };
            let title = format!("remove `{}` from the comment", all[at].1.rule);
            let edits = vec![Edit { span, text: String::new() }];
            found.push(diagnostic.fix(Fix { title, safe: true, edits }));
        }
    }
    found
}

/// Comments by rule and place. Both ends of what they cover grow with their place, so those that speak of one place
/// stand side by side.
struct Index<'a> {
    /// Places in the list of all, ordered by rule, source and place.
    order: Vec<usize>,
    /// Their ranges in `order`.
    ranges: HashMap<(SourceId, &'a str), Range<usize>>,
}

impl<'a> Index<'a> {
    fn of(all: &[(&'a Artifact, &'a Suppression)]) -> Self {
        let key = |at: usize| (all[at].1.covers.source, all[at].1.rule.as_str());
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|at| (key(*at), all[*at].1.covers.start));
        let mut ranges: HashMap<_, Range<usize>> = HashMap::new();
        for (place, at) in order.iter().enumerate() {
            ranges.entry(key(*at)).or_insert(place..place).end = place + 1;
        }
        Self { order, ranges }
    }

    /// The comments that speak of a finding, as ranges of `order`: by the id of its rule and by each former one.
    fn speak_of(&self, all: &[(&Artifact, &Suppression)], diagnostic: &Diagnostic) -> Vec<Range<usize>> {
        let span = diagnostic.primary.span;
        let names = std::iter::once(&diagnostic.rule.id).chain(diagnostic.rule.aliases);
        let found = names.filter_map(|name| {
            let range = self.ranges.get(&(span.source, *name))?;
            let here = &self.order[range.clone()];
            let from = range.start + here.partition_point(|at| all[*at].1.covers.end < span.start);
            let to = range.start + here.partition_point(|at| all[*at].1.covers.start <= span.start);
            (from < to).then_some(from..to)
        });
        found.collect()
    }
}

/// An item of a list with the comma that goes with it: the one before it where something that stays stands there, else the
/// one behind it.
pub(super) fn with_comma(list: &[Span], at: usize, stays: usize) -> Span {
    if stays < at { Span { start: list[at - 1].end, ..list[at] } } else { Span { end: list[at + 1].start, ..list[at] } }
}

/// An id that no rule has.
pub(super) fn unknown(rule: &'static Rule, span: Span, id: &str, rules: &[&'static Rule], near: &Near) -> Diagnostic {
    let message = format!("there is no rule `{id}`");
    let known = rules.iter().filter_map(|r| Some((near.distance(r.id, id, 3)?, r.id)));
    let diagnostic = Diagnostic::new(rule, span, message);
    match known.min() {
        Some((_, id)) => diagnostic.help(format!("did you mean `{id}`?")),
        None => diagnostic.help("`vispyr rules` lists them"),
    }
}
