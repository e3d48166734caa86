//! What flows through a config: which part sends which signal to which, who fetches from whom, and the silent losses that
//! follow. What is not known (custom components of unknown modules, computed lists) is silent.

mod facts;
mod graph;
mod listeners;
mod passages;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use foldhash::HashSet;
use vispyr_alloy::Block;

use super::met::{Met, Secret};
use super::program::{File, Program, ScopeKind};
use super::rules;
use crate::catalogue::Version;
use crate::catalogue::schema::At;
use crate::conform::assumption;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::engine::{Findings, Instance};
use crate::source::Span;
use crate::symbol::Signal;
use crate::tree::{Network, Service, VersionFrom, path};

pub(super) use facts::Part as Position;
pub(super) use graph::{Carries, Edge, Part, PartId, lists_nobody, receiver, signal_of};
pub(super) use listeners::{Open, process};
pub(super) use passages::flows;

/// The rules on it.
const RULES: &[fn(&Flow<'_, '_>, &mut Findings)] = &[
    rules::auth_unwired::run,
    rules::clustering_join::run,
    rules::clustering_off::run,
    rules::command_lost_defaults::run,
    rules::component_unused::run,
    rules::data_not_persisted::run,
    rules::docker_targets::run,
    rules::duplicate_listener::run,
    rules::ebpf_unprivileged::run,
    rules::env_unset::run,
    rules::exports_to_itself::run,
    rules::file_glob::run,
    rules::high_cardinality_label::run,
    rules::literal_secret::run,
    rules::livedebugging_open::run,
    rules::loki_stage_order::run,
    rules::memory_limiter_missing::run,
    rules::meta_label_unknown::run,
    rules::native_histogram_off::run,
    rules::otlp_no_protocol::run,
    rules::relabel_noop::run,
    rules::sampling_before_metrics::run,
    rules::signal_dropped::run,
    rules::signal_unsupported::run,
    rules::tail_sampling_split::run,
    rules::timestamp_layout::run,
    rules::url_no_scheme::run,
];

/// Looks for what is lost in silence.
pub(super) fn check(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for rule in RULES {
        let told = findings.all.len();
        rule(flow, findings);
        findings.all.truncate(told + FAULTS);
    }
}

/// Findings of one rule on one config: whoever wrote more of them needs no longer list.
const FAULTS: usize = 1_000;

/// Parts on the way to one are followed no further than that: beyond, nothing is known.
const REACH: usize = 1_000;

/// A program as a graph.
pub(super) struct Flow<'p, 'a> {
    /// The files and the service that runs them.
    pub(super) instance: &'p Instance<'a>,
    /// Its blocks by name.
    pub(super) program: &'p Program<'a>,
    /// What the version has.
    pub(super) at: At,
    /// The version.
    pub(super) version: Version,
    /// Where the version is from.
    pub(super) from: &'p VersionFrom,
    /// All blocks of all scopes.
    pub(super) parts: Vec<Part<'p, 'a>>,
    /// All references between them, by who refers.
    edges: Vec<Edge>,
    /// Where the parts of a scope begin.
    starts: Vec<PartId>,
    /// Where the edges of a part begin in `edges`, by who refers.
    out: Vec<usize>,
    /// Where the edges of a part begin in `by_used`, by who is referred to.
    into: Vec<usize>,
    /// Places in `edges`.
    by_used: Vec<u32>,
    /// Attributes that take a secret and are no reference.
    secrets: Vec<Secret<'a>>,
    /// The ports that it opens, once somebody asks.
    opened: OnceCell<Vec<Open>>,
}

impl<'p, 'a> Flow<'p, 'a> {
    /// Reads the graph of a program.
    pub(super) fn new(
        instance: &'p Instance<'a>,
        program: &'p Program<'a>,
        at: At,
        version: Version,
        from: &'p VersionFrom,
        met: Met<'a>,
    ) -> Self {
        let mut flow = Self {
            instance,
            program,
            at,
            version,
            from,
            parts: Vec::new(),
            edges: Vec::new(),
            starts: Vec::new(),
            out: Vec::new(),
            into: Vec::new(),
            by_used: Vec::new(),
            secrets: met.secrets,
            opened: OnceCell::new(),
        };
        flow.add_parts();
        flow.add_edges(&met.references);
        flow
    }

    /// A part.
    pub(super) fn part(&self, id: PartId) -> &Part<'p, 'a> {
        &self.parts[id as usize]
    }

    /// All parts with their ids.
    pub(super) fn parts(&self) -> impl Iterator<Item = (PartId, &Part<'p, 'a>)> {
        (0..).zip(&self.parts)
    }

    /// All components with their ids.
    pub(super) fn components(&self) -> impl Iterator<Item = (PartId, &Part<'p, 'a>)> {
        self.parts().filter(|(_, p)| p.is_component())
    }

    /// Attributes of parts that take a secret and have a text, a list or an object.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (PartId, &Secret<'a>)> {
        self.secrets.iter().map(|s| (self.starts[s.scope as usize] + s.node, s))
    }

    /// The ports that it opens, as far as they are known.
    pub(super) fn opened(&self) -> &[Open] {
        self.opened.get_or_init(|| listeners::opened(self))
    }

    /// References of a part to others.
    pub(super) fn uses(&self, part: PartId) -> &[Edge] {
        &self.edges[self.out[part as usize]..self.out[part as usize + 1]]
    }

    /// References to a part.
    pub(super) fn used_by(&self, part: PartId) -> impl Iterator<Item = &Edge> {
        let range = self.into[part as usize]..self.into[part as usize + 1];
        self.by_used[range].iter().map(|at| &self.edges[*at as usize])
    }

    /// `` `loki.write.default` ``.
    pub(super) fn title(&self, part: PartId) -> String {
        format!("`{}`", self.program.id(self.part(part).node))
    }

    /// The file of a part.
    pub(super) fn file(&self, part: PartId) -> &File<'a> {
        self.program.file(self.part(part).node)
    }

    /// The place of a part: its header.
    pub(super) fn header(&self, part: PartId) -> Span {
        self.block(part, &self.part(part).node.block)
    }

    /// The place of a block in a part: its header.
    pub(super) fn block(&self, part: PartId, block: &Block<'_>) -> Span {
        self.file(part).span(block.header_range())
    }

    /// Whether the text of a part cannot be read in full: what it lacks may stand in what was not.
    pub(super) fn is_broken(&self, part: PartId) -> bool {
        !self.file(part).errors.is_empty()
    }

    /// Whether all files that run together with a part's are known. A file that was named alone may be one of several of
    /// its folder.
    pub(super) fn is_whole(&self, part: PartId) -> bool {
        self.program.run || self.instance.tree.is_listed(path::folder(self.file(part).path))
    }

    /// Whether a part runs in the process for certain, and once.
    pub(super) fn runs(&self, part: PartId) -> bool {
        self.program.scope(self.part(part).scope).kind == ScopeKind::Root
    }

    /// The service that runs the config, where one is known.
    pub(super) fn service(&self) -> Option<&'a Service> {
        self.instance.service.map(|(_, s)| s)
    }

    /// A finding whose weight does not depend on the version.
    pub(super) fn found(&self, rule: &'static Rule, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, span, message)
    }

    /// Less weight for a finding that rests on facts of a version that nobody named.
    pub(super) fn weighed(&self, diagnostic: Diagnostic) -> Diagnostic {
        let Some(note) = assumption("Alloy", self.version, self.from) else { return diagnostic };
        let less = if diagnostic.severity == Severity::Error { Severity::Warning } else { Severity::Info };
        let mut diagnostic = diagnostic.severity(less).note(note);
        diagnostic.moot = matches!(self.from, VersionFrom::Unknown(_));
        diagnostic
    }

    /// Less weight for an error in a part that may never run.
    pub(super) fn asleep(&self, part: PartId, diagnostic: Diagnostic) -> Diagnostic {
        if diagnostic.severity != Severity::Error || self.program.scope(self.part(part).scope).live {
            return diagnostic;
        }
        diagnostic.severity(Severity::Warning).note("whether Alloy ever reads this block is not known")
    }

    /// The parts whose data reaches a part as a signal, itself first. Those for which `stop` says so are not followed
    /// further; a part of which it is not known what it does ends the way with `None`.
    pub(super) fn upstream(
        &self,
        part: PartId,
        signal: Signal,
        stop: impl Fn(&Part<'p, 'a>) -> bool,
    ) -> Option<Vec<PartId>> {
        let mut seen = HashSet::from_iter([part]);
        let mut found = vec![part];
        let mut at = 0;
        while let Some(here) = found.get(at).copied() {
            at += 1;
            if here != part && stop(self.part(here)) {
                continue;
            }
            for edge in self.used_by(here) {
                match edge.carries {
                    Carries::Data(Some(s)) if s == signal => {}
                    Carries::Data(Some(_)) => continue,
                    _ => return None,
                }
                if seen.insert(edge.user) {
                    if seen.len() > REACH {
                        return None;
                    }
                    found.push(edge.user);
                }
            }
        }
        Some(found)
    }
}

/// Whether a process of a service has its own network: then loopback is reached by nobody else.
pub(super) fn has_own_network(service: &Service) -> bool {
    matches!(service.network, Network::Named(_))
}
