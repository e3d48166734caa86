//! The facts of `schemas/overlay/`, one table per engine.

use super::Version;

/// Versions for which a fact holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First version that has it; `None` = as far back as is known.
    pub since: Option<Version>,
    /// First version that has it no more; `None` = still there.
    pub until: Option<Version>,
}

impl Range {
    /// Whether the fact holds at `version`.
    pub fn holds(&self, version: Version) -> bool {
        self.since.is_none_or(|s| s <= version) && self.until.is_none_or(|u| version < u)
    }
}

/// How a listener is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// HTTP/1.1, and HTTP/2 where TLS negotiates it.
    Http,
    /// gRPC only.
    Grpc,
    /// Both on one port.
    HttpGrpc,
}

/// A port that an engine opens.
#[derive(Debug)]
pub struct Listener {
    /// Name within the engine: `http`, `otlp-grpc`.
    pub name: &'static str,
    /// Default TCP port.
    pub port: u16,
    /// Whether the default address is loopback.
    pub loopback: bool,
    /// What is spoken.
    pub transport: Transport,
    /// Flag that moves it; empty = none.
    pub flag: &'static str,
    /// Dotted config path of its port or address; empty = none.
    pub key: &'static str,
    /// Open without being configured.
    pub always: bool,
    /// Open when the block that its key belongs to is empty or absent, closed when that block names others only.
    pub fallback: bool,
    /// Versions.
    pub range: Range,
}

/// Something a listener takes or answers.
#[derive(Debug)]
pub struct Endpoint {
    /// Name of the listener.
    pub listener: &'static str,
    /// Name of a protocol of `symbol::Protocol`.
    pub protocol: &'static str,
    /// Request paths; one that ends in `/` is a prefix. Empty for gRPC.
    pub paths: &'static [&'static str],
    /// Flag without which it does not exist; empty = none.
    pub flag: &'static str,
    /// Value of `--enable-feature` that does the same; empty = none.
    pub feature: &'static str,
    /// Versions.
    pub range: Range,
}

/// What the image of some versions holds.
#[derive(Debug)]
pub struct Image {
    /// Numeric user; `None` = root.
    pub user: Option<u32>,
    /// Numeric group; `None` = that of the user.
    pub group: Option<u32>,
    /// ENTRYPOINT.
    pub entrypoint: &'static [&'static str],
    /// CMD: lost when `command:` is given.
    pub command: &'static [&'static str],
    /// Config file read without a flag; empty = none.
    pub config: &'static str,
    /// Folder owned by the user; empty = none.
    pub data: &'static str,
    /// Health check in exec form; empty = none can run inside.
    pub health: &'static [&'static str],
    /// Tag suffixes this entry is for; empty = all that no other entry names.
    pub suffixes: &'static [&'static str],
    /// Versions.
    pub range: Range,
}

/// A flag or feature.
#[derive(Debug)]
pub struct Flag {
    /// As written: `--storage.tsdb.retention.time`, or a value of `--enable-feature`.
    pub name: &'static str,
    /// What replaces it; empty = nothing.
    pub instead: &'static str,
    /// Versions.
    pub range: Range,
}

/// A config key.
#[derive(Debug)]
pub struct Key {
    /// Dotted path.
    pub path: &'static str,
    /// What replaces it; empty = nothing.
    pub instead: &'static str,
    /// Default as text; empty = not recorded.
    pub default: &'static str,
    /// Versions.
    pub range: Range,
}

/// A series.
#[derive(Debug)]
pub struct Metric {
    /// Family name.
    pub name: &'static str,
    /// `counter`, `gauge`, `histogram`, `summary`, `untyped`.
    pub kind: &'static str,
    /// `self`, or the component that makes it.
    pub source: &'static str,
    /// Versions.
    pub range: Range,
}

/// An image repository that gets no release any more.
#[derive(Debug)]
pub struct Ended {
    /// Without tag.
    pub image: &'static str,
    /// The first version that it has not got.
    pub until: Version,
    /// The repository that has it.
    pub instead: &'static str,
}

/// All that is known of one engine.
#[derive(Debug)]
pub struct Facts {
    /// `prometheus`.
    pub engine: &'static str,
    /// `Prometheus`.
    pub title: &'static str,
    /// Upstream repository.
    pub repository: &'static str,
    /// Image repositories, without tag.
    pub images: &'static [&'static str],
    /// `v` where tags carry it.
    pub tag_prefix: &'static str,
    /// The version that `gen` pins.
    pub default: Version,
    /// The day the pin was chosen.
    pub dated: &'static str,
    /// Newest known patch of each line, ascending.
    pub releases: &'static [Version],
    /// Images.
    pub image: &'static [Image],
    /// Ports.
    pub listeners: &'static [Listener],
    /// What the ports take and answer.
    pub endpoints: &'static [Endpoint],
    /// Flags.
    pub flags: &'static [Flag],
    /// Keys.
    pub keys: &'static [Key],
    /// Series.
    pub metrics: &'static [Metric],
    /// Image repositories that get no release any more.
    pub ended: &'static [Ended],
}

impl Facts {
    /// The oldest version known.
    pub fn oldest(&self) -> Version {
        self.releases.first().copied().unwrap_or(self.default)
    }

    /// The newest version known.
    pub fn newest(&self) -> Version {
        self.releases.last().copied().unwrap_or(self.default)
    }

    /// What is known of an image repository that gets no release any more.
    pub fn ended(&self, image: &str) -> Option<&'static Ended> {
        self.ended.iter().find(|e| e.image == image)
    }

    /// The newest version known that an image repository has.
    pub fn newest_of(&self, image: &str) -> Version {
        let until = self.ended(image).map(|e| e.until);
        let had = self.releases.iter().rfind(|v| until.is_none_or(|u| **v < u));
        had.copied().unwrap_or(self.default)
    }

    /// The newest known patch of a line such as `2.9`; the version itself when it is exact; above the newest → the newest.
    pub fn resolve(&self, text: &str) -> Option<Version> {
        let (major, minor, patch) = Version::line(text)?;
        if let (Some(minor), Some(patch)) = (minor, patch) {
            return Some(Version::new(major, minor, patch));
        }
        let in_line = |v: &&Version| v.major == major && minor.is_none_or(|m| v.minor == m);
        self.releases
            .iter()
            .rfind(in_line)
            .copied()
            .or_else(|| minor.map(|m| Version::new(major, m, Version::NEWEST_PATCH)))
    }

    /// What the image of that version (and tag suffix) holds.
    pub fn image(&self, version: Version, suffix: &str) -> Option<&'static Image> {
        let mut fit = self.image.iter().filter(|i| i.range.holds(version));
        let named = fit.clone().find(|i| !suffix.is_empty() && i.suffixes.contains(&suffix));
        named.or_else(|| fit.find(|i| i.suffixes.is_empty()))
    }

    /// The port of that name at that version.
    pub fn listener(&self, name: &str, version: Version) -> Option<&'static Listener> {
        self.listeners.iter().find(|l| l.name == name && l.range.holds(version))
    }

    /// Whether a flag or feature exists at that version; `None` = not recorded.
    pub fn has_flag(&self, name: &str, version: Version) -> Option<bool> {
        present(self.flags.iter().filter(|f| f.name == name).map(|f| f.range), version)
    }

    /// Whether a config key exists at that version; `None` = not recorded.
    pub fn has_key(&self, path: &str, version: Version) -> Option<bool> {
        present(self.keys.iter().filter(|k| k.path == path).map(|k| k.range), version)
    }

    /// Whether the engine's own series of that name exists at that version; `None` = not recorded.
    pub fn has_metric(&self, name: &str, version: Version) -> Option<bool> {
        present(self.metrics.iter().filter(|m| m.name == name).map(|m| m.range), version)
    }
}

fn present(ranges: impl Iterator<Item = Range>, version: Version) -> Option<bool> {
    let mut found = None;
    for range in ranges {
        found = Some(found == Some(true) || range.holds(version));
    }
    found
}

/// Facts of all engines, by name.
pub fn all() -> &'static [Facts] {
    FACTS
}

/// Facts of one engine.
pub fn engine(name: &str) -> Option<&'static Facts> {
    FACTS.binary_search_by(|f| f.engine.cmp(name)).ok().map(|i| &FACTS[i])
}

include!(concat!(env!("OUT_DIR"), "/facts.rs"));
