//! Rules on what files say to each other.

mod attribute_unknown;
mod auth_mismatch;
mod bind_unknown;
mod contact_point_unknown;
mod cors_wildcard;
mod data_not_persisted;
mod ds_link_type;
mod ds_ref_unresolved;
mod ds_tenant_header;
mod ds_type_mismatch;
mod ds_unresolved;
mod exemplar_dest;
mod exemplars_dropped;
mod exporter_metric_absent;
mod exposed;
mod features;
mod file_missing;
mod generator_sampled;
mod healthcheck_port;
mod host_unknown;
mod insecure_skip_verify;
mod kept;
mod label_dropped;
mod label_unknown;
mod le_integer;
mod link_dangling;
mod listener_loopback;
mod localhost_in_container;
mod log_driver_host;
mod mcp_enabled;
mod metric_dropped;
mod metric_unknown;
mod mount_unread;
mod named;
mod native_histograms_refused;
mod otel_suffix;
mod otlp_loopback;
mod otlp_public;
mod otlp_receiver_flag;
mod own_metric_absent;
mod path_wrong;
mod port_unserved;
mod pprof_public;
mod profile_type_unknown;
mod published_port_inside;
mod published_unserved;
mod query_language;
mod range_too_short;
mod rate_window;
mod receiver_flag;
mod receiver_loopback;
mod relabel_drops_all;
mod rules_metric_unknown;
mod sdk_endpoint;
mod secret_in_config;
mod service_map_empty;
mod signal_orphan;
mod socket_denied;
mod sources;
mod store_published;
mod store_unasked;
mod tempo_streaming;
mod tenant_missing;
mod tls_mismatch;
mod trace_profile_link;
mod traceql_metrics_empty_ring;
mod two_defaults;
mod ui_loopback;
mod unscraped;
mod utf8_names_changed;
mod volume_owner;

use std::collections::HashMap;

use indexmap::IndexMap;

use super::flow::{Look, tell};
use super::index::Grafanas;
use super::{Fault, Finding, LinkRule, Linked};
use crate::catalogue;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::engine::Findings;
use crate::source::Span;
use crate::symbol::{Accepts, Bind, Extra, Listener, Origin, Protocol};
use crate::tree::{Image, Network, Port, Service, ServiceId};

/// All, by id.
pub static ALL: &[LinkRule] = &[
    LinkRule { rule: &receiver_loopback::RULE, run: receiver_loopback::run },
    LinkRule { rule: &ui_loopback::RULE, run: ui_loopback::run },
    LinkRule { rule: &data_not_persisted::RULE, run: data_not_persisted::run },
    LinkRule { rule: &healthcheck_port::RULE, run: healthcheck_port::run },
    LinkRule { rule: &log_driver_host::RULE, run: log_driver_host::run },
    LinkRule { rule: &mount_unread::RULE, run: mount_unread::run },
    LinkRule { rule: &published_unserved::RULE, run: published_unserved::run },
    LinkRule { rule: &socket_denied::RULE, run: socket_denied::run },
    LinkRule { rule: &volume_owner::RULE, run: volume_owner::run },
    LinkRule { rule: &ds_unresolved::RULE, run: ds_unresolved::run },
    LinkRule { rule: &label_unknown::RULE, run: |linked, findings| tell(linked, &label_unknown::RULE, findings) },
    LinkRule { rule: &link_dangling::RULE, run: link_dangling::run },
    LinkRule { rule: &metric_unknown::RULE, run: metric_unknown::run },
    LinkRule { rule: &otel_suffix::RULE, run: |linked, findings| tell(linked, &otel_suffix::RULE, findings) },
    LinkRule { rule: &profile_type_unknown::RULE, run: profile_type_unknown::run },
    LinkRule { rule: &query_language::RULE, run: query_language::run },
    LinkRule { rule: &rate_window::RULE, run: rate_window::run },
    LinkRule { rule: &contact_point_unknown::RULE, run: contact_point_unknown::run },
    LinkRule { rule: &ds_link_type::RULE, run: ds_link_type::run },
    LinkRule { rule: &ds_ref_unresolved::RULE, run: ds_ref_unresolved::run },
    LinkRule { rule: &ds_tenant_header::RULE, run: ds_tenant_header::run },
    LinkRule { rule: &ds_type_mismatch::RULE, run: ds_type_mismatch::run },
    LinkRule { rule: &exemplar_dest::RULE, run: exemplar_dest::run },
    LinkRule { rule: &service_map_empty::RULE, run: service_map_empty::run },
    LinkRule { rule: &tempo_streaming::RULE, run: tempo_streaming::run },
    LinkRule { rule: &trace_profile_link::RULE, run: trace_profile_link::run },
    LinkRule { rule: &two_defaults::RULE, run: two_defaults::run },
    LinkRule { rule: &attribute_unknown::RULE, run: attribute_unknown::run },
    LinkRule { rule: &auth_mismatch::RULE, run: auth_mismatch::run },
    LinkRule { rule: &bind_unknown::RULE, run: bind_unknown::run },
    LinkRule { rule: &exemplars_dropped::RULE, run: exemplars_dropped::run },
    LinkRule { rule: &exporter_metric_absent::RULE, run: exporter_metric_absent::run },
    LinkRule { rule: &file_missing::RULE, run: file_missing::run },
    LinkRule { rule: &host_unknown::RULE, run: host_unknown::run },
    LinkRule { rule: &label_dropped::RULE, run: |linked, findings| tell(linked, &label_dropped::RULE, findings) },
    LinkRule { rule: &listener_loopback::RULE, run: listener_loopback::run },
    LinkRule { rule: &localhost_in_container::RULE, run: localhost_in_container::run },
    LinkRule { rule: &metric_dropped::RULE, run: |linked, findings| tell(linked, &metric_dropped::RULE, findings) },
    LinkRule { rule: &native_histograms_refused::RULE, run: native_histograms_refused::run },
    LinkRule { rule: &otlp_receiver_flag::RULE, run: otlp_receiver_flag::run },
    LinkRule { rule: &own_metric_absent::RULE, run: own_metric_absent::run },
    LinkRule { rule: &path_wrong::RULE, run: path_wrong::run },
    LinkRule { rule: &port_unserved::RULE, run: port_unserved::run },
    LinkRule { rule: &published_port_inside::RULE, run: published_port_inside::run },
    LinkRule { rule: &receiver_flag::RULE, run: receiver_flag::run },
    LinkRule { rule: &sdk_endpoint::RULE, run: sdk_endpoint::run },
    LinkRule { rule: &signal_orphan::RULE, run: signal_orphan::run },
    LinkRule { rule: &store_unasked::RULE, run: store_unasked::run },
    LinkRule { rule: &tenant_missing::RULE, run: tenant_missing::run },
    LinkRule { rule: &tls_mismatch::RULE, run: tls_mismatch::run },
    LinkRule { rule: &le_integer::RULE, run: le_integer::run },
    LinkRule { rule: &relabel_drops_all::RULE, run: relabel_drops_all::run },
    LinkRule { rule: &utf8_names_changed::RULE, run: utf8_names_changed::run },
    LinkRule { rule: &rules_metric_unknown::RULE, run: rules_metric_unknown::run },
    LinkRule { rule: &range_too_short::RULE, run: range_too_short::run },
    LinkRule { rule: &cors_wildcard::RULE, run: cors_wildcard::run },
    LinkRule { rule: &insecure_skip_verify::RULE, run: insecure_skip_verify::run },
    LinkRule { rule: &mcp_enabled::RULE, run: mcp_enabled::run },
    LinkRule { rule: &otlp_public::RULE, run: otlp_public::run },
    LinkRule { rule: &pprof_public::RULE, run: pprof_public::run },
    LinkRule { rule: &secret_in_config::RULE, run: secret_in_config::run },
    LinkRule { rule: &store_published::RULE, run: store_published::run },
    LinkRule { rule: &generator_sampled::RULE, run: generator_sampled::run },
    LinkRule { rule: &otlp_loopback::RULE, run: otlp_loopback::run },
    LinkRule { rule: &traceql_metrics_empty_ring::RULE, run: traceql_metrics_empty_ring::run },
];

/// Those that look at queries, which are read once for all of them.
pub(super) static READING: &[&Look] =
    &[&label_dropped::LOOK, &label_unknown::LOOK, &metric_dropped::LOOK, &otel_suffix::LOOK];

/// `Tempo 2.9.1`, `Tempo`, or the service's name for what is no known engine.
fn engine(service: &Service) -> String {
    match service.engine.and_then(catalogue::engine) {
        Some(facts) => match service.version {
            Some(version) => format!("{} {version}", facts.title),
            None => facts.title.to_owned(),
        },
        None => format!("`{}`", service.name),
    }
}

/// One step less than `severity` where the version behind a fact is only the newest known.
pub(super) fn weighed(linked: &Linked<'_>, id: ServiceId, severity: Severity) -> (Severity, Option<String>) {
    let Some(newest) = assumed(linked, id) else { return (severity, None) };
    let less = if severity == Severity::Error { Severity::Warning } else { Severity::Info };
    let name = &linked.tree.service(id).name;
    (less, Some(format!("no version is known for `{name}`: {newest}, the newest known, is assumed")))
}

/// What is said of every URL: where a config reads it that stands elsewhere, and less weight where the sender is a program of
/// unknown kind: whether it reads the variable that holds the URL is not known.
fn of_url(linked: &Linked<'_>, finding: &Finding<'_>, diagnostic: Diagnostic) -> Diagnostic {
    let read = finding.url.span;
    let elsewhere = diagnostic.primary.span.source != read.source && diagnostic.labels.iter().all(|l| l.span != read);
    let diagnostic = if elsewhere { diagnostic.label(read, "read here") } else { diagnostic };
    if is_guess(linked, finding) {
        return guess(diagnostic);
    }
    if sends_none(linked, finding) {
        let less = diagnostic.severity.max(Severity::Warning);
        return diagnostic.severity(less).note("no alerting rule is here: nothing is sent until there is one");
    }
    diagnostic
}

/// Whether a ruler of logs or tenants has no rule that makes alerts: only those are sent (grafana/loki
/// pkg/ruler/base/ruler.go@v3.7.6 SendAlerts).
fn sends_none(linked: &Linked<'_>, finding: &Finding<'_>) -> bool {
    let ruler = finding.owner.service.and_then(|s| linked.tree.service(s).engine);
    let alerts = || {
        let mut rules = linked.tree.artifacts().filter(|(_, a)| a.kind.name.ends_with("-rules"));
        rules.any(|(_, a)| linked.tree.sources.text(a.source).contains("alert:"))
    };
    finding.url.protocol == Protocol::Alerts && matches!(ruler, Some("loki" | "mimir")) && !alerts()
}

/// Whether only the settings of an unknown program say that it is dialled.
fn is_guess(linked: &Linked<'_>, finding: &Finding<'_>) -> bool {
    let told = finding.owner.artifact.is_some_and(|id| linked.tree.is_symbols(id));
    !told && finding.owner.service.is_some_and(|s| linked.tree.service(s).engine.is_none())
}

/// A finding that rests on such settings alone.
fn guess(diagnostic: Diagnostic) -> Diagnostic {
    let less = diagnostic.severity.max(Severity::Warning);
    diagnostic.severity(less).note("whether the program dials that address is not known")
}

/// The release that is assumed for a service whose version nothing tells: `Tempo 3.0.3`.
fn assumed(linked: &Linked<'_>, id: ServiceId) -> Option<String> {
    let facts = linked.tree.service(id).engine.and_then(catalogue::engine)?;
    super::judge::assumed(linked, id).then(|| format!("{} {}", facts.title, facts.newest()))
}

/// Each Prometheus that remote write reaches which is told to carry something besides samples, with who sends it and where
/// that is said. Files that several deployments read count once.
fn reached<'a>(linked: &'a Linked<'_>, extra: Extra, engines: &[&str]) -> IndexMap<ServiceId, Vec<(&'a str, Span)>> {
    let mut found: IndexMap<ServiceId, Vec<(&str, Span)>> = IndexMap::new();
    for ((_, url, _), reached) in linked.urls.iter().zip(&linked.reached) {
        let Some((_, place)) = url.extras.iter().find(|(e, _)| *e == extra) else { continue };
        let store = |id: ServiceId| linked.tree.service(id).engine.is_some_and(|engine| engines.contains(&engine));
        for (to, _) in reached.iter().filter(|(to, _)| store(*to)) {
            let senders = found.entry(*to).or_default();
            if !senders.iter().any(|(_, known)| known == place) {
                senders.push((&url.sender, *place));
            }
        }
    }
    found
}

/// How a wrong reference is told: what is near, with what it must say.
fn uid_help(linked: &Linked<'_>, grafana: Grafanas<'_, '_>, uid: &str, kind: Option<&str>) -> (Option<Span>, String) {
    let near = grafana.nearest(&linked.index.near, uid).or_else(|| grafana.only(kind?));
    if let Some(source) = near {
        let help = if source.uid_written {
            format!("write `{}`, the uid of `{}`", source.uid, source.name)
        } else {
            format!(
                "give the data source `{}` the line `uid: {uid}`: without one Grafana calls it `{}`",
                source.name, source.uid
            )
        };
        return (Some(source.span), help);
    }
    let uids: Vec<String> = grafana.listed().map(|uid| format!("`{uid}`")).collect();
    (
        grafana.first().map(|d| d.span),
        format!("provision one with `uid: {uid}`, or name one that exists: {}", uids.join(", ")),
    )
}

/// Services that take a protocol only with a flag which is not given, each with all who send.
fn missing_flag(
    linked: &Linked<'_>,
    rule: &'static Rule,
    protocol: Protocol,
    consequence: &str,
    findings: &mut Findings,
) {
    let mut found: IndexMap<ServiceId, (&str, Vec<&Finding<'_>>)> = IndexMap::new();
    for finding in linked.faults.iter().filter(|f| f.url.protocol.is_served_by(protocol)) {
        let Fault::Flag { to, flag, .. } = &finding.fault else { continue };
        found.entry(*to).or_insert((flag, Vec::new())).1.push(finding);
    }
    for (to, (flag, senders)) in found {
        let service = linked.tree.service(to);
        let Some(first) = senders.first() else { continue };
        let message = format!(
            "{} runs without `{flag}`, and {} sends {} to it: {consequence}",
            engine(service),
            first.url.sender,
            protocol.title()
        );
        let (severity, note) = weighed(linked, to, rule.severity);
        let mut diagnostic = Diagnostic::new(rule, service.command_span(), message).severity(severity);
        if senders.iter().all(|s| is_guess(linked, s)) {
            diagnostic = guess(diagnostic);
        }
        // A file that several deployments read tells of its senders once for each.
        let mut places: Vec<Span> = senders.iter().map(|s| s.url.span).collect();
        places.dedup();
        for span in places.into_iter().take(8) {
            diagnostic = diagnostic.label(span, "sent from here");
        }
        diagnostic.help = Some(format!("add `{flag}` to the command of `{}`", service.name));
        diagnostic.notes.extend(note);
        findings.push(diagnostic);
    }
}

/// How the names of receivers end.
const RECEIVER: &str = " receiver";

/// Whether a listener takes signals. Protocols of which no more is known are told by the name: that of a component, or of a
/// receiver.
fn is_receiver(listener: &Listener) -> bool {
    let named = listener.name.starts_with('`') || listener.name.ends_with(RECEIVER);
    let takes = |a: &Accepts| named || !matches!(a.protocol, Protocol::Http | Protocol::Scrape);
    listener.accepts.iter().flatten().any(takes)
}

/// The first receiver of a Tempo that nobody can send to: all are on the loopback of a container that no other one shares.
fn unheard<'a>(linked: &Linked<'a>, id: ServiceId) -> Option<&'a Listener> {
    if linked.tree.service(id).engine != Some("tempo") || super::judge::shared(linked, id) {
        return None;
    }
    let all = linked.listeners.get(&id).into_iter().flatten().map(|(_, listener)| *listener);
    let mut receivers = all.filter(|l| l.name.ends_with(RECEIVER));
    let first = receivers.next()?;
    let deaf = |l: &Listener| l.port.is_some() && l.bind == Some(Bind::Loopback);
    // Receivers that the config does not name are those of the image: nobody asked for them.
    let image = linked.tree.service(id).image.as_ref().map(|i| i.span);
    let asked = Some(first.origin.span()) != image;
    (asked && deaf(first) && receivers.all(deaf)).then_some(first)
}

/// Receivers of an engine on loopback, that others dial or that are published.
fn loopback(linked: &Linked<'_>, rule: &'static Rule, name: &str, findings: &mut Findings) {
    let mut dialled: HashMap<*const Listener, Vec<Span>> = HashMap::new();
    for fault in &linked.faults {
        if let Fault::Loopback { listener, .. } = &fault.fault {
            dialled.entry(std::ptr::from_ref(*listener)).or_default().push(fault.url.span);
        }
    }
    for (id, service) in linked.tree.services().filter(|(_, s)| s.engine == Some(name)) {
        if service.network == Network::Host {
            continue;
        }
        let unheard = unheard(linked, id);
        for (_, listener) in linked.listeners.get(&id).into_iter().flatten() {
            let receiver = is_receiver(listener);
            let (Some(port), Some(Bind::Loopback)) = (listener.port, &listener.bind) else { continue };
            let dialled = dialled.remove(&std::ptr::from_ref(*listener)).unwrap_or_default();
            let covers = |p: &&Port| !p.udp && p.target.is_some_and(|(a, b)| (a..=b).contains(&port));
            let published = service.ports.iter().find(covers);
            let unheard = unheard.is_some_and(|first| std::ptr::eq(first, *listener));
            // Whether a server that takes no signals is published is for its engine's own rule.
            if dialled.is_empty() && published.is_none() && !unheard
                || !receiver && (dialled.is_empty() || published.is_some())
            {
                continue;
            }
            let written = matches!(listener.origin, Origin::Written(_));
            // Of what is pinned to something that is no version the defaults are not known.
            let pinned = service.image.as_ref().is_some_and(Image::is_pinned);
            if !written && pinned && assumed(linked, id).is_some() {
                continue;
            }
            let message = if written {
                format!("{} listens on loopback alone: no other container reaches port {port}", listener.name)
            } else {
                let name = &listener.name;
                let engine = assumed(linked, id).unwrap_or_else(|| engine(service));
                format!(
                    "{name} listens on loopback alone where no address is given ({engine}): no other container reaches port {port}"
                )
            };
            // Only a default depends on the version.
            let (severity, note) = if written { (rule.severity, None) } else { weighed(linked, id, rule.severity) };
            let alone = dialled.is_empty() && published.is_none();
            let severity = if receiver && !alone { severity } else { severity.max(Severity::Warning) };
            let mut diagnostic = Diagnostic::new(rule, listener.origin.span(), message).severity(severity);
            for span in dialled.into_iter().take(8) {
                diagnostic = diagnostic.label(span, "sent from here");
            }
            if let Some(published) = published {
                diagnostic = diagnostic.label(published.span, "published here");
            }
            diagnostic.help = Some(format!("listen on `0.0.0.0:{port}`"));
            diagnostic.notes.extend(note);
            findings.push(diagnostic);
        }
    }
}
