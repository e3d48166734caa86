//! Findings for people: every place of a finding is shown, in as many files as it has. The only file that knows the renderer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{SourceId, Sources};

use super::window::{fit, windows};
use super::{Format, Lines, Style, View};

/// `--format text`.
pub(super) const FORMAT: Format = Format { name: "text", render };

/// Files left alone that are named one by one; the rest is counted.
const SKIPPED: usize = 10;

fn render(view: &View<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let lines = view.lines();
    for diagnostic in &view.diagnostics {
        finding(&renderer, view.sources, &lines, diagnostic, out)?;
    }
    for skipped in view.skipped.iter().take(SKIPPED) {
        writeln!(out, "skipped {}: {}", clean(&skipped.path), clean(&skipped.reason))?;
    }
    if view.skipped.len() > SKIPPED {
        writeln!(out, "skipped {} more files", view.skipped.len() - SKIPPED)?;
    }
    writeln!(out, "{}", summary(view))
}

/// The last line.
fn summary(view: &View<'_>) -> String {
    let count = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    let mut line = format!(
        "{}, {}, {} info",
        count(view.count(Severity::Error), "error"),
        count(view.count(Severity::Warning), "warning"),
        view.count(Severity::Info)
    );
    if !view.files.is_empty() {
        line += &format!(" in {}", count(view.files.len(), "file"));
    }
    let mut aside = Vec::new();
    if view.suppressed > 0 {
        aside.push(format!("{} suppressed", view.suppressed));
    }
    if !view.skipped.is_empty() {
        aside.push(count(view.skipped.len(), "file") + " skipped");
    }
    if aside.is_empty() { line } else { format!("{line} ({})", aside.join(", ")) }
}

fn finding(
    renderer: &Renderer,
    sources: &Sources,
    lines: &Lines,
    finding: &Diagnostic,
    out: &mut dyn Write,
) -> io::Result<()> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    // The renderer leaves ids as they are; ours are constants. Titles and labels it cleans of escape codes itself.
    let mut group = level.primary_title(clean(&finding.message)).id(finding.rule.id).elements(None::<Origin<'_>>);
    let mut by_file: Vec<(SourceId, Vec<(bool, &Label)>)> = Vec::new();
    let labels = std::iter::once((true, &finding.primary)).chain(finding.labels.iter().map(|l| (false, l)));
    for (primary, label) in labels {
        match by_file.iter_mut().find(|(id, _)| *id == label.span.source) {
            Some((_, labels)) => labels.push((primary, label)),
            None => by_file.push((label.span.source, vec![(primary, label)])),
        }
    }
    let cleaned: BTreeMap<SourceId, String> =
        by_file.iter().map(|(id, _)| (*id, clean(&sources.get(*id).path))).collect();
    for (id, labels) in &by_file {
        let secrets: Vec<_> = finding.secrets.iter().filter(|s| s.source == *id).map(|s| s.range()).collect();
        for snippet in snippets(sources, lines, *id, &cleaned[id], labels, &secrets) {
            group = match snippet {
                Piece::Place(origin) => group.element(origin),
                Piece::Lines(snippet) => group.element(snippet),
            };
        }
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(clean(note)));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    let groups: [Group<'_>; 1] = [group];
    writeln!(out, "{}\n", renderer.render(&groups))
}

enum Piece<'a> {
    Place(Origin<'a>),
    Lines(Snippet<'a, annotate_snippets::Annotation<'a>>),
}

fn snippets<'a>(
    sources: &'a Sources,
    lines: &Lines,
    id: SourceId,
    path: &'a str,
    labels: &[(bool, &'a Label)],
    secrets: &[Range<usize>],
) -> Vec<Piece<'a>> {
    let text = sources.text(id);
    let Some(lines) = lines.get(&id) else { return vec![Piece::Place(Origin::path(path))] };
    if labels.len() == 1 && labels[0].1.span.range() == (0..0) {
        // A finding about a whole file: its first line is no evidence.
        return vec![Piece::Place(Origin::path(path))];
    }
    let ranges: Vec<_> = labels.iter().map(|(_, l)| fit(text, &l.span.range())).collect();
    let mut pieces = Vec::new();
    for window in windows(text, lines, &ranges) {
        let shown = masked(uncontrolled(&text[window.bytes.clone()]), window.bytes.start, secrets);
        let mut snippet = Snippet::source(shown).line_start(window.line);
        if window.cut {
            // Columns of a cut line cannot be counted by the renderer.
            let first = window.members.iter().min().map_or(0, |m| ranges[*m].start);
            let (line, column) = lines.position(text, first as u32);
            pieces.push(Piece::Place(Origin::path(path).line(line as usize).char_column(column as usize)));
        } else {
            snippet = snippet.path(path);
        }
        for member in &window.members {
            let (primary, label) = labels[*member];
            let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let at = |n: usize| n.clamp(window.bytes.start, window.bytes.end) - window.bytes.start;
            let annotation = kind.span(at(ranges[*member].start)..at(ranges[*member].end));
            let said = (!label.text.is_empty()).then(|| clean(&label.text));
            snippet = snippet.annotation(annotation.label(said));
        }
        pieces.push(Piece::Lines(snippet));
    }
    pieces
}

/// Text without escape codes and without line breaks, whoever wrote it.
pub fn clean(text: &str) -> String {
    let text = uncontrolled(text);
    if text.contains(['\n', '\r']) {
        normalize_untrusted_str(&text.replace(['\n', '\r'], " "))
    } else {
        normalize_untrusted_str(&text)
    }
}

/// A text that begins at an offset, with a sign in place of every byte of a secret.
fn masked<'a>(text: Cow<'a, str>, from: usize, secrets: &[Range<usize>]) -> Cow<'a, str> {
    let hidden = |at: usize| secrets.iter().any(|s| s.contains(&at));
    if secrets.is_empty() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\n' | '\r' => out.push(c),
            _ if hidden(from + at) => out.extend(std::iter::repeat_n('*', c.len_utf8())),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Text without C1 controls, of which U+009B starts an escape code by itself: the renderer knows those of ASCII alone. What
/// stands in their place is as long, so that ranges stay.
fn uncontrolled(text: &str) -> Cow<'_, str> {
    let is_c1 = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    if text.contains(is_c1) { Cow::Owned(text.replace(is_c1, "\u{b7}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn text(view: &View<'_>, color: bool) -> String {
        let mut out = Vec::new();
        render(view, &Style { color }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_sample_report_reads_without_colour() {
        let sample = sample::sample();
        insta::assert_snapshot!(text(&sample.view(), false), @r##"
warning[link-port-unserved]: nothing listens on port `4317` of `tempo`, so spans are lost
 --> alloy/config.alloy:3:16
  |
3 |     endpoint = "tempo:4317"
  |                ^^^^^^^^^^^^ sent there
  |
 ::: tempo/tempo.yaml:2:28
  |
2 | server: {http_listen_port: 3200}
  |                            ---- the only port it listens on
  |
  = help: add an OTLP receiver to `tempo`

error[tempo-removed-key]: `compactor` was removed in Tempo 3.0
 --> tempo/tempo.yaml:3:1
  |
3 | compactor: {}
  | ^^^^^^^^^ removed in 3.0
  |
  = note: version 3.0.3 from `compose.yaml:4`
  = help: remove `compactor`

skipped values.yaml: template
1 error, 1 warning, 0 info in 2 files (2 suppressed, 1 file skipped)
"##);
    }

    #[test]
    fn colour_is_written_only_when_asked_for() {
        let sample = sample::sample();
        assert!(!text(&sample.view(), false).contains('\u{1b}'));
        assert!(text(&sample.view(), true).contains('\u{1b}'));
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut sources = Sources::new();
        let body = "user: admin\npassword: h\u{fc}nter2\n";
        let id = sources.add("a.yml", body.to_owned());
        let at = body.find('h').unwrap();
        let span = crate::source::Span::new(id, at..body.len() - 1);
        let findings = [Diagnostic { secrets: vec![span], ..Diagnostic::new(&sample::RULE, span, "found") }];
        let shown = text(&View::of_source(&sources, &findings), false);
        assert!(shown.contains("password: ********") && !shown.contains("nter2"), "{shown}");
    }

    #[test]
    fn a_huge_line_is_shown_in_part_with_its_true_column() {
        let mut sources = Sources::new();
        let body = format!("{}\u{1b}[31mX{}", "é".repeat(1 << 19), "b".repeat(1 << 19));
        let at = body.find('X').unwrap();
        let id = sources.add("big.json", body);
        let findings = [Diagnostic::new(&sample::RULE, crate::source::Span::new(id, at..at + 1), "found").here("it")];
        let shown = text(&View::of_source(&sources, &findings), false);
        assert!(shown.contains("big.json:1:524294"), "{shown}");
        assert!(shown.len() < 4000 && !shown.contains('\u{1b}'), "{}", shown.len());
    }
}
