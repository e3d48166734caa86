//! A config and the service that runs it: what neither shows alone.

use super::alerting;
use super::rules::{admin_api_open, config_not_mounted, ha_no_external_labels, rule_file_missing, rule_glob_empty};
use super::{CONFIG, ENGINE, HOME, RULES as RULE_FILES, symbols};
use crate::conform::{Judge, When};
use crate::engine::Instance;
use crate::parse::Node;
use crate::source::Span;
use crate::tree::path::fits;
use crate::tree::{Artifact, Inside, Mount, MountSource, Service, ServiceId, path};

/// The config of the image, and what it reads where nobody names one (Dockerfile, cmd/prometheus/main.go@v2.40.7, v3.14.0).
const SHIPPED: &str = "/etc/prometheus/prometheus.yml";
const WORKING: &str = "/prometheus/prometheus.yml";

/// The path at which a service reads its config, in its container; `None` = it is not known.
pub(super) fn config_path(service: &Service) -> Option<String> {
    if service.build || service.args().is_none() {
        return None;
    }
    match service.flag("config.file") {
        Some((arg, _)) if arg.open => None,
        Some((_, value)) => Some(service.path(HOME, &value)),
        // The default is a name in the working directory (Dockerfile@v3.14.0), which arguments of one's own bring back.
        None if service.command.is_some() || service.entrypoint.is_some() => Some(service.path(HOME, "prometheus.yml")),
        None => Some(SHIPPED.to_owned()),
    }
}

/// Whether a service reads a file as its config.
fn reads(service: (ServiceId, &Service), file: &Artifact) -> bool {
    config_path(service.1).is_some_and(|at| file.used_by(service.0).iter().any(|u| u.path == at))
}

/// Looks at a config and the service that reads it.
pub(super) fn config(judge: &mut Judge<'_>, instance: &Instance<'_>, file: &Artifact, root: Node<'_>) {
    let Some((number, service)) = instance.service else { return };
    if !reads((number, service), file) {
        return;
    }
    rule_files(judge, instance, service, root);
    if let Some(at) = config_path(service) {
        alerting::unlinked(judge, instance, service, path::folder(&at), root);
    }
    twins(judge, instance, file, root);
}

/// Rule files that are not there: the server says nothing of them (cmd/prometheus/main.go `reloadConfig`@v3.14.0), promtool
/// only of those without a pattern (cmd/promtool/main.go `checkConfig`@v3.14.0).
fn rule_files(judge: &mut Judge<'_>, instance: &Instance<'_>, service: &Service, root: Node<'_>) {
    let Some(at) = config_path(service) else { return };
    let folder = path::folder(&at).to_owned();
    for pattern in root.get("rule_files").into_iter().flat_map(Node::items) {
        let Some(text) = pattern.scalar().filter(|t| !t.is_empty()) else { continue };
        let whole = path::join(&folder, text);
        let glob = text.contains(['*', '?']);
        let rule = if glob { &rule_glob_empty::RULE } else { &rule_file_missing::RULE };
        let what = if glob { "no rule file fits" } else { "there is no rule file" };
        match instance.tree.inside(service, &whole) {
            Inside::File | Inside::Unknown => {}
            // A folder that is not there yet may be meant for later, unless rules wait in another one.
            Inside::NoFolder(_) if glob && !waiting(instance, root, &folder) => {}
            Inside::Folder => {
                judge
                    .tell(rule, pattern.span(), When::Always, format!("`{whole}` is a folder, and no file of rules"))
                    .help(format!("write `{}/*.yml`", text.trim_end_matches('/')))
                    .note("Prometheus cannot read it, and does not start");
            }
            Inside::Nothing => {
                judge
                    .tell(rule, pattern.span(), When::Always, format!("{what} `{whole}`: nothing is mounted there"))
                    .label(service.span, "this service")
                    .help(help(service, &whole, glob));
            }
            Inside::Lacks(mount) | Inside::NoFolder(mount) => {
                judge
                    .tell(
                        rule,
                        pattern.span(),
                        When::Always,
                        format!("{what} `{whole}`: the folder that is mounted there has none"),
                    )
                    .label(mount.span, "this folder")
                    .help(match text.contains('{') {
                        true => "patterns of Go know no braces: write one pattern for each of them",
                        false => "write the path as the files are called, or put them there",
                    })
                    // The file may come from elsewhere before it starts.
                    .sure(false);
            }
        }
    }
}

/// Where to mount rules: a folder over that of the config would hide it.
fn help(service: &Service, whole: &str, glob: bool) -> String {
    let folder = path::folder(whole);
    let inside = service.mounts.iter().any(|m| path::folder(&m.target) == folder);
    match inside || !glob {
        true if !glob => format!("mount the file at `{whole}`"),
        true => format!("mount the files of the rules in `{folder}`, one by one, or in a folder of their own"),
        false => format!("mount the folder of the rules at `{folder}`"),
    }
}

/// Whether rules are mounted that no pattern of the config reads.
fn waiting(instance: &Instance<'_>, root: Node<'_>, folder: &str) -> bool {
    let Some((service, _)) = instance.service else { return false };
    let patterns = root.get("rule_files").into_iter().flat_map(Node::items).filter_map(Node::scalar);
    let patterns: Vec<String> = patterns.map(|p| path::join(folder, p)).collect();
    let read = |at: &str| {
        patterns
            .iter()
            .any(|p| path::folder(p) == path::folder(at) && fits(path::name(p), path::name(at)) != Some(false))
    };
    let rules = instance.files.iter().filter(|(_, a)| *a.kind == RULE_FILES);
    rules.flat_map(|(_, a)| a.used_by(service)).any(|u| !read(&u.path))
}

/// Two of one project that write the same series to the same place.
fn twins(judge: &mut Judge<'_>, instance: &Instance<'_>, file: &Artifact, root: Node<'_>) {
    let Some((number, service)) = instance.service else { return };
    let Some(writer) = root.get("remote_write").filter(|w| w.items().len() > 0) else { return };
    let labels = root.at(&["global", "external_labels"]);
    // Each may have a value of its own from its environment.
    if labels.is_some_and(|l| l.entries().iter().any(|e| e.value.scalar().is_some_and(|v| v.contains('$')))) {
        return;
    }
    let same = |(_, other): &(ServiceId, &Service)| {
        // What other files of the project say of one is one service all the same, or another way to start it.
        other.engine == Some(ENGINE.name) && other.artifact == service.artifact && other.profiles.is_empty()
    };
    let all: Vec<_> = instance.tree.services().filter(same).filter(|s| reads(*s, file)).collect();
    let ([first, second, ..], true) = (&all[..], service.profiles.is_empty()) else { return };
    if first.0 != number || first.1.name == second.1.name {
        return;
    }
    let at: Span = root.entry("remote_write").map_or(writer.span(), |e| e.key.span());
    judge
        .tell(
            &ha_no_external_labels::RULE,
            at,
            When::Always,
            format!(
                "`{}` and `{}` write the same series: one of each pair of samples is refused",
                first.1.name, second.1.name
            ),
        )
        .label(second.1.span, "reads the same config")
        .help("give each a label of its own in `external_labels`, as in `replica: ${HOSTNAME}`");
}

/// Flags that let anybody stop it or delete its data, on a port that all can reach.
pub(super) fn open(judge: &mut Judge<'_>, service: &Service) {
    let Some(args) = service.args().filter(|_| !service.build) else { return };
    if args.iter().any(|a| a.open) || service.flag("web.config.file").is_some() {
        return;
    }
    let port = match service.flag("web.listen-address") {
        Some((_, value)) => match crate::address::listen(&value) {
            (Some(crate::symbol::Bind::Loopback), _) | (_, None) => return,
            (_, Some(port)) => port,
        },
        None => 9090,
    };
    let anybody = |ip: &Option<String>| ip.as_deref().is_none_or(|ip| matches!(ip, "0.0.0.0" | "::" | ""));
    let reaches = |t: Option<(u16, u16)>| t.is_some_and(|(from, to)| (from..=to).contains(&port));
    let Some(public) = service.ports.iter().find(|p| !p.udp && anybody(&p.host_ip) && reaches(p.target)) else {
        return;
    };
    let flags = [("web.enable-admin-api", "delete all data"), ("web.enable-lifecycle", "stop it")];
    let mut given = flags.into_iter().filter_map(|(flag, harm)| Some((flag, harm, service.flag(flag)?.0.span)));
    let Some((flag, harm, span)) = given.next() else { return };
    let (reached, mend) = match public.host(port) {
        Some(host) => (host, format!("publish `127.0.0.1:{host}:{port}`")),
        None => (port, "write `127.0.0.1:` before the published port".to_owned()),
    };
    let mut told = judge
        .tell(
            &admin_api_open::RULE,
            span,
            When::Always,
            format!("`--{flag}` lets everybody who reaches port {reached} {harm}, without a password"),
        )
        .label(public.span, "published on all interfaces");
    for (_, harm, span) in given {
        told = told.label(span, format!("and this {harm}"));
    }
    told.help(format!("{mend}, ask for a password with `--web.config.file`, or delete the flag"));
}

/// Flags, and features of old, for data that others send: with them the config of the image is enough.
const TAKES: [&str; 2] = ["web.enable-remote-write-receiver", "web.enable-otlp-receiver"];

/// A config path that no mount brings.
pub(super) fn mounted(judge: &mut Judge<'_>, instance: &Instance<'_>) {
    let (Some((id, service)), tree) = (instance.service, instance.tree) else { return };
    let Some(at) = config_path(service).filter(|_| !service.mounts_open) else { return };
    // What is extended may say more.
    let declared = tree.artifact(service.artifact).data().and_then(|d| d.root()?.at(&["services", &service.name]));
    if at.contains('$') || declared.is_none_or(|d| d.get("extends").is_some()) {
        return;
    }
    let meets = |target: &str| path::below(&at, target).is_some() || path::below(target, &at).is_some();
    // What its data is kept in holds no config; anything else that is mounted is looked at where it leads.
    let data = |m: &Mount| at == WORKING && matches!(m.source, MountSource::Volume(_) | MountSource::Scratch);
    if service.mounts.iter().any(|m| meets(&m.target) && !data(m)) {
        return;
    }
    // Another file may say the rest of it, and a config that waits to be mounted is told of as that.
    let home = path::folder(&tree.artifact(service.artifact).path);
    let twice = tree.services().any(|(other, s)| {
        other != id && s.name == service.name && path::folder(&tree.artifact(s.artifact).path) == home
    });
    if twice || tree.below(home).any(|(_, a)| *a.kind == CONFIG && a.uses.is_empty()) {
        return;
    }
    let flag = service.flag("config.file").map(|(arg, _)| arg.span);
    let word = || service.command.as_ref().and_then(|c| c.first()).map(|a| a.span);
    let place = flag.or_else(word).unwrap_or(service.span);
    if at != SHIPPED {
        let message = format!("Prometheus reads `{at}`, where nothing is mounted and the image has no file");
        let help = match flag {
            Some(_) => format!("mount the config at `{at}`"),
            None => format!(
                "mount the config, and add `--config.file={SHIPPED}` to the command: one of its own has no default"
            ),
        };
        let sure = !service.mounts.iter().any(|m| meets(&m.target));
        judge.fact(&config_not_mounted::RULE, place, When::Always, message).help(help).sure(sure);
        return;
    }
    let takes = TAKES.iter().any(|f| service.flag(f).is_some())
        || symbols::features(service).iter().any(|f| f.ends_with("-write-receiver"));
    // Who leaves all to the image wants no more than that.
    if !takes && flag.is_some() {
        let message = format!(
            "Prometheus runs with the config of its image, which scrapes Prometheus alone: nothing is mounted at `{at}`"
        );
        let help = format!("mount your config at `{at}`");
        judge.fact(&config_not_mounted::RULE, place, When::Always, message).help(help).sure(false);
    }
}
