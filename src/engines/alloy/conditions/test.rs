//! Tests in three values: `None` = cannot be known.

use std::borrow::Cow;
use std::collections::HashSet;

use super::judge::Judge;
use super::number;
use super::table::{Op, Operand, Path, Test, Text};
use super::view::{Attribute, Body, Value};

/// Where names are looked up.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) body: &'s dyn Body,
    /// The element of a list or the key of a map that an `any` is at.
    item: Option<&'s Value<'s>>,
    /// What holds the block that an `any` is at.
    up: Option<&'s Scope<'s>>,
    pub(super) judge: &'s dyn Judge,
}

impl<'s> Scope<'s> {
    pub(super) fn new(body: &'s dyn Body, judge: &'s dyn Judge) -> Self {
        Self { body, item: None, up: None, judge }
    }
}

/// Whether the test holds.
pub(super) fn holds(test: &Test, scope: &Scope<'_>) -> Option<bool> {
    match test {
        Test::And(tests) => all(tests.iter().map(|test| holds(test, scope))),
        Test::Or(tests) => any(tests.iter().map(|test| holds(test, scope))),
        Test::Not(test) => holds(test, scope).map(|held| !held),
        Test::Truthy(path) => truthy(path, scope),
        Test::Written(path) => value(path, scope, |value| match value {
            Value::Unknown => None,
            value => Some(*value != Value::Unset),
        }),
        Test::Compare(op, left, right) => compare(*op, left, right, scope),
        Test::In { path, words, fold } => text(path, scope, |text| {
            Some(words.iter().any(|word| if *fold { word.eq_ignore_ascii_case(text) } else { **word == *text }))
        }),
        Test::Prefix(path, part) => text(path, scope, |text| Some(text.starts_with(part.get()))),
        Test::Suffix(path, part) => text(path, scope, |text| Some(text.ends_with(part.get()))),
        Test::Holds(path, part) => text(path, scope, |text| Some(text.contains(part.get()))),
        Test::Valid(path, syntax) => text(path, scope, |text| scope.judge.valid(*syntax, text)),
        Test::Default(path, json) => value(path, scope, |value| same(value, &Value::default(json.get()))),
        Test::Any(..) | Test::AnyKey { .. } => {
            let mut verdicts = Vec::new();
            let complete = elements(test, scope, &mut |inner, test, _| verdicts.push(holds(test, inner)));
            any(verdicts.into_iter().chain([if complete { Some(false) } else { None }]))
        }
        Test::Duplicate(path, attributes) => duplicate(path, attributes, scope),
        Test::Text(path) => value(path, scope, |value| match value {
            Value::Unknown | Value::Unset => None,
            value => Some(matches!(value, Value::Text(_))),
        }),
        Test::Named(path, operators) => text(path, scope, |name| named(name, operators, scope)),
    }
}

/// Hands over the elements that an `any` looks at, each with the inner test and its place; `false` when not all can be known.
pub(super) fn elements(
    test: &Test,
    scope: &Scope<'_>,
    take: &mut dyn FnMut(&Scope<'_>, &Test, Option<crate::source::Span>),
) -> bool {
    match test {
        Test::Any(path, test) if path.block => {
            blocks(path, scope, &mut |body| {
                take(&Scope { body, item: None, up: Some(scope), ..*scope }, test, body.span());
            });
            true
        }
        Test::Any(path, test) => attribute(&path.steps, scope, &mut |list| match &list.value {
            Value::List(items) => {
                for item in items {
                    take(&Scope { item: Some(&item.value), ..*scope }, test, item.span.or(list.span));
                }
                true
            }
            Value::Map(fields) => {
                for (_, field) in fields {
                    take(&Scope { item: Some(&field.value), ..*scope }, test, field.span.or(list.span));
                }
                true
            }
            other => *other == Value::Unset,
        }),
        Test::AnyKey { path, test, bare } => attribute(&path.steps, scope, &mut |map| match &map.value {
            Value::Map(fields) => {
                let is_bare = |value: &Value<'_>| matches!(value, Value::Text(text) if text.is_empty());
                for (key, field) in fields.iter().filter(|(_, field)| !bare || is_bare(&field.value)) {
                    let key = Value::Text(Cow::Borrowed(key.as_ref()));
                    take(&Scope { item: Some(&key), ..*scope }, test, field.span.or(map.span));
                }
                true
            }
            other => *other == Value::Unset,
        }),
        _ => true,
    }
}

fn all(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(verdicts.map(|verdict| verdict.map(|held| !held))).map(|held| !held)
}

fn any(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut whole = Some(false);
    for verdict in verdicts {
        match verdict {
            Some(true) => return Some(true),
            Some(false) => {}
            None => whole = None,
        }
    }
    whole
}

/// Not Go's zero value. Durations and sizes are compared instead: `"0s"` is not empty.
fn truthy(path: &Path, scope: &Scope<'_>) -> Option<bool> {
    if path.block {
        return Some(count_blocks(path, scope) > 0);
    }
    value(path, scope, |value| match value {
        Value::Unknown => None,
        Value::Unset => Some(false),
        Value::Bool(value) => Some(*value),
        Value::Number(number) => Some(*number != 0.0),
        Value::Text(text) => Some(!text.is_empty()),
        Value::List(items) => Some(!items.is_empty()),
        Value::Map(fields) => Some(!fields.is_empty()),
    })
}

/// What is known of a number: its bounds.
type Bounds = (f64, f64);

fn compare(op: Op, left: &Operand, right: &Operand, scope: &Scope<'_>) -> Option<bool> {
    // Two texts are equal as texts: two sizers, a URL and another.
    if let (Op::Equal, Operand::Path(left), Operand::Path(right)) = (op, left, right) {
        return value(left, scope, |left| value(right, scope, |right| same(left, right)));
    }
    let ((low, high), (floor, roof)) = (bounds(left, scope)?, bounds(right, scope)?);
    match op {
        Op::Less | Op::AtLeast if high < floor => Some(op == Op::Less),
        Op::Less | Op::AtLeast if low >= roof => Some(op == Op::AtLeast),
        Op::AtMost | Op::More if high <= floor => Some(op == Op::AtMost),
        Op::AtMost | Op::More if low > roof => Some(op == Op::More),
        Op::Equal if low == high && floor == roof => Some(low == floor),
        Op::Equal if high < floor || low > roof => Some(false),
        _ => None,
    }
}

fn bounds(operand: &Operand, scope: &Scope<'_>) -> Option<Bounds> {
    let one = |number: f64| (number, number);
    match operand {
        Operand::Number(number) => Some(one(*number)),
        Operand::Path(path) => value(path, scope, number).map(one),
        Operand::Minus(path, less) => value(path, scope, number).map(|number| one(number - less)),
        Operand::Plus(left, right) => Some(one(value(left, scope, number)? + value(right, scope, number)?)),
        Operand::Count(path) if path.block => Some(one(count_blocks(path, scope) as f64)),
        Operand::Count(path) => value(path, scope, |value| match value {
            Value::Unset => Some(0.0),
            Value::List(items) => Some(items.len() as f64),
            Value::Map(fields) => Some(fields.len() as f64),
            _ => None,
        })
        .map(one),
        Operand::Length(path) => text(path, scope, |text| Some(text.len() as f64)).map(one),
        Operand::Ones(tests) => {
            let (mut low, mut high) = (0.0, 0.0);
            for test in tests.iter() {
                let held = holds(test, scope);
                low += f64::from(u8::from(held == Some(true)));
                high += f64::from(u8::from(held != Some(false)));
            }
            Some((low, high))
        }
    }
}

/// A number as the engine reads it: written as one, as a string of one, as a duration or a size.
fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Unset => Some(0.0),
        Value::Number(number) => Some(*number),
        Value::Text(text) => number::any(text),
        _ => None,
    }
}

/// Whether two values are the same to the engine: `"60s"` and `"1m"` are.
fn same(left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::List(left), Value::List(right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            all(left.iter().zip(right).map(|(left, right)| same(&left.value, &right.value)))
        }
        (Value::Text(left), Value::Text(right)) => match (number::any(left), number::any(right)) {
            (Some(left), Some(right)) => Some(left == right),
            _ => Some(left == right),
        },
        (Value::Unset, Value::Text(text)) | (Value::Text(text), Value::Unset) => Some(text.is_empty()),
        (Value::Bool(left), Value::Bool(right)) => Some(left == right),
        (Value::Unset, Value::Bool(value)) | (Value::Bool(value), Value::Unset) => Some(!value),
        (Value::Unset, Value::Unset) => Some(true),
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => Some(left == right),
            _ => None,
        },
    }
}

/// Whether two elements are surely equal texts, two blocks surely of the same content.
fn duplicate(path: &Path, attributes: &[Text], scope: &Scope<'_>) -> Option<bool> {
    // Whatever is written in it, one block has no other like it.
    if path.block && attributes.is_empty() && count_blocks(path, scope) < 2 {
        return Some(false);
    }
    let mut seen: HashSet<String> = HashSet::new();
    let mut found = false;
    let mut known = true;
    let mut see = |value: &Value<'_>| match value {
        // What is not named has a name of its own.
        Value::Text(text) if text.is_empty() => {}
        Value::Text(text) => found |= !seen.insert(text.clone().into_owned()),
        _ => known = false,
    };
    if path.block && attributes.is_empty() {
        // Blocks of other contents may be equal all the same.
        blocks(path, scope, &mut |body| see(&body.content().map_or(Value::Unknown, |text| Value::Text(text.into()))));
        known = seen.len() < 2;
    } else if path.block {
        blocks(path, scope, &mut |body| see(&together(attributes, |name| worth(&body.attribute(name)))));
    } else {
        value(path, scope, |value| match value {
            Value::List(items) if attributes.is_empty() => items.iter().for_each(|item| see(&item.value)),
            Value::List(items) => items.iter().for_each(|item| {
                see(&together(attributes, |name| inside(Some(name), item, &mut worth)));
            }),
            Value::Unset => {}
            other => see(other),
        });
    }
    match (found, known) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

/// Whether one of the operators is called so: by its `id`, else by its `type`, with a number behind it where several are of one
/// (open-telemetry/opentelemetry-collector-contrib pkg/stanza/pipeline/config.go@v0.134.0, @v0.158.0).
fn named(name: &str, operators: &Path, scope: &Scope<'_>) -> Option<bool> {
    // What nobody wrote stands around them.
    let around = name == "file_input" || name.ends_with("_emitter");
    let own = |item: &Attribute<'_>, key: &str| inside(Some(key), item, &mut worth);
    let is_called = |item: &Attribute<'_>| match (own(item, "id")?, own(item, "type")?) {
        (id, kind) if id.is_empty() || id == kind => {
            Some(name.strip_prefix(&kind).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit())))
        }
        (id, _) => Some(id == name),
    };
    value(operators, scope, |value| match value {
        Value::List(_) if around => None,
        Value::List(items) => any(items.iter().map(is_called)),
        _ => None,
    })
}

/// Several values as one that is equal where all are; empty when the first is.
fn together(attributes: &[Text], read: impl Fn(&str) -> Option<String>) -> Value<'static> {
    let mut all = String::new();
    for name in attributes {
        match read(name) {
            None => return Value::Unknown,
            Some(text) if text.is_empty() && all.is_empty() => return Value::text(""),
            Some(text) => {
                all.push_str(&text);
                all.push('\n');
            }
        }
    }
    Value::text(all)
}

/// What a text is worth; empty where none is set.
fn worth(attribute: &Attribute<'_>) -> Option<String> {
    match &attribute.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Unset => Some(String::new()),
        _ => None,
    }
}

fn count_blocks(path: &Path, scope: &Scope<'_>) -> usize {
    let mut count = 0;
    blocks(path, scope, &mut |_| count += 1);
    count
}

/// Reads the value at a path.
fn value<T>(path: &Path, scope: &Scope<'_>, mut read: impl FnMut(&Value<'_>) -> T) -> T {
    attribute(&path.steps, scope, &mut |attribute| read(&attribute.value))
}

/// The value as a string attribute gets it: numbers are converted.
pub(super) fn text<T>(path: &Path, scope: &Scope<'_>, mut read: impl FnMut(&str) -> Option<T>) -> Option<T> {
    value(path, scope, |value| match value {
        Value::Unset => read(""),
        Value::Text(text) => read(text),
        Value::Number(number) => read(&number.to_string()),
        _ => None,
    })
}

/// Reads what stands at a path.
pub(super) fn attribute<T>(steps: &str, scope: &Scope<'_>, read: &mut dyn FnMut(&Attribute<'_>) -> T) -> T {
    let (first, rest) = split(steps);
    match (first, rest, scope.up, scope.item) {
        ("^", Some(rest), Some(up), _) => attribute(rest, up, read),
        ("it", rest, _, Some(item)) => inside(rest, &Attribute { value: item.clone(), span: None }, read),
        _ => from(steps, scope.body, read),
    }
}

/// The first step of a path, and those behind it.
fn split(steps: &str) -> (&str, Option<&str>) {
    match steps.bytes().position(|b| b == b'/') {
        Some(at) => (&steps[..at], Some(&steps[at + 1..])),
        None => (steps, None),
    }
}

fn from<T>(steps: &str, body: &dyn Body, read: &mut dyn FnMut(&Attribute<'_>) -> T) -> T {
    let (name, Some(rest)) = split(steps) else { return read(&body.attribute(steps)) };
    let mut result = None;
    let mut take = |inner: &dyn Body| {
        if result.is_none() {
            result = Some(from(rest, inner, read));
        }
    };
    body.blocks(name, &mut take);
    if result.is_none() {
        let mut take = |inner: &dyn Body| result = Some(from(rest, inner, read));
        body.absent(name, &mut take);
    }
    result.unwrap_or_else(|| inside(Some(rest), &body.attribute(name), read))
}

/// Goes down an object.
fn inside<T>(steps: Option<&str>, attribute: &Attribute<'_>, read: &mut dyn FnMut(&Attribute<'_>) -> T) -> T {
    let Some((name, rest)) = steps.map(split) else { return read(attribute) };
    match &attribute.value {
        Value::Map(fields) => match fields.iter().rev().find(|(key, _)| key == name) {
            Some((_, field)) => inside(rest, field, read),
            None => read(&Attribute::UNSET),
        },
        Value::Unknown => read(&Attribute { value: Value::Unknown, span: attribute.span }),
        _ => read(&Attribute::UNSET),
    }
}

/// Hands over the blocks in force at a path.
pub(super) fn blocks(path: &Path, scope: &Scope<'_>, take: &mut dyn FnMut(&dyn Body)) {
    fn down(steps: &str, body: &dyn Body, take: &mut dyn FnMut(&dyn Body)) {
        match split(steps) {
            (name, None) => body.blocks(name, take),
            (name, Some(rest)) => body.blocks(name, &mut |inner| down(rest, inner, take)),
        }
    }
    match (split(&path.steps), scope.up) {
        (("^", Some(rest)), Some(up)) => down(rest, up.body, take),
        _ => down(&path.steps, scope.body, take),
    }
}
