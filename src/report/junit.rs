//! Findings as JUnit XML, for what draws test reports: a file is a suite, a finding a case that fails, a file without findings
//! a case that passes. Holds no time, so that the same findings give the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::diagnostic::{Diagnostic, Severity};

use super::text::clean;
use super::{Format, Lines, Style, View, place, severity};

/// `--format junit`.
pub(super) const FORMAT: Format = Format { name: "junit", render };

/// One suite.
#[derive(Default)]
struct Suite<'a> {
    found: Vec<&'a Diagnostic>,
    skipped: Option<&'a str>,
}

impl Suite<'_> {
    /// Tests, failures and skipped ones. What is only worth knowing fails nothing.
    fn counts(&self) -> (usize, usize, usize) {
        let failures = self.found.iter().filter(|d| d.severity != Severity::Info).count();
        (self.found.len().max(1), failures, usize::from(self.found.is_empty() && self.skipped.is_some()))
    }
}

fn render(view: &View<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<&str, Suite<'_>> = BTreeMap::new();
    for file in &view.files {
        suites.entry(&file.path).or_default();
    }
    for skipped in view.skipped {
        suites.entry(&skipped.path).or_default().skipped = Some(&skipped.reason);
    }
    for diagnostic in &view.diagnostics {
        suites.entry(&view.sources.get(diagnostic.primary.span.source).path).or_default().found.push(diagnostic);
    }
    let all = suites.values().map(Suite::counts).fold((0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
    let counts = |(tests, failures, skipped): (usize, usize, usize)| {
        format!(r#"tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}" time="0""#)
    };
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="vispyr" {}>"#, counts(all))?;
    let lines = view.lines();
    for (path, suite) in &suites {
        writeln!(out, r#"  <testsuite name="{}" {}>"#, escape(path), counts(suite.counts()))?;
        write!(out, "{}", cases(view, &lines, path, suite))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn cases(view: &View<'_>, lines: &Lines, path: &str, suite: &Suite<'_>) -> String {
    let class = escape(path);
    if suite.found.is_empty() {
        return match suite.skipped {
            Some(reason) => format!(
                "    <testcase name=\"check\" classname=\"{class}\" time=\"0\">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                escape(reason)
            ),
            None => format!("    <testcase name=\"check\" classname=\"{class}\" time=\"0\"/>\n"),
        };
    }
    let mut out = String::new();
    for diagnostic in &suite.found {
        let (line, column) = place(view.sources, lines, diagnostic.primary.span).start;
        let body = escape(&said(view, lines, diagnostic));
        let _ = writeln!(
            out,
            r#"    <testcase name="{}:{line}:{column}" classname="{class}" file="{class}" line="{line}" time="0">"#,
            escape(diagnostic.rule.id),
        );
        let _ = match diagnostic.severity {
            Severity::Info => writeln!(out, "      <system-out>{body}</system-out>"),
            weight => writeln!(
                out,
                r#"      <failure message="{}" type="{}">{body}</failure>"#,
                escape(&diagnostic.message),
                severity(weight)
            ),
        };
        out += "    </testcase>\n";
    }
    out
}

fn said(view: &View<'_>, lines: &Lines, diagnostic: &Diagnostic) -> String {
    let at = |span| {
        let at = place(view.sources, lines, span);
        format!("{}:{}:{}", clean(at.path), at.start.0, at.start.1)
    };
    let mut said = format!(
        "{}: {}[{}] {}",
        at(diagnostic.primary.span),
        severity(diagnostic.severity),
        diagnostic.rule.id,
        clean(&diagnostic.message)
    );
    for label in &diagnostic.labels {
        said += &format!("\n{}: {}", at(label.span), clean(&label.text));
    }
    for note in &diagnostic.notes {
        said += &format!("\nnote: {}", clean(note));
    }
    if let Some(help) = &diagnostic.help {
        said += &format!("\nhelp: {}", clean(help));
    }
    said
}

/// Text as content or as an attribute. XML 1.0 has no form at all for most controls: a sign stands in their place.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&apos;",
            '\t' | '\n' | '\r' => _ = write!(out, "&#{};", c as u32),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{FileView, sample};
    use super::*;
    use crate::source::{Sources, Span};

    fn text(view: &View<'_>) -> String {
        sample::printed(&FORMAT, view)
    }

    #[test]
    fn the_sample_report_has_a_suite_a_file() {
        let sample = sample::sample();
        insta::assert_snapshot!(text(&sample.view()), @r##"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="vispyr" tests="3" failures="2" errors="0" skipped="1" time="0">
  <testsuite name="alloy/config.alloy" tests="1" failures="1" errors="0" skipped="0" time="0">
    <testcase name="link-port-unserved:3:16" classname="alloy/config.alloy" file="alloy/config.alloy" line="3" time="0">
      <failure message="nothing listens on port `4317` of `tempo`, so spans are lost" type="warning">alloy/config.alloy:3:16: warning[link-port-unserved] nothing listens on port `4317` of `tempo`, so spans are lost&#10;tempo/tempo.yaml:2:28: the only port it listens on&#10;help: add an OTLP receiver to `tempo`</failure>
    </testcase>
  </testsuite>
  <testsuite name="tempo/tempo.yaml" tests="1" failures="1" errors="0" skipped="0" time="0">
    <testcase name="tempo-removed-key:3:1" classname="tempo/tempo.yaml" file="tempo/tempo.yaml" line="3" time="0">
      <failure message="`compactor` was removed in Tempo 3.0" type="error">tempo/tempo.yaml:3:1: error[tempo-removed-key] `compactor` was removed in Tempo 3.0&#10;note: version 3.0.3 from `compose.yaml:4`&#10;help: remove `compactor`</failure>
    </testcase>
  </testsuite>
  <testsuite name="values.yaml" tests="1" failures="0" errors="0" skipped="1" time="0">
    <testcase name="check" classname="values.yaml" time="0">
      <skipped message="template"/>
    </testcase>
  </testsuite>
</testsuites>
"##);
    }

    #[test]
    fn a_clean_file_passes_and_what_is_no_xml_is_replaced() {
        let mut sources = Sources::new();
        let id = sources.add("a&<b>\"'.yaml", "x");
        let findings = [Diagnostic::new(&sample::RULE, Span::new(id, 0..1), "a \0 \u{1b} ]]> & \u{ffff}\n<x>")];
        let mut view = View::of_source(&sources, &findings);
        let clean = |path: &str| FileView {
            path: path.into(),
            kind: "compose",
            engine: None,
            engine_version: None,
            version_from: None,
        };
        view.files = vec![clean("clean.yaml")];
        let shown = text(&view);
        assert!(shown.contains("<testcase name=\"check\" classname=\"clean.yaml\" time=\"0\"/>"), "{shown}");
        assert!(shown.contains("name=\"a&amp;&lt;b&gt;&quot;&apos;.yaml\" tests=\"1\" failures=\"1\""), "{shown}");
        assert!(shown.contains("message=\"a \u{fffd} \u{fffd} ]]&gt; &amp; \u{fffd}&#10;&lt;x&gt;\""), "{shown}");
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown}");
    }
}
