//! Which programs are scraped, and whether they may have a metric.

use std::collections::HashMap;

use super::Flows;
use super::open::reached;
use crate::catalogue::{self, Exporter, Version};
use crate::labels::{Scraped, Series, is_report};
use crate::link::{Linked, Resolution};
use crate::source::Span;
use crate::symbol::{Owner, Protocol, Url};
use crate::tree::{Service, ServiceId, has_word, words};

/// Words in names of images and services of programs that show metrics of many others, or hold code of engines.
const MANY: [&str; 17] = [
    "agent",
    "alloy",
    "beyla",
    "collector",
    "cortex",
    "enterprise",
    "fluent",
    "kube",
    "lgtm",
    "netdata",
    "otel",
    "push",
    "telegraf",
    "thanos",
    "vector",
    "victoria",
    "vm",
];

/// The same of those that may show what machines and containers do.
const HOSTS: [&str; 5] = ["container", "docker", "machine", "node", "podman"];

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
    pub(super) fn of(metric: &str) -> Option<Self> {
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
            return if is_opened(exporter, service) { Self::Unknown } else { Self::Exporter(exporter) };
        }
        let has = |beginnings: &[&str]| has_word(image, beginnings) || has_word(&service.name, beginnings);
        if has(&MANY) {
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
            (Self::Application { .. }, Kind::Engine(_)) => catalogue::is_shared(metric),
        }
    }
}

/// What a maker of series looks at.
#[derive(Debug)]
struct Looked {
    programs: Vec<Program>,
    /// Whether these are engines and exporters alone, which know no resources.
    plain: bool,
}

/// What each maker of series looks at, by its place; of a maker that is not here nothing is known.
#[derive(Debug)]
pub(super) struct Makers(HashMap<Span, Looked>);

impl Makers {
    /// Those of all series; where servers show their series to others, any program may have any.
    pub(super) fn of(linked: &Linked<'_>, all: &[(Owner, &Series)], federates: bool) -> Self {
        let scrapes = linked.urls.iter().filter(|(_, url, _)| url.protocol == Protocol::Scrape);
        let at: HashMap<Span, (&Url, &Resolution)> = scrapes.map(|(_, url, to)| (url.span, (*url, to))).collect();
        let program = |service: &Service| if federates { Program::Unknown } else { Program::of(service) };
        let mut found = HashMap::new();
        for (owner, series) in all {
            let looked = match &series.scraped {
                Scraped::Unknown => None,
                Scraped::Exporter(component) => {
                    let program = Exporter::of_component(component).map_or(Program::Unknown, Program::Exporter);
                    Some(Looked { programs: vec![program], plain: true })
                }
                Scraped::Addresses(targets) => {
                    let dialled = targets.iter().map(|target| at.get(target).map(|(url, to)| (*url, *to)));
                    services(linked, *owner, dialled).map(|all| {
                        let all = || all.iter().map(|id| linked.tree.service(*id));
                        Looked { programs: all().map(program).collect(), plain: all().all(is_plain) }
                    })
                }
            };
            found.extend(looked.map(|looked| (series.span, looked)));
        }
        Self(found)
    }

    /// Whether a metric, which is of that kind, may be among series.
    pub(super) fn may_have(&self, series: &Series, kind: Option<Kind>, metric: &str) -> bool {
        let Some(kind) = kind else { return true };
        // What is sent as OTLP is called otherwise by who makes it.
        let Some(looked) = self.0.get(&series.span) else { return series.translation.is_none() };
        looked.programs.iter().any(|p| p.may_have(kind, metric))
    }

    /// Whether a maker of series looks at engines and exporters alone.
    pub(super) fn are_plain(&self, series: &Series) -> bool {
        self.0.get(&series.span).is_some_and(|looked| looked.plain)
    }
}

/// The services that are dialled; `None` where one is not known.
fn services<'u>(
    linked: &Linked<'_>,
    owner: Owner,
    dialled: impl Iterator<Item = Option<(&'u Url, &'u Resolution)>>,
) -> Option<Vec<ServiceId>> {
    let mut found = Vec::new();
    for one in dialled {
        let (url, to) = one?;
        // Beside it others may listen.
        let own = |id: &ServiceId| url.port.is_some_and(|p| linked.open_ports(*id).contains(&p));
        let all = match to {
            Resolution::Itself => owner.service.as_slice().iter().filter(|id| own(id)).copied().collect(),
            to => reached(to).to_vec(),
        };
        if all.is_empty() {
            return None;
        }
        found.extend(all);
    }
    Some(found)
}

/// Whether an exporter may show metrics of any name: its command is not known, or its users add some.
pub(in crate::link) fn is_opened(exporter: &Exporter, service: &Service) -> bool {
    let given = |name: &&str| service.flag(name).is_some() || service.env(name).is_some();
    service.args().is_none_or(|a| a.iter().any(|a| a.open)) || exporter.opens.iter().any(given)
}

/// Whether a service is an engine or an exporter, and nothing that is made here.
fn is_plain(service: &Service) -> bool {
    let image = service.image.as_ref().map_or("", |i| i.repository.as_str());
    !service.build && (service.engine.is_some() || image.contains("exporter"))
}

/// How names begin of which it can be told that nobody makes them.
pub(in crate::link) fn begins() -> impl Iterator<Item = &'static str> {
    Exporter::begins().chain(catalogue::namespaces().filter(|n| !catalogue::is_shared(n)))
}

impl<'a> Flows<'a> {
    /// Whether a metric is one of those that some program which is scraped here has.
    pub(in crate::link) fn is_scraped(&self, metric: &str) -> bool {
        let Some(kind) = Kind::of(metric) else { return false };
        let is = |program: &Program| match (*program, kind) {
            (Program::Exporter(one), Kind::Exporter(other)) => one == other,
            (Program::Engine(one, _), Kind::Engine(other)) => one == other,
            _ => false,
        };
        self.makers.0.values().any(|looked| looked.programs.iter().any(is))
    }

    /// The kind of programs that have a metric, where none of them is scraped and nothing else brings it.
    pub(in crate::link) fn unmade(&mut self, metric: &str) -> Option<Kind> {
        if let Some(known) = self.unmade.get(metric) {
            return *known;
        }
        let kind = Kind::of(metric).filter(|_| begins().any(|begin| metric.starts_with(begin)));
        let may = |s: &&Series| s.may_hold(metric) && self.makers.may_have(s, kind, metric);
        let found = kind.filter(|_| !self.all.iter().any(may));
        self.unmade.insert(metric.to_owned(), found);
        found
    }

    /// Whether a metric of an exporter's namespace may come from another program; `lone`: from one of which nothing is known but
    /// that it is not that exporter, too.
    pub(in crate::link) fn may_come_from_others(&self, exporter: &'static Exporter, metric: &str, lone: bool) -> bool {
        let other = |program: &Program| match *program {
            Program::Unknown => true,
            Program::Application { .. } => lone && program.may_have(Kind::Exporter(exporter), metric),
            Program::Exporter(_) | Program::Engine(..) => false,
        };
        self.all.iter().filter(|s| s.may_hold(metric)).any(|series| match self.makers.0.get(&series.span) {
            Some(looked) => looked.programs.iter().any(other),
            None => series.translation.is_none(),
        })
    }

    /// Whether a component of Alloy holds an exporter that somebody scrapes.
    pub(in crate::link) fn is_held(&self, exporter: &'static Exporter) -> bool {
        let of = |s: &Series| matches!(&s.scraped, Scraped::Exporter(c) if Exporter::of_component(c) == Some(exporter));
        self.all.iter().any(|s| of(s))
    }

    /// Who scrapes: the first, and how many there are beside it.
    pub(in crate::link) fn scrapes(&self) -> Option<(&'a Series, usize)> {
        let first = self.all.iter().find(|s| self.makers.0.contains_key(&s.span))?;
        Some((first, self.makers.0.len() - 1))
    }
}
