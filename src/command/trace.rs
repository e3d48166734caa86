//! `vispyr trace`.

use crate::check::{self, Options};
use crate::diagnostic::Diagnostic;
use crate::report::trace::{Followed, json, text};
use crate::symbol::Signal;
use crate::topology::{self, Topology};
use crate::tree::{Settings, Tree, WalkOptions, walk};
use crate::{engines, link};

use super::args::{ListFormat, Trace};
use super::{Exit, Failure, Streams, trouble};

pub(super) fn run(args: &Trace, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let raw = walk(&args.paths, &WalkOptions::default()).map_err(|e| trouble(e.to_string()))?;
    let tree = engines::tree(raw, &Settings::default());
    seen(&tree, |topology| {
        let followed = follow(topology, &args.what);
        match args.format {
            ListFormat::Json => json(topology, &followed, streams.out)?,
            ListFormat::Text => text(topology, &followed, streams.out)?,
        }
        let broken = |e: &u32| topology.is_error(topology.edge(*e));
        let lost = match &followed {
            Followed::Metric(_, metric) => {
                metric.makers.is_empty() && !metric.open || metric.trace.broken.iter().any(broken)
            }
            Followed::Signal(_, trace) => trace.starts == 0 || trace.broken.iter().any(broken),
            Followed::Address(_, address) => {
                address.answers.is_empty() && address.dialled.is_empty() || address.dialled.iter().any(broken)
            }
        };
        Ok(if lost { Exit::Found } else { Exit::Clean })
    })
}

/// The graph of a tree, with all that is found in it.
pub(super) fn seen<T>(tree: &Tree, look: impl FnOnce(&Topology<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
    let report = check::check(tree, &Options::default());
    // What somebody chose to be silent about is broken nevertheless.
    let findings: Vec<Diagnostic> = report.diagnostics.into_iter().chain(report.suppressed).collect();
    let mut symbols = check::symbols(tree);
    check::flows(tree, &mut symbols);
    let linked = link::link(tree, &symbols);
    look(&Topology::new(&linked, &findings))
}

/// What is meant by a word: a signal, an address, else a metric. Recorded metrics have colons too, and no port behind one.
fn follow<'a>(topology: &Topology<'a>, what: &str) -> Followed<'a> {
    if let Some(signal) = Signal::named(what) {
        return Followed::Signal(signal, topology::trace(topology, signal, None));
    }
    match topology::parts(what) {
        Some((host, port)) => Followed::Address(what.to_owned(), topology::address(topology, &host, port)),
        None => Followed::Metric(what.to_owned(), topology::metric(topology, what)),
    }
}
