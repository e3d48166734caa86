//! Services as a deployment (compose; later Kubernetes, ECS) declares them.

use std::ops::Range;

use crate::catalogue::{self, Facts, Version};
use crate::source::{Span, Spanned};
use crate::tree::{ArtifactId, VersionFrom, path};

/// Index of a service in [`super::Tree::services`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceId(pub u32);

/// Services that can see each other by name: one compose project, however many files declare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectId(pub u32);

/// An image reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `grafana/tempo`; registry included unless it is Docker's own.
    pub repository: String,
    /// Tag after interpolation; `None` = none written.
    pub tag: Option<String>,
    /// Whether a digest pins it.
    pub digest: bool,
    /// Whether a variable without a known value is part of it: nothing may be said of the tag then.
    pub open: bool,
    /// Where the image is written.
    pub span: Span,
}

/// Whether a word of the name of an image or a service begins so: `fluentd` with `fluent`, and not `confluentinc`.
pub fn has_word(name: &str, beginnings: &[&str]) -> bool {
    words(name).any(|word| beginnings.iter().any(|b| word.starts_with(b)))
}

/// The words of such a name.
pub fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['/', '-', '_', '.'])
}

/// Tags that move with every release or commit.
const FLOATING: [&str; 8] = ["latest", "main", "master", "edge", "nightly", "dev", "stable", "rolling"];

impl Image {
    /// A repository without what Docker adds itself, and without the host of a proxy or mirror of Docker Hub that brings an image
    /// of an engine: the path stays what it is there.
    pub fn short(repository: &str) -> &str {
        let hub = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"];
        let rest = hub.iter().find_map(|h| repository.strip_prefix(h)).unwrap_or(repository);
        mirrored(rest).unwrap_or_else(|| rest.strip_prefix("library/").unwrap_or(rest))
    }

    /// The release that its tag names, whatever program that is of.
    pub fn release(&self) -> Option<Version> {
        if self.open { None } else { Version::exact(self.tag.as_deref()?) }
    }

    /// Whether it is what it is, whatever its publisher does: a digest or a tag that moves with nothing.
    pub fn is_pinned(&self) -> bool {
        !self.open && !self.floats()
    }

    /// Whether the tag names no release. A digest pins, and what a variable decides is not known.
    pub fn floats(&self) -> bool {
        if self.digest || self.open {
            return false;
        }
        self.tag.as_deref().is_none_or(|tag| {
            // `latest-alpine` moves as `latest` does; `main-1a2b3c4` is one commit.
            let (stem, rest) = tag.split_once('-').unwrap_or((tag, ""));
            let commit = rest.len() >= 7 && rest.chars().all(|c| c.is_ascii_hexdigit());
            FLOATING.contains(&stem) && !commit
        })
    }
}

fn mirrored(repository: &str) -> Option<&str> {
    let (host, path) = repository.split_once('/')?;
    if !host.contains(['.', ':']) {
        return None;
    }
    let known = |path: &&str| catalogue::all().iter().any(|facts| facts.images.contains(path));
    let two = path.rmatch_indices('/').nth(1).map_or(path, |(at, _)| &path[at + 1..]);
    Some(two).filter(known)
}

/// One word of a command line, or of an entrypoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arg {
    /// After interpolation.
    pub text: String,
    /// Whether a variable without a known value is part of it.
    pub open: bool,
    /// Where.
    pub span: Span,
}

impl Arg {
    /// Where a part of its text stands.
    pub fn place(&self, part: Range<usize>) -> Span {
        self.span.part(&self.text, part)
    }
}

/// An environment variable of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvVar {
    /// Name.
    pub name: String,
    /// Value; `None` = passed through from the shell, or unknown.
    pub value: Option<String>,
    /// Value as written, before interpolation: `${GF_PASSWORD}`.
    pub raw: String,
    /// Where the value (else the name) is written.
    pub span: Span,
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Whether Swarm publishes it on the node of each task alone (`mode: host`).
    pub on_node: bool,
    /// Address on the host; `None` = all interfaces.
    pub host_ip: Option<String>,
    /// First and last port on the host; `None` = chosen by the engine, or unknown.
    pub published: Option<(u16, u16)>,
    /// First and last port in the container; `None` = unknown.
    pub target: Option<(u16, u16)>,
    /// `udp` ports never match a TCP listener.
    pub udp: bool,
    /// Where.
    pub span: Span,
}

impl Port {
    /// The port of the host that leads to one of the container.
    pub fn host(&self, target: u16) -> Option<u16> {
        let ((first, _), (from, to)) = self.published.zip(self.target)?;
        (from..=to).contains(&target).then(|| first.checked_add(target - from))?
    }
}

/// What a mount brings in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A path of the host, normalised relative to the tree's paths (`./x` of `dir/compose.yaml` → `dir/x`), or absolute.
    Bind(String),
    /// A named volume.
    Volume(String),
    /// A compose `configs:` or `secrets:` entry with inline content or an environment variable.
    Inline(String),
    /// tmpfs or an anonymous volume.
    Scratch,
    /// Built from something unknown.
    Unknown,
}

/// A mount of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What.
    pub source: MountSource,
    /// Where in the container, absolute, without a trailing slash.
    pub target: String,
    /// `ro`.
    pub read_only: bool,
    /// The source's text, else the entry.
    pub span: Span,
    /// The target's text, else the entry.
    pub target_span: Span,
}

/// A file of a container that stands in the deployment file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    /// Path in the container.
    pub path: String,
    /// Its lines, indented as they are.
    pub span: Span,
    /// Whether a shell expands variables in it before it is written.
    pub shell: bool,
}

/// How a service is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// Networks by name (after `name:`), each with aliases; empty = the project's default one.
    Named(Vec<(String, Vec<String>)>),
    /// The host's.
    Host,
    /// Another service's.
    Service(String),
    /// None, another container's, or unknown.
    Other,
}

/// `depends_on` of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depends {
    /// The other service.
    pub service: Spanned<String>,
    /// `service_started`, `service_healthy`, `service_completed_successfully`.
    pub condition: String,
}

/// What an image is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltFrom {
    /// The folder.
    pub context: Spanned<String>,
    /// The file of its steps, where one is named.
    pub dockerfile: Option<Spanned<String>>,
    /// Whether the image has a name, by which it may be pulled.
    pub is_named: bool,
}

/// One service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Name in its project.
    pub name: String,
    /// Where the name is written.
    pub span: Span,
    /// The deployment file.
    pub artifact: ArtifactId,
    /// Who sees it.
    pub project: ProjectId,
    /// Image; `None` when it is built.
    pub image: Option<Image>,
    /// Whether it is built here: its command, config and listeners may come from a Dockerfile.
    pub build: bool,
    /// What it is built from, where that is written and no variable or server decides.
    pub built_from: Option<BuiltFrom>,
    /// Name of the engine of its image, when the image is a known one and no foreign entrypoint replaces its process.
    pub engine: Option<&'static str>,
    /// The version of its tag.
    pub version: Option<Version>,
    /// `entrypoint:`.
    pub entrypoint: Option<Vec<Arg>>,
    /// `command:`.
    pub command: Option<Vec<Arg>>,
    /// `environment:` and readable `env_file`s: one of each name, by name.
    pub environment: Vec<EnvVar>,
    /// Whether an env file is missing or unreadable: more variables may exist.
    pub environment_open: bool,
    /// `ports:`.
    pub ports: Vec<Port>,
    /// Networks.
    pub network: Network,
    /// Other names it answers to: `container_name`, `hostname`.
    pub names: Vec<String>,
    /// `extra_hosts` and `links` aliases: names that its own process resolves elsewhere.
    pub extra_hosts: Vec<String>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Whether mounts may be missing here (`volumes_from`, unresolved `extends`).
    pub mounts_open: bool,
    /// Files that its declaration holds.
    pub inline: Vec<Inline>,
    /// Whether it starts with a script that does nothing but write those: it passes nothing to the process.
    pub writes_only: bool,
    /// `depends_on:`.
    pub depends_on: Vec<Depends>,
    /// Where Docker's log driver for Loki sends what it prints.
    pub log_url: Option<Arg>,
    /// `healthcheck.test`, where written.
    pub healthcheck: Option<Vec<Arg>>,
    /// `user:`, where written.
    pub user: Option<String>,
    /// `working_dir:`, where written.
    pub working_dir: Option<String>,
    /// Whether it is given further groups (`group_add:`), or may be.
    pub has_groups: bool,
    /// Whether it has rights beyond those of every container (`privileged:`, `cap_add:`), or may have.
    pub is_privileged: bool,
    /// `profiles:`.
    pub profiles: Vec<String>,
    /// How many containers are wanted, where a number says so.
    pub replicas: Option<Spanned<u32>>,
    /// Whether something bounds its memory, or may.
    pub memory_bound: bool,
}

impl Service {
    /// The words that reach the engine's process: entrypoint arguments after the binary, then `command:`; the image's own
    /// default where neither is given. `None` when they cannot be known.
    pub fn args(&self) -> Option<Vec<&Arg>> {
        let first = self.entrypoint.as_ref().or(self.command.as_ref()).and_then(|words| words.first());
        if first.is_some_and(|word| Self::is_shell(&word.text)) {
            // A script: what reaches the process is written in a language that is not read here.
            return None;
        }
        let entry = self.entrypoint.iter().flatten().skip(1);
        Some(entry.chain(self.command.iter().flatten()).collect())
    }

    /// Whether a word starts a shell, so that what follows is a script.
    pub fn is_shell(word: &str) -> bool {
        ["sh", "bash", "ash", "dash", "zsh", "busybox"].contains(&super::path::name(word))
    }

    /// Whether a word starts a program that runs what follows.
    pub fn is_wrapper(word: &str) -> bool {
        ["tini", "dumb-init", "env", "exec"].contains(&super::path::name(word))
    }

    /// Whether its entrypoint is such a program, or a script: not all words then reach the process.
    pub fn is_wrapped(&self) -> bool {
        let first = self.entrypoint.as_ref().and_then(|words| words.first());
        first.is_some_and(|word| Self::is_wrapper(&word.text) || Self::is_shell(&word.text))
    }

    /// The value of a flag, in the forms Go and kingpin programs take: `--a=b`, `-a=b`, `--a b`, `--a` (empty).
    /// `name` is given without dashes.
    pub fn flag(&self, name: &str) -> Option<(&Arg, String)> {
        flag_in(&self.args()?, name)
    }

    /// Where its image is written; where it has none, its name.
    pub fn image_span(&self) -> Span {
        self.image.as_ref().map_or(self.span, |image| image.span)
    }

    /// All of a flag that may be given more than once.
    pub fn flags(&self, name: &str) -> Vec<(&Arg, String)> {
        let args = self.args().unwrap_or_default();
        flags_in(&args, name).collect()
    }

    /// The same for programs that read no flag behind the first word, as Go's `flag` ends there.
    pub fn leading_flag(&self, name: &str) -> Option<(&Arg, String)> {
        let args = self.args()?;
        let end = word_in(&args).unwrap_or(args.len());
        flag_in(&args[..end], name)
    }

    /// Where the first word stands that surely is no value of the flag before it.
    pub fn first_word(&self) -> Option<usize> {
        word_in(&self.args()?)
    }

    /// The path below which a server of Prometheus' family answers, without a slash at its end; `None` = not known
    /// (prometheus/prometheus cmd/prometheus/main.go@v2.40.0, @v3.14.0, prometheus/alertmanager
    /// cmd/alertmanager/main.go@v0.25.0: `web.route-prefix`, else the path of `web.external-url`).
    pub fn route_prefix(&self) -> Option<String> {
        let literal = |(arg, value): (&Arg, String)| (!arg.open).then_some(value);
        let path = match (self.flag("web.route-prefix"), self.flag("web.external-url")) {
            (Some(prefix), _) => literal(prefix)?,
            (None, Some(url)) => {
                let url = literal(url)?;
                let (_, rest) = url.split_once("://")?;
                rest.split_once('/').map_or(String::new(), |(_, path)| path.to_owned())
            }
            (None, None) => String::new(),
        };
        let path = path.trim_matches('/');
        Some(if path.is_empty() { String::new() } else { format!("/{path}") })
    }

    /// A path of the command line as its process reads it, which the image starts in a folder.
    pub fn path(&self, folder: &str, written: &str) -> String {
        path::join(self.working_dir.as_deref().unwrap_or(folder), written)
    }

    /// The whole command line, else the name.
    pub fn command_span(&self) -> Span {
        let words = self.command.as_deref().or(self.entrypoint.as_deref()).unwrap_or_default();
        match (words.first(), words.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => self.span,
        }
    }

    /// What is assumed of the version of an engine's service whose tag names none.
    pub fn assumed(&self, facts: &Facts) -> (Version, VersionFrom) {
        match &self.image {
            Some(image) if image.is_pinned() => (facts.newest(), VersionFrom::Unknown(image.span)),
            Some(image) => (facts.newest_of(&image.repository), VersionFrom::Newest),
            None => (facts.newest(), VersionFrom::Newest),
        }
    }

    /// Whether every container has a variable of that name without being told (moby/moby container/container.go
    /// `CreateDaemonEnvironment`@v28.3.0; its runtime and shells set the others).
    pub fn has_of_itself(name: &str) -> bool {
        ["HOME", "HOSTNAME", "PATH", "PWD", "SHLVL", "TERM"].contains(&name)
    }

    /// The value of an environment variable.
    pub fn env(&self, name: &str) -> Option<&EnvVar> {
        let at = self.environment.binary_search_by(|e| e.name.as_str().cmp(name)).ok()?;
        self.environment.get(at)
    }
}

fn word_in(args: &[&Arg]) -> Option<usize> {
    let at = args.iter().position(|a| !a.text.starts_with('-'))?;
    let bare = at == 0 || args[at - 1].text.contains('=');
    (bare && !args[at].open).then_some(at)
}

/// The value of a flag in the words of a command.
fn flag_in<'a>(args: &[&'a Arg], name: &str) -> Option<(&'a Arg, String)> {
    flags_in(args, name).next()
}

/// The values of a flag, in the order of the words.
fn flags_in<'a>(args: &[&'a Arg], name: &str) -> impl Iterator<Item = (&'a Arg, String)> {
    args.iter().enumerate().filter_map(move |(i, arg)| {
        let text = arg.text.strip_prefix("--").or_else(|| arg.text.strip_prefix('-'))?;
        let rest = text.strip_prefix(name)?;
        if let Some(value) = rest.strip_prefix('=') {
            return Some((*arg, value.to_owned()));
        }
        rest.is_empty().then(|| {
            let next = args.get(i + 1).filter(|n| !n.text.starts_with('-'));
            (*arg, next.map_or(String::new(), |n| n.text.clone()))
        })
    })
}
