//! What stands in a block, held against what the catalogue says that it takes
//! (grafana/alloy syntax/vm/struct_decoder.go@v1.19.0-rc.3).

use std::borrow::Cow;
use std::ops::Range;

use vispyr_alloy::{Attribute, Block, ExprKind, Stmt};

use super::conditions::{self, Names, Pending};
use super::known::{Meaning, Name};
use super::report::{Fault, Rests};
use super::value::Place;
use super::{Checker, Here, Lies};
use crate::catalogue;
use crate::catalogue::schema::{Body, Field, FieldKind, Held, Type};
use crate::engines::alloy::conditions::{Trail, Trails};
use crate::engines::alloy::met::Secret;
use crate::engines::alloy::rules::{
    duplicate_attribute, duplicate_block, label_invalid, missing_required, unknown_attribute, unknown_block,
};

/// Names in the longest path of a field whose successor is known, and some.
const DEEPEST: usize = 16;

/// A block that is still to be looked into.
pub(super) struct Open<'a> {
    block: Block<'a>,
    /// What it takes; `None` = nothing is known of it.
    body: Option<Body>,
    /// What the blocks around it say of defaults inside.
    trail: Trail,
    /// How many blocks of the component are around it.
    depth: u32,
}

impl<'a> Open<'a> {
    /// A block of which nothing is known.
    pub(super) fn unread(block: Block<'a>) -> Self {
        Self { block, body: None, trail: 0, depth: 1 }
    }
}

impl<'a> Checker<'_, 'a> {
    /// A block of the top, and all blocks inside.
    pub(super) fn body(&mut self, block: Block<'a>, body: Body, owner: &str) {
        let mut open = std::mem::take(&mut self.open);
        self.one_body(&Open { block, body: Some(body), trail: 0, depth: 0 }, body, owner, &mut open);
        self.insides(open);
    }

    /// A body of which nothing is known: what its values refer to is looked at all the same.
    pub(super) fn values_only(&mut self, block: Block<'a>) {
        let mut open = std::mem::take(&mut self.open);
        self.one_unread(&Open { block, body: None, trail: 0, depth: 0 }, &mut open);
        self.insides(open);
    }

    /// The blocks that wait, each before those inside of it.
    pub(super) fn insides(&mut self, mut open: Vec<Open<'a>>) {
        while let Some(here) = open.pop() {
            let Some(body) = here.body else {
                self.one_unread(&here, &mut open);
                continue;
            };
            let name = here.block.name();
            self.label(here.block, body, &name);
            self.one_body(&here, body, &name, &mut open);
        }
        self.open = open;
    }

    /// One block by itself; those inside are put behind the others that wait.
    fn one_body(&mut self, here: &Open<'a>, body: Body, owner: &str, open: &mut Vec<Open<'a>>) {
        self.seen.clear();
        let first = open.len();
        let inside = here.depth > 0;
        let output = inside && here.block.is_called("output");
        let mut written = 0;
        for stmt in here.block.body().stmts() {
            match stmt {
                Stmt::Attribute(attribute) => {
                    self.lies = Some(Lies { attribute, inside, output });
                    written |= self.attribute(attribute, body, owner);
                }
                Stmt::Block(inner) => written |= self.inner(inner, here, body, owner, open),
            }
        }
        self.lies = None;
        // The last is looked into first: in the order of the text.
        open[first..].reverse();
        self.lacks(here.block, body, owner);
        if here.depth <= conditions::DEPTH && !self.known(body).asked.is_empty() {
            self.pending.push(Pending { block: here.block, body, trail: here.trail, written });
        }
    }

    /// One block of which nothing is known.
    fn one_unread(&mut self, here: &Open<'a>, open: &mut Vec<Open<'a>>) {
        let first = open.len();
        let inside = here.depth > 0;
        let output = inside && here.block.is_called("output");
        for stmt in here.block.body().stmts() {
            match stmt {
                Stmt::Attribute(attribute) => {
                    self.lies = Some(Lies { attribute, inside, output });
                    self.infer(attribute.value());
                }
                Stmt::Block(block) => open.push(Open { block, body: None, trail: 0, depth: here.depth + 1 }),
            }
        }
        self.lies = None;
        open[first..].reverse();
    }

    /// One attribute; gives what it is to conditions.
    fn attribute(&mut self, attribute: Attribute<'a>, body: Body, owner: &str) -> Names {
        let name = attribute.name();
        let Ok(known) = self.named(body, Cow::Borrowed(name.name())) else {
            self.unknown_attribute(&attribute, body, owner);
            self.infer(attribute.value());
            return self.known(body).asked.about(name.name());
        };
        if known.kind != FieldKind::Attribute {
            let message = format!("`{}` of `{owner}` is a block", name.name());
            let found = self
                .fault(&unknown_attribute::RULE, name.range(), known.rests, message)
                .help(format!("write `{} {{ … }}`, without a `=`", name.name()));
            self.tell(found);
            self.infer(attribute.value());
            return known.asked;
        }
        if let Some((_, first)) = self.seen.iter().find(|(field, _)| field.is(known.field)) {
            let first = self.span(*first..*first + name.name().len() as u32);
            let found = self
                .fault(
                    &duplicate_attribute::RULE,
                    name.range(),
                    Rests::Language,
                    format!("`{}` is there twice", name.name()),
                )
                .label(first, "first here")
                .help("remove one of the two");
            self.tell(found);
        } else {
            self.seen.push((known.field, name.range().start));
        }
        let value = attribute.value();
        if known.secret {
            self.secret(attribute, known.field.ty());
        }
        let place = Place { name: name.name(), owner, field: Some(known.field), rests: known.rests };
        self.value(value, known.want, &place);
        known.asked
    }

    /// Notes an attribute that takes a secret, if one may stand there.
    fn secret(&mut self, attribute: Attribute<'a>, ty: Type) {
        let kind = attribute.value().unparen().kind();
        if matches!(kind, ExprKind::String(_) | ExprKind::Array(_) | ExprKind::Object(_)) {
            let Here { scope, node, .. } = self.here;
            self.met.secrets.push(Secret { scope, node, attribute, ty });
        }
    }

    fn unknown_attribute(&mut self, attribute: &Attribute<'a>, body: Body, owner: &str) {
        let name = attribute.name();
        let ever = body.field_ever(name.name());
        let message = match self.history(ever) {
            Some(history) => format!("`{}` of `{owner}` {history}", name.name()),
            None => format!("`{}` is no attribute of `{owner}` {}", name.name(), self.in_version()),
        };
        let found = self.fault(&unknown_attribute::RULE, name.range(), Rests::absent(ever), message);
        let found = self.instead(found, name.name(), name.range(), body, ever);
        self.tell(found);
    }

    /// Says what to write for a name that is not there: what took its place, or what was meant.
    fn instead(&mut self, found: Fault, name: &str, range: Range<u32>, body: Body, ever: Option<Held>) -> Fault {
        if ever.is_none() {
            return found.meant(self.nearest_field(name, body));
        }
        let node = self.program.node(self.here.scope, self.here.node);
        let root = self.program.names.text(node.name);
        let blocks = around(&node.block, &range);
        let path: Vec<&str> = blocks.iter().map(|b| &**b).chain([name]).collect();
        match catalogue::successor("alloy", root, &path, self.version) {
            Some(successor) => found.help(successor.help()),
            None => found,
        }
    }

    fn nearest_field(&mut self, name: &str, body: Body) -> Option<&'static str> {
        self.nearest(name, body.fields().map(Field::name))
    }

    /// A block inside of another; gives what it is to conditions.
    fn inner(
        &mut self,
        inner: Block<'a>,
        around: &Open<'a>,
        body: Body,
        owner: &str,
        open: &mut Vec<Open<'a>>,
    ) -> Names {
        let name = inner.name();
        let found = self.named(body, name.clone());
        let asked = match &found {
            Ok(known) => known.asked,
            Err(_) => self.known(body).asked.about(&name),
        };
        if owner == "foreach" && name == "template" {
            return asked;
        }
        let depth = around.depth + 1;
        let mut inside = |body: Option<Body>, trail| open.push(Open { block: inner, body, trail, depth });
        // Nobody asks what holds deeper than conditions are looked at.
        let deep = depth > conditions::DEPTH;
        let step = |trails: &Trails, field, inherit| {
            if deep { 0 } else { trails.step(around.trail, field, inherit, false) }
        };
        match found {
            Ok(Name { meaning: Meaning::Block(field, body), rests, inherit, .. }) => {
                let seen = self.seen.iter().find(|(f, _)| f.is(field)).copied();
                match seen {
                    Some((_, at)) if !field.many() => self.again(inner, owner, at, rests),
                    Some(_) => {}
                    None => self.seen.push((field, inner.range().start)),
                }
                inside(Some(body), step(&self.trails, field, inherit));
            }
            Ok(Name { meaning: Meaning::Alternative(body), field, inherit, .. }) => {
                inside(Some(body), step(&self.trails, field, inherit));
            }
            Ok(Name { meaning, .. }) | Err(meaning) => {
                inside(None, 0);
                let found = self.unknown_block(&inner, body, owner, &meaning);
                self.tell(found);
            }
        }
        asked
    }

    fn again(&mut self, block: Block<'a>, owner: &str, first: u32, rests: Rests) {
        let name = block.name();
        let found = self
            .fault(&duplicate_block::RULE, block.name_range(), rests, format!("`{name}` stands twice in `{owner}`"))
            .label(self.span(first..first + name.len() as u32), "first here")
            .help("put what both hold into one");
        self.tell(found);
    }

    fn unknown_block(&mut self, block: &Block<'a>, body: Body, owner: &str, meaning: &Meaning) -> Fault {
        let name = block.name();
        let (range, rule) = (block.name_range(), &unknown_block::RULE);
        match meaning {
            Meaning::Attribute => {
                let rests = body.field(&name).map_or(Rests::Catalogue, |f| Rests::on(f.held()));
                self.fault(rule, range, rests, format!("`{name}` of `{owner}` is an attribute"))
                    .help(format!("write `{name} = …`"))
            }
            Meaning::Family(inside) => {
                let one = inside.fields().map(Field::name).next().unwrap_or_default();
                self.fault(rule, range, Rests::Catalogue, format!("`{name}` of `{owner}` lacks its second name"))
                    .help(format!("write `{name}.{one} {{ … }}` or the like"))
            }
            Meaning::Unknown(Some((family, inside))) => {
                let rest = name.split_once('.').map_or("", |n| n.1);
                let ever = inside.field_ever(rest);
                let message = match self.history(ever) {
                    Some(history) => format!("`{name}` of `{owner}` {history}"),
                    None => format!("`{name}` is no block of `{owner}` {}", self.in_version()),
                };
                let found = self.fault(rule, range, Rests::absent(ever), message);
                let near = self.nearest_field(rest, *inside).map(|n| format!("{family}.{n}"));
                found.meant(near)
            }
            _ => {
                let ever = body.field_ever(&name);
                let message = match self.history(ever) {
                    Some(history) => format!("`{name}` of `{owner}` {history}"),
                    None => format!("`{name}` is no block of `{owner}` {}", self.in_version()),
                };
                let found = self.fault(rule, range.clone(), Rests::absent(ever), message);
                self.instead(found, &name, range, body, ever)
            }
        }
    }

    /// Required attributes and blocks that are not there.
    fn lacks(&mut self, block: Block<'a>, body: Body, owner: &str) {
        let required = std::mem::take(&mut self.known(body).required);
        let is_there = |f: &Field| self.seen.iter().any(|(seen, _)| seen.is(*f));
        let missing: Vec<Field> = required.iter().filter(|f| !is_there(f)).copied().collect();
        self.known(body).required = required;
        if missing.is_empty() || self.is_broken(&block) {
            return;
        }
        for field in missing {
            let what = if field.kind() == FieldKind::Block { "block" } else { "attribute" };
            let message = format!("`{owner}` lacks its {what} `{}`", field.name());
            let found = self.fault(&missing_required::RULE, block.header_range(), Rests::on(field.held()), message);
            self.tell(found.help(stub(field)));
        }
    }

    /// The label of a block inside another.
    fn label(&mut self, block: Block<'a>, body: Body, owner: &str) {
        let wanted = self.known(body).label;
        let message = match (wanted, block.label()) {
            (true, None) => format!("`{owner}` lacks a label"),
            (false, Some(_)) => format!("`{owner}` takes no label"),
            _ => return,
        };
        let help = if wanted { "write one in quotes before the `{`" } else { "remove the label" };
        let found = self.fault(&label_invalid::RULE, block.header_range(), Rests::Catalogue, message).help(help);
        self.tell(found);
    }
}

/// Names of the blocks around a place inside of a block, from the outside.
fn around<'a>(block: &Block<'a>, place: &Range<u32>) -> Vec<Cow<'a, str>> {
    let mut names = Vec::new();
    let mut body = block.body();
    // No known block is nested deeper.
    while names.len() < DEEPEST {
        let holds = |b: &Block<'_>| b.body().range().start < place.start && place.end <= b.range().end;
        let Some(inner) = body.all_blocks().find(holds) else { break };
        names.push(inner.name());
        body = inner.body();
    }
    names
}

/// What to write.
fn stub(field: Field) -> String {
    if field.kind() == FieldKind::Block {
        format!("add `{} {{ … }}`", field.name())
    } else {
        format!("add `{} = …`", field.name())
    }
}
