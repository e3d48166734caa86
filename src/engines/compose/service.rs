//! One service, from the mappings that declare it.

use std::cell::Cell;
use std::collections::HashSet;

use super::project::File;
use super::value::{Map, Meet, Text, Value};
use super::{built, image, mount, port, script, shell};
use crate::catalogue::{self, Facts};
use crate::source::{Span, Spanned};
use crate::tree::{
    Arg, Depends, EnvVar, Image, Mount, MountSource, Network, Port, Presence, ProjectId, Service, Tree, path,
};

/// No service joins more networks than this.
const NETWORK_LIMIT: usize = 1_000;

/// Entries of `ports:` beyond this are not told apart: every URL to the service is held against each.
const PORT_LIMIT: usize = 1_000;

/// Words of a command line beyond this are not read: flags are looked for word by word.
const WORD_LIMIT: usize = 2_000;

/// One mapping of a service: its file's, its override's, or one that it extends.
pub(super) struct Layer<'a> {
    /// The file it stands in.
    pub file: &'a File<'a>,
    /// The mapping.
    pub map: &'a Map<'a>,
    /// Where the name is written.
    pub span: Span,
    /// Whether it is the service itself, not one that it extends.
    pub own: bool,
}

/// What a service is made of.
pub(super) struct Part<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// Its name.
    pub name: &'a str,
    /// Its mappings, first to last; never empty.
    pub layers: &'a [Layer<'a>],
    /// Which of them names the service.
    pub home: usize,
    /// The files that are read together.
    pub files: &'a [&'a File<'a>],
    /// Who sees it.
    pub project: ProjectId,
    /// Whether a mapping that it extends is not in the tree.
    pub open: bool,
    /// How many values may still be taken from elsewhere.
    pub borrowed: &'a Cell<usize>,
}

impl<'a> Part<'a> {
    /// The value that wins.
    fn last(&self, key: &str) -> Option<&'a Value<'a>> {
        self.chain(key).pop().map(|(_, v)| v)
    }

    fn text(&self, key: &str) -> Option<&'a Text<'a>> {
        self.last(key)?.text()
    }

    /// All values that are merged, first to last.
    pub(super) fn chain(&self, key: &str) -> Vec<(&'a Layer<'a>, &'a Value<'a>)> {
        let mut chain = Vec::new();
        for layer in self.layers {
            let Some(entry) = layer.map.entry(key) else { continue };
            if entry.meet != Meet::Merge {
                chain.clear();
            }
            if entry.meet != Meet::Reset {
                chain.push((layer, &entry.value));
            }
        }
        chain
    }

    fn items(&self, key: &str) -> Vec<(&'a Layer<'a>, &'a Value<'a>)> {
        self.chain(key).into_iter().flat_map(|(l, v)| v.items().iter().map(move |i| (l, i))).collect()
    }

    /// Texts of a list.
    fn texts(&self, key: &str) -> Vec<String> {
        self.items(key).iter().filter_map(|(_, v)| v.text()).map(|t| t.as_str().to_owned()).collect()
    }

    /// A top-level entry such as `networks.<name>`, with its file.
    fn top(&self, section: &str, name: &str) -> Option<(&'a File<'a>, &'a Map<'a>)> {
        let found = |file: &'a File<'a>| Some((file, file.root.get(section)?.map()?.get(name)?.map()?));
        let own = self.layers.iter().rev().find_map(|l| found(l.file));
        own.or_else(|| self.files.iter().rev().find_map(|f| found(f)))
    }
}

/// Makes the service.
pub(super) fn build(part: &Part<'_>) -> Service {
    let built = built::read(part);
    let build = part.last("build").is_some() && built.is_none();
    let built = built.unwrap_or_default();
    let image = part.chain("image").pop().filter(|_| !build && built.image.is_none());
    let image = image.and_then(|(layer, value)| Some(image::read_copied(value.text()?, &layer.file.env)));
    let image = built.image.or(image);
    // An entrypoint takes the image's command with it.
    let entrypoint = part.last("entrypoint").and_then(words);
    let own = built.command.filter(|_| entrypoint.is_none());
    let unknown = || Arg { text: String::new(), open: true, span: part.layers[part.home].span };
    // One that is extended and not here may bring any.
    let open = (part.open && entrypoint.is_none()).then(|| vec![unknown()]);
    let command = part.last("command").and_then(words).or(own).or(open);
    let entrypoint = entrypoint.or(built.entrypoint);
    let engine = image.as_ref().and_then(|i| engine(i, entrypoint.as_deref(), command.as_deref()));
    let started = engine.and_then(|e| started(part, e, entrypoint.is_some()));
    let (entrypoint, command) = match started {
        Some((program, words)) => (Some(vec![program]), Some(words)),
        None => (entrypoint, command),
    };
    let (environment, environment_open) = environment(part, built.environment);
    let home = &part.layers[part.home];
    Service {
        name: part.name.to_owned(),
        span: home.span,
        artifact: home.file.artifact,
        project: part.project,
        build,
        built_from: built::from(part),
        engine,
        version: engine.and_then(|e| version(e, image.as_ref()?)),
        image,
        entrypoint,
        command,
        environment,
        environment_open: environment_open || part.open,
        ports: ports(part),
        network: network(part),
        names: ["container_name", "hostname"]
            .iter()
            .filter_map(|k| part.text(k))
            .map(|t| t.as_str().to_owned())
            .collect(),
        extra_hosts: extra_hosts(part),
        mounts: mounts(part, built.mounts),
        mounts_open: built.open || part.open || part.last("volumes_from").is_some(),
        inline: Vec::new(),
        writes_only: false,
        depends_on: depends_on(part),
        log_url: log_url(part),
        healthcheck: healthcheck(part).or(built.healthcheck),
        user: part.text("user").map(|t| t.as_str().to_owned()).or(built.user),
        working_dir: part.text("working_dir").map(|t| path::join("/", t.as_str())).or(built.folder),
        profiles: part.texts("profiles"),
        replicas: replicas(part),
        has_groups: part.open || part.last("group_add").is_some(),
        is_privileged: part.open || ["privileged", "cap_add"].iter().any(|key| part.last(key).is_some()),
        memory_bound: part.open || is_memory_bound(part),
    }
}

/// Published ports; of very many the rest counts as one that is not known.
fn ports(part: &Part<'_>) -> Vec<Port> {
    let items = part.items("ports");
    let mut ports: Vec<Port> = items.iter().take(PORT_LIMIT).filter_map(|(_, v)| port::read(v)).collect();
    if items.len() > PORT_LIMIT {
        let span = part.layers[part.home].span;
        ports.push(Port { on_node: false, host_ip: None, published: None, target: None, udp: false, span });
    }
    ports
}

/// A command line: a list is taken as it is, a text is split.
fn words(value: &Value<'_>) -> Option<Vec<Arg>> {
    let mut words: Vec<Arg> = match value {
        Value::Text(text) => shell::split(text.as_str())
            .into_iter()
            .take(WORD_LIMIT + 1)
            .map(|(word, range)| Arg {
                open: text.expanded.open_in(range.clone()),
                span: text.span_of(range),
                text: word,
            })
            .collect(),
        Value::List(items) => items.iter().filter_map(Value::text).take(WORD_LIMIT + 1).map(whole).collect(),
        _ => return None,
    };
    if words.len() > WORD_LIMIT {
        // What stands behind may be any flag.
        words.truncate(WORD_LIMIT);
        words.iter_mut().for_each(|w| w.open = true);
    }
    Some(words)
}

fn whole(text: &Text<'_>) -> Arg {
    Arg { text: text.as_str().to_owned(), open: text.open(), span: text.span }
}

/// The program that the script of a shell starts, and the words it gets, where the script does nothing else.
fn started(part: &Part<'_>, engine: &str, entered: bool) -> Option<(Arg, Vec<Arg>)> {
    let facts = catalogue::engine(engine)?;
    // Behind an entrypoint of the image a shell would be no shell.
    if !entered && facts.image.iter().any(|i| !i.entrypoint.is_empty()) {
        return None;
    }
    let values = ["entrypoint", "command"].into_iter().filter_map(|key| part.last(key));
    // Each word with its text, and where it begins in it; of one that is written otherwise than it reads that is not known.
    let mut words: Vec<(&Text<'_>, String, Option<usize>)> = Vec::new();
    for value in values {
        match value {
            Value::Text(text) => words.extend(shell::split(text.as_str()).into_iter().map(|(word, range)| {
                let at = text.as_str()[range.clone()].find(word.as_str()).map(|at| range.start + at);
                (text, word, at)
            })),
            _ => {
                words.extend(value.items().iter().filter_map(Value::text).map(|t| (t, t.as_str().to_owned(), Some(0))))
            }
        }
    }
    let [(_, first, _), (_, flags, _), (text, script, at), ..] = words.as_slice() else { return None };
    if !Service::is_shell(first) || !flags.starts_with('-') || !flags.ends_with('c') {
        return None;
    }
    let at = (*at)?;
    let arg = |word: script::Word| {
        let range = at + word.range.start..at + word.range.end;
        let open = word.open || text.expanded.open_in(range.clone());
        Arg { open, span: text.span_of(range), text: word.text }
    };
    let mut found = script::started(script, &runs(facts))?.into_iter().map(arg);
    Some((found.next()?, found.take(WORD_LIMIT).collect()))
}

/// Programs of an engine that are called otherwise than it and its image's own command (grafana/grafana Dockerfile@0014fb640202,
/// where the server was called so).
const PROGRAMS: [(&str, &str); 1] = [("grafana", "grafana-server")];

/// Whether a word names the program of an engine.
fn runs(facts: &Facts) -> impl Fn(&str) -> bool {
    let usual = facts.image.iter().find_map(|i| i.entrypoint.first().or(i.command.first()));
    let binary = usual.map_or(facts.engine, |u| path::name(u));
    move |word| {
        let name = path::name(word);
        name == binary || name == facts.engine || PROGRAMS.contains(&(facts.engine, name))
    }
}

/// The engine of an image, unless the process is another one.
fn engine(image: &Image, entrypoint: Option<&[Arg]>, command: Option<&[Arg]>) -> Option<&'static str> {
    let facts = catalogue::all().iter().find(|f| f.images.contains(&image.repository.as_str()))?;
    let Some(entrypoint) = entrypoint else { return Some(facts.engine) };
    let runs = runs(facts);
    let first = entrypoint.first()?;
    if !Service::is_shell(&first.text) {
        // `tini -- prometheus` and the like run what follows.
        let wrapped = Service::is_wrapper(&first.text);
        let words = entrypoint.iter().skip(1).chain(command.into_iter().flatten());
        let follows = wrapped && words.into_iter().any(|w| runs(&w.text) && !w.text.ends_with('/'));
        return (runs(&first.text) || follows).then_some(facts.engine);
    }
    let script = entrypoint.iter().skip(1).chain(command.into_iter().flatten());
    script.into_iter().any(|a| shell::programs(&a.text).into_iter().any(&runs)).then_some(facts.engine)
}

fn version(engine: &str, image: &Image) -> Option<catalogue::Version> {
    let tag = image.tag.as_deref().filter(|_| !image.open)?;
    catalogue::engine(engine)?.resolve(tag)
}

/// Variables of the image that is built, from env files, then those written in the file; later ones win.
fn environment(part: &Part<'_>, mut all: Vec<EnvVar>) -> (Vec<EnvVar>, bool) {
    let mut open = false;
    for (layer, entry) in part.items("env_file") {
        let file = entry.text().or_else(|| entry.map()?.text("path"));
        let found = file.filter(|f| !f.open()).and_then(|f| {
            let at = path::join(&layer.file.folder, &path::slashed(f.as_str()));
            super::dotenv::variables(part.tree, &at, part.borrowed)
        });
        match found {
            Some(found) => all.extend(found),
            None => open = true,
        }
    }
    for (layer, value) in part.chain("environment") {
        match value {
            Value::Map(map) => {
                for entry in &map.entries {
                    let text = entry.value.text();
                    let value = match text {
                        Some(text) => (!text.open()).then(|| text.as_str().to_owned()),
                        None => layer.file.env.get(&entry.key).flatten().map(str::to_owned),
                    };
                    let raw = text.map_or(String::new(), |t| t.raw.clone());
                    let span = text.map_or(entry.key_span, |t| t.span);
                    all.push(EnvVar { name: entry.key.clone(), value, raw, span });
                }
            }
            _ => all.extend(value.items().iter().filter_map(Value::text).map(|t| variable(t, layer))),
        }
    }
    // Of variables of one name the last counts; in the order of names they are found by halves.
    all.reverse();
    let mut seen = HashSet::new();
    let last: Vec<bool> = all.iter().map(|v| seen.insert(v.name.clone())).collect();
    let mut last = last.into_iter();
    all.retain(|_| last.next().unwrap_or_default());
    all.sort_by(|a, b| a.name.cmp(&b.name));
    (all, open)
}

/// `NAME=value`, or `NAME` to pass it through.
fn variable(text: &Text<'_>, layer: &Layer<'_>) -> EnvVar {
    let whole = text.as_str();
    let Some(at) = whole.find('=') else {
        let value = layer.file.env.get(whole).flatten().map(str::to_owned);
        return EnvVar { name: whole.to_owned(), value, raw: String::new(), span: text.span };
    };
    let range = at + 1..whole.len();
    EnvVar {
        name: whole[..at].to_owned(),
        value: (!text.expanded.open_in(range.clone())).then(|| whole[range.clone()].to_owned()),
        raw: text.raw_of(range.clone()).to_owned(),
        span: text.span_of(range),
    }
}

fn network(part: &Part<'_>) -> Network {
    if let Some(mode) = part.text("network_mode") {
        let mode = mode.as_str();
        return match mode.strip_prefix("service:") {
            Some(service) => Network::Service(service.to_owned()),
            None if mode == "host" => Network::Host,
            None => Network::Other,
        };
    }
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    for (_, value) in part.chain("networks") {
        let entries: Vec<(&str, Vec<String>)> = match value {
            Value::Map(map) => map.entries.iter().map(|e| (e.key.as_str(), aliases(&e.value))).collect(),
            _ => value.items().iter().filter_map(Value::text).map(|t| (t.as_str(), Vec::new())).collect(),
        };
        for (key, aliases) in entries.into_iter().take(NETWORK_LIMIT) {
            let name = part.top("networks", key).and_then(|(_, m)| m.text("name")).filter(|t| !t.open());
            let name = name.map_or(key, Text::as_str);
            // Another file of the project may not say the name of its default network.
            let own = (key == "default" && name != key).then_some(key);
            for name in own.into_iter().chain([name]) {
                match named.iter_mut().find(|(n, _)| n == name) {
                    Some((_, known)) => known.extend(aliases.iter().cloned()),
                    None => named.push((name.to_owned(), aliases.clone())),
                }
            }
        }
    }
    Network::Named(named)
}

fn aliases(value: &Value<'_>) -> Vec<String> {
    let list = value.map().and_then(|m| m.get("aliases")).map(Value::items).unwrap_or_default();
    list.iter().filter_map(Value::text).map(|t| t.as_str().to_owned()).collect()
}

fn extra_hosts(part: &Part<'_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for (_, value) in part.chain("extra_hosts") {
        match value {
            Value::Map(map) => hosts.extend(map.entries.iter().map(|e| e.key.clone())),
            _ => hosts.extend(
                value
                    .items()
                    .iter()
                    .filter_map(Value::text)
                    .map(|t| t.as_str().split(['=', ':']).next().unwrap_or_default().to_owned()),
            ),
        }
    }
    for key in ["links", "external_links"] {
        hosts.extend(part.texts(key).iter().filter_map(|l| l.split_once(':')).map(|(_, alias)| alias.to_owned()));
    }
    hosts
}

fn mounts(part: &Part<'_>, mut all: Vec<Mount>) -> Vec<Mount> {
    let exists = |p: &str| matches!(part.tree.presence(p), Presence::File | Presence::Folder | Presence::Closed);
    let base = |file: &File<'_>| file.folder.clone();
    for (layer, value) in part.items("volumes") {
        let folder = base(layer.file);
        let Some(mut mount) = mount::volume(value, &mount::Base { folder: &folder, exists: &exists }) else { continue };
        if let MountSource::Volume(name) = &mount.source {
            // A volume may itself be a bind mount by its driver's options.
            let options = part.top("volumes", name).and_then(|(_, m)| m.get("driver_opts"));
            if options.and_then(Value::map).is_some_and(|o| o.get("device").is_some()) {
                mount.source = MountSource::Unknown;
            }
        }
        all.push(mount);
    }
    for (key, folder) in [("configs", "/"), ("secrets", "/run/secrets")] {
        let declared = |name: &str| {
            let (file, map) = part.top(key, name)?;
            Some(mount::declared(name, map, &mount::Base { folder: &file.folder, exists: &exists }))
        };
        all.extend(part.items(key).iter().filter_map(|(_, v)| mount::file_entry(v, folder, &declared)));
    }
    for (_, value) in part.items("tmpfs") {
        if let Some(text) = value.text() {
            let target = path::join("/", text.as_str().split(':').next().unwrap_or_default());
            let (source, span) = (MountSource::Scratch, text.span);
            all.push(Mount { source, target, read_only: false, span, target_span: span });
        }
    }
    // Of two mounts on one target the last wins, without a word from compose.
    let mut kept: Vec<Mount> = Vec::with_capacity(all.len());
    let mut seen = HashSet::new();
    for mount in all.into_iter().rev() {
        if seen.insert(mount.target.clone()) {
            kept.push(mount);
        }
    }
    kept.reverse();
    kept
}

/// `scale`, else `deploy.replicas` (compose-spec/compose-go types/types.go `GetScale`@v2.16.2).
fn replicas(part: &Part<'_>) -> Option<Spanned<u32>> {
    let deployed = || part.chain("deploy").into_iter().rev().find_map(|(_, v)| v.map()?.get("replicas"));
    let text = part.last("scale").or_else(deployed)?.text().filter(|t| !t.open())?;
    Some(Spanned::new(text.as_str().parse().ok()?, text.span))
}

/// `mem_limit`, or `deploy.resources.limits.memory`.
fn is_memory_bound(part: &Part<'_>) -> bool {
    let limit = |v: &Value<'_>| Some(v.map()?.get("resources")?.map()?.get("limits")?.map()?.get("memory").is_some());
    part.last("mem_limit").is_some() || part.chain("deploy").into_iter().any(|(_, v)| limit(v).unwrap_or_default())
}

fn depends_on(part: &Part<'_>) -> Vec<Depends> {
    let mut all = Vec::new();
    for (_, value) in part.chain("depends_on") {
        match value {
            Value::Map(map) => all.extend(map.entries.iter().map(|e| Depends {
                service: Spanned::new(e.key.clone(), e.key_span),
                condition:
                    e.value.map().and_then(|m| m.text("condition")).map_or("service_started", Text::as_str).to_owned(),
            })),
            _ => all.extend(value.items().iter().filter_map(Value::text).map(|t| Depends {
                service: Spanned::new(t.as_str().to_owned(), t.span),
                condition: "service_started".to_owned(),
            })),
        }
    }
    all
}

/// `loki-url` of the driver for Loki, by its name or that of its plugin (grafana/loki
/// clients/cmd/docker-driver/config.go@1d397605766d).
fn log_url(part: &Part<'_>) -> Option<Arg> {
    let chain = part.chain("logging");
    let key = |key: &'static str| chain.iter().rev().filter_map(move |(_, v)| v.map()?.get(key));
    let driver = key("driver").next()?.text()?.as_str();
    if driver != "loki" && !driver.starts_with("grafana/loki-docker-driver") {
        return None;
    }
    key("options").find_map(|options| options.map()?.text("loki-url")).map(whole)
}

fn healthcheck(part: &Part<'_>) -> Option<Vec<Arg>> {
    let (_, value) =
        part.chain("healthcheck").into_iter().rfind(|(_, v)| v.map().is_some_and(|m| m.get("test").is_some()))?;
    match value.map()?.get("test")? {
        Value::Text(text) => {
            Some(vec![Arg { text: "CMD-SHELL".to_owned(), open: false, span: text.span }, whole(text)])
        }
        Value::List(items) => Some(items.iter().filter_map(Value::text).map(whole).collect()),
        _ => None,
    }
}
