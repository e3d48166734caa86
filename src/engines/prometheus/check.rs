//! Its files, held to the catalogue.

use super::rulefile::Process;
use super::{
    CONFIG, FILE_SD, FILE_SD_JSON, RULE_TESTS, RULES as RULE_FILES, SCRAPES, WEB, command, config, deployed, filesd,
    rulefile, rules, ruletest, symbols, variables, web,
};
use crate::catalogue::Version;
use crate::conform::Judge;
use crate::conform::{Expand, Plug, Reader, Rules};
use crate::engine::{Findings, Instance};
use crate::parse::{Dialect, Node};
use crate::tree::{Artifact, Kind, Service, path};

/// Nothing is replaced in a text before it is read (prometheus/prometheus config/config.go, model/rulefmt/rulefmt.go,
/// cmd/promtool/unittest.go@v3.14.0).
pub(super) static PLUG: Plug = Plug {
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
        reader(&WEB, "web", Dialect::V2),
        reader(&SCRAPES, "config", Dialect::V2),
    ],
    // With modes and features, in `command`.
    variables: None,
    flags: None,
};

const fn reader(kind: Kind, root: &'static str, dialect: Dialect) -> Reader {
    Reader { kind, root, dialect, expand: Expand::Never, zero_until: None }
}

/// Whether a list of patterns of a config names a file, as far as names tell.
fn names(root: Node<'_>, key: &str, file: &Artifact) -> bool {
    let patterns = root.get(key).into_iter().flat_map(Node::items).filter_map(Node::scalar);
    patterns.into_iter().any(|p| path::fits(path::name(p), path::name(&file.path)) == Some(true))
}

/// Looks at the files of one instance.
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let Some(version) = &instance.version else { return };
    // vmagent and vmalert read such files too, with more keys and a richer language (VictoriaMetrics/VictoriaMetrics
    // lib/promscrape/config.go, app/vmalert/config/config.go@v1.150.0).
    if instance.service.is_none() && instance.tree.runs("victoria") {
        return;
    }
    let first = findings.all.len();
    // Jobs that no config names may be anybody's.
    let main = |file: &Artifact| {
        let configs = instance.files.iter().filter(|(_, f)| *f.kind == CONFIG);
        let mut roots = configs.filter_map(|(_, f)| f.data()?.root());
        roots.find(|root| names(*root, "scrape_config_files", file))
    };
    let mut known = instance.clone();
    known.files.retain(|(_, f)| *f.kind != SCRAPES || main(f).is_some());
    PLUG.check(&known, findings);
    let service = instance.service.map(|(_, service)| service);
    let mut config = None;
    for (_, file) in instance.files.iter().filter(|(_, f)| f.syntax.is_empty()) {
        let Some(root) = file.data().and_then(|d| d.root()) else { continue };
        let Some(mut judge) = Judge::new(PLUG.engine, version, findings, first) else { continue };
        if *file.kind == FILE_SD || *file.kind == FILE_SD_JSON {
            // What no config names may be anybody's.
            if filesd::is_named(instance.tree, file) {
                filesd::file(&mut judge, root, file.kind.format);
            }
            continue;
        }
        if !root.is_map() {
            continue;
        }
        if let (true, Some(main)) = (*file.kind == SCRAPES, main(file)) {
            config::scrapes(&mut judge, root, main);
        } else if *file.kind == CONFIG {
            deployed::config(&mut judge, instance, file, root);
            config::config(&mut judge, root);
            if service.is_some_and(|s| command::is_agent(s, version.0)) {
                config::agent(&mut judge, root);
            }
            let known = process(service).features;
            let expands = version.0 >= Version::new(3, 0, 0)
                || known.as_ref().is_none_or(|f| f.iter().any(|f| f == "expand-external-labels"));
            if !instance.tree.fills(file) {
                variables::config(&mut judge, root, service.is_some() && known.is_some(), !expands);
            }
            config = Some(root);
        } else if *file.kind == RULE_FILES {
            let process = process(service);
            rulefile::file(&mut judge, root, &process);
            if service.is_some() && process.features.is_some() && !instance.tree.fills(file) {
                variables::rules(&mut judge, root);
            }
        } else if *file.kind == RULE_TESTS {
            ruletest::file(&mut judge, root);
        } else if *file.kind == WEB {
            web::file(&mut judge, root);
        }
    }
    if let Some(service) = service {
        let Some(mut judge) = Judge::new(PLUG.engine, version, findings, first) else { return };
        command::command(&mut judge, service, config);
        deployed::open(&mut judge, service);
        deployed::mounted(&mut judge, instance);
    }
}

/// What is known of the process. One that its service starts in a way that is not known may have any feature.
fn process(service: Option<&Service>) -> Process {
    let service = service.filter(|s| !s.build);
    let args = service.and_then(Service::args).filter(|args| args.iter().all(|a| !a.open));
    Process { features: service.filter(|_| args.is_some()).map(symbols::features) }
}
