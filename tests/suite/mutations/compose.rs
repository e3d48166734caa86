//! Breakages of what only the deployment decides: networks, mounts and the paths read in them, image tags, passwords.

use vispyr::link::{Linked, Resolution};
use vispyr::parse::Node;
use vispyr::source::Span;
use vispyr::symbol::{Import, Origin, PathRead};
use vispyr::tree::{Mount, MountSource, Service, ServiceId, path};

use super::edit::{Mutation, before, entry, line};
use super::trees::Site;

/// What no file of the tree holds: it is read, but made on the host.
const OUTSIDE: [&str; 2] = ["certificates", "the host's files"];

/// The class of breakages beyond the mount.
pub(super) const MADE_THERE: &str = "mount: what the host makes";

pub(super) fn all(site: &Site, linked: &Linked<'_>, all: &mut Vec<Mutation>) {
    for (id, service) in site.tree.services() {
        networks(site, linked, id, all);
        mounts(site, id, all);
        reads(site, id, all);
        image(site, service, all);
        password(site, service, all);
    }
}

/// `services.NAME.networks`.
fn joined<'s>(site: &'s Site, service: &Service) -> Vec<Node<'s>> {
    let root = site.tree.artifact(service.artifact).data().and_then(|d| d.root()).unwrap();
    root.at(&["services", &service.name, "networks"]).into_iter().flat_map(Node::items).collect()
}

/// A service in another network than those it dials, or those that dial it.
fn networks(site: &Site, linked: &Linked<'_>, id: ServiceId, all: &mut Vec<Mutation>) {
    let service = site.tree.service(id);
    let root = site.tree.artifact(service.artifact).data().and_then(|d| d.root()).unwrap();
    let declared = root.entry("networks").unwrap().value.entries()[0].key.span();
    let own: Vec<Node<'_>> = joined(site, service);
    for left in &own {
        let shared = |other: ServiceId| {
            let names: Vec<&str> = joined(site, site.tree.service(other)).iter().filter_map(|n| n.scalar()).collect();
            own.iter().any(|n| n.span() != left.span() && n.scalar().is_some_and(|n| names.contains(&n)))
        };
        let mut m = Mutation::new("network: left", format!("{} leaves {}", service.name, left.scalar().unwrap()))
            .edit(left.span(), "elsewhere")
            .edit(
                before(declared.source, line(site.text(declared.source), declared.range().start).start),
                "  elsewhere: {}\n",
            );
        for (owner, url, resolution) in &linked.urls {
            let (Some(from), Resolution::Services(to)) = (owner.service, resolution) else { continue };
            let to = to[0];
            let other = if from == id { to } else { from };
            if (from == id) != (to == id) && !shared(other) {
                m = m.at("link-host-unknown", url.host_span);
            }
        }
        if !m.expected.is_empty() {
            all.push(m);
        }
    }
}

fn paths(site: &Site, id: ServiceId) -> impl Iterator<Item = &PathRead> {
    let own = site.symbols.imports.iter().filter(move |(o, _)| o.service == Some(id));
    own.filter_map(|(_, i)| if let Import::Path(read) = i { Some(read) } else { None })
}

/// What is read of a mount: the first thing that is needed, else a folder of dashboards, else the first.
fn reader<'s>(site: &'s Site, id: ServiceId, mount: &Mount) -> Option<&'s PathRead> {
    let all: Vec<&PathRead> = paths(site, id)
        .filter(|r| {
            path::below(&r.path, &mount.target).is_some() || r.folder && path::below(&mount.target, &r.path).is_some()
        })
        .collect();
    let needed = all.iter().find(|r| r.required).or_else(|| all.iter().find(|r| r.what == "dashboards"));
    needed.or(all.first()).copied()
}

/// Mounts of configs that something reads. Volumes and folders of the host hold nothing that is in the tree.
fn mounts(site: &Site, id: ServiceId, all: &mut Vec<Mutation>) {
    let service = site.tree.service(id);
    for mount in &service.mounts {
        let (MountSource::Bind(source), Some(read)) = (&mount.source, reader(site, id, mount)) else { continue };
        let what = format!("{source} of {}", service.name);
        let unread = if read.what == PathRead::CERTIFICATES { "link-file-missing" } else { "compose-mount-unread" };
        let text = site.text(mount.span.source);
        let m = Mutation::new("mount: removed", &what);
        let whole = entry(text, mount.span.range().start);
        all.push(m.edit(Span::new(mount.span.source, whole), "").at(unread, read.origin.span()));
        let m = Mutation::new("mount: target renamed", &what).edit(mount.target_span, format!("{}x", mount.target));
        let config = !OUTSIDE.contains(&read.what);
        all.push(if config { m.here(unread) } else { m.at(unread, read.origin.span()) });
        let class = if config { "mount: source missing" } else { MADE_THERE };
        let m = Mutation::new(class, &what).edit(mount.span, format!("{}x", site.slice(mount.span)));
        all.push(if config { m.here("compose-mount-missing") } else { m });
    }
}

/// Paths that a flag, a variable or a config names.
fn reads(site: &Site, id: ServiceId, all: &mut Vec<Mutation>) {
    for read in paths(site, id) {
        let Origin::Written(span) = read.origin else { continue };
        let written = site.slice(span);
        let name = path::name(&read.path);
        let at = written.rfind(name).unwrap();
        let stem = at + name.rfind('.').unwrap_or(name.len());
        let what = format!("{} of {}", read.what, site.tree.service(id).name);
        let last = span.slice(stem - 1..stem);
        let class = if read.what == "certificates" { MADE_THERE } else { "path: renamed where it is named" };
        let m = Mutation::new(class, what).edit(last, format!("{}x", site.slice(last)));
        let rule = match read.what {
            "rule files" if written.contains('*') => "prom-rule-glob-empty",
            "rule files" => "prom-rule-file-missing",
            _ => "compose-mount-unread",
        };
        all.push(if class == MADE_THERE { m } else { m.at(rule, span) });
    }
}

fn image(site: &Site, service: &Service, all: &mut Vec<Mutation>) {
    let image = service.image.as_ref().unwrap();
    let colon = site.slice(image.span).rfind(':').unwrap();
    let tag = image.span.slice(colon..image.span.range().len());
    let m = Mutation::new("image: no tag", &service.name);
    all.push(m.edit(tag, "").at("compose-floating-tag", image.span));
    let m = Mutation::new("image: latest", &service.name);
    all.push(m.edit(tag, ":latest").at("compose-floating-tag", image.span));
}

fn password(site: &Site, service: &Service, all: &mut Vec<Mutation>) {
    let Some(var) = service.env("GF_SECURITY_ADMIN_PASSWORD") else { return };
    let local = |p: &vispyr::tree::Port| p.host_ip.as_deref().is_some_and(|ip| ip == "::1" || ip.starts_with("127."));
    let text = site.text(var.span.source);
    let whole = line(text, var.span.range().start);
    let gone = Span::new(var.span.source, whole.start..whole.end + 1);
    let value = whole.start + text[whole.clone()].find(": ").unwrap() + 2;
    let value = Span::new(var.span.source, value..whole.end);
    let rule = "sec-default-password";
    if service.ports.iter().all(local) {
        all.push(Mutation::new("password: default, on loopback", &service.name).edit(value, "admin"));
        return;
    }
    all.push(Mutation::new("password: literal default", &service.name).edit(value, "admin").here(rule));
    let image = service.image.as_ref().unwrap().span;
    all.push(Mutation::new("password: not set", &service.name).edit(gone, "").at(rule, image));
}
