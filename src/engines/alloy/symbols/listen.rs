//! Components that open ports, and Alloy's own server.

use vispyr_alloy::{Body, Expr, ExprKind};

use super::{Component, Config, anything, handler};
use crate::address;
use crate::catalogue::{self, Facts, Version};
use crate::engine::Say;
use crate::symbol::{Accepts, Bind, Export, Listener, Origin};
use crate::tree::Service;

const ENGINE: &str = "alloy";

/// Components that take data without opening a port, among families that mostly open one
/// (`grafana/alloy docs/sources/reference/components@v1.18.1`). That of GELF takes UDP alone
/// (internal/component/loki/source/gelf/gelf.go@v1.10.0).
const SILENT: [&str; 23] = [
    "otelcol.receiver.prometheus",
    "otelcol.receiver.loki",
    "otelcol.receiver.kafka",
    "otelcol.receiver.filelog",
    "otelcol.receiver.file_stats",
    "otelcol.receiver.filestats",
    "otelcol.receiver.solace",
    "otelcol.receiver.googlecloudpubsub",
    "otelcol.receiver.awss3",
    "otelcol.receiver.vcenter",
    "otelcol.receiver.cloudflare",
    "otelcol.receiver.awsecscontainermetrics",
    "loki.source.azure_event_hubs",
    "loki.source.cloudflare",
    "loki.source.docker",
    "loki.source.file",
    "loki.source.gelf",
    "loki.source.journal",
    "loki.source.kafka",
    "loki.source.kubernetes",
    "loki.source.kubernetes_events",
    "loki.source.podlogs",
    "loki.source.windowsevent",
];

/// Alloy's own server, and the ports that cannot be known.
pub(super) fn server(service: &Service, version: Option<Version>, whole: &Config<'_>, say: &mut Say<'_>) {
    let facts = catalogue::engine(ENGINE);
    let closed = service.args().is_some() && !whole.is_open() && !whole.components.is_empty();
    let Some((facts, version)) = facts.zip(version) else { return };
    if !closed || whole.components.iter().any(|c| may_listen(c, facts)) {
        say.export(None, anything(service));
    }
    let Some(fact) = facts.listener("http", version) else { return };
    let mut listener = Listener {
        accepts: Some(Accepts::recorded(facts, fact.name, version)),
        ..Listener::recorded(fact, "Alloy's own server", service.image_span())
    };
    if let Some((arg, value)) = service.flag(fact.flag.trim_start_matches('-')) {
        let (bind, port) = if arg.open { (None, None) } else { address::listen(&value) };
        (listener.bind, listener.port, listener.origin) = (bind, port, Origin::Written(arg.span));
    }
    // The `http` block gives the server TLS and basic authentication.
    if whole.components.iter().any(|c| c.name == "http") {
        (listener.tls, listener.auth) = (None, None);
    }
    say.export(None, Export::Listener(listener));
}

/// Whether a component may open a port that is not in the catalogue.
fn may_listen(component: &Component<'_>, facts: &Facts) -> bool {
    let name = &*component.name;
    let family = ["otelcol.receiver.", "otelcol.extension.", "loki.source."].iter().any(|f| name.starts_with(f));
    family && !SILENT.contains(&name) && !facts.listeners.iter().any(|l| owner(l.name) == name)
}

/// The component of a listener's name: `otelcol.receiver.otlp/grpc`.
fn owner(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// The ports of one component.
pub(super) fn component(component: &Component<'_>, whole: &Config<'_>, say: &mut Say<'_>) {
    let Some((facts, version)) = catalogue::engine(ENGINE).zip(whole.version) else { return };
    let here = facts.listeners.iter().filter(|l| owner(l.name) == component.name && l.range.holds(version));
    for fact in here {
        let path = fact.key.strip_prefix(&*component.name).unwrap_or_default();
        let segments: Vec<&str> = path.split('.').filter(|s| !s.is_empty()).collect();
        let Some((last, blocks)) = segments.split_last() else { continue };
        let block = blocks.iter().try_fold(None, |at: Option<vispyr_alloy::Block<'_>>, name| {
            at.map_or(component.body(), |b| b.body()).block(name).map(Some)
        });
        // OTLP and Jaeger open a port for a block that is there; the common HTTP server is always there.
        if block.is_none() && *last == "endpoint" {
            continue;
        }
        let block = block.flatten();
        let body = block.map_or(component.body(), |b| b.body());
        let place = component.span(block.unwrap_or(component.block).header_range());
        let mut listener = Listener {
            tls: Some(body.block("tls").is_some()),
            accepts: Some(Accepts::recorded(facts, fact.name, version)).filter(|a| !a.is_empty()),
            ..Listener::recorded(fact, component.title(), place)
        };
        if *last == "endpoint" {
            endpoint(component, body, &mut listener)
        } else {
            server_block(component, blocks, &mut listener)
        }
        if let Some(auth) = body.attr("auth") {
            (listener.auth, listener.auth_span) = handler(whole, auth.value());
            listener.auth_span = Some(component.span(auth.range()));
        }
        // OTLP has a block for it, Faro's server an attribute (grafana/alloy internal/component/otelcol/config_http.go,
        // internal/component/faro/receiver/arguments.go@v1.0.0, @v1.19.0-rc.3).
        let origins = match body.block("cors") {
            Some(cors) => cors.body().attr("allowed_origins"),
            None => component.body().block("server").and_then(|s| s.body().attr("cors_allowed_origins")),
        };
        listener.any_origin = origins.filter(|a| any_origin(a.value())).map(|a| component.span(a.range()));
        // A page that shows a key shows it to all who read it, but not to whom it is a surprise.
        if component.body().block("server").is_some_and(|s| s.body().attr("api_key").is_some()) {
            (listener.auth, listener.auth_span) = (None, None);
        }
        let moved = ["traces_url_path", "metrics_url_path", "logs_url_path"];
        if moved.iter().any(|m| body.attr(m).is_some()) {
            listener.accepts = None;
        }
        say.export(Some(component.id), Export::Listener(listener));
    }
}

/// Whether a list of origins has one that stands for all.
fn any_origin(list: Expr<'_>) -> bool {
    let ExprKind::Array(items) = list.unparen().kind() else { return false };
    items.iter().any(|i| i.as_str().is_some_and(|origin| address::is_any_origin(&origin)))
}

/// `endpoint = "0.0.0.0:4317"`.
fn endpoint<'a>(component: &Component<'a>, body: Body<'a>, listener: &mut Listener) {
    let Some(attr) = body.attr("endpoint") else { return };
    listener.origin = Origin::Written(component.place(attr.value()));
    let text = component.text(attr.value());
    (listener.bind, listener.port) = text.map_or((None, None), |t| address::listen(&t));
    if body.attr("transport").is_some() {
        listener.port = None;
    }
}

/// `http { listen_address = "…" listen_port = … }`; the port may be a string.
fn server_block<'a>(component: &Component<'a>, blocks: &[&str], listener: &mut Listener) {
    let Some(block) = blocks.first().and_then(|b| component.body().block(b)) else { return };
    let body = block.body();
    if let Some(attr) = body.attr("listen_port") {
        let value = attr.value();
        let number = value.as_i64().or_else(|| component.text(value)?.parse().ok());
        listener.port = number.and_then(|n| u16::try_from(n).ok());
        listener.origin = Origin::Written(component.place(value));
    }
    if let Some(attr) = body.attr("listen_address") {
        let text = component.text(attr.value());
        listener.bind = text.and_then(|t| address::bind(&t));
        if !matches!(listener.bind, Some(Bind::All)) {
            listener.origin = Origin::Written(component.place(attr.value()));
        }
    }
}
