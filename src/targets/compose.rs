//! `compose.yaml` and `.gitignore` of one host.

use indexmap::IndexMap;
use serde::Serialize;

use crate::emitter::{Emitted, Mode, yaml};
use crate::stack::{Container, Host, HostRole, Stack};

#[derive(Serialize)]
struct Compose<'a> {
    name: &'a str,
    services: IndexMap<&'a str, Service<'a>>,
    networks: IndexMap<&'a str, Network>,
    volumes: IndexMap<&'a str, Nothing>,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Network {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Serialize)]
struct Service<'a> {
    image: &'a str,
    restart: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    command: Vec<String>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    environment: IndexMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ports: Vec<String>,
    volumes: Vec<Volume<'a>>,
    networks: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<&'static str>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    depends_on: IndexMap<&'static str, Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<Health>,
    mem_limit: String,
    stop_grace_period: String,
    security_opt: [&'static str; 1],
    logging: Logging,
    labels: IndexMap<&'static str, String>,
}

#[derive(Serialize)]
struct Volume<'a> {
    r#type: &'static str,
    source: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    read_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    bind: Option<Bind>,
}

#[derive(Serialize)]
struct Bind {
    #[serde(skip_serializing_if = "Option::is_none")]
    propagation: Option<&'static str>,
    /// A mistyped path is an error instead of a new folder that belongs to root.
    create_host_path: bool,
}

#[derive(Serialize)]
struct Condition {
    condition: &'static str,
}

#[derive(Serialize)]
struct Health {
    test: Vec<String>,
    interval: &'static str,
    timeout: &'static str,
    retries: u8,
    /// Tempo and Pyroscope answer only once their rings have settled.
    start_period: &'static str,
}

#[derive(Serialize)]
struct Logging {
    driver: &'static str,
    options: IndexMap<&'static str, &'static str>,
}

/// Writes the files of `host` that compose reads.
pub fn emit(stack: &Stack, host: &Host, hashes: &dyn Fn(&str) -> String) -> Vec<Emitted> {
    let file =
        |path: &str, kind, content| Emitted { path: host.path(path), kind, engine: None, mode: Mode::Public, content };
    vec![
        file("compose.yaml", "compose", yaml(&compose(stack, host, hashes))),
        file(".gitignore", "gitignore", format!("{}.env\ntls/*.key\n", crate::emitter::header("#"))),
    ]
}

fn compose<'a>(stack: &Stack, host: &'a Host, hashes: &dyn Fn(&str) -> String) -> Compose<'a> {
    let named = |network: &str| {
        // Applications of other compose projects join this one, so its name does not hang on the project's.
        (network == "apps" && host.role != HostRole::Gateway).then(|| format!("{}_apps", stack.name))
    };
    let volumes = host.nodes.iter().flat_map(|n| &n.container.mounts).filter(|m| m.volume);
    Compose {
        name: &host.project,
        services: host.nodes.iter().map(|n| (n.service, service(&n.container, hashes))).collect(),
        networks: host.networks.iter().map(|n| (*n, Network { name: named(n) })).collect(),
        volumes: volumes.map(|m| (m.source.as_str(), Nothing {})).collect(),
    }
}

fn service<'a>(container: &'a Container, hashes: &dyn Fn(&str) -> String) -> Service<'a> {
    // A literal `$` is doubled, or compose would look for a variable.
    let literal = |words: &[String]| words.iter().map(|w| w.replace('$', "$$")).collect::<Vec<_>>();
    let address = |ip: &str| if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
    let volume = |m: &'a crate::stack::MountPlan| Volume {
        r#type: if m.volume { "volume" } else { "bind" },
        source: &m.source,
        target: &m.target,
        read_only: m.read_only,
        bind: (!m.volume).then(|| Bind { propagation: m.follows.then_some("rslave"), create_host_path: false }),
    };
    let condition = |healthy| Condition { condition: if healthy { "service_healthy" } else { "service_started" } };
    // `up -d` does not recreate a container whose mounted files changed; a changed label makes it.
    let digest: Vec<String> = container.configs.iter().map(|c| hashes(c)).collect();
    Service {
        image: &container.image,
        restart: "unless-stopped",
        command: literal(&container.command),
        environment: container.environment.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
        ports: container.ports.iter().map(|p| format!("{}:{}:{}", address(&p.bind), p.published, p.target)).collect(),
        volumes: container.mounts.iter().map(volume).collect(),
        networks: &container.networks,
        pid: container.host_pid.then_some("host"),
        depends_on: container.depends_on.iter().map(|(s, healthy)| (*s, condition(*healthy))).collect(),
        healthcheck: (!container.health.is_empty()).then(|| Health {
            test: literal(&container.health),
            interval: "10s",
            timeout: "5s",
            retries: 6,
            start_period: "60s",
        }),
        mem_limit: format!("{}m", container.memory >> 20),
        stop_grace_period: format!("{}s", container.stop_grace),
        security_opt: ["no-new-privileges:true"],
        logging: Logging { driver: "json-file", options: IndexMap::from([("max-size", "10m"), ("max-file", "3")]) },
        labels: IndexMap::from([("vispyr.config", digest.join("-"))]),
    }
}
