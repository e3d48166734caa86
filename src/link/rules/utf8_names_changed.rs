//! A query reads a metric by the name that scrapes gave it before Prometheus 3.

use std::collections::{HashMap, HashSet};

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::flow::queries;
use crate::symbol::{Export, MetricFamily};
use crate::tree::{Service, ServiceId};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "prom-utf8-names-changed",
    aliases: &[],
    summary: "a query reads a metric with `_` where its name has a dot, which Prometheus 3 keeps",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("utf8_names_changed.md"),
};

/// The first release that asks targets for names as they are (docs/migration.md@v3.0.0).
const SINCE: Version = Version::new(3, 0, 0);

/// Every such query, where the only store of the tree is a Prometheus that keeps names as they are.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let exports = linked.symbols.exports.iter().map(|(_, e)| e);
    let families: Vec<&MetricFamily> =
        exports.filter_map(|e| if let Export::Metric(family) = e { Some(family) } else { None }).collect();
    let names: HashSet<&str> = families.iter().map(|f| f.name.as_str()).collect();
    // A native histogram has the family's own name.
    let series = |family: &&'_ MetricFamily| family.series().chain([family.name.clone()]).collect::<Vec<_>>();
    let mut dotted: HashMap<String, (String, &MetricFamily)> = HashMap::new();
    for family in families.iter().filter(|f| f.name.contains('.') && !names.contains(escaped(&f.name).as_str())) {
        dotted.extend(series(family).into_iter().map(|kept| (escaped(&kept), (kept, *family))));
    }
    if dotted.is_empty() {
        return;
    }
    let Some((store, version)) = store(linked) else { return };
    let image = store.image_span();
    queries(linked, "", |asked, _, selection| {
        let Some(metric) = selection.metric().filter(|m| !m.dynamic) else { return };
        let name = metric.value.as_str();
        let Some((kept, family)) = dotted.get(name) else { return };
        let message = format!("Prometheus {version} stores `{kept}` with its dots, and nothing is called `{name}`");
        findings.push(
            Diagnostic::new(&RULE, asked.span(metric.range.clone()), message)
                .label(family.span, format!("{} makes it", family.producer))
                .label(image, format!("this is {version}"))
                .help(format!("write `{{\"{kept}\"}}`, or set `metric_name_validation_scheme: legacy`")),
        );
    });
}

/// A name as scrapes before 3.0 got it (prometheus/common model/metric.go `EscapeName`, underscores).
fn escaped(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | ':') { c } else { '_' }).collect()
}

/// The only store, where it is known to keep names.
fn store<'a>(linked: &Linked<'a>) -> Option<(&'a Service, Version)> {
    let tree = linked.tree;
    let mut stores = tree.services().filter(|(_, s)| matches!(s.engine, Some("prometheus" | "mimir")));
    let (Some((id, store)), None) = (stores.next(), stores.next()) else { return None };
    let version = store.version.filter(|v| *v >= SINCE && !store.build)?;
    let plain = |id: ServiceId| {
        let files = linked.index.files(id).iter().map(|id| tree.artifact(*id));
        let mut configs = files.filter(|a| a.kind.name == "prometheus-config").map(|a| tree.sources.text(a.source));
        configs.all(|text| !text.contains("metric_name_"))
    };
    // Alloy asks for names as they were (grafana/alloy internal/component/prometheus/scrape/scrape.go `SetToDefault`@v1.18.1).
    let others = tree.services.iter().any(|s| s.engine == Some("alloy"));
    (store.engine == Some("prometheus") && !others && plain(id)).then_some((store, version))
}
