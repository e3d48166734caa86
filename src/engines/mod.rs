//! The plugs: everything that is known about one engine lives in its folder. Engines never import each other.

pub mod alertmanager;
pub mod alloy;
pub mod caddy;
pub mod compose;
pub mod grafana;
pub mod loki;
pub mod mimir;
pub mod prometheus;
pub mod pyroscope;
pub mod tempo;

use crate::diagnostic::Rule;
use crate::emitter::EngineEmitter;
use crate::engine::{Asked, Engine};
use crate::tree::{Artifact, ArtifactId, Kind, MANIFEST, RawTree, SPEC, SYMBOLS, Service, Settings, Tree};
use crate::vsym;

/// All engines.
pub static ALL: &[&Engine] = &[
    &alertmanager::ENGINE,
    &alloy::ENGINE,
    &caddy::ENGINE,
    &compose::ENGINE,
    &grafana::ENGINE,
    &loki::ENGINE,
    &mimir::ENGINE,
    &prometheus::ENGINE,
    &pyroscope::ENGINE,
    &tempo::ENGINE,
];

/// Whose files ask stores of metrics.
static ASKERS: [fn(&Artifact) -> Vec<Asked<'_>>; 2] = [grafana::queries::asked, prometheus::queries::asked];

/// What the files of a tree ask stores of metrics.
pub fn asked(tree: &Tree) -> Vec<(ArtifactId, Asked<'_>)> {
    asked_in(tree, |_| true)
}

/// What those files ask whose texts may hold what is looked for: most do not, and need not be taken apart.
pub fn asked_in(tree: &Tree, may: impl Fn(&str) -> bool) -> Vec<(ArtifactId, Asked<'_>)> {
    let may = |artifact: &&Artifact| may(tree.sources.text(artifact.source));
    let of = |(id, artifact)| ASKERS.iter().flat_map(move |asker| asker(artifact)).map(move |asked| (id, asked));
    tree.artifacts().filter(|(_, a)| may(a)).flat_map(of).collect()
}

/// The engine of that name.
pub fn named(name: &str) -> Option<&'static Engine> {
    ALL.iter().copied().find(|e| e.name == name)
}

/// Who writes the files of an engine's nodes.
pub fn emitter(name: &str) -> Option<EngineEmitter> {
    named(name).and_then(|e| e.emit)
}

/// All kinds, our own included.
pub fn kinds() -> Vec<Kind> {
    ALL.iter().flat_map(|e| e.kinds.iter().copied()).chain([&SPEC as Kind, &MANIFEST, &SYMBOLS]).collect()
}

/// The kind of that name.
pub fn kind(name: &str) -> Option<Kind> {
    kinds().into_iter().find(|k| k.name == name)
}

/// The rules of all engines on their own files.
pub fn rules() -> Vec<&'static Rule> {
    ALL.iter().flat_map(|e| e.told()).collect()
}

/// Raw files → tree, with all engines plugged in.
pub fn tree(raw: RawTree, settings: &Settings) -> Tree {
    let kinds = kinds();
    let deploys = ALL.iter().filter(|e| e.services.is_some()).flat_map(|e| e.kinds.iter().copied());
    let deployments: Vec<Kind> = deploys.chain([&SYMBOLS as Kind]).collect();
    let declared = [vsym::services as fn(&Tree) -> Vec<Service>];
    let declared = || ALL.iter().filter_map(|e| e.services).chain(declared);
    let services = |tree: &Tree| declared().flat_map(|services| services(tree)).collect::<Vec<_>>();
    let mounted = |service: &Service, path: &str| {
        let engine = service.engine.and_then(named)?;
        (engine.mounted)(service, path)
    };
    let names = |file: &Artifact, service: Option<&Service>| {
        let names = named(file.kind.engine).and_then(|engine| engine.names);
        names.map_or(Vec::new(), |names| names(file, service))
    };
    let (services, mounted, names): (&(dyn Fn(&Tree) -> _ + Sync), _, _) = (&services, &mounted, &names);
    let plugs = crate::tree::Plugs { kinds: &kinds, deployments: &deployments, services, mounted, names };
    Tree::build(raw, &plugs, settings)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_of_engines_kinds_and_rules_are_unique() {
        let unique = |names: Vec<&str>| names.len() == names.iter().collect::<HashSet<_>>().len();
        assert!(unique(ALL.iter().map(|e| e.name).collect()));
        assert!(unique(kinds().iter().map(|k| k.name).collect()));
        assert!(unique(rules().iter().map(|r| r.id).collect()));
    }

    #[test]
    fn every_kind_names_its_engine() {
        for engine in ALL {
            assert!(engine.kinds.iter().all(|k| k.engine == engine.name), "{}", engine.name);
        }
    }
}
