//! What files say to each other: the closed list of exports and imports.
//!
//! An artifact *exports* what others may use (a listener, a data source uid, a metric family) and *imports* what it
//! needs from others (a URL it sends to, a uid it names, a metric it queries, a path it reads in its container). Adding
//! a variant is a design change and should break every `match`.
//!
//! `None` in an `Option` of this module always means *unknown*: a rule that needs to know stays silent.

mod named;
mod passage;

use std::borrow::Cow;
use std::collections::BTreeSet;

pub use named::{NameRef, Named, Thing};
pub use passage::{AskedSource, Entry, Passage, Reader, Role, Stage, StageId};

use crate::catalogue::{self, Facts, Transport, Version};
use crate::labels::{Idle, Series};
use crate::source::Span;
use crate::tree::{ArtifactId, Service, ServiceId, path};

/// What travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// Samples and exemplars.
    Metrics,
    /// Spans.
    Traces,
    /// Profiles.
    Profiles,
    /// Log records.
    Logs,
}

impl Signal {
    /// All, in the order of their declaration.
    pub const ALL: [Self; 4] = [Self::Metrics, Self::Traces, Self::Profiles, Self::Logs];

    /// As configs, symbol files and users call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Traces => "traces",
            Self::Profiles => "profiles",
            Self::Logs => "logs",
        }
    }

    /// The signal of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// What is spoken at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// Prometheus remote write.
    RemoteWrite,
    /// OTLP over gRPC.
    OtlpGrpc,
    /// OTLP over HTTP; the client appends `/v1/<signal>`.
    OtlpHttp,
    /// OTLP of a client of which it is not known over which of the two; no listener takes it by this name.
    Otlp,
    /// Pyroscope's push API and `/ingest`; the client appends the path.
    ProfilePush,
    /// `GET /metrics` and the like.
    Scrape,
    /// Prometheus' query API; the client appends `/api/v1/…`.
    PrometheusQuery,
    /// Tempo's query API.
    TempoQuery,
    /// Pyroscope's query API.
    PyroscopeQuery,
    /// Loki's push API; the URL names its path.
    LogPush,
    /// Loki's query API; the client appends `/loki/api/v1/…`.
    LogQuery,
    /// Alerts to an Alertmanager; the client appends `/api/v2/alerts`.
    Alerts,
    /// What the members of a cluster tell each other; they run without each other, too.
    Gossip,
    /// Any other HTTP.
    Http,
}

impl Protocol {
    /// All, in the order of their names in `schemas/`.
    pub const ALL: [(&'static str, Self); 14] = [
        ("remote-write", Self::RemoteWrite),
        ("otlp-grpc", Self::OtlpGrpc),
        ("otlp-http", Self::OtlpHttp),
        ("otlp", Self::Otlp),
        ("profile-push", Self::ProfilePush),
        ("scrape", Self::Scrape),
        ("prometheus-query", Self::PrometheusQuery),
        ("tempo-query", Self::TempoQuery),
        ("pyroscope-query", Self::PyroscopeQuery),
        ("log-push", Self::LogPush),
        ("log-query", Self::LogQuery),
        ("alerts", Self::Alerts),
        ("gossip", Self::Gossip),
        ("http", Self::Http),
    ];

    /// The protocol of that name in `schemas/`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, p)| *p)
    }

    /// Its name in `schemas/`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, p)| *p == self).map_or("", |(n, _)| n)
    }

    /// As an operator would say it.
    pub fn title(self) -> &'static str {
        match self {
            Self::RemoteWrite => "remote write",
            Self::OtlpGrpc => "OTLP over gRPC",
            Self::OtlpHttp => "OTLP over HTTP",
            Self::Otlp => "OTLP",
            Self::ProfilePush => "profiles",
            Self::Scrape => "scrapes",
            Self::PrometheusQuery => "PromQL queries",
            Self::TempoQuery => "trace queries",
            Self::PyroscopeQuery => "profile queries",
            Self::LogPush => "log lines",
            Self::LogQuery => "LogQL queries",
            Self::Alerts => "alerts",
            Self::Gossip => "gossip",
            Self::Http => "HTTP",
        }
    }

    /// What a client of it does to a server, before the server's name.
    pub fn verb(self) -> &'static str {
        match self {
            Self::RemoteWrite
            | Self::OtlpGrpc
            | Self::OtlpHttp
            | Self::Otlp
            | Self::ProfilePush
            | Self::LogPush
            | Self::Alerts => "sends to",
            Self::Scrape => "scrapes",
            Self::PrometheusQuery | Self::TempoQuery | Self::PyroscopeQuery | Self::LogQuery => "asks",
            Self::Gossip => "joins",
            Self::Http => "calls",
        }
    }

    /// Whether it is OTLP, over whatever.
    pub fn is_otlp(self) -> bool {
        matches!(self, Self::OtlpGrpc | Self::OtlpHttp | Self::Otlp)
    }

    /// Whether a client of it is served by what speaks the other.
    pub fn is_served_by(self, other: Self) -> bool {
        self == other || self == Self::Otlp && other.is_otlp()
    }

    /// Whether the transport is gRPC.
    pub fn is_grpc(self) -> bool {
        self == Self::OtlpGrpc
    }
}

/// Where a secret comes from; equal sources mean equal secrets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretSource {
    /// An environment variable of the process.
    Env(String),
    /// A file in the container.
    File(String),
    /// Written out.
    Literal(String),
    /// Built from something that cannot be followed.
    Unknown,
}

/// What a client shows, or a server demands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// Nothing.
    None,
    /// `Authorization: Bearer …`.
    Bearer(SecretSource),
    /// `Authorization: Basic …`.
    Basic {
        /// User name, where literal.
        user: Option<String>,
        /// The password.
        password: SecretSource,
    },
    /// Something else (OAuth2, SigV4, a header).
    Other(String),
}

/// Where a listener's address was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Written there: a config value or a flag.
    Written(Span),
    /// The engine's default; the span is that of what runs it (image or block).
    Default(Span),
}

impl Origin {
    /// The place to point at.
    pub fn span(self) -> Span {
        match self {
            Self::Written(span) | Self::Default(span) => span,
        }
    }
}

/// The address a listener binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// Every interface.
    All,
    /// Loopback only.
    Loopback,
    /// That name or address.
    Host(String),
}

/// Something a listener takes or answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepts {
    /// What is spoken.
    pub protocol: Protocol,
    /// Request paths; one that ends in `/` or `*` is a prefix. Empty = any.
    pub paths: Vec<String>,
    /// The flag (or feature) that is missing for it to exist; `None` = it exists.
    pub missing_flag: Option<String>,
}

impl Accepts {
    /// The same below a path.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        self.paths.iter_mut().for_each(|path| path.insert_str(0, prefix));
        self
    }

    /// What the catalogue says that a listener takes at a version, flags aside.
    pub fn recorded(facts: &Facts, listener: &str, version: Version) -> Vec<Self> {
        let here = facts.endpoints.iter().filter(|e| e.listener == listener && e.range.holds(version));
        here.filter_map(|e| {
            Some(Self {
                protocol: Protocol::named(e.protocol)?,
                paths: e.paths.iter().map(|p| (*p).to_owned()).collect(),
                missing_flag: None,
            })
        })
        .collect()
    }
}

/// A port that a service opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// What opens it, for messages: "Prometheus", "`otelcol.receiver.otlp.default`".
    pub name: String,
    /// TCP port; `None` = decided by something unknown.
    pub port: Option<u16>,
    /// Address; `None` = unknown.
    pub bind: Option<Bind>,
    /// What is spoken.
    pub transport: Transport,
    /// Whether it ends TLS; `None` = unknown.
    pub tls: Option<bool>,
    /// What it demands; `None` = unknown.
    pub auth: Option<Credentials>,
    /// Where that demand is written.
    pub auth_span: Option<Span>,
    /// Where web pages of every origin are let in.
    pub any_origin: Option<Span>,
    /// What it takes; `None` = unknown (no rule on paths or protocols).
    pub accepts: Option<Vec<Accepts>>,
    /// Where its address was decided.
    pub origin: Origin,
}

impl Listener {
    /// One as the catalogue has it, of a process that runs there and is told nothing: without TLS, and asking for no credentials.
    /// What it takes is not said.
    pub fn recorded(fact: &catalogue::Listener, name: impl Into<String>, place: Span) -> Self {
        Self {
            name: name.into(),
            port: Some(fact.port),
            bind: Some(if fact.loopback { Bind::Loopback } else { Bind::All }),
            transport: fact.transport,
            tls: Some(false),
            auth: Some(Credentials::None),
            auth_span: None,
            any_origin: None,
            accepts: None,
            origin: Origin::Default(place),
        }
    }
}

/// A data source of Grafana.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datasource {
    /// Its uid: written, or the one Grafana derives from the name.
    pub uid: String,
    /// Whether the uid is written.
    pub uid_written: bool,
    /// Name.
    pub name: String,
    /// Plugin id.
    pub kind: String,
    /// Organisation.
    pub org: i64,
    /// Where `isDefault: true` is written.
    pub default: Option<Span>,
    /// Where the uid or, without one, the name is written.
    pub span: Span,
}

/// The type of a metric family, which decides on the names of its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyType {
    /// A sum that never falls.
    Counter,
    /// A value.
    Gauge,
    /// Series `_bucket`, `_sum` and `_count`; perhaps one native histogram as well.
    Histogram,
    /// One native histogram under its own name.
    NativeHistogram,
    /// Quantiles under its own name, with `_sum` and `_count`.
    Summary,
    /// Not known, or none: each series counts by itself.
    Unknown,
}

impl FamilyType {
    /// The type of that name in `schemas/`.
    pub fn named(name: &str) -> Self {
        match name {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" => Self::Histogram,
            "summary" => Self::Summary,
            _ => Self::Unknown,
        }
    }

    /// What its series end in.
    fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Histogram => &["_bucket", "_sum", "_count"],
            Self::Summary => &["", "_sum", "_count"],
            Self::Counter | Self::Gauge | Self::NativeHistogram | Self::Unknown => &[""],
        }
    }
}

/// A metric family that something emits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricFamily {
    /// Name as stored: `traces_span_metrics_calls_total`. Histograms are named without `_bucket`, `_sum`, `_count`.
    pub name: String,
    /// Its type.
    pub kind: FamilyType,
    /// The names of all labels that its series may have, `le` and `quantile` aside; `None` = not known.
    pub labels: Option<BTreeSet<String>>,
    /// A prefix that nothing but producers of this kind uses, where there is one: `traces_span_metrics_`.
    pub namespace: Option<String>,
    /// What makes it, for messages.
    pub producer: String,
    /// Where that is configured.
    pub span: Span,
}

impl MetricFamily {
    /// Its series.
    pub fn series(&self) -> impl Iterator<Item = String> + use<'_> {
        self.kind.suffixes().iter().map(|suffix| format!("{}{suffix}", self.name))
    }

    /// Whether a series belongs to it. A native histogram has the family's own name.
    pub fn holds(&self, series: &str) -> bool {
        let rest = series.strip_prefix(self.name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || self.kind.suffixes().contains(&rest))
    }
}

/// What an artifact offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Export {
    /// A port.
    Listener(Listener),
    /// A data source.
    Datasource(Datasource),
    /// A metric family.
    Metric(MetricFamily),
    /// Metrics of unknown names under a prefix (empty = any): nothing under it can be called unknown.
    OpenMetrics {
        /// The prefix.
        prefix: String,
    },
    /// Somebody says that all metrics under a prefix (empty = all there are) are told: who reads another one reads nothing.
    AllMetrics {
        /// The prefix.
        prefix: String,
        /// Where that is said.
        span: Span,
    },
    /// Data sources that cannot be read (written by a script, a template): no uid can be called unknown.
    OpenDatasources,
    /// A thing that others name.
    Named(Named),
    /// Somebody says that all things of a kind are told: who names another one names nothing.
    AllNamed {
        /// The kind.
        thing: Thing,
        /// Where that is said.
        span: Span,
    },
}

/// A URL or address that something sends to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// The whole text.
    pub span: Span,
    /// Who sends, for messages: "`prometheus.remote_write.default`", "data source `Tempo`".
    pub sender: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// What travels; empty for queries.
    pub signals: Vec<Signal>,
    /// Whether the client starts TLS; `None` = unknown.
    pub tls: Option<bool>,
    /// Where TLS was decided (scheme or block), else the URL.
    pub tls_span: Span,
    /// Host as written.
    pub host: String,
    /// Where.
    pub host_span: Span,
    /// Port written, or the default of scheme or protocol; `None` = unknown.
    pub port: Option<u16>,
    /// Where; the host when it is not written.
    pub port_span: Span,
    /// Request paths as the server sees them, what the client appends included; `None` = unknown.
    pub paths: Option<Vec<String>>,
    /// Where the path is written; the URL when there is none.
    pub path_span: Span,
    /// What is shown; `None` = unknown.
    pub credentials: Option<Credentials>,
    /// Where the credentials are decided, else the URL.
    pub credentials_span: Span,
    /// What its config tells it to send besides samples, and where.
    pub extras: Vec<(Extra, Span)>,
    /// Where it is told to take whatever certificate the server shows.
    pub unverified: Option<Span>,
    /// The sampler that all spans pass which it sends.
    pub sampled: Option<Span>,
    /// Where signals are handed to the sender, as far as its config says so.
    pub handed: Vec<(Signal, Span)>,
    /// Whether it stands in a list that programs write anew while the sender runs.
    pub listed: bool,
}

/// What travels with samples, or in their place, where a config says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// Exemplars.
    Exemplars,
    /// Native histograms.
    NativeHistograms,
}

impl Extra {
    /// All, with the keys that Prometheus' remote write and those who took it over have for them (prometheus/prometheus
    /// config/config.go `RemoteWriteConfig`@v2.40.0, @v3.14.0; grafana/alloy
    /// internal/component/prometheus/remotewrite/types.go@v1.0.0, @v1.19.0-rc.3).
    pub const KEYS: [(&'static str, Self); 2] =
        [("send_exemplars", Self::Exemplars), ("send_native_histograms", Self::NativeHistograms)];
}

/// A data source named by something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasourceRef {
    /// uid, or name, as written (no variable, no built-in).
    pub uid: String,
    /// Where.
    pub span: Span,
    /// Who names it.
    pub by: DatasourceUse,
    /// Plugin id expected, where the reference says.
    pub kind: Option<String>,
}

/// Who names a data source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatasourceUse {
    /// A link between data sources: the path of the key, such as `tracesToProfiles.datasourceUid`.
    Link(String),
    /// A dashboard: what in it ("panel `Requests`").
    Dashboard(String),
}

/// A metric named by a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricRef {
    /// Series name.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Uid (or name) of the data source that is asked; `None` = the default one or unknown.
    pub datasource: Option<String>,
    /// Who asks ("panel `Requests`").
    pub by: String,
    /// Names that the same query offers instead (`a or b`): one that resolves suffices.
    pub alternatives: Vec<String>,
}

/// A path that a process reads in its container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRead {
    /// Absolute path in the container.
    pub path: String,
    /// Where it is named; the image when it is the engine's default.
    pub origin: Origin,
    /// What is read: "config", "rule files", "dashboards".
    pub what: &'static str,
    /// The pattern by which files of that folder are named, where one does.
    pub pattern: Option<String>,
    /// A folder (everything below counts as read).
    pub folder: bool,
    /// The process does not start, or does nothing useful, without it: its config.
    pub required: bool,
    /// What comes of it where nothing is there; `None` = nothing, or others tell.
    pub lack: Option<Lack>,
}

/// What comes of a file that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Whether the process surely ends at its start, or its checker surely refuses the config.
    pub fatal: bool,
    /// What happens.
    pub then: Cow<'static, str>,
}

impl Lack {
    /// The process does not start.
    pub const STOPS: Self = Self { fatal: true, then: Cow::Borrowed("it does not start") };

    /// Something fails while it runs.
    pub const fn fails(then: &'static str) -> Self {
        Self { fatal: false, then: Cow::Borrowed(then) }
    }

    /// Its checker refuses the config, or the process ends.
    pub const fn refused(then: &'static str) -> Self {
        Self { fatal: true, then: Cow::Borrowed(then) }
    }
}

impl PathRead {
    /// What is read of the host, in [`Self::what`]: the containers that its Docker knows.
    pub const CONTAINERS: &'static str = "Docker's containers";
    /// The same: files that others write.
    pub const LOGS: &'static str = "logs";
    /// What is no part of a tree: passwords and tokens.
    pub const CREDENTIALS: &'static str = "credentials";
    /// The same: certificates and their keys.
    pub const CERTIFICATES: &'static str = "certificates";
    /// Anything, a token most of the time.
    pub const FILE: &'static str = "a file";

    /// A file that is read.
    pub fn new(path: String, origin: Origin, what: &'static str) -> Self {
        Self { path, origin, what, pattern: None, folder: false, required: false, lack: None }
    }

    /// The config, without which nothing runs.
    pub fn config(path: String, origin: Origin) -> Self {
        Self { required: true, ..Self::new(path, origin, "config") }
    }

    /// All files of a folder, or those that fit a pattern.
    pub fn matching(whole: String, origin: Origin, what: &'static str) -> Self {
        match whole.find(['*', '?', '[']).map(|at| path::folder(&whole[..at]).to_owned()) {
            Some(path) => Self { pattern: Some(whole), folder: true, ..Self::new(path, origin, what) },
            None => Self::new(whole, origin, what),
        }
    }

    /// The config of a web server that a flag names, by a path that starts in the working directory: without it no server of
    /// Prometheus' family starts (prometheus/prometheus cmd/prometheus/main.go@v2.40.0, @v3.14.0,
    /// prometheus/exporter-toolkit web/tls_config.go `Validate`, `Serve`@v0.12.0, @v0.17.1).
    pub fn web_config(service: &Service, folder: &str) -> Option<Self> {
        let (arg, value) = service.flag("web.config.file").filter(|(arg, value)| !arg.open && !value.is_empty())?;
        let path = service.path(folder, &value);
        Some(Self::new(path, Origin::Written(arg.span), "its web config").lacking(Lack::STOPS))
    }

    /// Says what comes of it where nothing is there.
    #[must_use]
    pub fn lacking(self, lack: Lack) -> Self {
        Self { lack: Some(lack), ..self }
    }

    /// Whether it is kept out of repositories, so that a folder of a tree which lacks it shows nothing.
    pub fn is_secret(&self) -> bool {
        [Self::CREDENTIALS, Self::CERTIFICATES, Self::FILE].contains(&self.what)
    }

    /// The socket of the host's Docker, where an address leads to one: `unix:///var/run/docker.sock`.
    pub fn socket(address: &str, origin: Origin) -> Option<Self> {
        let path = address.strip_prefix("unix://").filter(|path| path.starts_with('/'))?;
        Some(Self::new(path.to_owned(), origin, Self::CONTAINERS))
    }
}

/// What an artifact needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Import {
    /// Somebody who listens.
    Url(Url),
    /// A data source.
    Datasource(DatasourceRef),
    /// A metric.
    Metric(MetricRef),
    /// A path in its container.
    Path(PathRead),
    /// A thing that is named.
    Named(NameRef),
}

/// Who speaks: a file, run by a service; either may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The file.
    pub artifact: Option<ArtifactId>,
    /// The service that reads it.
    pub service: Option<ServiceId>,
}

/// All that a tree's files say.
#[derive(Debug, Default)]
pub struct Symbols {
    /// What is offered.
    pub exports: Vec<(Owner, Export)>,
    /// What is needed.
    pub imports: Vec<(Owner, Import)>,
    /// Stops of data inside of processes; empty unless somebody follows them ([`crate::check::flows`]).
    pub stages: Vec<(Owner, Stage)>,
    /// Ways between them.
    pub passages: Vec<Passage>,
    /// Who asks data sources; likewise.
    pub readers: Vec<(Owner, Reader)>,
    /// Series, on each of their ways to a store.
    pub series: Vec<(Owner, Series)>,
    /// Scrape jobs that drop all of their targets.
    pub idle: Vec<Idle>,
}

impl Symbols {
    /// Ports with who opens them.
    pub fn listeners(&self) -> impl Iterator<Item = (Owner, &Listener)> {
        self.exports.iter().filter_map(|(o, e)| if let Export::Listener(l) = e { Some((*o, l)) } else { None })
    }

    /// Data sources with who provisions them.
    pub fn datasources(&self) -> impl Iterator<Item = (Owner, &Datasource)> {
        self.exports.iter().filter_map(|(o, e)| if let Export::Datasource(d) = e { Some((*o, d)) } else { None })
    }

    /// URLs with who dials them.
    pub fn urls(&self) -> impl Iterator<Item = (Owner, &Url)> {
        self.imports.iter().filter_map(|(o, i)| if let Import::Url(u) = i { Some((*o, u)) } else { None })
    }
}

/// One way of a signal: planned by `stack`, recovered by `link`. The same type, so that they can be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    /// Service that sends.
    pub from: String,
    /// Service that receives.
    pub to: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// Port dialled.
    pub port: u16,
    /// Whether TLS is spoken.
    pub tls: bool,
}
