//! What Alloy's components say to each other.

use std::ops::Range;

use vispyr::link::Linked;
use vispyr::source::Span;
use vispyr::tree::Artifact;

use super::hosts::Host;
use super::{Break, Class};
use crate::mutations::edit::{before, line, next_line};

pub(super) const ALL: &[Class] = &[
    Class { name: "Alloy: export misspelt", rules: &["alloy-unknown-export"], breaks: export },
    Class { name: "Alloy: receiver of another family", rules: &["alloy-wrong-receiver"], breaks: family },
    Class {
        name: "Alloy: a signal forwarded nowhere",
        rules: &["alloy-signal-dropped", "alloy-component-unused"],
        breaks: dropped,
    },
    Class { name: "Alloy: a component that nobody feeds", rules: &["alloy-component-unused"], breaks: unused },
    Class { name: "Alloy: sampled before it is counted", rules: &["alloy-sampling-before-metrics"], breaks: sampled },
    Class { name: "Alloy: regular expression", rules: &["alloy-invalid-regex"], breaks: regex },
    Class { name: "Alloy: OTTL", rules: &["alloy-invalid-ottl"], breaks: ottl },
    Class { name: "Alloy: URL without a scheme", rules: &["alloy-url-no-scheme"], breaks: scheme },
];

/// Files that some Alloy runs.
fn files(host: &Host) -> impl Iterator<Item = (&Artifact, &str)> {
    let used = host.tree.artifacts().map(|(_, a)| a).filter(|a| a.alloy().is_some() && !a.uses.is_empty());
    used.map(|a| (a, host.text(a.source)))
}

/// Places of a text outside of comments.
fn places<'t>(text: &'t str, what: &'t str) -> impl Iterator<Item = usize> + 't {
    let code = |at: &usize| !text[line(text, *at).start..*at].contains("//");
    text.match_indices(what).map(|(at, _)| at).filter(code)
}

fn export(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text) in files(host) {
        for (right, wrong) in
            [(".receiver]", "reciever"), (".input]", "inptu"), (".output", "outptu"), (".handler", "handlr")]
        {
            for at in places(text, right) {
                let end = at + right.trim_end_matches(']').len();
                // A reference, whole: neither `.output` of a longer name nor a module's.
                let row = &text[line(text, at).start..at];
                if text[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') || row.contains("module.") {
                    continue;
                }
                let word = row.rsplit([' ', '[', '\t', '(', ',']).next().unwrap_or_default();
                if word.matches('.').count() < 2 || row.contains('"') || word.starts_with("argument") {
                    continue;
                }
                let place = Span::new(artifact.source, at + 1..end);
                all.push(Break::new(format!("{word}{right}")).edit(place, wrong).here());
            }
        }
    }
}

/// The labels of a component's blocks.
fn labels<'t>(text: &'t str, component: &'t str) -> Vec<&'t str> {
    let mut found = Vec::new();
    for at in places(text, component) {
        let rest = &text[at + component.len()..];
        if let Some(label) = rest.strip_prefix(" \"").and_then(|r| r.split('"').next())
            && text[line(text, at).start..at].is_empty()
        {
            found.push(label);
        }
    }
    found
}

fn family(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text) in files(host) {
        let Some(label) = labels(text, "prometheus.remote_write").first().copied() else { continue };
        for at in places(text, ".input]") {
            let start = text[..at].rfind(['[', ' ', '\t', ',']).map_or(0, |n| n + 1);
            if text[start..].starts_with("otelcol.") {
                let place = Span::new(artifact.source, start..at + ".input".len());
                let wrong = format!("prometheus.remote_write.{label}.receiver");
                all.push(Break::new(&text[start..at]).edit(place, wrong).here());
            }
        }
    }
}

/// The lines of a block's `output` that name a signal.
fn outputs(text: &str, at: usize) -> Option<Vec<Range<usize>>> {
    let open = next_line(text, at, |l| l.starts_with("output {") && !l.ends_with('}'))?;
    let close = next_line(text, open.end + 1, |l| l == "}")?;
    let mut rows = Vec::new();
    let mut here = line(text, open.end + 1);
    while here.start < close.start {
        let row = text[here.clone()].trim();
        if ["traces", "metrics", "logs"].iter().any(|s| row.starts_with(s)) && row.ends_with(']') && !row.contains("[]")
        {
            rows.push(here.clone());
        }
        here = line(text, here.end + 1);
    }
    Some(rows)
}

fn dropped(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text) in files(host) {
        for at in places(text, "otelcol.receiver.otlp \"") {
            let rows = outputs(text, at).unwrap_or_default();
            if rows.len() < 2 {
                continue;
            }
            for row in rows {
                let gone = Span::new(artifact.source, row.start..row.end + 1);
                all.push(Break::new(text[row].trim()).edit(gone, ""));
            }
        }
    }
}

/// The only reference to an exporter goes: another of its kind is fed in its place.
fn unused(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text) in files(host) {
        for component in [
            "otelcol.exporter.otlp",
            "otelcol.exporter.otlphttp",
            "prometheus.remote_write",
            "loki.write",
            "otelcol.processor.batch",
        ] {
            for label in labels(text, component) {
                let name = format!("{component}.{label}.");
                let mut used = places(text, &name);
                let (Some(at), None) = (used.next(), used.next()) else { continue };
                let row = line(text, at);
                let list = text[row.clone()].trim();
                let (Some(open), Some(close)) = (text[..at].rfind('['), text[at..].find(']')) else { continue };
                if open < row.start || !list.ends_with([']', ',']) || text[open..at + close].contains(',') {
                    continue;
                }
                // Whoever is told of it: the one that nobody feeds, or the one that sends to nobody.
                let gone = Span::new(artifact.source, open + 1..at + close);
                all.push(Break::new(&name).edit(gone, ""));
            }
        }
    }
}

/// Spans are sampled on their way to what counts them.
fn sampled(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text) in files(host) {
        for component in ["otelcol.connector.spanmetrics", "otelcol.connector.servicegraph"] {
            for label in labels(text, component) {
                let name = format!("{component}.{label}.input");
                let Some(at) = places(text, &name).next() else { continue };
                let sampler = format!(
                    "\notelcol.processor.probabilistic_sampler \"broken\" {{\n\tsampling_percentage = 10\n\toutput {{\n\t\ttraces = [{name}]\n\t}}\n}}\n"
                );
                let head = text.find(&format!("{component} \"{label}\"")).unwrap();
                let end = before(artifact.source, text.len());
                let m = Break::new(&name)
                    .edit(
                        Span::new(artifact.source, at..at + name.len()),
                        "otelcol.processor.probabilistic_sampler.broken.input",
                    )
                    .edit(end, sampler)
                    .here();
                all.push(m.at(Span::new(artifact.source, head..head + component.len())));
            }
        }
    }
}

fn regex(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text) in files(host) {
        for at in places(text, "regex") {
            let rest = &text[at + "regex".len()..];
            let Some(quote) = rest.trim_start().strip_prefix('=').map(str::trim_start).filter(|r| r.starts_with('"'))
            else {
                continue;
            };
            let place = before(artifact.source, text.len() - quote.len() + 1);
            all.push(Break::new(&text[line(text, at)]).edit(place, "(?=x)").here());
        }
    }
}

fn ottl(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text) in files(host) {
        for at in places(text, "set(").chain(places(text, "delete_key(")) {
            let row = &text[line(text, at).start..at];
            if row.ends_with(['`', '"']) {
                let place = Span::new(artifact.source, at..at + 3);
                all.push(Break::new(&text[line(text, at)]).edit(place, "sett").here());
            }
        }
    }
}

fn scheme(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text) in files(host) {
        for component in ["prometheus.remote_write", "loki.write", "pyroscope.write"] {
            for label in labels(text, component) {
                let head = text.find(&format!("{component} \"{label}\"")).unwrap();
                let Some(row) = next_line(text, head, |l| l.starts_with("url ") || l.starts_with("url=")) else {
                    continue;
                };
                let Some(at) = text[row.clone()].find("\"http://").map(|n| row.start + n + 1) else { continue };
                let place = Span::new(artifact.source, at..at + "http://".len());
                all.push(Break::new(text[row].trim()).edit(place, "").here());
            }
        }
    }
}
