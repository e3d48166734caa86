//! A store whose data goes with its container.

use crate::catalogue::{self, Version};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{Mount, MountSource, Service, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-data-not-persisted",
    aliases: &[],
    summary: "the data of a store lies on no volume, while that of others does",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("data_not_persisted.md"),
};

/// Engines whose data folder is the image's unless a flag or a variable says otherwise. That of others stands in a config.
const STORES: [&str; 2] = ["prometheus", "grafana"];

/// Every store of a file in which another service has a named volume.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let own = || ctx.tree.declared_by(ctx.id).map(|(_, service)| service);
    let keeps = |s: &Service| s.mounts.iter().find(|m| matches!(m.source, MountSource::Volume(_))).map(|m| m.span);
    let Some(other) = own().find_map(keeps) else { return };
    for service in own() {
        let Some((title, data)) = data(service) else { continue };
        if service.mounts_open || service.mounts.iter().any(|m| covers(m, &data)) {
            continue;
        }
        let span = service.image.as_ref().map_or(service.span, |i| i.span);
        findings.push(
            Diagnostic::new(&RULE, span, format!("{title} keeps its data in `{data}`, which is on no volume"))
                .label(other, "other data is kept")
                .help(format!("mount a named volume at `{data}`"))
                .note("the data is gone when the container is removed, as `docker compose down` does"),
        );
    }
}

/// Title of a store and where it keeps its data; `None` = not known.
fn data(service: &Service) -> Option<(&'static str, String)> {
    let engine = service.engine.filter(|e| STORES.contains(e))?;
    let facts = catalogue::engine(engine)?;
    let args = service.args()?;
    if args.iter().any(|a| a.open) || service.environment_open {
        return None;
    }
    let tag = service.image.as_ref().and_then(|i| i.tag.as_deref()).unwrap_or_default();
    let image = facts.image(service.version.unwrap_or_else(|| facts.newest()), Version::suffix(tag))?;
    if engine == "prometheus" {
        // An agent has no data to keep, only what is not sent yet.
        let agent = args.iter().any(|a| a.text.contains("--agent") || a.text.contains("=agent"));
        return (!agent).then(|| {
            let told = service.flag("storage.tsdb.path").map(|(_, value)| path::join(image.data, &value));
            (facts.title, told.unwrap_or_else(|| image.data.to_owned()))
        });
    }
    // With a database of its own elsewhere it keeps nothing, and its config may say so too.
    let moved = ["GF_DATABASE_TYPE", "GF_DATABASE_URL", "GF_PATHS_DATA", "GF_PATHS_CONFIG"];
    let ini = service.mounts.iter().any(|m| image.config == m.target || path::below(image.config, &m.target).is_some());
    (!moved.iter().any(|v| service.env(v).is_some()) && !ini).then(|| (facts.title, image.data.to_owned()))
}

/// Whether a mount keeps a folder: it lies there, above it, or inside of it.
fn covers(mount: &Mount, data: &str) -> bool {
    path::below(data, &mount.target).is_some() || mount.target == data || path::below(&mount.target, data).is_some()
}
