//! Series on their way from who makes them to a store.

use std::sync::Arc;

use super::{Action, Fate, Set, Step, Translation, Value, apply};
use crate::source::Span;

/// A stretch of the way on which labels change.
#[derive(Debug)]
pub struct Stage {
    /// What it is, for messages: "`metric_relabel_configs` of job `node`".
    pub title: String,
    /// Where it is configured.
    pub span: Span,
    /// Labels that are added where they are absent.
    pub adds: Vec<(String, Value)>,
    /// Rules, each with its place.
    pub steps: Vec<(Step, Span)>,
    /// Whether series about the scrape itself (`up`) pass it too.
    pub reports: bool,
}

/// Where series end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// In the store of who makes them.
    Own,
    /// They are sent to that URL.
    Url(Span),
    /// Cannot be known.
    Unknown,
}

/// The names of the metrics that a maker makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Any.
    Any,
    /// Those that begin so.
    Prefix(&'static str),
    /// That one.
    Only(String),
}

/// How often a maker of series looks: of several paces the fastest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Milliseconds between two samples.
    pub millis: u64,
    /// Where that is written; that of the maker, where it is the engine's default.
    pub span: Span,
    /// Whether it is written.
    pub written: bool,
}

/// What makers of series look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scraped {
    /// What is at these addresses, and nothing else.
    Addresses(Vec<Span>),
    /// An exporter inside of the process, by the name of its component.
    Exporter(String),
    /// Cannot be known, or nothing.
    Unknown,
}

/// Series of one maker on one way.
#[derive(Debug)]
pub struct Series {
    /// Who makes them, for messages: "scrape job `node`".
    pub maker: String,
    /// Where that is configured.
    pub span: Span,
    /// What they are called.
    pub names: Names,
    /// The labels of the targets after relabelling: all that series about the scrape itself have.
    pub target: Set,
    /// The labels of series as they are scraped, received or recorded.
    pub labels: Set,
    /// Where it is decided which of them recorded series have.
    pub decided: Option<Span>,
    /// What makes series of them, where they come as OTLP.
    pub translation: Option<Arc<Translation>>,
    /// What is scraped.
    pub scraped: Scraped,
    /// How often they get a sample; `None` = not known.
    pub pace: Option<Pace>,
    /// What they pass.
    pub stages: Vec<Arc<Stage>>,
    /// Where they end.
    pub end: End,
}

/// A scrape job that drops all targets that it has.
#[derive(Debug)]
pub struct Idle {
    /// The job, for messages.
    pub maker: String,
    /// Where it is named.
    pub span: Span,
    /// A rule that drops a target.
    pub rule: Span,
    /// How many targets it has.
    pub count: usize,
}

impl Stage {
    /// Whether a rule may take labels away.
    #[must_use]
    pub fn takes_labels(&self) -> bool {
        self.steps.iter().any(|(step, _)| match step {
            Step::Rule(rule) => match rule.action {
                Action::LabelDrop | Action::LabelKeep => true,
                Action::Replace => rule.replacement.is_empty(),
                _ => false,
            },
            Step::Unknown => false,
        })
    }

    /// Whether a rule may drop series.
    #[must_use]
    pub fn drops(&self) -> bool {
        let drops = [Action::Keep, Action::Drop, Action::KeepEqual, Action::DropEqual];
        self.steps.iter().any(|(step, _)| matches!(step, Step::Rule(rule) if drops.contains(&rule.action)))
    }
}

/// What a series looks like after one stage.
#[derive(Debug, Clone)]
pub struct Hop {
    /// The stage; `None` = where it is made.
    pub stage: Option<usize>,
    /// The labels there; of a series that is dropped, those it had.
    pub labels: Set,
    /// Whether it goes on.
    pub fate: Fate,
    /// The rule that drops it.
    pub dropped: Option<Span>,
}

/// Names of series that Prometheus makes about a scrape (prometheus/prometheus scrape/scrape.go@v3.14.0).
#[must_use]
pub fn is_report(metric: &str) -> bool {
    metric == "up" || metric.starts_with("scrape_")
}

impl Series {
    /// Series of which nothing is known but who makes them and where they end.
    #[must_use]
    pub fn open(maker: impl Into<String>, span: Span, stages: Vec<Arc<Stage>>, end: End) -> Self {
        Self {
            maker: maker.into(),
            span,
            names: Names::Any,
            target: Set::open(),
            labels: Set::open(),
            decided: None,
            translation: None,
            scraped: Scraped::Unknown,
            pace: None,
            stages,
            end,
        }
    }

    /// Series that come as OTLP.
    #[must_use]
    pub fn translated(translation: Arc<Translation>, stages: Vec<Arc<Stage>>, end: End) -> Self {
        let (maker, labels) = (translation.title.clone(), translation.labels());
        Self { labels, translation: Some(translation.clone()), ..Self::open(maker, translation.span, stages, end) }
    }

    /// Whether a metric of that name may be among them.
    #[must_use]
    pub fn may_hold(&self, metric: &str) -> bool {
        match &self.names {
            Names::Any => true,
            Names::Prefix(prefix) => metric.starts_with(prefix),
            Names::Only(name) => metric == name,
        }
    }

    /// Follows a metric (any, if none is named) and shows each step to `each`: the rule, and the labels before and after.
    pub fn follow(&self, metric: Option<&str>, each: impl FnMut(Span, &Set, &Set)) -> Vec<Hop> {
        // All attributes of a resource are labels of one series of their own.
        let info = self.translation.is_some() && metric.is_some_and(|m| m.ends_with("target_info"));
        let set = match (metric.is_some_and(is_report), info) {
            (true, _) => self.target.clone(),
            (false, true) => Set::open(),
            (false, false) => self.labels.clone(),
        };
        self.follow_from(set, metric, each)
    }

    /// The same for series that begin with these labels.
    pub fn follow_from(&self, mut set: Set, metric: Option<&str>, mut each: impl FnMut(Span, &Set, &Set)) -> Vec<Hop> {
        let report = metric.is_some_and(is_report);
        set.put("__name__", metric.map_or(Value::Filled, Value::is));
        let mut hops = vec![Hop { stage: None, labels: set.clone(), fate: Fate::Kept, dropped: None }];
        for (at, stage) in self.stages.iter().enumerate().filter(|(_, s)| !report || s.reports) {
            let mut fate = Fate::Kept;
            for (name, value) in &stage.adds {
                let there = set.get(name);
                let value = if there.is_filled() {
                    there
                } else if there.is_absent() {
                    value.clone()
                } else {
                    there.filled().or(value.clone())
                };
                set.put(name.clone(), value);
            }
            for (step, span) in &stage.steps {
                let before = set.clone();
                match apply(step, &mut set) {
                    Fate::Kept => {}
                    Fate::Unknown => fate = Fate::Unknown,
                    Fate::Dropped => {
                        hops.push(Hop { stage: Some(at), labels: before, fate: Fate::Dropped, dropped: Some(*span) });
                        return hops;
                    }
                }
                each(*span, &before, &set);
            }
            hops.push(Hop { stage: Some(at), labels: set.clone(), fate, dropped: None });
        }
        hops
    }
}
