//! The one table of `vispyr.toml`: every section and key that exists, in the order a reader wants them.

use super::table::{Fallback, Form, Key, Least, Section, Shape};
use super::text;

use Fallback::{Depends, Required, Value};

/// Services that can be given resources, of either layout.
pub(super) const SERVICES: &[&str] =
    &["alloy", "agent", "gateway", "proxy", "prometheus", "tempo", "pyroscope", "grafana"];

/// Sections of later releases: refused as such, not as unknown.
pub(super) const LATER: &[&str] = &["alerts", "dashboards", "scale", "storage", "target"];

/// Sections that `vispyr check` reads: a file of nothing else needs no `[stack]`.
pub(super) const OF_CHECK: &[&str] = &["check", "versions"];

const FIRST: &str = "0.1.0";

const fn key(name: &'static str, form: Form, fallback: Fallback, doc: &'static str) -> Key {
    Key { name, form, fallback, doc, since: FIRST }
}

const fn at_least(text: &'static str, example: &'static str, why: &'static str) -> Least {
    Least { text, example, why }
}

// A pull cannot be faster than its own HTTP round trips; engines take less, nobody means it.
const INTERVAL: Form = Form::Duration(at_least("1s", "15s", "scrapes closer together overlap"));
// A guard against a slipped unit (`512KB` for `512MB`), not a fact about any server.
const MEMORY: Form = Form::Size(at_least("16MiB", "1GiB", ""));
const RATE: Form = Form::Size(at_least("1KB", "15MB", ""));

const STACK: Section = Section {
    name: "stack",
    shape: Shape::Table,
    doc: "What the stack is called and how it is spread.",
    since: FIRST,
    later: &[],
    keys: &[
        key(
            "name",
            Form::Text(&text::PROJECT),
            Required,
            "Name of the compose project; volumes and networks start with it.",
        ),
        key(
            "layout",
            Form::Choice(&["single-host", "agent-gateway"], &[]),
            Value("single-host"),
            "`single-host`: one machine, one Alloy that does both jobs. `agent-gateway`: the agent beside the applications, the rest on a second machine.",
        ),
        key(
            "environment",
            Form::Text(&text::LABEL),
            Depends("not set"),
            "Value of the resource attribute `deployment.environment.name` on everything that passes the collector.",
        ),
    ],
};

const SERVICE: Section = Section {
    name: "services",
    shape: Shape::List,
    doc: "One application that is observed.",
    since: FIRST,
    later: &[],
    keys: &[
        key("name", Form::Text(&text::LABEL), Required, "The `service.name` it reports."),
        key(
            "language",
            Form::Choice(&["node", "python", "java", "go", "dotnet", "ruby", "rust", "other"], &[]),
            Depends("no snippet"),
            "What it is written in: decides which instrumentation snippet is generated.",
        ),
        key("namespace", Form::Text(&text::LABEL), Depends("`[stack] name`"), "The `service.namespace` it reports."),
    ],
};

const SIGNALS: Section = Section {
    name: "signals",
    shape: Shape::Table,
    doc: "Which store takes which signal. Metrics are always on: the rest leans on them.",
    since: FIRST,
    later: &[],
    keys: &[
        key("metrics", Form::Choice(&["prometheus"], &["mimir"]), Value("prometheus"), "Store of metrics."),
        key("traces", Form::Choice(&["tempo", "off"], &["jaeger"]), Value("tempo"), "Store of traces."),
        key("profiles", Form::Choice(&["pyroscope", "off"], &["parca"]), Value("pyroscope"), "Store of profiles."),
        key("logs", Form::Choice(&["off"], &["loki"]), Value("off"), "Store of logs."),
    ],
};

const PINNED: Fallback = Depends("the pinned default");

const VERSIONS: Section = Section {
    name: "versions",
    shape: Shape::Table,
    doc: "Exact versions of engines. A tag that moves, such as `latest` or `2.9`, is refused.",
    since: FIRST,
    later: &["jaeger", "loki", "mimir", "otelcol", "parca"],
    keys: &[
        key("alloy", Form::Version, PINNED, "Grafana Alloy, the collector."),
        key("prometheus", Form::Version, PINNED, "Prometheus, the store of metrics."),
        key("tempo", Form::Version, PINNED, "Grafana Tempo, the store of traces."),
        key("pyroscope", Form::Version, PINNED, "Grafana Pyroscope, the store of profiles."),
        key("grafana", Form::Version, PINNED, "Grafana, the view."),
        key("caddy", Form::Version, PINNED, "Caddy, the proxy in front of the gateway."),
    ],
};

const COLLECTOR: Section = Section {
    name: "collector",
    shape: Shape::Table,
    doc: "What the collector measures by itself and derives.",
    since: FIRST,
    later: &["agent", "batch", "extra", "gateway", "limits", "sampling"],
    keys: &[
        key("host_metrics", Form::Flag, Value("true"), "Measure the host: CPU, memory, disks, load."),
        key(
            "span_metrics",
            Form::Flag,
            Depends("`true` unless traces are off"),
            "Derive rate, errors and duration of requests from spans.",
        ),
        key("service_graph", Form::Flag, Depends("`true` unless traces are off"), "Derive who calls whom from spans."),
        key("scrape_interval", INTERVAL, Value("15s"), "Time between two scrapes of one target."),
        key(
            "instance",
            Form::Text(&text::LABEL),
            Depends("`[stack] name`, with `-agent` or `-gateway` where there are two hosts"),
            "Value of the label `instance` of host metrics.",
        ),
        key(
            "dimensions",
            Form::Texts(&text::LABEL, false),
            Depends("empty"),
            "Span attributes that become labels of span metrics, besides the standard ones. Every value is a series of its own: name none that has many.",
        ),
    ],
};

const RETENTION: Section = Section {
    name: "retention",
    shape: Shape::Table,
    doc: "How long data is kept.",
    since: FIRST,
    later: &["logs"],
    keys: &[
        // The head block spans two hours before it is written: prometheus/prometheus tsdb/db.go DefaultBlockDuration@v3.14.0.
        key(
            "metrics",
            Form::Duration(at_least("2h", "15d", "Prometheus writes blocks of two hours")),
            Value("15d"),
            "Age at which metrics are deleted.",
        ),
        // Three segments of 128 MiB are always kept: prometheus/prometheus docs/storage.md, tsdb/wlog/wlog.go DefaultSegmentSize@v3.14.0.
        key(
            "metrics_size",
            Form::Size(at_least("512MB", "20GB", "the write-ahead log alone takes three segments of 128 MiB")),
            Value("20GB"),
            "Space of metrics on disk at which the oldest are deleted, whatever their age. The volume should be a quarter bigger.",
        ),
        // grafana/tempo tempodb/config.go compaction.compaction-window@v2.9.1.
        key(
            "traces",
            Form::Duration(at_least("1h", "7d", "Tempo compacts in windows of one hour")),
            Value("7d"),
            "Age at which traces are deleted.",
        ),
        // grafana/pyroscope pkg/phlaredb/phlaredb.go pyroscopedb.max-block-duration@v1.13.4.
        key(
            "profiles",
            Form::Duration(at_least("1h", "7d", "Pyroscope writes blocks of one hour")),
            Value("7d"),
            "Age at which profiles are deleted.",
        ),
    ],
};

const GATEWAY: Section = Section {
    name: "gateway",
    shape: Shape::Table,
    doc: "Where agents find the gateway. Only with `layout = \"agent-gateway\"`, and required there.",
    since: FIRST,
    later: &[],
    keys: &[
        key(
            "address",
            Form::Text(&text::HOST),
            Required,
            "Name or IP address by which agents reach it; with TLS, the name in its certificate.",
        ),
        key("port", Form::Port, Value("4443"), "The one port that takes all signals."),
        key("bind", Form::Text(&text::IP), Value("0.0.0.0"), "Address of the gateway's host it is published on."),
    ],
};

const TLS: Section = Section {
    name: "tls",
    shape: Shape::Table,
    doc: "Encryption between the hosts.",
    since: FIRST,
    later: &[],
    keys: &[
        key(
            "mode",
            Form::Choice(&["off", "files", "private"], &[]),
            Depends("`\"private\"` with `agent-gateway`, else `\"off\"`"),
            "`private`: a certificate authority made once for this stack. `files`: your own certificate. `off`: none.",
        ),
        key(
            "cert",
            Form::Text(&text::FILE),
            Depends("required with `files`"),
            "Certificate chain of the gateway, PEM.",
        ),
        key("key", Form::Text(&text::FILE), Depends("required with `files`"), "Its private key, PEM."),
        key(
            "ca",
            Form::Text(&text::FILE),
            Depends("the system's roots"),
            "Certificates that the agent trusts, PEM. Only with `files`.",
        ),
        key(
            "allow_plaintext",
            Form::Flag,
            Value("false"),
            "Must be `true` for `mode = \"off\"` between two hosts: signals and credentials then cross the network readable.",
        ),
    ],
};

const AUTH: Section = Section {
    name: "auth",
    shape: Shape::Table,
    doc: "What the agent shows the gateway. The secret itself is generated into `.env`.",
    since: FIRST,
    later: &[],
    keys: &[key(
        "mode",
        Form::Choice(&["bearer", "basic", "none"], &[]),
        Depends("`\"bearer\"` with `agent-gateway`, else `\"none\"`"),
        "`bearer`: a token. `basic`: user and password. `none`: whoever reaches the port can write.",
    )],
};

const GRAFANA: Section = Section {
    name: "grafana",
    shape: Shape::Table,
    doc: "Where the view is found.",
    since: FIRST,
    later: &[],
    keys: &[
        key("bind", Form::Text(&text::IP), Value("127.0.0.1"), "Address of the host it is published on."),
        key("port", Form::Port, Value("3000"), "Port of the host it is published on."),
        key(
            "root_url",
            Form::Text(&text::URL),
            Depends("`http://localhost:<port>/`"),
            "Address that users type, when another proxy stands in front.",
        ),
    ],
};

const AGENT: Section = Section {
    name: "agent",
    shape: Shape::Table,
    doc: "Where applications send their signals. These ports ask for no credential.",
    since: FIRST,
    later: &[],
    keys: &[
        key("bind", Form::Text(&text::IP), Value("127.0.0.1"), "Address of the host the ports are published on."),
        key("otlp_grpc_port", Form::Port, Value("4317"), "OTLP over gRPC."),
        key("otlp_http_port", Form::Port, Value("4318"), "OTLP over HTTP."),
        key("profiles_port", Form::Port, Value("4040"), "Profiles of Pyroscope's SDKs."),
    ],
};

const SCRAPE: Section = Section {
    name: "scrape",
    shape: Shape::List,
    doc: "Targets whose metrics are fetched.",
    since: FIRST,
    later: &[],
    keys: &[
        key("name", Form::Text(&text::SCRAPE), Required, "Value of the label `job`."),
        key("targets", Form::Texts(&text::TARGET, true), Required, "Where to fetch, each `host:port`."),
        key("path", Form::Text(&text::PATH), Value("/metrics"), "Path of the page of metrics."),
        key("interval", INTERVAL, Depends("`[collector] scrape_interval`"), "Time between two scrapes of one target."),
        key("scheme", Form::Choice(&["http", "https"], &[]), Value("http"), "How the target is spoken to."),
        key(
            "bearer",
            Form::Secret,
            Depends("no credential"),
            "Environment variable that holds the token shown to the target; its value goes into `.env`.",
        ),
    ],
};

const RESOURCES: Section = Section {
    name: "resources",
    shape: Shape::Named(SERVICES),
    doc: "Limits of one service. `alloy` with `single-host`; `agent`, `gateway` and `proxy` with `agent-gateway`; the others with both.",
    since: FIRST,
    later: &[],
    keys: &[key("memory", MEMORY, Depends("sized for the service"), "Memory limit of its container.")],
};

const LIMITS: Section = Section {
    name: "limits",
    shape: Shape::Table,
    doc: "What the stores take at most; the rest is refused.",
    since: FIRST,
    later: &[],
    keys: &[
        key("traces_rate", RATE, Depends("Tempo's default"), "Bytes of spans per second."),
        key("trace_size", RATE, Depends("Tempo's default"), "Bytes of one trace."),
        key("profiles_rate", RATE, Depends("Pyroscope's default"), "Bytes of profiles per second."),
        key(
            "scrape_samples",
            Form::Count,
            Depends("no limit"),
            "Samples of one scrape; a bigger one is dropped whole.",
        ),
    ],
};

const CHECK: Section = Section {
    name: "check",
    shape: Shape::Table,
    doc: "What `vispyr check` makes of the files below the folder of this one. With `[versions]` it may stand without `[stack]`, beside files that `gen` did not write.",
    since: FIRST,
    later: &[],
    keys: &[
        key(
            "ignore",
            Form::Ignores,
            Depends("empty"),
            "Findings not to be shown: `[check.ignore]` holds lines such as `\"legacy/**\" = [\"compose-floating-tag\"]`. The glob is relative to this file; one without `/` fits at any depth, and one that fits a folder fits all that lies below it. `\"*\"` stands for every rule.",
        ),
        key(
            "symbols",
            Form::Texts(&text::SYMBOLS, false),
            Depends("empty"),
            "Symbol files of other repositories, to link with as `--with` does. They lie in or beside the tree: a path is relative to this file.",
        ),
    ],
};

/// Every section.
pub static SECTIONS: [Section; 15] = [
    STACK, SERVICE, SIGNALS, VERSIONS, COLLECTOR, RETENTION, GATEWAY, TLS, AUTH, GRAFANA, AGENT, SCRAPE, RESOURCES,
    LIMITS, CHECK,
];

/// The section of that name.
pub(super) fn section(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|s| s.name == name)
}
