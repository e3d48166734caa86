//! A query of a metric that an engine has of itself, but not the version of it that runs.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::weighed;
use crate::catalogue::{self, Own, Stay, Version};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::flow::{queries_of, recorded};
use crate::source::Span;
use crate::symbol::Export;
use crate::tree::{Artifact, Image, Service, ServiceId, has_word, words};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-own-metric-absent",
    aliases: &[],
    summary: "a query reads a metric of an engine itself that the running version does not have",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("own_metric_absent.md"),
};

/// Programs that hold code of many engines, of versions that are not known here: parts of the names of their images.
const KIN: [&str; 6] = ["cortex", "mimir", "enterprise", "thanos", "agent", "lgtm"];

pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let running = Running::of(linked);
    let of = |a: &Artifact| a.kind.name != "prometheus-rules" || !a.uses.is_empty();
    let mut made = None;
    // Most files ask for none of them, and need not be taken apart.
    for namespace in catalogue::namespaces().filter(|n| running.is_judged(n)) {
        let recorded = made.get_or_insert_with(|| recorded(linked.tree));
        let mut known: HashMap<String, Option<Absence>> = HashMap::new();
        let may = |query: &str| query.contains(namespace);
        queries_of(linked, of, may, |asked, _, selection| {
            let Some(metric) = selection.metric().filter(|m| !m.dynamic) else { return };
            let name = metric.value.as_str();
            if !name.starts_with(namespace) || selection.asks_absence() || name.contains(':') || recorded.contains(name)
            {
                return;
            }
            let absence = known.entry(name.to_owned()).or_insert_with(|| running.absence(namespace, name));
            if let Some(absence) = absence {
                findings.push(absence.told(linked, asked.span(metric.range.clone()), name));
            }
        });
    }
}

/// A metric that no instance of its engine has.
struct Absence {
    service: ServiceId,
    title: &'static str,
    version: Version,
    why: Why,
    /// What the running version has by a name that differs in the ending of counters.
    counter: Option<String>,
}

enum Why {
    Other(Stay),
    Slip(String),
}

impl Absence {
    fn told(&self, linked: &Linked<'_>, span: Span, name: &str) -> Diagnostic {
        let (title, version) = (self.title, self.version);
        let message = match &self.why {
            Why::Other(Stay::Until(_, last)) => {
                format!("{title} {version} has no `{name}`: the last release known to have it is {last}")
            }
            Why::Other(Stay::Since(first)) => {
                format!("{title} {version} has no `{name}`: the first release known to have it is {first}")
            }
            Why::Slip(_) => format!("{title} has no metric `{name}`, in any release"),
        };
        let service = linked.tree.service(self.service);
        let at = service.image_span();
        let (severity, note) = weighed(linked, self.service, RULE.severity);
        let mut found = Diagnostic::new(&RULE, span, message)
            .severity(severity)
            .label(at, format!("this is {version}"))
            .note("the query finds nothing");
        found = match (&self.why, &self.counter) {
            (Why::Other(_), Some(counter)) => found.help(format!("did you mean `{counter}`?")),
            (Why::Other(Stay::Until(..)), None) => {
                found.help("read what the running version has in its place, or nothing")
            }
            (Why::Other(Stay::Since(first)), None) => found.help(format!("run {title} {first} or a later one")),
            (Why::Slip(near), _) => found.help(format!("did you mean `{near}`?")),
        };
        if let Some(note) = note {
            found = found.note(note);
        }
        found
    }
}

/// What runs of each engine, and who else may have metrics of the same names.
struct Running<'a> {
    linked: &'a Linked<'a>,
    /// Engines of which every instance is of a known version.
    engines: HashMap<&'static str, Vec<(ServiceId, Version)>>,
    /// Families that somebody makes, and prefixes about which others say what there is.
    made: HashSet<&'a str>,
    told: Vec<&'a str>,
    /// What a version has, once somebody looks for what was meant.
    series: RefCell<HashMap<(&'static str, Version), Vec<String>>>,
}

impl<'a> Running<'a> {
    fn of(linked: &'a Linked<'a>) -> Self {
        let mut engines: HashMap<&'static str, Vec<(ServiceId, Version)>> = HashMap::new();
        let mut unknown = HashSet::new();
        for (id, service) in linked.tree.services() {
            let Some(engine) = service.engine else { continue };
            match service.version {
                Some(version) => engines.entry(engine).or_default().push((id, version)),
                None => {
                    unknown.insert(engine);
                }
            }
        }
        engines.retain(|engine, _| !unknown.contains(engine) && catalogue::own(engine).is_some());
        let exports = || linked.symbols.exports.iter().map(|(_, e)| e);
        let made = exports().filter_map(|e| if let Export::Metric(f) = e { Some(f.name.as_str()) } else { None });
        let told = exports().filter_map(|e| match e {
            Export::OpenMetrics { prefix } if !prefix.is_empty() => Some(prefix.as_str()),
            Export::AllMetrics { prefix, .. } => Some(prefix.as_str()),
            _ => None,
        });
        Self { linked, engines, made: made.collect(), told: told.collect(), series: RefCell::default() }
    }

    /// Whether names of a namespace may be called absent.
    fn is_judged(&self, namespace: &str) -> bool {
        let engine = catalogue::owner(namespace).map(|(engine, _)| engine);
        engine.is_some_and(|e| self.engines.contains_key(e) && !self.has_kin(namespace, e))
    }

    /// Whether a program may run that holds code of that engine, of a version that is not known.
    fn has_kin(&self, namespace: &str, engine: &str) -> bool {
        let library = catalogue::is_shared(namespace);
        let kin = |name: &str| has_word(name, &KIN) || library && has_word(name, &["collector"]);
        // One of the engine itself is of a version that is known.
        let other = |s: &&Service| s.engine.is_none_or(|e| e != engine && KIN.contains(&e));
        let mut foreign = self.linked.tree.services.iter().filter(other);
        foreign.any(|s| match &s.image {
            Some(image) => {
                kin(&image.repository) || is_of(image.repository.as_str(), engine) && image.release().is_none()
            }
            // What is built here from an application's source has none of them, unless it is named so.
            None => library || kin(&s.name) || is_of(&s.name, engine),
        })
    }

    /// Why nobody has a series of that name, if it is known.
    fn absence(&self, namespace: &'static str, name: &str) -> Option<Absence> {
        let (engine, _) = catalogue::owner(name)?;
        let own = catalogue::own(engine)?;
        let instances = self.engines.get(engine)?;
        if instances.iter().any(|(_, version)| own.may_have(name, *version)) || self.is_elsewhere(engine, own, name) {
            return None;
        }
        // The newest one is nearest to what was meant.
        let (service, version) = instances.iter().copied().max_by_key(|(_, version)| *version)?;
        let title = catalogue::engine(engine)?.title;
        let why = match own.stay(name, version) {
            Some(stay) => Why::Other(stay),
            None if own.ever_may_have(name) => return None,
            None => {
                let mut all = self.series.borrow_mut();
                let series = all.entry((namespace, version)).or_insert_with(|| own.series(Some(version), namespace));
                Why::Slip(series.iter().find(|s| self.linked.index.near.is_slip(name, s))?.clone())
            }
        };
        let other = name.strip_suffix("_total").map_or_else(|| format!("{name}_total"), str::to_owned);
        let counter = Some(other).filter(|other| own.surely_has(other, version));
        Some(Absence { service, title, version, why, counter })
    }

    /// Whether somebody else may have it, or it is told by another rule.
    fn is_elsewhere(&self, engine: &str, own: Own, name: &str) -> bool {
        let others = self.linked.tree.services.iter().filter(|s| s.engine.is_some_and(|e| e != engine));
        let may = |own: Own, version: Option<Version>| match version {
            Some(version) => own.may_have(name, version),
            None => own.ever_may_have(name),
        };
        let has = |s: &Service| s.engine.and_then(catalogue::own).is_some_and(|own| may(own, s.version));
        let siblings = self.linked.tree.services.iter().filter(|s| s.engine.is_none());
        let mut siblings = siblings.filter(|s| s.image.as_ref().is_some_and(|i| is_of(&i.repository, engine)));
        let renamed = |version| catalogue::renames(engine, version).any(|r| r.apply(name).is_some());
        let newest = self.engines.get(engine).into_iter().flatten().map(|(_, v)| *v).max();
        others.into_iter().any(has)
            || siblings.any(|s| may(own, s.image.as_ref().and_then(Image::release)))
            || newest.is_some_and(renamed)
            || self.made.iter().any(|family| name.starts_with(family))
            || self.told.iter().any(|prefix| name.starts_with(prefix))
    }
}

/// Whether a program of the engine's repository is named so: `grafana/promtail`, `grafana/tempo-vulture`.
fn is_of(name: &str, engine: &str) -> bool {
    let numbered = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_digit()) == engine;
    words(name).any(numbered) || engine == "loki" && has_word(name, &["promtail"])
}
