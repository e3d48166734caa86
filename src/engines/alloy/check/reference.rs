//! Chains of names: what they begin with, and what that offers.

use vispyr_alloy::{ExprKind, Ident, Reference};

use super::report::Rests;
use super::{Checker, Here, Lies};
use crate::engines::alloy::flow::signal_of;
use crate::engines::alloy::met::Referred;
use crate::engines::alloy::program::{Found, Kind, Node, ScopeId, ScopeKind};
use crate::engines::alloy::rules::unknown_reference;
use crate::engines::alloy::types::Value;

/// Blocks of one scope that are looked through for the name that was meant.
const CANDIDATES: usize = 2_000;

/// What reads before anything else is worked out, and says whether its content is a secret (grafana/alloy
/// internal/component/local/file/file.go@v1.0.0, @v1.19.0-rc.3). Others that do so may have read nothing yet.
const SECRET_FILE: &str = "local.file";

impl<'a> Checker<'_, 'a> {
    /// What a chain of names is worth.
    pub(super) fn reference(&mut self, reference: &Reference<'a>) -> Value<'a> {
        let mut segments = reference.segments();
        let Some(first) = segments.next() else { return Value::Unknown };
        let found = self.program.resolve(self.here.scope, reference);
        self.note(reference, found);
        if self.is_variable(first.name()) {
            if let Some(asked) = segments.next().filter(|_| found.is_none()) {
                self.item(first, asked);
            }
            return Value::Unknown;
        }
        let (mut value, used) = match found {
            Some(Found::Node(scope, node, used)) => {
                self.refers(scope, node);
                (self.offered(scope, node, reference), used)
            }
            Some(Found::Somewhere(scope, node, used)) => {
                let node = self.program.node(scope, node);
                let custom = self.root(node.name).is_none();
                (if custom { Value::Unknown } else { self.builtin(node) }, used)
            }
            None => match self.outside(first) {
                Some(value) => (value, 1),
                None => {
                    self.unknown_reference(reference);
                    return Value::Unknown;
                }
            },
        };
        for name in reference.segments().skip(used) {
            value = self.access(value, name);
        }
        value
    }

    /// Notes a reference in a block for others; called functions are none.
    fn note(&mut self, reference: &Reference<'a>, found: Option<Found>) {
        let Some(Lies { attribute, inside, output }) = self.lies.filter(|_| !reference.is_call()) else { return };
        let signal = if output { signal_of(attribute.name().name()) } else { None };
        let Here { scope, node, .. } = self.here;
        self.met.references.push(Referred { scope, node, inside, signal, found, reference: *reference });
    }

    /// Notes that the block at hand refers to one of its scope, or of a scope around it.
    fn refers(&mut self, scope: ScopeId, node: u32) {
        let (mut at, mut from) = (self.here.scope, self.here.node);
        loop {
            if at == scope {
                self.edges.push((scope, from, node));
                return;
            }
            let here = self.program.scope(at);
            match (here.parent, here.owner) {
                (Some(up), Some(owner)) => (at, from) = (up, owner),
                _ => break,
            }
        }
        let root = self.program.root_of(self.here.scope);
        if self.links.len() < super::sibling::LINKS {
            self.links.insert((root, scope));
        }
    }

    /// What a block offers to others.
    fn offered(&mut self, scope: ScopeId, node: u32, reference: &Reference<'a>) -> Value<'a> {
        let node = self.program.node(scope, node);
        match node.kind {
            Kind::Argument => Value::Argument,
            Kind::Component => {
                let name = self.name(node);
                if self.program.is_custom(scope, name) {
                    return self.custom_value(scope, name);
                }
                self.builtin(node)
            }
            Kind::Declare | Kind::Foreach | Kind::Import | Kind::Export | Kind::Process | Kind::Service => {
                let message = format!("`{}` offers nothing to refer to", self.program.id(node));
                let found = self.fault(&unknown_reference::RULE, reference.range(), Rests::Language, message);
                self.tell(found);
                Value::Unknown
            }
        }
    }

    fn builtin(&self, node: &Node<'a>) -> Value<'a> {
        match self.root(node.name) {
            Some(root) if root.is_component() => {
                Value::Exports(root.exports(), root, root.name() == SECRET_FILE && is_secret(node))
            }
            _ => Value::Unknown,
        }
    }

    /// Names that no block of the config has.
    fn outside(&mut self, first: Ident<'a>) -> Option<Value<'a>> {
        let name = first.name();
        let scope = self.here.scope;
        // An instance of a custom component of that name hides what else it may mean.
        if self.program.declare(scope, name).is_some_and(|_| self.at.function(name).is_none())
            && self.has_instance(name)
        {
            return Some(Value::Unknown);
        }
        if name == "module_path" {
            return Some(Value::String);
        }
        if let Some(value) = self.library_name(name, first.range()) {
            return Some(value);
        }
        // A `declare` in a template sees the variables of everything around the template.
        let hidden = self.program.in_template(scope) && self.in_declare_of_template(scope);
        hidden.then_some(Value::Unknown)
    }

    fn has_instance(&mut self, name: &str) -> bool {
        let Some(id) = self.program.names.get(name) else { return false };
        let scope = self.here.scope;
        let nodes = &self.program.scope(scope).nodes;
        let look = || nodes.iter().any(|n| n.name == id && n.kind == Kind::Component);
        *self.instances.entry((scope, id)).or_insert_with(look)
    }

    fn in_declare_of_template(&self, scope: ScopeId) -> bool {
        let mut at = Some(scope);
        let mut declare = false;
        while let Some(here) = at {
            let scope = self.program.scope(here);
            match scope.kind {
                ScopeKind::Declare => declare = true,
                ScopeKind::Template if declare => return true,
                _ => {}
            }
            at = scope.parent;
        }
        false
    }

    /// Whether a name is the variable of a template that the walk is in.
    fn is_variable(&self, name: &str) -> bool {
        let mut at = self.here.scope;
        loop {
            let scope = self.program.scope(at);
            let (ScopeKind::Template, Some(up), Some(owner)) = (scope.kind, scope.parent, scope.owner) else {
                return false;
            };
            let variable = self.program.node(up, owner).block.body().attr("var").map(|a| a.value());
            // A variable whose name is worked out may have any name.
            if variable.is_some_and(|v| v.as_str().is_none_or(|v| v == name)) {
                return true;
            }
            at = up;
        }
    }

    /// What a template asks of the items that its `foreach` writes out, each of which is looked at (grafana/alloy
    /// internal/runtime/internal/controller/node_config_foreach.go, syntax/vm/vm.go@v1.11.3, @v1.19.0-rc.3).
    fn item(&mut self, variable: Ident<'a>, asked: Ident<'a>) {
        let mut at = self.program.scope(self.here.scope);
        let collection = loop {
            let (ScopeKind::Template, Some(up), Some(owner)) = (at.kind, at.parent, at.owner) else { return };
            let body = self.program.node(up, owner).block.body();
            match body.attr("var").map(|var| var.value().as_str()) {
                Some(Some(name)) if name == variable.name() => break body.attr("collection"),
                Some(Some(_)) => at = self.program.scope(up),
                _ => return,
            }
        };
        let Some(ExprKind::Array(items)) = collection.map(|list| list.value().unparen().kind()) else { return };
        let lacks = |item: &ExprKind<'a>| match item {
            ExprKind::Object(fields) => fields.iter().all(|field| field.name() != asked.name()),
            _ => false,
        };
        let lacking = items.iter().map(|item| item.unparen()).find(|item| lacks(&item.kind()));
        if let Some(item) = lacking {
            let message = format!("an item of the `collection` has no `{}`", asked.name());
            let found = self.fault(&unknown_reference::RULE, asked.range(), Rests::Language, message);
            let found = found.label(self.span(item.range()), "this one");
            self.tell(found);
        }
    }

    fn unknown_reference(&mut self, reference: &Reference<'a>) {
        // Where syntax is broken the block may be there and not have been read.
        if self.program.files.iter().any(|f| !f.errors.is_empty()) {
            return;
        }
        let names: Vec<&str> = reference.segments().map(|s| s.name()).collect();
        let shown = names.iter().take(3).copied().collect::<Vec<_>>().join(".");
        let mut found = self.fault(
            &unknown_reference::RULE,
            reference.range(),
            Rests::Language,
            format!("there is no `{shown}` here"),
        );
        if names.first() == Some(&"argument") {
            found = found.help("declare it: `argument \"…\" { }`");
        } else {
            let near = self.nearest_block(&names);
            found = found.meant(near);
        }
        self.tell(found);
    }

    /// The block that was meant: one with as many names.
    fn nearest_block(&mut self, names: &[&str]) -> Option<String> {
        let scope = self.program.scope(self.here.scope);
        if scope.nodes.len() > CANDIDATES {
            return None;
        }
        self.suggestions = self.suggestions.checked_sub(1)?;
        let whole = names.join(".");
        let mut best: Option<(usize, String)> = None;
        for node in scope.nodes.iter().filter(|n| matches!(n.kind, Kind::Component | Kind::Argument)) {
            let id = self.program.id(node);
            let count = id.split('.').count();
            let chain = names.iter().take(count).copied().collect::<Vec<_>>().join(".");
            let name = self.name(node);
            // The right component with another label is more likely than another component.
            let same = whole.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            let limit = if same { 8 } else { 3 };
            let Some(distance) = self.near.distance(&chain, &id, limit) else { continue };
            let key = (distance + if same { 0 } else { 8 }, id);
            if distance > 0 && best.as_ref().is_none_or(|b| key < *b) {
                best = Some(key);
            }
        }
        best.map(|b| b.1)
    }
}

/// Whether a block says outright that what it reads is a secret.
fn is_secret(node: &Node<'_>) -> bool {
    let says = node.block.body().attr("is_secret");
    says.is_some_and(|a| matches!(a.value().unparen().kind(), ExprKind::Bool(true)))
}
