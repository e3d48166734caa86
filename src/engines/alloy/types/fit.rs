//! Whether a place takes a value.

use std::borrow::Cow;

use super::literal::{SIZE, URL, duration_fault, is_number, size_fault, url_fault};
use super::{ANYTHING, Kind, OPTIONAL_SECRET, SECRET, TARGET, Value};
use crate::catalogue::schema::{Body, TextType, Type, TypeKind};

/// What a place takes.
#[derive(Debug, Clone, Copy)]
pub(in crate::engines::alloy) enum Want {
    /// Anything.
    Any,
    /// A string.
    String,
    /// A boolean.
    Bool,
    /// A number.
    Number,
    /// A string that reads as a duration.
    Duration,
    /// A string that a decoder of its own reads.
    Text(TextType),
    /// A list.
    List(Inner),
    /// An object of any keys.
    Map(Inner),
    /// An object of these keys.
    Object(Body),
    /// A capsule.
    Capsule(&'static str),
}

/// The type of elements.
#[derive(Debug, Clone, Copy)]
pub(in crate::engines::alloy) enum Inner {
    /// As the catalogue has it.
    Type(Type),
    /// As a Go signature has it.
    Go(&'static str),
}

impl Inner {
    /// What an element must be.
    pub(in crate::engines::alloy) fn want(self) -> Want {
        match self {
            Self::Type(ty) => Want::of(ty),
            Self::Go(go) => Want::go(go),
        }
    }
}

impl Want {
    /// Of a field.
    pub(in crate::engines::alloy) fn of(ty: Type) -> Self {
        match ty.kind() {
            TypeKind::Any | TypeKind::Capsule(ANYTHING) => Self::Any,
            TypeKind::String => Self::String,
            TypeKind::Bool => Self::Bool,
            TypeKind::Number(_) => Self::Number,
            TypeKind::Duration => Self::Duration,
            TypeKind::List(inner) => Self::List(Inner::Type(inner)),
            TypeKind::Map(inner) => Self::Map(Inner::Type(inner)),
            TypeKind::Object(body) => Self::Object(body),
            TypeKind::Capsule(name) => Self::Capsule(name),
            TypeKind::Text(text) => Self::Text(text),
        }
    }

    /// Of a parameter of the standard library.
    pub(in crate::engines::alloy) fn go(go: &'static str) -> Self {
        match go {
            "string" => Self::String,
            "bool" => Self::Bool,
            "int" | "int64" | "uint64" | "float64" => Self::Number,
            "alloytypes.Secret" => Self::Capsule(SECRET),
            "alloytypes.OptionalSecret" => Self::Capsule(OPTIONAL_SECRET),
            _ => match (go.strip_prefix("[]"), go.strip_prefix("map[string]")) {
                (Some(inner), _) => Self::List(Inner::Go(inner)),
                (_, Some(inner)) => Self::Map(Inner::Go(inner)),
                _ => Self::Any,
            },
        }
    }
}

/// Why a place does not take a value.
#[derive(Debug, Clone, Copy)]
pub(in crate::engines::alloy) enum Misfit {
    /// It is of another kind.
    Kind(Kind),
    /// It is a secret, and a plain string is wanted.
    Secret,
    /// It is another capsule.
    Capsule(&'static str),
    /// It is written so that it does not read as what is wanted; why, where there is more to say.
    Reads(&'static str),
    /// It is none of the words that are allowed.
    Word,
    /// Its elements do not fit. While the list is empty nobody notices.
    Elements {
        /// What they are.
        capsule: Option<&'static str>,
        /// Whether there certainly are some.
        sure: bool,
    },
}

/// Capsules that are told apart beyond doubt: no value of one has the methods that another asks for.
const FAMILIES: [&str; 10] = [
    SECRET,
    OPTIONAL_SECRET,
    TARGET,
    "component/common/loki.LogsReceiver",
    "component/common/relabel.Rules",
    "component/otelcol.Consumer",
    "component/otelcol/auth.Handler",
    "component/otelcol/extension.ExtensionHandler",
    "component/pyroscope.Appendable",
    "github.com/prometheus/prometheus/storage.Appendable",
];

/// Whether a capsule takes data or configures who does: what `alloy-wrong-receiver` speaks of.
pub(in crate::engines::alloy) fn is_receiver(capsule: &str) -> bool {
    FAMILIES.contains(&capsule) && ![SECRET, OPTIONAL_SECRET, TARGET].contains(&capsule)
}

/// Whether a place takes a value.
pub(in crate::engines::alloy) fn fit(value: Value<'_>, want: Want) -> Result<(), Misfit> {
    let Some(kind) = value.kind() else { return Ok(()) };
    if kind == Kind::Null {
        return Ok(());
    }
    let capsule = value.capsule();
    match want {
        Want::Any => Ok(()),
        Want::String => string(value, kind, capsule),
        Want::Duration | Want::Text(_) => {
            string(value, kind, capsule)?;
            match written(value) {
                Some(text) => fit_text(&text, want),
                None => Ok(()),
            }
        }
        Want::Number => match (value, kind) {
            (Value::Text(literal), _) if !is_number(&literal.value()) => Err(Misfit::Reads("")),
            (_, Kind::Number | Kind::String) => Ok(()),
            _ if capsule == Some(OPTIONAL_SECRET) => Ok(()),
            _ => Err(other(kind, capsule)),
        },
        Want::Bool if kind == Kind::Bool => Ok(()),
        Want::Bool => Err(other(kind, capsule)),
        Want::List(inner) => match value {
            Value::Of(ty, exporter) if matches!(ty.kind(), TypeKind::List(_)) => elements(ty, inner, exporter),
            _ if kind == Kind::Array => Ok(()),
            _ => Err(other(kind, capsule)),
        },
        Want::Map(inner) => match value {
            Value::Of(ty, exporter) if matches!(ty.kind(), TypeKind::Map(_)) => elements(ty, inner, exporter),
            _ if kind == Kind::Object => Ok(()),
            _ if capsule == Some(TARGET) && matches!(inner.want(), Want::String | Want::Any) => Ok(()),
            _ => Err(other(kind, capsule)),
        },
        Want::Object(_) if kind == Kind::Object => Ok(()),
        Want::Object(_) => Err(other(kind, capsule)),
        Want::Capsule(wanted) => into_capsule(kind, capsule, wanted),
    }
}

fn other(kind: Kind, capsule: Option<&'static str>) -> Misfit {
    match capsule {
        Some(SECRET) => Misfit::Secret,
        Some(name) => Misfit::Capsule(name),
        None => Misfit::Kind(kind),
    }
}

fn string(value: Value<'_>, kind: Kind, capsule: Option<&'static str>) -> Result<(), Misfit> {
    match kind {
        Kind::String | Kind::Number => Ok(()),
        Kind::Array if matches!(value, Value::Bytes) => Ok(()),
        Kind::Capsule if capsule == Some(OPTIONAL_SECRET) => Ok(()),
        Kind::Capsule if capsule.is_some_and(|c| !FAMILIES.contains(&c)) => Ok(()),
        _ => Err(other(kind, capsule)),
    }
}

fn into_capsule(kind: Kind, capsule: Option<&'static str>, wanted: &'static str) -> Result<(), Misfit> {
    if capsule == Some(wanted) {
        return Ok(());
    }
    let secrets = [SECRET, OPTIONAL_SECRET];
    if secrets.contains(&wanted) && (kind == Kind::String || capsule.is_some_and(|c| secrets.contains(&c))) {
        return Ok(());
    }
    if wanted == TARGET && kind == Kind::Object {
        return Ok(());
    }
    match capsule {
        Some(name) if FAMILIES.contains(&name) && FAMILIES.contains(&wanted) => Err(Misfit::Capsule(name)),
        Some(_) => Ok(()),
        None => Err(Misfit::Kind(kind)),
    }
}

fn elements(ty: Type, inner: Inner, exporter: Option<&'static str>) -> Result<(), Misfit> {
    let (TypeKind::List(element) | TypeKind::Map(element)) = ty.kind() else { return Ok(()) };
    let element = Value::Of(element, exporter);
    // An exporter's own address is there from the start; what is discovered comes later.
    let sure = exporter.is_some_and(|e| e.starts_with("prometheus.exporter."));
    fit(element, inner.want()).map_err(|_| Misfit::Elements { capsule: element.capsule(), sure })
}

/// The text of a literal, as a decoder of text gets it.
fn written<'a>(value: Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::Text(literal) => Some(literal.value()),
        // A float is written out anew as well: nothing but digits and one point, whatever the exponent.
        Value::Number(Some((minus, text))) if text.contains('.') && !text.contains(['e', 'E']) => {
            let number: f64 = text.parse().ok()?;
            Some(Cow::Owned(if minus { format!("-{number}") } else { number.to_string() }))
        }
        Value::Number(Some((minus, text))) if text.bytes().all(|b| b.is_ascii_digit()) => {
            // A number is written out anew: `030` is 24.
            let octal = text.len() > 1 && text.starts_with('0');
            (!octal).then(|| if minus { Cow::Owned(format!("-{text}")) } else { Cow::Borrowed(text) })
        }
        _ => None,
    }
}

/// Whether a text reads as what is wanted.
pub(in crate::engines::alloy) fn fit_text(text: &str, want: Want) -> Result<(), Misfit> {
    let fault = |fault: Option<&'static str>| fault.map_or(Ok(()), |f| Err(Misfit::Reads(f)));
    match want {
        Want::Duration => fault(duration_fault(text)),
        Want::Text(ty) if ty.name() == SIZE => fault(size_fault(text)),
        Want::Text(ty) if ty.name() == URL => fault(url_fault(text)),
        Want::Text(ty) if text.is_empty() => {
            if ty.empty() {
                Ok(())
            } else {
                Err(Misfit::Word)
            }
        }
        Want::Number if !is_number(text) => Err(Misfit::Reads("")),
        Want::Text(ty) => {
            let is = |word: &str| if ty.fold() { word.eq_ignore_ascii_case(text) } else { word == text };
            let known = ty.open() || ty.values().next().is_none() || ty.values().any(is);
            if known { Ok(()) } else { Err(Misfit::Word) }
        }
        _ => Ok(()),
    }
}

/// What a place takes, in words.
pub(in crate::engines::alloy) fn wanted(want: Want) -> String {
    match want {
        Want::Any => "any value".to_owned(),
        Want::Text(text) if text.name() == SIZE => "a size".to_owned(),
        Want::Text(text) if text.name() == URL => "a URL".to_owned(),
        Want::String | Want::Text(_) => "a string".to_owned(),
        Want::Bool => "a boolean".to_owned(),
        Want::Number => "a number".to_owned(),
        Want::Duration => "a duration".to_owned(),
        Want::List(Inner::Type(ty)) => format!("a list of {}", super::plural(ty)),
        Want::List(Inner::Go("string")) => "a list of strings".to_owned(),
        Want::List(_) => "a list".to_owned(),
        Want::Map(_) | Want::Object(_) => "an object".to_owned(),
        Want::Capsule(name) => super::capsule_name(name).to_owned(),
    }
}
