//! What a declaration of `vispyr.toml` is: the shape of the one table that decoder, schema and reference read.

use super::ignores;
use super::text::TextForm;

/// A table of `vispyr.toml`.
#[derive(Debug)]
pub struct Section {
    /// Name: `stack`.
    pub name: &'static str,
    /// How it is written.
    pub shape: Shape,
    /// What it is for, one sentence.
    pub doc: &'static str,
    /// The vispyr version that first had it.
    pub since: &'static str,
    /// Its keys, in the order a reader wants them.
    pub keys: &'static [Key],
    /// Keys of later releases: refused as such, not as unknown.
    pub later: &'static [&'static str],
}

impl Section {
    /// As the user writes its header: `[stack]`, `[[services]]`, `[resources.<service>]`.
    pub fn header(&self) -> String {
        match self.shape {
            Shape::Table => format!("[{}]", self.name),
            Shape::List => format!("[[{}]]", self.name),
            Shape::Named(_) => format!("[{}.<service>]", self.name),
        }
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|k| k.name == name)
    }
}

/// How a section is written.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// `[name]`, once.
    Table,
    /// `[[name]]`, any number.
    List,
    /// `[name.<one of these>]`.
    Named(&'static [&'static str]),
}

/// A key of a section.
#[derive(Debug)]
pub struct Key {
    /// Name.
    pub name: &'static str,
    /// What values it takes.
    pub form: Form,
    /// What holds when it is not written.
    pub fallback: Fallback,
    /// What it does, in one or two sentences.
    pub doc: &'static str,
    /// The vispyr version that first had it.
    pub since: &'static str,
}

/// What values a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// `true` or `false`.
    Flag,
    /// A TCP port.
    Port,
    /// A whole number of at least 1.
    Count,
    /// A duration in seconds, at least this long.
    Duration(Least),
    /// A size in bytes, at least this big.
    Size(Least),
    /// One of some words; the second list holds those of later releases.
    Choice(&'static [&'static str], &'static [&'static str]),
    /// An exact version of the engine that the key names.
    Version,
    /// Text of a form.
    Text(&'static TextForm),
    /// A list of texts of a form; `true` demands at least one.
    Texts(&'static TextForm, bool),
    /// `{ env = "X" }`: where a secret is kept.
    Secret,
    /// A table of globs, each with the rules that are silent about the files it fits.
    Ignores,
}

/// A lower bound and why it is one.
#[derive(Debug, Clone, Copy)]
pub struct Least {
    /// As the user would write it.
    pub text: &'static str,
    /// A usual value, for messages.
    pub example: &'static str,
    /// Why less cannot work, as a clause without a full stop; empty when it explains itself.
    pub why: &'static str,
}

/// What holds when a key is not written.
#[derive(Debug, Clone, Copy)]
pub enum Fallback {
    /// It must be written.
    Required,
    /// This value, as the user would write it, without quotes.
    Value(&'static str),
    /// It depends; the text says on what, for the reference.
    Depends(&'static str),
}

impl Form {
    /// The type in words: "a duration such as `15d`".
    pub fn expects(&self) -> String {
        match self {
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Port => "a port between 1 and 65535".to_owned(),
            Self::Count => "a whole number of at least 1".to_owned(),
            Self::Duration(least) => format!("a duration such as `\"{}\"`", least.example),
            Self::Size(least) => format!("a size such as `\"{}\"`", least.example),
            Self::Choice(values, _) => one_of(values),
            Self::Version => "an exact version such as `\"3.14.0\"`".to_owned(),
            Self::Text(form) => form.what.to_owned(),
            Self::Texts(form, _) => format!("a list of texts, each {}", form.what),
            Self::Secret => "a reference such as `{ env = \"TOKEN\" }`".to_owned(),
            Self::Ignores => "a table of globs, each with a list of rules".to_owned(),
        }
    }

    /// The type as the reference table names it.
    pub fn name(&self) -> String {
        match self {
            Self::Flag => "boolean".to_owned(),
            Self::Port => "port".to_owned(),
            Self::Count => "integer".to_owned(),
            Self::Duration(_) => "duration".to_owned(),
            Self::Size(_) => "size".to_owned(),
            Self::Choice(values, _) => values.iter().map(|v| format!("`\"{v}\"`")).collect::<Vec<_>>().join(" \\| "),
            Self::Version => "version".to_owned(),
            Self::Text(form) => form.name.to_owned(),
            Self::Texts(form, _) => format!("list of {}", form.name),
            Self::Secret => "`{ env = \"X\" }`".to_owned(),
            Self::Ignores => format!("table: {} = list of {}", ignores::GLOB.name, ignores::RULE.name),
        }
    }

    /// The lower bound with its reason as a sentence; empty = none.
    pub fn bound(&self) -> String {
        match self {
            Self::Duration(least) | Self::Size(least) if least.why.is_empty() => format!(" At least `{}`.", least.text),
            Self::Duration(least) | Self::Size(least) => format!(" At least `{}`: {}.", least.text, least.why),
            _ => String::new(),
        }
    }

    /// The unit in which a value is measured; empty = none.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Duration(_) => "w, d, h, m, s",
            Self::Size(_) => "B, KB … TB (powers of 1024)",
            _ => "",
        }
    }
}

/// "`a`, `b` or `c`", each as it is written.
pub(super) fn one_of(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|v| format!("`\"{v}\"`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
