//! A panel that asks for a series which nothing in the stack makes.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::source::Span;
use crate::symbol::{Export, Import, MetricFamily};
use crate::tree::SYMBOLS;

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

/// Every such query.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let exports = || linked.symbols.exports.iter().map(|(_, e)| e);
    let families = exports().filter_map(|e| if let Export::Metric(family) = e { Some(family) } else { None });
    let mut seen = HashSet::new();
    // Many makers of one family are told as one.
    let families: Vec<&MetricFamily> = families.filter(|f| seen.insert(f.name.as_str())).collect();
    // A prefix of its own: that of a maker whose names are not all known.
    let open =
        exports().filter_map(|e| if let Export::OpenMetrics { prefix } = e { Some(prefix.as_str()) } else { None });
    let open = Prefixes::of(open.filter(|p| !p.is_empty()));
    // A native histogram has the family's own name.
    let made: HashSet<String> = families.iter().flat_map(|f| f.series().chain([f.name.clone()])).collect();
    // Names that nothing but makers of this kind use can be called unknown: applications name theirs freely.
    let elsewhere = linked.is_written_elsewhere();
    let owned = families.iter().filter_map(|f| f.namespace.as_deref()).filter(|_| !elsewhere);
    // So can those of which somebody says that all are told.
    let whole: Vec<(&str, Span)> = exports()
        .filter_map(|e| if let Export::AllMetrics { prefix, span } = e { Some((prefix.as_str(), *span)) } else { None })
        .collect();
    let owned = Prefixes::of(owned.chain(whole.iter().map(|(prefix, _)| *prefix)));
    let series: Vec<(String, &MetricFamily)> = families.iter().flat_map(|f| f.series().map(move |n| (n, *f))).collect();
    // What a Grafana elsewhere shows is judged where somebody tells of elsewhere.
    let told = linked.tree.of_kind(SYMBOLS.name).next().is_some();
    for (owner, import) in &linked.symbols.imports {
        let Import::Metric(asked) = import else { continue };
        if !told && linked.is_stray(*owner) {
            continue;
        }
        if !owned.start(&asked.name) || open.start(&asked.name) || made.contains(&asked.name) {
            continue;
        }
        if asked.alternatives.iter().any(|a| !owned.start(a) || made.contains(a)) {
            continue;
        }
        let message = format!("{} asks for `{}`, and nothing in the stack makes it", asked.by, asked.name);
        let mut diagnostic = Diagnostic::new(&RULE, asked.span, message);
        let near = &linked.index.near;
        let known = series.iter().take_while(|_| !near.is_spent());
        let near = known.filter_map(|s| Some((near.distance(&s.0, &asked.name, usize::MAX)?, s)));
        if let Some((_, (name, family))) = near.min_by_key(|(distance, _)| *distance) {
            diagnostic = diagnostic
                .label(family.span, format!("{} makes `{name}`", family.producer))
                .help(format!("did you mean `{name}`, which {} makes?", family.producer));
        }
        if let Some((prefix, span)) = whole.iter().find(|(prefix, _)| asked.name.starts_with(prefix)) {
            let which = if prefix.is_empty() { "every metric".to_owned() } else { format!("every `{prefix}…`") };
            diagnostic = diagnostic.label(*span, format!("{which} is told here"));
        }
        findings.push(diagnostic);
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
