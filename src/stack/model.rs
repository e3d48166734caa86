//! The plan: hosts, nodes, routes, secrets.

use crate::catalogue::Version;
use crate::spec::{Application, AuthMode, Layout, Limits, Scrape};
use crate::symbol::Route;

/// A planned stack.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Compose project name.
    pub name: String,
    /// How it is spread.
    pub layout: Layout,
    /// `deployment.environment.name`.
    pub environment: Option<String>,
    /// One output folder each.
    pub hosts: Vec<Host>,
    /// Every way of a signal and of a query.
    pub routes: Vec<PlannedRoute>,
    /// What is generated once and kept in `.env`.
    pub secrets: Vec<Secret>,
    /// The applications.
    pub applications: Vec<Application>,
    /// What the collector is told beyond routes.
    pub pipeline: Pipeline,
    /// How long data is kept.
    pub retention: Retention,
    /// Ingestion limits.
    pub limits: Limits,
    /// The way between hosts; `None` on a single one.
    pub edge: Option<Edge>,
    /// TLS material, written once with mode 0600.
    pub secret_files: Vec<SecretFile>,
}

/// A route with what a sender must write to take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRoute {
    /// From, to, protocol, port, TLS.
    pub route: Route,
    /// Host as the sender writes it.
    pub host: String,
    /// Path as the sender writes it; empty where the client appends its own.
    pub path: &'static str,
}

impl PlannedRoute {
    /// `host:port`, an IPv6 address in brackets.
    pub fn address(&self) -> String {
        let host = &self.host;
        let port = self.route.port;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// The URL a sender writes.
    pub fn url(&self) -> String {
        let scheme = if self.route.tls { "https" } else { "http" };
        format!("{scheme}://{}{}", self.address(), self.path)
    }
}

/// A file of TLS material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFile {
    /// Path below the output folder.
    pub path: String,
    /// Where its content comes from.
    pub from: Material,
}

/// Where TLS material comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Material {
    /// A file of the user, relative to `vispyr.toml`.
    File(String),
    /// The certificate of the CA that `gen` makes once.
    PrivateCa,
    /// The server certificate that this CA signs.
    PrivateCert,
    /// Its key.
    PrivateKey,
}

/// The role of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostRole {
    /// Everything.
    Single,
    /// Applications and the agent.
    Agent,
    /// Gateway, stores, Grafana.
    Gateway,
}

/// One machine, one output folder, one compose project.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its role.
    pub role: HostRole,
    /// Folder below the output folder; empty = the output folder itself.
    pub folder: &'static str,
    /// Compose project name.
    pub project: String,
    /// Its services, in start order.
    pub nodes: Vec<Node>,
    /// Names of networks.
    pub networks: Vec<&'static str>,
}

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Alloy beside the applications.
    Agent,
    /// Alloy before the stores.
    Gateway,
    /// Alloy doing both.
    Collector,
    /// Ends TLS and checks the credential.
    Proxy,
    /// Stores metrics.
    Metrics,
    /// Stores traces.
    Traces,
    /// Stores profiles.
    Profiles,
    /// Shows.
    View,
}

/// One service.
#[derive(Debug, Clone)]
pub struct Node {
    /// Service name: `prometheus`.
    pub service: &'static str,
    /// Engine name.
    pub engine: &'static str,
    /// What it does.
    pub role: Role,
    /// Pinned version.
    pub version: Version,
    /// How it runs.
    pub container: Container,
}

/// How a node runs.
#[derive(Debug, Clone, Default)]
pub struct Container {
    /// `repository:tag`.
    pub image: String,
    /// CMD.
    pub command: Vec<String>,
    /// Environment in order; values may name variables of `.env` as `${X:?…}`.
    pub environment: Vec<(String, String)>,
    /// Mounts.
    pub mounts: Vec<MountPlan>,
    /// Published ports.
    pub ports: Vec<PortPlan>,
    /// Health check in exec form; empty = the image can run none.
    pub health: Vec<String>,
    /// Services it waits for, and whether for their health.
    pub depends_on: Vec<(&'static str, bool)>,
    /// Networks it joins.
    pub networks: Vec<&'static str>,
    /// Memory limit, bytes.
    pub memory: u64,
    /// `pid: host`.
    pub host_pid: bool,
    /// Folders below the host's folder whose generated files it reads: their hash labels the service.
    pub configs: Vec<&'static str>,
    /// Seconds it is given to write down what it holds.
    pub stop_grace: u32,
}

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountPlan {
    /// Folder of the host (`./prometheus`, `/proc`) or name of a volume.
    pub source: String,
    /// Path in the container.
    pub target: String,
    /// Whether `source` is a named volume.
    pub volume: bool,
    /// `ro`.
    pub read_only: bool,
    /// Sees what the host mounts below later on (`rslave`).
    pub follows: bool,
}

/// One published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortPlan {
    /// Address on the host.
    pub bind: String,
    /// Port on the host.
    pub published: u16,
    /// Port in the container.
    pub target: u16,
}

/// A secret that `gen` makes once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Variable of `.env`.
    pub variable: std::borrow::Cow<'static, str>,
    /// Folders (of hosts) whose `.env` holds it.
    pub folders: Vec<&'static str>,
    /// Characters.
    pub length: usize,
    /// Whether `--rotate-secrets` makes a new one.
    pub rotates: bool,
    /// What it is for, one line for `.env.example`.
    pub purpose: &'static str,
    /// Derived from others instead of drawn.
    pub derived: Option<Derived>,
}

/// How a derived secret is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// base64 of `user:password`.
    Basic {
        /// User name.
        user: &'static str,
        /// Variable of the password.
        password: &'static str,
    },
    /// Given by the user in the environment of the stack (`bearer = { env = "X" }`): listed in `.env.example`, never drawn.
    Given,
}

/// What the collector is told beyond routes.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// Host metrics.
    pub host_metrics: bool,
    /// Span metrics.
    pub span_metrics: bool,
    /// Service graph.
    pub service_graph: bool,
    /// Seconds.
    pub scrape_interval: u64,
    /// `instance` of host metrics per host folder.
    pub instances: Vec<(&'static str, String)>,
    /// Span attributes that become labels.
    pub dimensions: Vec<String>,
    /// Application scrapes.
    pub scrapes: Vec<Scrape>,
}

/// Seconds and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Seconds of metrics.
    pub metrics: u64,
    /// Bytes of metrics.
    pub metrics_size: u64,
    /// Seconds of traces.
    pub traces: u64,
    /// Seconds of profiles.
    pub profiles: u64,
}

/// The way between the hosts, decided once and written at both ends.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Name or address of the gateway.
    pub address: String,
    /// Port published there.
    pub port: u16,
    /// Address it is published on.
    pub bind: String,
    /// TLS material.
    pub tls: EdgeTls,
    /// Credential.
    pub auth: AuthMode,
}

/// TLS of the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdgeTls {
    /// None.
    Off,
    /// The user's files.
    Files {
        /// Server certificate.
        cert: String,
        /// Key.
        key: String,
        /// CA; `None` = system roots.
        ca: Option<String>,
    },
    /// A CA and a server certificate made once by `gen`.
    Private,
}

impl Stack {
    /// The route that `from` takes to speak `protocol` (to `to`, where it has several).
    pub fn route(&self, from: &str, protocol: crate::symbol::Protocol, to: Option<&str>) -> Option<&PlannedRoute> {
        self.routes
            .iter()
            .find(|r| r.route.from == from && r.route.protocol == protocol && to.is_none_or(|t| r.route.to == t))
    }

    /// The node of that role, wherever it runs.
    pub fn node(&self, role: Role) -> Option<&Node> {
        self.hosts.iter().flat_map(|h| &h.nodes).find(|n| n.role == role)
    }
}

impl Host {
    /// A path below its folder.
    pub fn path(&self, below: &str) -> String {
        if self.folder.is_empty() { below.to_owned() } else { format!("{}/{below}", self.folder) }
    }
}
