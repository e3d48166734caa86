//! Two trees → what differs in effect: signals that no longer arrive, panels that go empty, alerts that no longer fire,
//! versions that behave otherwise, findings that are new or gone. Texts that differ and do the same are not told.

mod alerts;
mod calls;
mod findings;
mod offers;
mod panels;
mod series;
mod versions;
mod ways;

use std::collections::BTreeMap;

use crate::check::{self, Options, Report};
use crate::diagnostic::Severity;
use crate::link::{self, Linked};
use crate::source::{LineIndex, SourceId, Span};
use crate::symbol::Symbols;
use crate::tree::Tree;

/// What a difference weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Something worked and does so no more.
    Lost,
    /// Something works otherwise.
    Changed,
    /// Something works that did not.
    Gained,
}

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A signal, a query or a scrape on its way.
    Signal,
    /// An alert.
    Alert,
    /// A panel or a dashboard.
    Panel,
    /// A data source.
    Datasource,
    /// A service.
    Service,
    /// A port.
    Port,
    /// The version of an engine.
    Version,
    /// A finding of the check.
    Finding,
}

impl What {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Alert => "alert",
            Self::Panel => "panel",
            Self::Datasource => "data source",
            Self::Service => "service",
            Self::Port => "port",
            Self::Version => "version",
            Self::Finding => "finding",
        }
    }
}

/// A place in one of the trees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it weighs.
    pub weight: Weight,
    /// What it is about.
    pub what: What,
    /// What differs.
    pub text: String,
    /// More about it.
    pub notes: Vec<String>,
    /// Where that stood.
    pub old: Option<Place>,
    /// Where that stands.
    pub new: Option<Place>,
    /// The rule and the weight of a finding.
    pub rule: Option<(&'static str, Severity)>,
}

impl Change {
    fn new(weight: Weight, what: What, text: impl Into<String>) -> Self {
        Self { weight, what, text: text.into(), notes: Vec::new(), old: None, new: None, rule: None }
    }

    fn old(mut self, place: Place) -> Self {
        self.old = Some(place);
        self
    }

    fn new_at(mut self, place: Place) -> Self {
        self.new = Some(place);
        self
    }
}

/// All differences.
#[derive(Debug, Default)]
pub struct Difference {
    /// By weight, subject and text.
    pub changes: Vec<Change>,
}

impl Difference {
    /// Whether something is lost, or an error is new.
    pub fn loses(&self) -> bool {
        self.changes.iter().any(|c| match c.rule {
            Some((_, severity)) => c.weight == Weight::Lost && severity == Severity::Error,
            None => c.weight == Weight::Lost,
        })
    }
}

/// One of the two trees, with all that is asked of it.
struct Side<'a> {
    tree: &'a Tree,
    symbols: &'a Symbols,
    linked: Linked<'a>,
    report: Report,
    lines: BTreeMap<SourceId, LineIndex>,
}

impl<'a> Side<'a> {
    fn of(tree: &'a Tree, symbols: &'a Symbols, options: &Options) -> Self {
        let linked = link::link(tree, symbols);
        let report = check::check(tree, options);
        Self { tree, symbols, linked, report, lines: BTreeMap::new() }
    }

    fn place(&mut self, span: Span) -> Place {
        let source = self.tree.sources.get(span.source);
        let lines = self.lines.entry(span.source).or_insert_with(|| LineIndex::new(&source.text));
        Place { path: source.path.clone(), line: lines.line(span.start) }
    }
}

/// Compares two trees whose paths are told from the same place.
pub fn compare(old: &Tree, new: &Tree, options: &Options) -> Difference {
    let said = |tree| {
        let mut symbols = check::symbols(tree);
        check::flows(tree, &mut symbols);
        symbols
    };
    let (before, after) = (said(old), said(new));
    let mut old = Side::of(old, &before, options);
    let mut new = Side::of(new, &after, options);
    let mut changes = Vec::new();
    calls::compare(&mut old, &mut new, &mut changes);
    ways::compare(&mut old, &mut new, &mut changes);
    offers::compare(&mut old, &mut new, &mut changes);
    panels::compare(&mut old, &mut new, &mut changes);
    alerts::compare(&mut old, &mut new, &mut changes);
    versions::compare(&old, &mut new, &mut changes);
    findings::compare(&mut old, &mut new, &mut changes);
    changes
        .sort_by(|a, b| (a.weight, a.what, &a.text, &a.new, &a.old).cmp(&(b.weight, b.what, &b.text, &b.new, &b.old)));
    changes.dedup_by(|a, b| (a.weight, a.what, &a.text) == (b.weight, b.what, &b.text) && a.rule.is_none());
    Difference { changes }
}

#[cfg(test)]
mod tests;
