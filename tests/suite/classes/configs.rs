//! What an engine's own config says, and nobody complains of.

use vispyr::lang::promql;
use vispyr::link::Linked;
use vispyr::parse::Node;
use vispyr::source::Span;
use vispyr::symbol::{Export, Import, MetricFamily};
use vispyr::tree::Service;

use super::hosts::Host;
use super::{Break, Class};
use crate::mutations::edit::line;
use crate::mutations::trees::ways;

pub(super) const ALL: &[Class] = &[
    Class { name: "Tempo: generator without processors", rules: &["tempo-generator-no-processors"], breaks: generator },
    Class {
        name: "Tempo: generator without remote write",
        rules: &["tempo-generator-no-remote-write"],
        breaks: unwritten,
    },
    Class { name: "Tempo: receiver without an address", rules: &["tempo-otlp-loopback"], breaks: no_endpoint },
    Class { name: "Loki: retention that never runs", rules: &["loki-retention-inert"], breaks: retention },
    Class { name: "Prometheus: variable in the config", rules: &["prom-env-not-expanded"], breaks: variable },
    Class {
        name: "Prometheus: rule glob matches nothing",
        rules: &["prom-rule-glob-empty", "prom-rule-file-missing"],
        breaks: glob,
    },
    Class { name: "metric: letter of a generated name", rules: &["dash-metric-unknown"], breaks: metric },
    Class { name: "Prometheus: alerts that nobody hears of", rules: &["prom-alertmanager-unlinked"], breaks: unheard },
    Class { name: "rules: range of one sample", rules: &["rules-range-too-short"], breaks: range },
];

/// Roots of files of a kind that some service reads.
fn files<'h>(host: &'h Host, kind: &'h str) -> impl Iterator<Item = Node<'h>> {
    let used = host.tree.of_kind(kind).filter(|(_, a)| !a.uses.is_empty());
    used.filter_map(|(_, a)| a.data()?.root())
}

/// The lines of a key with all that is below it.
fn block(host: &Host, parent: Node<'_>, key: &str) -> Option<Span> {
    let entry = parent.own_entries().find(|e| e.name() == key)?;
    let text = host.text(entry.key.span().source);
    let first = line(text, entry.key.span().range().start);
    if !text[first.start..entry.key.span().range().start].trim().is_empty() {
        return None;
    }
    let end = line(text, entry.value.span().range().end.saturating_sub(1).max(first.start)).end;
    Some(Span::new(entry.key.span().source, first.start..(end + 1).min(text.len())))
}

fn generator(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for root in files(host, "tempo-config") {
        let Some(own) = root.entry("metrics_generator") else { continue };
        let written = root.at(&["metrics_generator", "storage", "remote_write"]).is_some();
        if let Some(list) = processors(root).filter(|_| written) {
            all.push(Break::new("no processors").edit(list.span(), "[]").at(own.key.span()));
        }
    }
}

/// The processors of all tenants.
fn processors(root: Node<'_>) -> Option<Node<'_>> {
    let paths: [&[&str]; 2] =
        [&["overrides", "defaults", "metrics_generator", "processors"], &["overrides", "metrics_generator_processors"]];
    paths.iter().find_map(|p| root.at(p)).filter(|l| l.items().next().is_some())
}

fn unwritten(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for root in files(host, "tempo-config") {
        let storage = root.at(&["metrics_generator", "storage"]);
        let Some(storage) = storage.filter(|s| s.own_entries().count() > 1) else { continue };
        if let (Some(span), Some(list)) = (block(host, storage, "remote_write"), processors(root)) {
            all.push(Break::new("no remote write").edit(span, "").at(list.span()));
        }
    }
}

/// Since 2.7 a receiver without an address listens on loopback.
fn no_endpoint(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in ways(linked).into_iter().filter(|w| !w.across) {
        let service = host.tree.service(way.to);
        let recent = service.version.is_some_and(|v| v >= vispyr::catalogue::Version::exact("2.7.0").unwrap());
        if service.engine != Some("tempo") || !recent || Some(way.to) == way.owner.service {
            continue;
        }
        let span = way.listener.origin.span();
        for root in files(host, "tempo-config") {
            let Some(otlp) = root.at(&["distributor", "receivers", "otlp", "protocols"]) else { continue };
            for protocol in otlp.own_entries() {
                let Some(node) = protocol.value.get("endpoint").filter(|e| e.inner() == span) else { continue };
                if protocol.value.own_entries().count() != 1 || host.slice(node.span()).contains("127.") {
                    continue;
                }
                if let Some(gone) = block(host, protocol.value, "endpoint") {
                    let m = Break::new(format!("{} -> {}", way.url.sender, service.name));
                    all.push(m.edit(gone, "").at(protocol.key.span()).at(way.url.span));
                }
            }
        }
    }
}

fn retention(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for root in files(host, "loki-config") {
        let period = root.at(&["limits_config", "retention_period"]);
        let enabled = root.at(&["compactor", "retention_enabled"]).filter(|n| n.as_bool() == Some(true));
        if let (Some(period), Some(enabled)) = (period, enabled)
            && period.scalar().is_some_and(|t| !matches!(t, "0s" | "0") && !t.contains('$'))
        {
            all.push(Break::new("retention off").edit(enabled.span(), "false").at(period.span()));
        }
    }
}

/// Prometheus replaces variables in external labels alone.
fn variable(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for root in files(host, "prometheus-config") {
        for writer in root.get("remote_write").into_iter().flat_map(Node::items) {
            if let Some(url) = writer.get("url").filter(|u| !u.is_alias()) {
                all.push(Break::new("url").edit(url.span(), "${WRITE_URL}").here());
            }
        }
        let jobs = root.get("scrape_configs").into_iter().flat_map(Node::items);
        for target in jobs.flat_map(|j| j.get("static_configs")).flat_map(Node::items).filter_map(|g| g.get("targets"))
        {
            if let Some(first) = target.items().next().filter(|t| !t.is_alias()) {
                all.push(Break::new("target").edit(first.span(), "\"${TARGET}\"").here());
            }
        }
    }
}

fn glob(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let held = host.tree.of_kind("prometheus-rules").any(|(_, a)| !a.uses.is_empty());
    for root in files(host, "prometheus-config").filter(|_| held) {
        for glob in root.get("rule_files").into_iter().flat_map(Node::items) {
            let Some(text) = glob.scalar().filter(|t| host.slice(glob.inner()) == *t) else { continue };
            let name = text.rfind('/').map_or(0, |at| at + 1);
            if text[name..].contains('.') {
                let place = glob.inner().slice(name..name);
                all.push(Break::new(text).edit(place, "no-such-").at(glob.inner()));
            }
        }
    }
}

/// Series under a prefix that one maker alone uses.
fn metric(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let families: Vec<&MetricFamily> = host
        .symbols
        .exports
        .iter()
        .filter_map(|(_, e)| if let Export::Metric(f) = e { Some(f) } else { None })
        .collect();
    for (_, import) in &host.symbols.imports {
        let Import::Metric(asked) = import else { continue };
        let made = families.iter().find(|f| asked.name.starts_with(&f.name));
        let Some(namespace) = made.and_then(|f| f.namespace.as_deref()) else { continue };
        // One that is asked for beside another may be missing.
        if !asked.alternatives.is_empty() {
            continue;
        }
        if host.slice(asked.span) == asked.name && asked.name.len() > namespace.len() {
            let (head, tail) = asked.name.split_at(namespace.len());
            let wrong = format!("{head}{}{tail}", &tail[..1]);
            all.push(Break::new(format!("{} of {}", asked.name, asked.by)).edit(asked.span, wrong).here());
        }
    }
}

/// Alert rules are loaded, an Alertmanager stands beside them, and the config no longer names it.
fn unheard(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let loaded = files(host, "prometheus-rules").flat_map(|r| r.get("groups").into_iter().flat_map(Node::items));
    let mut rules = loaded.flat_map(|g| g.get("rules").into_iter().flat_map(Node::items));
    let manager = host.tree.services.iter().find(|s| s.engine == Some("alertmanager"));
    let (true, Some(manager)) = (rules.any(|r| r.get("alert").is_some()), manager) else { return };
    for root in files(host, "prometheus-config") {
        let named = root.at(&["alerting", "alertmanagers"]).is_some_and(|m| m.items().next().is_some());
        if let (true, Some(gone), Some(rules)) = (named, block(host, root, "alerting"), root.entry("rule_files")) {
            all.push(Break::new("no alerting").edit(gone, "").at(rules.key.span()).at(manager.span));
        }
    }
}

/// The range of a rate in a rule becomes one millisecond: no scrape is that fast.
fn range(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    // Nor may OTLP or a collector of an unknown kind bring the series.
    let closed = |s: &Service| match s.engine {
        Some(_) => s.args().is_some_and(|args| !args.iter().any(|a| a.text.contains("otlp"))),
        None => s.image.as_ref().is_some_and(|i| i.repository.starts_with("example/")),
    };
    if linked.is_written_elsewhere() || !host.tree.services.iter().all(closed) {
        return;
    }
    for root in files(host, "prometheus-rules") {
        let groups = root.get("groups").into_iter().flat_map(Node::items);
        for rule in groups.flat_map(|g| g.get("rules").into_iter().flat_map(Node::items)) {
            let Some(text) = rule.get("expr").and_then(Node::text) else { continue };
            let Ok(query) = promql::parse(text.value(), promql::Options::EXPERIMENTAL) else { continue };
            query.selections(|selection| {
                let (Some(metric), Some(window)) = (selection.metric(), selection.window) else { return };
                let ways = vispyr::link::hops(linked, &metric.value);
                let paced = !ways.is_empty() && ways.iter().all(|(_, series, _)| series.pace.is_some());
                let rate = selection.enclosing.last().is_some_and(|e| matches!(&*e.name.value, "rate" | "increase"));
                if paced && rate && window.seconds.is_some() {
                    let span = text.span(window.range.clone());
                    all.push(Break::new(metric.value.clone()).edit(span, "1ms").here());
                }
            });
        }
    }
}
