//! Its files, held to the catalogue.

use super::judge::Judge;
use super::rulefile::Process;
use super::{CONFIG, RULE_TESTS, RULES as RULE_FILES, config, rulefile, rules, symbols};
use crate::catalogue::Version;
use crate::conform::{Expand, Plug, Reader, Rules};
use crate::engine::{Findings, Instance};
use crate::parse::Dialect;
use crate::tree::{Kind, Service};

/// Nothing is replaced in a text before it is read (prometheus/prometheus config/config.go, model/rulefmt/rulefmt.go,
/// cmd/promtool/unittest.go@v3.14.0).
static PLUG: Plug = Plug {
    engine: "prometheus",
    rules: Rules {
        unknown: &rules::unknown_key::RULE,
        removed: &rules::removed_key::RULE,
        invalid: &rules::invalid_value::RULE,
    },
    readers: &[
        reader(&CONFIG, "config", Dialect::V2),
        reader(&RULE_FILES, "rules", Dialect::V3),
        reader(&RULE_TESTS, "rule-test", Dialect::V2),
    ],
};

const fn reader(kind: Kind, root: &'static str, dialect: Dialect) -> Reader {
    Reader { kind, root, dialect, strict: true, expand: Expand::Never }
}

/// Looks at the files of one instance.
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let Some(version) = &instance.version else { return };
    let first = findings.all.len();
    PLUG.check(instance, findings);
    for (_, file) in instance.files.iter().filter(|(_, f)| f.syntax.is_empty()) {
        let Some(root) = file.data().and_then(|d| d.root()).filter(|r| r.is_map()) else { continue };
        let mut judge = Judge::new(version, findings, first);
        if *file.kind == CONFIG {
            config::config(&mut judge, root);
            if is_agent(instance, version.0) {
                config::agent(&mut judge, root);
            }
        } else if *file.kind == RULE_FILES {
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
