//! Custom components: calls held against the `argument`s of their `declare`
//! (grafana/alloy internal/runtime/internal/controller/node_custom_component.go@v1.19.0-rc.3).

use std::collections::HashMap;
use std::rc::Rc;

use vispyr_alloy::Stmt;

use super::body::Open;
use super::report::Rests;
use super::{Checker, Lies};
use crate::engines::alloy::program::{Kind, Node, ScopeId};
use crate::engines::alloy::rules::{
    duplicate_attribute, label_invalid, module_argument, unknown_block, unknown_component,
};
use crate::engines::alloy::types::Value;

/// Arguments that a call lacks are told up to so many.
const LACKING: usize = 32;

/// What a name of a custom component leads to.
enum Declared {
    /// The inside of a `declare`.
    Scope(ScopeId),
    /// Nothing, and all is known.
    Nothing,
    /// Something that is not known.
    Unknown,
}

impl<'a> Checker<'_, 'a> {
    fn declared(&self, scope: ScopeId, name: &str) -> Declared {
        let inner = |at: (ScopeId, u32)| self.program.node(at.0, at.1).inner.map_or(Declared::Unknown, Declared::Scope);
        match name.split_once('.') {
            None => match (self.program.declare(scope, name), self.program.import(scope, name)) {
                (Some(at), _) => inner(at),
                // The name of an import alone is no component.
                (None, Some(_)) => Declared::Nothing,
                (None, None) => Declared::Unknown,
            },
            Some((space, rest)) => {
                let Some((at, import)) = self.program.import(scope, space) else {
                    // Only what is imported has a namespace: a `declare` of the name takes it away from what is built in.
                    let declared = self.program.declare(scope, space).is_some();
                    return if declared { Declared::Nothing } else { Declared::Unknown };
                };
                match self.program.imported(scope, space, rest).first() {
                    Some(found) => inner(*found),
                    None if self.program.is_imported(at, import) => Declared::Nothing,
                    None => Declared::Unknown,
                }
            }
        }
    }

    /// What a custom component offers.
    pub(super) fn custom_value(&self, scope: ScopeId, name: &str) -> Value<'a> {
        match self.declared(scope, name) {
            Declared::Scope(inner) => Value::Custom(inner),
            _ => Value::Unknown,
        }
    }

    /// A block whose name begins with that of a `declare` or an import.
    pub(super) fn custom(&mut self, node: &Node<'a>, first: &str) {
        let name = self.name(node);
        if node.label.is_empty() {
            // `alloy validate` refuses it, `alloy run` takes it.
            let found = self.fault(
                &label_invalid::RULE,
                node.block.header_range(),
                Rests::Language,
                format!("`{name}` lacks a label"),
            );
            let found = found.warning();
            self.tell(found.help(format!("name it: `{name} \"default\" {{ … }}`")));
        }
        match self.declared(self.here.scope, name) {
            Declared::Scope(inner) => {
                self.hollow(node, inner);
                self.arguments(node, inner);
            }
            Declared::Unknown => self.values_only(node.block),
            Declared::Nothing => {
                let message = match name.split_once('.') {
                    Some(_) if self.program.import(self.here.scope, first).is_none() => {
                        format!("a `declare` is called `{first}`, and `{name}` is sought as one of its components")
                    }
                    Some((_, rest)) => format!("what `{first}` imports declares no `{rest}`"),
                    None => format!("`{name}` is an import: name one of the components that it declares"),
                };
                let found = self.fault(&unknown_component::RULE, node.block.name_range(), Rests::Language, message);
                let near = self.nearest_declared(name);
                self.tell(found.meant(near));
                self.values_only(node.block);
            }
        }
    }

    /// A `declare` in which nothing stands is to the engine none at all (`getCustomComponentConfig` in
    /// grafana/alloy internal/runtime/internal/controller/component_node_manager.go@v1.0.0, @v1.19.0-rc.3).
    fn hollow(&mut self, node: &Node<'a>, inner: ScopeId) {
        let program = self.program;
        let scope = program.scope(inner);
        let owner = scope.parent.zip(scope.owner).map(|(outer, at)| program.node(outer, at));
        let Some(owner) = owner.filter(|o| o.block.body().stmts().next().is_none()) else { return };
        if program.file(owner).is_broken(&owner.block.range()) {
            return;
        }
        let message = format!("the `declare` of `{}` is empty, and Alloy finds none", self.name(node));
        let found = self
            .fault(&unknown_component::RULE, node.block.name_range(), Rests::Language, message)
            .label(program.file(owner).span(owner.block.header_range()), "declared here")
            .help("put something into it, or remove both");
        self.tell(found);
    }

    fn nearest_declared(&mut self, name: &str) -> Option<String> {
        let (space, rest) = name.split_once('.').filter(|_| self.suggestions > 0)?;
        let names: Vec<&str> = self.program.imported_names(self.here.scope, space);
        self.nearest(rest, names.into_iter()).map(|n| format!("{space}.{n}"))
    }

    /// The arguments that a custom component cannot go without: one may be called thousands of times.
    fn demanded(&mut self, inner: ScopeId) -> Rc<[u32]> {
        let nodes = &self.program.scope(inner).nodes;
        let is_demanded = |node: &Node<'_>| {
            let optional = node.block.body().attr("optional").map(|a| a.value().as_bool());
            node.kind == Kind::Argument && matches!(optional, None | Some(Some(false)))
        };
        let find = || (0..).zip(nodes).filter(|(_, n)| is_demanded(n)).map(|(at, _)| at).collect();
        Rc::clone(self.demanded.entry(inner).or_insert_with(find))
    }

    fn arguments(&mut self, node: &Node<'a>, inner: ScopeId) {
        let program = self.program;
        let ids = &program.scope(inner).ids;
        let argument = program.names.get("argument");
        let is_declared = |name: &str| argument.is_some_and(|argument| ids.contains_key(&(argument, name)));
        let name = self.name(node);
        let broken = program.scope(inner).nodes.first().is_some_and(|n| !program.file(n).errors.is_empty());
        let ways = if broken { Rc::default() } else { self.ways(inner) };
        let mut given: HashMap<&str, u32> = HashMap::new();
        let mut open = Vec::new();
        for stmt in node.block.body().stmts() {
            let attribute = match stmt {
                Stmt::Attribute(attribute) => attribute,
                Stmt::Block(block) => {
                    let message = format!("`{name}` is a custom component and takes no blocks");
                    let found = self.fault(&unknown_block::RULE, block.name_range(), Rests::Language, message);
                    self.tell(found.help("pass what it needs as an argument"));
                    open.push(Open::unread(block));
                    continue;
                }
            };
            self.lies = Some(Lies { attribute, inside: false, output: false });
            self.passed(attribute, name, &ways);
            let written = attribute.name();
            if let Some(first) = given.insert(written.name(), written.range().start) {
                // `alloy run` takes the last, `alloy validate` refuses both.
                let found = self
                    .fault(
                        &duplicate_attribute::RULE,
                        written.range(),
                        Rests::Language,
                        format!("`{}` is there twice", written.name()),
                    )
                    .label(self.span(first..first + written.name().len() as u32), "first here")
                    .help("remove one of the two");
                let found = found.warning();
                self.tell(found);
            }
            if !broken && !is_declared(written.name()) {
                let message = format!("`{name}` has no `argument \"{}\"`", written.name());
                let found = self.fault(&module_argument::RULE, written.range(), Rests::Language, message);
                let near = self.nearest(
                    written.name(),
                    program.scope(inner).nodes.iter().filter(|n| n.kind == Kind::Argument).map(|n| n.label),
                );
                self.tell(found.meant(near));
            }
        }
        self.lies = None;
        // In the order of the text.
        open.reverse();
        self.insides(open);
        if broken || self.is_broken(&node.block) {
            return;
        }
        self.defaults(inner, &ways, |name| given.contains_key(name));
        let mut missing = 0;
        for argument in self.demanded(inner).iter().map(|at| program.node(inner, *at)) {
            if given.contains_key(argument.label) {
                continue;
            }
            missing += 1;
            if missing > LACKING {
                break;
            }
            let message = format!("`{name}` lacks its argument `{}`", argument.label);
            let found = self
                .fault(&module_argument::RULE, node.block.header_range(), Rests::Language, message)
                .label(program.file(argument).span(argument.block.header_range()), "declared here, and not optional")
                .help(format!("add `{} = …`", argument.label));
            self.tell(found);
        }
    }
}
