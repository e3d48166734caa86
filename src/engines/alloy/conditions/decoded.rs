//! A block of a file, read with the catalogue's body: written values, else the defaults in force under its parents.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use foldhash::HashMap;
use serde_json::Value as Json;
use vispyr_alloy as syntax;

use super::view::{Attribute, Body, Value};
use crate::catalogue::schema::{self, FieldKind, TypeKind};
use crate::engines::alloy::types;
use crate::source::{SourceId, Span};

/// Lists and objects nested deeper than this are not looked at.
const DEPTH: u8 = 16;

/// What the blocks around one say of defaults in it; the same for all blocks that lie alike. An index of [`Trails`].
pub type Trail = usize;

/// What parents say of defaults inside of them, outermost first: a JSON object by dotted path, and the path that leads there.
type Parents = Rc<[(Rc<Json>, String)]>;

/// The ways to blocks whose defaults depend on what they lie in. Kept for a whole config, in which thousands lie alike.
#[derive(Debug, Clone)]
pub struct Trails(Rc<RefCell<Known>>);

#[derive(Debug)]
struct Known {
    parents: Vec<Parents>,
    /// Fields by body and name, as far as conditions ask for them.
    fields: HashMap<(usize, &'static str), schema::Field>,
    /// What holds of a field that is not written: by its number, the way, and whether its block is bare or written.
    defaults: HashMap<(usize, Trail, bool, bool), Value<'static>>,
    /// By where the way stands, the field that it takes, and whether nobody wrote the block there.
    next: HashMap<(Trail, usize, bool), Trail>,
}

impl Default for Trails {
    fn default() -> Self {
        // The first is that of blocks of which no parent says anything.
        Self(Rc::new(RefCell::new(Known {
            parents: vec![Rc::new([])],
            fields: HashMap::default(),
            defaults: HashMap::default(),
            next: HashMap::default(),
        })))
    }
}

impl Trails {
    fn parents(&self, trail: Trail) -> Parents {
        self.0.borrow().parents.get(trail).cloned().unwrap_or_else(|| Rc::new([]))
    }

    /// The field of a body. Thousands of blocks are of one body, and asked for the same few names.
    fn field(&self, body: schema::Body, name: &str) -> Option<schema::Field> {
        if let Some(field) = self.0.borrow().fields.get(&(body.number(), name)) {
            return Some(*field);
        }
        let field = body.field(name)?;
        self.0.borrow_mut().fields.insert((body.number(), field.name()), field);
        Some(field)
    }

    /// One block deeper: the field that it is, what that says of defaults inside, and whether nobody wrote the block.
    pub fn step(&self, from: Trail, field: schema::Field, own: Option<&'static str>, bare: bool) -> Trail {
        if from == 0 && own.is_none() {
            return 0;
        }
        let key = (from, field.number(), bare);
        if let Some(known) = self.0.borrow().next.get(&key) {
            return *known;
        }
        let deeper = |(json, path): &(Rc<Json>, String)| (Rc::clone(json), format!("{path}{}.", field.name()));
        let mut parents: Vec<_> = self.parents(from).iter().map(deeper).collect();
        parents.extend(own.and_then(|json| Some((Rc::new(serde_json::from_str(json).ok()?), String::new()))));
        let mut known = self.0.borrow_mut();
        let trail = known.parents.len();
        known.parents.push(parents.into());
        known.next.insert(key, trail);
        trail
    }
}

/// A block that the engine decodes.
#[derive(Debug, Clone)]
pub struct Decoded<'a> {
    source: SourceId,
    body: Option<schema::Body>,
    written: Option<syntax::Body<'a>>,
    header: Option<Span>,
    trails: Trails,
    /// What parents say of defaults in here.
    trail: Trail,
    /// Whether those parents speak of a block that nobody wrote: what they do not name is the zero value.
    bare: bool,
    /// Whether the decoder demands it and it is not there.
    missing: bool,
}

impl<'a> Decoded<'a> {
    /// The body of a component or configuration block.
    pub fn new(source: SourceId, body: schema::Body, block: &syntax::Block<'a>) -> Self {
        Self::at(Trails::default(), source, body, block, 0)
    }

    /// The same deeper within, with what is known of the way to it.
    pub fn at(trails: Trails, source: SourceId, body: schema::Body, block: &syntax::Block<'a>, trail: Trail) -> Self {
        Self {
            source,
            body: Some(body),
            written: Some(block.body()),
            header: Some(span(source, block.header_range())),
            trails,
            trail,
            bare: false,
            missing: false,
        }
    }

    /// The upstream type that it is decoded into.
    pub fn body(&self) -> Option<schema::Body> {
        self.body
    }

    /// What is written in it.
    pub(super) fn written(&self) -> Option<syntax::Body<'a>> {
        self.written
    }

    /// Hands over every block written directly in it, each with its body.
    pub fn written_blocks(&self, take: &mut dyn FnMut(&Decoded<'a>)) {
        for block in self.written.iter().flat_map(|written| written.all_blocks()) {
            if let Some(inner) = self.of(&block) {
                take(&inner);
            }
        }
    }

    /// A block that is written in it.
    pub(super) fn of(&self, block: &syntax::Block<'a>) -> Option<Self> {
        Some(self.inner(self.field_of(&block.name())?, block))
    }

    /// The field that a block of that name is; of an enum, the alternative.
    fn field_of(&self, name: &str) -> Option<schema::Field> {
        if let Some(field) = self.field(name) {
            return Some(field);
        }
        // `stage.json` is the alternative `json` of the enum `stage`.
        let (head, rest) = name.split_once('.')?;
        let field = self.field(head).filter(|field| field.kind() == FieldKind::Enum)?;
        self.trails.field(field.body()?, rest)
    }

    fn inner(&self, field: schema::Field, block: &syntax::Block<'a>) -> Self {
        Self {
            source: self.source,
            body: field.body(),
            written: Some(block.body()),
            header: Some(span(self.source, block.header_range())),
            trails: self.trails.clone(),
            trail: self.trails.step(self.trail, field, field.inherit(), false),
            bare: false,
            missing: false,
        }
    }

    /// A block that nobody wrote.
    fn bare(&self, field: schema::Field) -> Self {
        let own = field.when_absent().or(field.inherit());
        Self {
            source: self.source,
            body: field.body(),
            written: None,
            header: None,
            trails: self.trails.clone(),
            trail: self.trails.step(self.trail, field, own, true),
            bare: field.when_absent().is_some(),
            missing: self.missing || field.required(),
        }
    }

    /// What holds of an attribute that is not written. Of one that the decoder demands nothing does: its lack is a
    /// finding already, and whatever follows from it is none.
    fn default(&self, name: &str, field: Option<schema::Field>) -> Value<'static> {
        if self.missing {
            return Value::Unknown;
        }
        let Some(field) = field else { return self.said_around(name).unwrap_or(Value::Unset) };
        let key = (field.number(), self.trail, self.bare, self.written.is_some());
        if let Some(known) = self.trails.0.borrow().defaults.get(&key) {
            return known.clone();
        }
        let value = self.said_around(name).unwrap_or_else(|| match field.default() {
            _ if field.dynamic() || field.required() && self.written.is_some() => Value::Unknown,
            Some(json) if !self.bare => Value::default(json),
            _ => Value::Unset,
        });
        self.trails.0.borrow_mut().defaults.insert(key, value.clone());
        value
    }

    /// What the blocks around say of a default in here.
    fn said_around(&self, name: &str) -> Option<Value<'static>> {
        let parents = self.trails.parents(self.trail);
        let said = parents.iter().find_map(|(json, path)| json.get(format!("{path}{name}")).cloned());
        // Of one that is `null` the body's own default does not hold here, and no other.
        said.map(Value::from_json)
    }

    /// The field of that name.
    fn field(&self, name: &str) -> Option<schema::Field> {
        self.trails.field(self.body?, name)
    }

    /// A negative number wraps round where the engine holds none: what comes out is not looked at.
    fn wrapped<'v>(field: Option<schema::Field>, value: Value<'v>) -> Value<'v> {
        let negative = match &value {
            Value::Number(number) => *number < 0.0,
            Value::Text(text) => text.starts_with('-'),
            _ => false,
        };
        let unsigned = || match field?.ty().kind() {
            TypeKind::Number(kind) => Some(kind.starts_with("uint")),
            _ => None,
        };
        if negative && unsigned() == Some(true) { Value::Unknown } else { value }
    }
}

impl Body for Decoded<'_> {
    fn attribute(&self, name: &str) -> Attribute<'_> {
        let written = self.written.as_ref().and_then(|body| body.attr(name));
        let field = self.field(name);
        match written {
            Some(attribute) => {
                let range = attribute.value().range();
                let mut value = value(self.source, &attribute.value(), DEPTH);
                if let Some(field) = field {
                    value = super::convert::into(value, field.ty(), DEPTH);
                }
                Attribute { value: Self::wrapped(field, value), span: Some(span(self.source, range)) }
            }
            None => Attribute { value: self.default(name, field), span: None },
        }
    }

    fn blocks(&self, name: &str, take: &mut dyn FnMut(&dyn Body)) {
        let Some(field) = self.field_of(name) else { return };
        let family = field.kind() == FieldKind::Enum;
        let mut found = false;
        for block in self.written.iter().flat_map(|written| written.all_blocks()) {
            if !family && block.is_called(name) {
                found = true;
                take(&self.inner(field, &block));
            } else if family && block.name().strip_prefix(name).is_some_and(|rest| rest.starts_with('.')) {
                found = true;
                // Each alternative has a body of its own.
                take(&self.inner(self.field_of(&block.name()).unwrap_or(field), &block));
            }
        }
        if !found && field.active() {
            take(&self.bare(field));
        }
    }

    fn absent(&self, name: &str, take: &mut dyn FnMut(&dyn Body)) {
        let field = self.field(name);
        if let Some(field) = field.filter(|field| field.kind() == FieldKind::Block && !field.many()) {
            take(&self.bare(field));
        }
    }

    fn span(&self) -> Option<Span> {
        self.header
    }

    fn content(&self) -> Option<String> {
        let mut out = String::new();
        super::content::write(self, &mut out).then_some(out)
    }
}

fn span(source: SourceId, range: std::ops::Range<u32>) -> Span {
    Span { source, start: range.start, end: range.end }
}

/// What can be known of an expression.
pub fn value<'a>(source: SourceId, expr: &syntax::Expr<'a>, depth: u8) -> Value<'a> {
    use syntax::ExprKind;
    let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
    let item = |expr: syntax::Expr<'a>| Attribute {
        span: Some(span(source, expr.range())),
        value: value(source, &expr, depth),
    };
    match expr.kind() {
        ExprKind::Null => Value::Unset,
        ExprKind::Bool(value) => Value::Bool(value),
        ExprKind::String(literal) => Value::Text(literal.value()),
        ExprKind::Array(items) => Value::List(items.iter().map(item).collect()),
        ExprKind::Object(fields) => Value::Map(
            fields
                .iter()
                .map(|field| {
                    let name = Cow::Borrowed(field.name());
                    (name, Attribute { span: Some(span(source, field.name_range())), ..item(field.value()) })
                })
                .collect(),
        ),
        ExprKind::Paren(inner) => value(source, &inner, depth),
        _ => match expr.as_f64() {
            Some(number) => Value::Number(number),
            None => types::fold(*expr).map_or(Value::Unknown, Value::Text),
        },
    }
}
