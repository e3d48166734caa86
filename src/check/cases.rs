//! Runs the page of every rule: its cases are its tests.

use std::collections::BTreeSet;

use super::{Options, check, rules};
use crate::diagnostic::Severity;
use crate::engines;
use crate::source::LineIndex;
use crate::tree::{RawTree, Settings, Tree};

/// One heading of a page.
struct Case<'a> {
    title: &'a str,
    files: Vec<(&'a str, String)>,
    ignored: BTreeSet<String>,
    findings: String,
}

fn cases(page: &str) -> Vec<Case<'_>> {
    let mut all: Vec<Case<'_>> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            all.push(Case { title, files: Vec::new(), ignored: BTreeSet::new(), findings: String::new() });
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: String = lines.by_ref().take_while(|l| *l != "```").map(|l| format!("{l}\n")).collect();
        let Some(case) = all.last_mut() else { continue };
        match info.split_once(' ') {
            None if info == "findings" => case.findings = body,
            None if info == "ignored" => case.ignored = body.lines().map(str::to_owned).collect(),
            Some((language, path)) if !["verdict", "source"].contains(&language) => case.files.push((path, body)),
            _ => {}
        }
    }
    all
}

/// Findings as pages write them: `path:line:column: severity[rule] message`.
fn shown(tree: &Tree, options: &Options) -> String {
    let mut out = String::new();
    for d in check(tree, options).diagnostics {
        let source = tree.sources.get(d.primary.span.source);
        assert!(source.text.get(d.primary.span.range()).is_some(), "a span outside of its file: {}", d.message);
        for label in &d.labels {
            assert!(tree.sources.text(label.span.source).get(label.span.range()).is_some(), "{}", label.text);
        }
        let (line, column) = LineIndex::new(&source.text).position(&source.text, d.primary.span.start);
        let severity = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        out.push_str(&format!("{}:{line}:{column}: {severity}[{}] {}\n", source.path, d.rule.id, d.message));
    }
    out
}

#[test]
fn every_case_of_every_page_finds_what_it_says() {
    let mut wrong = String::new();
    for rule in rules() {
        let cases = cases(rule.page);
        // A rule page speaks of its own rule; unreadable files are told all the same.
        let mut select = vec![rule.id.to_owned(), "gen-yaml-unreadable".into(), "gen-json-unreadable".into()];
        if rule.id == super::suppress::UNUSED.id {
            select.clear();
        }
        let options = Options { select, ignore: Vec::new() };
        for case in &cases {
            let mut raw = RawTree::from_texts(case.files.iter().map(|(p, t)| (*p, t.as_str())));
            raw.ignored = case.ignored.clone();
            let tree = engines::tree(raw, &Settings::default());
            let got = shown(&tree, &options);
            if got != case.findings {
                let (id, title, want) = (rule.id, case.title, &case.findings);
                wrong.push_str(&format!("{id}: {title}\nexpected:\n{want}found:\n{got}\n"));
            }
        }
        let fires = cases.iter().any(|c| c.findings.contains(rule.id));
        let silent = cases.iter().any(|c| !c.findings.contains(rule.id));
        if !(fires && silent) {
            wrong.push_str(&format!("{}: one case must fire and one be silent\n", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
