//! Which programs are scraped, and whether they may have a metric.

use std::collections::{HashMap, HashSet};

use super::Flows;
use super::open::reached;
use crate::catalogue::{self, Exporter, Version};
use crate::labels::{Scraped, Series, is_report};
use crate::link::{Linked, Resolution};
use crate::source::Span;
use crate::symbol::{Owner, Protocol, Url};
use crate::tree::{Service, ServiceId, has_word, words};

/// Words in names of images and services of programs that show metrics of many others.
const MANY: [&str; 14] = [
    "agent",
    "alloy",
    "beyla",
    "collector",
    "fluent",
    "kube",
    "lgtm",
    "netdata",
    "otel",
    "push",
    "telegraf",
    "vector",
    "victoria",
    "vm",
];

/// The same of those that hold code of engines.
const KIN: [&str; 3] = ["cortex", "enterprise", "thanos"];

/// The same of those that may show what machines and containers do.
const HOSTS: [&str; 5] = ["container", "docker", "machine", "node", "podman"];

/// The namespaces that libraries are used with outside of the engines.
const LIBRARIES: [&str; 2] = ["prometheus_", "cortex_"];

/// Families that all programs of a kind show, and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::link) enum Kind {
    /// Those of an exporter.
    Exporter(&'static Exporter),
    /// Those that an engine has of itself.
    Engine(&'static str),
}

impl Kind {
    /// The one that a metric is of.
    fn of(metric: &str) -> Option<Self> {
        if is_report(metric) {
            return None;
        }
        let engine = || Some(Self::Engine(catalogue::owner(metric)?.0));
        Exporter::of_metric(metric).map(Self::Exporter).or_else(engine)
    }

    /// Whether a service is such a program.
    pub(in crate::link) fn is_of(self, service: &Service) -> bool {
        let image = || service.image.as_ref().and_then(|i| Exporter::of_image(&i.repository));
        match self {
            Self::Exporter(exporter) => image() == Some(exporter),
            Self::Engine(engine) => service.engine == Some(engine),
        }
    }

    /// For messages.
    pub(in crate::link) fn title(self) -> &'static str {
        match self {
            Self::Exporter(exporter) => exporter.title,
            Self::Engine(engine) => catalogue::engine(engine).map_or(engine, |facts| facts.title),
        }
    }
}

/// A program that is scraped.
#[derive(Debug, Clone, Copy)]
enum Program {
    Engine(&'static str, Option<Version>),
    Exporter(&'static Exporter),
    /// One that shows what it does itself. `hosts`: or what the machine does.
    Application {
        hosts: bool,
    },
    /// May show anything.
    Unknown,
}

impl Program {
    fn of(service: &Service) -> Self {
        if let Some(engine) = service.engine {
            return Self::Engine(engine, service.version);
        }
        let image = service.image.as_ref().map_or("", |i| i.repository.as_str());
        if let Some(exporter) = Exporter::of_image(image).filter(|_| !service.build) {
            let given = |name: &&str| service.flag(name).is_some() || service.env(name).is_some();
            let opened = service.args().is_none_or(|a| a.iter().any(|a| a.open)) || exporter.opens.iter().any(given);
            return if opened { Self::Unknown } else { Self::Exporter(exporter) };
        }
        let has = |beginnings: &[&str]| has_word(image, beginnings) || has_word(&service.name, beginnings);
        if has(&MANY) || has(&KIN) {
            return Self::Unknown;
        }
        Self::Application { hosts: has(&HOSTS) || words(image).chain(words(&service.name)).any(|w| w == "host") }
    }

    /// Whether it may have a metric of a kind.
    fn may_have(self, kind: Kind, metric: &str) -> bool {
        match (self, kind) {
            (Self::Unknown, _) => true,
            (Self::Exporter(one), Kind::Exporter(other)) => one == other,
            (Self::Exporter(_), Kind::Engine(_)) => false,
            // Its exporters answer below a path of their own.
            (Self::Engine(engine, _), Kind::Exporter(_)) => engine == "alloy",
            (Self::Engine(engine, version), Kind::Engine(_)) => match (catalogue::own(engine), version) {
                (Some(own), Some(version)) => own.may_have(metric, version),
                (Some(own), None) => own.ever_may_have(metric),
                (None, _) => engine == "mimir",
            },
            (Self::Application { hosts }, Kind::Exporter(exporter)) => hosts || !exporter.alone,
            (Self::Application { .. }, Kind::Engine(_)) => LIBRARIES.iter().any(|l| metric.starts_with(l)),
        }
    }
}

/// What each maker of series looks at, by its place; of a maker that is not here nothing is known.
#[derive(Debug, Default)]
pub(super) struct Makers(HashMap<Span, Vec<Program>>);

impl Makers {
    pub(super) fn of(linked: &Linked<'_>, all: &[(Owner, &Series)]) -> Self {
        let scrapes = linked.urls.iter().filter(|(_, url, _)| url.protocol == Protocol::Scrape);
        let at: HashMap<Span, (&Url, &Resolution)> = scrapes.map(|(_, url, to)| (url.span, (*url, to))).collect();
        let mut found = HashMap::new();
        for (owner, series) in all {
            let programs: Option<Vec<Program>> = match &series.scraped {
                Scraped::Unknown => None,
                Scraped::Exporter(component) => Exporter::of_component(component).map(|e| vec![Program::Exporter(e)]),
                Scraped::Addresses(targets) => {
                    let mut programs = Vec::new();
                    let known = targets.iter().all(|target| {
                        let Some((url, to)) = at.get(target) else { return false };
                        // Beside it others may listen.
                        let own = |id: &ServiceId| url.port.is_some_and(|p| linked.open_ports(*id).contains(&p));
                        let reached = match to {
                            Resolution::Itself => owner.service.as_slice(),
                            to => reached(to),
                        };
                        programs.extend(reached.iter().map(|id| Program::of(linked.tree.service(*id))));
                        !reached.is_empty() && (**to != Resolution::Itself || reached.iter().all(own))
                    });
                    known.then_some(programs)
                }
            };
            if let Some(programs) = programs {
                found.insert(series.span, programs);
            }
        }
        Self(found)
    }

    /// Whether a metric may be among series.
    pub(super) fn may_have(&self, series: &Series, metric: &str) -> bool {
        let Some(kind) = Kind::of(metric) else { return true };
        // What is sent as OTLP is called otherwise by who makes it.
        let Some(programs) = self.0.get(&series.span) else { return series.translation.is_none() };
        programs.iter().any(|p| p.may_have(kind, metric))
    }

    /// Whether a maker of series looks at a program of the kind that a metric is of.
    fn are_of(&self, series: &Series, metric: &str) -> bool {
        let Some((kind, programs)) = Kind::of(metric).zip(self.0.get(&series.span)) else { return false };
        let is = |program: &Program| match (*program, kind) {
            (Program::Exporter(one), Kind::Exporter(other)) => one == other,
            (Program::Engine(one, _), Kind::Engine(other)) => one == other,
            _ => false,
        };
        !programs.is_empty() && programs.iter().any(is)
    }
}

/// How names begin of which it can be told that nobody makes them.
pub(in crate::link) fn begins() -> impl Iterator<Item = &'static str> {
    let engines = catalogue::namespaces().filter(|n| !LIBRARIES.contains(n));
    Exporter::begins().chain(engines)
}

impl<'a> Flows<'a> {
    /// Whether a metric is one of those that some program which is scraped here has.
    pub(in crate::link) fn is_scraped(&self, metric: &str) -> bool {
        self.all.iter().any(|s| self.makers.are_of(s, metric))
    }

    /// The kind of programs that have a metric, where none of them is scraped and nothing else brings it.
    pub(in crate::link) fn unmade(&self, metric: &str) -> Option<Kind> {
        let kind = Kind::of(metric).filter(|_| begins().any(|begin| metric.starts_with(begin)))?;
        let may = |s: &&Series| s.may_hold(metric) && self.makers.may_have(s, metric);
        (!self.all.iter().any(may)).then_some(kind)
    }

    /// Who scrapes: the first, and how many there are beside it.
    pub(in crate::link) fn scrapes(&self) -> Option<(&'a Series, usize)> {
        let mut all = self.all.iter().filter(|s| self.makers.0.contains_key(&s.span));
        let first = all.next()?;
        let others: HashSet<Span> = all.map(|s| s.span).filter(|s| *s != first.span).collect();
        Some((first, others.len()))
    }
}
