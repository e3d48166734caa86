//! What Grafana says to others: its port, its data sources, what its dashboards ask, what it reads.

mod dashboards;
mod datasources;
mod names;

pub(super) use dashboards::BUILT_IN;

use super::board::known::{Known, Source};
use super::board::{KINDS, load};
use crate::address::{self, Written};
use crate::catalogue;
use crate::engine::{Instance, Say};
use crate::parse::Node;
use crate::source::Span;
use crate::symbol::{Accepts, Export, Import, Listener, Origin, PathRead, Protocol, Url};
use crate::tree::{Artifact, ArtifactId, Mount, MountSource, Presence, Service, ServiceId, Tree, path};

const ENGINE: &str = "grafana";

/// Provisioning folder that the image sets in its environment (`grafana/grafana Dockerfile` at 12.3.3).
const PROVISIONING: &str = "/etc/grafana/provisioning";

/// Home of the image (the same).
const HOME: &str = "/usr/share/grafana";

/// Reads the symbols of an instance.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let sources = of_kind(instance, "grafana-datasources");
    for (id, artifact) in instance.files.iter().filter(|(_, a)| KINDS.contains(&a.kind.name)) {
        names::dashboard(*id, artifact, say);
    }
    let version = instance.version.as_ref().map(|(version, _)| *version);
    names::alerting(&of_kind(instance, "grafana-alerting"), say);
    let Some((id, service)) = instance.service else {
        // Files that nothing mounts: data sources are judged among themselves. Dashboards are loaded by nobody, unless the
        // Grafana that shows them is no part of the tree.
        datasources::read(&sources, None, version, say);
        if !instance.tree.services.iter().any(|s| s.engine == Some(ENGINE)) {
            for (id, artifact) in of_kind(instance, "grafana-dashboard") {
                if let Some(root) = artifact.data().and_then(|d| d.root()) {
                    dashboards::read(id, root, &Known::default(), say);
                }
            }
        }
        return;
    };
    let settings = Settings::of(instance, id, service);
    settings.listener(instance, say);
    settings.servers().into_iter().for_each(|url| say.import(None, Import::Url(url)));
    let provisioning = settings.provisioning();
    settings.reads(provisioning.as_ref(), say);
    let loaded = loaded(sources, id, &settings.folder("datasources"));
    datasources::read(&loaded, Some(service), version, say);
    let known = Known::at(instance.tree, id);
    datasources::alerting(&alerting(instance), &known, say);
    let folder = provisioning.as_ref().map_or(PROVISIONING, |(p, _)| p.as_str());
    if !closed(instance.tree, service, folder) || provisioning.is_none() {
        say.export(None, Export::OpenDatasources);
    }
    for (file, node, path) in providers(instance, id, &settings) {
        let read = PathRead { folder: true, ..PathRead::new(path, Origin::Written(node.inner()), "dashboards") };
        say.import(Some(file), Import::Path(read));
    }
    let shown = shown(instance);
    for (id, artifact) in &shown {
        names::asked(*id, artifact, say);
    }
    for (id, artifact) in shown {
        if artifact.kind.name != "grafana-dashboard" {
            dashboards::second(id, artifact, &known, say);
        } else if let Some(root) = artifact.data().and_then(|d| d.root()) {
            dashboards::read(id, root, &known, say);
        }
    }
}

fn of_kind<'a>(instance: &Instance<'a>, kind: &str) -> Vec<(ArtifactId, &'a Artifact)> {
    instance.files.iter().copied().filter(|(_, a)| a.kind.name == kind).collect()
}

/// The alert rules that it reads.
pub(super) fn alerting<'a>(instance: &Instance<'a>) -> Vec<(ArtifactId, &'a Artifact)> {
    let Some((id, service)) = instance.service else { return Vec::new() };
    loaded(of_kind(instance, "grafana-alerting"), id, &Settings::of(instance, id, service).folder("alerting"))
}

/// What is known of a setting.
pub(super) enum Setting {
    /// Its value, and where that is written.
    Given(String, Span),
    /// It is as by default.
    Absent,
    /// What is not here may decide it.
    Unknown,
}

/// A setting of a Grafana.
pub(super) fn setting(instance: &Instance<'_>, section: &str, key: &str) -> Setting {
    let Some((id, service)) = instance.service.filter(|(_, s)| !s.build) else { return Setting::Unknown };
    let settings = Settings::of(instance, id, service);
    // What the command says counts before all others.
    if service.args().is_none_or(|args| args.iter().any(|a| a.open || a.text.starts_with("cfg:"))) {
        return Setting::Unknown;
    }
    match settings.get(section, key) {
        Some((Some(value), span)) => Setting::Given(value, span),
        Some((None, _)) => Setting::Unknown,
        None if settings.are_known() => Setting::Absent,
        None => Setting::Unknown,
    }
}

/// The data sources of a Grafana, as far as they are known.
pub(super) fn provisioned(tree: &Tree, id: ServiceId) -> Vec<Source> {
    let service = tree.service(id);
    let kinds = ["grafana-datasources", "grafana-ini"].into_iter();
    let files = kinds.flat_map(|kind| tree.of_kind(kind)).filter(|(_, a)| !a.used_by(id).is_empty()).collect();
    let instance = Instance { tree, service: Some((id, service)), files, version: None };
    let settings = Settings::of(&instance, id, service);
    let files = loaded(of_kind(&instance, "grafana-datasources"), id, &settings.folder("datasources"));
    datasources::listed(&files, service)
}

/// The data sources of a Grafana, where all that are provisioned are known.
pub(super) fn whole(instance: &Instance<'_>) -> Option<Vec<Source>> {
    let (id, service) = instance.service?;
    let settings = Settings::of(instance, id, service);
    let (folder, _) = settings.provisioning()?;
    let files = loaded(of_kind(instance, "grafana-datasources"), id, &settings.folder("datasources"));
    let beside = |a: &Artifact| instance.tree.is_listed(path::folder(&a.path));
    if !closed(instance.tree, service, &folder) || !files.iter().all(|(_, a)| beside(a)) {
        return None;
    }
    let sources = datasources::listed(&files, service);
    let roots = files.iter().filter_map(|(_, a)| a.data()?.root());
    let written = roots.flat_map(|r| r.get("datasources").into_iter().flat_map(Node::items)).count();
    (sources.len() == written).then_some(sources)
}

/// The path of the ini that a Grafana reads; `None` = not known.
pub(super) fn config(instance: &Instance<'_>) -> Option<String> {
    let (id, service) = instance.service?;
    Settings::of(instance, id, service).config().map(|(path, _)| path)
}

/// The dashboards that it shows.
pub(super) fn shown<'a>(instance: &Instance<'a>) -> Vec<(ArtifactId, &'a Artifact)> {
    let Some((id, service)) = instance.service else { return Vec::new() };
    let settings = Settings::of(instance, id, service);
    let mut folders: Vec<String> = providers(instance, id, &settings).into_iter().map(|(.., path)| path).collect();
    folders.extend(settings.home().map(|(p, _)| p));
    let mounted =
        |a: &Artifact| a.used_by(id).iter().any(|u| folders.iter().any(|f| path::below(&u.path, f).is_some()));
    let boards = instance.files.iter().copied().filter(|(_, a)| KINDS.contains(&a.kind.name));
    boards.filter(|(_, a)| mounted(a)).collect()
}

/// The files that lie directly in a folder. Where none does, all: a mount that leads elsewhere is told as such, and what
/// it holds is still meant.
fn loaded<'a>(
    files: Vec<(ArtifactId, &'a Artifact)>,
    service: ServiceId,
    folder: &str,
) -> Vec<(ArtifactId, &'a Artifact)> {
    let here = |a: &Artifact| a.used_by(service).iter().any(|u| path::folder(&u.path) == folder);
    if files.iter().any(|(_, a)| here(a)) { files.into_iter().filter(|(_, a)| here(a)).collect() } else { files }
}

/// Whether all data sources that are provisioned lie in the tree: no script writes some, and every mount around the
/// folder is one whose content is known.
fn closed(tree: &Tree, service: &Service, provisioning: &str) -> bool {
    if service.args().is_none() && !service.writes_only || service.mounts_open {
        return false;
    }
    let folder = format!("{provisioning}/datasources");
    // Some of what the deployment itself holds may not be known to the byte.
    let read = |at: &str| tree.at(&format!("{}#{at}", tree.artifact(service.artifact).path)).is_some();
    if service.inline.iter().any(|i| path::below(&i.path, &folder).is_some() && !read(&i.path)) {
        return false;
    }
    // Of the mounts that the folder lies in only the last one shows.
    let above = service.mounts.iter().filter(|m| path::below(&folder, &m.target).is_some());
    let deepest = above.map(|m| m.target.len()).max().unwrap_or_default();
    let around = |target: &str| {
        path::below(target, &folder).is_some() || path::below(&folder, target).is_some() && target.len() >= deepest
    };
    service.mounts.iter().filter(|m| around(&m.target)).all(|mount| match &mount.source {
        MountSource::Bind(source) => {
            let known = matches!(tree.presence(source), Presence::File | Presence::Folder);
            let skipped = tree.skipped.iter().any(|s| path::below(&s.path, source).is_some());
            let broken = |a: &Artifact| a.kind.name == "grafana-datasources" && !a.syntax.is_empty();
            let broken = tree.at(source).into_iter().chain(tree.below(source)).any(|(_, a)| broken(a));
            known && !skipped && !broken
        }
        MountSource::Inline(_) => service.inline.iter().any(|i| i.path == mount.target && read(&i.path)),
        _ => false,
    })
}

/// The folders of dashboards that providers name, each with the place that names it.
fn providers<'a>(
    instance: &Instance<'a>,
    id: ServiceId,
    settings: &Settings<'_>,
) -> Vec<(ArtifactId, Node<'a>, String)> {
    let files = loaded(of_kind(instance, "grafana-dashboard-provider"), id, &settings.folder("dashboards"));
    let of = |(id, artifact): (ArtifactId, &'a Artifact)| {
        let folders = load::providers(artifact).filter_map(load::folder);
        folders.map(move |(node, folder)| (id, node, folder))
    };
    files.into_iter().flat_map(of).collect()
}

/// Environment and ini, in the order in which they count.
struct Settings<'a> {
    service: &'a Service,
    ini: Option<Node<'a>>,
}

impl<'a> Settings<'a> {
    fn of(instance: &Instance<'a>, id: ServiceId, service: &'a Service) -> Self {
        let mut settings = Self { service, ini: None };
        // Other ini files may lie anywhere, and that of the defaults comes before what the image's start script says.
        let config = settings.config().map(|(path, _)| path);
        let named = |a: &Artifact| a.used_by(id).iter().any(|u| Some(&u.path) == config.as_ref());
        let ini = of_kind(instance, "grafana-ini").into_iter().find(|(_, a)| named(a));
        settings.ini = ini.and_then(|(_, a)| a.data()).and_then(|d| d.root());
        settings
    }

    /// A folder of what is provisioned.
    fn folder(&self, name: &str) -> String {
        let provisioning = self.provisioning();
        format!("{}/{name}", provisioning.as_ref().map_or(PROVISIONING, |(p, _)| p.as_str()))
    }

    /// A setting: from the environment, else from the ini; the outer `None` = not set, the inner one = not known.
    fn get(&self, section: &str, key: &str) -> Option<(Option<String>, Span)> {
        let variable = super::ini::variable(section, key);
        if let Some(var) = self.service.env(&variable) {
            return Some((var.value.clone(), var.span));
        }
        let node = super::ini::setting(self.ini?, section, key)?;
        let text = node.scalar().filter(|t| !t.contains('$')).map(str::to_owned);
        Some((text, node.inner()))
    }

    /// Whether no settings decide that are not in the tree.
    fn are_known(&self) -> bool {
        let foreign_ini = self.ini.is_none() && (self.get("paths", "config").is_some() || self.brings_ini());
        !(self.service.environment_open || self.service.args().is_none() || foreign_ini)
    }

    fn image(&self) -> Span {
        self.service.image_span()
    }

    fn listener(&self, instance: &Instance<'_>, say: &mut Say<'_>) {
        let facts = catalogue::engine(ENGINE);
        let version = instance.version.as_ref().map(|(v, _)| *v);
        let Some((facts, version)) = facts.zip(version) else { return };
        let Some(fact) = facts.listener("http", version) else { return };
        let mut listener = Listener {
            accepts: Some(Accepts::recorded(facts, fact.name, version)),
            ..Listener::recorded(fact, "Grafana", self.image())
        };
        if let Some((port, span)) = self.get("server", "http_port") {
            (listener.port, listener.origin) = (port.and_then(|p| p.parse().ok()), Origin::Written(span));
        }
        if let Some((host, _)) = self.get("server", "http_addr") {
            listener.bind = host.and_then(|h| address::bind(&h));
        }
        match self.get("server", "protocol") {
            None => {}
            Some((Some(protocol), _)) if protocol == "http" => {}
            Some((Some(protocol), _)) if protocol == "https" => listener.tls = Some(true),
            Some(_) => listener.tls = None,
        }
        // Below a sub-path, or with credentials of its own, metrics answer elsewhere or not to everybody.
        // What is on by default moves nothing where it is turned on (grafana/grafana conf/defaults.ini@v11.0.0).
        let moved = [
            ("server", "serve_from_sub_path", "false"),
            ("metrics", "enabled", "true"),
            ("metrics", "basic_auth_username", ""),
        ];
        let is_default = |value: Option<String>, default: &str| value.is_some_and(|v| v.trim() == default);
        if moved.iter().any(|(s, k, default)| self.get(s, k).is_some_and(|(value, _)| !is_default(value, default))) {
            listener.accepts = None;
        }
        if !self.are_known() {
            listener.port = None;
        }
        say.export(None, Export::Listener(listener));
    }

    /// The servers that Grafana's own settings name (grafana/grafana conf/defaults.ini@002060fdada8): its
    /// database, its mail server, its renderer.
    fn servers(&self) -> Vec<Url> {
        let is = |section, key, wanted: &[&str]| {
            let value = self.get(section, key).and_then(|(value, _)| value);
            value.is_some_and(|v| wanted.contains(&v.trim()))
        };
        let named = [
            ("database", "host", "Grafana's database", is("database", "type", &["mysql", "postgres"])),
            ("smtp", "host", "Grafana's mail server", is("smtp", "enabled", &["true"])),
            ("rendering", "server_url", "Grafana's `server_url` of `rendering`", true),
        ];
        let dialled = named.into_iter().filter(|(.., used)| *used).filter_map(|(section, key, sender, _)| {
            let (value, span) = self.get(section, key)?;
            address::server(&Written::Flat(value?, span), sender, Protocol::Http)
        });
        dialled.collect()
    }

    /// Whether a mount may bring an ini.
    fn brings_ini(&self) -> bool {
        let Some((config, _)) = self.config() else { return true };
        let brings = |m: &Mount| m.source != MountSource::Scratch;
        self.service.mounts.iter().any(|m| brings(m) && path::below(&config, &m.target).is_some())
    }

    /// The provisioning folder; `None` = not known.
    fn provisioning(&self) -> Option<(String, Origin)> {
        // With `cfg:default.` it would count before the environment, which the image sets.
        let flag = "cfg:paths.provisioning=";
        let args = match self.service.args() {
            Some(args) => args,
            None if self.service.writes_only => Vec::new(),
            None => return None,
        };
        if let Some((arg, text)) = args.iter().find_map(|a| Some((a, a.text.strip_prefix(flag)?))) {
            return (!arg.open).then(|| (path::clean(text), Origin::Written(arg.span)));
        }
        // What the environment says counts before the ini (pkg/setting/setting.go `applyEnvVariableOverrides` at 12.3.3).
        match self.service.env("GF_PATHS_PROVISIONING") {
            Some(var) => {
                let text = var.value.as_deref()?;
                // Below the home of the image, unless somebody moves it.
                let home = self.service.env("GF_PATHS_HOME").is_none().then_some(HOME)?;
                let whole = if text.starts_with('/') { text.to_owned() } else { path::join(home, text) };
                Some((path::clean(&whole), Origin::Written(var.span)))
            }
            None => Some((PROVISIONING.to_owned(), Origin::Default(self.image()))),
        }
    }

    fn home(&self) -> Option<(String, Span)> {
        let (text, span) = self.get("dashboards", "default_home_dashboard_path")?;
        Some((path::clean(&text.filter(|t| t.starts_with('/'))?), span))
    }

    fn reads(&self, provisioning: Option<&(String, Origin)>, say: &mut Say<'_>) {
        if let Some((path, origin)) = provisioning {
            let (path, origin) = (path.clone(), *origin);
            let read = PathRead { folder: true, ..PathRead::new(path, origin, "provisioning") };
            say.import(None, Import::Path(read));
        }
        if let Some((path, span)) = self.home() {
            let origin = Origin::Written(span);
            let read = PathRead::new(path, origin, "home dashboard");
            say.import(None, Import::Path(read));
        }
        let ini = self.config();
        if let Some((path, origin)) = ini.filter(|_| self.service.args().is_some()) {
            let read = PathRead::new(path, origin, "config");
            say.import(None, Import::Path(read));
            // The image has defaults of its own, so that they are worth a word only where a mount brings others.
            if self.service.mounts.iter().any(|m| path::below(super::DEFAULTS, &m.target).is_some()) {
                let path = super::DEFAULTS.to_owned();
                let read = PathRead::new(path, origin, "config");
                say.import(None, Import::Path(read));
            }
        }
    }

    /// The path of the ini file; `None` = not known.
    fn config(&self) -> Option<(String, Origin)> {
        let (path, origin) = match self.service.env("GF_PATHS_CONFIG") {
            Some(var) => (var.value.clone()?, Origin::Written(var.span)),
            None => match self.service.flag("config") {
                Some((arg, value)) => (Some(value).filter(|_| !arg.open)?, Origin::Written(arg.span)),
                None => ("/etc/grafana/grafana.ini".to_owned(), Origin::Default(self.image())),
            },
        };
        Some((path::clean(&path), origin))
    }
}
