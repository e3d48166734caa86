//! Two listeners on one port of a process.

use std::collections::HashMap;

use vispyr_alloy::Block;

use crate::address;
use crate::catalogue::{self, Listener};
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, Part, PartId};
use crate::engines::alloy::program::{NameId, ScopeId};
use crate::source::Span;
use crate::symbol::Bind;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-duplicate-listener",
    aliases: &[],
    summary: "two parts of a process listen on one port",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("duplicate_listener.md"),
};

/// So many listeners of one port are held against the next: a config with more is no mistake but an attack.
const REMEMBERED: usize = 64;

/// A port that something opens.
struct Open {
    /// The process, as far as scopes tell.
    process: ScopeId,
    udp: bool,
    port: u16,
    bind: Bind,
    who: String,
    span: Span,
}

/// Every port that a process opens twice. Which of the two gets it is a matter of chance; a component whose server is
/// started when it is built ends the whole process instead.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let mut open: HashMap<(ScopeId, bool, u16), Vec<Open>> = HashMap::new();
    let mut all = Vec::new();
    server(flow, &mut all);
    let known = known(flow);
    for (id, part) in flow.components().filter(|(id, _)| flow.runs(*id)) {
        let facts = known.get(part.node.name as usize).map(Vec::as_slice).unwrap_or_default();
        component(flow, id, part, facts, &mut all);
    }
    for here in all {
        let others = open.entry((here.process, here.udp, here.port)).or_default();
        if let Some(first) = others.iter().find(|o| clash(&o.bind, &here.bind)) {
            let message = format!("{} listens on port {}, which {} has taken", here.who, here.port, first.who);
            let found = flow
                .found(&RULE, here.span, message)
                .label(first.span, "listens here")
                .help("give one of them another port");
            findings.push(found);
        }
        if others.len() < REMEMBERED {
            others.push(here);
        }
    }
}

/// Whether two addresses of one port exclude each other. Two that name an interface each do not, unless they are equal.
fn clash(a: &Bind, b: &Bind) -> bool {
    matches!((a, b), (Bind::All, _) | (_, Bind::All)) || a == b
}

/// The scopes of one process: all roots where a service runs them, else each its own.
fn process(flow: &Flow<'_, '_>, part: &Part<'_, '_>) -> ScopeId {
    if flow.program.run { 0 } else { part.scope }
}

/// Alloy's own server.
fn server(flow: &Flow<'_, '_>, all: &mut Vec<Open>) {
    let Some(service) =
        flow.service().filter(|s| flow.program.run && s.args().is_some_and(|a| !a.iter().any(|a| a.open)))
    else {
        return;
    };
    let Some(fact) = catalogue::engine("alloy").and_then(|f| f.listener("http", flow.version)) else { return };
    let (bind, port, span) = match service.flag(fact.flag.trim_start_matches('-')) {
        Some((arg, value)) => match address::listen(&value) {
            (Some(bind), Some(port)) => (bind, port, arg.span),
            _ => return,
        },
        None => (if fact.loopback { Bind::Loopback } else { Bind::All }, fact.port, service.span),
    };
    if port > 0 {
        all.push(Open { process: 0, udp: false, port, bind, who: "Alloy's own server".to_owned(), span });
    }
}

/// The listeners of this version by the name of their component, which is a number here.
fn known(flow: &Flow<'_, '_>) -> Vec<Vec<&'static Listener>> {
    let facts = catalogue::engine("alloy").map_or(&[][..], |f| f.listeners);
    let here: Vec<&Listener> = facts.iter().filter(|l| l.range.holds(flow.version)).collect();
    let names = (0..flow.program.names.len() as NameId).map(|id| flow.program.names.text(id));
    let of = |name: &str, key: &str| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    names.map(|name| here.iter().copied().filter(|l| of(name, l.key)).collect()).collect()
}

fn component(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, facts: &[&'static Listener], all: &mut Vec<Open>) {
    let mut add = |udp: bool, bind: Option<Bind>, port: Option<u16>, span: Span| {
        let (Some(bind), Some(port)) = (bind, port.filter(|p| *p > 0)) else { return };
        all.push(Open { process: process(flow, part), udp, port, bind, who: flow.title(id), span });
    };
    for fact in facts {
        let Some((bind, port, at)) = written(part, fact) else { continue };
        add(false, bind, port, flow.file(id).span(at));
    }
    if part.name == "loki.source.syslog" {
        for block in part.body().blocks("listener") {
            let Some(address) = block.body().attr("address") else { continue };
            let udp = match block.body().attr("protocol").map(|a| a.value().as_str()) {
                None => false,
                Some(Some(protocol)) => protocol == "udp",
                Some(None) => continue,
            };
            let (bind, port) = address.value().as_str().map_or((None, None), |t| address::listen(&t));
            add(udp, bind, port, flow.file(id).span(address.value().range()));
        }
    }
}

/// The address of a listener as its block says, or as it is by default; `None` when it opens none.
fn written(part: &Part<'_, '_>, fact: &Listener) -> Option<(Option<Bind>, Option<u16>, std::ops::Range<u32>)> {
    let path: Vec<&str> = fact.key[part.name.len() + 1..].split('.').collect();
    let (last, blocks) = path.split_last()?;
    let mut block: Option<Block<'_>> = None;
    for name in blocks {
        block = block.map_or(part.body(), |b| b.body()).block(name);
        block?;
    }
    let body = block.map_or(part.body(), |b| b.body());
    let default = if fact.loopback { Bind::Loopback } else { Bind::All };
    let header = block.unwrap_or(part.node.block).header_range();
    if *last == "endpoint" {
        if body.attr("transport").is_some() {
            return None;
        }
        let Some(attribute) = body.attr("endpoint") else { return Some((Some(default), Some(fact.port), header)) };
        let (bind, port) = attribute.value().as_str().map_or((None, None), |t| address::listen(&t));
        return Some((bind, port, attribute.value().range()));
    }
    let port = body.attr("listen_port");
    let bind = body.attr("listen_address").map_or(Some(default), |a| address::bind(&a.value().as_str()?));
    let number = |a: vispyr_alloy::Attribute<'_>| {
        let value = a.value();
        value.as_i64().or_else(|| value.as_str()?.parse().ok()).and_then(|n| u16::try_from(n).ok())
    };
    let range = port.map_or(header, |a| a.value().range());
    Some((bind, port.map_or(Some(fact.port), number), range))
}
