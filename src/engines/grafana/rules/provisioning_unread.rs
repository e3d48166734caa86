//! Files that are mounted beside the places where Grafana looks.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::engines::grafana::{DATASOURCES, INI, PROVIDER, mounted, provisioning, symbols};
use crate::tree::{Mount, MountSource, Service, path};

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-provisioning-unread",
    aliases: &[],
    summary: "data sources, providers or a `grafana.ini` are mounted where Grafana does not look for them",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("provisioning_unread.md"),
};

/// Folders that are read below that of what is provisioned (`grafana/grafana pkg/services/provisioning/provisioning.go`).
const READ: [&str; 6] = ["datasources", "dashboards", "alerting", "plugins", "notifiers", "access-control"];

/// Once for each mount.
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some((id, service)) = instance.service else { return };
    let Some(args) = service.args().filter(|_| !service.build && !service.mounts_open && service.entrypoint.is_none())
    else {
        return;
    };
    let Some(folder) = provisioning(service) else { return };
    let mentioned = |at: &str| {
        let env = service.environment.iter().any(|e| e.value.as_deref().is_none_or(|v| v.contains(at)));
        env || args.iter().any(|a| a.open || a.text.contains(at))
    };
    let config = symbols::config(instance);
    let mut told = BTreeSet::new();
    for (_, file) in &instance.files {
        let right = |u: &&crate::tree::Use| mounted(service, &u.path).is_some();
        let wanted = match file.kind {
            kind if *kind == DATASOURCES => "datasources",
            kind if *kind == PROVIDER => "dashboards",
            kind if *kind == INI => "",
            _ => continue,
        };
        if file.used_by(id).iter().any(|u| right(&u)) {
            continue;
        }
        for used in file.used_by(id) {
            let Some(mount) = deepest(service, &used.path).filter(|m| matches!(m.source, MountSource::Bind(_))) else {
                continue;
            };
            if told.contains(&mount.target_span) || mentioned(&mount.target) {
                continue;
            }
            let alone = mount.target == used.path;
            let found = match (&config, wanted) {
                (Some(config), "") => ini(service, mount, config).filter(|_| alone),
                (None, "") => None,
                _ => misplaced(service, &used.path, mount, &folder, wanted),
            };
            if let Some((message, help)) = found {
                told.insert(mount.target_span);
                let diagnostic = Diagnostic::new(&RULE, mount.target_span, message)
                    .note("Grafana logs nothing of files elsewhere")
                    .help(help);
                findings.push(diagnostic);
            }
        }
    }
}

/// What is wrong with the place of a file, and what to do.
fn misplaced(service: &Service, at: &str, mount: &Mount, folder: &str, wanted: &str) -> Option<(String, String)> {
    let right = format!("{folder}/{wanted}");
    let what = if wanted == "datasources" { "data sources" } else { "providers of dashboards" };
    let Some(rest) = path::below(at, folder) else {
        // Where nothing brings that folder another rule tells of it.
        let own = path::below(at, "/etc/grafana").is_some() && (mount.target == at || mount.target == path::folder(at));
        let told = own && service.mounts.iter().any(|m| m.brings(folder));
        let message = format!("`{at}` is read by nobody: Grafana looks for {what} in `{right}`");
        return told.then(|| (message, format!("mount it at `{right}`")));
    };
    let parts: Vec<&str> = rest.split('/').collect();
    let yaml = |name: &str| matches!(path::extension(name), "yaml" | "yml");
    match parts[..] {
        [name] if yaml(name) => {
            let message = format!("`{at}` is read by nobody: Grafana looks for {what} in `{right}`");
            Some((message, format!("mount it at `{right}/{name}`")))
        }
        [below, name] if below == wanted && !yaml(name) => {
            let message = format!("`{at}` is read by nobody: Grafana reads only `.yaml` and `.yml` there");
            Some((message, format!("mount it at `{right}/{}.yaml`", name.split('.').next().unwrap_or(name))))
        }
        [below, name] if yaml(name) && !READ.contains(&below) => {
            let message = format!("`{at}` is read by nobody: Grafana looks for {what} in `{right}`");
            Some((message, format!("mount it at `{right}`")))
        }
        _ => None,
    }
}

/// An ini that is not the one which Grafana reads, where nothing else brings that.
fn ini(service: &Service, mount: &Mount, config: &str) -> Option<(String, String)> {
    let brought = service.mounts.iter().any(|m| path::below(config, &m.target).is_some());
    // Where nothing of what is provisioned is mounted another rule tells of it.
    let folder = provisioning(service)?;
    let told = service.mounts.iter().any(|m| path::below(&m.target, &folder).is_some());
    let message = format!("`{}` is read by nobody: Grafana reads `{config}`", mount.target);
    let help = format!("mount it at `{config}`, or set `GF_PATHS_CONFIG` to `{}`", mount.target);
    (told && !brought).then_some((message, help))
}

/// The mount that brings what the process sees at a path.
fn deepest<'s>(service: &'s Service, at: &str) -> Option<&'s Mount> {
    let all = service.mounts.iter().filter(|m| path::below(at, &m.target).is_some());
    all.max_by_key(|m| m.target.len())
}
