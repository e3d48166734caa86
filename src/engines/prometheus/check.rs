//! Its files, held to the catalogue.

use super::judge::Judge;
use super::rulefile::Process;
use super::{CONFIG, ENGINE, RULE_TESTS, RULES as RULE_FILES, config, rulefile, rules, symbols};
use crate::catalogue::Version;
use crate::conform::{Conform, Expand, Reader, Rules};
use crate::engine::{Findings, Instance};
use crate::parse::Dialect;
use crate::tree::{Kind, Service};

static RULES: Rules = Rules {
    unknown: &rules::unknown_key::RULE,
    removed: &rules::removed_key::RULE,
    invalid: &rules::invalid_value::RULE,
};

/// How it reads each kind of file: nothing is replaced before (prometheus/prometheus config/config.go,
/// model/rulefmt/rulefmt.go, cmd/promtool/unittest.go@v3.14.0).
const READERS: [(Kind, Reader); 3] = [
    (&CONFIG, reader("config", Dialect::V2)),
    (&RULE_FILES, reader("rules", Dialect::V3)),
    (&RULE_TESTS, reader("rule-test", Dialect::V2)),
];

const fn reader(root: &'static str, dialect: Dialect) -> Reader {
    Reader { root, dialect, strict: true, expand: Expand::Never }
}

/// Looks at the files of one instance.
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let Some(version) = &instance.version else { return };
    let conform = ENGINE.facts().and_then(|facts| Conform::new(facts, &RULES, version));
    for (_, file) in instance.files.iter().filter(|(_, f)| f.syntax.is_empty()) {
        let Some((kind, reader)) = READERS.iter().find(|(kind, _)| *kind == file.kind) else { continue };
        let Some(document) = file.data() else { continue };
        let first = findings.all.len();
        if let Some(conform) = &conform {
            conform.file(document, *reader, findings);
        }
        let Some(root) = document.root().filter(|r| r.is_map()) else { continue };
        let mut judge = Judge::new(version, findings, first);
        if *kind == &CONFIG {
            config::config(&mut judge, root);
            if is_agent(instance, version.0) {
                config::agent(&mut judge, root);
            }
        } else if *kind == &RULE_FILES {
            rulefile::file(&mut judge, root, &process(instance));
        }
    }
}

/// Whether the process is an agent for certain (cmd/prometheus/main.go@v2.40.7 to v3.14.0: the feature until 3.0, the flag
/// since).
fn is_agent(instance: &Instance<'_>, version: Version) -> bool {
    let Some((_, service)) = instance.service else { return false };
    if version >= Version::new(3, 0, 0) {
        service.flag("agent").is_some_and(|(arg, _)| !arg.open)
    } else {
        symbols::features(service).iter().any(|f| f == "agent")
    }
}

/// What is known of the process. One that its service starts in a way that is not known may have any feature.
fn process(instance: &Instance<'_>) -> Process {
    let service = instance.service.map(|(_, service)| service).filter(|s| !s.build);
    let args = service.and_then(Service::args).filter(|args| args.iter().all(|a| !a.open));
    Process { features: service.filter(|_| args.is_some()).map(symbols::features) }
}
