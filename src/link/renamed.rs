//! Queries of metrics that their engine calls otherwise now.

use super::Linked;
use super::rules::weighed;
use crate::catalogue::{self, MetricRename, Version};
use crate::diagnostic::{Diagnostic, Fix, Rule};
use crate::engine::Findings;
use crate::engines;
use crate::source::Edit;
use crate::symbol::{Export, Owner, Symbols};
use crate::tree::{Artifact, Image, Service, ServiceId, Tree, has_word};

/// Parts of the names of images whose programs may have metrics of an engine's old names.
const KIN: [&str; 6] = ["cortex", "mimir", "enterprise", "collector", "agent", "lgtm"];

/// Whether a name is that engine's in this tree.
pub fn means(tree: &Tree, symbols: &Symbols, rename: &MetricRename) -> bool {
    if tree.services.iter().any(|s| s.engine.is_some_and(|e| rename.shared.contains(&e))) {
        return false;
    }
    let keeps = |a: &Artifact| a.data().and_then(|d| d.root()).is_some_and(|r| r.get(rename.kept).is_some());
    let flag = rename.kept.replace('_', "-");
    let mut services = tree.services.iter().filter(|s| s.engine == Some(rename.engine));
    let mut files = tree.artifacts.iter().filter(|a| a.kind.engine == rename.engine);
    if !rename.kept.is_empty() && (files.any(keeps) || services.any(|s| s.flag(&flag).is_some())) {
        return false;
    }
    let made = |(owner, export): &(Owner, Export)| {
        let by = owner.artifact.map(|id| tree.artifact(id)).filter(|a| a.kind.engine == rename.engine);
        // One that is written out has the name for good.
        let written = |a: &Artifact| !rename.kept.is_empty() && tree.sources.text(a.source).contains(rename.kept);
        by.is_some_and(|a| !written(a)) && matches!(export, Export::Metric(family) if family.name == rename.old)
    };
    !rename.made || symbols.exports.iter().any(made)
}

/// The name of a series at the end of all renames, and the last of them; empty = it is gone.
pub fn latest<'r>(all: &[&'r MetricRename], series: &str) -> Option<(&'r MetricRename, String)> {
    let mut found: Option<(&MetricRename, String)> = None;
    // Each step leads to another name, and no way is longer than all of them.
    for _ in 0..all.len() {
        let now = found.as_ref().map_or(series, |(_, name)| name.as_str());
        let Some(next) = all.iter().find_map(|r| Some((*r, r.apply(now)?))) else { break };
        found = Some(next);
    }
    found
}

/// Words of a text that may be names of metrics: those with an underscore.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    text.split(move |c| !word(c)).filter(|w| w.len() > 8 && w.contains('_'))
}

/// The oldest version that runs, and who runs it; `None` = none runs, or one of an unknown version does.
fn oldest(tree: &Tree, engine: &str) -> Option<(ServiceId, Version)> {
    let mut oldest: Option<(ServiceId, Version)> = None;
    for (id, service) in tree.services().filter(|(_, s)| s.engine == Some(engine)) {
        let version = service.version?;
        if oldest.is_none_or(|(_, before)| version < before) {
            oldest = Some((id, version));
        }
    }
    // Others of its kin may go by names that are not known here.
    let foreign = tree.services.iter().filter(|s| s.engine.is_none());
    let kin = |i: &Image| has_word(&i.repository, &KIN);
    let unknown = |s: &Service| s.build || s.image.as_ref().is_some_and(kin);
    oldest.filter(|_| !foreign.into_iter().any(unknown))
}

/// Tells, for each engine that has a rule on it, of every query that reads a metric of it under a name that the running
/// version has no more.
pub fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for engine in engines::ALL {
        let is = |rule: &&'static Rule| rule.id.strip_prefix(engine.name) == Some("-metric-renamed");
        if let Some(rule) = engine.told().find(is) {
            tell(linked, engine.name, rule, findings);
        }
    }
}

fn tell(linked: &Linked<'_>, engine: &'static str, rule: &'static Rule, findings: &mut Findings) {
    let tree = linked.tree;
    let (Some((id, version)), Some(facts)) = (oldest(tree, engine), catalogue::engine(engine)) else { return };
    // What a file made before is known only of the release that it was written for.
    let renames = catalogue::renames(engine, version).filter(|r| !r.made && means(tree, linked.symbols, r));
    let all: Vec<&MetricRename> = renames.collect();
    if all.is_empty() {
        return;
    }
    let may = |text: &str| words(text).any(|word| all.iter().any(|r| r.apply(word).is_some()));
    for (_, asked) in engines::asked_in(tree, may) {
        if !may(asked.query()) {
            continue;
        }
        let Some(query) = asked.parse() else { continue };
        let mut read = Vec::new();
        query.selections(|s| read.extend(s.metric().filter(|m| !m.dynamic).cloned()));
        for name in &read {
            let Some((rename, new)) = latest(&all, &name.value) else { continue };
            // A query of several metrics may offer what other releases have.
            let current = |other: &str| new.is_empty() && other != name.value && latest(&all, other).is_none();
            if read.iter().any(|other| other.value == new || current(&other.value)) {
                continue;
            }
            let (title, span) = (facts.title, asked.span(name.range.clone()));
            let since = rename.since;
            let message = if new.is_empty() {
                format!("`{}` is gone since {title} {since}: {}", name.value, rename.why)
            } else {
                format!("`{}` is called `{new}` since {title} {since}", name.value)
            };
            let (severity, note) = weighed(linked, id, rule.severity);
            let service = tree.service(id);
            let at = service.image_span();
            let mut found = Diagnostic::new(rule, span, message)
                .severity(severity)
                .label(at, format!("this is {version}"))
                .note("the query finds nothing");
            if !new.is_empty() {
                let edit = Edit { span, text: new.clone() };
                let exact = tree.sources.slice(span) == name.value;
                found = found.help(format!("write `{new}`"));
                if exact {
                    found = found.fix(Fix { title: format!("write `{new}`"), safe: false, edits: vec![edit] });
                }
            }
            if let Some(note) = note {
                found = found.note(note);
            }
            findings.push(found);
        }
    }
}
