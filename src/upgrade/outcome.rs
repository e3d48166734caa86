//! What the check says of the texts that an upgrade would write.

use std::collections::{BTreeMap, HashMap};

use similar::{DiffOp, DiffTag, TextDiff};

use crate::catalogue::Version;
use crate::check::{Options, check, unnumbered};
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::{Step, StepKind};
use crate::engines;
use crate::mend::{encoded, mend};
use crate::source::{SourceId, Span};
use crate::tree::{RawTree, Settings, Tree};

/// Fixes are made as often as that: one may make room for another.
const ROUNDS: usize = 4;

/// What is to be checked.
pub(super) struct Ask<'a> {
    /// The files as they were read.
    pub(super) raw: &'a RawTree,
    /// How they were read.
    pub(super) settings: &'a Settings,
    /// What was made of them.
    pub(super) tree: &'a Tree,
    /// The version that shall run.
    pub(super) to: Version,
}

impl Ask<'_> {
    /// Checks the tree with new texts: errors that were not there before, each at its place in the old text, for a person to
    /// see to. What their own fixes mend without a doubt, in files that may change, is mended in the texts.
    pub(super) fn check(&self, texts: &mut BTreeMap<SourceId, String>, may: &dyn Fn(&str) -> bool) -> Vec<Step> {
        let mut steps = Vec::new();
        if texts.is_empty() {
            return steps;
        }
        let tree = self.tree;
        let options = Options::default();
        let before = check(tree, &options).diagnostics;
        let places: HashMap<&str, SourceId> = tree.sources.iter().map(|(id, s)| (s.path.as_str(), id)).collect();
        for round in 1..=ROUNDS {
            let after = self.with(texts);
            let found = check(&after, &options).diagnostics;
            let new = new_errors((tree, &before), (&after, &found));
            let mut ways: HashMap<SourceId, Vec<DiffOp>> = HashMap::new();
            let mut step = |d: &Diagnostic, kind: StepKind, text: String| {
                let new = after.sources.get(d.primary.span.source);
                let source = *places.get(new.path.as_str())?;
                let old = tree.sources.text(source);
                let way = ways.entry(source).or_insert_with(|| way(old, &new.text));
                let at = origin(old, &new.text, way, d.primary.span.range().start);
                let span = Span::new(source, at..at);
                Some(Step { kind, span, subject: d.rule.id.to_owned(), text, edits: Vec::new() })
            };
            let said = |d: &Diagnostic| format!("an error from {} on: {}", self.to, d.message);
            let (fixed, left): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
                new.into_iter().partition(|d| round < ROUNDS && d.fix.as_ref().is_some_and(|f| f.safe));
            let all: Vec<Diagnostic> = fixed.iter().copied().cloned().collect();
            let mended = mend(&after.sources, &all, may).texts;
            if mended.is_empty() {
                for d in left.into_iter().chain(fixed) {
                    let help = d.help.as_ref().map_or(String::new(), |help| format!("; {help}"));
                    steps.extend(step(d, StepKind::Hand, format!("{}{help}", said(d))));
                }
                break;
            }
            for d in fixed.iter().filter(|d| mended.contains_key(&d.primary.span.source)) {
                let title = d.fix.as_ref().map_or("", |f| &f.title);
                // One that another stood in the way of is made in the next round.
                let told = |s: &Step| {
                    steps
                        .iter()
                        .all(|o: &Step| (&o.subject, &o.text, o.span.source) != (&s.subject, &s.text, s.span.source))
                };
                let made = step(d, StepKind::Edit, format!("{}; {title}", said(d))).filter(told);
                steps.extend(made);
            }
            for (id, text) in mended {
                if let Some(id) = places.get(after.sources.get(id).path.as_str()) {
                    texts.insert(*id, text);
                }
            }
        }
        steps
    }

    /// The tree with other texts.
    fn with(&self, texts: &BTreeMap<SourceId, String>) -> Tree {
        let mut next = self.raw.clone();
        for (id, text) in texts {
            let source = self.tree.sources.get(*id);
            let bytes = self.raw.files.get(&source.path).map(Vec::as_slice).unwrap_or_default();
            if let Some(bytes) = encoded(bytes, &source.text, source.shift, text) {
                next.files.insert(source.path.clone(), bytes);
            }
        }
        engines::tree(next, self.settings)
    }
}

/// The errors of one tree that another one has not.
fn new_errors<'d>(
    (old, before): (&Tree, &[Diagnostic]),
    (new, found): (&Tree, &'d [Diagnostic]),
) -> Vec<&'d Diagnostic> {
    let error = |d: &&Diagnostic| d.severity == Severity::Error;
    // The same words may tell the same fault of another line, and other words that of the same line.
    let said = |tree: &Tree, d: &Diagnostic| key(tree, d, unnumbered(&d.message));
    let errors = unmatched(found.iter().filter(error).collect(), before.iter().map(|d| said(old, d)), |d| said(new, d));
    let line = |tree: &Tree, d: &Diagnostic| key(tree, d, line_of(tree, d));
    unmatched(errors, before.iter().filter(error).map(|d| line(old, d)), |d| line(new, d))
}

type Key = (&'static str, String, String);

fn key(tree: &Tree, diagnostic: &Diagnostic, words: String) -> Key {
    (diagnostic.rule.id, tree.sources.get(diagnostic.primary.span.source).path.clone(), words)
}

fn line_of(tree: &Tree, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.primary.span;
    let text = tree.sources.text(span.source);
    let start = text[..span.range().start].rfind('\n').map_or(0, |n| n + 1);
    text[start..].lines().next().unwrap_or_default().trim().to_owned()
}

/// Those of which there are more than there were.
fn unmatched(
    found: Vec<&Diagnostic>,
    before: impl Iterator<Item = Key>,
    key: impl Fn(&Diagnostic) -> Key,
) -> Vec<&Diagnostic> {
    let mut left: HashMap<Key, usize> = HashMap::new();
    before.for_each(|key| *left.entry(key).or_default() += 1);
    let new = found.into_iter().filter(|d| match left.get_mut(&key(d)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
    new.collect()
}

/// What became of the lines of a text.
fn way(old: &str, new: &str) -> Vec<DiffOp> {
    if old == new {
        return Vec::new();
    }
    TextDiff::from_lines(old, new).ops().to_vec()
}

/// The place in the old text that a place in the new one came of: its own, or the line that stood there.
fn origin(old: &str, new: &str, way: &[DiffOp], at: usize) -> usize {
    if old == new {
        return at;
    }
    let before = &new[..at];
    let line = before.matches('\n').count();
    let column = at - before.rfind('\n').map_or(0, |n| n + 1);
    let Some(op) = way.iter().find(|op| op.new_range().contains(&line)) else { return 0 };
    let lines = op.old_range();
    let same = lines.start + (line - op.new_range().start);
    let start = |line: usize| old.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    if op.tag() == DiffTag::Equal {
        return start(same) + column;
    }
    let line = if same < lines.end { same } else { lines.end.saturating_sub(1).max(lines.start) };
    let start = start(line);
    let text = old[start..].lines().next().unwrap_or_default();
    start + text.len() - text.trim_start().len()
}
