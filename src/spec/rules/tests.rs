//! Holds every page against the decoder.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use super::RULES;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{LineIndex, SourceId};
use crate::spec::decode;

/// A case of a page: its heading, the file, and the findings it expects.
struct Case {
    heading: String,
    text: String,
    findings: String,
}

fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut heading = String::new();
    let mut block: Option<(&str, String)> = None;
    for line in page.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(info)) => block = Some((info, String::new())),
            (Some(_), Some(_)) => {
                let Some((info, text)) = block.take() else { continue };
                match info {
                    "toml vispyr.toml" => {
                        cases.push(Case { heading: heading.clone(), text, findings: String::new() });
                    }
                    "findings" => cases.last_mut().expect("a file stands before its findings").findings = text,
                    other => panic!("unknown block `{other}`"),
                }
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    title.clone_into(&mut heading);
                }
            }
        }
    }
    cases
}

fn lines(text: &str, found: &[Diagnostic]) -> String {
    let index = LineIndex::new(text);
    let one = |d: &Diagnostic| {
        let (line, column) = index.position(text, d.primary.span.start);
        let severity = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        format!("vispyr.toml:{line}:{column}: {severity}[{}] {}\n", d.rule.id, d.message)
    };
    found.iter().map(one).collect()
}

#[test]
fn every_page_has_a_firing_and_a_silent_case_and_all_hold() {
    for rule in RULES {
        let cases = cases(rule.page);
        assert!(cases.iter().any(|c| !c.findings.is_empty()), "{}: no case fires", rule.id);
        assert!(cases.iter().any(|c| c.findings.is_empty()), "{}: no case is silent", rule.id);
        for case in cases {
            let (_, found) = decode(SourceId(0), &case.text);
            let own: Vec<Diagnostic> =
                found.into_iter().filter(|d| d.rule.id == rule.id || d.rule.id == "spec-syntax").collect();
            assert_eq!(lines(&case.text, &own), case.findings, "{}: {}", rule.id, case.heading);
        }
    }
}

#[test]
fn rules_are_sorted_and_their_pages_lie_beside_them() {
    assert!(RULES.is_sorted_by_key(|r| r.id));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/spec/rules");
    let names =
        std::fs::read_dir(folder).expect("the folder exists").filter_map(|e| e.ok()?.file_name().into_string().ok());
    let pages: BTreeSet<String> =
        names.filter_map(|n| Some(format!("spec-{}", n.strip_suffix(".md")?.replace('_', "-")))).collect();
    assert!(pages.iter().map(String::as_str).eq(RULES.iter().map(|r| r.id)));
}
