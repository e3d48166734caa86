//! The graph: blocks as parts, references as edges, with what they carry.

use foldhash::{HashMap, HashSet};
use vispyr_alloy::{Attribute, Body, ExprKind};

use super::Flow;
use super::facts::{Facts, facts};
use crate::catalogue::schema::{FieldKind, Root, Type, TypeKind};
use crate::engines::alloy::met::Referred;
use crate::engines::alloy::program::{Found, Kind, NameId, Node, ScopeId};
use crate::source::Span;
use crate::symbol::Signal;

/// Index of a part in [`Flow::parts`].
pub(in crate::engines::alloy) type PartId = u32;

/// A block of a scope.
pub(in crate::engines::alloy) struct Part<'p, 'a> {
    /// The scope that holds it.
    pub(in crate::engines::alloy) scope: ScopeId,
    /// The block.
    pub(in crate::engines::alloy) node: &'p Node<'a>,
    /// Its name: `loki.write`.
    pub(in crate::engines::alloy) name: &'p str,
    /// What it is at this version; `None` for custom components and those that this version does not have.
    pub(in crate::engines::alloy) root: Option<Root>,
    /// What it offers to others at this version.
    pub(in crate::engines::alloy) offers: Offers,
    /// Where it says to whom it sends.
    pub(in crate::engines::alloy) sends: Sends,
    /// Which signals pass through it, where that is known.
    pub(in crate::engines::alloy) facts: Option<&'static Facts>,
    /// Whether something may use it that is not seen here: a reference that leads nowhere names its kind, or one that may
    /// mean several files.
    pub(in crate::engines::alloy) blurred: bool,
}

/// What a component offers to others.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::engines::alloy) struct Offers {
    /// Something that takes data.
    pub(in crate::engines::alloy) receivers: bool,
    /// Targets.
    pub(in crate::engines::alloy) targets: bool,
    /// An export `input`.
    pub(in crate::engines::alloy) input: bool,
    /// Relabelling rules.
    pub(in crate::engines::alloy) rules: bool,
}

impl Offers {
    fn of(root: Root) -> Self {
        let any = |is: fn(Type) -> bool| root.exports().is_some_and(|e| e.fields().any(|f| is(f.ty())));
        let named = |name: &str| root.exports().is_some_and(|e| e.field(name).is_some());
        Self {
            receivers: any(|ty| receiver(ty).is_some()),
            targets: any(is_targets),
            input: named("input"),
            rules: named("rules"),
        }
    }
}

/// Where a component says to whom it sends.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::engines::alloy) struct Sends {
    /// In a list `forward_to`, which it cannot go without.
    pub(in crate::engines::alloy) forward_to: bool,
    /// In a block `output`, signal by signal.
    pub(in crate::engines::alloy) output: bool,
}

impl Sends {
    fn of(root: Root) -> Self {
        let field = |name: &str| root.body().and_then(|b| b.field(name));
        let signals = field("output").and_then(|f| f.body());
        Self {
            forward_to: field("forward_to").is_some_and(|f| f.kind() == FieldKind::Attribute && f.required()),
            output: signals.is_some_and(|s| s.fields().any(|f| signal_of(f.name()).is_some())),
        }
    }
}

/// What a name says of a component.
#[derive(Clone, Copy)]
struct Named {
    root: Root,
    offers: Offers,
    sends: Sends,
    facts: Option<&'static Facts>,
}

/// What a reference carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engines::alloy) enum Carries {
    /// Data that is sent to what is referred to; `None` = not known of which signal.
    Data(Option<Signal>),
    /// Targets, fetched from what is referred to.
    Targets,
    /// Any other value.
    Value,
    /// Not known.
    Unknown,
}

/// A reference from one part to another.
pub(in crate::engines::alloy) struct Edge {
    /// Who refers.
    pub(in crate::engines::alloy) user: PartId,
    /// Who is referred to.
    pub(in crate::engines::alloy) used: PartId,
    /// What it carries.
    pub(in crate::engines::alloy) carries: Carries,
    /// The reference.
    pub(in crate::engines::alloy) span: Span,
}

impl<'a> Part<'_, 'a> {
    /// What stands between its braces.
    pub(in crate::engines::alloy) fn body(&self) -> Body<'a> {
        self.node.block.body()
    }

    /// The type of one of its exports.
    pub(in crate::engines::alloy) fn export(&self, name: &str) -> Option<Type> {
        Some(self.root?.exports()?.field(name)?.ty())
    }

    /// Whether it is a component that this version has.
    pub(in crate::engines::alloy) fn is_component(&self) -> bool {
        self.node.kind == Kind::Component && self.root.is_some_and(Root::is_component)
    }
}

/// The signal of a receiver's type; `Some(None)` = a receiver of any.
pub(in crate::engines::alloy) fn receiver(ty: Type) -> Option<Option<Signal>> {
    match ty.kind() {
        TypeKind::Capsule("component/otelcol.Consumer") => Some(None),
        TypeKind::Capsule("component/common/loki.LogsReceiver") => Some(Some(Signal::Logs)),
        TypeKind::Capsule("component/pyroscope.Appendable") => Some(Some(Signal::Profiles)),
        TypeKind::Capsule("github.com/prometheus/prometheus/storage.Appendable") => Some(Some(Signal::Metrics)),
        _ => None,
    }
}

/// Whether a type is a list of targets. Before 1.9 those were plain maps.
fn is_targets(ty: Type) -> bool {
    let TypeKind::List(inner) = ty.kind() else { return false };
    match inner.kind() {
        TypeKind::Capsule("component/discovery.Target") => true,
        TypeKind::Map(value) => matches!(value.kind(), TypeKind::String),
        _ => false,
    }
}

/// The signal that an attribute of an `output` block is for.
pub(in crate::engines::alloy) fn signal_of(attribute: &str) -> Option<Signal> {
    Some(match attribute {
        "metrics" => Signal::Metrics,
        "traces" => Signal::Traces,
        "logs" => Signal::Logs,
        _ => return None,
    })
}

/// Whether an attribute lists nobody, beyond doubt.
pub(in crate::engines::alloy) fn lists_nobody(attribute: Option<Attribute<'_>>) -> bool {
    attribute.is_none_or(|a| matches!(a.value().unparen().kind(), ExprKind::Array(items) if items.is_empty()))
}

impl<'p, 'a> Flow<'p, 'a> {
    pub(super) fn add_parts(&mut self) {
        let program = self.program;
        // Thousands of parts have one name: what that says is found out once.
        let known = |id| {
            let name = program.names.text(id);
            let root = self.at.root(name)?;
            let (offers, sends) = (Offers::of(root), Sends::of(root));
            Some(Named { root, offers, sends, facts: facts(name, self.version) })
        };
        let known: Vec<Option<Named>> = (0..program.names.len() as NameId).map(known).collect();
        for (scope, at) in program.scopes.iter().zip(0..) {
            self.starts.push(self.parts.len() as PartId);
            for node in &scope.nodes {
                let name = program.names.text(node.name);
                let custom = program.is_custom(at, name);
                let known = known.get(node.name as usize).copied().flatten().filter(|_| !custom);
                self.parts.push(Part {
                    scope: at,
                    node,
                    name,
                    root: known.map(|k| k.root),
                    offers: known.map(|k| k.offers).unwrap_or_default(),
                    sends: known.map(|k| k.sends).unwrap_or_default(),
                    facts: known.and_then(|k| k.facts),
                    blurred: false,
                });
            }
        }
    }

    /// The references that the walk met, as edges.
    pub(super) fn add_edges(&mut self, references: &[Referred<'a>]) {
        let mut lost: HashSet<&'a str> = HashSet::default();
        let mut exports = HashMap::default();
        for reference in references {
            let user = self.starts[reference.scope as usize] + reference.node;
            // The template of a `foreach` has parts of its own.
            if reference.inside && self.parts[user as usize].node.kind == Kind::Foreach {
                continue;
            }
            match reference.found {
                Some(Found::Node(at, node, used)) => self.add_edge(user, (at, node), used, reference, &mut exports),
                Some(Found::Somewhere(at, node, used)) => {
                    self.add_edge(user, (at, node), used, reference, &mut exports);
                    self.blur_alike(at, node);
                }
                None => _ = lost.insert(reference.reference.expr().text()),
            }
        }
        self.blur(&lost);
        self.index_edges();
    }

    fn add_edge(
        &mut self,
        user: PartId,
        at: (ScopeId, u32),
        names: usize,
        of: &Referred<'a>,
        exports: &mut HashMap<(NameId, &'a str), Option<Type>>,
    ) {
        let used = self.starts[at.0 as usize] + at.1;
        let part = &self.parts[used as usize];
        let export = of.reference.segments().nth(names).filter(|_| part.root.is_some());
        let mut find = |name: &'a str| *exports.entry((part.node.name, name)).or_insert_with(|| part.export(name));
        let carries = match export.and_then(|name| find(name.name())) {
            Some(ty) => match receiver(ty) {
                Some(Some(signal)) => Carries::Data(Some(signal)),
                Some(None) => Carries::Data(of.signal),
                None if is_targets(ty) => Carries::Targets,
                None => Carries::Value,
            },
            None => Carries::Unknown,
        };
        let span = self.file(user).span(of.reference.range());
        self.edges.push(Edge { user, used, carries, span });
    }

    /// Parts of other files with the id of one that a reference may mean.
    fn blur_alike(&mut self, scope: ScopeId, node: u32) {
        let node = self.program.node(scope, node);
        for root in &self.program.roots {
            if let Some(at) = self.program.scope(*root).ids.get(&(node.name, node.label)) {
                self.parts[(self.starts[*root as usize] + at) as usize].blurred = true;
            }
        }
    }

    /// A reference that leads nowhere may have been meant for any component of its kind.
    fn blur(&mut self, lost: &HashSet<&'a str>) {
        let mut kinds: HashSet<&str> = HashSet::default();
        let mut longest = 0;
        for part in &self.parts {
            longest = longest.max(part.name.len());
        }
        for path in lost {
            // A chain may be of any length, and then most of what it begins with is longer than every name.
            for (end, _) in path.match_indices('.').take_while(|(end, _)| *end <= longest) {
                kinds.insert(&path[..end]);
            }
            kinds.insert(path);
        }
        for part in &mut self.parts {
            part.blurred |= kinds.contains(part.name);
        }
    }

    fn index_edges(&mut self) {
        let count = self.parts.len();
        let (mut into, mut out) = (vec![0; count + 1], vec![0; count + 1]);
        for edge in &self.edges {
            into[edge.used as usize + 1] += 1;
            out[edge.user as usize + 1] += 1;
        }
        for at in 0..count {
            into[at + 1] += into[at];
            out[at + 1] += out[at];
        }
        // Edges were found user by user, so those of one user stand side by side already.
        self.out = out;
        let mut next = into.clone();
        self.by_used = vec![0; self.edges.len()];
        for (edge, at) in self.edges.iter().zip(0..) {
            self.by_used[next[edge.used as usize]] = at;
            next[edge.used as usize] += 1;
        }
        self.into = into;
    }
}
