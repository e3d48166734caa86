//! Ports that everybody who reaches the host may use: once per project, whatever is behind them.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Rule};
use crate::link::Linked;
use crate::source::Span;
use crate::symbol::{Bind, Credentials, Listener, Owner};
use crate::tree::{Network, Port, ProjectId, Service};

/// Places that one finding shows.
const PLACES: usize = 8;

/// How one rule speaks of such ports.
pub(super) struct Told {
    pub(super) rule: &'static Rule,
    /// What one of them does, and what several do, after their names.
    pub(super) does: [&'static str; 2],
    pub(super) help: &'static str,
}

/// What a listener is called, and where and how it is said what it does, when its port alone does not tell.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) said: Option<(Span, &'static str)>,
}

impl From<String> for Named {
    fn from(name: String) -> Self {
        Self { name, said: None }
    }
}

/// A store is named by itself, a component with who runs it.
pub(super) fn title(service: &Service, listener: &Listener) -> String {
    match listener.name.strip_prefix('`') {
        Some(_) => format!("{} of `{}`", listener.name, service.name),
        None => listener.name.clone(),
    }
}

/// Listeners without a password that are published on all interfaces; `named` picks them.
pub(super) fn all(
    linked: &Linked<'_>,
    told: &Told,
    named: impl Fn(&Service, Owner, &Listener) -> Option<Named>,
) -> Vec<Diagnostic> {
    let mut found: IndexMap<ProjectId, Vec<Place>> = IndexMap::new();
    // Variants of a file repeat its services.
    let mut places: HashSet<(ProjectId, Span)> = HashSet::new();
    let mut names: HashSet<(ProjectId, String, Option<u16>)> = HashSet::new();
    for (id, service) in linked.tree.services() {
        let on_host = service.network == Network::Host;
        if !on_host && !matches!(service.network, Network::Named(_)) {
            continue;
        }
        for (owner, listener) in linked.listeners.get(&id).into_iter().flatten() {
            let open = listener.auth == Some(Credentials::None) && listener.bind != Some(Bind::Loopback);
            let Some(port) = listener.port.filter(|_| open) else { continue };
            let Some(Named { name, said }) = named(service, *owner, listener) else { continue };
            // As who comes from outside has to name it.
            let (port, span) = match service.ports.iter().find(|p| is_open(p, port)) {
                _ if on_host => (Some(port), service.span),
                Some(published) => (published.host(port), published.span),
                None => continue,
            };
            let project = service.project;
            if !places.contains(&(project, span)) && names.insert((project, name.clone(), port)) {
                places.insert((project, span));
                found.entry(project).or_default().push(Place { name, port, span, on_host, said });
            }
        }
    }
    found.into_values().filter_map(|places| one(told, &places)).collect()
}

struct Place {
    name: String,
    /// On the host; `None` = not known.
    port: Option<u16>,
    span: Span,
    /// Whether it is open there because the container has no network of its own.
    on_host: bool,
    said: Option<(Span, &'static str)>,
}

impl Place {
    fn how(&self) -> &'static str {
        if self.on_host { "shares the host's network" } else { "published on all interfaces" }
    }

    fn shown(&self) -> String {
        self.port.map_or_else(|| self.name.clone(), |port| format!("{} on {port}", self.name))
    }
}

fn one(told: &Told, places: &[Place]) -> Option<Diagnostic> {
    let (first, rest) = places.split_first()?;
    let mut ports: IndexMap<&str, Vec<String>> = IndexMap::new();
    for place in places.iter().take(PLACES + 1) {
        ports.entry(&place.name).or_default().extend(place.port.map(|p| p.to_string()));
    }
    let several = ports.len() > 1;
    let all = |(name, ports): (&&str, &Vec<String>)| match ports.as_slice() {
        [] => (*name).to_owned(),
        ports => format!("{name} on {}", listed(ports)),
    };
    let mut names: Vec<String> = ports.iter().map(all).collect();
    if rest.len() > PLACES {
        names.push(format!("{} more", rest.len() - PLACES));
    }
    let message = format!("{} {}", listed(&names), told.does[usize::from(several)]);
    let mut diagnostic = Diagnostic::new(told.rule, first.span, message).here(first.how());
    for place in rest.iter().take(PLACES) {
        diagnostic = diagnostic.label(place.span, format!("so is {}", place.shown()));
    }
    let mut said: Vec<_> = places.iter().filter_map(|p| p.said).collect();
    said.dedup_by_key(|(span, _)| *span);
    for (span, how) in said.into_iter().take(PLACES) {
        diagnostic = diagnostic.label(span, how);
    }
    let help = match places.iter().all(|p| p.on_host) {
        true => "let them listen on 127.0.0.1, or give them a network of their own",
        false => told.help,
    };
    Some(diagnostic.help(help))
}

/// `a, b and c`.
fn listed(words: &[String]) -> String {
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => words.concat(),
    }
}

/// Whether a published port leads to that one from everywhere.
fn is_open(port: &Port, target: u16) -> bool {
    let everywhere = port.host_ip.as_deref().is_none_or(|ip| matches!(ip, "" | "0.0.0.0" | "::" | "[::]"));
    everywhere && !port.udp && port.target.is_some_and(|(a, b)| (a..=b).contains(&target))
}
