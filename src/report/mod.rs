//! View models → bytes: what a run found, as text for people and as JSON for programs. Recomputes nothing.

mod json;
mod text;
mod window;

#[cfg(test)]
mod sample;

use std::io::{self, Write};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;
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
pub static FORMATS: &[Format] = &[json::FORMAT, text::FORMAT];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}

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
            files: tree.artifacts.iter().map(|a| file(&tree.sources, a)).collect(),
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

    /// How many findings have that weight.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    /// Whether a finding is heavy enough to fail the run.
    pub fn fails(&self, deny_warnings: bool) -> bool {
        self.count(Severity::Error) > 0 || (deny_warnings && self.count(Severity::Warning) > 0)
    }
}

fn file(sources: &Sources, artifact: &Artifact) -> FileView {
    let version_from = artifact.version.as_ref().map(|(_, from)| match from {
        VersionFrom::Comment(span) | VersionFrom::Image(span) | VersionFrom::Spec(span) => {
            let source = sources.get(span.source);
            // One place per file: a line table would cost more than counting once.
            let before = source.text.as_bytes().get(..span.start as usize).unwrap_or_default();
            format!("{}:{}", source.path, before.iter().filter(|b| **b == b'\n').count() + 1)
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
