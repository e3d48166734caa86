//! What series look like where they end, over all ways of the tree.

mod families;
mod jobs;
mod makers;
mod open;
mod pace;
mod pass;
mod test;
mod translated;

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::rc::Rc;

use jobs::Jobs;
use makers::Makers;
pub(super) use makers::{Kind, begins, is_opened};
pub(super) use pace::Fastest;
pub(super) use pass::{Known, Look, Reading, once, queries, queries_of, tell};

use super::Linked;
use crate::labels::{End, Fate, Hop, Names, Series, Set, is_report, otlp};
use crate::lang::promql::{Matcher, Selection};
use crate::parse::Node;
use crate::source::Span;
use crate::symbol::Owner;
use crate::tree::{Artifact, Tree};
use test::tests;

/// More ways than this are not followed for all queries together: of the others nothing is said.
const FOLLOWED: usize = 20_000;

/// What is known of all ways of series together, where all scrapes are known: looked up once, whoever holds queries against them.
#[derive(Debug)]
pub(super) struct Ways {
    /// Whether something comes as OTLP.
    is_translated: bool,
    /// Who is scraped.
    makers: Makers,
    /// The begins of names that makers of a kind use alone.
    prefixes: HashSet<&'static str>,
    /// Names that recording rules make, of which all rules are known, and none but rules make them.
    followed: HashSet<String>,
    /// Names that recording rules make.
    recorded: HashSet<String>,
    /// Whether others may write through a published port.
    is_public: bool,
    /// Whether somebody here writes to a store, so that its port for that is there for somebody.
    is_explained: bool,
    /// Whether others than those who are followed send some.
    has_senders: bool,
    /// Whether one server may show its series to another one.
    federates: bool,
}

/// All ways of series, as one rule follows them, with what it found.
pub(super) struct Flows<'a> {
    all: Vec<&'a Series>,
    ways: Rc<Ways>,
    /// How many ways may still be followed.
    left: usize,
    /// Verdicts by metric, label and matchers.
    lost: HashMap<String, Option<Lost<'a>>>,
    /// Those whose series get samples the fastest, by metric and matchers.
    fastest: HashMap<String, Option<pace::Fastest<'a>>>,
    /// Metrics that nobody makes.
    unmade: HashMap<String, Option<Kind>>,
    /// Looked up once.
    jobs: Option<Option<Jobs>>,
}

impl Deref for Flows<'_> {
    type Target = Ways;

    fn deref(&self) -> &Ways {
        &self.ways
    }
}

/// How a label, or a series, comes to be not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// It stays with the resource.
    Unpromoted,
    /// A relabelling rule takes it away.
    Relabelled,
    /// The rule that records the series gives them none.
    Aggregated,
    /// It never was there.
    Never,
}

/// What is wrong with a query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost<'a> {
    /// How it comes.
    pub(super) how: Loss,
    /// What does it: the rule that drops it, the operator that takes it away, or who makes series without it.
    pub(super) rule: Span,
    /// On whose series.
    pub(super) series: &'a Series,
}

impl Ways {
    /// Those of a tree; `None` where it is not known who scrapes.
    fn of(linked: &Linked<'_>) -> Option<Self> {
        let all: Vec<(Owner, &Series)> = linked.symbols.series.iter().map(|(o, s)| (*o, s)).collect();
        if all.is_empty() || all.iter().any(|(o, _)| o.service.is_none()) {
            return None;
        }
        let has_senders = open::has_senders(linked, &all)?;
        let records = records(linked.tree);
        // A server that shows its series to another one shows those that it recorded, and what it knows of its scrapes.
        let text = |a: &Artifact| linked.tree.sources.text(a.source).contains("federate");
        let federates = linked.tree.artifacts.iter().any(text);
        let makers = Makers::of(linked, &all, federates);
        let all: Vec<&Series> = all.into_iter().map(|(_, s)| s).collect();
        let prefix = |s: &&Series| if let Names::Prefix(prefix) = s.names { Some(prefix) } else { None };
        Some(Self {
            is_translated: all.iter().any(|s| s.translation.is_some()),
            prefixes: all.iter().filter_map(prefix).collect(),
            followed: if federates { HashSet::new() } else { followed(&all, &records) },
            recorded: records.iter().filter_map(|r| r.scalar()).map(str::to_owned).collect(),
            is_public: linked.is_open_to_writers(),
            is_explained: linked.has_writers(),
            makers,
            has_senders,
            federates,
        })
    }
}

impl<'a> Flows<'a> {
    /// All ways; `None` where series may come in on others.
    pub(super) fn of(linked: &Linked<'a>) -> Option<Self> {
        Self::of_scrapes(linked).filter(|flows| !flows.is_public())
    }

    /// The same where others may write through a published port: of series that bear the job of a scrape all ways are known
    /// then, unless somebody borrows its name.
    pub(super) fn of_scrapes(linked: &Linked<'a>) -> Option<Self> {
        Self::of_some(linked).filter(|flows| !flows.has_senders)
    }

    /// Those of all scrapes, whoever else sends series.
    pub(super) fn of_some(linked: &Linked<'a>) -> Option<Self> {
        let ways = linked.ways.get_or_init(|| Ways::of(linked).map(Rc::new)).clone()?;
        let all = linked.symbols.series.iter().map(|(_, series)| series).collect();
        let (lost, fastest, unmade) = (HashMap::new(), HashMap::new(), HashMap::new());
        Some(Self { all, ways, left: FOLLOWED, lost, fastest, unmade, jobs: None })
    }

    /// Whether something comes as OTLP.
    pub(super) fn is_translated(&self) -> bool {
        self.ways.is_translated
    }

    /// Whether others may write through a published port.
    pub(super) fn is_public(&self) -> bool {
        self.ways.is_public
    }

    /// Whether one server may show its series to another one.
    pub(super) fn federates(&self) -> bool {
        self.ways.federates
    }

    /// The metric of a selection, where it is one that a scrape makes.
    pub(super) fn metric<'q>(&self, selection: &Selection<'q, '_>) -> Option<&'q str> {
        let name = selection.metric().filter(|n| !n.dynamic)?.value.as_str();
        let made = name.contains(':') || name.starts_with("ALERTS") || self.recorded.contains(name);
        (!made && !selection.asks_absence() && !selection.selector.open && !selection.selector.opaque).then_some(name)
    }

    /// The metric of a selection, where it is one that recording rules make and nobody else.
    pub(super) fn recorded<'q>(&self, selection: &Selection<'q, '_>) -> Option<&'q str> {
        let name = selection.metric().filter(|n| !n.dynamic)?.value.as_str();
        let plain = !selection.asks_absence() && !selection.selector.open && !selection.selector.opaque;
        (plain && self.followed.contains(name)).then_some(name)
    }

    /// What takes a label away from all series of a metric that a selector may mean.
    pub(super) fn label(&mut self, metric: &str, label: &str, matchers: &[Matcher]) -> Option<Lost<'a>> {
        let others: Vec<&Matcher> = matchers.iter().filter(|m| m.label.value != label).collect();
        let by_rules = self.followed.contains(metric);
        let made = |s: &Series| if by_rules { matches!(s.names, Names::Only(_)) } else { true };
        self.remembered(&format!("l {metric} {label} {}", shown(&others)), |all, makers, left| {
            let (tests, mut found) = (tests(&others), None);
            let of_resources = otlp::resource_labels().contains(label);
            for series in all.iter().filter(|s| made(s) && s.may_hold(metric)) {
                *left = left.checked_sub(1)?;
                let mut rule: Option<Span> = None;
                let each = |span, before: &Set, after: &Set| {
                    let (before, after) = (before.get(label), after.get(label));
                    if after.is_absent() && !before.is_absent() {
                        rule = Some(span);
                    }
                };
                let hops = if of_resources && makers.are_plain(series) && !is_report(metric) {
                    let mut set = series.labels.clone();
                    set.leave_out(otlp::resource_labels().clone());
                    series.follow_from(set, Some(metric), each)
                } else {
                    series.follow(Some(metric), each)
                };
                let last = hops.last()?;
                if last.fate == Fate::Dropped || tests.iter().any(|t| t.excludes(&last.labels)) {
                    continue;
                }
                if !last.labels.get(label).is_absent() {
                    return None;
                }
                let never = || match (series.decided, &series.translation) {
                    (Some(at), _) => (Loss::Aggregated, at),
                    (None, Some(translation)) => (Loss::Unpromoted, translation.span),
                    (None, None) => (Loss::Never, series.span),
                };
                let (how, rule) = rule.map_or_else(never, |rule| (Loss::Relabelled, rule));
                let lost = Lost { how, rule, series };
                // That others never had it is no news.
                found = found.filter(|f: &Lost<'_>| f.how != Loss::Never).or(Some(lost));
            }
            found
        })
    }

    /// The rule that drops all series of a metric that a selector may mean.
    pub(super) fn dropped(&mut self, metric: &str, matchers: &[Matcher]) -> Option<Lost<'a>> {
        let matchers: Vec<&Matcher> = matchers.iter().collect();
        self.remembered(&format!("d {metric} {}", shown(&matchers)), |all, _, left| {
            let (tests, mut found) = (tests(&matchers), None);
            for series in all.iter().filter(|s| s.may_hold(metric)) {
                *left = left.checked_sub(1)?;
                let hops = series.follow(Some(metric), |_, _, _| {});
                let last = hops.last()?;
                if tests.iter().any(|t| t.excludes(&last.labels)) {
                    continue;
                }
                let rule = last.dropped?;
                found = found.or(Some(Lost { how: Loss::Relabelled, rule, series }));
            }
            found
        })
    }

    fn remembered(
        &mut self,
        key: &str,
        look: impl FnOnce(&[&'a Series], &Makers, &mut usize) -> Option<Lost<'a>>,
    ) -> Option<Lost<'a>> {
        if let Some(known) = self.lost.get(key) {
            return *known;
        }
        let found = look(&self.all, &self.ways.makers, &mut self.left);
        self.lost.insert(key.to_owned(), found);
        found
    }

    /// The jobs under which series of any name are scraped; `None` where they are not all known.
    pub(super) fn jobs(&mut self) -> Option<&mut Jobs> {
        let Self { all, jobs, .. } = self;
        jobs.get_or_insert_with(|| Jobs::of(all)).as_mut()
    }

    /// Whether it is likely that all ways are known: a port that is published is there for who writes through it here.
    pub(super) fn is_closed(&self) -> bool {
        !self.has_senders && (!self.ways.is_public || self.is_explained)
    }

    /// Whether a metric comes from scrapes of the store alone.
    pub(super) fn is_only_scraped(&self, metric: &str) -> bool {
        let kind = Kind::of(metric);
        let mut all = self.all.iter().filter(|s| s.may_hold(metric) && self.makers.may_have(s, kind, metric));
        all.all(|s| s.end == End::Own && s.pace.is_some())
    }

    /// Whether that is so for certain.
    pub(super) fn is_sealed(&self) -> bool {
        !self.has_senders && !self.ways.is_public
    }

    /// Whether a metric of that name may come from a maker of names of its own.
    pub(super) fn is_special(&self, metric: &str) -> bool {
        self.prefixes.iter().any(|p| metric.starts_with(p))
    }
}

/// Names that recording rules make.
pub(super) fn recorded(tree: &Tree) -> HashSet<&str> {
    records(tree).into_iter().filter_map(Node::scalar).collect()
}

fn records(tree: &Tree) -> Vec<Node<'_>> {
    let roots = tree.of_kind("prometheus-rules").filter_map(|(_, a)| a.data()?.root());
    let groups = roots.flat_map(|r| r.get("groups").into_iter().flat_map(Node::items));
    let listed = groups.flat_map(|g| g.get("rules").into_iter().flat_map(Node::items));
    listed.filter_map(|r| r.get("record")).collect()
}

/// The names of which all recording rules are followed. Programs have no `:` in names (prometheus/prometheus
/// docs, "Metric names and labels": it is reserved for rules).
fn followed(all: &[&Series], records: &[Node<'_>]) -> HashSet<String> {
    let mut open: HashMap<&str, HashSet<Span>> = HashMap::new();
    for record in records {
        if let Some(name) = record.scalar().filter(|n| n.contains(':')) {
            open.entry(name).or_default().insert(record.span());
        }
    }
    for series in all {
        if let Names::Only(name) = &series.names
            && let Some(left) = open.get_mut(name.as_str())
        {
            left.remove(&series.span);
        }
    }
    open.into_iter().filter(|(_, left)| left.is_empty()).map(|(name, _)| name.to_owned()).collect()
}

fn shown(matchers: &[&Matcher]) -> String {
    matchers.iter().map(|m| format!("{}{:?}{}{};", m.label.value, m.op, m.value.value, m.value.dynamic)).collect()
}

/// What a metric looks like on each of its ways.
pub fn hops<'a>(linked: &Linked<'a>, metric: &str) -> Vec<(Owner, &'a Series, Vec<Hop>)> {
    let all = linked.symbols.series.iter().filter(|(_, s)| s.may_hold(metric));
    all.map(|(owner, s)| (*owner, s, s.follow(Some(metric), |_, _, _| {}))).collect()
}
