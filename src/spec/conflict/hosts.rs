//! What the layout makes of addresses, ports, TLS, credentials and memory.

use std::net::IpAddr;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;
use crate::spec::quantity::show_bytes;
use crate::spec::read::{Got, Value, Values};
use crate::spec::report::Report;
use crate::spec::rules;

use super::{Said, beside, conflict, idle, names, number, text, word};

const SINGLE: &str = "`layout` is `\"single-host\"` by default";

/// A sum of memory limits above this is said: few machines of a first stack are as big, and a slipped unit is not.
const MUCH: u64 = 64 << 30;

pub(super) fn check(values: &Values, report: &mut Report<'_>) {
    if let Some(layout) = word(values, "stack", "layout") {
        if layout.value == "single-host" {
            single(values, layout, report);
        } else {
            pair(values, layout, report);
        }
        ports(values, layout.value, report);
        resources(values, layout, report);
    }
    certificate(values, report);
    exposure(values, report);
}

/// On one host there is nothing between hosts.
fn single(values: &Values, layout: Said<&str>, report: &mut Report<'_>) {
    let here = "one host";
    if let Some(gateway) = values.table("gateway") {
        let found = conflict(gateway.span, "`[gateway]` needs a second host")
            .help("remove it, or set `[stack] layout = \"agent-gateway\"`");
        report.push(beside(found, layout.span, here, SINGLE));
    }
    for (section, none) in [("tls", "off"), ("auth", "none")] {
        let Got::Written(value, _) = values.get(section, "mode") else { continue };
        let Value::Word(mode) = value.value else { continue };
        if mode == none {
            continue;
        }
        let found = conflict(value.span, format!("`[{section}] mode = \"{mode}\"` needs a second host"))
            .note("nothing crosses the network between the services of one host")
            .help(format!("remove `[{section}]`, or set `[stack] layout = \"agent-gateway\"`"));
        report.push(beside(found, layout.span, here, SINGLE));
    }
    if let Got::Written(_, field) = values.get("versions", "caddy") {
        let found = idle(field.key_span, "`[versions] caddy` has no effect").help("remove `caddy`");
        report.push(beside(found, layout.span, "no proxy on one host", SINGLE));
    }
}

/// Between two hosts the gateway must be found, and plaintext must be wanted.
fn pair(values: &Values, layout: Said<&str>, report: &mut Report<'_>) {
    let at = layout.span.unwrap_or(Span::file(report.source));
    if values.table("gateway").is_none() && !report.is_broken() {
        report.push(
            Diagnostic::new(&rules::MISSING_KEY, at, "`layout = \"agent-gateway\"` needs `[gateway] address`")
                .help("add `[gateway]` with `address`, the name by which agents reach it"),
        );
    }
    if let Some(mode) = word(values, "tls", "mode").filter(|m| m.value == "off")
        && let Some(span) = mode.span
    {
        let allowed = match values.get("tls", "allow_plaintext") {
            Got::Written(value, _) => value.value == Value::Flag(true),
            Got::Absent => false,
            Got::Broken => true,
        };
        if !allowed {
            report.push(
                conflict(span, "`mode = \"off\"` between two hosts needs `allow_plaintext = true`")
                    .label(at, "two hosts")
                    .note("signals and credentials would cross the network readable")
                    .help("use `mode = \"private\"`, or add `allow_plaintext = true`"),
            );
        }
    }
    if let Some(address) = text(values, "gateway", "address")
        && let Some(span) = address.span
        && (address.value.eq_ignore_ascii_case("localhost") || names::is_loopback(address.value))
    {
        let message = format!("`{}` is the agent's own container", address.value);
        let found = Diagnostic::new(&rules::INVALID_VALUE, span, message).severity(Severity::Warning);
        report.push(found.help("write the name or address of the gateway's host"));
    }
    if let Some(mode) = word(values, "auth", "mode").filter(|m| m.value == "none")
        && let Some(span) = mode.span
    {
        let found =
            Diagnostic::new(&rules::EXPOSED, span, "whoever reaches the gateway's port can write to its stores");
        report.push(found.severity(Severity::Info).label(at, "two hosts").help("use `mode = \"bearer\"`"));
    }
}

/// `cert`, `key` and `ca` belong to `files`, and `files` to them.
fn certificate(values: &Values, report: &mut Report<'_>) {
    let mode = match values.get("tls", "mode") {
        Got::Written(value, _) => match value.value {
            Value::Word(mode) => Some((mode, value.span)),
            _ => return,
        },
        Got::Absent => None,
        Got::Broken => return,
    };
    let missing = |key| matches!(values.get("tls", key), Got::Absent);
    if let Some(("files", span)) = mode {
        for key in ["cert", "key"] {
            if missing(key) && !report.is_broken() {
                let found = Diagnostic::new(&rules::MISSING_KEY, span, format!("`mode = \"files\"` needs `{key}`"));
                report.push(found.help(format!("add `{key}`, the path of a PEM file")));
            }
        }
        return;
    }
    for key in ["cert", "key", "ca"] {
        let Got::Written(_, field) = values.get("tls", key) else { continue };
        let found = conflict(field.key_span, format!("`{key}` needs `mode = \"files\"`"))
            .help(format!("set `mode = \"files\"`, or remove `{key}`"));
        report.push(beside(found, mode.map(|(_, s)| s), "another mode", "`mode` is not set"));
    }
}

/// A port on a host is published once.
fn ports(values: &Values, layout: &str, report: &mut Report<'_>) {
    let profiles = word(values, "signals", "profiles").is_none_or(|w| w.value != "off");
    let mut agent = vec![("agent", "otlp_grpc_port"), ("agent", "otlp_http_port")];
    if profiles {
        agent.push(("agent", "profiles_port"));
    }
    if layout == "single-host" {
        agent.push(("grafana", "port"));
        collide(values, &agent, report);
    } else {
        collide(values, &agent, report);
        if values.table("gateway").is_some() {
            collide(values, &[("gateway", "port"), ("grafana", "port")], report);
        }
    }
}

fn collide(values: &Values, published: &[(&str, &str)], report: &mut Report<'_>) {
    let known: Vec<_> = published
        .iter()
        .filter_map(|(section, key)| {
            let port = number(values, section, key)?;
            let bind = text(values, section, "bind")?.value.parse::<IpAddr>().ok()?;
            Some((*section, *key, port, bind))
        })
        .collect();
    for (later, (section, key, port, bind)) in known.iter().enumerate() {
        for (other_section, other_key, other, other_bind) in &known[..later] {
            if port.value != other.value || !overlap(*bind, *other_bind) {
                continue;
            }
            // The finding stands where something was written; both are defaults only if ours collide.
            let message =
                |s: &str, k: &str, os: &str, ok: &str| format!("`[{s}] {k}` and `[{os}] {ok}` are both {}", port.value);
            let found = match (port.span, other.span) {
                (Some(span), second) => beside(
                    conflict(span, message(section, key, other_section, other_key)),
                    second,
                    "taken here",
                    &format!("`[{other_section}] {other_key}` is {} by default", port.value),
                ),
                (None, Some(span)) => conflict(span, message(other_section, other_key, section, key))
                    .note(format!("`[{section}] {key}` is {} by default", port.value)),
                (None, None) => continue,
            };
            report.push(found.help("choose another port for one of them"));
        }
    }
}

/// Whether two addresses of one host cannot both publish a port.
fn overlap(a: IpAddr, b: IpAddr) -> bool {
    a.is_ipv4() == b.is_ipv4() && (a == b || a.is_unspecified() || b.is_unspecified())
}

fn resources(values: &Values, layout: Said<&str>, report: &mut Report<'_>) {
    let single = layout.value == "single-host";
    let off = |signal: &str| word(values, "signals", signal).filter(|w| w.value == "off").and_then(|w| w.span);
    let mut sum: u64 = 0;
    let mut last = None;
    for table in values.all("resources") {
        let Some(name) = &table.name else { continue };
        let instead = match (name.value, single) {
            ("agent" | "gateway", true) => Some("its collector is `alloy`"),
            ("proxy", true) => Some("there is no proxy"),
            ("alloy", false) => Some("its collectors are `agent` and `gateway`"),
            _ => None,
        };
        if let Some(instead) = instead {
            let found = conflict(name.span, format!("layout `{}` has no service `{}`", layout.value, name.value))
                .help(format!("remove `[resources.{}]`: {instead}", name.value));
            report.push(beside(found, layout.span, "chosen here", SINGLE));
        }
        let signal = match name.value {
            "tempo" => off("traces").map(|s| (s, "traces are off")),
            "pyroscope" => off("profiles").map(|s| (s, "profiles are off")),
            _ => None,
        };
        if let Some((span, why)) = signal {
            report.push(
                idle(name.span, format!("`[resources.{}]` has no effect", name.value))
                    .label(span, why)
                    .help("remove it"),
            );
        }
        if let Got::Written(value, _) = table.get("memory")
            && let Value::Number(bytes) = value.value
        {
            sum = sum.saturating_add(bytes);
            last = Some(value.span);
        }
    }
    if let Some(span) = last.filter(|_| sum > MUCH) {
        let message = format!("the memory limits add up to {}", show_bytes(sum));
        report.push(Diagnostic::new(&rules::INVALID_VALUE, span, message).severity(Severity::Info));
    }
}

/// The agent's ports ask for no credential.
fn exposure(values: &Values, report: &mut Report<'_>) {
    let Some(bind) = text(values, "agent", "bind") else { return };
    let (Some(span), Ok(address)) = (bind.span, bind.value.parse::<IpAddr>()) else { return };
    if !address.is_loopback() {
        report.push(
            Diagnostic::new(
                &rules::EXPOSED,
                span,
                format!("whoever reaches `{address}` can send to the agent's ports"),
            )
            .note("these ports ask for no credential")
            .help("use `127.0.0.1`, or keep the address behind a firewall"),
        );
    }
}
