//! What lies at a path of a container: the one place that says so.

use std::borrow::Cow;

use super::path::fits;
use super::{Inline, Mount, MountSource, Presence, Service, Tree, path};
use crate::catalogue;
use crate::near::Near;

/// What a path of a container, or a pattern of paths, leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inside<'a> {
    /// A file; of a pattern at least one that fits.
    File,
    /// A folder.
    Folder,
    /// A folder of the tree is mounted there, all its files are known, and none fits.
    Lacks(&'a Mount),
    /// A folder of the tree is mounted above, and has no such folder.
    NoFolder(&'a Mount),
    /// Nothing is mounted there, and the image has nothing there either.
    Nothing,
    /// It cannot be known.
    Unknown,
}

/// Where Docker puts the secrets of a service; nothing else lies there
/// (compose-spec/compose-spec 05-services.md).
pub const SECRETS: &str = "/run/secrets";

/// Folders that images fill, or that a process fills at its start. Those of the engines are made from busybox, alpine, distroless
/// and Ubuntu, which all have `/opt`, `/srv`, `/home` and `/mnt` empty.
const SYSTEM: [&str; 13] = [
    "/bin", "/dev", "/etc/ssl", "/etc/pki", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/tmp", "/usr",
];

/// Folders that an image of an engine fills with more than its config
/// (grafana/grafana Dockerfile@v11.0.0, @v13.1.3; prometheus/prometheus Dockerfile@v2.55.1).
const OWN: [(&str, &str); 3] = [
    ("grafana", "/etc/grafana"),
    ("prometheus", "/etc/prometheus/consoles"),
    ("prometheus", "/etc/prometheus/console_libraries"),
];

/// How many files of one folder are held against a pattern.
const LOOKED_AT: usize = 100_000;

impl Tree {
    /// What a service has at an absolute path of its container, or at paths that fit a pattern (`*` and `?` in the last part).
    pub fn inside<'a>(&self, service: &'a Service, pattern: &str) -> Inside<'a> {
        let scripted = service.args().is_none() && !service.writes_only;
        if service.build
            || service.mounts_open
            || scripted
            || pattern.contains(['[', '\\', '$'])
            || pattern.contains("{{")
        {
            return Inside::Unknown;
        }
        let pattern = &*Mount::real(pattern);
        let (folder, name) = (path::folder(pattern), path::name(pattern));
        if folder.contains(['*', '?']) || !pattern.starts_with('/') {
            return Inside::Unknown;
        }
        let plain = !name.contains(['*', '?']);
        let here = |at: &str| path::folder(at) == folder && fits(name, path::name(at)) != Some(false);
        if service.inline.iter().any(|Inline { path, .. }| here(path)) {
            return Inside::File;
        }
        // What is mounted by itself, and a folder above a mount.
        let is_folder = |at: &str| plain && self.presence(at) == Presence::Folder;
        if let Some(mount) = service.mounts.iter().find(|m| here(&m.real_target())) {
            let folder = matches!(&mount.source, MountSource::Bind(host) if is_folder(host));
            return if folder { Inside::Folder } else { Inside::File };
        }
        if plain && service.mounts.iter().any(|m| path::below(&m.real_target(), pattern).is_some()) {
            return Inside::Folder;
        }
        let over = service.mounts.iter().map(|m| (m, m.real_target()));
        let over = over.filter(|(_, target)| path::below(folder, target).is_some());
        let Some((mount, target)) = over.max_by_key(|(_, target)| target.len()) else {
            return self.of_image(service, pattern);
        };
        let MountSource::Bind(host) = &mount.source else { return Inside::Unknown };
        let rest = path::below(folder, &target).unwrap_or_default();
        let host = if rest.is_empty() { host.clone() } else { path::join(host, rest) };
        if self.is_ignored(&host) {
            return Inside::Unknown;
        }
        match self.presence(&host) {
            Presence::Absent => return Inside::NoFolder(mount),
            Presence::Folder if self.is_listed(&host) => {}
            _ => return Inside::Unknown,
        }
        let found = if plain {
            Some(path::join(&host, name)).filter(|at| self.paths.contains_key(at))
        } else {
            let prefix = if host.is_empty() { String::new() } else { format!("{host}/") };
            let files = self.paths.range(prefix.clone()..).map(|(p, _)| p).take_while(|p| p.starts_with(&prefix));
            let fitting = |at: &&String| {
                let below = &at[prefix.len()..];
                !below.is_empty() && !below.contains('/') && fits(name, below) != Some(false)
            };
            files.take(LOOKED_AT).find(fitting).cloned()
        };
        if let Some(at) = found {
            return if is_folder(&at) { Inside::Folder } else { Inside::File };
        }
        let ignored = self.ignored.iter().any(|i| path::below(i, &host).is_some())
            || self.is_ignored(&path::join(&host, &name.replace(['*', '?'], "x")));
        if ignored { Inside::Unknown } else { Inside::Lacks(mount) }
    }

    /// What the image of a service has at a path over which nothing is mounted.
    fn of_image<'a>(&self, service: &Service, pattern: &str) -> Inside<'a> {
        let Some(facts) = service.engine.and_then(catalogue::engine) else { return Inside::Unknown };
        if path::below(pattern, SECRETS).is_some_and(|rest| !rest.is_empty()) {
            return Inside::Nothing;
        }
        let (folder, name) = (path::folder(pattern), path::name(pattern));
        let own = |(engine, at): &(&str, &str)| *engine == facts.engine && path::below(pattern, at).is_some();
        let filled = SYSTEM.iter().any(|at| path::below(pattern, at).is_some());
        // `/etc/hosts`, `/etc/nsswitch.conf`: what is there without an extension is not all known.
        let etc = folder == "/etc" && matches!(path::extension(name), "" | "conf");
        let var = path::below(pattern, "/var").is_some();
        if folder == "/" || filled || etc || var || OWN.iter().any(own) {
            return Inside::Unknown;
        }
        let mut configs = facts.image.iter().map(|i| i.config).filter(|c| !c.is_empty());
        let shipped = configs.any(|at| path::folder(at) == folder && fits(name, path::name(at)) != Some(false));
        if shipped { Inside::File } else { Inside::Nothing }
    }
}

impl Service {
    /// The secret that is meant by a name which none of its own has: the nearest, else the only one.
    pub fn secret_like(&self, name: &str) -> Option<&str> {
        let mut own = self.mounts.iter().filter_map(|m| path::below(&m.target, SECRETS)).filter(|s| !s.is_empty());
        let near = Near::default().nearest(name, own.clone());
        near.or_else(|| own.next().filter(|_| own.next().is_none()))
    }
}

impl Mount {
    /// A path as it is in every image, where `/var/run` leads to `/run`.
    fn real(at: &str) -> Cow<'_, str> {
        path::below(at, "/var/run").map_or(Cow::Borrowed(at), |rest| Cow::Owned(path::join("/run", rest)))
    }

    /// Where it is, by that path.
    fn real_target(&self) -> Cow<'_, str> {
        Self::real(&self.target)
    }

    /// Whether it brings a path of the container, or a part of what lies there.
    pub fn brings(&self, at: &str) -> bool {
        let (at, target) = (Self::real(at), self.real_target());
        path::below(&at, &target).is_some() || path::below(&target, &at).is_some()
    }
}
