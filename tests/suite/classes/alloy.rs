//! What Alloy's components say to each other.

use std::ops::Range;

use vispyr::link::Linked;
use vispyr::source::Span;
use vispyr::symbol::Protocol;
use vispyr::tree::{Artifact, Network};

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
    Class { name: "Alloy: tails sampled in three", rules: &["alloy-tail-sampling-split"], breaks: split },
    Class { name: "Alloy: any certificate", rules: &["sec-insecure-skip-verify"], breaks: unverified },
    Class {
        name: "Alloy: native histograms to an old store",
        rules: &["link-native-histograms-refused"],
        breaks: natives,
    },
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

/// What the service's containers share is sampled by tails.
fn split(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    if host.tree.balances() {
        return;
    }
    for (artifact, text) in files(host) {
        let service = host.tree.service(artifact.uses[0].service);
        let own = matches!(service.network, Network::Named(_)) && service.engine == Some("alloy");
        let first = super::deployment::keys(host, service).and_then(|keys| keys.own_entries().next());
        let Some(key) = first.map(|f| f.key.span()).filter(|_| own && artifact.uses.len() == 1) else { continue };
        let compose = host.text(key.source);
        let start = line(compose, key.range().start).start;
        let head = &compose[start..key.range().start];
        let is_first = head.trim().is_empty() && !head.is_empty();
        for at in places(text, "otelcol.receiver.otlp \"").filter(|_| is_first) {
            let rows = outputs(text, at).unwrap_or_default();
            let Some(row) = rows.iter().map(|r| &text[r.clone()]).find(|r| r.trim().starts_with("traces")) else {
                continue;
            };
            let list = Span::new(artifact.source, {
                let open = text[at..].find(row).unwrap() + at + row.find('[').unwrap() + 1;
                open..open + row[row.find('[').unwrap() + 1..].find(']').unwrap()
            });
            let sampler = format!(
                "\notelcol.processor.tail_sampling \"broken\" {{\n\tpolicy {{\n\t\tname = \"slow\"\n\t\ttype = \"latency\"\n\n\t\tlatency {{\n\t\t\tthreshold_ms = 500\n\t\t}}\n\t}}\n\n\toutput {{\n\t\ttraces = [{}]\n\t}}\n}}\n",
                host.slice(list)
            );
            let m = Break::new(&service.name)
                .edit(list, "otelcol.processor.tail_sampling.broken.input")
                .edit(before(artifact.source, text.len()), sampler)
                .here()
                .edit(before(key.source, start), format!("{head}scale: 3\n"));
            all.push(m.here());
        }
    }
}

/// Endpoints of writers, with the text around them.
fn endpoints(host: &Host) -> impl Iterator<Item = (&Artifact, &str, Range<usize>)> {
    files(host).flat_map(|(artifact, text)| {
        let writers = ["prometheus.remote_write", "loki.write", "pyroscope.write"].into_iter();
        let heads = writers.flat_map(move |c| labels(text, c).into_iter().map(move |l| format!("{c} \"{l}\"")));
        heads.filter_map(move |head| {
            let at = text.find(&head).unwrap();
            Some((artifact, text, next_line(text, at, |l| l.starts_with("url ") || l.starts_with("url="))?))
        })
    })
}

/// A writer leaves for the internet and asks for no proof.
fn unverified(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (artifact, text, row) in endpoints(host) {
        let Some(at) = text[row.clone()].find("\"http").map(|n| row.start + n + 1) else { continue };
        let end = at + text[at..].find('"').unwrap();
        let block = &text[row.start..row.start + text[row.start..].find("\n}").unwrap_or_default()];
        if block.contains("tls_config") {
            continue;
        }
        let m = Break::new(text[row.clone()].trim())
            .edit(before(artifact.source, row.start), "tls_config {\n\tinsecure_skip_verify = true\n}\n")
            .here()
            .edit(Span::new(artifact.source, at..end), "https://in.telemetry-cloud.io/api/v1/write");
        all.push(m.here());
    }
}

/// The store is one that takes native histograms only when it is told to.
fn natives(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for ((owner, url, _), reached) in linked.urls.iter().zip(&linked.reached) {
        let from = owner.artifact.map(|id| host.tree.artifact(id)).filter(|a| a.alloy().is_some());
        let [(to, _)] = reached.as_slice() else { continue };
        let store = host.tree.service(*to);
        let image = store.image.as_ref().filter(|_| store.engine == Some("prometheus") && store.version.is_some());
        let (Some(from), Some(image)) = (from.filter(|_| url.protocol == Protocol::RemoteWrite), image) else {
            continue;
        };
        let text = host.text(from.source);
        let row = line(text, url.span.range().start);
        let told = store.args().is_none_or(|args| args.iter().any(|a| a.text.contains("native-histograms")));
        let written = host.slice(image.span);
        let Some(colon) = written.rfind(':').filter(|_| !written.contains(['$', '@']) && !told) else { continue };
        if !text[row.clone()].trim().starts_with("url") || text.contains("send_native_histograms") {
            continue;
        }
        let tag = image.span.slice(colon + 1..written.trim_end_matches(['"', '\'']).len());
        let m = Break::new(&url.sender)
            .edit(before(from.source, row.start), "send_native_histograms = true\n")
            .here()
            .edit(tag, "v3.7.3");
        all.push(m);
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
