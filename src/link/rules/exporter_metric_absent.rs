//! A query of a metric that an exporter does not show, or not in the version that runs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalogue::{self, Exporter, Own, Stay, Version};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::flow::{Flows, Kind, is_opened, queries_of, recorded};
use crate::source::{SourceId, Span};
use crate::symbol::Export;
use crate::tree::{Artifact, Image, Service};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-exporter-metric-absent",
    aliases: &[],
    summary: "a query reads a metric that the exporter does not show",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("exporter_metric_absent.md"),
};

pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let flows = Flows::of_some(linked);
    let running: Vec<Running<'_>> = Exporter::all().filter_map(|e| Running::of(linked, flows.as_ref(), e)).collect();
    if running.is_empty() {
        return;
    }
    let recorded = recorded(linked.tree);
    let exports = linked.symbols.exports.iter();
    let made = exports.filter_map(|(_, e)| if let Export::Metric(f) = e { Some(f.name.as_str()) } else { None });
    let made: Vec<&str> = made.collect();
    let is_made = |name: &str| recorded.contains(name) || made.iter().any(|family| name.starts_with(family));
    let of = |a: &Artifact| a.kind.name != "prometheus-rules" || !a.uses.is_empty();
    let may = |query: &str| running.iter().any(|r| r.exporter.begins_of().any(|begin| query.contains(begin)));
    let mut known: HashMap<String, Option<(usize, Why)>> = HashMap::new();
    let mut told: BTreeMap<(SourceId, String), Told<'_>> = BTreeMap::new();
    queries_of(linked, of, may, |asked, _, selection| {
        let Some(metric) = selection.metric().filter(|m| !m.dynamic) else { return };
        let name = metric.value.as_str();
        if selection.asks_absence() || name.contains(':') || is_made(name) {
            return;
        }
        let absence = known.entry(name.to_owned()).or_insert_with(|| {
            let exporter = Exporter::of_metric(name)?;
            let at = running.iter().position(|r| r.exporter == exporter)?;
            Some((at, running.get(at)?.absence(linked, flows.as_ref(), name)?))
        });
        let Some((running, why)) = absence.as_ref().and_then(|(at, why)| Some((running.get(*at)?, why))) else {
            return;
        };
        let span = asked.span(metric.range.clone());
        // Of what another release has there are many at once in a dashboard that was made for it.
        let key = match why {
            Why::Slip(_) => name.to_owned(),
            Why::Until(..) => format!("{} until", running.exporter.title),
            Why::Since(..) => format!("{} since", running.exporter.title),
        };
        let first = || Told { running, why: why.clone(), name: name.to_owned(), span, others: BTreeSet::new() };
        let found = told.entry((span.source, key)).or_insert_with(first);
        if found.name != name {
            found.others.insert(name.to_owned());
        }
    });
    findings.all.extend(told.into_values().map(|t| t.diagnostic(linked)));
}

/// Why nobody has a series of a name.
#[derive(Debug, Clone)]
enum Why {
    /// No release has it: this one was meant.
    Slip(String),
    /// It was gone by a release; the last that had it, and what the running one has in its place.
    Until(Version, Option<String>),
    /// The first release that has it.
    Since(Version),
}

/// The first query of a file of its kind.
struct Told<'a> {
    running: &'a Running<'a>,
    why: Why,
    name: String,
    span: Span,
    /// What else the file reads that is not there for the same reason.
    others: BTreeSet<String>,
}

impl Told<'_> {
    fn diagnostic(&self, linked: &Linked<'_>) -> Diagnostic {
        let (title, name) = (self.running.exporter.title, &self.name);
        let version = self.running.newest().map_or(String::new(), |(version, _)| format!(" {version}"));
        let message = match &self.why {
            Why::Slip(_) if self.running.own.ever_may_have(name) => {
                format!("{title} is not known to have a metric `{name}`")
            }
            Why::Slip(_) => format!("{title} has no metric `{name}`, in any release"),
            Why::Until(last, _) => {
                format!("{title}{version} has no `{name}`: the last release known to have it is {last}")
            }
            Why::Since(first) => {
                format!("{title}{version} has no `{name}`: the first release known to have it is {first}")
            }
        };
        // What a dashboard shows of later releases is an empty panel; an alert on it is one that never comes.
        let file = linked.tree.artifacts.iter().find(|a| a.source == self.span.source);
        let shown = file.is_some_and(|a| a.kind.name.starts_with("grafana-dashboard"));
        let less = shown && matches!(self.why, Why::Since(_));
        let mut told = Diagnostic::new(&RULE, self.span, message).note("the query finds nothing");
        if less {
            told = told.severity(Severity::Info);
        }
        let newest = self.running.newest().map(|(_, service)| service);
        if let Some(service) = newest.or_else(|| self.running.services.first().copied()) {
            let label = if version.is_empty() { format!("this is {title}") } else { format!("this is{version}") };
            told = told.label(service.image_span(), label);
        }
        let more = self.others.len();
        if more > 0 {
            let metrics = if more == 1 { "metric" } else { "metrics" };
            told = told.note(format!("so it is with {more} more {metrics} that queries of this file read"));
        }
        match &self.why {
            Why::Slip(near) | Why::Until(_, Some(near)) => told.help(format!("did you mean `{near}`?")),
            Why::Until(..) => told.help("read what the running version has in its place, or nothing"),
            Why::Since(first) => told.help(format!("run {title} {first} or a later one")),
        }
    }
}

/// An exporter that is part of the tree, or that nobody else is like.
struct Running<'a> {
    exporter: &'static Exporter,
    own: Own,
    /// Who runs it; nobody where Alloy holds it.
    services: Vec<&'a Service>,
    /// Their versions, where all are known.
    versions: Vec<Version>,
    /// Whether users add metrics of their own.
    open: bool,
}

impl<'a> Running<'a> {
    fn of(linked: &'a Linked<'_>, flows: Option<&Flows<'_>>, exporter: &'static Exporter) -> Option<Self> {
        let kind = Kind::Exporter(exporter);
        let services: Vec<&Service> = linked.tree.services.iter().filter(|s| kind.is_of(s)).collect();
        let held = flows.is_some_and(|f| f.is_held(exporter));
        // A slip is one wherever the exporter runs, where nobody else has such names.
        if services.is_empty() && !held && !exporter.alone {
            return None;
        }
        let open = services.iter().any(|s| s.build || is_opened(exporter, s));
        let release = |s: &&Service| s.image.as_ref().and_then(Image::release);
        let versions: Option<Vec<Version>> = services.iter().map(release).collect();
        let versions = versions.filter(|_| !held).unwrap_or_default();
        Some(Self { exporter, own: exporter.own()?, services, versions, open })
    }

    /// The newest version that runs, which is nearest to what was meant.
    fn newest(&self) -> Option<(Version, &'a Service)> {
        self.versions.iter().copied().zip(self.services.iter().copied()).max_by_key(|(version, _)| *version)
    }

    /// Why nobody has a series of that name, if it is known.
    fn absence(&self, linked: &Linked<'_>, flows: Option<&Flows<'_>>, name: &str) -> Option<Why> {
        let (own, newest) = (self.own, self.newest().map(|(version, _)| version));
        let others = |lone| flows.is_none_or(|f| f.may_come_from_others(self.exporter, name, lone));
        if own.ever_names(name) {
            let newest = newest?;
            if self.open || self.versions.iter().any(|v| own.names(name, *v)) || others(true) {
                return None;
            }
            let made_up = self.versions.iter().any(|v| own.may_have(name, *v));
            let meant = self.with_unit(name, newest);
            return match own.stay(name, newest).filter(|_| !made_up || meant.is_some())? {
                Stay::Until(_, last) => Some(Why::Until(last, meant)),
                Stay::Since(first) => (!made_up).then_some(Why::Since(first)),
            };
        }
        let meant = newest.or_else(|| own.newest()).and_then(|version| self.with_unit(name, version));
        let is_lone = self.exporter.alone && !is_convention(name) || !others(!self.exporter.alone);
        if let Some(meant) = meant.filter(|_| !self.open && is_lone) {
            return Some(Why::Slip(meant));
        }
        let made_up = own.ever_may_have(name);
        if !self.exporter.alone && others(false) {
            return None;
        }
        let begin = self.exporter.begins_of().find(|begin| name.starts_with(begin))?;
        // What is made up is the same in all releases, whether or not a test has it.
        let all = own.series(newest.filter(|_| !made_up), begin);
        let near = |meant: &&String| linked.index.near.is_slip(name, meant) && (!made_up || is_plain_slip(name, meant));
        all.iter().find(near).map(|meant| Why::Slip(meant.clone()))
    }

    /// What a version surely has that differs in the unit, or in the ending of counters.
    fn with_unit(&self, name: &str, version: Version) -> Option<String> {
        const UNITS: [&str; 6] = ["_seconds_total", "_bytes_total", "_total", "_bytes", "_seconds", "_celsius"];
        let longer = UNITS.iter().map(|unit| format!("{name}{unit}"));
        let shorter = UNITS.iter().filter_map(|unit| name.strip_suffix(unit)).map(str::to_owned);
        longer.chain(shorter).find(|other| self.own.surely_has(other, version))
    }
}

/// Whether a letter is missing or twice, or two are swapped: names that are made up at run time differ in numbers, in capitals
/// and in whole words.
fn is_plain_slip(name: &str, meant: &str) -> bool {
    let same = name.bytes().zip(meant.bytes()).take_while(|(a, b)| a == b).count();
    let (a, b) = (name.get(same..).unwrap_or_default(), meant.get(same..).unwrap_or_default());
    let same = a.bytes().rev().zip(b.bytes().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len().saturating_sub(same)], &b[..b.len().saturating_sub(same)]);
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase());
    letters(a) && letters(b) && (a.len() != b.len() || a.len() == 2)
}

/// Whether OpenTelemetry calls metrics by the first word of a name, too: those of a collector may have any unit.
fn is_convention(name: &str) -> bool {
    let first = name.split('_').next().unwrap_or_default();
    catalogue::otel::metrics().iter().any(|m| m.name.split('.').next() == Some(first))
}

#[cfg(test)]
mod tests {
    use super::is_plain_slip;

    #[test]
    fn a_slip_is_a_letter_more_or_less_or_two_swapped() {
        let name = "node_memory_MemAvailable_bytes";
        assert!(is_plain_slip("node_memory_MemAvailble_bytes", name));
        assert!(is_plain_slip("node_memory_MemAvaliable_bytes", name));
        assert!(is_plain_slip("node_memory_MemAvaillable_bytes", name));
        assert!(!is_plain_slip("node_memory_KReclaimable_bytes", "node_memory_SReclaimable_bytes"));
        assert!(!is_plain_slip("node_netstat_Icmp6_InMsgs", "node_netstat_Icmp_InMsgs"));
    }
}
