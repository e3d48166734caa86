//! The graph as others follow it: a stage for each component that data pass, a passage for each reference that carries them.

use super::{Carries, Edge, Flow, Part, PartId, Position};
use crate::catalogue::schema;
use crate::engine::{Instance, Say};
use crate::engines::alloy::check::met;
use crate::engines::alloy::program::{Kind, Program, Strings};
use crate::symbol::{Role, Signal, Stage, StageId};

/// Says them for an instance.
pub(in crate::engines::alloy) fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    let (Some((version, from)), Some(schema)) = (instance.version.clone(), schema("alloy")) else { return };
    let strings = Strings::default();
    let program = Program::new(instance, &strings);
    let at = schema.at(version);
    let flow = Flow::new(instance, &program, at, version, &from, met(&program, at, version));
    let stages: Vec<Option<StageId>> = flow.parts().map(|(id, part)| stage(&flow, id, part, say)).collect();
    for (user, _) in flow.parts() {
        for edge in flow.uses(user) {
            let Some((from, to, signal)) = hop(&flow, edge) else { continue };
            if let (Some(from), Some(to)) = (stages[from as usize], stages[to as usize]) {
                say.passage(from, to, signal, edge.span);
            }
        }
    }
}

/// The stage of a part, where data pass it. Parts of custom components are left out: how often they run is not known.
fn stage(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, say: &mut Say<'_>) -> Option<StageId> {
    if !flow.runs(id) || part.node.kind != Kind::Component {
        return None;
    }
    let passes = |e: &Edge| hop(flow, e).is_some();
    if !(part.is_component() && is_end(part) || flow.uses(id).iter().any(passes) || flow.used_by(id).any(passes)) {
        return None;
    }
    let (role, signals) = role(part);
    let name = flow.title(id);
    Some(say.stage(None, Stage { name, role, signals, span: flow.header(id), entries: Vec::new() }))
}

/// Whether data come in or leave here, though nobody refers to it.
fn is_end(part: &Part<'_, '_>) -> bool {
    part.sends.forward_to || part.sends.output || part.offers.receivers
}

/// Who passes what to whom.
fn hop(flow: &Flow<'_, '_>, edge: &Edge) -> Option<(PartId, PartId, Option<Signal>)> {
    match edge.carries {
        Carries::Data(signal) => Some((edge.user, edge.used, signal)),
        Carries::Targets => Some((edge.used, edge.user, family(flow.part(edge.user).name))),
        Carries::Value => None,
        // What a custom component offers is known by its name alone.
        Carries::Unknown => {
            let path = flow.instance.tree.sources.slice(edge.span);
            let last = path.rsplit('.').next().unwrap_or_default();
            if last.ends_with("receiver") || last.ends_with("input") {
                Some((edge.user, edge.used, None))
            } else if last.ends_with("targets") || last == "output" {
                Some((edge.used, edge.user, family(flow.part(edge.user).name)))
            } else {
                None
            }
        }
    }
}

/// The signal of components that have only one, by the first word of their names.
fn family(name: &str) -> Option<Signal> {
    match name.split('.').next() {
        Some("prometheus" | "mimir") => Some(Signal::Metrics),
        Some("loki") => Some(Signal::Logs),
        Some("pyroscope") => Some(Signal::Profiles),
        _ => None,
    }
}

fn role(part: &Part<'_, '_>) -> (Role, Vec<Signal>) {
    let own: Vec<Signal> = family(part.name).into_iter().collect();
    if !part.is_component() {
        return (Role::Open, Vec::new());
    }
    if let Some(facts) = part.facts {
        let role = match facts.part {
            Position::Receiver => Role::Source,
            Position::Processor => Role::Pass,
            Position::Connector => Role::Convert,
            // One that hands on to components of another family is on the way, not at its end.
            Position::Exporter if part.sends.forward_to => Role::Pass,
            Position::Exporter => Role::Send,
        };
        let signals = if role == Role::Source { facts.gives.unwrap_or_default().to_vec() } else { Vec::new() };
        return (role, signals);
    }
    let sends = part.sends.forward_to || part.sends.output;
    match (part.offers.receivers || part.offers.input, sends) {
        (true, true) if part.name.starts_with("otelcol.connector.") => (Role::Convert, Vec::new()),
        (true, true) => (Role::Pass, own),
        (true, false) => (Role::Send, own),
        (false, true) => (Role::Source, own),
        // Exporters inside of Alloy are asked like any other, without a port.
        (false, false) if part.name.starts_with("prometheus.exporter.") => (Role::Source, own),
        (false, false) if part.offers.targets => (Role::Discover, Vec::new()),
        (false, false) => (Role::Send, own),
    }
}
