//! What differs between two trees, as text, JSON, or Markdown for a pull request.

use std::io::{self, Write};

use serde::Serialize;

use super::clean;
use crate::diagnostic::Severity;
use crate::diff::{Change, Difference, Place, Weight, What};

/// A way to print differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangesFormat {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// For a pull request.
    Markdown,
}

/// Prints.
pub fn render(difference: &Difference, format: ChangesFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ChangesFormat::Text => text(difference, out),
        ChangesFormat::Json => json(difference, out),
        ChangesFormat::Markdown => markdown(difference, out),
    }
}

/// Sections in the order in which they are read: what is lost first, findings last.
const SECTIONS: [(&str, Weight, bool); 5] = [
    ("lost", Weight::Lost, false),
    ("changed", Weight::Changed, false),
    ("gained", Weight::Gained, false),
    ("new findings", Weight::Lost, true),
    ("findings that are gone", Weight::Gained, true),
];

fn section(difference: &Difference, weight: Weight, finding: bool) -> Vec<&Change> {
    let fits = |c: &&Change| c.weight == weight && (c.what == What::Finding) == finding;
    let mut found: Vec<&Change> = difference.changes.iter().filter(fits).collect();
    if finding {
        found.sort_by_key(|c| (c.rule.map(|(_, severity)| severity), c.new.clone(), c.old.clone()));
    }
    found
}

fn place(place: &Place) -> String {
    clean(&format!("{}:{}", place.path, place.line))
}

/// Where a change is looked at: as it stands now, else where it stood.
fn at(change: &Change) -> Option<String> {
    match (&change.new, &change.old) {
        (Some(new), _) => Some(place(new)),
        (None, Some(old)) => Some(format!("{} before", place(old))),
        (None, None) => None,
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn summary(difference: &Difference) -> String {
    let counts = SECTIONS.map(|(name, weight, finding)| (name, section(difference, weight, finding).len()));
    let told: Vec<String> = counts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(name, n)| match *name {
            "new findings" => format!("{n} new finding{}", if *n == 1 { "" } else { "s" }),
            "findings that are gone" => format!("{n} finding{} gone", if *n == 1 { "" } else { "s" }),
            name => format!("{n} {name}"),
        })
        .collect();
    if told.is_empty() { "nothing differs in effect".to_owned() } else { told.join(", ") }
}

fn text(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    for (name, weight, finding) in SECTIONS {
        let changes = section(difference, weight, finding);
        if changes.is_empty() {
            continue;
        }
        writeln!(out, "{name}")?;
        for change in changes {
            let said = clean(&change.text);
            let head = match change.rule {
                Some((rule, weight)) => format!("{}[{rule}]", severity(weight)),
                None => change.what.name().to_owned(),
            };
            writeln!(out, "  {head}: {said}")?;
            if let Some(at) = at(change) {
                writeln!(out, "    at {at}")?;
            }
            for note in &change.notes {
                writeln!(out, "    {}", clean(note))?;
            }
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", summary(difference))
}

/// A line of Markdown in which nothing but code spans means anything.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut code = false;
    for c in clean(text).chars() {
        code ^= c == '`';
        if !code && matches!(c, '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '\\' | '@') {
            out.push('\\');
        }
        out.push(c);
    }
    // What is never closed is no code.
    if code { out.replace('`', "'") } else { out }
}

fn markdown(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### vispyr: {}", summary(difference))?;
    for (name, weight, finding) in SECTIONS {
        let changes = section(difference, weight, finding);
        if changes.is_empty() {
            continue;
        }
        // Who opens a pull request reads what is lost; the rest unfolds.
        let folded = weight != Weight::Lost;
        let title = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        if folded {
            writeln!(out, "\n<details><summary>{title} ({})</summary>\n", changes.len())?;
        } else {
            writeln!(out, "\n**{title}**\n")?;
        }
        for change in changes {
            let head = match change.rule {
                Some((rule, weight)) => format!("{} `{rule}`", severity(weight)),
                None => change.what.name().to_owned(),
            };
            let at = at(change).map_or(String::new(), |at| format!(" (`{}`)", at.replace('`', "'")));
            writeln!(out, "- **{head}**: {}{at}", escaped(&change.text))?;
            for note in &change.notes {
                writeln!(out, "  - {}", escaped(note))?;
            }
        }
        if folded {
            writeln!(out, "\n</details>")?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    /// Whether something is lost, or an error is new.
    loses: bool,
    changes: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    weight: &'static str,
    what: &'static str,
    text: &'a str,
    rule: Option<&'static str>,
    severity: Option<&'static str>,
    notes: &'a [String],
    old: Option<At<'a>>,
    new: Option<At<'a>>,
}

#[derive(Serialize)]
struct At<'a> {
    path: &'a str,
    line: u32,
}

fn json(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    let changes = difference.changes.iter().map(|c| Entry {
        weight: match c.weight {
            Weight::Lost => "lost",
            Weight::Changed => "changed",
            Weight::Gained => "gained",
        },
        what: c.what.name(),
        text: &c.text,
        rule: c.rule.map(|(rule, _)| rule),
        severity: c.rule.map(|(_, weight)| severity(weight)),
        notes: &c.notes,
        old: c.old.as_ref().map(|p| At { path: &p.path, line: p.line }),
        new: c.new.as_ref().map(|p| At { path: &p.path, line: p.line }),
    });
    let report = Report { version: 1, loses: difference.loses(), changes: changes.collect() };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}
