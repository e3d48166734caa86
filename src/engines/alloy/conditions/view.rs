//! What a condition asks of a block.

use std::borrow::Cow;

use crate::source::Span;

/// A decoded block: what stands in it, and what holds where nothing stands.
pub trait Body {
    /// The value in force of an attribute: written, else the default under this parent, else [`Value::Unset`], which is
    /// what an attribute is that the body does not have. [`Value::Unknown`] when the decoder demands it and it is not
    /// written, which is a finding of its own, and when a negative number stands where the engine holds unsigned ones.
    fn attribute(&self, name: &str) -> Attribute<'_>;

    /// Hands over the blocks in force of that name, in order: written ones, else those that are on without being written.
    /// Of an enum, `stage.json` names blocks of one alternative, `stage` all.
    fn blocks(&self, name: &str, take: &mut dyn FnMut(&dyn Body));

    /// Hands over what holds in a block of that name that nobody wrote, when its values are in force all the same
    /// (a struct held by value). Nothing when the struct is a pointer that stays nil; unknown values when the decoder
    /// demands the block.
    fn absent(&self, name: &str, take: &mut dyn FnMut(&dyn Body));

    /// Where the block's header is written; `None` when it is not written.
    fn span(&self) -> Option<Span>;

    /// All that is written in it, in a form in which two blocks of the same content are surely equal to the engine; `None`
    /// when there is too much to tell.
    fn content(&self) -> Option<String>;
}

/// A value in force and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Where; `None` = a default.
    pub span: Option<Span>,
}

impl Attribute<'_> {
    /// Nothing written, no default.
    pub const UNSET: Attribute<'static> = Attribute { value: Value::Unset, span: None };
}

/// What can be known of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// An expression that cannot be evaluated, or a value of a type that is none of these.
    Unknown,
    /// Neither written nor defaulted, or `null`: Go's zero value, a nil pointer.
    Unset,
    /// `true`, `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string, be it a text, a duration, a size or a secret.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Attribute<'a>>),
    /// An object, in order.
    Map(Vec<(Cow<'a, str>, Attribute<'a>)>),
}

impl<'a> Value<'a> {
    /// A text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A default as the catalogue writes it down (JSON).
    pub fn default(json: &'static str) -> Value<'static> {
        // Most are texts, which stand as they are.
        match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(text) if text != BLOCK && !text.contains(['\\', '"']) => Value::text(text),
            _ => serde_json::from_str(json).map_or(Value::Unknown, Value::from_json),
        }
    }

    /// A JSON value.
    pub fn from_json(json: serde_json::Value) -> Value<'static> {
        from_json(json, 8)
    }
}

/// How the catalogue writes a nested pointer block that a default sets.
const BLOCK: &str = "(block)";

/// A JSON value. What lies deeper than any default is unknown.
fn from_json(value: serde_json::Value, depth: u8) -> Value<'static> {
    use serde_json::Value as Json;
    let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
    let inner = |value| Attribute { value: from_json(value, depth), span: None };
    match value {
        Json::Null => Value::Unset,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => number.as_f64().map_or(Value::Unknown, Value::Number),
        Json::String(text) if text == BLOCK => Value::Unknown,
        Json::String(text) => Value::Text(text.into()),
        Json::Array(items) => Value::List(items.into_iter().map(inner).collect()),
        Json::Object(fields) => {
            Value::Map(fields.into_iter().map(|(name, value)| (name.into(), inner(value))).collect())
        }
    }
}
