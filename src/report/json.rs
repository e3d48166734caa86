//! Findings for programs: version 1 of the JSON that `check --format json` prints. Offsets are bytes of the file on disk.

use std::io::{self, Write};

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Label, Severity, Tier};
use crate::source::{Sources, Span};

use super::{Format, Lines, Style, View, severity};

/// `--format json`.
pub(super) const FORMAT: Format = Format { name: "json", render };

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    summary: Summary,
    files: Vec<File<'a>>,
    skipped: Vec<Skipped<'a>>,
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    skipped: usize,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    kind: &'a str,
    engine: Option<&'a str>,
    engine_version: Option<&'a str>,
    version_from: Option<&'a str>,
}

#[derive(Serialize)]
struct Skipped<'a> {
    path: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    tier: &'a str,
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    notes: &'a [String],
    /// Null until the rules have a site.
    url: Option<&'a str>,
    spans: Vec<Place<'a>>,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    start: u32,
    end: u32,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    label: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    path: &'a str,
    start: u32,
    end: u32,
    text: &'a str,
}

fn render(view: &View<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let lines = view.lines();
    let report = Report {
        version: 1,
        summary: Summary {
            files: view.files.len(),
            errors: view.count(Severity::Error),
            warnings: view.count(Severity::Warning),
            infos: view.count(Severity::Info),
            suppressed: view.suppressed,
            skipped: view.skipped.len(),
        },
        files: view
            .files
            .iter()
            .map(|f| File {
                path: &f.path,
                kind: f.kind,
                engine: f.engine,
                engine_version: f.engine_version.as_deref(),
                version_from: f.version_from.as_deref(),
            })
            .collect(),
        skipped: view.skipped.iter().map(|s| Skipped { path: &s.path, reason: &s.reason }).collect(),
        diagnostics: view.diagnostics.iter().map(|d| finding(view.sources, &lines, d)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn finding<'a>(sources: &'a Sources, lines: &Lines, finding: &'a Diagnostic) -> Finding<'a> {
    Finding {
        rule: finding.rule.id,
        tier: match finding.rule.tier {
            Tier::A => "A",
            Tier::B => "B",
            Tier::C => "C",
        },
        severity: severity(finding.severity),
        message: &finding.message,
        help: finding.help.as_deref(),
        notes: &finding.notes,
        url: None,
        spans: std::iter::once(place(sources, lines, &finding.primary, true))
            .chain(finding.labels.iter().map(|l| place(sources, lines, l, false)))
            .collect(),
        fix: finding.fix.as_ref().map(|fix| Fix {
            title: &fix.title,
            safe: fix.safe,
            edits: fix
                .edits
                .iter()
                .map(|edit| {
                    let (start, end) = on_disk(sources, edit.span);
                    Edit { path: &sources.get(edit.span.source).path, start, end, text: &edit.text }
                })
                .collect(),
        }),
    }
}

fn place<'a>(sources: &'a Sources, lines: &Lines, label: &'a Label, primary: bool) -> Place<'a> {
    let source = sources.get(label.span.source);
    let position = |at| lines.get(&label.span.source).map_or((1, 1), |l| l.position(&source.text, at));
    let (line, column) = position(label.span.start);
    let (end_line, end_column) = position(label.span.end);
    let (start, end) = on_disk(sources, label.span);
    Place { path: &source.path, start, end, line, column, end_line, end_column, label: &label.text, primary }
}

/// Bytes of the file on disk, what stood before the text included.
fn on_disk(sources: &Sources, span: Span) -> (u32, u32) {
    let shift = sources.get(span.source).shift;
    (span.start.saturating_add(shift), span.end.saturating_add(shift))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_sample_report_is_version_one() {
        let sample = sample::sample();
        let mut out = Vec::new();
        render(&sample.view(), &Style::default(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r##"
{
  "version": 1,
  "summary": {
    "files": 2,
    "errors": 1,
    "warnings": 1,
    "infos": 0,
    "suppressed": 2,
    "skipped": 1
  },
  "files": [
    {
      "path": "alloy/config.alloy",
      "kind": "alloy-config",
      "engine": "alloy",
      "engine_version": "1.19.0",
      "version_from": "newest known"
    },
    {
      "path": "tempo/tempo.yaml",
      "kind": "tempo-config",
      "engine": "tempo",
      "engine_version": "3.0.3",
      "version_from": "compose.yaml:4"
    }
  ],
  "skipped": [
    {
      "path": "values.yaml",
      "reason": "template"
    }
  ],
  "diagnostics": [
    {
      "rule": "link-port-unserved",
      "tier": "C",
      "severity": "warning",
      "message": "nothing listens on port `4317` of `tempo`, so spans are lost",
      "help": "add an OTLP receiver to `tempo`",
      "notes": [],
      "url": null,
      "spans": [
        {
          "path": "alloy/config.alloy",
          "start": 58,
          "end": 70,
          "line": 3,
          "column": 16,
          "end_line": 3,
          "end_column": 28,
          "label": "sent there",
          "primary": true
        },
        {
          "path": "tempo/tempo.yaml",
          "start": 38,
          "end": 42,
          "line": 2,
          "column": 28,
          "end_line": 2,
          "end_column": 32,
          "label": "the only port it listens on",
          "primary": false
        }
      ],
      "fix": null
    },
    {
      "rule": "tempo-removed-key",
      "tier": "A",
      "severity": "error",
      "message": "`compactor` was removed in Tempo 3.0",
      "help": "remove `compactor`",
      "notes": [
        "version 3.0.3 from `compose.yaml:4`"
      ],
      "url": null,
      "spans": [
        {
          "path": "tempo/tempo.yaml",
          "start": 44,
          "end": 53,
          "line": 3,
          "column": 1,
          "end_line": 3,
          "end_column": 10,
          "label": "removed in 3.0",
          "primary": true
        }
      ],
      "fix": {
        "title": "remove `compactor`",
        "safe": true,
        "edits": [
          {
            "path": "tempo/tempo.yaml",
            "start": 44,
            "end": 58,
            "text": ""
          }
        ]
      }
    }
  ]
}
"##);
    }
}
