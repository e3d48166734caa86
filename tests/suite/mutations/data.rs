//! Breakages of what names what: data source uids at both ends, the default source, and the metrics of queries.

use std::collections::HashSet;

use vispyr::link::Linked;
use vispyr::symbol::{DatasourceRef, DatasourceUse, Export, Import, MetricFamily};

use super::edit::{Mutation, before, line};
use super::trees::Site;

pub(super) fn all(site: &Site, _: &Linked<'_>, all: &mut Vec<Mutation>) {
    let references: Vec<&DatasourceRef> = site
        .symbols
        .imports
        .iter()
        .filter_map(|(_, i)| if let Import::Datasource(r) = i { Some(r) } else { None })
        .collect();
    uids(site, &references, all);
    defaults(site, all);
    metrics(site, all);
}

fn rule(reference: &DatasourceRef) -> &'static str {
    match reference.by {
        DatasourceUse::Link(_) => "gf-ds-ref-unresolved",
        DatasourceUse::Dashboard(_) => "dash-ds-unresolved",
    }
}

fn uids(site: &Site, references: &[&DatasourceRef], all: &mut Vec<Mutation>) {
    for (_, source) in site.symbols.datasources() {
        let mut m =
            Mutation::new("uid: changed at the data source", &source.uid).edit(source.span, format!("{}x", source.uid));
        // A dashboard is told once of a uid, at the first that asks it.
        let mut told = HashSet::new();
        for reference in references.iter().filter(|r| r.uid == source.uid) {
            let rule = rule(reference);
            if rule != "dash-ds-unresolved" || told.insert(reference.span.source) {
                m = m.at(rule, reference.span);
            }
        }
        assert!(!m.expected.is_empty(), "nothing names `{}`", source.uid);
        all.push(m);
    }
    for reference in references {
        let (class, by) = match &reference.by {
            DatasourceUse::Link(by) => ("uid: changed at a link", by),
            DatasourceUse::Dashboard(by) => ("uid: changed in a dashboard", by),
        };
        all.push(Mutation::new(class, by).edit(reference.span, format!("{}x", reference.uid)).here(rule(reference)));
    }
}

fn defaults(site: &Site, all: &mut Vec<Mutation>) {
    for (_, source) in site.symbols.datasources().filter(|(_, d)| d.default.is_none()) {
        let text = site.text(source.span.source);
        let at = line(text, source.span.range().start).end + 1;
        let head = "    ";
        let m = Mutation::new("data source: second default", &source.name);
        let m = m.edit(before(source.span.source, at), format!("{head}isDefault: true\n"));
        all.push(m.inside("gf-two-defaults", head.len(), 1));
    }
}

/// Series under a prefix that one maker alone uses: the others may come from any application.
fn metrics(site: &Site, all: &mut Vec<Mutation>) {
    let families: Vec<&MetricFamily> = site
        .symbols
        .exports
        .iter()
        .filter_map(|(_, e)| if let Export::Metric(f) = e { Some(f) } else { None })
        .collect();
    for (_, import) in &site.symbols.imports {
        let Import::Metric(asked) = import else { continue };
        let made = families.iter().find(|f| f.namespace.as_deref().is_some_and(|n| asked.name.starts_with(n)));
        let Some(namespace) = made.and_then(|f| f.namespace.as_deref()) else { continue };
        let (head, tail) = asked.name.split_at(namespace.len());
        let (first, rest) = tail.split_at(1);
        let m = Mutation::new("metric: misspelt", format!("{} of {}", asked.name, asked.by));
        all.push(m.edit(asked.span, format!("{head}{first}{first}{rest}")).here("dash-metric-unknown"));
    }
}
