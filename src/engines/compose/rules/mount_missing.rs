//! A config file that is mounted and not there.

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{Mount, MountSource, Presence, Service, Tree, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-mount-missing",
    aliases: &[],
    summary: "a config file that a service mounts does not exist",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("mount_missing.md"),
};

/// Extensions that only config files have.
const EXTENSIONS: [&str; 11] = ["yaml", "yml", "json", "alloy", "river", "toml", "ini", "conf", "cfg", "tmpl", "rules"];

/// Folders that Grafana reads its provisioning from (`grafana/grafana conf/provisioning`).
const GRAFANA: [&str; 3] =
    ["/etc/grafana/provisioning", "/etc/grafana/provisioning/datasources", "/etc/grafana/provisioning/dashboards"];

/// For how many findings of one file a better path is looked for: each look goes over all paths.
const NEAR_LIMIT: usize = 20;

/// Every mount of a config file that is certainly not there.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let mut told = 0;
    for service in ctx.tree.services.iter().filter(|s| s.artifact == ctx.id) {
        for mount in &service.mounts {
            let MountSource::Bind(source) = &mount.source else { continue };
            // A service laid over another file's is told there.
            if mount.span.source != ctx.artifact.source || ctx.tree.presence(source) != Presence::Absent {
                continue;
            }
            if ctx.tree.is_ignored(source) || !is_config(service, mount, source) {
                continue;
            }
            let message = format!("`{source}`, mounted at `{}`, does not exist", mount.target);
            let mut diagnostic = Diagnostic::new(&RULE, mount.span, message)
                .note("Docker creates an empty folder in its place, or refuses to start the container");
            told += 1;
            let near = if told > NEAR_LIMIT { None } else { nearest(ctx.tree, source) };
            diagnostic.help = Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "create the file, or mend the path".to_owned(),
            });
            findings.push(diagnostic);
        }
    }
}

/// Whether both ends look like a config: one file, or the folder that the engine reads its config in. Data folders, sockets
/// and certificates come into being elsewhere.
fn is_config(service: &Service, mount: &Mount, source: &str) -> bool {
    let typed = |p: &str| EXTENSIONS.contains(&path::extension(p));
    typed(source) && typed(&mount.target) || holds_config(service, mount)
}

/// Whether the config of the engine lies at a mount's target, or below it: where the image has its own, or where a flag
/// or a variable names one.
fn holds_config(service: &Service, mount: &Mount) -> bool {
    let Some(facts) = service.engine.and_then(catalogue::engine) else { return false };
    let below = |p: &str| path::below(p, &mount.target).is_some();
    let named = |text: &str| {
        let at = text.find('/').map(|at| &text[at..]);
        at.is_some_and(|p| EXTENSIONS.contains(&path::extension(p)) && below(p))
    };
    let words = service.args().unwrap_or_default();
    facts.image.iter().any(|i| !i.config.is_empty() && below(i.config))
        || words.iter().any(|a| named(&a.text))
        || service.environment.iter().filter_map(|e| e.value.as_deref()).any(named)
        || facts.engine == "grafana" && GRAFANA.contains(&mount.target.as_str())
}

/// A file of the same folder whose name is nearly that, or of the same name in a neighbouring folder.
fn nearest(tree: &Tree, source: &str) -> Option<String> {
    let folder = path::folder(source);
    let name = path::name(source);
    let files = || tree.paths.iter().filter(|(_, p)| **p == Presence::File).map(|(path, _)| path);
    let close = files().filter(|p| path::folder(p) == folder).map(|p| (strsim::levenshtein(path::name(p), name), p));
    let close = close.filter(|(distance, _)| *distance <= 2).min();
    if let Some((_, near)) = close {
        return Some(near.clone());
    }
    // Every engine has a `config.yaml`: only a telling name points to a neighbour.
    let stem = name.split('.').next().unwrap_or_default();
    if ["", "config", "default", "main", "settings", "dashboards", "datasources"].contains(&stem) {
        return None;
    }
    let mut same = files().filter(|p| path::name(p) == name);
    let only = same.next();
    only.filter(|_| same.next().is_none()).cloned()
}
