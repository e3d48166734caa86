//! View models → bytes: what a run found, as text for people and in the words of other programs. Recomputes nothing.

mod changes;
mod github;
pub mod graph;
mod json;
mod junit;
mod sarif;
mod text;
pub mod trace;
mod window;

#[cfg(test)]
mod sample;

pub use changes::{ChangesFormat, render as render_changes};
pub use text::clean;

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{LineIndex, SourceId, Sources, Span};
use crate::tree::{Artifact, Skipped, Tree, VersionFrom};

/// A way to print a [`View`].
#[derive(Debug)]
pub struct Format {
    /// As `--format` takes it.
    pub name: &'static str,
    /// Prints.
    pub render: fn(&View<'_>, &Style, &mut dyn Write) -> io::Result<()>,
}

/// All formats, by name.
pub static FORMATS: &[Format] = &[github::FORMAT, json::FORMAT, junit::FORMAT, sarif::FORMAT, text::FORMAT];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}

/// Lines of texts.
type Lines = BTreeMap<SourceId, LineIndex>;

/// How text is laid out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Whether escape codes for colour may be written.
    pub color: bool,
}

/// One file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// Path as given, `/`-separated.
    pub path: String,
    /// What it is.
    pub kind: &'static str,
    /// The engine that reads it; `None` for files of no engine.
    pub engine: Option<&'static str>,
    /// The version it was held against.
    pub engine_version: Option<String>,
    /// Where that version came from: `compose.yaml:31`, `--engine` or `newest known`.
    pub version_from: Option<String>,
}

/// What a run found, ready to print.
#[derive(Debug)]
pub struct View<'a> {
    /// All texts that findings point into.
    pub sources: &'a Sources,
    /// Files that were looked at, by path.
    pub files: Vec<FileView>,
    /// Findings by path, offset and rule.
    pub diagnostics: Vec<&'a Diagnostic>,
    /// How many findings a comment or an option silenced.
    pub suppressed: usize,
    /// Files that were left alone, and why.
    pub skipped: &'a [Skipped],
}

impl<'a> View<'a> {
    /// The view of findings that concern no tree: errors of `vispyr.toml`.
    pub fn of_source(sources: &'a Sources, diagnostics: &'a [Diagnostic]) -> Self {
        let mut view =
            Self { sources, files: Vec::new(), diagnostics: diagnostics.iter().collect(), suppressed: 0, skipped: &[] };
        view.sort();
        view
    }

    /// The view of a checked tree.
    pub fn of_tree(tree: &'a Tree, diagnostics: &'a [Diagnostic], suppressed: usize) -> Self {
        let mut view = Self {
            sources: &tree.sources,
            files: files(tree),
            diagnostics: diagnostics.iter().collect(),
            suppressed,
            skipped: &tree.skipped,
        };
        view.sort();
        view
    }

    fn sort(&mut self) {
        let sources = self.sources;
        self.diagnostics.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.primary.span.start, d.rule.id, d.primary.span.end);
            let path = |d: &Diagnostic| sources.get(d.primary.span.source).path.as_str();
            path(a).cmp(path(b)).then_with(|| key(a).cmp(&key(b)))
        });
    }

    /// The lines of every text that a finding or its edits point into, found once: a text may have thousands of findings.
    fn lines(&self) -> Lines {
        let mut lines = Lines::new();
        let spans = self.diagnostics.iter().flat_map(|d| {
            let labels = std::iter::once(&d.primary).chain(&d.labels).map(|l| l.span);
            labels.chain(d.fix.iter().flat_map(|f| &f.edits).map(|e| e.span))
        });
        for id in spans.map(|s| s.source) {
            lines.entry(id).or_insert_with(|| LineIndex::new(self.sources.text(id)));
        }
        lines
    }

    /// How many findings have that weight.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    /// Whether a finding is heavy enough to fail the run.
    pub fn fails(&self, deny_warnings: bool) -> bool {
        self.count(Severity::Error) > 0 || (deny_warnings && self.count(Severity::Warning) > 0)
    }
}

fn files(tree: &Tree) -> Vec<FileView> {
    let mut lines = Lines::new();
    tree.artifacts.iter().map(|a| file(&tree.sources, &mut lines, a)).collect()
}

fn file(sources: &Sources, lines: &mut Lines, artifact: &Artifact) -> FileView {
    let version_from = artifact.version.as_ref().map(|(_, from)| match from {
        VersionFrom::Comment(span)
        | VersionFrom::Image(span)
        | VersionFrom::Neighbour(span)
        | VersionFrom::Unknown(span)
        | VersionFrom::Several(span)
        | VersionFrom::Spec(span) => {
            let source = sources.get(span.source);
            let lines = lines.entry(span.source).or_insert_with(|| LineIndex::new(&source.text));
            format!("{}:{}", source.path, lines.line(span.start))
        }
        VersionFrom::Option => "--engine".to_owned(),
        VersionFrom::Newest => "newest known".to_owned(),
    });
    FileView {
        path: artifact.path.clone(),
        kind: artifact.kind.name,
        engine: Some(artifact.kind.engine).filter(|e| !e.is_empty()),
        engine_version: artifact.version.as_ref().map(|(v, _)| v.to_string()),
        version_from,
    }
}

/// A place as formats name it: 1-based lines, and columns that count code points.
struct Place<'a> {
    path: &'a str,
    start: (u32, u32),
    end: (u32, u32),
}

fn place<'a>(sources: &'a Sources, lines: &Lines, span: Span) -> Place<'a> {
    let source = sources.get(span.source);
    let position = |at| lines.get(&span.source).map_or((1, 1), |l| l.position(&source.text, at));
    Place { path: &source.path, start: position(span.start), end: position(span.end) }
}

/// `error`, `warning`, `info`.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_one_name_each_in_order() {
        let names: Vec<_> = FORMATS.iter().map(|f| f.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
    }
}
