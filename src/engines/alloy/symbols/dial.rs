//! Components that send to others or fetch from them.

use vispyr_alloy::{Block, Body, Expr, ExprKind};

use super::{Component, Config, handler, secret};
use crate::address::{self, Client, Written};
use crate::engine::Say;
use crate::source::Span;
use crate::symbol::{Credentials, Extra, Import, Protocol, Signal, Url};
use crate::tree::{Arg, Service};

/// The other members of a cluster (grafana/alloy internal/alloycli/cmd_run.go@v1.5.1, @v1.18.1; without a port, that of the
/// server counts).
pub(super) fn cluster(service: &Service, say: &mut Say<'_>) {
    let on = |(arg, value): (&Arg, String)| !arg.open && matches!(&*value, "" | "true");
    if !service.flag("cluster.enabled").is_some_and(on) {
        return;
    }
    for (arg, value) in service.flags("cluster.join-addresses").into_iter().filter(|(arg, _)| !arg.open) {
        // The values stand at the end of the word, or in the next one.
        let from = arg.text.ends_with(&*value).then(|| arg.text.len() - value.len());
        let mut at = 0;
        for one in value.split(',') {
            let part = from.map(|from| arg.place(from + at..from + at + one.len()));
            at += one.len() + 1;
            let text = Written::Flat(one.to_owned(), part.unwrap_or(arg.span));
            let url = address::server(&text, "Alloy's `--cluster.join-addresses`", Protocol::Http);
            url.into_iter().for_each(|url| say.import(None, Import::Url(url)));
        }
    }
}

/// What one component dials.
pub(super) fn component(component: &Component<'_>, whole: &Config<'_>, say: &mut Say<'_>) {
    let body = component.body();
    let endpoints = || body.blocks("endpoint").map(|b| b.body()).collect::<Vec<_>>();
    let urls: Vec<Url> = match &*component.name {
        "otelcol.exporter.otlp" => otlp(component, whole).into_iter().collect(),
        "otelcol.exporter.loadbalancing" => balanced(component, whole),
        "otelcol.exporter.otlphttp" => otlphttp(component, whole),
        "prometheus.remote_write" => {
            let to = |b| endpoint(component, b, Protocol::RemoteWrite, &[Signal::Metrics], &[]);
            endpoints().into_iter().filter_map(to).collect()
        }
        "pyroscope.write" => {
            // The connect client appends its procedure (`grafana/alloy internal/component/pyroscope/write@v1.18.1`).
            let push = &["/push.v1.PusherService/Push"];
            let to = |b| endpoint(component, b, Protocol::ProfilePush, &[Signal::Profiles], push);
            endpoints().into_iter().filter_map(to).collect()
        }
        "loki.write" => {
            let to = |b| endpoint(component, b, Protocol::LogPush, &[Signal::Logs], &[]);
            endpoints().into_iter().filter_map(to).collect()
        }
        "prometheus.scrape" => targets(component, whole, Protocol::Scrape, Signal::Metrics),
        "pyroscope.scrape" => targets(component, whole, Protocol::Http, Signal::Profiles),
        _ => return,
    };
    for url in urls {
        say.import(Some(component.id), Import::Url(url));
    }
}

/// `client { endpoint tls auth }` over gRPC.
fn otlp<'a>(component: &Component<'a>, whole: &Config<'a>) -> Option<Url> {
    let client = component.body().block("client")?;
    grpc(component, whole, client, &component.written(client.body().attr("endpoint")?.value())?, None)
}

/// The port where the parts of a load balancer listen (open-telemetry/opentelemetry-collector-contrib
/// exporter/loadbalancingexporter/loadbalancer.go@v0.134.0, @v0.158.0).
const BALANCED_PORT: u16 = 4317;

/// The servers among which spans are parted, by `protocol { otlp { client } }`: those that stand there, and those of a name.
fn balanced<'a>(component: &Component<'a>, whole: &Config<'a>) -> Vec<Url> {
    let body = component.body();
    let otlp = body.block("protocol").and_then(|p| p.body().block("otlp"));
    let (Some(client), Some(resolver)) = (otlp.and_then(|o| o.body().block("client")), body.block("resolver")) else {
        return Vec::new();
    };
    let to = |host: Expr<'a>, port| grpc(component, whole, client, &component.written(host)?, Some(port));
    let mut urls = Vec::new();
    if let Some(hosts) = resolver.body().block("static").and_then(|s| s.body().attr("hostnames"))
        && let ExprKind::Array(items) = hosts.value().unparen().kind()
    {
        urls.extend(items.iter().filter_map(|host| to(host, BALANCED_PORT)));
    }
    if let Some(named) = resolver.body().block("dns").map(|d| d.body()) {
        let port = named.attr("port").map(|p| (p, component.text(p.value()).and_then(|text| text.parse().ok())));
        let url = named.attr("hostname").and_then(|h| to(h.value(), BALANCED_PORT));
        urls.extend(url.map(|url| match port {
            Some((attr, port)) => Url { port, port_span: component.value_span(attr.value()), ..url },
            None => url,
        }));
    }
    urls
}

/// A server that is sent to over gRPC; without a port at its address it is that `port`.
fn grpc<'a>(
    component: &Component<'a>,
    whole: &Config<'a>,
    client: Block<'a>,
    text: &Written<'a>,
    port: Option<u16>,
) -> Option<Url> {
    let body = client.body();
    let signals = whole.signals(component);
    let mut dial = Client { port, ..Client::new(component.title(), Protocol::OtlpGrpc, &signals, &[]) };
    // TLS is the default: only `insecure = true` speaks plainly.
    let block = body.block("tls");
    let insecure = block.and_then(|b| b.body().attr("insecure"));
    dial.tls = Some(match (insecure, block) {
        (Some(attr), _) => (component.truth(attr.value()).map(|plain| !plain), component.span(attr.range())),
        (None, Some(block)) => (Some(true), component.span(block.header_range())),
        (None, None) => (Some(true), component.span(client.header_range())),
    });
    dial.credentials = auth(whole, body);
    let mut url = address::url(text, dial)?;
    url.unverified = unverified(component, body, "tls");
    url.sampled = whole.sampler(component);
    url.handed = whole.handed(component);
    Some(url)
}

/// The same over HTTP; a signal may have an address of its own, which is used as written.
fn otlphttp<'a>(component: &Component<'a>, whole: &Config<'a>) -> Vec<Url> {
    let Some(client) = component.body().block("client") else { return Vec::new() };
    let mut signals = whole.signals(component);
    let mut urls = Vec::new();
    for (name, signal) in
        [("traces_endpoint", Signal::Traces), ("metrics_endpoint", Signal::Metrics), ("logs_endpoint", Signal::Logs)]
    {
        let Some(attr) = component.body().attr(name) else { continue };
        let sent = signals.contains(&signal);
        signals.retain(|s| *s != signal);
        let Some(text) = component.written(attr.value()).filter(|_| sent) else { continue };
        let mut dial = Client::new(component.title(), Protocol::OtlpHttp, &[signal], &[]);
        dial.credentials = auth(whole, client.body());
        urls.extend(address::url(&text, dial));
    }
    let overridden = !urls.is_empty();
    let base = client.body().attr("endpoint").and_then(|a| component.written(a.value()));
    // With all signals sent elsewhere the base is a dummy.
    if let Some(text) = base.filter(|_| !(signals.is_empty() && overridden)) {
        urls.extend(base_url(component, whole, client.body(), &signals, &text));
    }
    let unverified = unverified(component, client.body(), "tls");
    let sampled = whole.sampler(component);
    for url in &mut urls {
        (url.unverified, url.sampled, url.handed) = (unverified, sampled, whole.handed(component));
    }
    urls
}

/// The base that the paths of signals are appended to.
fn base_url<'a>(
    component: &Component<'a>,
    whole: &Config<'a>,
    client: Body<'a>,
    signals: &[Signal],
    text: &Written<'a>,
) -> Option<Url> {
    let paths: Vec<&str> = signals
        .iter()
        .filter_map(|s| match s {
            Signal::Traces => Some("/v1/traces"),
            Signal::Metrics => Some("/v1/metrics"),
            Signal::Logs => Some("/v1/logs"),
            Signal::Profiles => None,
        })
        .collect();
    let mut dial = Client::new(component.title(), Protocol::OtlpHttp, signals, &paths);
    dial.credentials = auth(whole, client);
    let unused = signals.is_empty();
    address::url(text, dial).map(|url| if unused { Url { paths: None, ..url } } else { url })
}

/// Where a client is told to take any certificate.
fn unverified<'a>(component: &Component<'a>, client: Body<'a>, block: &str) -> Option<Span> {
    on(component, client.block(block)?.body(), "insecure_skip_verify")
}

/// The place of an attribute that is true.
fn on<'a>(component: &Component<'a>, body: Body<'a>, name: &str) -> Option<Span> {
    let attr = body.attr(name).filter(|a| component.truth(a.value()) == Some(true))?;
    Some(component.span(attr.range()))
}

fn auth<'a>(whole: &Config<'a>, client: Body<'a>) -> (Option<Credentials>, Option<Span>) {
    if client.attr("headers").is_some() {
        return (None, None);
    }
    client.attr("auth").map_or((Some(Credentials::None), None), |a| handler(whole, a.value()))
}

/// `endpoint { url … }` of the components that write with Prometheus' HTTP client.
fn endpoint<'a>(
    component: &Component<'a>,
    body: Body<'a>,
    protocol: Protocol,
    signals: &[Signal],
    appended: &[&str],
) -> Option<Url> {
    let text = component.written(body.attr("url")?.value())?;
    let mut dial = Client::new(component.title(), protocol, signals, appended);
    dial.credentials = credentials(component, body);
    let mut url = address::url(&text, dial)?;
    url.unverified = unverified(component, body, "tls_config");
    if protocol == Protocol::RemoteWrite {
        url.extras = Extra::KEYS.iter().filter_map(|(key, extra)| Some((*extra, on(component, body, key)?))).collect();
    }
    Some(url)
}

/// What such a client shows (`grafana/alloy internal/component/common/config@v1.18.1`).
fn credentials<'a>(component: &Component<'a>, body: Body<'a>) -> (Option<Credentials>, Option<Span>) {
    if let Some(block) = body.block("basic_auth") {
        let attr = |name: &str| block.body().attr(name).map(|a| a.value());
        let user = attr("username").and_then(|e| e.as_str()).map(|s| s.into_owned());
        let password = attr("password").map_or(crate::symbol::SecretSource::Unknown, secret);
        let span = attr("password").map_or(component.span(block.header_range()), |e| component.value_span(e));
        return (Some(Credentials::Basic { user, password }), Some(span));
    }
    if let Some(attr) = body.attr("bearer_token") {
        let span = component.value_span(attr.value());
        return (Some(Credentials::Bearer(secret(attr.value()))), Some(span));
    }
    if let Some(block) = body.block("authorization") {
        let kind = block.body().attr("type").map(|a| a.value().as_str().is_some_and(|t| t == "Bearer"));
        let shown = block.body().attr("credentials");
        let known = kind != Some(false);
        let shown = shown.filter(|_| known).map(|a| (secret(a.value()), component.value_span(a.value())));
        return shown.map_or((None, None), |(s, span)| (Some(Credentials::Bearer(s)), Some(span)));
    }
    let other = ["oauth2", "sigv4", "azuread"];
    let attrs = ["bearer_token_file", "headers", "http_headers"];
    if other.iter().any(|b| body.block(b).is_some()) || attrs.iter().any(|a| body.attr(a).is_some()) {
        return (None, None);
    }
    (Some(Credentials::None), None)
}

/// Whether rules of `discovery.relabel` leave every target and its address as they are.
fn keeps_targets(relabel: Body<'_>) -> bool {
    relabel.blocks("rule").all(|rule| {
        let text = |name: &str| rule.body().attr(name).map(|a| a.value().as_str());
        let writes = match text("action") {
            None => true,
            Some(action) => action.is_some_and(|a| matches!(&*a, "replace" | "lowercase" | "uppercase" | "hashmod")),
        };
        let label = text("target_label").flatten();
        writes && label.is_some_and(|label| !label.starts_with("__") && !label.contains('$'))
    })
}

/// Targets that stand as literal objects in the component itself, or in the `discovery.relabel` that it is given.
fn targets<'a>(component: &Component<'a>, whole: &Config<'a>, protocol: Protocol, signal: Signal) -> Vec<Url> {
    let body = component.body();
    let Some(list) = body.attr("targets") else { return Vec::new() };
    let relabel = whole.referred(list.value()).filter(|c| c.name == "discovery.relabel" && keeps_targets(c.body()));
    let (owner, list) = match relabel.and_then(|c| Some((c, c.body().attr("targets")?))) {
        Some(found) => found,
        None => (component, list),
    };
    let path = match body.attr("metrics_path") {
        Some(attr) => component.text(attr.value()).map(|path| address::rooted(&path)),
        None => Some("/metrics".to_owned()),
    };
    let shown = credentials(component, body);
    let unverified = unverified(component, body, "tls_config");
    let path_span = body.attr("metrics_path").map(|a| component.value_span(a.value()));
    let scheme = body.attr("scheme");
    let tls = |address: Expr<'a>| match scheme {
        Some(attr) => (component.text(attr.value()).map(|s| s == "https"), component.value_span(attr.value())),
        None => (Some(false), owner.value_span(address)),
    };
    let mut urls = Vec::new();
    for object in objects(list.value()) {
        let ExprKind::Object(fields) = object.unparen().kind() else { continue };
        let Some(address) = fields.get("__address__") else { continue };
        let Some(text) = owner.written(address) else { continue };
        if text.value().contains('/') || ["__scheme__", "__metrics_path__"].iter().any(|f| fields.get(f).is_some()) {
            continue;
        }
        let mut dial = Client::new(component.title(), protocol, &[signal], &[]);
        dial.tls = Some(tls(address));
        dial.credentials = shown.clone();
        let Some(mut url) = address::url(&text, dial) else { continue };
        url.paths = path.clone().filter(|_| protocol == Protocol::Scrape).map(|path| vec![path]);
        url.path_span = path_span.unwrap_or(url.span);
        url.unverified = unverified;
        urls.push(url);
    }
    urls
}

/// Literal objects of a list, also of one inside `concat(…)` or `array.concat(…)`.
pub(super) fn objects<'a>(list: Expr<'a>) -> Vec<Expr<'a>> {
    match list.unparen().kind() {
        ExprKind::Array(items) => items.iter().collect(),
        ExprKind::Call { callee, args }
            if callee.as_reference().is_some_and(|r| matches!(&*r.path(), "concat" | "array.concat")) =>
        {
            let lists = args.iter().filter_map(|a| match a.unparen().kind() {
                ExprKind::Array(items) => Some(items),
                _ => None,
            });
            lists.flat_map(|items| items.iter()).collect()
        }
        _ => Vec::new(),
    }
}
