//! One end of a way: host, port, path and scheme of a URL that somebody serves, and what listens there.

use std::collections::BTreeSet;

use vispyr::link::Linked;
use vispyr::source::Span;
use vispyr::symbol::{Bind, Origin, Protocol};
use vispyr::tree::Network;

use super::hosts::Host;
use super::{Break, Class};
use crate::mutations::trees::{Way, ways};

/// A port that nothing opens or publishes.
const FREE: &str = "6553";

pub(super) const ALL: &[Class] = &[
    Class { name: "URL: host by one letter", rules: &["link-host-unknown"], breaks: misspelt },
    Class {
        name: "URL: localhost in a container",
        rules: &["link-port-unserved", "link-localhost-in-container"],
        breaks: localhost,
    },
    Class { name: "URL: port", rules: &["link-port-unserved"], breaks: port },
    Class {
        name: "URL: published port inside",
        rules: &["link-published-port-inside", "link-port-unserved"],
        breaks: published,
    },
    Class { name: "URL: path by one segment", rules: &["link-path-wrong"], breaks: path },
    Class { name: "URL: path missing", rules: &["link-path-wrong"], breaks: bare },
    Class { name: "URL: TLS at one end", rules: &["link-tls-mismatch"], breaks: scheme },
    Class { name: "listener: port moved", rules: &["link-port-unserved"], breaks: moved },
    Class { name: "listener: loopback", rules: &["tempo-otlp-loopback", "alloy-receiver-loopback"], breaks: loopback },
];

/// Ways that nothing is wrong with, inside of one network.
fn sound<'a>(host: &Host, linked: &Linked<'a>) -> Vec<Way<'a>> {
    let wrong: BTreeSet<*const vispyr::symbol::Url> = linked.faults.iter().map(|f| std::ptr::from_ref(f.url)).collect();
    let plain = |w: &Way<'_>| {
        let known = w.owner.service.map(|s| host.tree.service(s));
        let known = known.is_some_and(|s| s.engine.is_some() && matches!(s.network, Network::Named(_)));
        known && matches!(host.tree.service(w.to).network, Network::Named(_))
    };
    let mut all = ways(linked);
    all.retain(|w| {
        !w.across && Some(w.to) != w.owner.service && plain(w) && !wrong.contains(&std::ptr::from_ref(w.url))
    });
    all
}

fn what(host: &Host, way: &Way<'_>) -> String {
    format!("{} -> {}", way.url.sender, host.tree.service(way.to).name)
}

fn misspelt(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked) {
        let span = way.url.host_span;
        let written = host.slice(span);
        if written.eq_ignore_ascii_case(&way.url.host) && way.url.host.len() > 2 {
            let end = &written[written.len() - 1..];
            all.push(Break::new(what(host, &way)).edit(span, format!("{written}{end}")).here());
        }
    }
}

fn localhost(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked) {
        // The sender may have a port of that number, or may not tell all of its ports.
        let own = way.owner.service.map(|s| linked.open_ports(s)).unwrap_or_default();
        let other = !own.is_empty() && way.url.port.is_some_and(|p| !own.contains(&p));
        if other && host.slice(way.url.host_span).eq_ignore_ascii_case(&way.url.host) {
            all.push(Break::new(what(host, &way)).edit(way.url.host_span, "localhost").at(way.url.span));
        }
    }
}

fn port(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked) {
        let span = way.url.port_span;
        if host.slice(span).parse() == Ok(way.url.port.unwrap_or_default()) {
            all.push(Break::new(what(host, &way)).edit(span, FREE).here());
        }
    }
}

fn published(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked) {
        let Some(inside) = way.url.port else { continue };
        let Some(outside) = linked.published(way.to, inside).filter(|p| *p != inside) else { continue };
        let target = host.tree.service(way.to);
        let also = target.ports.iter().any(|p| p.target.is_some_and(|(a, b)| (a..=b).contains(&outside)));
        let listens = linked.open_ports(way.to).contains(&outside);
        if !also && !listens && host.slice(way.url.port_span).parse() == Ok(inside) {
            all.push(Break::new(what(host, &way)).edit(way.url.port_span, outside.to_string()).here());
        }
    }
}

/// Whether the path of a URL is one that counts.
fn has_path(way: &Way<'_>) -> bool {
    way.url.paths.is_some() && !matches!(way.url.protocol, Protocol::Http | Protocol::OtlpGrpc)
}

fn path(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked).into_iter().filter(has_path) {
        let url = way.url;
        let written = host.slice(url.path_span);
        if url.path_span != url.span && written.len() > 1 {
            // `/api/v1/push` for `/api/v1/write`: the last segment is another one.
            let at = written.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
            let place = url.path_span.slice(at..written.len());
            all.push(Break::new(what(host, &way)).edit(place, "wrong").here().at(way.listener.origin.span()));
        }
    }
}

/// A remote write to the bare server.
fn bare(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked) {
        let url = way.url;
        if url.protocol == Protocol::RemoteWrite && url.path_span != url.span && host.slice(url.path_span).len() > 1 {
            let place = Span { end: url.path_span.start, ..url.span };
            all.push(Break::new(what(host, &way)).edit(url.path_span, "").at(place).at(way.listener.origin.span()));
        }
    }
}

fn scheme(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked) {
        let span = way.url.tls_span;
        if way.listener.tls.is_none() {
            continue;
        }
        let m = Break::new(what(host, &way));
        let m = match host.slice(span) {
            "http" => m.edit(span, "https").here(),
            "https" => m.edit(span, "http").here(),
            text if text.starts_with("insecure") && text.ends_with("true") => {
                m.edit(span.slice(text.len() - 4..text.len()), "false").at(span)
            }
            _ => continue,
        };
        all.push(m.at(way.listener.origin.span()));
    }
}

/// The port of a config moves, and who dials the old one is told.
fn moved(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked) {
        let Origin::Written(span) = way.listener.origin else { continue };
        let port = way.listener.port.unwrap_or_default().to_string();
        let Some(at) = host.slice(span).rfind(&port) else { continue };
        let place = span.slice(at..at + port.len());
        all.push(Break::new(what(host, &way)).edit(place, FREE).at(way.url.port_span));
    }
}

/// A receiver on loopback that others dial.
fn loopback(host: &Host, linked: &Linked<'_>, all: &mut Vec<Break>) {
    for way in sound(host, linked) {
        let engine = host.tree.service(way.to).engine;
        let Origin::Written(span) = way.listener.origin else { continue };
        let Some(at) = host.slice(span).find("0.0.0.0") else { continue };
        let receiver = matches!(way.url.protocol, Protocol::OtlpGrpc | Protocol::OtlpHttp | Protocol::ProfilePush);
        if receiver && way.listener.bind == Some(Bind::All) && matches!(engine, Some("tempo" | "alloy")) {
            let m = Break::new(what(host, &way)).edit(span.slice(at..at + 7), "127.0.0.1").here();
            all.push(m.at(way.url.span));
        }
    }
}
