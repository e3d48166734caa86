//! What the catalogue and the conditions say of a body, looked up once: thousands of blocks of a config are of one kind, and
//! of its names each writes the same few.

use std::borrow::Cow;

use super::Checker;
use super::conditions::{Asked, Names};
use super::report::Rests;
use crate::catalogue::schema::{Body, Field, FieldKind};
use crate::engines::alloy::rules::literal_secret;
use crate::engines::alloy::types::Want;

/// A body.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// What of it was written somewhere.
    names: Vec<(&'a str, Name)>,
    /// Fields that the decoder demands.
    pub(super) required: Box<[Field]>,
    /// Whether its block takes a label.
    pub(super) label: bool,
    /// Its conditions.
    pub(super) asked: Asked,
}

/// A name that is written in a body.
#[derive(Clone, Copy)]
pub(super) struct Name {
    /// What it means as the name of a block.
    pub(super) meaning: Meaning,
    /// What has that name: a field of the body, or of several kinds of blocks the one that is meant.
    pub(super) field: Field,
    /// How it is written.
    pub(super) kind: FieldKind,
    /// What its value must be.
    pub(super) want: Want,
    /// What a fault in it rests on.
    pub(super) rests: Rests,
    /// What it is to the conditions of the body.
    pub(super) asked: Names,
    /// Whether its value may be a secret.
    pub(super) secret: bool,
    /// Whether parents of the block say more of defaults inside.
    pub(super) inherit: Option<&'static str>,
}

/// What a name of a block means in a body.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
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

/// Bodies by their numbers.
#[derive(Default)]
pub(super) struct Bodies<'a> {
    /// Places in `all`, one higher; 0 = not looked up yet.
    places: Vec<u32>,
    all: Vec<Known<'a>>,
}

impl<'a> Checker<'_, 'a> {
    /// What is known of a body.
    #[inline]
    pub(super) fn known(&mut self, body: Body) -> &mut Known<'a> {
        let place = match self.bodies.places.get(body.number()) {
            Some(place) if *place > 0 => *place,
            _ => self.look_up(body),
        };
        &mut self.bodies.all[place as usize - 1]
    }

    /// Looks a body up for the first time; gives its place, one higher.
    fn look_up(&mut self, body: Body) -> u32 {
        let required = |f: &Field| f.required() && matches!(f.kind(), FieldKind::Attribute | FieldKind::Block);
        self.bodies.all.push(Known {
            names: Vec::new(),
            required: body.fields().filter(required).collect(),
            label: body.field("").is_some(),
            asked: Asked::of(body, self.version),
        });
        let (number, place) = (body.number(), self.bodies.all.len() as u32);
        if self.bodies.places.len() <= number {
            self.bodies.places.resize(number + 1, 0);
        }
        self.bodies.places[number] = place;
        place
    }

    /// What a name is that is written in a body; of one that the body does not have, what it may have been meant as.
    pub(super) fn named(&mut self, body: Body, written: Cow<'a, str>) -> Result<Name, Meaning> {
        let known = self.known(body);
        if let Some((_, name)) = known.names.iter().find(|(n, _)| *n == written) {
            return Ok(*name);
        }
        let (meaning, field) = meaning(body, &written);
        let Some(field) = field else { return Err(meaning) };
        let name = Name {
            meaning,
            field,
            kind: field.kind(),
            want: Want::of(field.ty()),
            rests: Rests::on(field.held()),
            asked: known.asked.about(&written),
            secret: literal_secret::takes_secrets(field.ty()),
            inherit: field.inherit(),
        };
        if let Cow::Borrowed(written) = written {
            known.names.push((written, name));
        }
        Ok(name)
    }
}

/// What a name means, and the field that has it.
fn meaning(body: Body, name: &str) -> (Meaning, Option<Field>) {
    if let Some(field) = body.field(name) {
        let meaning = match (field.kind(), field.body()) {
            (FieldKind::Block, Some(inside)) => Meaning::Block(field, inside),
            (FieldKind::Enum, Some(inside)) => Meaning::Family(inside),
            (FieldKind::Attribute, _) => Meaning::Attribute,
            _ => Meaning::Unknown(None),
        };
        return (meaning, Some(field));
    }
    let family = name.split_once('.').and_then(|(first, rest)| Some((body.field(first)?, rest)));
    let Some((family, rest)) = family.filter(|(f, _)| f.kind() == FieldKind::Enum) else {
        return (Meaning::Unknown(None), None);
    };
    let Some(alternatives) = family.body() else { return (Meaning::Unknown(None), None) };
    let field = alternatives.field(rest);
    match field.and_then(Field::body) {
        Some(inside) => (Meaning::Alternative(inside), field),
        None => (Meaning::Unknown(Some((family.name(), alternatives))), None),
    }
}
