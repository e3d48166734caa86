//! What stands in a block, held against what the catalogue says that it takes
//! (grafana/alloy syntax/vm/struct_decoder.go@v1.19.0-rc.3).

use std::borrow::Cow;
use std::ops::Range;

use vispyr_alloy::{Attribute, Block, Body as Written, Stmt};

use super::Checker;
use super::report::{Fault, Rests};
use super::value::Place;
use crate::catalogue;
use crate::catalogue::schema::{Body, Field, FieldKind, Held};
use crate::engines::alloy::rules::{
    duplicate_attribute, duplicate_block, label_invalid, missing_required, unknown_attribute, unknown_block,
};

/// Names in the longest path of a field whose successor is known, and some.
const DEEPEST: usize = 16;

/// A block that is still to be looked into.
struct Open<'a> {
    block: Block<'a>,
    body: Body,
}

/// What a name of a block means in a body.
enum Meaning {
    /// A block of this body; the field tells whether it may be there again.
    Block(Field, Body),
    /// One of several kinds of blocks, which may be there again.
    Alternative(Body),
    /// An attribute.
    Attribute,
    /// A family of blocks, named without saying which.
    Family(Body),
    /// Nothing; perhaps a family that does not have this one.
    Unknown(Option<(&'static str, Body)>),
}

impl<'a> Checker<'_, 'a> {
    /// A block of the top, and all blocks inside.
    pub(super) fn body(&mut self, block: Block<'a>, body: Body, owner: &str) {
        let mut open = Vec::new();
        self.one_body(block, body, owner, &mut open);
        while let Some(Open { block, body }) = open.pop() {
            let name = block.name();
            self.label(block, body, &name);
            self.one_body(block, body, &name, &mut open);
        }
    }

    /// One block by itself; those inside are put behind the others that wait.
    fn one_body(&mut self, block: Block<'a>, body: Body, owner: &str, open: &mut Vec<Open<'a>>) {
        self.seen.clear();
        let first = open.len();
        for stmt in block.body().stmts() {
            match stmt {
                Stmt::Attribute(attribute) => self.attribute(attribute, body, owner),
                Stmt::Block(inner) => self.inner(inner, body, owner, open),
            }
        }
        // The last is looked into first: in the order of the text.
        open[first..].reverse();
        self.lacks(block, body, owner);
    }

    fn attribute(&mut self, attribute: Attribute<'a>, body: Body, owner: &str) {
        let name = attribute.name();
        let Some(field) = body.field(name.name()) else {
            self.unknown_attribute(&attribute, body, owner);
            self.infer(attribute.value());
            return;
        };
        if field.kind() != FieldKind::Attribute {
            let message = format!("`{}` of `{owner}` is a block", name.name());
            let found = self
                .fault(&unknown_attribute::RULE, name.range(), Rests::on(field.held()), message)
                .help(format!("write `{} {{ … }}`, without a `=`", name.name()));
            self.tell(found);
            self.infer(attribute.value());
            return;
        }
        if let Some((_, first)) = self.seen.iter().find(|(n, _)| std::ptr::eq(*n, field.name()) || *n == field.name()) {
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
            self.seen.push((field.name(), name.range().start));
        }
        let place = Place { name: name.name(), owner, field: Some(field), rests: Rests::on(field.held()) };
        self.value(attribute.value(), crate::engines::alloy::types::Want::of(field.ty()), &place);
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

    /// A block inside of another.
    fn inner(&mut self, inner: Block<'a>, body: Body, owner: &str, open: &mut Vec<Open<'a>>) {
        let name = inner.name();
        if owner == "foreach" && name == "template" {
            return;
        }
        match meaning(body, &name) {
            Meaning::Block(field, inside) => {
                let seen = self.seen.iter().find(|(n, _)| *n == field.name()).copied();
                match seen {
                    Some((_, at)) if !field.many() => self.again(inner, owner, at, Rests::on(field.held())),
                    Some(_) => {}
                    None => self.seen.push((field.name(), inner.range().start)),
                }
                open.push(Open { block: inner, body: inside });
            }
            Meaning::Alternative(inside) => open.push(Open { block: inner, body: inside }),
            other => {
                let found = self.unknown_block(&inner, body, owner, &other);
                self.tell(found);
                self.values_only(inner.body());
            }
        }
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
        let number = body.number();
        if self.required.len() <= number {
            self.required.resize_with(number + 1, || None);
        }
        let required = self.required[number].get_or_insert_with(|| {
            body.fields()
                .filter(|f| f.required() && matches!(f.kind(), FieldKind::Attribute | FieldKind::Block))
                .collect()
        });
        let seen = &self.seen;
        let missing: Vec<Field> =
            required.iter().filter(|f| !seen.iter().any(|(n, _)| *n == f.name())).copied().collect();
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
        let wanted = body.field("").is_some();
        let message = match (wanted, block.label()) {
            (true, None) => format!("`{owner}` lacks a label"),
            (false, Some(_)) => format!("`{owner}` takes no label"),
            _ => return,
        };
        let help = if wanted { "write one in quotes before the `{`" } else { "remove the label" };
        let found = self.fault(&label_invalid::RULE, block.header_range(), Rests::Catalogue, message).help(help);
        self.tell(found);
    }

    /// A body of which nothing is known: what its values refer to is looked at all the same.
    pub(super) fn values_only(&mut self, body: Written<'a>) {
        let mut open = vec![body];
        while let Some(body) = open.pop() {
            for stmt in body.stmts() {
                match stmt {
                    Stmt::Attribute(attribute) => _ = self.infer(attribute.value()),
                    Stmt::Block(block) => open.push(block.body()),
                }
            }
        }
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

fn meaning(body: Body, name: &str) -> Meaning {
    if let Some(field) = body.field(name) {
        return match (field.kind(), field.body()) {
            (FieldKind::Block, Some(inside)) => Meaning::Block(field, inside),
            (FieldKind::Enum, Some(inside)) => Meaning::Family(inside),
            (FieldKind::Attribute, _) => Meaning::Attribute,
            _ => Meaning::Unknown(None),
        };
    }
    let Some((first, rest)) = name.split_once('.') else { return Meaning::Unknown(None) };
    let Some(family) = body.field(first).filter(|f| f.kind() == FieldKind::Enum) else { return Meaning::Unknown(None) };
    let Some(alternatives) = family.body() else { return Meaning::Unknown(None) };
    match alternatives.field(rest).and_then(Field::body) {
        Some(inside) => Meaning::Alternative(inside),
        None => Meaning::Unknown(Some((family.name(), alternatives))),
    }
}
