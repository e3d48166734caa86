//! What a version of Alloy refuses of a config as a whole: names, structure, types, references, modules, stability.
//!
//! One walk over a [`Program`] finds the faults of all rules. Nothing recurses over the user's text without a bound.

mod body;
mod call;
mod conditions;
mod custom;
mod cycle;
mod flags;
mod infer;
mod known;
mod node;
mod ottl;
mod passed;
mod reference;
mod report;
mod sibling;
mod strings;
#[cfg(test)]
mod tests;
mod value;

use std::rc::Rc;

use foldhash::{HashMap, HashSet};
use vispyr_alloy::{Attribute, Block};

use super::conditions::{Trail, Trails};
use super::flow::{self, Flow};
use super::met::Met;
use super::program::{NameId, Node, Program, ScopeId, ScopeKind, Strings};
use super::rules::{command_no_run, unknown_reference};
use crate::catalogue::schema::{At, Field, Root};
use crate::catalogue::{Version, schema};
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::{Findings, Instance};
use crate::near::Near;
use crate::tree::{VersionFrom, path};

use body::Open;
use call::Library;
use conditions::{Pending, Waiting};
use flags::Flags;
use known::Bodies;
use passed::Ways;

/// Checks an instance.
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings) {
    command_no_run::run(instance, findings);
    let Some((version, from)) = instance.version.clone() else { return };
    let Some(schema) = schema("alloy") else { return };
    let strings = Strings::default();
    let program = Program::new(instance, &strings);
    let at = schema.at(version);
    let mut checker = Checker::new(&program, at, version, &from, Flags::of(instance));
    checker.run();
    let mut unknown = checker.found.iter_mut().filter(|f| f.rule.id == unknown_reference::RULE.id).peekable();
    if let Some(sample) = unknown.peek().and_then(|_| sample(instance)) {
        let note = format!("`{sample}` lies beside it: where that was copied to a `.alloy` file, it may be there");
        for found in unknown {
            found.severity = found.severity.max(Severity::Warning);
            found.notes.push(note.clone());
        }
    }
    findings.all.append(&mut checker.found);
    let met = checker.met;
    flow::check(&Flow::new(instance, &program, at, version, &from, met), findings);
}

/// A sample of a further file of the config beside its own: `write.alloy.sample`.
fn sample<'a>(instance: &Instance<'a>) -> Option<&'a str> {
    let folder = path::folder(&instance.files.first()?.1.path);
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let below = instance.tree.paths.range(prefix.clone()..).map(|(at, _)| at).take_while(|at| at.starts_with(&prefix));
    let mut beside = below.take(BESIDE).filter(|at| path::folder(at) == folder).map(|at| path::name(at));
    beside.find(|name| name.contains(".alloy."))
}

/// What a walk over a program meets, for those who look at the whole.
pub(super) fn met<'a>(program: &Program<'a>, at: At, version: Version) -> Met<'a> {
    let mut checker = Checker::new(program, at, version, &VersionFrom::Newest, Flags::default());
    checker.run();
    checker.met
}

/// So many files are looked at for a sample.
const BESIDE: usize = 1_000;

/// Suggestions for names are made for so many faults: in a file with more, they are not what is missing.
const SUGGESTIONS: u32 = 200;

struct Checker<'p, 'a> {
    program: &'p Program<'a>,
    at: At,
    version: Version,
    /// Where the version is from.
    from: &'p VersionFrom,
    flags: Flags,
    near: Near,
    suggestions: u32,
    found: Vec<Diagnostic>,
    /// How many of each weight, by file.
    told: Vec<[u32; 3]>,
    /// What each name is at this version.
    roots: Vec<Option<Root>>,
    /// What is known of bodies.
    bodies: Bodies<'a>,
    /// Blocks that wait to be looked into; empty between two components.
    open: Vec<Open<'a>>,
    /// Blocks whose conditions wait; likewise.
    pending: Vec<Pending<'a>>,
    /// The standard library, as far as the config names it.
    library: Library<'a>,
    /// Arguments that custom components cannot go without, by the scope inside.
    demanded: HashMap<ScopeId, Rc<[u32]>>,
    /// Arguments whose default was told not to fit.
    defaults: HashSet<(ScopeId, u32)>,
    /// Where the arguments of custom components go, by the scope inside.
    ways: HashMap<ScopeId, Rc<Ways<'a>>>,
    /// Whether a scope has components of a name.
    instances: HashMap<(ScopeId, NameId), bool>,
    /// Ways to blocks whose defaults depend on what they lie in.
    trails: Trails,
    /// What the conditions of bodies wait for, by body and way.
    waiting: HashMap<(usize, Trail), Rc<[Waiting]>>,
    /// Regular expressions without a fault, as they are written.
    regexes: HashSet<&'a str>,
    /// Fields of the body at hand that were written.
    seen: Vec<(Field, u32)>,
    /// References between blocks of a scope.
    edges: Vec<(ScopeId, u32, u32)>,
    /// Files of a folder of which one refers to the other.
    links: HashSet<(ScopeId, ScopeId)>,
    /// What others want to know of this walk.
    met: Met<'a>,
    here: Here,
    /// The attribute at hand; `None` outside of all blocks.
    lies: Option<Lies<'a>>,
    /// How deep the expression at hand is nested.
    depth: u32,
}

/// Where the walk is.
#[derive(Debug, Clone, Copy)]
struct Here {
    scope: ScopeId,
    node: u32,
    file: u32,
    /// Whether Alloy loads it for certain.
    live: bool,
}

/// An attribute whose value is looked at.
#[derive(Clone, Copy)]
struct Lies<'a> {
    attribute: Attribute<'a>,
    /// Whether it lies in a block inside of the one of the top.
    inside: bool,
    /// Whether that is called `output`.
    output: bool,
}

impl<'p, 'a> Checker<'p, 'a> {
    fn new(program: &'p Program<'a>, at: At, version: Version, from: &'p VersionFrom, flags: Flags) -> Self {
        let roots = (0..program.names.len()).map(|id| at.root(program.names.text(id as NameId))).collect();
        Self {
            program,
            at,
            version,
            from,
            flags,
            near: Near::default(),
            suggestions: SUGGESTIONS,
            found: Vec::new(),
            told: Vec::new(),
            roots,
            bodies: Bodies::default(),
            open: Vec::new(),
            pending: Vec::new(),
            library: Library::default(),
            demanded: HashMap::default(),
            defaults: HashSet::default(),
            ways: HashMap::default(),
            instances: HashMap::default(),
            trails: Trails::default(),
            waiting: HashMap::default(),
            regexes: HashSet::default(),
            seen: Vec::new(),
            edges: Vec::new(),
            links: HashSet::default(),
            met: Met::default(),
            here: Here { scope: 0, node: 0, file: 0, live: true },
            lies: None,
            depth: 0,
        }
    }

    fn run(&mut self) {
        for id in 0..self.program.scopes.len() as ScopeId {
            let scope = self.program.scope(id);
            self.here.scope = id;
            self.here.live = scope.live;
            for (file, attribute) in &scope.strays {
                self.here.file = *file;
                self.stray(attribute);
            }
            for (again, first) in &scope.twice {
                self.twice(*again, *first);
            }
            for node in 0..scope.nodes.len() as u32 {
                self.here.node = node;
                self.here.file = scope.nodes[node as usize].file;
                if scope.kind == ScopeKind::Library {
                    self.library(&scope.nodes[node as usize]);
                }
                self.node(&scope.nodes[node as usize]);
            }
        }
        self.strings();
        self.declare_edges();
        self.cycles();
        self.siblings();
    }

    fn root(&self, name: NameId) -> Option<Root> {
        self.roots.get(name as usize).copied().flatten()
    }

    fn name(&self, node: &Node<'a>) -> &'p str {
        self.program.names.text(node.name)
    }

    /// Whether syntax is broken inside of a block: what it lacks may only not have been read.
    fn is_broken(&self, block: &Block<'_>) -> bool {
        self.program.files[self.here.file as usize].is_broken(&block.range())
    }
}
