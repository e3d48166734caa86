//! Linked symbols → one graph of who passes which signal to whom, from applications to panels. Follows; judges nothing.

mod arrive;
mod build;
pub mod drawn;
pub mod layout;
mod metric;
mod url;
mod walk;

pub use arrive::{Arrival, arrivals};
pub use metric::{Asking, Labelled, Maker, Metric, Relabelled, metric};
pub use url::{Address, Answer, address, parts};
pub use walk::{Hop, Trace, trace};

use std::borrow::Cow;
use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, Severity};
use crate::link::{Fault, Linked};
use crate::source::Span;
use crate::symbol::{Listener, Role, Signal, Url};
use crate::tree::ServiceId;

/// Index of a node in [`Topology::nodes`].
pub type NodeId = u32;
/// Index of an edge in [`Topology::edges`].
pub type EdgeId = u32;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A service of which it is not known what it does inside: an application, mostly.
    Service,
    /// A stop of data inside of a process.
    Stage(Role),
    /// A data source.
    Datasource,
    /// What asks data sources: a dashboard, a group of rules.
    Reader,
    /// Somebody outside of the tree, or nobody.
    Outside,
}

impl NodeKind {
    /// As a machine reads it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Stage(role) => role.word(),
            Self::Datasource => "data-source",
            Self::Reader => "reader",
            Self::Outside => "outside",
        }
    }
}

/// A node.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// What it is called, in backticks where that is a name of the user's.
    pub name: String,
    /// The service that runs it.
    pub service: Option<ServiceId>,
    /// Where it is configured.
    pub span: Option<Span>,
    /// Signals that it keeps, takes or makes, where that is known.
    pub signals: Vec<Signal>,
}

/// Whether who dials has data from the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// It brings some.
    No,
    /// It fetches what the other one makes.
    Scrape,
    /// It asks for what the other one keeps.
    Query,
}

/// Why data go from one node to another.
#[derive(Debug, Clone)]
pub enum Way<'a> {
    /// Inside of one process.
    Inside,
    /// One dials, the other listens.
    Dialled {
        /// The URL.
        url: &'a Url,
        /// What answers, where that is known.
        listener: Option<&'a Listener>,
        /// Who answers.
        server: Option<ServiceId>,
        /// Whether the one who dials has data from there, instead of bringing some.
        pull: Pull,
    },
    /// Panels and rules ask a data source.
    Reads {
        /// Who, the first ones: "panel `Requests`".
        by: Vec<&'a str>,
        /// How many.
        count: usize,
    },
}

/// Whether data get through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing speaks against it.
    Fine,
    /// They do not, and why. The place of the finding in [`Topology::findings`], where a rule told it.
    Broken(String, Option<usize>),
    /// Cannot be known, and why.
    Unknown(String),
}

/// An edge, in the direction of the data: what is asked comes before who asks.
#[derive(Debug, Clone)]
pub struct Edge<'a> {
    /// From where.
    pub from: NodeId,
    /// To where.
    pub to: NodeId,
    /// What travels; empty = whatever comes.
    pub signals: Vec<Signal>,
    /// How.
    pub way: Way<'a>,
    /// Whether it arrives.
    pub state: State,
    /// Where it is written.
    pub span: Span,
    /// Where who answers is written.
    pub end: Option<Span>,
}

impl Edge<'_> {
    /// Whether a signal may travel here.
    pub fn carries(&self, signal: Signal) -> bool {
        self.signals.is_empty() || self.signals.contains(&signal)
    }
}

/// The graph.
#[derive(Debug)]
pub struct Topology<'a> {
    /// What it was made of.
    pub linked: &'a Linked<'a>,
    /// Everything that was found in the tree.
    pub findings: &'a [Diagnostic],
    /// Nodes, in the order of the symbols.
    pub nodes: Vec<Node>,
    /// Edges, likewise.
    pub edges: Vec<Edge<'a>>,
    out: Vec<Vec<EdgeId>>,
    into: Vec<Vec<EdgeId>>,
    /// Names that services of several files have.
    shared: HashSet<&'a str>,
}

impl<'a> Topology<'a> {
    /// The graph of linked symbols ([`crate::check::flows`] among them), with what was found in their files.
    pub fn new(linked: &'a Linked<'a>, findings: &'a [Diagnostic]) -> Self {
        build::build(linked, findings)
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// An edge.
    pub fn edge(&self, id: EdgeId) -> &Edge<'a> {
        &self.edges[id as usize]
    }

    /// Edges that start at a node.
    pub fn out(&self, node: NodeId) -> &[EdgeId] {
        &self.out[node as usize]
    }

    /// Edges that end at a node.
    pub fn into(&self, node: NodeId) -> &[EdgeId] {
        &self.into[node as usize]
    }

    /// The name of the service of a node, with its file where others have that name.
    pub fn service(&self, node: &Node) -> Option<Cow<'a, str>> {
        let tree = self.linked.tree;
        let service = tree.service(node.service?);
        if !self.shared.contains(service.name.as_str()) {
            return Some(Cow::Borrowed(&service.name));
        }
        Some(Cow::Owned(format!("{} in {}", service.name, tree.artifact(service.artifact).path)))
    }

    /// Whether an edge is broken by something that weighs as an error.
    pub fn is_error(&self, edge: &Edge<'_>) -> bool {
        match edge.state {
            State::Broken(_, Some(at)) => self.findings[at].severity == Severity::Error,
            _ => false,
        }
    }
}

/// `metrics or traces`.
fn words(signals: &[Signal]) -> String {
    signals.iter().map(|s| s.name()).collect::<Vec<_>>().join(" or ")
}

/// A fault of a URL in one sentence.
pub fn said(linked: &Linked<'_>, url: &Url, fault: &Fault<'_>) -> String {
    let name = |id: &ServiceId| linked.tree.service(*id).name.as_str();
    match fault {
        Fault::Host { .. } => format!("no service answers to `{}`", url.host),
        Fault::Unreachable { to } => format!("no network leads to `{}`", name(to)),
        Fault::Port { to, .. } => match url.port {
            Some(port) => format!("nothing at port {port} of `{}` takes it", name(to)),
            None => format!("nothing of `{}` takes it", name(to)),
        },
        Fault::Localhost { to, .. } => format!("nothing in the container of `{}` listens there", name(to)),
        Fault::Published { to, inside, .. } => {
            format!("the port is the one on the host: between containers `{}` has {inside}", name(to))
        }
        Fault::Path { to, listener, .. } => format!("{} of `{}` does not take this path", listener.name, name(to)),
        Fault::Flag { to, flag, .. } => format!("`{}` takes it only with `{flag}`", name(to)),
        Fault::Loopback { listener, .. } => format!("{} listens on loopback alone", listener.name),
        Fault::Tls { to, .. } => format!("this end and `{}` do not agree on TLS", name(to)),
        Fault::Auth { to, .. } => format!("what is shown is not what `{}` demands", name(to)),
    }
}
