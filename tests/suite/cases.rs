//! Runs every case page: those of rules (their own rule and syntax) and those of `tests/cases` (everything).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vispyr::check::Options;
use vispyr::diagnostic::{Diagnostic, Severity, Tier};
use vispyr::engines;
use vispyr::source::Span;
use vispyr::tree::{RawTree, Settings};

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

#[test]
fn every_rule_that_knows_what_alloy_knows_shows_what_it_said() {
    let ids = |text: &str| text.lines().next().and_then(|l| l.strip_prefix("# ")).unwrap_or_default().to_owned();
    let mut faults = Vec::new();
    for path in pages(&Path::new(ROOT).join("src/engines/alloy/rules")) {
        let text = fs::read_to_string(&path).unwrap();
        let Some(rule) = adapter::rules().into_iter().find(|r| r.id == ids(&text)) else { continue };
        if rule.tier == Tier::C || rule.severity != Severity::Error {
            continue;
        }
        let page = page::parse(&text).unwrap();
        let said = |what: &str| {
            let mut blocks = page.cases.iter().flat_map(|c| &c.blocks);
            blocks.any(|b| {
                matches!(&b.info, Info::Verdict { program, .. } if program == "alloy") && b.body.starts_with(what)
            })
        };
        if !said("refused: ") || !said("accepted") {
            faults.push(format!("{}: it has no verdict of either kind", rule.id));
        }
    }
    assert!(faults.is_empty(), "\n{}\n`cargo xtask verdicts --engines` records them", faults.join("\n"));
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
        let refused = block.body.starts_with("refused: ");
        if !refused && block.body != "accepted\n" {
            faults.push(format!("a verdict is `accepted` or `refused: …`, not `{}`", block.body.trim_end()));
            continue;
        }
        let said = match program.as_str() {
            // A parser alone says nothing of what stands in the text it read.
            "alloy-syntax" => holds(&run(case, None, |_| {}), "alloy", true, refused),
            // compose has no numbers of its own for its loader: the module has.
            "compose-go" => holds(&run(case, None, |_| {}), "compose", false, refused),
            "alloy" => alloy(case, version, refused),
            engine => holds(&run(case, None, |_| {}), engine, false, refused),
        };
        faults.extend(said.err().map(|fault| format!("`{program}@{version}` {fault}")));
    }
    faults
}

/// Holds one verdict with what was found.
fn holds(outcome: &Outcome, engine: &str, only_syntax: bool, refused: bool) -> Result<(), String> {
    if !outcome.files.iter().any(|(_, e)| *e == engine) {
        return Err("reads no file of this case".to_owned());
    }
    let fits = |d: &&Diagnostic| !only_syntax || SYNTAX.contains(&d.rule.id);
    let found = known(outcome, engine).filter(fits).find(|d| d.severity == Severity::Error);
    match (refused, found) {
        (true, None) => Err("refuses it and no error of tier A or B says so".to_owned()),
        (false, Some(d)) => Err(format!("accepts it, yet `{}` is an error", d.message)),
        _ => Ok(()),
    }
}

/// What rules that stand for the knowledge of an engine say of its files.
fn known<'a>(outcome: &'a Outcome, engine: &'a str) -> impl Iterator<Item = &'a Diagnostic> {
    outcome.found.iter().filter(move |d| {
        let path = &outcome.sources.get(d.primary.span.source).path;
        d.rule.tier != Tier::C && outcome.files.iter().any(|(p, e)| p == path && *e == engine)
    })
}

/// Holds what Alloy said when it ran a case at that release: with the deployment that it ran in, and with the files as
/// they are. Without a deployment it may be unknown whether a file runs at all, so that a refusal is there at least
/// suspected; of files side by side nothing need be said.
fn alloy(case: &Case, version: &str, refused: bool) -> Result<(), String> {
    let run = |files: &[(String, String)]| {
        adapter::run_alloy(files, body(case, &Info::Ignored).unwrap_or_default(), version)
            .ok_or_else(|| "is no release".to_owned())
    };
    let files = case.alloy_run(version).ok_or("cannot run this case")?;
    holds(&run(&files)?, "alloy", false, refused)?;
    let bare = run(&case.alloy_at(version))?;
    let says = |least: Severity| known(&bare, "alloy").find(|d| d.severity <= least);
    match says(Severity::Error) {
        Some(d) if !refused => Err(format!("accepts it, yet without a deployment `{}` is an error", d.message)),
        None if refused && case.files().len() == 1 && says(Severity::Warning).is_none() => {
            Err("refuses it and without a deployment nothing of tier A or B says so".to_owned())
        }
        _ => Ok(()),
    }
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

/// Paths are relative where a user stands in the tree, and absolute where a pipeline names it: the findings are the same.
#[test]
fn where_a_tree_lies_changes_nothing() {
    const ROOT_OF_TREE: &str = "/srv/tree/";
    let mut faults = Vec::new();
    for path in ["src", "tests/cases"].iter().flat_map(|folder| pages(&Path::new(ROOT).join(folder))) {
        let Ok(page) = page::parse(&fs::read_to_string(&path).unwrap()) else { continue };
        for case in page.cases.iter().filter(|case| !case.files().is_empty()) {
            let near = RawTree::from_texts(case.files());
            let mut far = RawTree::from_texts([]);
            for (name, text) in case.files() {
                far.add(format!("{ROOT_OF_TREE}{name}"), text.as_bytes().to_vec());
            }
            // Nothing is known of what lies above it.
            far.paths.retain(|at, _| at.starts_with(ROOT_OF_TREE.trim_end_matches('/')));
            let told = |raw: RawTree| -> BTreeSet<String> {
                let tree = engines::tree(raw, &Settings::default());
                let report = vispyr::check::check(&tree, &Options::default());
                let shown = report.diagnostics.iter().map(|d| adapter::shown(&tree.sources, d));
                shown
                    .map(|text| text.replace(ROOT_OF_TREE, "").replace(ROOT_OF_TREE.trim_end_matches('/'), ""))
                    .collect()
            };
            let (near, far) = (told(near), told(far));
            for line in near.symmetric_difference(&far) {
                let side = if near.contains(line) { "relative" } else { "absolute" };
                faults.push(format!("{}: {}: only {side}: {line}", path.display(), case.heading));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join(""));
}
