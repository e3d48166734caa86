//! A config that is mounted where the engine does not look.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::catalogue::{self, Facts};
use crate::diagnostic::{Diagnostic, FixKind, Label, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::link::rules::file_missing;
use crate::source::Span;
use crate::symbol::{Origin, PathRead};
use crate::tree::{Arg, Artifact, Format, Mount, MountSource, Presence, Service, ServiceId, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-mount-unread",
    aliases: &["compose-mount-shadows", "gf-dash-provider-path", "gf-home-dashboard-missing"],
    summary: "a config is mounted at a path that the engine does not read, or the engine reads one that is not mounted",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("mount_unread.md"),
};

/// Bytes of configs that are searched for the paths of mounts; after that a mount counts as mentioned.
const SEARCHED: usize = 256 << 20;

/// Kinds of files that are what they are because a config names them, and so read.
const NAMED: [&str; 5] = ["loki-rules", "loki-runtime", "mimir-rules", "mimir-runtime", "tempo-overrides"];

/// Letters by which two paths differ that are nearly the same.
const NEARLY: usize = 2;

/// Files beside an empty path that are looked at for a name that was meant.
const BESIDE: usize = 1_000;

/// Every such mount; else every config path that a mount leaves empty.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut left = SEARCHED;
    for (id, service) in linked.tree.services() {
        let Some(facts) = service.engine.and_then(catalogue::engine) else { continue };
        if service.args().is_none() || service.mounts_open {
            continue;
        }
        let (outer, reads): (Vec<&PathRead>, Vec<&PathRead>) =
            linked.index.reads(id).iter().copied().partition(|r| r.lack.is_some() || OUTSIDE.contains(&r.what));
        let outer: Vec<&PathRead> = outer.into_iter().filter(|r| r.lack.is_none()).collect();
        findings.all.extend(absent(service, &outer, facts));
        // A file that is named is one of another kind, as that of a Collector inside of Alloy, and may name more.
        let named = |a: &&Arg| a.text.trim_start_matches('-').starts_with("config");
        if reads.is_empty() && service.args().is_some_and(|args| args.iter().any(named)) {
            continue;
        }
        let before = findings.all.len();
        findings.all.extend(shadowed(linked, service, facts));
        let own = Own::of(linked, id, &reads, facts);
        for mount in &service.mounts {
            if let Some(diagnostic) = unread(&own, mount, &mut left).filter(|_| !inherited(linked, service, mount)) {
                findings.push(diagnostic);
            }
        }
        if findings.all.len() == before {
            // Rule files that are not there are told by Prometheus' own rules.
            let wanted = |r: &&&PathRead| {
                let missed = || r.what == "dashboards" && passed_over(linked, id, service, r, &reads);
                r.what != "rule files" && (r.required || r.what == "home dashboard" || missed())
            };
            for read in reads.iter().filter(wanted) {
                findings.all.extend(empty(linked, service, read, facts));
            }
            let (folders, homes): (Vec<&PathRead>, Vec<&PathRead>) = reads
                .iter()
                .copied()
                .filter(|r| ["dashboards", "home dashboard"].contains(&r.what))
                .partition(|r| r.folder);
            let folders: Vec<_> =
                folders.into_iter().filter_map(|r| Some((&r.path, unmounted(service, r, facts)?))).collect();
            // One that lies in a folder which is missing is told with it.
            let beside = |home: &PathRead| folders.iter().any(|(folder, _)| path::below(&home.path, folder).is_some());
            let homes = homes.into_iter().filter(|home| !beside(home));
            let homes: Vec<_> = homes.filter_map(|home| unmounted(service, home, facts)).collect();
            findings.all.extend(folders.into_iter().map(|(_, told)| told).chain(homes));
        }
        if findings.all.len() == before {
            findings.all.extend(reads.iter().find_map(|read| forgotten(linked, service, read, facts)));
        }
        if findings.all.len() == before {
            findings.all.extend(reads.iter().find_map(|read| file_missing::config(linked, service, read, facts)));
        }
    }
}

/// Whether a folder of dashboards lies in a mount that brings some, and no folder that is read has any of these.
fn passed_over(linked: &Linked<'_>, id: ServiceId, service: &Service, read: &PathRead, reads: &[&PathRead]) -> bool {
    let covering = service.mounts.iter().filter(|m| path::below(&read.path, &m.target).is_some());
    let Some(mount) = covering.max_by_key(|m| m.target.len()) else { return false };
    let files = linked.index.files(id).iter().map(|f| linked.tree.artifact(*f));
    let boards = files.filter(|a| a.kind.name.starts_with("grafana-dashboard") && a.kind.format == Format::Json);
    let brought = boards.flat_map(|a| a.used_by(id)).filter(|u| path::below(&u.path, &mount.target).is_some());
    let folders = || reads.iter().filter(|r| r.folder && r.what == read.what);
    let mut shown = brought.map(|u| folders().any(|r| path::below(&u.path, &r.path).is_some())).peekable();
    shown.peek().is_some() && shown.all(|shown| !shown)
}

/// Whether a mount is that of the same service in another file, over which this one lies: read there, it is not for nothing.
fn inherited(linked: &Linked<'_>, service: &Service, mount: &Mount) -> bool {
    let same = |s: &&Service| s.project == service.project && s.name == service.name && s.artifact != service.artifact;
    let mut others = linked.tree.services.iter().filter(same);
    others.any(|s| linked.tree.artifact(s.artifact).source == mount.span.source)
}

/// What is no config: it comes from the host, and only a mount brings it.
const OUTSIDE: [&str; 3] = ["the host's files", PathRead::CONTAINERS, PathRead::LOGS];

/// Folders that images, or the engines' own start, fill: a path there needs no mount.
const SYSTEM: [&str; 10] = ["/etc/ssl", "/etc/pki", "/usr", "/opt", "/proc", "/sys", "/dev", "/run", "/var", "/tmp"];

/// Those that the process fills in any case.
const PROCESS: [&str; 2] = ["/proc", "/dev"];

/// Paths of the host that no mount brings, once per folder.
fn absent(service: &Service, reads: &[&PathRead], facts: &Facts) -> Vec<Diagnostic> {
    let mut found: Vec<(&str, Diagnostic)> = Vec::new();
    for read in reads.iter().filter(|r| !service.build && !brought(service, r)) {
        // Sockets and logs of others lie in the same folders.
        let of_others = [PathRead::CONTAINERS, PathRead::LOGS].contains(&read.what);
        let own: &[&str] = if of_others { &PROCESS } else { &SYSTEM };
        if read.path == "/" || own.iter().any(|s| path::below(&read.path, s).is_some()) {
            continue;
        }
        let folder = if read.folder || of_others { read.path.as_str() } else { path::folder(&read.path) };
        if let Some((_, first)) = found.iter_mut().find(|(f, _)| *f == folder) {
            first.labels.push(Label { span: read.origin.span(), text: "read here too".to_owned() });
            continue;
        }
        let message = format!("{} reads {} from `{}`, and nothing is mounted there", facts.title, read.what, read.path);
        let diagnostic = Diagnostic::new(&RULE, read.origin.span(), message)
            .label(service.span, "this service")
            .help(format!("mount `{folder}`, or name the path where it is mounted"));
        found.push((folder, diagnostic));
    }
    found.into_iter().map(|(_, d)| d).collect()
}

/// Whether a mount brings a path, or a part of it.
fn brought(service: &Service, read: &PathRead) -> bool {
    service.mounts.iter().any(|mount| mount.brings(&read.path))
}

/// What all mounts of one service are held against.
struct Own<'a> {
    linked: &'a Linked<'a>,
    service: &'a Service,
    facts: &'a Facts,
    /// Files of its engine that it mounts.
    files: Vec<&'a Artifact>,
    /// The same by path in the container.
    held: BTreeMap<&'a str, Vec<&'a Artifact>>,
    /// Paths that it reads, and folders of which it reads everything.
    paths: HashSet<&'a str>,
    folders: HashSet<&'a str>,
    /// The path that stays empty because of a mount that leads elsewhere.
    wanted: Option<&'a PathRead>,
    /// Whether no mount brings it: the engine runs with the image's own, or not at all.
    lost: bool,
    /// Configs that it does not start without.
    configs: Vec<&'a PathRead>,
    /// Folders of dashboards.
    boards: Vec<&'a PathRead>,
}

impl<'a> Own<'a> {
    fn of(linked: &'a Linked<'a>, id: ServiceId, reads: &[&'a PathRead], facts: &'a Facts) -> Self {
        let service = linked.tree.service(id);
        let files = linked.index.files(id).iter().map(|f| linked.tree.artifact(*f));
        let files: Vec<&Artifact> = files.filter(|a| a.kind.engine == facts.engine).collect();
        let mut held: BTreeMap<&str, Vec<&Artifact>> = BTreeMap::new();
        for file in &files {
            for used in file.used_by(id) {
                held.entry(&used.path).or_default().push(file);
            }
        }
        // One that no other mount brings.
        let targets: BTreeSet<&str> = service.mounts.iter().map(|m| m.target.as_str()).collect();
        let brought = |r: &PathRead| {
            let below = format!("{}/", r.path.trim_end_matches('/'));
            up(&r.path).any(|at| targets.contains(at))
                || targets.range(below.as_str()..).next().is_some_and(|t| t.starts_with(&below))
        };
        let mut wanted = reads.iter().copied().filter(|r| r.required || r.what != "config");
        let wanted = wanted.clone().find(|r| r.required).or_else(|| wanted.find(|r| !brought(r)));
        let lost = wanted.is_some_and(|r| r.required && !r.folder && !service.build && !brought(r));
        Self {
            linked,
            service,
            facts,
            files,
            held,
            paths: reads.iter().map(|r| r.path.as_str()).collect(),
            folders: reads.iter().filter(|r| r.folder).map(|r| r.path.as_str()).collect(),
            wanted,
            lost,
            configs: reads.iter().copied().filter(|r| r.required).collect(),
            boards: reads.iter().copied().filter(|r| r.folder && r.what == "dashboards").collect(),
        }
    }

    /// Whether a config that it reads comes from a place of the host where there is none.
    fn veiled(&self) -> bool {
        let absent = |mount: &Mount, read: &PathRead| {
            let MountSource::Bind(source) = &mount.source else { return false };
            mount.target == read.path && self.linked.tree.presence(source) == Presence::Absent
        };
        let configs = self.configs.iter().filter(|r| !r.folder);
        configs.into_iter().any(|read| self.service.mounts.iter().any(|mount| absent(mount, read)))
    }

    /// The folder of dashboards in a volume whose name is nearly that of the mount.
    fn nearly(&self, mount: &Mount) -> Option<&'a PathRead> {
        let volume = |read: &PathRead| {
            let covering = self.service.mounts.iter().filter(|m| path::below(&read.path, &m.target).is_some());
            covering.max_by_key(|m| m.target.len()).is_some_and(|m| matches!(m.source, MountSource::Volume(_)))
        };
        let near = |read: &PathRead| self.linked.index.near.distance(&mount.target, &read.path, NEARLY).is_some();
        self.boards.iter().copied().find(|read| near(read) && volume(read))
    }

    /// Whether a path is read: named, or below a folder that is.
    fn reads(&self, at: &str) -> bool {
        self.paths.contains(at) || up(at).any(|folder| self.folders.contains(folder))
    }
}

/// Whether a path stands in a text, and is no part of another one.
fn names(text: &str, at: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.match_indices(at).any(|(start, _)| {
        let rest = &text[start + at.len()..];
        // A dot or dash may end a sentence, too.
        !rest.starts_with(goes_on) || rest.len() > 1 && rest.starts_with(['.', '-']) && !rest[1..].starts_with(goes_on)
    })
}

/// A path and the folders above it.
fn up(at: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(at), |at| path::parent(at))
}

/// A mount of configs of this engine of which none is read.
fn unread(own: &Own<'_>, mount: &Mount, left: &mut usize) -> Option<Diagnostic> {
    let (tree, service, facts) = (own.linked.tree, own.service, own.facts);
    let MountSource::Bind(source) = &mount.source else { return None };
    // Variables that are not known may say where Grafana looks.
    if facts.engine == "grafana" && service.environment_open {
        return None;
    }
    // The host's root, or anything above the deployment itself, is mounted for other reasons.
    let home = path::folder(&tree.artifact(service.artifact).path);
    if source == "/" || path::below(home, source).is_some_and(|rest| !rest.is_empty()) {
        return None;
    }
    let mut held: Vec<&str> = Vec::new();
    for (at, files) in own.held.range(mount.target.as_str()..).take_while(|(p, _)| p.starts_with(&mount.target)) {
        if path::below(at, &mount.target).is_some() && files.iter().any(|a| path::below(&a.path, source).is_some()) {
            if own.reads(at) || files.iter().any(|a| NAMED.contains(&a.kind.name)) {
                return None;
            }
            held.push(at);
        }
    }
    // A single file beside the engine's own config path is meant as one, whatever it holds; so is any where a config that no
    // image has is missing, unless it is another engine's.
    let image = facts.image.iter().map(|i| i.config).find(|c| !c.is_empty()).unwrap_or_default();
    let typed = matches!(path::extension(&mount.target), "yaml" | "yml" | "alloy" | "river");
    let own_folder = !image.is_empty() && path::folder(image) == path::folder(&mount.target);
    let foreign = tree.at(source).is_some_and(|(_, a)| a.kind.engine != facts.engine);
    let named = own.wanted.is_some_and(|r| facts.image.iter().all(|i| i.config != r.path));
    let lost = own.lost && (named || own_folder) && !foreign && tree.presence(source) == Presence::File;
    let beside = held.is_empty() && typed && (lost || own_folder && facts.engine == "pyroscope");
    let places: Vec<&str> = if beside { vec![mount.target.as_str()] } else { held };
    if places.is_empty() || places.iter().any(|p| own.reads(p)) {
        return None;
    }
    // A name that stands anywhere in the command, the environment or the configs may be read in a way not known here.
    let mut mentioned = |text: &str| {
        // Looking for one place costs a pass over the text.
        match left.checked_sub((text.len() + 64) * (places.len() + 1)) {
            Some(rest) => *left = rest,
            None => return true,
        }
        names(text, &mount.target) || places.iter().any(|p| names(text, p))
    };
    // A variable may hold the place, unless a text before it leads elsewhere.
    let hides = |a: &Arg| {
        let value = a.text.split_once('=').map_or(a.text.as_str(), |(_, value)| value);
        let before = value.split('$').next().unwrap_or_default();
        a.open && (!value.contains('$') || places.iter().any(|p| p.starts_with(before)))
    };
    let words = service.args()?.iter().any(|a| mentioned(&a.text) || hides(a));
    if words
        || service.environment.iter().any(|e| e.value.as_deref().is_some_and(&mut mentioned))
        || own.files.iter().any(|a| mentioned(tree.sources.text(a.source)))
    {
        return None;
    }
    // What a config names that is not here is not known.
    if own.veiled() {
        return None;
    }
    let read = own.wanted.or_else(|| own.nearly(mount));
    // No command of it names single files.
    if read.is_none() && facts.engine == "grafana" {
        return None;
    }
    let title = facts.title;
    let message = match read {
        Some(read) => format!("`{source}` is mounted at `{}`, and {title} reads `{}`", mount.target, read.path),
        None => format!("`{source}` is mounted at `{}`, and {title} reads no file there", mount.target),
    };
    let mut diagnostic = Diagnostic::new(&RULE, mount.target_span, message);
    if let Some(read) = read {
        diagnostic = diagnostic.label(read.origin.span(), format!("{} is read from `{}`", read.what, read.path));
        let kinds = own.held.range(mount.target.as_str()..).take_while(|(p, _)| p.starts_with(&mount.target));
        let rules = kinds.flat_map(|(_, files)| files).all(|f| f.kind.name == "prometheus-rules");
        diagnostic.help = Some(match read.what {
            // Mounted over the config they would be one.
            "config" if rules && !beside => format!("name `{}` in `rule_files` of the config", places[0]),
            _ => help(read, &places),
        });
    } else {
        diagnostic = diagnostic.label(service.command_span(), "no config is named here");
        // Alloy takes its config without a flag.
        let flag = if facts.engine == "alloy" { "" } else { "-config.file=" };
        diagnostic.help = Some(format!("name it in the command: `{flag}{}`", places[0]));
    }
    Some(diagnostic)
}

fn help(read: &PathRead, places: &[&str]) -> String {
    let name = path::name(&read.path);
    match places.iter().find(|p| path::name(p) == name) {
        Some(place) if !read.folder => {
            format!("let the mount put it at `{}`, or name `{place}` in the command", read.path)
        }
        _ => format!("mount it at `{}`", read.path),
    }
}

/// Dashboards that no mount brings: the image has none of its own outside of its home.
fn unmounted(service: &Service, read: &PathRead, facts: &Facts) -> Option<Diagnostic> {
    let own = ["/usr/share/grafana", "/var/lib/grafana/plugins"];
    if brought(service, read) || own.iter().any(|o| path::below(&read.path, o).is_some()) {
        return None;
    }
    let (what, help) = match read.folder {
        true => ("dashboards", format!("mount the dashboards at `{}`, or name the folder where they are", read.path)),
        false => ("its home dashboard", format!("mount it at `{}`, or name the file where it is", read.path)),
    };
    let message = format!("{} reads {what} from `{}`, and nothing is mounted there", facts.title, read.path);
    Some(Diagnostic::new(&RULE, read.origin.span(), message).label(service.span, "this service").help(help))
}

/// How many folders below the compose file's own a config may lie and still be taken for that of its service.
const NEAR: usize = 3;

/// A path that no mount brings, while a file made for it lies near and nothing mounts it.
fn forgotten(linked: &Linked<'_>, service: &Service, read: &PathRead, facts: &Facts) -> Option<Diagnostic> {
    let tree = linked.tree;
    if service.build || brought(service, read) {
        return None;
    }
    let home = path::folder(&tree.artifact(service.artifact).path);
    let name = path::name(&read.path);
    let meant = |at: &str| {
        let parts: Vec<&str> = at.split('/').collect();
        let own = if read.folder { parts.iter().position(|p| *p == name) } else { parts.len().checked_sub(1) };
        own.is_some_and(|i| i < NEAR && parts[i] == name && read.folder == (i + 1 < parts.len()))
    };
    let mut free = tree.below(home).map(|(_, a)| a).filter(|a| a.kind.engine == facts.engine && a.uses.is_empty());
    let file = free.find(|a| path::below(&a.path, home).is_some_and(meant))?;
    let message = format!("{} reads `{}`, and nothing is mounted there", facts.title, read.path);
    let at = if read.folder { path::folder(&file.path) } else { file.path.as_str() };
    let diagnostic = Diagnostic::new(&RULE, read.origin.span(), message)
        .label(Span::file(file.source), "no service mounts this file")
        .help(format!("mount it at `{}`: `{at}` is mounted nowhere", read.path));
    Some(diagnostic)
}

/// Files of Grafana's image without which it stops: its config, which the start script names, and the defaults
/// (`grafana/grafana packaging/docker/run.sh@07754534fbaf`, `pkg/setting/setting.go` `loadConfiguration` at 12.3.3).
const OWN: [(&str, &str); 2] =
    [("/etc/grafana/grafana.ini", "GF_PATHS_CONFIG"), ("/usr/share/grafana/conf/defaults.ini", "GF_PATHS_HOME")];

/// Those of them that a mount lies over: what is in the image is seen no more.
fn shadowed(linked: &Linked<'_>, service: &Service, facts: &Facts) -> Vec<Diagnostic> {
    let own = facts.engine == "grafana" && !service.build && !service.environment_open;
    let kept = OWN.iter().filter(|(_, moved)| own && service.env(moved).is_none());
    let image = service.image_span();
    let read = |at: &str| PathRead::config(at.to_owned(), Origin::Default(image));
    let flagged =
        service.args().is_none_or(|a| a.iter().any(|a| a.text.contains("-config") || a.text.contains("-homepath")));
    let lost = kept.filter(|_| !flagged).filter_map(|(at, _)| empty(linked, service, &read(at), facts));
    lost.map(|d| d.note("the mount hides what the image has there: it does not start")).collect()
}

/// A config path that a known mount covers, with nothing there.
fn empty(linked: &Linked<'_>, service: &Service, read: &PathRead, facts: &Facts) -> Option<Diagnostic> {
    let tree = linked.tree;
    let covering = service.mounts.iter().filter(|m| path::below(&read.path, &m.target).is_some());
    let mount = covering.max_by_key(|m| m.target.len())?;
    let MountSource::Bind(source) = &mount.source else { return None };
    let rest = path::below(&read.path, &mount.target).filter(|r| !r.is_empty())?;
    let at = path::join(source, rest);
    if tree.presence(&at) != Presence::Absent || tree.presence(source) != Presence::Folder || tree.is_ignored(&at) {
        return None;
    }
    let message = format!("{} reads `{}`, and `{source}` holds no `{rest}`", facts.title, read.path);
    let mut diagnostic = Diagnostic::new(&RULE, read.origin.span(), message)
        .label(mount.span, format!("mounted here at `{}`", mount.target));
    let inside = tree.below(source).take(BESIDE).filter(|(_, a)| a.kind.engine == facts.engine);
    let inside = inside.filter_map(|(_, a)| path::below(&a.path, source));
    // A dashboard is no provider of dashboards.
    let inside = inside.filter(|p| path::extension(p) == path::extension(rest) || read.what == "config");
    let near = inside.filter_map(|p| Some((linked.index.near.distance(p, rest, usize::MAX)?, p)));
    let near = near.min_by_key(|(distance, _)| *distance).map(|(_, p)| p);
    diagnostic.help = Some(match near {
        _ if read.folder => format!("name the folder of the mount where they are, or move them to `{at}`"),
        Some(near) => format!("name `{}`, which is there", path::join(&mount.target, near)),
        None => format!("put the file at `{at}`"),
    });
    Some(diagnostic)
}
