//! A panel that asks for a series which nothing in the stack makes.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::unscraped;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::source::Span;
use crate::symbol::{Export, Import, MetricFamily};
use crate::tree::{Artifact, SYMBOLS, has_word, words};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-metric-unknown",
    aliases: &[],
    summary: "a panel asks for a series of a family that the stack makes under other names",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("metric_unknown.md"),
};

/// The namespaces of metrics of spans, each with a maker: Tempo's generator (grafana/tempo
/// modules/generator/processor/spanmetrics/spanmetrics.go@v3.0.3), and the connector of collectors by default (grafana/alloy
/// internal/component/otelcol/connector/spanmetrics/spanmetrics.go@v1.18.1).
const DIALECTS: [&str; 2] = ["traces_spanmetrics_", "traces_span_metrics_"];

/// Whether no maker of such metrics can be hidden: the config of every Tempo is here, and nothing that is built here is one.
fn reads_all(linked: &Linked<'_>) -> bool {
    const MAKERS: [&str; 3] = ["alloy", "collector", "otel"];
    let config = |id| linked.index.files(id).iter().any(|f| linked.tree.artifact(*f).kind.name == "tempo-config");
    linked.tree.services().all(|(id, service)| match service.engine {
        Some("tempo") => config(id),
        Some(_) => true,
        None => {
            let image = service.image.as_ref().map_or(service.name.as_str(), |i| i.repository.as_str());
            // Temporal is another thing.
            !has_word(image, &MAKERS) && !words(image).any(|word| word == "tempo")
        }
    })
}

/// Every such query of a dashboard.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let known = Known::of(linked);
    for (owner, import) in &linked.symbols.imports {
        let Import::Metric(asked) = import else { continue };
        // What a Grafana elsewhere shows is judged where somebody tells of elsewhere; a slip is one anywhere.
        let lacks = |name: &str| match !known.told && linked.is_stray(*owner) {
            true => known.is_slip(linked, name),
            false => known.lacks(linked, name),
        };
        if !lacks(&asked.name) || asked.alternatives.iter().any(|a| !lacks(a)) {
            continue;
        }
        let message = format!("{} asks for `{}`, and nothing in the stack makes it", asked.by, asked.name);
        findings.push(known.shown(linked, Diagnostic::new(&RULE, asked.span, message), &asked.name));
    }
    let of = |a: &Artifact| a.kind.name.starts_with("grafana-dashboard") && !a.uses.is_empty();
    unscraped::tell(linked, &RULE, of, |name| format!("the panel that asks for `{name}` is empty"), findings);
}

/// What is known of the names of series.
pub(super) struct Known<'a> {
    families: Vec<&'a MetricFamily>,
    /// The series that are made. A native histogram has the family's own name.
    made: HashSet<String>,
    /// Names of which all are known that there are.
    owned: Prefixes<'a>,
    /// Names that makers of one kind use alone, of which there may be others than those that are known.
    shared: Prefixes<'a>,
    /// Those of a maker whose names are not all known.
    open: Prefixes<'a>,
    /// Somebody says that all names are told.
    whole: Vec<(&'a str, Span)>,
    /// Whether somebody tells of elsewhere.
    pub(super) told: bool,
    /// Series with their families, once they are asked for.
    series: OnceCell<Vec<(String, &'a MetricFamily)>>,
}

impl<'a> Known<'a> {
    pub(super) fn of(linked: &Linked<'a>) -> Self {
        let exports = || linked.symbols.exports.iter().map(|(_, e)| e);
        let families = exports().filter_map(|e| if let Export::Metric(family) = e { Some(family) } else { None });
        let mut seen = HashSet::new();
        // Many makers of one family are told as one.
        let families: Vec<&MetricFamily> = families.filter(|f| seen.insert(f.name.as_str())).collect();
        let open =
            exports().filter_map(|e| if let Export::OpenMetrics { prefix } = e { Some(prefix.as_str()) } else { None });
        // Names that nothing but makers of this kind use can be called unknown: applications name theirs freely.
        let elsewhere = linked.is_written_elsewhere();
        let namespaces = || families.iter().filter_map(|f| f.namespace.as_deref());
        // Who makes metrics of spans under one name makes them under no other.
        let counts = |f: &MetricFamily| f.namespace.as_deref().is_some_and(|n| f.name == format!("{n}calls_total"));
        let some =
            || families.iter().any(|f| counts(f)) || linked.tree.services.iter().any(|s| s.engine == Some("tempo"));
        let dialects = DIALECTS.iter().copied().filter(|_| some() && reads_all(linked));
        let owned = namespaces().chain(dialects).filter(|_| !elsewhere);
        // So can those of which somebody says that all are told.
        let whole: Vec<(&str, Span)> =
            exports()
                .filter_map(|e| {
                    if let Export::AllMetrics { prefix, span } = e { Some((prefix.as_str(), *span)) } else { None }
                })
                .collect();
        Self {
            owned: Prefixes::of(owned.chain(whole.iter().map(|(prefix, _)| *prefix))),
            shared: Prefixes::of(namespaces().filter(|_| elsewhere)),
            open: Prefixes::of(open.filter(|p| !p.is_empty())),
            made: families.iter().flat_map(|f| f.series().chain([f.name.clone()])).collect(),
            told: linked.tree.of_kind(SYMBOLS.name).next().is_some(),
            series: OnceCell::new(),
            families,
            whole,
        }
    }

    /// Whether there is no name of which it can be said that nobody makes it.
    pub(super) fn is_silent(&self) -> bool {
        self.owned.0.is_empty() && self.shared.0.is_empty()
    }

    /// Whether nobody makes a series of that name. Where makers may be missing, only a slip is told.
    pub(super) fn lacks(&self, linked: &Linked<'_>, name: &str) -> bool {
        let owned = self.owned.start(name) && !self.open.start(name) && !self.made.contains(name);
        owned || self.is_slip(linked, name)
    }

    /// Whether a name is one slip away from one that is made, behind a begin that only makers of that kind use: no release
    /// has two such names.
    fn is_slip(&self, linked: &Linked<'_>, name: &str) -> bool {
        (self.owned.start(name) || self.shared.start(name))
            && !self.made.contains(name)
            && self.series().iter().any(|(made, _)| linked.index.near.is_slip(name, made))
    }

    fn series(&self) -> &[(String, &'a MetricFamily)] {
        let all = || self.families.iter().flat_map(|f| f.series().map(move |n| (n, *f))).collect();
        self.series.get_or_init(all)
    }

    /// With what is near, and with who says that there is no more.
    pub(super) fn shown(&self, linked: &Linked<'_>, mut diagnostic: Diagnostic, name: &str) -> Diagnostic {
        let near = &linked.index.near;
        let known = self.series().iter().take_while(|_| !near.is_spent());
        // What ends otherwise is of another type.
        let end = |name: &str| name.rsplit('_').next().map(str::to_owned);
        let near = known.filter_map(|s| Some(((end(&s.0) != end(name), near.distance(&s.0, name, usize::MAX)?), s)));
        if let Some((_, (name, family))) = near.min_by_key(|(distance, _)| *distance) {
            diagnostic = diagnostic
                .label(family.span, format!("{} makes `{name}`", family.producer))
                .help(format!("did you mean `{name}`, which {} makes?", family.producer));
        }
        if let Some((prefix, span)) = self.whole.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            let which = if prefix.is_empty() { "every metric".to_owned() } else { format!("every `{prefix}…`") };
            diagnostic = diagnostic.label(*span, format!("{which} is told here"));
        }
        diagnostic
    }
}

/// Prefixes of which none starts another: of those in order, only the last before a name can start it.
struct Prefixes<'a>(Vec<&'a str>);

impl<'a> Prefixes<'a> {
    fn of(prefixes: impl Iterator<Item = &'a str>) -> Self {
        let mut all: Vec<&str> = prefixes.collect();
        all.sort_unstable();
        all.dedup_by(|next, kept| next.starts_with(*kept));
        Self(all)
    }

    /// Whether one of them starts a name.
    fn start(&self, name: &str) -> bool {
        let after = self.0.partition_point(|p| *p <= name);
        after > 0 && name.starts_with(self.0[after - 1])
    }
}
