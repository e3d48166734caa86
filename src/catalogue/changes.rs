//! What changed between two releases of an engine: a query on its schema.

use std::collections::HashMap;
use std::fmt;

use super::Version;
use super::schema::{At, Body, Field, FieldKind, Root, Schema, Stability, Type, TypeKind};

#[cfg(test)]
mod tests;

/// One difference, at the place where a file has it.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The component or configuration block.
    pub root: &'static str,
    /// Blocks inside it, then the field; empty = the component itself. A label is "".
    pub path: Vec<&'static str>,
    /// What is different.
    pub what: What,
}

/// What is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Another promise.
    Stability(Stability, Stability),
    /// An attribute became a block, or the reverse.
    Written(FieldKind, FieldKind),
    /// Other values are taken: the types as upstream spells them.
    Type(String, String),
    /// Words that are no longer taken.
    Words(Vec<&'static str>),
    /// It must be written now (`true`), or need not be.
    Required(bool),
    /// Another value holds when it is not written, as JSON; `None` = the zero value, or not known.
    Default(Option<String>, Option<String>),
}

impl Difference {
    /// Whether a file that has it is refused now.
    pub fn went(&self) -> bool {
        matches!(self.what, What::Removed | What::Written(..))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.root)?;
        for name in &self.path {
            write!(f, " {}", if name.is_empty() { "(label)" } else { name })?;
        }
        let json = |v: &Option<String>| v.clone().unwrap_or_else(|| "unset".to_owned());
        match &self.what {
            What::Added => f.write_str(": added"),
            What::Removed => f.write_str(": removed"),
            What::Stability(old, new) => write!(f, ": {} → {}", old.name(), new.name()),
            What::Written(old, new) => write!(f, ": {old:?} → {new:?}"),
            What::Type(old, new) => write!(f, ": {old} → {new}"),
            What::Words(gone) => write!(f, ": no longer {}", gone.join(", ")),
            What::Required(true) => f.write_str(": required"),
            What::Required(false) => f.write_str(": no longer required"),
            What::Default(old, new) => write!(f, ": default {} → {}", json(old), json(new)),
        }
    }
}

impl Schema {
    /// What a file of `from` meets at `to`, by component.
    pub fn changes(self, from: Version, to: Version) -> impl Iterator<Item = Difference> {
        let (old, new) = (self.at(from), self.at(to));
        let mut names: Vec<_> = self.roots_ever().collect();
        names.dedup();
        let mut known = HashMap::new();
        names.into_iter().flat_map(move |name| component(old, new, name, &mut known))
    }
}

/// Whether two bodies are one and hold the same at both releases: most do, and many components share them.
type Known = HashMap<(usize, usize), bool>;

fn same(old: Body, new: Body, known: &mut Known) -> bool {
    let pair = (old.number(), new.number());
    if pair.0 != pair.1 {
        return false;
    }
    if let Some(same) = known.get(&pair) {
        return *same;
    }
    // A body that holds itself is the same if all else in it is.
    known.insert(pair, true);
    let fields = old.fields().count() == new.fields().count()
        && old.fields().zip(new.fields()).all(|(a, b)| {
            a.is(b) && lost(a, b).is_empty() && inner(a).zip(inner(b)).is_none_or(|(a, b)| same(a, b, known))
        });
    known.insert(pair, fields);
    fields
}

/// What stands inside a block or an object.
fn inner(field: Field) -> Option<Body> {
    field.body().or_else(|| object(field.ty()))
}

fn component(old: At, new: At, name: &'static str, known: &mut Known) -> Vec<Difference> {
    let one = |what| vec![Difference { root: name, path: Vec::new(), what }];
    match (old.root(name), new.root(name)) {
        (None, None) => Vec::new(),
        (None, Some(_)) => one(What::Added),
        (Some(_), None) => one(What::Removed),
        (Some(a), Some(b)) => both(name, a, b, known),
    }
}

/// Two bodies that stand at the same place, how a file comes there, and what their parents say of the values in them.
struct Pair {
    old: Body,
    new: Body,
    path: Vec<&'static str>,
    /// Pairs that lead here: a body that holds itself ends there.
    above: Vec<(usize, usize)>,
    given: (Given, Given),
}

fn both(name: &'static str, a: Root, b: Root, known: &mut Known) -> Vec<Difference> {
    let mut all = Vec::new();
    if a.stability() != b.stability() && !a.community() && !b.community() {
        let what = What::Stability(a.stability(), b.stability());
        all.push(Difference { root: name, path: Vec::new(), what });
    }
    let start = a.body().zip(b.body()).map(|(old, new)| Pair {
        old,
        new,
        path: Vec::new(),
        above: Vec::new(),
        given: (Given::default(), Given::default()),
    });
    let mut waiting: Vec<Pair> = start.into_iter().collect();
    while let Some(pair) = waiting.pop() {
        let alike = pair.given.0 == pair.given.1 && same(pair.old, pair.new, known);
        if alike || pair.above.contains(&(pair.old.number(), pair.new.number())) {
            continue;
        }
        let mut say = |field: &'static str, what| {
            let path = pair.path.iter().copied().chain([field]).collect();
            all.push(Difference { root: name, path, what });
        };
        for field in pair.old.fields() {
            match pair.new.field(field.name()) {
                None => say(field.name(), What::Removed),
                Some(other) => {
                    for what in fields(&pair, field, other) {
                        say(field.name(), what);
                    }
                    waiting.extend(inside(&pair, field, other));
                }
            }
        }
        for field in pair.new.fields().filter(|f| pair.old.field(f.name()).is_none()) {
            say(field.name(), What::Added);
            if field.required() {
                say(field.name(), What::Required(true));
            }
        }
    }
    all
}

fn fields(pair: &Pair, old: Field, new: Field) -> Vec<What> {
    let mut all = Vec::new();
    if old.kind() != new.kind() {
        return vec![What::Written(old.kind(), new.kind())];
    }
    if old.required() != new.required() {
        all.push(What::Required(new.required()));
    }
    if old.kind() != FieldKind::Attribute {
        return all;
    }
    let gone = lost(old, new);
    if !gone.is_empty() {
        all.push(What::Words(gone));
    }
    let types = (old.ty().to_string(), new.ty().to_string());
    if types.0 != types.1 {
        all.push(What::Type(types.0, types.1));
    }
    let defaults = (pair.given.0.of(old), pair.given.1.of(new));
    if defaults.0 != defaults.1 && !old.dynamic() && !new.dynamic() {
        all.push(What::Default(defaults.0, defaults.1));
    }
    all
}

fn inside(pair: &Pair, old: Field, new: Field) -> Option<Pair> {
    Some(Pair {
        old: inner(old)?,
        new: inner(new)?,
        path: pair.path.iter().copied().chain([old.name()]).collect(),
        above: pair.above.iter().copied().chain([(pair.old.number(), pair.new.number())]).collect(),
        given: (pair.given.0.inside(old), pair.given.1.inside(new)),
    })
}

/// The body of an object, of a list of them, of a map to them.
fn object(ty: Type) -> Option<Body> {
    match ty.kind() {
        TypeKind::Object(body) => Some(body),
        // A type is spelt in brackets, so the schema is as deep as it is long.
        TypeKind::List(of) | TypeKind::Map(of) => object(of),
        _ => None,
    }
}

/// Words that an attribute took and takes no longer; none where either takes any word.
pub(crate) fn lost(old: Field, new: Field) -> Vec<&'static str> {
    let words = |f: Field| -> Vec<&'static str> {
        match f.ty().kind() {
            TypeKind::Text(text) if !text.open() => text.values().collect(),
            TypeKind::Text(_) => Vec::new(),
            _ => f.values().collect(),
        }
    };
    let (old, new) = (words(old), words(new));
    if new.is_empty() {
        return Vec::new();
    }
    old.into_iter().filter(|w| !new.contains(w)).collect()
}

/// What blocks above say of defaults below: paths and their values as JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Given(Vec<(String, Option<String>)>);

impl Given {
    /// The default of a field in a block of which this is said; `None` = the zero value, or not known.
    pub(crate) fn of(&self, field: Field) -> Option<String> {
        match self.0.iter().find(|(path, _)| path == field.name()) {
            Some((_, value)) => value.clone(),
            None => field.default().map(str::to_owned),
        }
    }

    /// What is said inside a block of it.
    pub(crate) fn inside(&self, block: Field) -> Self {
        let rest = |path: &str| Some(path.strip_prefix(block.name())?.strip_prefix('.')?.to_owned());
        // What stands further above says it of this very place.
        let mut all: Vec<_> = self.0.iter().filter_map(|(p, v)| Some((rest(p)?, v.clone()))).collect();
        let own = block.inherit().and_then(|json| serde_json::from_str(json).ok());
        if let Some(serde_json::Value::Object(own)) = own {
            for (path, value) in own {
                if !all.iter().any(|(p, _)| *p == path) {
                    all.push((path, (!value.is_null()).then(|| value.to_string())));
                }
            }
        }
        Self(all)
    }
}
