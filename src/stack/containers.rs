//! How each node runs: image, command, environment, mounts, ports, health, memory, order.

use crate::catalogue::{self, Version};
use crate::spec::Spec;

use super::nodes::{APPS, EDGE, STORES};
use super::{Container, Host, MountPlan, PortPlan, Role, Stack, port};

const MIB: u64 = 1 << 20;

/// Folder of the host's root in Alloy's container.
pub const HOST_ROOT: &str = "/host";

/// Memory limit of a role when the spec names none, in MiB: what a handful of services needs with headroom.
const MEMORY: [(Role, u64); 8] = [
    (Role::Agent, 512),
    (Role::Gateway, 1024),
    (Role::Collector, 1024),
    (Role::Proxy, 128),
    (Role::Metrics, 2048),
    (Role::Traces, 2048),
    (Role::Profiles, 1536),
    (Role::View, 512),
];

/// Fills in the container of every node.
pub(super) fn plan(stack: &mut Stack, spec: &Spec) {
    let mut planned = Vec::new();
    for host in &stack.hosts {
        for node in &host.nodes {
            planned.push(container(stack, spec, host, node));
        }
    }
    let mut next = planned.into_iter();
    for node in stack.hosts.iter_mut().flat_map(|h| &mut h.nodes) {
        node.container = next.next().unwrap_or_default();
    }
}

fn container(stack: &Stack, spec: &Spec, host: &Host, node: &super::Node) -> Container {
    let facts = catalogue::engine(node.engine);
    let repository = facts.and_then(|f| f.images.first()).copied().unwrap_or(node.engine);
    let prefix = facts.map_or("", |f| f.tag_prefix);
    let default = MEMORY.iter().find(|(r, _)| *r == node.role).map_or(512, |(_, m)| *m) * MIB;
    let memory = spec.resources.iter().find(|(s, _)| s == node.service).map_or(default, |(_, m)| m.value);
    let health = facts.and_then(|f| f.image(node.version, "")).map_or(&[][..], |i| i.health);
    let mut container = Container {
        image: format!("{repository}:{prefix}{}", node.version),
        health: health.iter().map(|s| (*s).to_owned()).collect(),
        memory,
        stop_grace: 60,
        depends_on: depends_on(host, node.role),
        ..Container::default()
    };
    // Go's collector aims below the limit instead of meeting the kernel at it.
    let go_limit = ("GOMEMLIMIT".to_owned(), format!("{}MiB", memory * 9 / 10 / MIB));
    match node.role {
        Role::Agent | Role::Gateway | Role::Collector => alloy(&mut container, stack, spec, node.role, go_limit),
        Role::Proxy => proxy(&mut container, stack),
        Role::Metrics => prometheus(&mut container, stack, node.version, go_limit),
        Role::Traces => {
            container.command = words(&["-config.file=/etc/tempo/tempo.yaml", "-target=all"]);
            container.environment = vec![go_limit];
            container.mounts = vec![config("./tempo", "/etc/tempo"), volume("tempo-data", "/var/tempo")];
            container.configs = vec!["tempo"];
            container.networks = vec![STORES];
        }
        Role::Profiles => {
            container.command = words(&["-config.file=/etc/pyroscope/pyroscope.yaml"]);
            container.environment = vec![go_limit];
            container.mounts = vec![config("./pyroscope", "/etc/pyroscope"), volume("pyroscope-data", "/data")];
            container.configs = vec!["pyroscope"];
            container.networks = vec![STORES];
        }
        Role::View => grafana(&mut container, spec),
    }
    container
}

fn alloy(c: &mut Container, stack: &Stack, spec: &Spec, role: Role, go_limit: (String, String)) {
    c.command = words(&[
        "run",
        "/etc/alloy/config.alloy",
        "--storage.path=/var/lib/alloy/data",
        &format!("--server.http.listen-addr=0.0.0.0:{}", port::ALLOY),
        "--disable-reporting",
    ]);
    c.environment = vec![go_limit];
    c.mounts = vec![config("./alloy", "/etc/alloy"), volume("alloy-data", "/var/lib/alloy/data")];
    c.configs = vec!["alloy"];
    if stack.pipeline.host_metrics {
        c.host_pid = true;
        let host = |source: &str, target: &str| MountPlan {
            source: source.into(),
            target: format!("{HOST_ROOT}{target}"),
            volume: false,
            read_only: true,
            follows: source == "/",
        };
        c.mounts.extend([host("/proc", "/proc"), host("/sys", "/sys"), host("/", "/root")]);
    }
    if role != Role::Gateway {
        let publish = |published: &crate::source::Spanned<u16>, target| PortPlan {
            bind: spec.agent.bind.value.clone(),
            published: published.value,
            target,
        };
        c.ports = vec![
            publish(&spec.agent.otlp_grpc_port, port::OTLP_GRPC),
            publish(&spec.agent.otlp_http_port, port::OTLP_HTTP),
        ];
        if stack.node(Role::Profiles).is_some() {
            c.ports.push(publish(&spec.agent.profiles_port, port::PROFILES));
        }
    }
    c.networks = match role {
        Role::Agent => vec![APPS],
        Role::Gateway => vec![EDGE, STORES],
        _ => vec![APPS, STORES],
    };
    let folder = if role == Role::Gateway { "gateway" } else { "agent" };
    let here = if stack.edge.is_some() { folder } else { "" };
    for secret in stack.secrets.iter().filter(|s| s.folders.contains(&here)) {
        let read = match (&secret.derived, role) {
            (Some(super::Derived::Given), _) => true,
            (None, Role::Agent) => secret.variable == super::secrets::TOKEN,
            _ => false,
        };
        if read {
            c.environment.push(required(&secret.variable, &secret.variable));
        }
    }
    if role == Role::Agent && stack.edge.as_ref().is_some_and(super::Edge::own_ca) {
        c.mounts.push(config("./tls", "/etc/vispyr/tls"));
    }
}

fn proxy(c: &mut Container, stack: &Stack) {
    c.mounts = vec![config("./proxy", "/etc/caddy"), volume("proxy-data", "/data")];
    c.configs = vec!["proxy"];
    c.networks = vec![EDGE];
    c.stop_grace = 10;
    // The admin API, which the image's own default would ask, is off: the proxy answers for itself on a port of its own.
    let ready = format!("http://127.0.0.1:{}/healthz", port::PROXY_HEALTH);
    c.health = words(&["CMD", "wget", "-q", "-O-", &ready]);
    let Some(edge) = &stack.edge else { return };
    c.ports = vec![PortPlan { bind: edge.bind.clone(), published: edge.port, target: port::PROXY }];
    if edge.tls != super::EdgeTls::Off {
        c.mounts.push(config("./tls", "/etc/vispyr/tls"));
    }
    match edge.auth {
        crate::spec::AuthMode::Bearer => c.environment.push(required(super::secrets::TOKEN, super::secrets::TOKEN)),
        crate::spec::AuthMode::Basic => c.environment.push(required(super::secrets::BASIC, super::secrets::BASIC)),
        crate::spec::AuthMode::None => {}
    }
}

fn prometheus(c: &mut Container, stack: &Stack, version: Version, go_limit: (String, String)) {
    let mut command = words(&[
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        "--web.enable-remote-write-receiver",
    ]);
    let mut features = vec!["exemplar-storage"];
    if !native_histograms_by_key(version) {
        // Before 3.8 the feature also gates storing native histograms that arrive by remote write.
        features.push("native-histograms");
    }
    command.push(format!("--enable-feature={}", features.join(",")));
    if !retention_by_key(version) {
        command.push(format!("--storage.tsdb.retention.time={}", duration(stack.retention.metrics)));
        command.push(format!("--storage.tsdb.retention.size={}", size(stack.retention.metrics_size)));
    }
    c.command = command;
    c.environment = vec![go_limit];
    c.mounts = vec![config("./prometheus", "/etc/prometheus"), volume("prometheus-data", "/prometheus")];
    c.configs = vec!["prometheus"];
    c.networks = vec![STORES];
}

/// Whether retention is a config key at that version (a flag otherwise).
pub fn retention_by_key(version: Version) -> bool {
    prometheus_key("storage.tsdb.retention.time", version)
}

/// Whether native histograms are a config key at that version (a feature otherwise).
pub fn native_histograms_by_key(version: Version) -> bool {
    prometheus_key("global.scrape_native_histograms", version)
}

fn prometheus_key(path: &str, version: Version) -> bool {
    catalogue::engine("prometheus").and_then(|f| f.has_key(path, version)).unwrap_or(false)
}

fn grafana(c: &mut Container, spec: &Spec) {
    let fixed = [
        ("GF_SECURITY_ADMIN_USER", "admin"),
        ("GF_AUTH_ANONYMOUS_ENABLED", "false"),
        ("GF_USERS_ALLOW_SIGN_UP", "false"),
        ("GF_ANALYTICS_REPORTING_ENABLED", "false"),
        ("GF_ANALYTICS_CHECK_FOR_UPDATES", "false"),
        ("GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false"),
        ("GF_NEWS_NEWS_FEED_ENABLED", "false"),
        ("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", "/etc/grafana/dashboards/service.json"),
    ];
    c.environment = fixed.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    if let Some(url) = &spec.grafana.root_url {
        c.environment.push(("GF_SERVER_ROOT_URL".into(), url.value.replace('$', "$$")));
    }
    c.environment.push(required("GF_SECURITY_ADMIN_PASSWORD", "GRAFANA_ADMIN_PASSWORD"));
    c.environment.push(required("GF_SECURITY_SECRET_KEY", "GRAFANA_SECRET_KEY"));
    c.mounts = vec![
        config("./grafana/provisioning", "/etc/grafana/provisioning"),
        config("./grafana/dashboards", "/etc/grafana/dashboards"),
        volume("grafana-data", "/var/lib/grafana"),
    ];
    c.configs = vec!["grafana"];
    c.networks = vec![STORES];
    c.ports = vec![PortPlan {
        bind: spec.grafana.bind.value.clone(),
        published: spec.grafana.port.value,
        target: port::GRAFANA,
    }];
}

/// What a role waits for; for health only where the other's image can tell.
fn depends_on(host: &Host, role: Role) -> Vec<(&'static str, bool)> {
    let waits: &[Role] = match role {
        Role::Gateway | Role::Collector | Role::View => &[Role::Metrics, Role::Traces, Role::Profiles],
        Role::Proxy => &[Role::Gateway],
        _ => &[],
    };
    let there = host.nodes.iter().filter(|n| waits.contains(&n.role));
    there.map(|n| (n.service, can_tell(n))).collect()
}

fn can_tell(node: &super::Node) -> bool {
    let image = catalogue::engine(node.engine).and_then(|f| f.image(node.version, ""));
    image.is_some_and(|i| !i.health.is_empty())
}

/// Seconds as the longest whole unit that Go and Prometheus both read: `168h`, `90m`, `45s`.
pub fn duration(seconds: u64) -> String {
    match seconds {
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

/// Bytes in Prometheus' units, which are powers of 1024 whatever they are called
/// (`alecthomas/units bytes.go`, used by `prometheus/prometheus cmd/prometheus/main.go@v3.14.0`).
pub fn size(bytes: u64) -> String {
    let units = [(40, "TB"), (30, "GB"), (20, "MB"), (10, "KB")];
    let whole = units.iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    whole.map_or(format!("{bytes}B"), |(shift, unit)| format!("{}{unit}", bytes >> shift))
}

/// A variable that compose refuses to start without.
fn required(name: &str, variable: &str) -> (String, String) {
    (name.to_owned(), format!("${{{variable}:?is missing from .env: run vispyr gen}}"))
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|s| (*s).to_owned()).collect()
}

/// A folder, not a file: a renamed file leaves the old inode behind a file mount.
fn config(source: &str, target: &str) -> MountPlan {
    MountPlan { source: source.into(), target: target.into(), volume: false, read_only: true, follows: false }
}

fn volume(name: &str, target: &str) -> MountPlan {
    MountPlan { source: name.into(), target: target.into(), volume: true, read_only: false, follows: false }
}
