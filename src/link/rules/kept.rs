//! Where stores keep what they are given: the image's folder, or what a flag or a config says.

use crate::catalogue::{self, Image, Version};
use crate::link::Linked;
use crate::parse::Node;
use crate::source::Span;
use crate::tree::{Mount, Service, ServiceId, path};

/// A path at which a store keeps something.
#[derive(Debug)]
pub(super) struct Kept {
    /// What: "data".
    pub what: &'static str,
    /// Absolute, in the container.
    pub path: String,
    /// Where it is written; `None` = the image's own.
    pub span: Option<Span>,
    /// Where another path is written, which is not that of this release.
    pub old: Option<Span>,
}

impl Kept {
    fn own(path: &str) -> Self {
        Self { what: "data", path: path.to_owned(), span: None, old: None }
    }

    /// Whether a mount keeps it: it lies there, above it, or inside of it.
    pub(super) fn is_on(&self, mount: &Mount) -> bool {
        mount.brings(&self.path)
    }
}

/// A setting of an engine that names such a path.
struct Place {
    engine: &'static str,
    key: &'static [&'static str],
    flag: &'static str,
    what: &'static str,
    when: When,
}

/// What must hold for a path to be written to.
enum When {
    /// A key, else a flag, has that value.
    Is(&'static [&'static str], &'static str, &'static str),
    /// A period of Loki's schema keeps its chunks in files.
    Files,
    /// Before Tempo's live store.
    NoLiveStore,
    /// Where Pyroscope runs with its old storage alone.
    OldStorage,
}

/// Tempo: `grafana/tempo modules/storage/config.go@v2.10.8, v3.0.3`, where since 3.0 the write-ahead log is that of other modules.
/// Loki: `grafana/loki pkg/storage/factory.go, pkg/loki/config_wrapper.go@v3.7.6`. Mimir: `grafana/mimir
/// pkg/storage/bucket/client.go, pkg/storage/tsdb/config.go@mimir-2.10.0, mimir-3.0.2`. Pyroscope: `grafana/pyroscope
/// pkg/objstore/client/config.go, pkg/phlaredb/phlaredb.go@v1.21.1, v2.2.1`.
static PLACES: [Place; 8] = [
    Place {
        engine: "tempo",
        key: &["storage", "trace", "local", "path"],
        flag: "storage.trace.local.path",
        what: "data",
        when: When::Is(&["storage", "trace", "backend"], "storage.trace.backend", "local"),
    },
    Place {
        engine: "tempo",
        key: &["storage", "trace", "wal", "path"],
        flag: "storage.trace.wal.path",
        what: "write-ahead log",
        when: When::NoLiveStore,
    },
    Place {
        engine: "loki",
        key: &["common", "storage", "filesystem", "chunks_directory"],
        flag: "common.storage.filesystem.chunk-directory",
        what: "data",
        when: When::Files,
    },
    Place {
        engine: "loki",
        key: &["storage_config", "filesystem", "directory"],
        flag: "local.chunk-directory",
        what: "data",
        when: When::Files,
    },
    Place {
        engine: "mimir",
        key: &["blocks_storage", "filesystem", "dir"],
        flag: "blocks-storage.filesystem.dir",
        what: "data",
        when: When::Is(&["blocks_storage", "backend"], "blocks-storage.backend", "filesystem"),
    },
    Place {
        engine: "mimir",
        key: &["common", "storage", "filesystem", "dir"],
        flag: "common.storage.filesystem.dir",
        what: "data",
        when: When::Is(&["common", "storage", "backend"], "common.storage.backend", "filesystem"),
    },
    Place {
        engine: "pyroscope",
        key: &["storage", "filesystem", "dir"],
        flag: "storage.filesystem.dir",
        what: "data",
        when: When::Is(&["storage", "backend"], "storage.backend", "filesystem"),
    },
    Place {
        engine: "pyroscope",
        key: &["pyroscopedb", "data_path"],
        flag: "pyroscopedb.data-path",
        what: "data",
        when: When::OldStorage,
    },
];

/// What is known of a store's config.
pub(super) enum Config<'a> {
    /// It runs with the image's own, or without one.
    None,
    /// The root of that file.
    File(Node<'a>),
}

/// Where a service keeps things; empty where that is not known.
pub(super) fn kept(linked: &Linked<'_>, id: ServiceId) -> Vec<Kept> {
    paths(linked, id).unwrap_or_default()
}

/// The title of a store.
pub(super) fn title(service: &Service) -> &'static str {
    service.engine.and_then(catalogue::engine).map_or("it", |f| f.title)
}

/// The image of a service.
pub(super) fn image(service: &Service) -> Option<&'static Image> {
    let facts = catalogue::engine(service.engine?)?;
    // What another release has is not known of one that is pinned and says none.
    if service.version.is_none() && service.image.as_ref().is_some_and(|i| i.is_pinned()) {
        return None;
    }
    let tag = service.image.as_ref().and_then(|i| i.tag.as_deref()).unwrap_or_default();
    facts.image(service.version.unwrap_or_else(|| facts.newest()), Version::suffix(tag))
}

fn paths(linked: &Linked<'_>, id: ServiceId) -> Option<Vec<Kept>> {
    let service = linked.tree.service(id);
    let image = image(service)?;
    let engine = service.engine?;
    if service.args()?.iter().any(|a| a.open) || service.environment_open {
        return None;
    }
    match engine {
        "prometheus" => prometheus(service, image),
        "alertmanager" => Some(alertmanager(service, image)),
        "grafana" => grafana(service, image),
        _ => configured(linked, id, image),
    }
}

fn prometheus(service: &Service, image: &Image) -> Option<Vec<Kept>> {
    // An agent has no data to keep, only what is not sent yet.
    let agent = service.args()?.iter().any(|a| a.text.contains("--agent") || a.text.contains("=agent"));
    (!agent).then(|| match service.flag("storage.tsdb.path") {
        Some((arg, value)) => {
            vec![Kept { path: path::join(image.data, &value), span: Some(arg.span), ..Kept::own("") }]
        }
        None => vec![Kept::own(image.data)],
    })
}

/// Where a command names no path it is one of the folder that the image works in (prometheus/alertmanager
/// cmd/alertmanager/main.go, Dockerfile@v0.24.0, @v0.34.0).
fn alertmanager(service: &Service, image: &Image) -> Vec<Kept> {
    let (value, span) = match service.flag("storage.path") {
        Some((arg, value)) => (value, Some(arg.span)),
        None if service.command.is_some() || service.entrypoint.is_some() => ("data".to_owned(), None),
        None => (String::new(), None),
    };
    let path = path::clean(&path::join(image.data, &value));
    vec![Kept { what: "silences, and what it has told of,", path, span, old: None }]
}

fn grafana(service: &Service, image: &Image) -> Option<Vec<Kept>> {
    // With a database of its own elsewhere it keeps nothing, and its config may say so too.
    let moved = ["GF_DATABASE_TYPE", "GF_DATABASE_URL", "GF_PATHS_DATA", "GF_PATHS_CONFIG"];
    let ini = service.mounts.iter().any(|m| path::below(image.config, &m.target).is_some());
    (!moved.iter().any(|v| service.env(v).is_some()) && !ini).then(|| vec![Kept::own(image.data)])
}

/// Targets of Loki that keep no data.
const PASSING: [&str; 6] = ["distributor", "querier", "query-frontend", "query-scheduler", "read", "index-gateway"];

/// What the config of a store says, and its flags, which win.
fn configured(linked: &Linked<'_>, id: ServiceId, image: &'static Image) -> Option<Vec<Kept>> {
    let service = linked.tree.service(id);
    let config = config(linked, id, image)?;
    let root = if let Config::File(root) = &config { Some(*root) } else { None };
    let version = service.version.or_else(|| Some(catalogue::engine(service.engine?)?.newest()))?;
    let value = |key: &[&str], flag: &str| match service.flag(flag) {
        Some((arg, value)) => Some((value, arg.span)),
        None => root.and_then(|r| r.at(key)).and_then(|n| Some((n.scalar()?.to_owned(), n.inner()))),
    };
    // Parts of Loki that only pass on or ask keep nothing (grafana/loki pkg/loki/loki.go `setupModuleManager`@v3.7.6).
    let target = value(&["target"], "target").filter(|_| service.engine == Some("loki"));
    if target.is_some_and(|(t, _)| t.split(',').all(|part| PASSING.contains(&part.trim()))) {
        return Some(Vec::new());
    }
    let layers = value(&["architecture_storage"], "architecture.storage");
    let old_storage = version.major < 2 || layers.is_some_and(|(v, _)| v == "v1");
    let (mut found, mut old) = (Vec::new(), None);
    for place in PLACES.iter().filter(|p| Some(p.engine) == service.engine) {
        let holds = match &place.when {
            When::Is(key, flag, wanted) => value(key, flag).is_some_and(|(v, _)| v == *wanted),
            When::Files => root.is_some_and(keeps_files),
            When::NoLiveStore => version.major < 3,
            When::OldStorage => old_storage,
        };
        let Some((text, span)) = value(place.key, place.flag) else { continue };
        if text.contains('$') {
            return None;
        }
        if holds && text.starts_with('/') {
            found.push(Kept { what: place.what, path: path::clean(&text), span: Some(span), old: None });
        } else if matches!(place.when, When::OldStorage) {
            old = Some(span);
        }
    }
    let own = match service.engine {
        // The image's own config, or a command that names it and moves nothing.
        Some("loki") => {
            let named = service.command.is_none() || service.flag("config.file").is_some();
            matches!(config, Config::None) && named && !moves(service)
        }
        // Both layers of its storage start below one folder.
        Some("pyroscope") => {
            let elsewhere = value(&["storage", "backend"], "storage.backend").is_some_and(|(v, _)| v != "filesystem");
            found.is_empty() && !elsewhere
        }
        _ => false,
    };
    found.extend(own.then(|| Kept { old, ..Kept::own(image.data) }));
    Some(found)
}

/// Whether a flag may move what Loki keeps (grafana/loki pkg/storage/factory.go, pkg/loki/config_wrapper.go@v3.7.6).
fn moves(service: &Service) -> bool {
    const STORAGE: [&str; 7] = ["boltdb", "common.", "local.", "schema", "storage", "store", "tsdb"];
    let args = service.args().unwrap_or_default();
    args.iter().any(|a| STORAGE.iter().any(|s| a.text.trim_start_matches('-').starts_with(s)))
}

/// Whether a period of Loki's schema keeps its chunks in files.
fn keeps_files(root: Node<'_>) -> bool {
    let periods = root.at(&["schema_config", "configs"]).into_iter().flat_map(Node::items);
    periods.filter_map(|p| p.get("object_store")?.scalar()).any(|s| s == "filesystem")
}

/// The config that a service reads; `None` = not known.
pub(super) fn config<'a>(linked: &Linked<'a>, id: ServiceId, image: &Image) -> Option<Config<'a>> {
    let service = linked.tree.service(id);
    let Some(read) = linked.index.reads(id).iter().find(|r| r.what == "config") else {
        return (service.flag("config.file").is_none() && !service.build).then_some(Config::None);
    };
    let files = linked.index.files(id).iter().map(|f| linked.tree.artifact(*f));
    let mut there = files.filter(|a| a.used_by(id).iter().any(|u| u.path == read.path));
    if let Some(file) = there.next() {
        return file.data().and_then(|d| d.root()).filter(|_| there.next().is_none()).map(Config::File);
    }
    let brought = service.mounts.iter().any(|m| path::below(&read.path, &m.target).is_some());
    (read.path == image.config && !brought && !service.build).then_some(Config::None)
}
