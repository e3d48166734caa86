//! What Grafana's files name: data sources, dashboards, and what provisioning replaces.

use std::collections::HashMap;

use vispyr::engines::grafana::queries::{Field, Question, metrics_of_traces, questions};
use vispyr::link::Linked;
use vispyr::parse::Node;
use vispyr::source::Span;
use vispyr::symbol::{DatasourceRef, DatasourceUse, Import};
use vispyr::tree::{Artifact, Service};

use super::hosts::Host;
use super::{Break, Class};
use crate::mutations::edit::{before, line};

pub(super) const ALL: &[Class] = &[
    Class {
        name: "Grafana: uid changed at the source",
        rules: &["gf-ds-ref-unresolved", "dash-ds-unresolved"],
        breaks: uid,
    },
    Class { name: "Grafana: uid changed at a link", rules: &["gf-ds-ref-unresolved"], breaks: link },
    Class { name: "Grafana: uid changed in a dashboard", rules: &["dash-ds-unresolved"], breaks: panel },
    Class { name: "Grafana: panel moved to another type", rules: &["dash-query-language"], breaks: moved },
    Class {
        name: "Grafana: metrics of traces, no local blocks",
        rules: &["tempo-traceql-metrics-empty-ring"],
        breaks: blocks,
    },
    Class { name: "Grafana: two dashboards of one uid", rules: &["gf-dash-uid-duplicate"], breaks: twins },
    Class { name: "Grafana: export with inputs", rules: &["dash-inputs"], breaks: inputs },
    Class { name: "Grafana: bare dollar in provisioning", rules: &["gf-dollar-unescaped"], breaks: dollar },
    Class { name: "Grafana: provisioning without version", rules: &["gf-provisioning-no-version"], breaks: version },
    Class { name: "Grafana: second default", rules: &["gf-two-defaults"], breaks: default },
    Class { name: "Grafana: histogram bucket by integer", rules: &["prom-le-integer"], breaks: bucket },
];

/// References that resolve, as they are written.
fn references(host: &Host) -> Vec<&DatasourceRef> {
    let all = host.symbols.imports.iter();
    let all = all.filter_map(|(_, i)| if let Import::Datasource(r) = i { Some(r) } else { None });
    let known: Vec<_> = host.symbols.datasources().map(|(_, d)| d.uid.as_str()).collect();
    all.filter(|r| known.contains(&r.uid.as_str()) && host.slice(r.span).trim_matches(['"', '\'']) == r.uid).collect()
}

fn uid(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let references = references(host);
    for (_, source) in host.symbols.datasources().filter(|(_, d)| d.uid_written) {
        let twice = host.symbols.datasources().filter(|(_, d)| d.uid == source.uid).count() > 1;
        let named = references.iter().find(|r| r.uid == source.uid && r.uid != source.name);
        if let Some(named) = named.filter(|_| !twice && host.slice(source.span).contains(&source.uid)) {
            let at = host.slice(source.span).find(&source.uid).unwrap() + source.uid.len();
            let m = Break::new(&source.uid).edit(source.span.slice(at..at), "-moved").at(named.span);
            all.push(m.at(source.span));
        }
    }
}

fn renamed(host: &Host, reference: &DatasourceRef) -> Break {
    let text = host.slice(reference.span);
    let at = text.find(&reference.uid).unwrap() + reference.uid.len();
    Break::new(&reference.uid).edit(reference.span.slice(at..at), "x").at(reference.span)
}

fn link(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let links = references(host).into_iter().filter(|r| matches!(r.by, DatasourceUse::Link(_)));
    all.extend(links.map(|r| renamed(host, r)));
}

fn panel(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let panels = references(host).into_iter().filter(|r| matches!(r.by, DatasourceUse::Dashboard(_)));
    all.extend(panels.map(|r| renamed(host, r)));
}

/// A panel with PromQL gets the uid of a store of traces.
fn moved(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let references = references(host);
    for (artifact, _) in dashboards(host) {
        let asked = questions(artifact);
        let own = host.symbols.datasources().filter(|(o, _)| o.service == Some(artifact.uses[0].service));
        let Some((_, traces)) = own.into_iter().find(|(_, d)| d.kind == "tempo" && d.uid_written) else { continue };
        for one in
            references.iter().filter(|r| r.span.source == artifact.source && r.kind.as_deref() == Some("prometheus"))
        {
            let DatasourceUse::Dashboard(by) = &one.by else { continue };
            let panel = asked.iter().filter(|q| q.by == *by).collect::<Vec<_>>();
            let prom = |q: &&Question<'_>| q.field == Field::Expr && q.source == Some(&one.uid);
            if panel.is_empty() || !panel.iter().all(prom) {
                continue;
            }
            let at = host.slice(one.span).find(&one.uid).unwrap();
            let m = Break::new(by).edit(one.span.slice(at..at + one.uid.len()), &traces.uid);
            all.push(m.at(panel[0].text.whole()).at(traces.span));
        }
    }
}

/// The only generator that answers for metrics of traces does something else.
fn blocks(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let two = |s: &&Service| s.version.is_some_and(|v| (v.major, v.minor) >= (2, 4) && v.major == 2);
    let mut tempos = host.tree.services.iter().filter(|s| s.engine == Some("tempo"));
    let (Some(tempo), None) = (tempos.next().filter(two), tempos.next()) else { return };
    let configs = host
        .tree
        .of_kind("tempo-config")
        .filter(|(_, a)| a.uses.iter().any(|u| host.tree.service(u.service).span == tempo.span));
    let mut named =
        configs.filter_map(|(_, a)| a.data()).flat_map(|d| d.nodes()).filter(|n| n.scalar() == Some("local-blocks"));
    let (Some(node), None) = (named.next(), named.next()) else { return };
    for (artifact, _) in dashboards(host) {
        let asked = questions(artifact);
        let asks = |q: &&Question<'_>| q.field == Field::Trace && metrics_of_traces(q.text.value()).is_some();
        if let Some(first) = asked.iter().find(asks) {
            all.push(Break::new(&first.by).edit(node.inner(), "host-info").at(first.text.whole()));
        }
    }
}

/// Dashboards that a Grafana loads.
fn dashboards(host: &Host) -> impl Iterator<Item = (&Artifact, Node<'_>)> {
    let used = host.tree.of_kind("grafana-dashboard").filter(|(_, a)| !a.uses.is_empty());
    used.filter_map(|(_, a)| Some((a, a.data()?.root()?)))
}

fn twins(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let mut first: HashMap<_, (Node<'_>, &str)> = HashMap::new();
    for (artifact, root) in dashboards(host) {
        let Some((uid, text)) = root.get("uid").and_then(|n| Some((n, n.as_str()?))) else { continue };
        let service = artifact.uses[0].service;
        match first.get(&service) {
            Some((other, name)) if *name != text => {
                let m = Break::new(&artifact.path).edit(uid.inner(), *name).here();
                all.push(m.at(other.span()));
            }
            Some(_) => {}
            None => {
                first.insert(service, (uid, text));
            }
        }
    }
}

/// A dashboard as "export for sharing externally" writes it.
fn inputs(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let references = references(host);
    for (artifact, root) in dashboards(host).filter(|(_, r)| r.get("__inputs").is_none()) {
        let own = references.iter().find(|r| r.span.source == artifact.source);
        let Some(own) = own else { continue };
        let at = before(artifact.source, root.span().range().start + 1);
        let text = "\"__inputs\":[{\"name\":\"DS_BROKEN\",\"type\":\"datasource\",\"pluginId\":\"prometheus\"}],";
        let m = Break::new(&artifact.path).edit(at, text);
        let inner = host.slice(own.span).find(&own.uid).unwrap();
        all.push(m.edit(own.span.slice(inner..inner + own.uid.len()), "${DS_BROKEN}").here());
    }
}

/// Data sources as they are written, each on lines of its own.
fn sources(host: &Host) -> impl Iterator<Item = Node<'_>> {
    let files = host.tree.of_kind("grafana-datasources").filter(|(_, a)| !a.uses.is_empty());
    let roots = files.filter_map(|(_, a)| a.data()?.root());
    roots.filter_map(|r| r.get("datasources")).flat_map(Node::items)
}

/// `${__value.raw}`, which provisioning replaces by nothing.
fn dollar(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for source in sources(host).filter(|s| s.get("jsonData").is_none() && s.get("type").is_some()) {
        let Some(key) = source.own_entries().find(|e| e.name() == "type").map(|e| e.key.span()) else { continue };
        let text = host.text(key.source);
        let row = line(text, key.range().start);
        let column = key.range().start - row.start;
        if column == 0 || text[row.start..key.range().start].contains('{') || row.end >= text.len() {
            continue;
        }
        let pad = " ".repeat(column);
        let head = format!("{pad}jsonData:\n{pad}  tracesToLogsV2:\n{pad}    customQuery: true\n{pad}    query: '");
        let value = "{app=\"x\"} |= \"${__span.traceId}\"";
        let place = before(key.source, row.end + 1);
        all.push(Break::new("query").edit(place, format!("{head}{value}'\n")).here());
    }
}

fn version(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (_, artifact) in host.tree.of_kind("grafana-datasources").filter(|(_, a)| !a.uses.is_empty()) {
        let Some(root) = artifact.data().and_then(|d| d.root()) else { continue };
        let Some(entry) = root.own_entries().find(|e| e.name() == "apiVersion") else { continue };
        let text = host.text(artifact.source);
        let row = line(text, entry.key.span().range().start);
        // What is written under names that the old form lacks is lost.
        let lost = |s: Node<'_>| ["jsonData", "isDefault", "secureJsonData"].iter().any(|k| s.get(k).is_some());
        if root.get("datasources").into_iter().flat_map(Node::items).any(lost) {
            let gone = Span::new(artifact.source, row.start..(row.end + 1).min(text.len()));
            all.push(Break::new(&artifact.path).edit(gone, ""));
        }
    }
}

fn default(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    let first = host.symbols.datasources().find(|(_, d)| d.default.is_some());
    let Some((_, first)) = first else { return };
    for source in sources(host).filter(|s| s.get("isDefault").is_none() && s.get("orgId").is_none()) {
        let Some(key) = source.own_entries().find(|e| e.name() == "type").map(|e| e.key.span()) else { continue };
        let text = host.text(key.source);
        let row = line(text, key.range().start);
        let column = key.range().start - row.start;
        if column == 0 || text[row.start..key.range().start].contains('{') || row.end >= text.len() {
            continue;
        }
        let head = " ".repeat(column);
        let m = Break::new("second default").edit(before(key.source, row.end + 1), format!("{head}isDefault: true\n"));
        all.push(m.here().at(first.default.unwrap()));
    }
}

/// Since 3.0 buckets are `1.0`, and `1` matches none.
fn bucket(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    // What others write is stored as they say it.
    let mut stores = host.tree.services().map(|(_, s)| s).filter(|s| s.engine == Some("prometheus"));
    let (Some(store), None) = (stores.next(), stores.next()) else { return };
    let recent = store.version.is_some_and(|v| v >= vispyr::catalogue::Version::new(3, 0, 0));
    if !recent || store.command.iter().flatten().any(|w| w.text.contains("receiver")) {
        return;
    }
    for (_, artifact) in host.tree.artifacts().filter(|(_, a)| !a.uses.is_empty()) {
        let text = host.text(artifact.source);
        for (at, quote) in text.match_indices("le=\\\"").chain(text.match_indices("le=\"")) {
            let from = at + quote.len();
            let Some(end) = text[from..].find(['\\', '"']).map(|n| from + n) else { continue };
            if text[from..end].ends_with(".0") {
                let place = Span::new(artifact.source, end - 2..end);
                all.push(Break::new(&text[from..end]).edit(place, "").here());
            }
        }
    }
}
