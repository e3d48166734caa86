//! What series look like where they end, over all ways of the tree.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Linked, Resolution};
use crate::engine::Asked;
use crate::labels::{Fate, Hop, Pace, Regex, Series, Set, Value};
use crate::lang::promql::{MatchOp, Matcher, NodeKind, Query, Selection};
use crate::parse::Node;
use crate::source::Span;
use crate::symbol::{Owner, Protocol};
use crate::tree::{Artifact, ServiceId, Tree};

/// Words in names of services and images that may make or store series, whose configs are not read.
const FOREIGN: [&str; 17] = [
    "prom",
    "victoria",
    "vmagent",
    "thanos",
    "cortex",
    "telegraf",
    "collector",
    "otel",
    "agent",
    "lgtm",
    "vector",
    "beyla",
    "netdata",
    "signoz",
    "mimir",
    "alloy",
    "fluent",
];

/// Images with such a word that only show series, and send none (an exporter is scraped).
const SHOWS: [&str; 3] = ["exporter", "promtail", "pushgateway"];

/// More ways than this are not followed for all queries together: of the others nothing is said.
const FOLLOWED: usize = 20_000;

/// All ways of series, where all are known.
pub(super) struct Flows<'a> {
    all: Vec<&'a Series>,
    /// The begins of names that makers of a kind use alone.
    prefixes: HashSet<&'static str>,
    /// Whether others may write through a published port.
    pub(super) is_public: bool,
    /// How many ways may still be followed.
    left: usize,
    /// Names that recording rules make.
    recorded: HashSet<&'a str>,
    /// Verdicts by metric, label and matchers.
    lost: HashMap<String, Option<Lost<'a>>>,
    /// Those whose series get samples the fastest, by metric and matchers.
    fastest: HashMap<String, Option<&'a Series>>,
}

/// What is wrong with a query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost<'a> {
    /// The rule that drops it.
    pub(super) rule: Span,
    /// On whose series.
    pub(super) series: &'a Series,
}

impl<'a> Flows<'a> {
    /// All ways; `None` where series may come in on others.
    pub(super) fn of(linked: &Linked<'a>) -> Option<Self> {
        Self::of_scrapes(linked).filter(|flows| !flows.is_public)
    }

    /// The same where others may write through a published port: of series that bear the job of a scrape all ways are known
    /// then, unless somebody borrows its name.
    pub(super) fn of_scrapes(linked: &Linked<'a>) -> Option<Self> {
        let all: Vec<(Owner, &Series)> = linked.symbols.series.iter().map(|(o, s)| (*o, s)).collect();
        if all.is_empty() || all.iter().any(|(o, _)| o.service.is_none()) || is_open(linked, &all) {
            return None;
        }
        let recorded = recorded(linked.tree);
        let all: Vec<&Series> = all.into_iter().map(|(_, s)| s).collect();
        let prefixes = all.iter().filter_map(|s| s.prefix).collect();
        let is_public = linked.is_open_to_writers();
        Some(Self { all, prefixes, is_public, left: FOLLOWED, recorded, lost: HashMap::new(), fastest: HashMap::new() })
    }

    /// The metric of a selection, where it is one that a scrape makes.
    pub(super) fn metric<'q>(&self, selection: &Selection<'q, '_>) -> Option<&'q str> {
        let name = selection.metric().filter(|n| !n.dynamic)?.value.as_str();
        let made = name.contains(':') || name.starts_with("ALERTS") || self.recorded.contains(name);
        let negative = selection.inside("absent") || selection.inside("absent_over_time");
        (!made && !negative && !selection.selector.open && !selection.selector.opaque).then_some(name)
    }

    /// The rule that takes a label away from all series of a metric that a selector may mean.
    pub(super) fn label(&mut self, metric: &str, label: &str, matchers: &[Matcher]) -> Option<Lost<'a>> {
        let others: Vec<&Matcher> = matchers.iter().filter(|m| m.label.value != label).collect();
        self.remembered(&format!("l {metric} {label} {}", shown(&others)), |all, left| {
            let (tests, mut found) = (tests(&others), None);
            for series in all.iter().filter(|s| s.may_hold(metric)) {
                *left = left.checked_sub(1)?;
                let mut rule: Option<Span> = None;
                let hops = series.follow(Some(metric), |span, before, after| {
                    let (before, after) = (before.get(label), after.get(label));
                    if after.is_absent() && !before.is_absent() {
                        rule = Some(span);
                    }
                });
                let last = hops.last()?;
                if last.fate == Fate::Dropped || tests.iter().any(|t| t.excludes(&last.labels)) {
                    continue;
                }
                if !last.labels.get(label).is_absent() {
                    return None;
                }
                found = found.or(rule.map(|rule| Lost { rule, series }));
            }
            found
        })
    }

    /// The rule that drops all series of a metric that a selector may mean.
    pub(super) fn dropped(&mut self, metric: &str, matchers: &[Matcher]) -> Option<Lost<'a>> {
        let matchers: Vec<&Matcher> = matchers.iter().collect();
        self.remembered(&format!("d {metric} {}", shown(&matchers)), |all, left| {
            let (tests, mut found) = (tests(&matchers), None);
            for series in all.iter().filter(|s| s.may_hold(metric)) {
                *left = left.checked_sub(1)?;
                let hops = series.follow(Some(metric), |_, _, _| {});
                let last = hops.last()?;
                if tests.iter().any(|t| t.excludes(&last.labels)) {
                    continue;
                }
                let rule = last.dropped?;
                found = found.or(Some(Lost { rule, series }));
            }
            found
        })
    }

    /// Milliseconds between two samples of the slowest series of which that is known.
    pub(super) fn slowest(&self) -> Option<u64> {
        self.all.iter().filter_map(|s| s.pace).map(|p| p.millis).max()
    }

    /// Of all series of a metric that a selector may mean, those that get samples the fastest; `None` where it is not known
    /// how often some of them do.
    pub(super) fn fastest(&mut self, metric: &str, matchers: &[Matcher]) -> Option<(&'a Series, Pace)> {
        let matchers: Vec<&Matcher> = matchers.iter().collect();
        let key = format!("{metric} {}", shown(&matchers));
        let found = match self.fastest.get(&key) {
            Some(known) => *known,
            None => {
                let found = self.look_for_fastest(metric, &tests(&matchers));
                self.fastest.insert(key, found);
                found
            }
        };
        found.and_then(|series| Some((series, series.pace?)))
    }

    fn look_for_fastest(&mut self, metric: &str, tests: &[Test<'_>]) -> Option<&'a Series> {
        let mut found: Option<&Series> = None;
        for series in self.all.iter().filter(|s| s.may_hold(metric)) {
            self.left = self.left.checked_sub(1)?;
            let hops = series.follow(Some(metric), |_, _, _| {});
            let last = hops.last()?;
            if last.fate == Fate::Dropped || tests.iter().any(|t| t.excludes(&last.labels)) {
                continue;
            }
            let pace = series.pace?;
            if found.and_then(|f| f.pace).is_none_or(|f| pace.millis < f.millis) {
                found = Some(series);
            }
        }
        found
    }

    fn remembered(
        &mut self,
        key: &str,
        look: impl FnOnce(&[&'a Series], &mut usize) -> Option<Lost<'a>>,
    ) -> Option<Lost<'a>> {
        if let Some(known) = self.lost.get(key) {
            return *known;
        }
        let found = look(&self.all, &mut self.left);
        self.lost.insert(key.to_owned(), found);
        found
    }

    /// All values of `job`, each with the place of one who makes it; `None` where they are not all known. Only series of any
    /// name count.
    pub(super) fn jobs(&self) -> Option<BTreeMap<String, Span>> {
        let mut jobs = BTreeMap::new();
        for series in self.all.iter().filter(|s| s.prefix.is_none()) {
            let hops = series.follow(None, |_, _, _| {});
            let Value::Of(values) = hops.last()?.labels.get("job") else { return None };
            for value in values {
                jobs.entry(value).or_insert(series.span);
            }
        }
        Some(jobs)
    }

    /// Whether a metric of that name may come from a maker of names of its own.
    pub(super) fn is_special(&self, metric: &str) -> bool {
        self.prefixes.iter().any(|p| metric.starts_with(p))
    }
}

/// A matcher that is ready to be run.
pub(super) struct Test<'q> {
    label: &'q str,
    op: MatchOp,
    want: &'q str,
    regex: Option<Regex>,
}

impl<'q> Test<'q> {
    /// The test of a matcher; `None` where not all of it is known.
    pub(super) fn of(matcher: &'q Matcher) -> Option<Self> {
        let (label, want) = (matcher.label.value.as_str(), matcher.value.value.as_str());
        if matcher.label.dynamic || matcher.value.dynamic {
            return None;
        }
        let regex = match matcher.op {
            MatchOp::Regex | MatchOp::NotRegex => Some(Regex::new(want)?),
            _ => None,
        };
        Some(Self { label, op: matcher.op, want, regex })
    }

    /// Whether it lets a value pass; `None` = not known.
    pub(super) fn passes(&self, value: &str) -> Option<bool> {
        let same = match &self.regex {
            Some(regex) => regex.is_match(value)?,
            None => value == self.want,
        };
        Some(same == matches!(self.op, MatchOp::Equal | MatchOp::Regex))
    }

    /// Whether it certainly passes none of these series.
    fn excludes(&self, set: &Set) -> bool {
        let Value::Of(values) = set.get(self.label) else { return false };
        values.iter().all(|v| self.passes(v) == Some(false))
    }
}

fn tests<'q>(matchers: &[&'q Matcher]) -> Vec<Test<'q>> {
    matchers.iter().filter(|m| m.label.value != "__name__").filter_map(|m| Test::of(m)).collect()
}

fn shown(matchers: &[&Matcher]) -> String {
    matchers.iter().map(|m| format!("{}{:?}{}{};", m.label.value, m.op, m.value.value, m.value.dynamic)).collect()
}

/// Whether series may come to a store on a way that is not known.
fn is_open(linked: &Linked<'_>, all: &[(Owner, &Series)]) -> bool {
    let foreign = linked.tree.services.iter().filter(|s| s.engine.is_none()).any(|s| {
        let image = s.image.as_ref().map_or("", |i| i.repository.as_str());
        let has = |words: &[&str]| words.iter().any(|w| image.contains(w) || s.name.contains(w));
        has(&FOREIGN) && !has(&SHOWS)
    });
    if foreign || linked.has_foreign_collector() {
        return true;
    }
    let ends: HashSet<Span> = all
        .iter()
        .filter_map(|(_, s)| if let crate::labels::End::Url(span) = s.end { Some(span) } else { None })
        .collect();
    let stores: HashSet<ServiceId> = linked
        .symbols
        .listeners()
        .filter(|(_, l)| l.accepts.iter().flatten().any(|a| a.protocol == Protocol::PrometheusQuery))
        .filter_map(|(o, _)| o.service)
        .collect();
    // A store that takes OTLP on demand is sent some.
    let asked = |id: &ServiceId| {
        linked.tree.service(*id).args().is_none_or(|a| a.iter().any(|a| a.open || a.text.contains("otlp")))
    };
    if stores.is_empty() || stores.iter().any(asked) {
        return true;
    }
    linked.urls.iter().any(|(_, url, to)| match url.protocol {
        Protocol::RemoteWrite => !ends.contains(&url.span),
        Protocol::OtlpGrpc | Protocol::OtlpHttp => reached(to).iter().any(|id| stores.contains(id)),
        // What is asked elsewhere has series from elsewhere.
        Protocol::PrometheusQuery => {
            let to = reached(to);
            to.is_empty() || to.iter().any(|id| !stores.contains(id))
        }
        _ => false,
    })
}

/// Names that recording rules make.
pub(super) fn recorded(tree: &Tree) -> HashSet<&str> {
    let rules = tree.of_kind("prometheus-rules").map(|(_, a)| a);
    let roots = rules.filter_map(|a| a.data()?.root());
    let groups = roots.flat_map(|r| r.get("groups").into_iter().flat_map(Node::items));
    let listed = groups.flat_map(|g| g.get("rules").into_iter().flat_map(Node::items));
    listed.filter_map(|r| r.get("record")?.scalar()).collect()
}

fn reached(to: &Resolution) -> &[ServiceId] {
    match to {
        Resolution::Services(to) | Resolution::Published(to) => to,
        _ => &[],
    }
}

/// The labels that a selection reads, each with its bytes in the query: those that must be there, and those that are
/// grouped by.
pub(super) fn read<'q>(query: &'q Query, selection: &Selection<'q, '_>) -> Vec<(&'q str, std::ops::Range<usize>)> {
    let must = |m: &&Matcher| m.label.value != "__name__" && !m.label.dynamic && m.matches_empty() == Some(false);
    let mut found: Vec<_> = selection
        .selector
        .matchers
        .iter()
        .filter(must)
        .map(|m| (m.label.value.as_str(), m.label.range.clone()))
        .collect();
    // A label may be made, or fetched from other series, on the way.
    let makes = query.nodes().any(|(_, n)| match &n.kind {
        NodeKind::Call { function, .. } => matches!(function.value.as_str(), "label_replace" | "label_join" | "info"),
        NodeKind::Binary { matching, operator, .. } => matching.group.is_some() || operator.is_set(),
        NodeKind::Aggregation { operator, .. } => operator.value == "count_values",
        _ => false,
    });
    if !makes {
        let by = selection.enclosing.iter().filter_map(|e| e.grouping).filter(|g| !g.without);
        let names = by.flat_map(|g| &g.labels).filter(|n| !n.dynamic);
        found.extend(names.map(|n| (n.value.as_str(), n.range.clone())));
    }
    found
}

/// What a metric looks like on each of its ways.
pub fn hops<'a>(linked: &Linked<'a>, metric: &str) -> Vec<(Owner, &'a Series, Vec<Hop>)> {
    let all = linked.symbols.series.iter().filter(|(_, s)| s.may_hold(metric));
    all.map(|(owner, s)| (*owner, s, s.follow(Some(metric), |_, _, _| {}))).collect()
}

/// Runs over the queries that can be read of the files whose texts hold a word.
pub(super) fn queries(linked: &Linked<'_>, word: &str, each: impl FnMut(&Asked<'_>, &Query, &Selection<'_, '_>)) {
    queries_of(linked, word, |_| true, |_| true, each);
}

/// The same of some files, and of those of their queries whose text may hold what is looked for.
pub(super) fn queries_of(
    linked: &Linked<'_>,
    word: &str,
    of: impl Fn(&Artifact) -> bool,
    may: impl Fn(&str) -> bool,
    mut each: impl FnMut(&Asked<'_>, &Query, &Selection<'_, '_>),
) {
    for (id, asked) in crate::engines::asked_in(linked.tree, |text| text.contains(word)) {
        let artifact = linked.tree.artifact(id);
        // What a test of rules asks is made up there.
        if artifact.kind.name == "prometheus-rule-tests" || !of(artifact) || !may(asked.query()) {
            continue;
        }
        let Some(query) = asked.parse() else { continue };
        // Of two alternatives one may well be empty, and so may what is taken off.
        let either =
            |n: &NodeKind| matches!(n, NodeKind::Binary { operator, .. } if matches!(operator.symbol, "or" | "unless"));
        if query.nodes().any(|(_, n)| either(&n.kind)) {
            continue;
        }
        query.selections(|selection| each(&asked, &query, selection));
    }
}
