//! What components read of the file system: certificates, files, and what only the host has.

use vispyr_alloy::ExprKind;

use super::{Component, dial};
use crate::address;
use crate::engine::Say;
use crate::source::Span;
use crate::symbol::{Import, Lack, Origin, PathRead};
use crate::tree::path;

/// All that one component reads.
pub(super) fn component(component: &Component<'_>, say: &mut Say<'_>) {
    read(component, say);
    outside(component, say);
    docker(component, say);
    logs(component, say);
}

/// Arguments of the unix exporter that name the host's own folders
/// (`grafana/alloy internal/component/prometheus/exporter/unix/config.go@v1.18.1`).
const HOST: [&str; 3] = ["procfs_path", "sysfs_path", "rootfs_path"];

/// Credentials and certificates (`grafana/alloy internal/component/common/config/types.go@v1.18.1`, which has the keys of
/// Prometheus' client), and the host's folders.
fn outside(component: &Component<'_>, say: &mut Say<'_>) {
    let nested = component.body().descendant_blocks().into_iter().map(|b| b.body());
    for attr in std::iter::once(component.body()).chain(nested).flat_map(|b| b.attrs()) {
        let named = attr.name().name();
        let host = component.name == "prometheus.exporter.unix" && HOST.contains(&named);
        let Some(text) = attr.value().as_str().filter(|t| t.starts_with('/')) else { continue };
        let origin = Origin::Written(component.value_span(attr.value()));
        let read = |what| PathRead::new(path::clean(&text), origin, what);
        if host {
            let read = PathRead { folder: true, ..read("the host's files") };
            say.import(Some(component.id), Import::Path(read));
        } else if let Some(what) = address::client_file(named) {
            let then = match what {
                PathRead::CERTIFICATES => "the component cannot be made, or fails",
                _ => "each request of the component fails",
            };
            say.import(Some(component.id), Import::Path(read(what).lacking(Lack::fails(then))));
        }
    }
}

/// Components that ask Docker which containers there are, by their `host` (grafana/alloy
/// internal/component/discovery/docker/docker.go, internal/component/loki/source/docker/docker.go@v1.0.0, @v1.18.1).
const DOCKER: [&str; 2] = ["discovery.docker", "loki.source.docker"];

/// What a pattern begins with.
const PATTERN: [char; 4] = ['*', '?', '[', '{'];

/// The socket over which it asks.
fn docker<'a>(component: &Component<'a>, say: &mut Say<'_>) {
    let host = component.body().attr("host").filter(|_| DOCKER.contains(&&*component.name));
    let socket = host.and_then(|attr| {
        let address = component.text(attr.value())?;
        PathRead::socket(&address, Origin::Written(component.place(attr.value())))
    });
    socket.into_iter().for_each(|socket| say.import(Some(component.id), Import::Path(socket)));
}

/// Log files, by patterns too, and the journal.
fn logs<'a>(component: &Component<'a>, say: &mut Say<'_>) {
    let mut tell = |at: &str, span: Span| {
        let (path, origin) = (path::clean(at), Origin::Written(span));
        say.import(Some(component.id), Import::Path(PathRead::new(path, origin, PathRead::LOGS)));
    };
    let list = match &*component.name {
        "local.file_match" => "path_targets",
        "loki.source.file" => "targets",
        "loki.source.journal" => {
            let (at, span) = match component.body().attr("path") {
                Some(attr) => (component.text(attr.value()), component.place(attr.value())),
                None => (journal(component), component.span(component.block.header_range())),
            };
            at.filter(|at| at.starts_with('/')).into_iter().for_each(|at| tell(&at, span));
            return;
        }
        _ => return,
    };
    for object in component.body().attr(list).into_iter().flat_map(|a| dial::objects(a.value())) {
        let ExprKind::Object(fields) = object.unparen().kind() else { continue };
        let Some(value) = fields.get("__path__") else { continue };
        let Some(text) = component.text(value).filter(|t| t.starts_with('/')) else { continue };
        let fixed = text.find(PATTERN).map_or(text.as_str(), |at| path::folder(&text[..at]));
        tell(fixed, component.place(value));
    }
}

/// Where the journal lies when nothing says so: the folder of the two that a mount brings, else the first (coreos/go-systemd
/// sdjournal/journal.go `NewJournal`@v22.5.0 lets systemd look, which has both: sd-journal.c `add_search_paths`).
fn journal(component: &Component<'_>) -> Option<String> {
    const FOLDERS: [&str; 2] = ["/var/log/journal", "/run/log/journal"];
    let mounts = &component.service?.mounts;
    let brought = |folder: &&&str| mounts.iter().any(|mount| mount.brings(folder));
    Some((*FOLDERS.iter().find(brought).unwrap_or(&FOLDERS[0])).to_owned())
}

/// Files that components read.
fn read(component: &Component<'_>, say: &mut Say<'_>) {
    let what = match &*component.name {
        "local.file" | "import.file" | "discovery.file" => PathRead::FILE,
        _ => return,
    };
    for attr in component.body().attrs().filter(|a| matches!(a.name().name(), "filename" | "files")) {
        for expr in attr.value().descendants() {
            let Some(text) = expr.as_literal().map(|l| l.value().into_owned()) else { continue };
            let origin = Origin::Written(component.value_span(expr));
            let at = component.service.map_or_else(|| path::join("/", &text), |s| s.path("/", &text));
            let read = PathRead::new(at, origin, what);
            // internal/component/local/file/file.go `New`@v1.0.0, @v1.19.0-rc.3: read at once.
            let local = component.name == "local.file";
            let lack = local.then(|| {
                Lack::fails("the component cannot be made, and the config is not loaded: \"failed to read file\"")
            });
            say.import(Some(component.id), Import::Path(PathRead { lack, ..read }));
        }
    }
}
