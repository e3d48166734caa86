//! Alertmanager: its config.

mod files;
pub mod rules;
mod symbols;
mod validate;

use std::collections::HashSet;

use crate::conform::variables::written;
use crate::conform::{Expand, Plug, Reader, Rules, flags};
use crate::diagnostic::Diagnostic;
use crate::engine::{Engine, Findings, Instance, InstanceCheck, Upgrade};
use crate::parse::{Dialect, Node};
use crate::source::Span;
use crate::tree::{Format, Kind, KindDef, Service, Sniff, path};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "alertmanager",
    kinds: &[&CONFIG],
    mounted,
    names: None,
    services: None,
    symbols: symbols::symbols,
    flows: None,
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: check }),
    emit: None,
    upgrade: Some(&Upgrade {
        steps: |passage| PLUG.steps(passage),
        tidy: |_| None,
        wider: Some(|crossing| PLUG.wider(crossing)),
    }),
};

/// `alertmanager.yml`. Read by yaml.v2 in strict mode (prometheus/alertmanager config/config.go@v0.26.0, v0.34.0).
pub static CONFIG: KindDef =
    KindDef { name: "alertmanager-config", engine: "alertmanager", format: Format::Yaml(Dialect::V2), sniff };

/// Config path of the image (prometheus/alertmanager Dockerfile@v0.26.0, v0.34.0).
const IMAGE_CONFIG: &str = "/etc/alertmanager/alertmanager.yml";

/// Where the image starts it.
const HOME: &str = "/alertmanager";

/// Yaml.v2 in strict mode (prometheus/alertmanager config/config.go@v0.34.0).
static PLUG: Plug = Plug {
    engine: "alertmanager",
    rules: Rules {
        unknown: &rules::unknown_key::RULE,
        // No release that is known dropped a key.
        removed: &rules::unknown_key::RULE,
        invalid: &rules::invalid_value::RULE,
    },
    readers: &[Reader { kind: &CONFIG, root: "config", dialect: Dialect::V2, expand: Expand::Never, zero_until: None }],
    variables: None,
    // prometheus/alertmanager cmd/alertmanager/main.go@v0.34.0
    flags: Some((flags::Dialect::Kingpin, &rules::flag_unknown::RULE)),
};

fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let before = findings.all.len();
    PLUG.check_with(instance, findings, validate::config);
    // A value that is refused as it stands is told of once.
    let refused: HashSet<Span> = findings.all[before..].iter().map(|d| d.primary.span).collect();
    variables(instance, &refused, findings);
}

/// `${X}` in a config that the process reads as it is (prometheus/alertmanager config/config.go `Load`@v0.26.0, v0.34.0).
fn variables(instance: &Instance<'_>, refused: &HashSet<Span>, findings: &mut Findings) {
    let Some((_, service)) = instance.service.filter(|(_, s)| !s.build && s.args().is_some()) else { return };
    for (_, file) in &instance.files {
        let Some(root) = file.data().and_then(|d| d.root()).filter(|_| !instance.tree.fills(file)) else { continue };
        for (name, span) in written(root, "templates") {
            if refused.contains(&span) {
                continue;
            }
            let message = format!("`${{{name}}}` stays as it is: Alertmanager expands no variables");
            findings.push(
                Diagnostic::new(&rules::env_not_expanded::RULE, span, message)
                    .label(service.span, "run here")
                    .help("write the value, read it from a file (`smtp_auth_password_file`, `api_url_file`), or fill the file in before it is mounted"),
            );
        }
    }
}

fn mounted(service: &Service, at: &str) -> Option<Kind> {
    let config = match service.flag("config.file") {
        Some((arg, _)) if arg.open => return None,
        Some((_, value)) => service.path(HOME, &value),
        None => IMAGE_CONFIG.to_owned(),
    };
    (path::clean(&config) == at).then_some(&CONFIG)
}

/// A route that names a receiver, and receivers that have names. Kubernetes resources and charts nest the same.
fn sniff(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("route") || !sniff.line_starts("receivers") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let foreign = ["apiVersion", "kind", "exporters", "service", "image", "services", "scrape_configs"];
    if foreign.iter().any(|k| root.get(k).is_some()) {
        return 0;
    }
    let routed = root.at(&["route", "receiver"]).is_some();
    let named = root.get("receivers").into_iter().flat_map(Node::items).any(|r| r.get("name").is_some());
    if routed && named { 85 } else { 0 }
}
