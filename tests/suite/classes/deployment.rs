//! What the deployment says: flags, mounts, images, health checks and passwords.

use vispyr::link::{Linked, Resolution};
use vispyr::parse::Node;
use vispyr::source::Span;
use vispyr::symbol::{Extra, Import, Listener, Owner, PathRead, Protocol, Url};
use vispyr::tree::{Arg, Mount, MountSource, Presence, Service, ServiceId, path};

use super::hosts::Host;
use super::{Break, Class};
use crate::mutations::edit::{before, entry, indent, line};
use crate::mutations::trees::ways;

pub(super) const ALL: &[Class] = &[
    Class { name: "flag: remote write receiver", rules: &["link-receiver-flag"], breaks: remote_write },
    Class { name: "flag: OTLP receiver", rules: &["link-otlp-receiver-flag"], breaks: otlp },
    Class { name: "flag: exemplars", rules: &["gf-exemplar-dest", "link-exemplars-dropped"], breaks: exemplars },
    Class { name: "flag: two ways to join a cluster", rules: &["alloy-clustering-join"], breaks: join },
    Class { name: "flag: unknown feature", rules: &["prom-feature-unknown"], breaks: feature },
    Class { name: "flag: Alloy's own address", rules: &["alloy-ui-loopback", "alloy-receiver-loopback"], breaks: ui },
    Class { name: "flag: Alloy's storage path", rules: &["alloy-command-lost-defaults"], breaks: storage },
    Class {
        name: "flag: variables in the config",
        rules: &["tempo-env-not-expanded", "loki-env-not-expanded", "mimir-env-not-expanded", "pyro-env-not-expanded"],
        breaks: expand,
    },
    Class { name: "mount: source renamed", rules: &["compose-mount-missing"], breaks: source },
    Class { name: "mount: target moved", rules: &["compose-mount-unread"], breaks: target },
    Class {
        name: "mount: rules not mounted",
        rules: &["prom-rule-glob-empty", "prom-rule-file-missing", "compose-mount-unread"],
        breaks: rules,
    },
    Class { name: "data: path moved off its volume", rules: &["compose-data-not-persisted"], breaks: moved_off },
    Class { name: "image: latest", rules: &["compose-floating-tag"], breaks: floating },
    Class { name: "health check: tool not in the image", rules: &["compose-healthcheck-tool"], breaks: health },
    Class { name: "password: literal default", rules: &["sec-default-password"], breaks: password },
];

/// What keeps exemplars.
const EXEMPLARS: &str = "exemplar-storage";

/// The words that reach a process.
fn words(service: &Service) -> impl Iterator<Item = &Arg> {
    service.entrypoint.iter().flatten().chain(service.command.iter().flatten())
}

/// The text of a word as it is written, without what quotes it.
fn written(host: &Host, arg: &Arg) -> Option<Span> {
    let at = host.slice(arg.span).find(&arg.text)?;
    Some(arg.span.slice(at..at + arg.text.len()))
}

fn of_engine<'h>(host: &'h Host, engine: &'static str) -> impl Iterator<Item = (ServiceId, &'h Service)> {
    host.tree.services().filter(move |(_, s)| s.engine == Some(engine))
}

/// A flag of Prometheus goes, and something sends what it opens.
fn flag(host: &Host, linked: &Linked<'_>, protocol: Protocol, flags: &[&str], all: &mut Vec<Break>) {
    let faulty: Vec<_> = linked.faults.iter().map(|f| std::ptr::from_ref(f.url)).collect();
    let ways = ways(linked);
    for (id, service) in of_engine(host, "prometheus") {
        let sent = ways.iter().find(|w| {
            w.to == id && w.url.protocol == protocol && !w.across && !faulty.contains(&std::ptr::from_ref(w.url))
        });
        let word = words(service).find(|w| flags.iter().any(|f| w.text.trim_end_matches("=true") == *f));
        let (Some(sent), Some(span)) = (sent, word.and_then(|w| written(host, w))) else { continue };
        let what = format!("{} -> {}", sent.url.sender, service.name);
        all.push(Break::new(what).edit(span, "--web.page-title=x").here().at(sent.url.span));
    }
}

fn remote_write(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    let flags = ["--web.enable-remote-write-receiver", "--enable-feature=remote-write-receiver"];
    flag(host, linked, Protocol::RemoteWrite, &flags, all);
}

fn otlp(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    let flags = ["--web.enable-otlp-receiver", "--enable-feature=otlp-write-receiver"];
    flag(host, linked, Protocol::OtlpHttp, &flags, all);
}

/// One more word before a flag of the command.
fn more(host: &Host, service: &Service, word: &str) -> Option<(Span, String)> {
    let first = service.command.as_ref()?.iter().find(|w| w.text.starts_with('-'))?;
    let text = host.text(first.span.source);
    let at = written(host, first)?.range().start;
    let quote = text[..at].chars().next_back().filter(|c| matches!(c, '"' | '\''));
    let at = at - quote.map_or(0, char::len_utf8);
    let quote = quote.map_or(String::new(), String::from);
    let head = &text[line(text, at).start..at];
    let place = before(first.span.source, at);
    // A list entry by entry, in brackets, or one text.
    Some(if head.trim() == "-" {
        (place, format!("{quote}{word}{quote}\n{}- ", indent(text, at)))
    } else if head.contains('[') || quote.is_empty() && head.trim().is_empty() && text[at..].contains(',') {
        (place, format!("{quote}{word}{quote}, "))
    } else {
        return None;
    })
}

/// A Prometheus that somebody sends exemplars to keeps none.
fn exemplars(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    let sent = |(_, url, _): &&(Owner, &Url, Resolution)| url.extras.iter().any(|(e, _)| *e == Extra::Exemplars);
    for (id, service) in of_engine(host, "prometheus") {
        let to = |reached: &[(ServiceId, &Listener)]| reached.iter().any(|(to, _)| *to == id);
        let mut ways = linked.urls.iter().zip(&linked.reached).filter(|(way, _)| sent(way));
        let word = words(service).find(|w| w.text.starts_with("--enable-feature=") && w.text.contains(EXEMPLARS));
        let Some(span) = word.and_then(|w| written(host, w)).filter(|_| ways.any(|(_, r)| to(r))) else { continue };
        let at = host.slice(span).find(EXEMPLARS).unwrap();
        let place = span.slice(at..at + EXEMPLARS.len());
        all.push(Break::new(&service.name).edit(place, "promql-per-step-stats").here());
    }
}

fn join(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (_, service) in of_engine(host, "alloy").filter(|(_, s)| !s.build) {
        let flags = ["--cluster.join-addresses=peer:12345", "--cluster.discover-peers=provider=mdns"];
        let [Some((place, first)), Some((_, second))] = flags.map(|flag| more(host, service, flag)) else { continue };
        if service.args().is_some_and(|args| args.first().is_some_and(|a| a.text == "run")) {
            all.push(Break::new(&service.name).edit(place, first + &second).here());
        }
    }
}

fn feature(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (_, service) in of_engine(host, "prometheus").filter(|(_, s)| s.version.is_some()) {
        if let Some((place, text)) = more(host, service, "--enable-feature=exemplar-storrage") {
            all.push(Break::new(&service.name).edit(place, text).here());
        }
    }
}

/// Alloy's own server is published, or scraped.
fn ui(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for (id, service) in of_engine(host, "alloy") {
        let word = words(service).find(|w| w.text.starts_with("--server.http.listen-addr=0.0.0.0:12345"));
        let Some(span) = word.and_then(|w| written(host, w)) else { continue };
        let published = service.ports.iter().find(|p| p.target == Some((12345, 12345))).map(|p| p.span);
        let dialled = ways(linked).into_iter().find(|w| w.to == id && w.url.port == Some(12345)).map(|w| w.url.span);
        if let Some(end) = published.or(dialled) {
            all.push(Break::new(&service.name).edit(span, "--disable-reporting").at(end));
        }
    }
}

fn storage(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (_, service) in of_engine(host, "alloy") {
        let word = words(service).find(|w| w.text.starts_with("--storage.path="));
        let Some((word, span)) = word.and_then(|w| Some((w, written(host, w)?))) else { continue };
        let folder = &word.text["--storage.path=".len()..];
        if let Some(mount) = service.mounts.iter().find(|m| path::below(folder, &m.target).is_some()) {
            let command = service.command.iter().flatten().next().map_or(span, |w| w.span);
            let m = Break::new(&service.name).edit(span, "--disable-reporting");
            all.push(m.at(command).at(mount.span.to(mount.target_span)));
        }
    }
}

/// The flag without which `${X}` stays as it is.
fn expand(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (id, service) in host.tree.services() {
        if !matches!(service.engine, Some("tempo" | "loki" | "mimir" | "pyroscope")) {
            continue;
        }
        let own = |kind: &str| Some(kind.trim_end_matches("-config")) == service.engine;
        let mut files = host.tree.artifacts().map(|(_, a)| a);
        let file = files.find(|a| own(a.kind.name) && !a.used_by(id).is_empty());
        let Some(document) = file.and_then(|f| f.data()) else { continue };
        let variable = |n: &Node<'_>| n.scalar().is_some_and(|t| t.starts_with("${") && t.ends_with('}'));
        let node = document.nodes().find(variable);
        let word = words(service).find(|w| w.text.trim_start_matches('-').starts_with("config.expand-env"));
        if let (Some(node), Some(span)) = (node, word.and_then(|w| written(host, w))) {
            all.push(Break::new(&service.name).edit(span, "-log.level=info").at(node.span()));
        }
    }
}

fn reads(host: &Host, id: ServiceId) -> impl Iterator<Item = &PathRead> {
    let own = host.symbols.imports.iter().filter(move |(o, _)| o.service == Some(id));
    own.filter_map(|(_, i)| if let Import::Path(read) = i { Some(read) } else { None })
}

/// Mounts of configs that are in the tree, each with what reads it.
fn mounts(host: &Host) -> Vec<(&Service, &Mount, &PathRead)> {
    let mut found = Vec::new();
    for (id, service) in host.tree.services() {
        for mount in &service.mounts {
            let MountSource::Bind(source) = &mount.source else { continue };
            let read = reads(host, id).find(|r| {
                r.required && (path::below(&r.path, &mount.target).is_some() || r.folder && r.path == mount.target)
            });
            if let Some(read) = read.filter(|_| host.tree.presence(source) == Presence::File) {
                found.push((service, mount, read));
            }
        }
    }
    found
}

fn source(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (service, mount, _) in mounts(host) {
        let text = host.slice(mount.span);
        // `tempo.yaml` → `tempos.yaml`.
        let Some(dot) = text.rfind('.').filter(|at| *at > 1 && !text.contains('$')) else { continue };
        let place = mount.span.slice(dot..dot);
        all.push(Break::new(format!("{text} of {}", service.name)).edit(place, "s").at(mount.span));
    }
}

fn target(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (service, mount, _) in mounts(host) {
        if host.slice(mount.target_span).trim_matches(['"', '\'']) != mount.target {
            continue;
        }
        let name = path::name(&mount.target).len();
        let at = host.slice(mount.target_span).rfind(path::name(&mount.target)).unwrap();
        let place = mount.target_span.slice(at..at + name);
        let m = Break::new(format!("{} of {}", mount.target, service.name));
        all.push(m.edit(place, "elsewhere.yaml").at(mount.target_span));
    }
}

/// A whole mount of rule files goes.
fn rules(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (id, service) in of_engine(host, "prometheus") {
        for read in reads(host, id).filter(|r| r.what == "rule files") {
            let mut own = service.mounts.iter().filter(|m| path::below(&read.path, &m.target).is_some());
            let Some(mount) = own.next().filter(|m| m.span != m.target_span) else { continue };
            let MountSource::Bind(source) = &mount.source else { continue };
            let held = host.tree.below(source).any(|(_, a)| a.kind.name == "prometheus-rules");
            let listed = host.tree.at(source).is_some();
            let text = host.text(mount.span.source);
            if (held || listed) && line(text, mount.span.range().start).len() > 2 && own.next().is_none() {
                let start = line(text, mount.span.range().start);
                if !text[start].trim_start().starts_with("- ") || service.mounts.len() < 2 {
                    continue;
                }
                let whole = entry(text, mount.span.range().start);
                let whole = Span::new(mount.span.source, whole.start..whole.end.min(text.len()));
                all.push(Break::new(source).edit(whole, "").at(read.origin.span()));
            }
        }
    }
}

/// A store's own path leads beside the volume that is meant for it.
fn moved_off(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    const PATHS: [(&str, &[&str]); 2] = [
        ("tempo", &["storage", "trace", "local", "path"]),
        ("loki", &["common", "storage", "filesystem", "chunks_directory"]),
    ];
    for (engine, key) in PATHS {
        for (id, service) in of_engine(host, engine) {
            let mut files = host.tree.artifacts().map(|(_, a)| a).filter(|a| !a.used_by(id).is_empty());
            let node = files.find_map(|a| a.data()?.root()?.at(key)).filter(|n| !n.is_alias());
            let Some((node, text)) = node.and_then(|n| Some((n, n.as_str()?))) else { continue };
            let volume = service
                .mounts
                .iter()
                .find(|m| matches!(m.source, MountSource::Volume(_)) && path::below(text, &m.target).is_some());
            if let Some(volume) = volume {
                let m = Break::new(&service.name).edit(node.inner(), "/beside/data").here();
                all.push(m.at(volume.span));
            }
        }
    }
}

fn floating(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (_, service) in host.tree.services().filter(|(_, s)| s.version.is_some()) {
        let Some(image) = &service.image else { continue };
        let text = host.slice(image.span);
        if let Some(colon) = text.rfind(':').filter(|at| !text[*at..].contains('/') && !text.contains(['$', '@'])) {
            let place = image.span.slice(colon + 1..text.trim_end_matches(['"', '\'']).len());
            all.push(Break::new(&service.name).edit(place, "latest").at(image.span));
        }
    }
}

/// The keys of a service as they are written.
pub(super) fn keys<'h>(host: &'h Host, service: &Service) -> Option<Node<'h>> {
    let root = host.tree.artifact(service.artifact).data()?.root()?;
    root.at(&["services", &service.name])
}

fn health(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (_, service) in host.tree.services() {
        let lacks = matches!(service.engine, Some("tempo" | "loki" | "prometheus" | "pyroscope" | "alloy"));
        let Some(node) = keys(host, service).filter(|_| lacks && service.version.is_some()) else { continue };
        let test = "[\"CMD\", \"curl\", \"-f\", \"http://localhost:3200/ready\"]";
        if let Some(own) = node.at(&["healthcheck", "test"]) {
            if !own.is_alias() && host.slice(own.span()).starts_with('[') {
                all.push(Break::new(&service.name).edit(own.span(), test).here().at(Host::place(service)));
            }
            continue;
        }
        let Some(first) = node.own_entries().next() else { continue };
        let text = host.text(first.key.span().source);
        let start = line(text, first.key.span().range().start).start;
        let head = &text[start..first.key.span().range().start];
        if head.trim().is_empty() && !head.is_empty() && node.get("healthcheck").is_none() {
            let m = Break::new(&service.name)
                .edit(before(first.key.span().source, start), format!("{head}healthcheck:\n{head}  test: {test}\n"));
            all.push(m.here().at(Host::place(service)));
        }
    }
}

fn password(host: &Host, _: &Linked<'_>, all: &mut Vec<Break>) {
    for (_, service) in of_engine(host, "grafana").filter(|(_, s)| !s.ports.is_empty()) {
        let local =
            |p: &vispyr::tree::Port| p.host_ip.as_deref().is_some_and(|ip| ip == "::1" || ip.starts_with("127."));
        let anonymous =
            service.env("GF_AUTH_ANONYMOUS_ENABLED").is_some() || service.env("GF_AUTH_DISABLE_LOGIN_FORM").is_some();
        let Some(var) = service.env("GF_SECURITY_ADMIN_PASSWORD").filter(|_| !anonymous) else { continue };
        if service.ports.iter().all(local) || !host.slice(var.span).contains(&var.raw) || var.raw.is_empty() {
            continue;
        }
        let at = host.slice(var.span).rfind(&var.raw).unwrap();
        all.push(Break::new(&service.name).edit(var.span.slice(at..at + var.raw.len()), "admin").here());
    }
}
