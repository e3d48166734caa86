//! A config file that is mounted and not there.

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{Arg, Mount, MountSource, Presence, Service, Tree, path};

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

/// Folders of files that others are made from.
const TEMPLATES: [&str; 4] = ["template", "templates", "_template", "_templates"];

/// Stores that look like configs: the process writes them, once somebody has made them. Traefik keeps
/// its certificates in one by default (traefik/traefik pkg/provider/acme/provider.go@0120018ec174, `SetDefaults`).
const STORES: [&str; 1] = ["acme.json"];

/// For how many findings of one file a better path is looked for: each look goes over all paths.
const NEAR_LIMIT: usize = 20;

/// Every mount of a config file that is certainly not there.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    // What is copied from there meets its files where it is copied to.
    if path::folder(&ctx.artifact.path).split('/').any(|s| TEMPLATES.contains(&s)) {
        return;
    }
    let example = is_example(&ctx.artifact.path);
    let moved = ctx.tree.is_moved(&ctx.artifact.path);
    let mut told = 0;
    for (_, service) in ctx.tree.declared_by(ctx.id) {
        for mount in &service.mounts {
            let MountSource::Bind(source) = &mount.source else { continue };
            if ctx.tree.presence(source) != Presence::Absent || ctx.tree.is_ignored(source) {
                continue;
            }
            if is_templated(ctx.tree, source) || is_rendered(ctx.tree, source) {
                continue;
            }
            // A default counts only where nobody sets the variable.
            let text = ctx.tree.sources.slice(mount.span);
            let mut set =
                text.split("${").skip(1).map(|rest| rest.split([':', '-', '}', '=', '?']).next().unwrap_or_default());
            if set.any(|name| ctx.tree.sets(name)) {
                continue;
            }
            let made = ctx.tree.makes(source);
            let sample = super::invalid::sample(ctx.tree, source);
            let inside = named_inside(service, mount);
            let longer = extended(ctx.tree, mount, source);
            let config = is_config(service, mount, source);
            if !config && inside.is_none() && longer.is_none() {
                continue;
            }
            // A program that is not known may write its config into a folder that is empty.
            let written = !config && longer.is_none() && service.engine.is_none();
            let store = STORES.contains(&path::name(source));
            // A file of an image that is built here.
            let copied = ctx.tree.is_dockerfile(mount.span.source);
            // Of an empty folder Grafana provisions nothing, and starts.
            let harmless = !copied && is_provisioning(service, mount) && path::extension(source).is_empty();
            let how = if copied { "copied to" } else { "mounted at" };
            let message = format!("`{source}`, {how} `{}`, does not exist", mount.target);
            let mut diagnostic = Diagnostic::new(&RULE, mount.span, message)
                .severity(if harmless || made || written || store || example || moved || sample.is_some() {
                    Severity::Warning
                } else {
                    Severity::Error
                })
                .note(if copied {
                    "the image cannot be built: \"not found\""
                } else if harmless {
                    "Docker creates an empty folder in its place, and Grafana provisions nothing from it"
                } else {
                    "Docker creates an empty folder in its place, or refuses to start the container"
                });
            if moved {
                diagnostic = diagnostic
                    .note("a script here copies this compose file elsewhere: from there the path may lead to it");
            }
            if made {
                diagnostic = diagnostic
                    .note("a script here writes a file of that name: where it has run, this one may be there");
            }
            if written {
                diagnostic = diagnostic.note("unless the image writes a config there by itself");
            }
            if let Some(arg) = inside {
                diagnostic = diagnostic.label(arg.span, "a config is read from there");
            }
            told += 1;
            let look = || match inside {
                Some(arg) => folder_of(ctx.tree, arg, mount),
                None => nearest(ctx.tree, source).or_else(|| tail(ctx.tree, source)),
            };
            let near = longer.or_else(|| (told <= NEAR_LIMIT && sample.is_none()).then(look).flatten());
            diagnostic.help = Some(match (near, sample) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, Some(sample)) => format!("copy `{sample}` to it, and fill it in"),
                _ if store => "make an empty file that its owner alone may read, before the first start".to_owned(),
                _ if inside.is_some() => "create the folder with the config in it, or mend the path".to_owned(),
                _ if harmless => "create the folder, or mend the path".to_owned(),
                _ => "create the file, or mend the path".to_owned(),
            });
            findings.push(diagnostic);
        }
    }
}

/// Whether a compose file is one to copy from.
fn is_example(at: &str) -> bool {
    let name = path::name(at);
    let says =
        ["example", "sample", "template"].iter().any(|word| name.split(['.', '-', '_']).any(|part| part == *word));
    says || path::folder(at).split('/').any(|folder| matches!(folder, "docs" | "doc"))
}

/// The only file elsewhere whose path ends as that one does: in its name and the name of its folder.
fn tail(tree: &Tree, source: &str) -> Option<String> {
    let parent = path::folder(source);
    if path::name(parent).is_empty() {
        return None;
    }
    let tail = format!("/{}/{}", path::name(parent), path::name(source));
    let mut all =
        tree.paths.iter().filter(|(at, kind)| **kind == Presence::File && at.ends_with(&tail)).map(|(at, _)| at);
    let only = all.next()?;
    all.next().is_none().then(|| only.clone())
}

/// Whether both ends look like a config: one file, or the folder that the engine reads its config in. Data folders, sockets
/// and certificates come into being elsewhere.
fn is_config(service: &Service, mount: &Mount, source: &str) -> bool {
    let typed = |p: &str| EXTENSIONS.contains(&path::extension(p));
    typed(source) && typed(&mount.target) || holds_config(service, mount)
}

/// Whether the config of the engine lies at a mount's target, or below it: where the image has its own, or where a variable
/// names one.
fn holds_config(service: &Service, mount: &Mount) -> bool {
    let Some(facts) = service.engine.and_then(catalogue::engine) else { return false };
    let below = |p: &str| path::below(p, &mount.target).is_some();
    let named = |text: &str| EXTENSIONS.contains(&path::extension(text)) && below(text);
    facts.image.iter().any(|i| !i.config.is_empty() && below(i.config))
        || service.environment.iter().filter_map(|e| e.value.as_deref()).any(named)
        || is_provisioning(service, mount)
}

fn is_provisioning(service: &Service, mount: &Mount) -> bool {
    service.engine == Some("grafana") && GRAFANA.contains(&mount.target.as_str())
}

/// The word of the command that names a config file below the target of a mount, with no other mount in between.
fn named_inside<'s>(service: &'s Service, mount: &Mount) -> Option<&'s Arg> {
    let inside = |at: &str| {
        let below = path::below(at, &mount.target).is_some_and(|rest| !rest.is_empty());
        let deeper = |m: &Mount| m.target.len() > mount.target.len() && path::below(at, &m.target).is_some();
        below && !service.mounts.iter().any(deeper)
    };
    named_configs(service).into_iter().find(|(_, at)| inside(at)).map(|(arg, _)| arg)
}

/// The words of the command that name a config file by a flag, with the files.
pub(super) fn named_configs(service: &Service) -> Vec<(&Arg, &str)> {
    let flag = |word: &str| word.starts_with('-') && word.contains("config");
    let mut found = Vec::new();
    let mut before = "";
    for arg in service.args().unwrap_or_default() {
        let value = match arg.text.split_once('=') {
            Some((name, value)) => flag(name).then_some(value),
            None => flag(before).then_some(arg.text.as_str()),
        };
        let file = value.filter(|at| !arg.open && EXTENSIONS.contains(&path::extension(at)));
        found.extend(file.map(|at| (arg, at)));
        before = &arg.text;
    }
    found
}

/// The only folder that holds what a word of the command names below the target of a mount.
fn folder_of(tree: &Tree, arg: &Arg, mount: &Mount) -> Option<String> {
    let at = arg.text.split_once('=').map_or(arg.text.as_str(), |(_, value)| value);
    let rest = path::below(at, &mount.target)?;
    let files = tree.paths.iter().filter(|(_, p)| **p == Presence::File);
    let mut folders = files.filter_map(|(p, _)| p.strip_suffix(rest)?.strip_suffix('/'));
    let only = folders.next();
    only.filter(|_| folders.next().is_none()).map(str::to_owned)
}

/// The file that is there when the source of a mount, whose target is a config file, has its extension left out.
fn extended(tree: &Tree, mount: &Mount, source: &str) -> Option<String> {
    if !EXTENSIONS.contains(&path::extension(&mount.target)) || !path::extension(source).is_empty() {
        return None;
    }
    let mut longer = EXTENSIONS.iter().map(|e| format!("{source}.{e}"));
    longer.find(|p| tree.presence(p) == Presence::File)
}

/// Endings of templates that a program renders before anything is started: Terraform, Ansible, Puppet, Chef, autoconf, consul-template.
const RENDERED: [&str; 9] = ["tftpl", "j2", "jinja", "jinja2", "tpl", "erb", "epp", "in", "ctmpl"];

/// Whether such a template lies beside what is not there.
fn is_rendered(tree: &Tree, source: &str) -> bool {
    RENDERED.iter().any(|ending| tree.presence(&format!("{source}.{ending}")) == Presence::File)
}

/// Whether the role that a path belongs to has a template of that name, which Ansible writes there.
fn is_templated(tree: &Tree, source: &str) -> bool {
    let Some(at) = source.find("/files/").or_else(|| source.starts_with("files/").then_some(0)) else { return false };
    let template = path::join(&source[..at], &format!("templates/{}.j2", path::name(source)));
    tree.presence(&template) == Presence::File
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
