//! Findings as SARIF 2.1.0, which code scanning services and editors read. Columns count code points, and say so.
//!
//! Paths are relative to `SRCROOT`, the folder that vispyr ran in; it is for the reader to say where that is, so that the
//! same findings give the same bytes on every machine.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::check::fingerprints;
use crate::diagnostic::{Diagnostic, Fix, Label, Rule, Severity, Tier};
use crate::source::{SourceId, Sources, Span};

use super::{Format, Lines, Style, View, place};

/// `--format sarif`.
pub(super) const FORMAT: Format = Format { name: "sarif", render };

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The name under which a reader finds the folder that paths are relative to.
const ROOT: &str = "SRCROOT";

fn render(view: &View<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let lines = view.lines();
    let mut rules: Vec<&'static Rule> = view.diagnostics.iter().map(|d| d.rule).collect();
    rules.sort_by_key(|r| r.id);
    rules.dedup_by_key(|r| r.id);
    let index = |d: &Diagnostic| rules.binary_search_by_key(&d.rule.id, |r| r.id).unwrap_or_default();
    let prints = fingerprints(view.sources, &view.diagnostics);
    let results = view.diagnostics.iter().zip(&prints).map(|(d, (print, count))| {
        let mut result = result(view.sources, &lines, d);
        result["ruleIndex"] = json!(index(d));
        // The second name is the one that GitHub looks for.
        let print = format!("{print}:{count}");
        result["partialFingerprints"] = json!({"vispyr/v1": print, "primaryLocationLineHash": print});
        result
    });
    let report = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "vispyr",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|r| rule(r)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that vispyr ran in."}}},
            "artifacts": view.files.iter().map(|f| json!({"location": location(&f.path)})).collect::<Vec<_>>(),
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": skipped(view),
            }],
            "results": results.collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// Files that nothing is said about, and why.
fn skipped(view: &View<'_>) -> Vec<Value> {
    let one = |s: &crate::tree::Skipped| {
        json!({
            "level": "note",
            "message": {"text": format!("left alone: {}", s.reason)},
            "locations": [{"physicalLocation": {"artifactLocation": location(&s.path)}}],
        })
    };
    view.skipped.iter().map(one).collect()
}

fn rule(rule: &Rule) -> Value {
    let text = explanation(rule.page);
    let tier = match rule.tier {
        Tier::A => "A",
        Tier::B => "B",
        Tier::C => "C",
    };
    let help = if text.is_empty() { rule.summary } else { text };
    let summary = sentence(rule.summary);
    json!({
        "id": rule.id,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tier": tier, "since": rule.since},
    })
}

/// What a page says before its first case.
fn explanation(page: &str) -> &str {
    let body = if page.starts_with("# ") { page.split_once('\n').map_or("", |(_, rest)| rest) } else { page };
    body.split("\n## ").next().unwrap_or_default().trim()
}

/// Readers of the format show sentences.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    format!("{}{}.", first.map(String::from_iter).unwrap_or_default(), letters.as_str())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(sources: &Sources, lines: &Lines, diagnostic: &Diagnostic) -> Value {
    let mut said = diagnostic.message.clone();
    for note in &diagnostic.notes {
        said += &format!("\nnote: {note}");
    }
    if let Some(help) = &diagnostic.help {
        said += &format!("\nhelp: {help}");
    }
    let mut result = json!({
        "ruleId": diagnostic.rule.id,
        "level": level(diagnostic.severity),
        "message": {"text": said},
        "locations": [related(sources, lines, &diagnostic.primary)],
    });
    if !diagnostic.labels.is_empty() {
        let labels = diagnostic.labels.iter().enumerate().map(|(at, label)| {
            let mut one = related(sources, lines, label);
            one["id"] = json!(at);
            one
        });
        result["relatedLocations"] = labels.collect();
    }
    // What needs a look must not be one click away.
    if let Some(fix) = diagnostic.fix.as_ref().filter(|f| f.safe) {
        result["fixes"] = json!([mend(sources, lines, fix)]);
    }
    result
}

fn related(sources: &Sources, lines: &Lines, label: &Label) -> Value {
    let path = &sources.get(label.span.source).path;
    let mut one =
        json!({"physicalLocation": {"artifactLocation": location(path), "region": region(sources, lines, label.span)}});
    if !label.text.is_empty() {
        one["message"] = json!({"text": label.text});
    }
    one
}

fn mend(sources: &Sources, lines: &Lines, fix: &Fix) -> Value {
    let mut by_file: BTreeMap<SourceId, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        by_file.entry(edit.span.source).or_default().push(json!({
            "deletedRegion": region(sources, lines, edit.span),
            "insertedContent": {"text": edit.text},
        }));
    }
    let changes = by_file.into_iter().map(
        |(id, replacements)| json!({"artifactLocation": location(&sources.get(id).path), "replacements": replacements}),
    );
    json!({"description": {"text": sentence(&fix.title)}, "artifactChanges": changes.collect::<Vec<_>>()})
}

fn region(sources: &Sources, lines: &Lines, span: Span) -> Value {
    let at = place(sources, lines, span);
    json!({"startLine": at.start.0, "startColumn": at.start.1, "endLine": at.end.0, "endColumn": at.end.1})
}

/// A path as a URI. One that leads up or starts at the root of the machine is relative to no folder that a reader knows.
fn location(path: &str) -> Value {
    let uri = path.split('/').map(encoded).collect::<Vec<_>>().join("/");
    if path.starts_with('/') {
        json!({"uri": format!("file://{uri}")})
    } else if path == ".." || path.starts_with("../") {
        json!({"uri": uri})
    } else {
        json!({"uri": uri, "uriBaseId": ROOT})
    }
}

/// A segment of a path, everything encoded that is not unreserved (RFC 3986 §2.3).
fn encoded(segment: &str) -> String {
    let mut out = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte as char);
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn text(view: &View<'_>) -> String {
        sample::printed(&FORMAT, view)
    }

    #[test]
    fn the_sample_report_is_sarif() {
        let sample = sample::sample();
        insta::assert_snapshot!(text(&sample.view()), @r##"
{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "runs": [
    {
      "artifacts": [
        {
          "location": {
            "uri": "alloy/config.alloy",
            "uriBaseId": "SRCROOT"
          }
        },
        {
          "location": {
            "uri": "tempo/tempo.yaml",
            "uriBaseId": "SRCROOT"
          }
        }
      ],
      "columnKind": "unicodeCodePoints",
      "invocations": [
        {
          "executionSuccessful": true,
          "toolExecutionNotifications": [
            {
              "level": "note",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "values.yaml",
                      "uriBaseId": "SRCROOT"
                    }
                  }
                }
              ],
              "message": {
                "text": "left alone: template"
              }
            }
          ]
        }
      ],
      "originalUriBaseIds": {
        "SRCROOT": {
          "description": {
            "text": "The folder that vispyr ran in."
          }
        }
      },
      "results": [
        {
          "level": "warning",
          "locations": [
            {
              "message": {
                "text": "sent there"
              },
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "alloy/config.alloy",
                  "uriBaseId": "SRCROOT"
                },
                "region": {
                  "endColumn": 28,
                  "endLine": 3,
                  "startColumn": 16,
                  "startLine": 3
                }
              }
            }
          ],
          "message": {
            "text": "nothing listens on port `4317` of `tempo`, so spans are lost\nhelp: add an OTLP receiver to `tempo`"
          },
          "partialFingerprints": {
            "primaryLocationLineHash": "4a0f5c80d46bfb901035fcf55563923b:1",
            "vispyr/v1": "4a0f5c80d46bfb901035fcf55563923b:1"
          },
          "relatedLocations": [
            {
              "id": 0,
              "message": {
                "text": "the only port it listens on"
              },
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "tempo/tempo.yaml",
                  "uriBaseId": "SRCROOT"
                },
                "region": {
                  "endColumn": 32,
                  "endLine": 2,
                  "startColumn": 28,
                  "startLine": 2
                }
              }
            }
          ],
          "ruleId": "link-port-unserved",
          "ruleIndex": 0
        },
        {
          "fixes": [
            {
              "artifactChanges": [
                {
                  "artifactLocation": {
                    "uri": "tempo/tempo.yaml",
                    "uriBaseId": "SRCROOT"
                  },
                  "replacements": [
                    {
                      "deletedRegion": {
                        "endColumn": 1,
                        "endLine": 4,
                        "startColumn": 1,
                        "startLine": 3
                      },
                      "insertedContent": {
                        "text": ""
                      }
                    }
                  ]
                }
              ],
              "description": {
                "text": "Remove `compactor`."
              }
            }
          ],
          "level": "error",
          "locations": [
            {
              "message": {
                "text": "removed in 3.0"
              },
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "tempo/tempo.yaml",
                  "uriBaseId": "SRCROOT"
                },
                "region": {
                  "endColumn": 10,
                  "endLine": 3,
                  "startColumn": 1,
                  "startLine": 3
                }
              }
            }
          ],
          "message": {
            "text": "`compactor` was removed in Tempo 3.0\nnote: version 3.0.3 from `compose.yaml:4`\nhelp: remove `compactor`"
          },
          "partialFingerprints": {
            "primaryLocationLineHash": "1a24b07ed8578c3359db23b10a608712:1",
            "vispyr/v1": "1a24b07ed8578c3359db23b10a608712:1"
          },
          "ruleId": "tempo-removed-key",
          "ruleIndex": 1
        }
      ],
      "tool": {
        "driver": {
          "informationUri": "https://github.com/vispyr/vispyr",
          "name": "vispyr",
          "rules": [
            {
              "defaultConfiguration": {
                "level": "warning"
              },
              "fullDescription": {
                "text": "Nothing listens on the port that is dialled."
              },
              "help": {
                "markdown": "nothing listens on the port that is dialled",
                "text": "nothing listens on the port that is dialled"
              },
              "id": "link-port-unserved",
              "properties": {
                "since": "0.1.0",
                "tier": "C"
              },
              "shortDescription": {
                "text": "Nothing listens on the port that is dialled."
              }
            },
            {
              "defaultConfiguration": {
                "level": "error"
              },
              "fullDescription": {
                "text": "A key that this version no longer has."
              },
              "help": {
                "markdown": "a key that this version no longer has",
                "text": "a key that this version no longer has"
              },
              "id": "tempo-removed-key",
              "properties": {
                "since": "0.1.0",
                "tier": "A"
              },
              "shortDescription": {
                "text": "A key that this version no longer has."
              }
            }
          ],
          "semanticVersion": "0.1.0",
          "version": "0.1.0"
        }
      }
    }
  ],
  "version": "2.1.0"
}
"##);
    }

    #[test]
    fn paths_are_uris() {
        assert_eq!(location("a b/ü#?%:.yaml"), json!({"uri": "a%20b/%C3%BC%23%3F%25%3A.yaml", "uriBaseId": ROOT}));
        assert_eq!(location("/tmp/a.yaml"), json!({"uri": "file:///tmp/a.yaml"}));
        assert_eq!(location("../a.yaml"), json!({"uri": "../a.yaml"}));
    }

    #[test]
    fn columns_count_code_points_and_a_tab_is_one() {
        let mut sources = Sources::new();
        let text = "a\n\t\u{1f600}ü: x\n";
        let id = sources.add("a.yaml", text);
        let at = text.find('x').unwrap();
        let findings = [Diagnostic::new(&sample::RULE, Span::new(id, at..at + 1), "m")];
        let view = View::of_source(&sources, &findings);
        let shown = region(&sources, &view.lines(), findings[0].primary.span);
        assert_eq!(shown, json!({"startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 7}));
    }
}
