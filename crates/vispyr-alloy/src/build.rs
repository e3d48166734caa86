//! Building a configuration from values.
//!
//! What is built here is written as a text with sensible line breaks, read by the parser and printed by the printer, so
//! the result is in the canonical form and every node of it has its place.
//!
//! ```
//! use vispyr_alloy::build::{Body, Value};
//!
//! let mut body = Body::new();
//! body.block("otelcol.receiver.otlp", Some("default"), |b| {
//!     b.block("grpc", None, |b| {
//!         b.attr("endpoint", "0.0.0.0:4317");
//!     });
//!     b.block("output", None, |b| {
//!         b.attr("traces", vec![Value::reference("otelcol.exporter.otlp.tempo.input")]);
//!     });
//! });
//! let file = body.to_file()?;
//! assert!(vispyr_alloy::print(&file).starts_with("otelcol.receiver.otlp \"default\" {\n\tgrpc {\n"));
//! # Ok::<(), Vec<vispyr_alloy::SyntaxError>>(())
//! ```

use crate::error::SyntaxError;
use crate::lexer::is_identifier;
use crate::parser::parse;
use crate::printer::print;
use crate::strings::quote;
use crate::tree::File;

/// A list longer than this on its line is broken into one line per item.
const MAX_INLINE: usize = 80;

/// Blocks or values nested deeper than this are refused: nobody builds them on purpose, and writing recurses.
const MAX_DEPTH: usize = 64;

/// Statements to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
enum Item {
    Blank,
    Comment(String),
    Attribute { name: String, value: Value },
    Block { name: String, label: Option<String>, body: Body },
}

/// A value to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number. What is not finite cannot be written and becomes `null`.
    Float(f64),
    /// A string in double quotes.
    String(String),
    /// A string in backquotes where the printer leaves it as it is, else in double quotes. For texts of many lines.
    Raw(String),
    /// An expression as it is to stand there, such as a reference.
    Verbatim(String),
    /// `name(args)`
    Call(String, Vec<Value>),
    /// `[items]`
    Array(Vec<Value>),
    /// `{ name = value }`. Names that are no identifiers are quoted; one with a quote or a backslash cannot be written,
    /// because the language does not decode names.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The value of an export or argument: `prometheus.remote_write.default.receiver`.
    pub fn reference(path: impl Into<String>) -> Self {
        Self::Verbatim(path.into())
    }

    /// A call of a function: `sys.env("X")`, `array.concat(a, b)`.
    pub fn call(function: impl Into<String>, args: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        Self::Call(function.into(), args.into_iter().map(Into::into).collect())
    }

    /// The value of an environment variable, by the name the function has since 1.4.
    pub fn env(variable: &str) -> Self {
        Self::call("sys.env", [variable])
    }

    /// An object of these fields, in this order.
    pub fn object<K: Into<String>, V: Into<Value>>(fields: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Object(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// An array of these items.
    pub fn array(items: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::String(value.clone())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Value {
            fn from(value: $integer) -> Self {
                Self::Int(i64::from(value))
            }
        })*
    };
}

from_integers!(i64, i32, u32, u16, u8);

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::array(items)
    }
}

impl Body {
    /// No statements yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds `name = value`.
    pub fn attr(&mut self, name: impl Into<String>, value: impl Into<Value>) -> &mut Self {
        self.items.push(Item::Attribute { name: name.into(), value: value.into() });
        self
    }

    /// Adds a block and fills it. A blank line will stand before it.
    pub fn block(&mut self, name: impl Into<String>, label: Option<&str>, fill: impl FnOnce(&mut Body)) -> &mut Self {
        let mut body = Body::new();
        fill(&mut body);
        self.items.push(Item::Block { name: name.into(), label: label.map(str::to_owned), body });
        self
    }

    /// Adds a comment before the next statement; each line of `text` becomes a `//` line.
    pub fn comment(&mut self, text: impl Into<String>) -> &mut Self {
        self.items.push(Item::Comment(text.into()));
        self
    }

    /// Adds a blank line. Blocks are set apart without it.
    pub fn blank(&mut self) -> &mut Self {
        self.items.push(Item::Blank);
        self
    }

    /// Adds the statements of `other`.
    pub fn append(&mut self, other: Body) -> &mut Self {
        self.items.extend(other.items);
        self
    }

    /// The tree, in the canonical form: its text is what [`print()`](crate::print()) makes of it.
    ///
    /// # Errors
    ///
    /// If a name, a label or a verbatim value is not Alloy, or if the nesting exceeds 64 levels. The ranges are those
    /// of the text as it was written.
    pub fn to_file(&self) -> Result<File, Vec<SyntaxError>> {
        if self.is_too_deep() {
            return Err(vec![SyntaxError::whole(format!("nested deeper than {MAX_DEPTH} levels"))]);
        }
        let mut text = String::new();
        self.write(&mut text);
        let written = parse(&text);
        if !written.errors.is_empty() {
            return Err(written.errors);
        }
        let canonical = parse(&print(&written.file));
        if canonical.errors.is_empty() { Ok(canonical.file) } else { Err(canonical.errors) }
    }

    fn is_too_deep(&self) -> bool {
        let mut bodies = vec![(self, 0)];
        let mut values = Vec::new();
        while let Some((body, depth)) = bodies.pop() {
            for item in &body.items {
                match item {
                    Item::Block { body, .. } => bodies.push((body, depth + 1)),
                    Item::Attribute { value, .. } => values.push((value, 0)),
                    Item::Blank | Item::Comment(_) => {}
                }
            }
            if depth > MAX_DEPTH {
                return true;
            }
        }
        while let Some((value, depth)) = values.pop() {
            match value {
                Value::Call(_, items) | Value::Array(items) => {
                    values.extend(items.iter().map(|item| (item, depth + 1)));
                }
                Value::Object(fields) => values.extend(fields.iter().map(|(_, value)| (value, depth + 1))),
                _ => {}
            }
            if depth > MAX_DEPTH {
                return true;
            }
        }
        false
    }

    fn write(&self, out: &mut String) {
        let mut previous: Option<&Item> = None;
        for (index, item) in self.items.iter().enumerate() {
            let apart = match (previous, item) {
                (None | Some(Item::Blank), _) => false,
                (Some(Item::Block { .. }), _) => true,
                (Some(Item::Comment(_)), _) => false,
                (_, Item::Block { .. }) => true,
                (_, Item::Comment(_)) => self.comment_leads_block(index),
                _ => false,
            };
            if apart {
                out.push('\n');
            }
            match item {
                // At the start and the end of a body a blank line would not stay.
                Item::Blank => out.push('\n'),
                Item::Comment(text) => {
                    for line in text.lines() {
                        out.push_str(format!("// {line}").trim_end());
                        out.push('\n');
                    }
                }
                Item::Attribute { name, value } => {
                    out.push_str(name);
                    out.push_str(" = ");
                    write_value(value, out);
                    out.push('\n');
                }
                Item::Block { name, label, body } => {
                    out.push_str(name);
                    if let Some(label) = label {
                        out.push_str(&format!(" {}", quote(label)));
                    }
                    out.push_str(" {\n");
                    body.write(out);
                    out.push_str("}\n");
                }
            }
            previous = Some(item);
        }
    }

    fn comment_leads_block(&self, index: usize) -> bool {
        let next = self.items[index..].iter().find(|item| !matches!(item, Item::Comment(_)));
        matches!(next, Some(Item::Block { .. }))
    }
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::Float(value) if value.is_finite() => out.push_str(&value.to_string()),
        Value::Float(_) => out.push_str("null"),
        Value::String(text) => out.push_str(&quote(text)),
        Value::Raw(text) if is_raw_safe(text) => out.push_str(&format!("`{text}`")),
        Value::Raw(text) => out.push_str(&quote(text)),
        Value::Verbatim(text) => out.push_str(text),
        Value::Call(function, args) => {
            out.push_str(function);
            let items: Vec<String> = args.iter().map(to_text).collect();
            out.push_str(&format!("({})", items.join(", ")));
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(to_text).collect();
            write_list(["[", "]"], &items, out);
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{} = {}", field_name(name), to_text(value))).collect();
            match &*fields {
                [] => out.push_str("{}"),
                [field] if fits(&fields) => out.push_str(&format!("{{{field}}}")),
                _ => {
                    out.push_str("{\n");
                    for field in fields {
                        out.push_str(&format!("{field},\n"));
                    }
                    out.push('}');
                }
            }
        }
    }
}

fn to_text(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

fn fits(items: &[String]) -> bool {
    items.iter().all(|item| !item.contains('\n'))
        && items.iter().map(|item| item.len() + 2).sum::<usize>() <= MAX_INLINE
}

fn write_list([open, close]: [&str; 2], items: &[String], out: &mut String) {
    // A single item goes with the brackets even when it has several lines: `[{`.
    if items.len() < 2 || fits(items) {
        out.push_str(&format!("{open}{}{close}", items.join(", ")));
        return;
    }
    out.push_str(open);
    out.push('\n');
    for item in items {
        out.push_str(&format!("{item},\n"));
    }
    out.push_str(close);
}

fn field_name(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { quote(name) }
}

/// Whether a raw string can hold the text and comes out of the printer as it went in: that one trims lines and takes
/// tabs for columns even inside strings.
fn is_raw_safe(text: &str) -> bool {
    !text.contains(['`', '\t', '\r', '\x0b', '\x0c', '\0', '\u{feff}'])
        && text.split('\n').rev().skip(1).all(|line| !line.ends_with(' '))
}
