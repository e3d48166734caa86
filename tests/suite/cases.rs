//! Runs every case page: those of rules (their own rule and syntax) and those of `tests/cases` (everything).

use std::fs;
use std::path::{Path, PathBuf};

use vispyr::diagnostic::{Diagnostic, Severity, Tier};
use vispyr::source::Span;

use crate::adapter::{self, Outcome, ROOT, SYNTAX};
use crate::page::{self, Case, Info};

/// All Markdown files below a folder, in order.
pub(crate) fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_case_of_every_rule_page_holds() {
    let rules = adapter::rules();
    let mut faults = Vec::new();
    for path in pages(&Path::new(ROOT).join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let title = text.lines().next().and_then(|l| l.strip_prefix("# ")).unwrap_or_default();
        match rules.iter().find(|r| r.id == title) {
            Some(rule) => one(&path, &text, Some(rule.id), &mut faults),
            None if path.parent().is_some_and(|p| p.ends_with("rules")) => {
                faults.push(format!("{}: its first line is not `# ` and the id of a rule", path.display()));
            }
            // Other pages under `src/` are templates.
            None => {}
        }
    }
    assert!(faults.is_empty(), "\n{}\n`cargo xtask bless` writes findings and fixed files anew", faults.join("\n"));
}

#[test]
fn every_case_of_every_other_page_holds() {
    let mut faults = Vec::new();
    // Pages of upgrades have another harness.
    let other = |p: &PathBuf| !p.starts_with(Path::new(ROOT).join("tests/cases/upgrade"));
    for path in pages(&Path::new(ROOT).join("tests/cases")).into_iter().filter(other) {
        let text = fs::read_to_string(&path).unwrap();
        one(&path, &text, None, &mut faults);
    }
    assert!(faults.is_empty(), "\n{}\n`cargo xtask bless` writes findings and fixed files anew", faults.join("\n"));
}

/// Holds one page, or writes its expectations.
fn one(path: &Path, text: &str, rule: Option<&str>, faults: &mut Vec<String>) {
    let name = path.strip_prefix(ROOT).unwrap_or(path).display().to_string();
    let page = match page::parse(text) {
        Ok(page) => page,
        Err(error) => return faults.push(format!("{name}: {error}")),
    };
    if adapter::blessing() {
        bless(path, text, rule);
        return;
    }
    let (mut fires, mut silent) = (false, false);
    for case in &page.cases {
        let outcome = run(case, rule, |_| {});
        let speaks = outcome.found.iter().any(|d| rule.is_none_or(|r| d.rule.id == r));
        fires |= speaks;
        silent |= !speaks;
        for fault in check(case, rule, &outcome) {
            faults.push(format!("{name}: {}: {fault}", case.heading));
        }
    }
    if !(fires && silent) {
        faults.push(format!("{name}: a page has a case that fires and one that is silent"));
    }
}

/// The body of the first block of that kind.
fn body<'a>(case: &'a Case, info: &Info) -> Option<&'a str> {
    case.blocks.iter().find(|b| b.info == *info).map(|b| b.body.as_str())
}

/// Runs a case, its files in an order of choice.
fn run(case: &Case, rule: Option<&str>, order: impl Fn(&mut Vec<(&str, &str)>)) -> Outcome {
    let mut files = case.files();
    order(&mut files);
    adapter::run(&files, body(case, &Info::Ignored).unwrap_or_default(), rule)
}

/// What does not hold in a case.
fn check(case: &Case, rule: Option<&str>, outcome: &Outcome) -> Vec<String> {
    let mut faults = Vec::new();
    if case.files().is_empty() {
        return vec!["it has no file".to_owned()];
    }
    let found = adapter::findings(outcome);
    let expected = body(case, &Info::Findings).unwrap_or_default();
    if found != expected {
        faults.push(format!("expected\n{expected}found\n{found}"));
    }
    faults.extend(outcome.found.iter().filter_map(|d| misplaced(outcome, d)));
    if body(case, &Info::Findings) == Some("") {
        faults.push("an empty `findings` block: silence is no block at all".to_owned());
    }
    for order in [|f: &mut Vec<(&str, &str)>| f.reverse(), |f: &mut Vec<(&str, &str)>| f.rotate_left(1)] {
        if adapter::findings(&run(case, rule, order)) != found {
            faults.push("its findings depend on the order of its files".to_owned());
        }
    }
    faults.extend(fixes(case, rule, outcome));
    faults.extend(verdicts(case));
    faults
}

/// Whether a span lies outside of its file or cuts a character.
fn misplaced(outcome: &Outcome, d: &Diagnostic) -> Option<String> {
    let fits = |s: Span| outcome.sources.text(s.source).get(s.range()).is_some();
    let edits = d.fix.iter().flat_map(|f| &f.edits).map(|e| e.span);
    let mut spans = d.labels.iter().map(|l| l.span).chain([d.primary.span]).chain(edits);
    let bad = spans.find(|s| !fits(*s))?;
    Some(format!("`{}` points to bytes {:?}, which are no text of its file", d.message, bad.range()))
}

/// Holds fixes: what they mend is gone, what they leave is what the page says, and there is nothing left to fix.
fn fixes(case: &Case, rule: Option<&str>, outcome: &Outcome) -> Vec<String> {
    let mut faults = Vec::new();
    let fixed = match adapter::fixed(&case.files(), outcome) {
        Ok(fixed) => fixed,
        Err(error) => return vec![error],
    };
    let offered: Vec<&str> = outcome.found.iter().filter(|d| d.fix.is_some()).map(|d| d.rule.id).collect();
    if !offered.is_empty() {
        let files: Vec<(&str, &str)> = fixed.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
        let after = adapter::run(&files, body(case, &Info::Ignored).unwrap_or_default(), rule);
        for left in after.found.iter().filter(|d| d.fix.is_some() || SYNTAX.contains(&d.rule.id)) {
            if offered.contains(&left.rule.id) || SYNTAX.contains(&left.rule.id) {
                let line = adapter::shown(&after.sources, left);
                faults.push(format!("after the fix there is still {line}"));
            }
        }
        match adapter::fixed(&files, &after) {
            Ok(again) if again == fixed => {}
            Ok(_) => faults.push("a second fix changes the files again".to_owned()),
            Err(error) => faults.push(format!("after the fix: {error}")),
        }
    }
    for block in case.blocks.iter().filter(|b| matches!(b.info, Info::Fixed(_))) {
        match fixed.iter().find(|(p, _)| p == block.path()) {
            Some((_, text)) if *text == block.body => {}
            Some((path, text)) => faults.push(format!("`{path}` after the fix is\n{text}")),
            None => faults.push(format!("`{}` is no file of this case", block.path())),
        }
    }
    faults
}

/// Holds what real programs said: refused exactly when a rule that stands for their knowledge finds an error in a file
/// of theirs.
fn verdicts(case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    for block in &case.blocks {
        let Info::Verdict { program, version } = &block.info else { continue };
        let outcome = run(case, None, |_| {});
        // A parser alone says nothing of what stands in the text it read.
        let (engine, only_syntax) = match program.as_str() {
            "alloy-syntax" => ("alloy", true),
            // compose has no numbers of its own for its loader: the module has.
            "compose-go" => ("compose", false),
            engine => (engine, false),
        };
        let own = |d: &Diagnostic| {
            let path = &outcome.sources.get(d.primary.span.source).path;
            outcome.files.iter().any(|(p, e)| p == path && *e == engine)
        };
        if !outcome.files.iter().any(|(_, e)| *e == engine) {
            faults.push(format!("`{program}@{version}` reads no file of this case"));
            continue;
        }
        let error = |d: &&Diagnostic| {
            d.severity == Severity::Error
                && d.rule.tier != Tier::C
                && (!only_syntax || SYNTAX.contains(&d.rule.id))
                && own(d)
        };
        let found = outcome.found.iter().find(error);
        let refused = block.body.starts_with("refused: ");
        match (refused, found) {
            _ if !refused && block.body != "accepted\n" => {
                faults.push(format!("a verdict is `accepted` or `refused: …`, not `{}`", block.body.trim_end()));
            }
            (true, None) => {
                faults.push(format!("`{program}@{version}` refuses it and no error of tier A or B says so"))
            }
            (false, Some(d)) => {
                faults.push(format!("`{program}@{version}` accepts it, yet `{}` is an error", d.message))
            }
            _ => {}
        }
    }
    faults
}

/// Writes the `findings` and `fixed` blocks of a page as they are now, and nothing else.
fn bless(path: &Path, text: &str, rule: Option<&str>) {
    let mut text = text.to_owned();
    let count = page::parse(&text).map_or(0, |p| p.cases.len());
    for n in 0..count {
        let read = |text: &str| page::parse(text).map(|mut p| p.cases.swap_remove(n)).unwrap();
        let case = read(&text);
        let outcome = run(&case, rule, |_| {});
        let found = adapter::findings(&outcome);
        let found = Some(found.as_str()).filter(|f| !f.is_empty());
        let after = |i: &Info| matches!(i, Info::File(_) | Info::Ignored);
        text = page::set(&text, &case, &Info::Findings, "findings", found, after);
        for (file, fixed) in adapter::fixed(&case.files(), &outcome).unwrap_or_default() {
            let info = Info::Fixed(file.clone());
            let case = read(&text);
            if body(&case, &info).is_some() {
                text = page::set(&text, &case, &info, &format!("fixed {file}"), Some(&fixed), after);
            }
        }
    }
    if fs::read_to_string(path).unwrap_or_default() != text {
        fs::write(path, text).unwrap();
    }
}
