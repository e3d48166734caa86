//! The one place that knows how the suite enters the library.

use std::collections::{BTreeMap, BTreeSet};

use vispyr::catalogue::Version;
use vispyr::check::{Options, rules as all_rules};
use vispyr::diagnostic::{Diagnostic, Rule, Severity};
use vispyr::emitter::Emitted;
use vispyr::engines;
use vispyr::source::{Edit, LineIndex, SourceId, Sources};
use vispyr::stack::Stack;
use vispyr::tree::{RawTree, Settings};

/// The repository.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Rules on text that cannot be read: every page runs them beside its own.
pub(crate) const SYNTAX: &[&str] = &["alloy-syntax", "gen-json-unreadable", "gen-yaml-unreadable", "spec-syntax"];

/// Rules that speak of other rules' findings, so that their pages run everything.
const ABOUT_RULES: &[&str] = &["gen-unused-suppression"];

/// What a check of some files found.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The texts.
    pub(crate) sources: Sources,
    /// The findings.
    pub(crate) found: Vec<Diagnostic>,
    /// Paths with the engine that reads them.
    pub(crate) files: Vec<(String, &'static str)>,
}

/// Every rule, by id.
pub(crate) fn rules() -> Vec<&'static Rule> {
    all_rules()
}

/// Checks files as `vispyr check` would; a `vispyr.toml` by itself is decoded as `vispyr gen` would. With `rule`, only that
/// rule and those on syntax speak.
pub(crate) fn run(files: &[(&str, &str)], ignored: &str, rule: Option<&str>) -> Outcome {
    if let [("vispyr.toml", text)] = files {
        let mut sources = Sources::new();
        let source = sources.add("vispyr.toml", *text);
        let (_, mut found) = vispyr::spec::decode(source, text);
        found.retain(|d| rule.is_none_or(|r| d.rule.id == r || SYNTAX.contains(&d.rule.id)));
        return Outcome { sources, found, files: vec![("vispyr.toml".to_owned(), "")] };
    }
    check(files, ignored, rule, &Settings::default())
}

/// What every rule says of files that are read by that release of Alloy where nothing else names one (`--engine`).
pub(crate) fn run_alloy(files: &[(String, String)], ignored: &str, version: &str) -> Option<Outcome> {
    let engines = BTreeMap::from([("alloy".to_owned(), Version::exact(version)?)]);
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    Some(check(&files, ignored, None, &Settings { engines, ..Settings::default() }))
}

/// Checks files of a tree.
fn check(files: &[(&str, &str)], ignored: &str, rule: Option<&str>, settings: &Settings) -> Outcome {
    let mut raw = RawTree::from_texts(files.iter().copied());
    raw.ignored = ignored.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let tree = engines::tree(raw, settings);
    let select = match rule {
        Some(rule) if !ABOUT_RULES.contains(&rule) => {
            let own = std::iter::once(rule).chain(SYNTAX.iter().copied());
            own.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    let report = vispyr::check::check(&tree, &Options { select, ignore: Vec::new() });
    let files = report.files.iter().map(|f| (f.path.clone(), f.engine)).collect();
    Outcome { sources: tree.sources, found: report.diagnostics, files }
}

/// A finding as pages write it.
pub(crate) fn shown(sources: &Sources, d: &Diagnostic) -> String {
    let source = sources.get(d.primary.span.source);
    let (line, column) = LineIndex::new(&source.text).position(&source.text, d.primary.span.start);
    let severity = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    format!("{}:{line}:{column}: {severity}[{}] {}\n", source.path, d.rule.id, d.message)
}

/// All findings as pages write them.
pub(crate) fn findings(outcome: &Outcome) -> String {
    outcome.found.iter().map(|d| shown(&outcome.sources, d)).collect()
}

/// Files after every edit of every offered fix. The same edit offered twice is made once; edits that overlap are a fault.
pub(crate) fn fixed(files: &[(&str, &str)], outcome: &Outcome) -> Result<Vec<(String, String)>, String> {
    let offered = outcome.found.iter().filter_map(|d| d.fix.as_ref()).flat_map(|f| &f.edits);
    let mut edits: Vec<&Edit> = offered.collect();
    edits.sort_by_key(|e| (e.span, e.text.as_str()));
    edits.dedup();
    let mut out = Vec::new();
    for (path, text) in files {
        let mut result = String::new();
        let mut at = 0;
        for edit in edits.iter().filter(|e| outcome.sources.get(e.span.source).path == *path) {
            let range = edit.span.range();
            if range.start < at {
                return Err(format!("two fixes overlap at byte {} of `{path}`", range.start));
            }
            let before = text.get(at..range.start).ok_or_else(|| format!("an edit lies outside of `{path}`"))?;
            result.push_str(before);
            result.push_str(&edit.text);
            at = range.end;
        }
        result.push_str(text.get(at..).ok_or_else(|| format!("an edit lies outside of `{path}`"))?);
        out.push(((*path).to_owned(), result));
    }
    Ok(out)
}

/// Whether expectations are to be written instead of compared (`cargo xtask bless`).
pub(crate) fn blessing() -> bool {
    std::env::var_os("VISPYR_BLESS").is_some()
}

/// The plan and all files of a valid spec.
pub(crate) fn generate(text: &str) -> (Stack, Vec<Emitted>) {
    let (spec, found) = vispyr::spec::decode(SourceId(0), text);
    let spec = spec.unwrap_or_else(|| panic!("{found:?}\n{text}"));
    let stack = vispyr::stack::plan(&spec);
    let files = vispyr::emit::emit(&stack, &engines::emitter, vispyr::targets::EMITTERS);
    (stack, files)
}
