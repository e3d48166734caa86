//! What a `vispyr.toml` says, defaults filled in.

use crate::catalogue::Version;
use crate::source::{SourceId, Span, Spanned};

/// A decoded `vispyr.toml`.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The file, for findings about the whole.
    pub source: SourceId,
    /// `[stack]`.
    pub stack: StackSection,
    /// `[[services]]`: the applications.
    pub services: Vec<Application>,
    /// `[signals]`.
    pub signals: Signals,
    /// `[versions]`: exact versions per engine; those absent take the pinned default.
    pub versions: Vec<(String, Spanned<Version>)>,
    /// `[collector]`.
    pub collector: Collector,
    /// `[retention]`.
    pub retention: Retention,
    /// `[gateway]`: only with the `agent-gateway` layout.
    pub gateway: Option<Gateway>,
    /// `[tls]`, between hosts.
    pub tls: Tls,
    /// `[auth]`, between hosts.
    pub auth: AuthMode,
    /// `[grafana]`.
    pub grafana: Grafana,
    /// `[agent]`: what applications dial.
    pub agent: Agent,
    /// `[[scrape]]`.
    pub scrapes: Vec<Scrape>,
    /// `[resources.<service>]`: memory in bytes.
    pub resources: Vec<(String, Spanned<u64>)>,
    /// `[limits]`: ingestion limits.
    pub limits: Limits,
}

/// `[check]`: read by `vispyr check` alone.
#[derive(Debug, Clone, Default)]
pub struct CheckSection {
    /// `ignore`.
    pub ignore: Vec<Ignore>,
    /// `symbols`: paths as written, relative to the folder of the file.
    pub symbols: Vec<Spanned<String>>,
}

/// Rules that are silent about some files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// The files, as [`super::Globs`] reads it.
    pub glob: Spanned<String>,
    /// Ids as written, or `*`.
    pub rules: Vec<Spanned<String>>,
}

/// `[stack]`.
#[derive(Debug, Clone)]
pub struct StackSection {
    /// Project name: lower case letters, digits, `-`, `_`.
    pub name: Spanned<String>,
    /// `layout`: how many hosts.
    pub layout: Spanned<Layout>,
    /// `environment`, stored as `deployment.environment.name`; absent = not set.
    pub environment: Option<Spanned<String>>,
}

/// How the stack is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// One machine, one Alloy doing both jobs.
    SingleHost,
    /// The agent on the application host, the rest on the other.
    AgentGateway,
}

/// One application.
#[derive(Debug, Clone)]
pub struct Application {
    /// `service.name`.
    pub name: Spanned<String>,
    /// What it is written in.
    pub language: Option<Spanned<Language>>,
    /// `service.namespace`; absent = the stack's name.
    pub namespace: Option<Spanned<String>>,
    /// Where the table starts.
    pub span: Span,
}

/// Languages with instrumentation snippets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Node.js.
    Node,
    /// Python.
    Python,
    /// JVM.
    Java,
    /// Go.
    Go,
    /// .NET.
    Dotnet,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
    /// Anything else that speaks OTLP.
    Other,
}

impl Language {
    /// All with their names in `vispyr.toml`.
    pub const ALL: [(&'static str, Self); 8] = [
        ("node", Self::Node),
        ("python", Self::Python),
        ("java", Self::Java),
        ("go", Self::Go),
        ("dotnet", Self::Dotnet),
        ("ruby", Self::Ruby),
        ("rust", Self::Rust),
        ("other", Self::Other),
    ];

    /// Its name in `vispyr.toml`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, l)| *l == self).map_or("", |(n, _)| n)
    }
}

/// `[signals]`: which store takes what. `false` = the signal is off. Metrics are always on: everything else leans on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signals {
    /// Tempo.
    pub traces: bool,
    /// Pyroscope.
    pub profiles: bool,
}

/// `[collector]`.
#[derive(Debug, Clone)]
pub struct Collector {
    /// Metrics of the host Alloy runs on.
    pub host_metrics: bool,
    /// Rate, errors and duration from spans.
    pub span_metrics: bool,
    /// Who calls whom, from spans.
    pub service_graph: bool,
    /// Seconds between scrapes.
    pub scrape_interval: u64,
    /// `instance` label of host metrics; absent = the stack's name, with `-agent` / `-gateway` where there are two hosts.
    pub instance: Option<Spanned<String>>,
    /// Span attributes that become labels of span metrics, besides the standard HTTP and RPC ones.
    pub dimensions: Vec<Spanned<String>>,
}

/// `[retention]`.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Seconds.
    pub metrics: Spanned<u64>,
    /// Bytes.
    pub metrics_size: Spanned<u64>,
    /// Seconds.
    pub traces: Spanned<u64>,
    /// Seconds.
    pub profiles: Spanned<u64>,
}

/// `[gateway]`.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// Name or address by which agents reach it.
    pub address: Spanned<String>,
    /// Port published there.
    pub port: Spanned<u16>,
    /// Address it is published on.
    pub bind: Spanned<String>,
}

/// `[tls]`.
#[derive(Debug, Clone)]
pub struct Tls {
    /// `mode`.
    pub mode: Spanned<TlsMode>,
    /// `allow_plaintext`: demanded when `mode = "off"` between hosts.
    pub allow_plaintext: bool,
}

/// Where certificates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsMode {
    /// No TLS.
    Off,
    /// The user's own files (paths relative to `vispyr.toml`).
    Files {
        /// Server certificate chain, PEM.
        cert: Spanned<String>,
        /// Its key, PEM.
        key: Spanned<String>,
        /// What the agent trusts; absent = the system's roots.
        ca: Option<Spanned<String>>,
    },
    /// A CA made once by `gen`.
    Private,
}

/// `[auth] mode`: what the agent shows the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMode {
    /// A bearer token.
    Bearer,
    /// User and password.
    Basic,
    /// Nothing.
    None,
}

/// `[grafana]`.
#[derive(Debug, Clone)]
pub struct Grafana {
    /// Address it is published on.
    pub bind: Spanned<String>,
    /// Port it is published on.
    pub port: Spanned<u16>,
    /// `root_url`, when it stands behind another proxy.
    pub root_url: Option<Spanned<String>>,
}

/// `[agent]`: what applications dial.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Address its receivers are published on.
    pub bind: Spanned<String>,
    /// OTLP over gRPC.
    pub otlp_grpc_port: Spanned<u16>,
    /// OTLP over HTTP.
    pub otlp_http_port: Spanned<u16>,
    /// Profiles.
    pub profiles_port: Spanned<u16>,
}

/// One `[[scrape]]`.
#[derive(Debug, Clone)]
pub struct Scrape {
    /// Job name.
    pub name: Spanned<String>,
    /// `host:port`.
    pub targets: Vec<Spanned<String>>,
    /// Path.
    pub path: Spanned<String>,
    /// Seconds; absent = the collector's interval.
    pub interval: Option<Spanned<u64>>,
    /// `http` or `https`.
    pub https: bool,
    /// Environment variable that holds a bearer token.
    pub bearer: Option<Spanned<String>>,
}

/// `[limits]`.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of spans per second that Tempo takes; absent = Tempo's default.
    pub traces_rate: Option<Spanned<u64>>,
    /// Bytes of one trace; absent = Tempo's default.
    pub trace_size: Option<Spanned<u64>>,
    /// Bytes of profiles per second that Pyroscope takes; absent = Pyroscope's default.
    pub profiles_rate: Option<Spanned<u64>>,
    /// Active series of one scrape; absent = no limit.
    pub scrape_samples: Option<Spanned<u64>>,
}
