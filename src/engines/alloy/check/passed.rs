//! Values that go through a custom component: what its `declare` does with an `argument` is what a call is held to, and what
//! it exports is what a reference to it is worth. An instance is loaded with the arguments of its call, and its error is that
//! of the call (grafana/alloy internal/runtime/internal/controller/node_custom_component.go@v1.0.0, @v1.11.3).

use std::borrow::Cow;
use std::rc::Rc;

use foldhash::HashMap;
use vispyr_alloy::{Attribute, Block, Body, Expr, ExprKind};

use super::Checker;
use super::known::Meaning;
use super::report::Rests;
use super::value::Place;
use crate::catalogue::schema::{self, Field, FieldKind};
use crate::engines::alloy::program::{Kind, ScopeId};
use crate::engines::alloy::types::{Value, Want, fit, fit_text, fold};

/// Blocks and lists nested deeper than this are not looked into.
const DEPTH: u32 = 16;

/// A place that an argument goes to is looked at for so many.
const PLACES: usize = 4;

/// Where an argument goes.
#[derive(Clone, Copy)]
pub(super) struct Goes {
    want: Want,
    field: Field,
}

/// Where the arguments of a `declare` go.
#[derive(Default)]
pub(super) struct Ways<'a> {
    by_name: HashMap<&'a str, Vec<Goes>>,
    /// Arguments whose literal `default` does not fit there: what a call without them comes upon.
    misfits: Vec<(&'a str, u32)>,
}

impl<'a> Checker<'_, 'a> {
    /// Where the arguments of a `declare` go; one may be called thousands of times.
    pub(super) fn ways(&mut self, inner: ScopeId) -> Rc<Ways<'a>> {
        if let Some(ways) = self.ways.get(&inner) {
            return Rc::clone(ways);
        }
        let mut ways = Ways::default();
        let program = self.program;
        for node in &program.scope(inner).nodes {
            let root = self.root(node.name).filter(|_| node.kind == Kind::Component);
            let known = root.filter(|_| !program.is_custom(inner, program.names.text(node.name)));
            if let Some(body) = known.and_then(|root| root.body()) {
                self.ways_in(node.block.body(), body, &mut ways, DEPTH);
            }
        }
        for (at, node) in (0..).zip(&program.scope(inner).nodes).filter(|(_, node)| node.kind == Kind::Argument) {
            let default = node.block.body().attr("default").map(|attribute| attribute.value());
            let goes = ways.by_name.get(node.label).and_then(|goes| goes.first());
            let misfit = |goes: &Goes| default.is_some_and(|default| is_misfit(default, goes.want));
            if goes.is_some_and(misfit) {
                ways.misfits.push((node.label, at));
            }
        }
        let ways = Rc::new(ways);
        self.ways.insert(inner, Rc::clone(&ways));
        ways
    }

    fn ways_in(&mut self, written: Body<'a>, body: schema::Body, ways: &mut Ways<'a>, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for attribute in written.attrs() {
            let name = self.named(body, Cow::Borrowed(attribute.name().name()));
            if let Some(field) = name.ok().map(|name| name.field).filter(|field| field.kind() == FieldKind::Attribute) {
                way(attribute.value(), Want::of(field.ty()), field, ways, depth);
            }
        }
        for block in written.all_blocks() {
            if let Some(inside) = self.inside(&block, body) {
                self.ways_in(block.body(), inside, ways, depth);
            }
        }
    }

    fn inside(&mut self, block: &Block<'a>, body: schema::Body) -> Option<schema::Body> {
        match self.named(body, block.name()).ok()?.meaning {
            Meaning::Block(_, inside) | Meaning::Alternative(inside) => Some(inside),
            _ => None,
        }
    }

    /// What a call passes as an argument, held to where it goes.
    pub(super) fn passed(&mut self, attribute: Attribute<'a>, owner: &str, ways: &Ways<'a>) {
        let name = attribute.name().name();
        let Some(ways) = ways.by_name.get(name) else {
            self.infer(attribute.value());
            return;
        };
        let before = self.found.len();
        for goes in ways {
            let place = Place { name, owner, field: Some(goes.field), rests: Rests::on(goes.field.held()) };
            self.value(attribute.value(), goes.want, &place);
            // What was told once is enough.
            if self.found.len() > before {
                break;
            }
            self.lies = None;
        }
    }

    /// Defaults that do not fit where they go, of arguments that a call does not pass.
    pub(super) fn defaults(&mut self, inner: ScopeId, ways: &Ways<'a>, is_given: impl Fn(&str) -> bool) {
        let program = self.program;
        for (name, at) in ways.misfits.iter().filter(|(name, _)| !is_given(name)) {
            let node = program.node(inner, *at);
            let Some(goes) = ways.by_name.get(name).and_then(|goes| goes.first()) else { continue };
            let Some(default) = node.block.body().attr("default").filter(|_| self.defaults.insert((inner, *at))) else {
                continue;
            };
            let here = self.here;
            (self.here.scope, self.here.node, self.here.file) = (inner, *at, node.file);
            let place = Place { name, owner: "argument", field: Some(goes.field), rests: Rests::on(goes.field.held()) };
            self.value(default.value(), goes.want, &place);
            self.here = here;
        }
    }

    /// What a custom component exports, as far as one look tells.
    pub(super) fn exported(&mut self, scope: ScopeId, name: &str) -> Value<'a> {
        let program = self.program;
        let exports = (0..).zip(&program.scope(scope).nodes);
        let mut named = exports.filter(|(_, n)| n.kind == Kind::Export && n.label == name);
        let (Some((at, node)), None) = (named.next(), named.next()) else { return Value::Unknown };
        let Some(value) = node.block.body().attr("value").map(|a| a.value().unparen()) else { return Value::Unknown };
        match value.kind() {
            ExprKind::String(literal) => Value::Text(literal),
            ExprKind::Bool(_) => Value::Bool,
            ExprKind::Number(text) | ExprKind::Float(text) => Value::Number(Some((false, text))),
            ExprKind::Array(_) => Value::List,
            ExprKind::Ident(_) | ExprKind::Access { .. } if self.depth < DEPTH => {
                let here = self.here;
                (self.here.scope, self.here.node, self.here.file) = (scope, at, node.file);
                self.depth += 1;
                let value = self.worth(Some(value));
                self.depth -= 1;
                self.here = here;
                value
            }
            _ => Value::Unknown,
        }
    }
}

/// Whether a literal certainly does not fit.
fn is_misfit(default: Expr<'_>, want: Want) -> bool {
    let default = default.unparen();
    match default.kind() {
        ExprKind::String(literal) => fit(Value::Text(literal), want).is_err(),
        ExprKind::Bool(_) => fit(Value::Bool, want).is_err(),
        ExprKind::Number(text) | ExprKind::Float(text) => fit(Value::Number(Some((false, text))), want).is_err(),
        _ => fold(default).is_some_and(|text| fit_text(&text, want).is_err()),
    }
}

/// Notes where `argument.NAME.value` goes, alone or as an item of a list.
fn way<'a>(value: Expr<'a>, want: Want, field: Field, ways: &mut Ways<'a>, depth: u32) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let value = value.unparen();
    match (value.kind(), want) {
        (_, Want::Any) => {}
        (ExprKind::Array(items), Want::List(inner)) => {
            items.iter().for_each(|item| way(item, inner.want(), field, ways, depth));
        }
        (ExprKind::Access { .. }, _) => {
            let Some(reference) = value.as_reference() else { return };
            let mut names = reference.segments().map(|segment| segment.name());
            if let (Some("argument"), Some(name), Some("value"), None) =
                (names.next(), names.next(), names.next(), names.next())
            {
                let ways = ways.by_name.entry(name).or_default();
                if ways.len() < PLACES {
                    ways.push(Goes { want, field });
                }
            }
        }
        _ => {}
    }
}
