//! What Prometheus says to others: its port and what it takes there, whom it scrapes and writes to, what it reads.

use super::{HOME, filesd, recorded, scraped};
use crate::address::{self, Client, NamedFile, Written};
use crate::catalogue::{self, Version};
use crate::engine::{Instance, Say};
use crate::labels::{End, Series};
use crate::parse::Node;
use crate::symbol::{
    Accepts, Bind, Credentials, Export, Import, Lack, Listener, Origin, PathRead, Protocol, SecretSource,
};
use crate::tree::{Arg, Artifact, ArtifactId, Service, path};

const ENGINE: &str = "prometheus";

/// Config path of the image (`prometheus/prometheus Dockerfile@v3.14.0`).
const CONFIG: &str = "/etc/prometheus/prometheus.yml";

/// Reads the symbols of an instance.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    if let Some((_, service)) = instance.service {
        listener(instance, service, say);
        reads(service, say);
    }
    let mut whole = false;
    let recorded = recorded::all(instance);
    recorded::offer(&recorded, say);
    for (id, artifact) in read(instance) {
        if let Some(root) = artifact.data().and_then(|d| d.root()) {
            whole = artifact.syntax.is_empty();
            config(id, root, instance, say);
            super::series::config(id, root, instance, &recorded, say);
        }
    }
    if let Some((_, service)) = instance.service.filter(|_| !whole) {
        say.series(None, Series::open("Prometheus", service.span, Vec::new(), End::Own));
    }
}

/// The configs of an instance.
pub(super) fn read<'a>(instance: &Instance<'a>) -> Vec<(ArtifactId, &'a Artifact)> {
    let named = instance.service.and_then(|(_, s)| s.flag("config.file").map(|(_, v)| s.path(HOME, &v)));
    let named = named.unwrap_or_else(|| CONFIG.to_owned());
    instance.read("prometheus-config", |at| at == named)
}

fn listener(instance: &Instance<'_>, service: &Service, say: &mut Say<'_>) {
    let version = instance.version.as_ref().map(|(v, _)| *v);
    let image = service.image_span();
    let mut listener = Listener {
        name: "Prometheus".into(),
        port: Some(9090),
        bind: Some(Bind::All),
        transport: catalogue::Transport::Http,
        tls: Some(false),
        auth: Some(Credentials::None),
        auth_span: None,
        any_origin: None,
        accepts: None,
        origin: Origin::Default(image),
    };
    let Some(args) = service.args() else {
        listener.port = None;
        say.export(None, Export::Listener(listener));
        return;
    };
    if let Some((arg, value)) = service.flag("web.listen-address") {
        let (bind, port) = if arg.open { (None, None) } else { address::listen(&value) };
        (listener.bind, listener.port, listener.origin) = (bind, port, Origin::Written(arg.span));
    }
    if let Some((arg, value)) = service.flag("web.config.file") {
        (listener.tls, listener.auth) = (None, None);
        let at = service.path(HOME, &value);
        let files = instance.read(super::WEB.name, |path| path == at);
        let root = match files[..] {
            [(_, file)] if !arg.open && file.syntax.is_empty() => file.data().and_then(|d| d.root()),
            _ => None,
        };
        if let Some(root) = root {
            guarded(root, &mut listener);
        }
    }
    // Where it answers is decided by another flag then.
    let elsewhere = |a: &Arg| service.flag("web.route-prefix").is_some() && a.text.contains("web.external-url=");
    let open = args.iter().any(|a| a.open && !elsewhere(a));
    let agent = service.flag("agent").is_some() || features(service).iter().any(|f| f == "agent");
    let prefix = service.route_prefix().filter(|_| !(open || agent));
    if let Some((version, prefix)) = version.zip(prefix) {
        listener.accepts = Some(accepts(service, version).into_iter().map(|a| a.below(&prefix)).collect());
    }
    say.export(None, Export::Listener(listener));
}

/// TLS and users as the web config has them (prometheus/exporter-toolkit web/tls_config.go, web/handler.go@v0.8.2, @v0.17.1).
fn guarded(root: Node<'_>, listener: &mut Listener) {
    let tls = root.get("tls_server_config").filter(|n| !n.is_null());
    listener.tls = Some(tls.is_some());
    let users = root.entry("basic_auth_users").filter(|e| !e.value.entries().is_empty());
    listener.auth_span = users.as_ref().map(|e| e.key.span());
    listener.auth = Some(match users {
        Some(_) => Credentials::Basic { user: None, password: SecretSource::Unknown },
        None => Credentials::None,
    });
}

/// All values of `--enable-feature`, which may be given more than once.
pub(super) fn features(service: &Service) -> Vec<String> {
    let args = service.args().unwrap_or_default();
    let mut found = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        let Some(rest) = arg.text.trim_start_matches('-').strip_prefix("enable-feature") else { continue };
        let value = match rest.strip_prefix('=') {
            Some(value) => value,
            None => args.get(i + 1).map_or("", |a| a.text.as_str()),
        };
        found.extend(value.split(',').map(str::to_owned));
    }
    found
}

/// What it takes at its port, each with the flag that it lacks for it.
pub(super) fn accepts(service: &Service, version: Version) -> Vec<Accepts> {
    let features = features(service);
    let endpoints = catalogue::engine(ENGINE).map_or(&[][..], |f| f.endpoints);
    let here = endpoints.iter().filter(|e| e.listener == "http" && e.range.holds(version));
    here.filter_map(|e| {
        let flag = e.flag.trim_start_matches('-');
        let given = (!flag.is_empty() && service.flag(flag).is_some_and(|(_, v)| v != "false"))
            || (!e.feature.is_empty() && features.iter().any(|f| f == e.feature));
        let needed = if e.flag.is_empty() { format!("--enable-feature={}", e.feature) } else { e.flag.to_owned() };
        let gated = !(e.flag.is_empty() && e.feature.is_empty());
        Some(Accepts {
            protocol: Protocol::named(e.protocol)?,
            paths: e.paths.iter().map(|p| (*p).to_owned()).collect(),
            missing_flag: (gated && !given).then_some(needed),
        })
    })
    .collect()
}

/// The paths that flags name.
fn reads(service: &Service, say: &mut Say<'_>) {
    if service.args().is_none() {
        return;
    }
    let web = PathRead::web_config(service, HOME);
    web.into_iter().for_each(|read| say.import(None, Import::Path(read)));
    let config = match service.flag("config.file") {
        Some((arg, _)) if arg.open => None,
        Some((arg, value)) => Some((value, Origin::Written(arg.span))),
        // Flags without this one: the default is a name in the working directory, which the image sets to its data folder.
        None if service.command.is_some() => Some(("prometheus.yml".to_owned(), Origin::Default(service.span))),
        None => Some((CONFIG.to_owned(), Origin::Default(service.image_span()))),
    };
    let Some((config, origin)) = config else { return };
    let path = service.path(HOME, &config);
    say.import(None, Import::Path(PathRead::config(path, origin)));
}

/// The path of the config in the container: relative paths in it start in its folder.
fn folder(instance: &Instance<'_>, id: ArtifactId) -> Option<String> {
    let (service, _) = instance.service?;
    let uses = instance.tree.artifact(id).used_by(service);
    uses.first().map(|u| path::folder(&u.path).to_owned())
}

fn config(id: ArtifactId, root: Node<'_>, instance: &Instance<'_>, say: &mut Say<'_>) {
    for writer in root.get("remote_write").into_iter().flat_map(Node::items) {
        if let Some(url) = address::remote_write(writer, "Prometheus' `remote_write`", |text| Some(Written::Data(text)))
        {
            say.import(Some(id), Import::Url(url));
        }
    }
    let jobs: Vec<Node<'_>> = root.get("scrape_configs").into_iter().flat_map(Node::items).collect();
    if !jobs.is_empty() || root.get("scrape_config_files").is_some() {
        say.export(Some(id), Export::OpenMetrics { prefix: String::new() });
    }
    let folder = folder(instance, id);
    for job in jobs {
        for (file, url) in scraped::all(id, job, instance, folder.as_deref()) {
            say.import(Some(file), Import::Url(url));
        }
    }
    for reader in root.get("remote_read").into_iter().flat_map(Node::items) {
        let client = Client::new("Prometheus' `remote_read`", Protocol::Http, &[], &[]);
        let client = Client { credentials: address::shown(reader), ..client };
        let url = reader.get("url").and_then(Node::text).and_then(|text| address::url(&Written::Data(text), client));
        url.into_iter().for_each(|url| say.import(Some(id), Import::Url(url)));
    }
    for manager in root.at(&["alerting", "alertmanagers"]).into_iter().flat_map(Node::items) {
        alerts(id, manager, say);
    }
    for socket in sockets(root) {
        say.import(Some(id), Import::Path(socket));
    }
    let Some(folder) = folder else { return };
    let listed = |key: &str| root.get(key).into_iter().flat_map(Node::items);
    let globs = listed("rule_files").map(|glob| ("rule files", glob));
    let globs = globs.chain(listed("scrape_config_files").map(|glob| (SCRAPES, glob)));
    for (what, glob) in globs.chain(filesd::patterns(root).map(|glob| ("targets", glob))) {
        let Some(text) = glob.scalar() else { continue };
        let mut read = PathRead::matching(path::join(&folder, text), Origin::Written(glob.span()), what);
        if what == SCRAPES {
            // config/config.go `GetScrapeConfigs`@v2.43.0, @v3.14.0: `filepath.Glob` of a plain name finds none, too.
            read = read.lacking(Lack::fails("it scrapes none of these jobs, without a word"));
        }
        say.import(Some(id), Import::Path(read));
    }
    named_files(id, root, &folder, say);
}

/// What files of jobs hold.
const SCRAPES: &str = "scrape configs";

/// Sections whose clients name files, with what comes of one that cannot be used while the server runs.
const CLIENTS: [(&str, &str); 5] = [
    ("scrape_configs", "each scrape of the job fails"),
    ("remote_write", "nothing is written there: each request fails"),
    ("remote_read", "each request to it fails"),
    ("alerting", "no alert is sent there"),
    ("tracing", "no span is sent"),
];

/// Credentials and certificates, by paths that start in the folder of the config.
fn named_files(id: ArtifactId, root: Node<'_>, folder: &str, say: &mut Say<'_>) {
    for (section, then) in CLIENTS {
        for file in root.get(section).into_iter().flat_map(|node| address::files(node, address::client_file)) {
            let path = path::join(folder, file.node.scalar().unwrap_or_default());
            let read = PathRead::new(path, Origin::Written(file.node.inner()), file.what);
            say.import(Some(id), Import::Path(read.lacking(lack(section, then, &file))));
        }
    }
}

/// What comes of a file of a client that is not there. promtool looks for those of a job but for passwords and authorities
/// (cmd/promtool/main.go `checkConfig`, `checkTLSConfig`@v2.55.1, @v3.14.0). The server reads certificates when it makes a client:
/// it goes on without a job (scrape/manager.go `reload`) or a discovery, and ends where a writer, a reader, an Alertmanager or the
/// receiver of its spans cannot be made (cmd/prometheus/main.go `reloadConfig`, prometheus/common config/http_config.go
/// `NewTLSConfig`). The rest is read with each request.
fn lack(section: &str, then: &'static str, file: &NamedFile<'_>) -> Lack {
    let certificates = file.what == PathRead::CERTIFICATES;
    match (section, file.key) {
        _ if file.discovers => Lack::fails("it discovers nothing with it"),
        _ if file.tokens => Lack::fails(then),
        ("scrape_configs", "ca_file") => Lack::fails("it leaves out the job: \"error creating new scrape pool\""),
        ("scrape_configs", "cert_file" | "key_file") => {
            Lack::refused("promtool refuses the config, and the server leaves out the job")
        }
        ("scrape_configs", "credentials_file" | "bearer_token_file") => {
            Lack::refused("promtool refuses the config, and each scrape of the job fails")
        }
        ("scrape_configs", _) => Lack::fails(then),
        _ if certificates => {
            Lack::refused("it does not start: \"one or more errors occurred while applying the new configuration\"")
        }
        _ => Lack::fails(then),
    }
}

/// Discoveries that ask Docker (prometheus/prometheus discovery/moby/docker.go, dockerswarm.go@v2.40.0, @v3.14.0).
const DOCKER: [&str; 2] = ["docker_sd_configs", "dockerswarm_sd_configs"];

/// The sockets of Docker that it asks who is to be scraped.
fn sockets(root: Node<'_>) -> Vec<PathRead> {
    let jobs = root.get("scrape_configs").into_iter().flat_map(Node::items);
    let asked = jobs.flat_map(|job| DOCKER.iter().filter_map(move |key| job.get(key))).flat_map(Node::items);
    let host = |one: Node<'_>| {
        let host = one.get("host")?;
        PathRead::socket(host.scalar()?, Origin::Written(host.inner()))
    };
    asked.filter_map(host).collect()
}

/// Where alerts go: the targets, below a prefix that all of them have (`prometheus/prometheus notifier/notifier.go@v2.40.0`,
/// `notifier/alertmanager.go@v3.14.0`, `postPath`).
fn alerts(id: ArtifactId, manager: Node<'_>, say: &mut Say<'_>) {
    if scraped::moves(manager) {
        return;
    }
    let api = manager.get("api_version").and_then(Node::scalar).unwrap_or("v2");
    let prefix = manager.get("path_prefix");
    let path = format!("{}/api/{api}/alerts", path::join("/", prefix.and_then(Node::scalar).unwrap_or_default()));
    let written = scraped::targets(manager).into_iter().map(|target| (target, None));
    let named = scraped::named(manager).into_iter().map(|(name, port)| (name, Some(port)));
    for (target, port) in written.chain(named) {
        let tls = scraped::scheme(manager, target.span());
        let mut client = Client { tls, ..Client::new("Prometheus' alerting", Protocol::Alerts, &[], &[]) };
        client.credentials = address::shown(manager);
        let Some(mut url) = target.text().and_then(|t| address::url(&Written::Data(t), client)) else { continue };
        url.paths = Some(vec![path.replace("//", "/")]);
        url.path_span = prefix.map_or(url.span, Node::inner);
        url.unverified = address::unverified(manager);
        let url = port.map_or_else(|| url.clone(), |port| scraped::at(url.clone(), port));
        say.import(Some(id), Import::Url(url));
    }
}
