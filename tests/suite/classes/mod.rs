//! The silent failures by class: each is a way to break a stack that runs, tried on every host that has what it breaks.
//! What must come of it is a finding of the class' rule that names both ends, and that the unbroken stack does not have.
//!
//! Hosts are generated stacks and the whole stacks of the case pages. `VISPYR_HOSTS=DIR[:DIR]` adds real stacks on disk:
//! of those the table is printed, with every miss when `VISPYR_MISSES` is set, and nothing is asserted; `VISPYR_PER_HOST` says
//! how many breaks of a class one stack gets.

mod alloy;
mod configs;
mod deployment;
mod grafana;
mod hosts;
mod urls;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rayon::prelude::*;
use vispyr::check::{self, Options, Report};
use vispyr::diagnostic::{Diagnostic, Severity};
use vispyr::link::Linked;
use vispyr::source::{Edit, Sources, Span};

use crate::mutations::edit::{At, moved};
use hosts::Host;

/// Breaks of one class that are tried on one host.
const PER_HOST: usize = 3;

/// How many of a hundred breaks must be found.
const FOUND: usize = 98;

/// A way to break a stack.
struct Class {
    /// Its row in the table.
    name: &'static str,
    /// Rules that may tell it.
    rules: &'static [&'static str],
    /// Every place of a host where it can be done.
    breaks: fn(&Host, &Linked<'_>, &mut Vec<Break>),
}

/// One break.
#[derive(Debug, Default)]
struct Break {
    /// What is broken.
    what: String,
    /// How; no two overlap.
    edits: Vec<Edit>,
    /// Places that one finding must name, at its head or by a label.
    ends: Vec<At>,
}

impl Break {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }

    /// Writes `text` over `span`.
    fn edit(mut self, span: Span, text: impl Into<String>) -> Self {
        self.edits.push(Edit { span, text: text.into() });
        self
    }

    /// Expects the last edit to be named.
    fn here(mut self) -> Self {
        self.ends.push(At::Edit(self.edits.len() - 1, 0, 0));
        self
    }

    /// Expects a place of the unbroken text to be named.
    fn at(mut self, span: Span) -> Self {
        self.ends.push(At::Old(span));
        self
    }
}

/// All classes.
fn classes() -> Vec<&'static Class> {
    [urls::ALL, deployment::ALL, configs::ALL, grafana::ALL, alloy::ALL].into_iter().flatten().collect()
}

/// What became of a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Found,
    /// The rule speaks anew, of other places.
    Elsewhere,
    Silent,
    /// The rule says the same of the unbroken stack.
    Twin,
}

/// Whether a finding names a place, at its head or by a label.
fn names(sources: &Sources, d: &Diagnostic, path: &str, place: &std::ops::Range<u32>) -> bool {
    let spans = std::iter::once(d.primary.span).chain(d.labels.iter().map(|l| l.span));
    spans.into_iter().any(|s| sources.get(s.source).path == path && s.start <= place.end && place.start <= s.end)
}

/// Whether one finding of the class names all places.
fn told(class: &Class, report: &Report, sources: &Sources, places: &[(String, std::ops::Range<u32>)]) -> bool {
    let own = report.diagnostics.iter().filter(|d| class.rules.contains(&d.rule.id));
    own.into_iter().any(|d| places.iter().all(|(path, place)| names(sources, d, path, place)))
}

fn judge(class: &Class, host: &Host, twin: &Report, one: &Break) -> (Verdict, String) {
    let path = |s: Span| host.tree.sources.get(s.source).path.clone();
    let mut before = Vec::new();
    let mut after = Vec::new();
    for end in &one.ends {
        let span = match *end {
            At::Edit(at, ..) => one.edits[at].span,
            At::Old(span) => span,
        };
        before.push((path(span), span.start..span.end));
        after.push((path(span), moved(&one.edits, span)));
    }
    if told(class, twin, &host.tree.sources, &before) {
        return (Verdict::Twin, String::new());
    }
    let tree = host.broken(&one.edits);
    let report = check::check(&tree, &Options::default());
    if told(class, &report, &tree.sources, &after) {
        return (Verdict::Found, String::new());
    }
    let known: BTreeSet<&str> = twin.diagnostics.iter().map(|d| d.message.as_str()).collect();
    let mut text = String::new();
    let mut verdict = Verdict::Silent;
    for d in report.diagnostics.iter().filter(|d| !known.contains(d.message.as_str())) {
        if class.rules.contains(&d.rule.id) {
            verdict = Verdict::Elsewhere;
        }
        let _ = writeln!(text, "    said: {}", crate::adapter::shown(&tree.sources, d).trim_end());
        for label in &d.labels {
            let _ = writeln!(text, "      with {} `{}`", tree.sources.get(label.span.source).path, label.text);
        }
    }
    let mut head = format!("{verdict:?}: {} | {}: {}\n", host.name, class.name, one.what);
    for (path, place) in &after {
        let content = tree.sources.iter().find(|(_, s)| s.path == *path).map_or("", |(_, s)| &*s.text);
        let line = content.get(..place.start as usize).unwrap_or_default().matches('\n').count() + 1;
        let slice = content.get(place.start as usize..place.end as usize).unwrap_or("?");
        let _ = writeln!(head, "    end: {path}:{line} `{}`", slice.lines().next().unwrap_or_default());
    }
    (verdict, head + &text)
}

/// A row of the table.
#[derive(Default)]
struct Row {
    counts: [usize; 4],
    hosts: BTreeSet<String>,
    misses: String,
}

fn table(hosts: &[Host], per_host: usize) -> Vec<(&'static Class, Row)> {
    let classes = classes();
    let per_host: Vec<Vec<(usize, Verdict, String)>> = hosts
        .par_iter()
        .map(|host| {
            let twin = check::check(&host.tree, &Options::default());
            let linked = host.linked();
            let mut done = Vec::new();
            for (at, class) in classes.iter().enumerate() {
                let mut breaks = Vec::new();
                (class.breaks)(host, &linked, &mut breaks);
                // Every one of few, and some of many from all over the host.
                let step = breaks.len().div_ceil(per_host).max(1);
                for one in breaks.iter().step_by(step) {
                    let (verdict, text) = judge(class, host, &twin, one);
                    done.push((at, verdict, text));
                }
            }
            done
        })
        .collect();
    let mut rows: Vec<(&Class, Row)> = classes.iter().map(|c| (*c, Row::default())).collect();
    for (host, done) in hosts.iter().zip(per_host) {
        for (at, verdict, text) in done {
            let row = &mut rows[at].1;
            row.counts[verdict as usize] += 1;
            row.hosts.insert(host.name.clone());
            row.misses.push_str(&text);
        }
    }
    rows
}

fn show(title: &str, rows: &[(&Class, Row)]) -> String {
    let mut text = format!(
        "{title:<40} {:>6} {:>6} {:>6} {:>10} {:>7} {:>6}\n",
        "hosts", "tried", "found", "elsewhere", "silent", "twin"
    );
    for (class, row) in rows {
        let [found, elsewhere, silent, twin] = row.counts;
        let tried = found + elsewhere + silent;
        let hosts = row.hosts.len();
        let _ =
            writeln!(text, "{:<40} {hosts:>6} {tried:>6} {found:>6} {elsewhere:>10} {silent:>7} {twin:>6}", class.name);
    }
    text
}

#[test]
fn every_class_of_silent_failure_is_found() {
    let hosts = hosts::committed();
    for host in hosts.iter().filter(|h| h.clean) {
        let report = check::check(&host.tree, &Options::default());
        let loud = report.diagnostics.iter().filter(|d| d.severity != Severity::Info);
        let loud: String = loud.map(|d| crate::adapter::shown(&host.tree.sources, d)).collect();
        assert_eq!(loud, "", "{}: unbroken", host.name);
    }
    let rows = table(&hosts, PER_HOST);
    let shown = show("class", &rows);
    println!("{shown}");
    let misses: String = rows.iter().map(|(_, r)| r.misses.as_str()).collect();
    for (class, row) in &rows {
        let [found, elsewhere, silent, twin] = row.counts;
        let tried = found + elsewhere + silent;
        assert!(tried > 0, "nothing has what `{}` breaks\n{shown}", class.name);
        assert!(twin == 0, "`{}` is told of stacks that are not broken\n{shown}", class.name);
        assert!(found * 100 >= tried * FOUND, "`{}`: {found} of {tried}\n{shown}\n{misses}", class.name);
    }
}

/// Stacks that are not part of the repository: what is missed is shown, for a reader to judge.
#[test]
fn classes_on_real_stacks() {
    let hosts = hosts::real();
    if hosts.is_empty() {
        return;
    }
    let per_host = std::env::var("VISPYR_PER_HOST").ok().and_then(|n| n.parse().ok()).unwrap_or(PER_HOST);
    let rows = table(&hosts, per_host);
    println!("{}", show("class, on real stacks", &rows));
    if std::env::var_os("VISPYR_MISSES").is_some() {
        rows.iter().for_each(|(_, row)| println!("{}", row.misses));
    }
}
