//! Service discovery: what each kind demands when the config is loaded (`SDConfig.UnmarshalYAML` in
//! prometheus/prometheus discovery/*/*.go@v2.40.7 to v3.14.0).

use super::client::{client, several};
use super::is_utf8;
use super::relabel::moves;
use crate::conform::read::{filled, first, is_label, is_true, items, key, there, word};
use crate::conform::{Judge, When};
use crate::engines::prometheus::rules::invalid_value::RULE;
use crate::lang::url::{Verdict, url};
use crate::parse::Node;

/// What a kind of discovery demands.
struct Discovery {
    /// Its key without `_sd_configs`.
    name: &'static str,
    /// Fields that must not be empty, with the default that they have when nobody writes them.
    needs: &'static [(&'static str, &'static str)],
    /// Lists that must not be empty.
    lists: &'static [&'static str],
    /// Whether fields of an HTTP client stand among its own.
    client: bool,
    /// What else.
    more: Option<fn(&mut Judge<'_>, Node<'_>)>,
}

const fn kind(name: &'static str, needs: &'static [(&'static str, &'static str)]) -> Discovery {
    Discovery { name, needs, lists: &[], client: true, more: None }
}

static KINDS: &[Discovery] = &[
    Discovery { more: Some(azure), ..kind("azure", &[("subscription_id", "")]) },
    Discovery { more: Some(consul), ..kind("consul", &[("server", "localhost:8500")]) },
    kind("digitalocean", &[("role", "droplets")]),
    Discovery { lists: &["names"], client: false, more: Some(dns), ..kind("dns", &[]) },
    kind("docker", &[("host", "")]),
    Discovery { more: Some(swarm), ..kind("dockerswarm", &[("host", "")]) },
    Discovery { more: Some(filters), ..kind("ec2", &[]) },
    Discovery { more: Some(with_host), ..kind("eureka", &[("server", "")]) },
    Discovery { lists: &["files"], client: false, more: Some(file), ..kind("file", &[]) },
    Discovery { client: false, ..kind("gce", &[("project", ""), ("zone", "")]) },
    kind("hetzner", &[("role", "")]),
    Discovery { more: Some(web), ..kind("http", &[("url", "")]) },
    kind("ionos", &[("datacenter_id", "")]),
    Discovery { more: Some(kubernetes), ..kind("kubernetes", &[("role", "")]) },
    Discovery { more: Some(with_host), ..kind("kuma", &[("server", "")]) },
    kind("lightsail", &[]),
    kind("linode", &[]),
    Discovery { lists: &["servers"], more: Some(marathon), ..kind("marathon", &[]) },
    Discovery { lists: &["servers", "paths"], client: false, more: Some(paths), ..kind("nerve", &[]) },
    kind("nomad", &[("server", "http://localhost:4646")]),
    Discovery { more: Some(oci), ..kind("oci", &[("region", "")]) },
    Discovery { client: false, more: Some(openstack), ..kind("openstack", &[("role", ""), ("region", "")]) },
    Discovery { more: Some(outscale), ..kind("outscale", &[("region", "eu-west-2"), ("access_key", "")]) },
    Discovery {
        client: false,
        more: Some(ovh),
        ..kind(
            "ovhcloud",
            &[("endpoint", "ovh-eu"), ("application_key", ""), ("application_secret", ""), ("consumer_key", "")],
        )
    },
    Discovery { more: Some(web), ..kind("puppetdb", &[("url", ""), ("query", "")]) },
    Discovery { more: Some(scaleway), ..kind("scaleway", &[("role", ""), ("project_id", ""), ("access_key", "")]) },
    Discovery { lists: &["servers", "paths"], client: false, more: Some(paths), ..kind("serverset", &[]) },
    Discovery {
        client: false,
        more: Some(triton),
        ..kind("triton", &[("account", ""), ("dns_suffix", ""), ("endpoint", "")])
    },
    kind("uyuni", &[("server", ""), ("username", ""), ("password", "")]),
    kind("vultr", &[]),
];

/// The discoveries of a job or an Alertmanager.
pub(super) fn discoveries(judge: &mut Judge<'_>, map: Node<'_>) {
    let relabelled = moves(map, "relabel_configs");
    for entry in map.entries() {
        if entry.name() == "static_configs" {
            statics(judge, entry.value, relabelled);
            continue;
        }
        let Some(name) = entry.name().strip_suffix("_sd_configs") else { continue };
        let known = KINDS.iter().find(|k| k.name == name);
        for config in entry.value.items() {
            if config.is_null() {
                judge
                    .tell(&RULE, config.span(), When::Always, format!("an item of `{}` is empty", entry.name()))
                    .help("delete the item");
            } else if let Some(known) = known.filter(|_| config.is_map()) {
                one(judge, config, known);
            }
        }
    }
}

fn one(judge: &mut Judge<'_>, config: Node<'_>, known: &Discovery) {
    for (field, default) in known.needs {
        if word(config, field, default).is_some_and(|t| t.trim().is_empty()) {
            let message = format!("`{}_sd_configs` needs `{field}`", known.name);
            judge
                .tell(&RULE, place(config, field), When::Always, message)
                .help(format!("write `{field}:` and its value"));
        }
    }
    for list in known.lists {
        if config.get(list).is_none_or(|n| n.is_null() || (n.is_seq() && n.items().len() == 0)) {
            let message = format!("`{}_sd_configs` needs one of `{list}` at least", known.name);
            judge.tell(&RULE, place(config, list), When::Always, message);
        }
    }
    if let Some(more) = known.more {
        more(judge, config);
    }
    if known.client {
        client(judge, config);
    }
}

/// Where a field stands; the start of its map where it does not.
fn place(config: Node<'_>, field: &str) -> crate::source::Span {
    config.get(field).filter(|n| !n.is_null()).map_or_else(|| key(config, field), Node::span)
}

/// Targets with their labels (discovery/targetgroup/targetgroup.go, config/config.go `CheckTargetAddress`).
pub(super) fn statics(judge: &mut Judge<'_>, groups: Node<'_>, relabelled: bool) {
    for group in groups.items() {
        if group.is_null() {
            judge.tell(&RULE, group.span(), When::Always, "an item of `static_configs` is empty").help("delete it");
            continue;
        }
        // Before relabelling, where there is none; after it, as promtool does (cmd/promtool/main.go@v3.14.0
        // `checkTargetGroupsForScrapeConfig`), where no rule can have changed it.
        for target in items(group, "targets").filter(|_| !relabelled) {
            let Some(text) = target.scalar().filter(|t| t.contains('/')) else { continue };
            let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
            let host = bare.split('/').next().unwrap_or_default();
            let told =
                judge.tell(&RULE, target.span(), When::Always, format!("target `{text}` must be a host and a port"));
            if !host.is_empty() {
                told.help(format!("write `{host}`; `scheme` and `metrics_path` say the rest"));
            }
        }
        labels(judge, group, "labels");
    }
}

/// The names of a map of labels.
pub(super) fn labels(judge: &mut Judge<'_>, map: Node<'_>, key: &str) {
    for entry in there(map, key).into_iter().flat_map(Node::entries) {
        if !is_label(entry.name(), is_utf8(judge)) {
            let message = format!("`{}` is no name of a label", entry.name());
            judge
                .tell(&RULE, entry.key.span(), When::Sometimes, message)
                .help("it has letters, digits and `_`, and does not begin with a digit");
        }
    }
}

fn azure(judge: &mut Judge<'_>, config: Node<'_>) {
    let Some(method) = word(config, "authentication_method", "OAuth") else { return };
    let known = match method {
        "OAuth" | "ManagedIdentity" => true,
        "SDK" => judge.since(2, 52),
        "WorkloadIdentity" => judge.since(3, 11),
        _ => false,
    };
    if !known {
        let message = format!("`authentication_method` cannot be `{method}`");
        judge.tell(&RULE, place(config, "authentication_method"), When::Sometimes, message);
    }
    for field in ["tenant_id", "client_id", "client_secret"].into_iter().filter(|_| method == "OAuth") {
        if word(config, field, "") == Some("") {
            let message = format!("`azure_sd_configs` needs `{field}` for `authentication_method: OAuth`");
            judge.tell(&RULE, place(config, field), When::Always, message);
        }
    }
}

fn consul(judge: &mut Judge<'_>, config: Node<'_>) {
    let user = ["username", "password"].into_iter().find(|k| filled(config, k).is_some());
    if let Some(user) = user.filter(|_| there(config, "basic_auth").is_some()) {
        several(judge, config, user, "basic_auth", "ways to log in");
    }
    if filled(config, "token").is_some()
        && let Some(other) = ["authorization", "oauth2"].into_iter().find(|k| there(config, k).is_some())
    {
        several(judge, config, "token", other, "ways to log in");
    }
}

fn dns(judge: &mut Judge<'_>, config: Node<'_>) {
    let Some(kind) = word(config, "type", "SRV") else { return };
    match kind.to_uppercase().as_str() {
        "SRV" => {}
        "A" | "AAAA" | "MX" | "NS" => {
            if config.get("port").is_none_or(|p| p.is_null() || p.as_i64() == Some(0)) {
                let message = format!("`dns_sd_configs` needs a `port` for `type: {kind}`");
                judge.tell(&RULE, place(config, "type"), When::Always, message).help("only SRV records tell the port");
            }
        }
        _ => {
            judge
                .tell(&RULE, place(config, "type"), When::Always, format!("`type` cannot be `{kind}`"))
                .help("one of `SRV`, `A`, `AAAA`, `MX`, `NS`");
        }
    }
}

fn swarm(judge: &mut Judge<'_>, config: Node<'_>) {
    among(judge, config, "role", "", &["services", "tasks", "nodes"]);
}

/// A field that is one of some words; the empty text counts as missing.
fn among(judge: &mut Judge<'_>, config: Node<'_>, field: &str, default: &'static str, words: &[&str]) {
    let Some(text) = word(config, field, default).filter(|t| !words.contains(t)) else { return };
    let all: Vec<_> = words.iter().map(|w| format!("`{w}`")).collect();
    let message =
        if text.is_empty() { format!("`{field}` is missing") } else { format!("`{field}` cannot be `{text}`") };
    judge.tell(&RULE, place(config, field), When::Always, message).help(format!("one of {}", all.join(", ")));
}

fn filters(judge: &mut Judge<'_>, config: Node<'_>) {
    for filter in items(config, "filters") {
        if filter.get("values").is_none_or(|v| v.is_null() || (v.is_seq() && v.items().len() == 0)) {
            judge.tell(&RULE, filter.span(), When::Always, "a filter of `ec2_sd_configs` needs `values`");
        }
    }
}

/// A server whose URL must have a scheme and a host.
fn with_host(judge: &mut Judge<'_>, config: Node<'_>) {
    let Some(server) = filled(config, "server") else { return };
    let why = match url(server.scalar().unwrap_or_default()) {
        Verdict::Url(scheme, host) if scheme.is_empty() || host.is_empty() => "it needs a scheme and a host",
        Verdict::Refused(why) => why,
        _ => return,
    };
    judge.tell(&RULE, server.span(), When::Always, format!("`server` is no URL of a server: {why}"));
}

/// A URL of HTTP.
fn web(judge: &mut Judge<'_>, config: Node<'_>) {
    let Some(node) = filled(config, "url") else { return };
    let why = match url(node.scalar().unwrap_or_default()) {
        Verdict::Url(scheme, _) if !["http", "https"].contains(&scheme.to_lowercase().as_str()) => {
            "it must begin with `http://` or `https://`"
        }
        Verdict::Url(_, "") => "it has no host",
        Verdict::Refused(why) => why,
        _ => return,
    };
    judge.tell(&RULE, node.span(), When::Always, format!("`url` cannot be asked: {why}"));
}

/// `^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$` (discovery/file/file.go `patFileSDName`).
fn file(judge: &mut Judge<'_>, config: Node<'_>) {
    for name in items(config, "files") {
        let Some(text) = name.scalar() else { continue };
        let ends = ["json", "yml", "yaml", "JSON", "YML", "YAML"];
        let stem = text.rsplit_once('.').filter(|(_, end)| ends.contains(end)).map(|(stem, _)| stem);
        let fits =
            |stem: &str| stem.split_once('*').is_none_or(|(_, rest)| !rest.contains('/')) && !text.contains('\n');
        if stem.is_some_and(fits) {
            continue;
        }
        judge
            .tell(&RULE, name.span(), When::Always, format!("`files` cannot hold `{text}`"))
            .help("a file ends in `.json`, `.yml` or `.yaml`, and a `*` stands in its last part only");
    }
}

fn kubernetes(judge: &mut Judge<'_>, config: Node<'_>) {
    let server = filled(config, "api_server").is_some();
    let file = filled(config, "kubeconfig_file").is_some();
    let own = there(config, "namespaces").is_some_and(|n| is_true(n, "own_namespace"));
    if server && file {
        several(judge, config, "api_server", "kubeconfig_file", "ways to reach the cluster");
    }
    let custom = ["basic_auth", "authorization", "oauth2"].into_iter().find(|k| there(config, k).is_some());
    let custom = custom.or_else(|| {
        ["bearer_token", "bearer_token_file", "proxy_url"].into_iter().find(|k| filled(config, k).is_some())
    });
    let custom = custom.or_else(|| {
        let off = ["follow_redirects", "enable_http2"];
        off.into_iter().find(|k| config.get(k).and_then(Node::as_bool) == Some(false))
    });
    let custom = custom.or_else(|| ["no_proxy"].into_iter().find(|k| filled(config, k).is_some()));
    let custom = custom.or_else(|| is_true(config, "proxy_from_environment").then_some("proxy_from_environment"));
    let custom = custom.or_else(|| {
        let tls = there(config, "tls_config").into_iter().flat_map(Node::entries);
        let set = |n: Node<'_>| n.as_bool() == Some(true) || n.as_str().is_some_and(|t| !t.is_empty());
        tls.into_iter().any(|e| set(e.value)).then_some("tls_config")
    });
    if let Some(custom) = custom.filter(|_| !server) {
        let message = if file {
            format!("`{custom}` cannot stand beside `kubeconfig_file`")
        } else {
            format!("`{custom}` is set, and no `api_server`")
        };
        judge
            .tell(&RULE, key(config, custom), When::Always, message)
            .help("inside of the cluster the pod's own account is used: delete it, or name the `api_server`");
    }
    if own && (server || file) {
        let message = format!(
            "`namespaces.own_namespace` cannot stand beside `{}`",
            if server { "api_server" } else { "kubeconfig_file" }
        );
        judge.tell(&RULE, key(config, "namespaces"), When::Always, message);
    }
    selectors(judge, config);
}

fn selectors(judge: &mut Judge<'_>, config: Node<'_>) {
    let Some(role) = word(config, "role", "") else { return };
    let allowed: &[&str] = match role {
        // Nodes since discovery/kubernetes/kubernetes.go@v3.11.3; v3.10.0 has pods alone.
        "pod" if judge.since(3, 11) => &["pod", "node"],
        "pod" => &["pod"],
        "service" => &["service"],
        "endpointslice" => &["pod", "service", "endpointslice"],
        "endpoints" => &["pod", "service", "endpoints"],
        "node" => &["node"],
        "ingress" => &["ingress"],
        _ => return,
    };
    let mut seen: Vec<&str> = Vec::new();
    for selector in items(config, "selectors") {
        let Some(own) = word(selector, "role", "") else { continue };
        if seen.contains(&own) {
            let message = format!("there are two selectors for `{own}`");
            judge.tell(&RULE, place(selector, "role"), When::Always, message);
        } else if !allowed.contains(&own) {
            let message = format!("`role: {role}` takes no selector for `{own}`");
            judge.tell(&RULE, place(selector, "role"), When::Sometimes, message);
        }
        seen.push(own);
    }
}

fn marathon(judge: &mut Judge<'_>, config: Node<'_>) {
    let tokens = ["auth_token", "auth_token_file"].into_iter().filter(|k| filled(config, k).is_some());
    let blocks = ["basic_auth", "authorization"].into_iter().filter(|k| there(config, k).is_some());
    let bearer = ["bearer_token", "bearer_token_file"].into_iter().filter(|k| filled(config, k).is_some());
    let tokens: Vec<&str> = tokens.collect();
    let all: Vec<&str> = tokens.iter().copied().chain(blocks).chain(bearer).collect();
    if let ([_, ..], [first, second, ..]) = (&tokens[..], &all[..]) {
        several(judge, config, first, second, "ways to log in");
    }
}

fn paths(judge: &mut Judge<'_>, config: Node<'_>) {
    for path in items(config, "paths") {
        if path.scalar().is_some_and(|t| !t.starts_with('/')) {
            judge.tell(&RULE, path.span(), When::Always, "a path of Zookeeper begins with `/`");
        }
    }
}

fn oci(judge: &mut Judge<'_>, config: Node<'_>) {
    let own = ["tenancy", "user", "fingerprint", "key_file"];
    match word(config, "auth", "api_key") {
        Some("api_key") => {
            for field in own.into_iter().filter(|f| word(config, f, "") == Some("")) {
                let message = format!("`oci_sd_configs` needs `{field}` for `auth: api_key`");
                judge.tell(&RULE, place(config, field), When::Always, message);
            }
        }
        Some("instance_principal") => {
            if let Some(field) = own.into_iter().find(|f| filled(config, f).is_some()) {
                let message = format!("`auth: instance_principal` takes no `{field}`");
                judge.tell(&RULE, key(config, field), When::Always, message);
            }
        }
        Some(_) => among(judge, config, "auth", "api_key", &["api_key", "instance_principal"]),
        None => {}
    }
}

fn openstack(judge: &mut Judge<'_>, config: Node<'_>) {
    among(judge, config, "availability", "public", &["public", "internal", "admin"]);
}

fn outscale(judge: &mut Judge<'_>, config: Node<'_>) {
    secret(judge, config);
}

fn scaleway(judge: &mut Judge<'_>, config: Node<'_>) {
    secret(judge, config);
}

/// One of `secret_key` and its file.
fn secret(judge: &mut Judge<'_>, config: Node<'_>) {
    match (filled(config, "secret_key"), filled(config, "secret_key_file")) {
        (Some(_), Some(_)) => several(judge, config, "secret_key", "secret_key_file", "sources of one value"),
        (None, None) => {
            judge
                .tell(&RULE, first(config), When::Always, "`secret_key` is missing")
                .help("write `secret_key:` or `secret_key_file:`");
        }
        _ => {}
    }
}

fn ovh(judge: &mut Judge<'_>, config: Node<'_>) {
    among(judge, config, "service", "", &["dedicated_server", "vps"]);
}

fn triton(judge: &mut Judge<'_>, config: Node<'_>) {
    among(judge, config, "role", "container", &["container", "cn"]);
}
