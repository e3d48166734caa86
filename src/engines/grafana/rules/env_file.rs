//! Variables whose value the image's start script is to read from a file.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::tree::{Inside, SECRETS, path};

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-env-file",
    aliases: &[],
    summary: "a variable `GF_…__FILE` is set beside the one without `__FILE`, or names a secret that the service does not have",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_file.md"),
};

/// Every such variable (`grafana/grafana packaging/docker/run.sh@07754534fbaf`).
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some((_, service)) = instance.service else { return };
    // Another image, or a start of one's own, has another script.
    let own = service.image.as_ref().is_some_and(|i| !i.open && i.repository.starts_with("grafana/grafana"));
    if !own || service.build || service.entrypoint.is_some() {
        return;
    }
    for variable in service.environment.iter().filter(|v| v.name.starts_with("GF_")) {
        let Some(name) = variable.name.strip_suffix("__FILE").filter(|n| n.len() > "GF_".len()) else { continue };
        // The script passes over one without a value.
        if variable.value.as_deref() == Some("") {
            continue;
        }
        if let Some(plain) = service.env(name).filter(|p| p.value.as_deref() != Some("")) {
            let message = format!("`{name}` and `{}` are both set: the start script stops", variable.name);
            let mut diagnostic = Diagnostic::new(&RULE, variable.span, message)
                .label(plain.span, "set here too")
                .help(format!("keep one of the two; `{}` keeps the value out of the environment", variable.name));
            // Either may be empty.
            if plain.value.is_none() || variable.value.is_none() {
                diagnostic = diagnostic.severity(Severity::Warning);
            }
            findings.push(diagnostic);
            continue;
        }
        let Some(file) = variable.value.as_deref().map(path::clean) else { continue };
        let Some(secret) = path::below(&file, SECRETS).filter(|s| !s.is_empty()) else { continue };
        if instance.tree.inside(service, &file) != Inside::Nothing {
            continue;
        }
        let message =
            format!("`{}` has no secret `{secret}`: `{name}` becomes empty, and keeps its default", service.name);
        let diagnostic = Diagnostic::new(&RULE, variable.span, message).severity(Severity::Warning);
        let help = match service.secret_like(secret) {
            Some(other) => format!("name `{SECRETS}/{other}`, which it has"),
            None => format!("add `{secret}` to the `secrets` of the service"),
        };
        findings.push(diagnostic.label(service.span, "this service").help(help));
    }
}
