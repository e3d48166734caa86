//! Findings as workflow commands of GitHub Actions, which become annotations of the changed lines. Columns count code points.
//!
//! The escapes are those that the runner undoes (`actions/toolkit packages/core/src/command.ts@main`).

use std::io::{self, Write};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

use super::text::clean;
use super::{Format, Lines, Style, View, place};

/// `--format github`.
pub(super) const FORMAT: Format = Format { name: "github", render };

fn render(view: &View<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let lines = view.lines();
    for diagnostic in &view.diagnostics {
        one(view.sources, &lines, diagnostic, out)?;
    }
    Ok(())
}

fn one(sources: &Sources, lines: &Lines, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let at = place(sources, lines, diagnostic.primary.span);
    let (line, end_line) = (at.start.0, at.end.0);
    write!(out, "::{command} file={},line={line},endLine={end_line}", property(at.path))?;
    // Columns of an annotation over several lines are refused.
    if line == end_line {
        write!(out, ",col={},endColumn={}", at.start.1, at.end.1)?;
    }
    writeln!(out, ",title={}::{}", property(diagnostic.rule.id), data(&said(sources, lines, diagnostic)))
}

/// The message with everything that the one annotation has no other place for.
fn said(sources: &Sources, lines: &Lines, diagnostic: &Diagnostic) -> String {
    let mut said = clean(&diagnostic.message);
    for label in &diagnostic.labels {
        let at = place(sources, lines, label.span);
        said += &format!("\n{}:{}:{}: {}", clean(at.path), at.start.0, at.start.1, clean(&label.text));
    }
    for note in &diagnostic.notes {
        said += &format!("\nnote: {}", clean(note));
    }
    if let Some(help) = &diagnostic.help {
        said += &format!("\nhelp: {}", clean(help));
    }
    said
}

/// What stands behind the second `::`. Logs are terminals too: of other controls only the trace is left.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    text.replace(char::is_control, "\u{fffd}")
}

/// What stands behind a `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::source::Span;

    fn text(view: &View<'_>) -> String {
        sample::printed(&FORMAT, view)
    }

    #[test]
    fn the_sample_report_is_one_command_a_finding() {
        let sample = sample::sample();
        insta::assert_snapshot!(text(&sample.view()), @r##"
::warning file=alloy/config.alloy,line=3,endLine=3,col=16,endColumn=28,title=link-port-unserved::nothing listens on port `4317` of `tempo`, so spans are lost%0Atempo/tempo.yaml:2:28: the only port it listens on%0Ahelp: add an OTLP receiver to `tempo`
::error file=tempo/tempo.yaml,line=3,endLine=3,col=1,endColumn=10,title=tempo-removed-key::`compactor` was removed in Tempo 3.0%0Anote: version 3.0.3 from `compose.yaml:4`%0Ahelp: remove `compactor`
"##);
    }

    #[test]
    fn nothing_that_a_file_says_ends_a_command_or_starts_one() {
        let mut sources = Sources::new();
        let id = sources.add("a,b:c%\n::error::x\u{1b}.yaml", "ü\t\u{1b}x\ny");
        let findings = [
            Diagnostic::new(&sample::RULE, Span::new(id, 4..5), "100 %\r\n::stop-commands::x, y: z").help("\u{1b}[31m"),
            Diagnostic::new(&sample::RULE, Span::new(id, 0..7), "over two lines"),
        ];
        let shown = text(&View::of_source(&sources, &findings));
        assert_eq!(shown.lines().count(), 2, "{shown}");
        let path = "file=a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax\u{fffd}.yaml";
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], format!("::error {path},line=1,endLine=2,title=tempo-removed-key::over two lines"));
        let second = format!("::error {path},line=1,endLine=1,col=4,endColumn=5,title=tempo-removed-key::100 %25 ");
        assert!(lines[1].starts_with(&second) && lines[1].contains("%0Ahelp: "), "{shown}");
        assert!(!shown.contains('\u{1b}'));
    }
}
