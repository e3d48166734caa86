//! Mistakes that people make, and what they are told.

use std::fmt::Write as _;

use vispyr_alloy::parse;

/// `=== name`, the text, `--- said`, then for every error its place, the marked text, the message and the help.
const CASES: &str = include_str!("mistakes.txt");

fn said(text: &str) -> String {
    let mut out = String::new();
    let place = |at: u32| {
        let before = &text[..at as usize];
        let column = before.len() - before.rfind('\n').map_or(0, |i| i + 1) + 1;
        format!("{}:{column}", before.matches('\n').count() + 1)
    };
    for error in parse(text).errors {
        let marked = &text[error.range.start as usize..error.range.end as usize];
        let marked = marked.lines().next().unwrap_or_default();
        writeln!(out, "{} «{marked}» {}", place(error.range.start), error.message).unwrap();
        if let Some((range, what)) = error.related {
            writeln!(out, "    {} {what}", place(range.start)).unwrap();
        }
        if let Some(help) = error.help {
            writeln!(out, "    help: {help}").unwrap();
        }
    }
    out
}

#[test]
fn each_mistake_is_named_and_has_its_place() {
    let mut count = 0;
    for case in CASES.trim_start_matches("=== ").split("\n=== ") {
        let (name, rest) = case.split_once('\n').unwrap();
        let (text, expected) = rest.split_once("--- said\n").unwrap();
        assert_eq!(said(text).trim_end(), expected.trim_end(), "{name}");
        count += 1;
    }
    assert!(count > 40);
}
