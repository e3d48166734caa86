//! What an expression is worth, and whether a place takes it: the conversions of Alloy's decoder
//! (grafana/alloy syntax/internal/value/decode.go, value.go `convertValue`@v1.19.0-rc.3). What is not known stays unknown
//! and fits everywhere.

mod decoder;
mod fit;
mod fold;
mod literal;
mod operator;
mod signature;
#[cfg(test)]
mod tests;

use vispyr_alloy::{Exprs, Fields, Literal};

use crate::catalogue::schema::{Body, Function, Root, Type, TypeKind};

use super::program::ScopeId;

pub(super) use crate::lang::url::{Verdict, url};
pub(super) use decoder::refuses;
pub(super) use fit::{Misfit, Want, fit, fit_text, is_receiver, wanted};
pub(super) use fold::{fold, part};
pub(super) use literal::is_number;
pub(super) use operator::{Refused, binary, unary};
pub(super) use signature::{Signature, go_value, raw};

/// Capsules of upstream by name.
pub(super) const SECRET: &str = "syntax/alloytypes.Secret";
pub(super) const OPTIONAL_SECRET: &str = "syntax/alloytypes.OptionalSecret";
pub(super) const TARGET: &str = "component/discovery.Target";
/// The empty interface.
const ANYTHING: &str = "interface {}";

/// What an expression is worth.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    /// Not known.
    Unknown,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number; as it is written where it is literal, with a minus before it.
    Number(Option<(bool, &'a str)>),
    /// A string whose text is not known.
    String,
    /// A string as it is written.
    Text(Literal<'a>),
    /// What decoding base64 gives: a string where one is wanted, else a list.
    Bytes,
    /// A list as it is written.
    Array(Exprs<'a>),
    /// A list of elements that are not known.
    List,
    /// An object as it is written.
    Object(Fields<'a>),
    /// A function.
    Function(Function),
    /// A value of a type that upstream declares; the exporter of it, where one is known.
    Of(Type, Option<&'static str>),
    /// A secret that is no value of a component: `"a" + secret`.
    Secret,
    /// Everything that a component exports, and whether what may be a secret certainly is one.
    Exports(Option<Body>, Root, bool),
    /// Everything that a custom component exports: the scope of its `declare`.
    Custom(ScopeId),
    /// An `argument`: an object with the one key `value`.
    Argument,
    /// A part of the standard library, such as `sys`.
    Namespace(&'a str),
}

/// The kinds of values that Alloy tells apart (grafana/alloy syntax/internal/value/type.go@v1.19.0-rc.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Number,
    String,
    Bool,
    Array,
    Object,
    Function,
    Capsule,
}

impl Kind {
    /// With its article.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "`null`",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Bool => "a boolean",
            Self::Array => "a list",
            Self::Object => "an object",
            Self::Function => "a function",
            Self::Capsule => "a value that only Alloy makes",
        }
    }
}

impl Value<'_> {
    /// Its kind, where that is known.
    pub(super) fn kind(self) -> Option<Kind> {
        Some(match self {
            Self::Unknown => return None,
            Self::Null => Kind::Null,
            Self::Bool => Kind::Bool,
            Self::Number(_) => Kind::Number,
            Self::String | Self::Text(_) => Kind::String,
            Self::Bytes | Self::Array(_) | Self::List => Kind::Array,
            Self::Object(_) | Self::Exports(..) | Self::Custom(_) | Self::Argument | Self::Namespace(_) => Kind::Object,
            Self::Function(_) => Kind::Function,
            Self::Secret => Kind::Capsule,
            Self::Of(ty, _) => return kind_of(ty),
        })
    }

    /// The name of the capsule that it is.
    pub(super) fn capsule(self) -> Option<&'static str> {
        match self {
            Self::Secret => Some(SECRET),
            Self::Of(ty, _) => match ty.kind() {
                TypeKind::Capsule(name) => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// In words: "a string", "a logs receiver".
    pub(super) fn describe(self) -> String {
        match self {
            Self::Of(ty, _) => describe(ty),
            Self::Secret => "a secret".to_owned(),
            Self::Exports(_, root, _) => format!("all exports of `{}`", root.name()),
            other => other.kind().map_or("a value", Kind::name).to_owned(),
        }
    }
}

/// The kind of the values of a type; `None` = any.
pub(super) fn kind_of(ty: Type) -> Option<Kind> {
    Some(match ty.kind() {
        TypeKind::Any | TypeKind::Capsule(ANYTHING) => return None,
        TypeKind::String | TypeKind::Duration | TypeKind::Text(_) => Kind::String,
        TypeKind::Bool => Kind::Bool,
        TypeKind::Number(_) => Kind::Number,
        TypeKind::List(_) => Kind::Array,
        TypeKind::Map(_) | TypeKind::Object(_) => Kind::Object,
        TypeKind::Capsule(_) => Kind::Capsule,
    })
}

/// A type in words.
pub(super) fn describe(ty: Type) -> String {
    match ty.kind() {
        TypeKind::Any | TypeKind::Capsule(ANYTHING) => "any value".to_owned(),
        TypeKind::String => "a string".to_owned(),
        TypeKind::Bool => "a boolean".to_owned(),
        TypeKind::Number(_) => "a number".to_owned(),
        TypeKind::Duration => "a duration".to_owned(),
        TypeKind::List(inner) => format!("a list of {}", plural(inner)),
        TypeKind::Map(_) | TypeKind::Object(_) => "an object".to_owned(),
        TypeKind::Capsule(name) => capsule_name(name).to_owned(),
        TypeKind::Text(text) => match text.name() {
            literal::SIZE => "a size".to_owned(),
            literal::URL => "a URL".to_owned(),
            _ => "a string".to_owned(),
        },
    }
}

fn plural(ty: Type) -> String {
    match ty.kind() {
        TypeKind::String => "strings".to_owned(),
        TypeKind::Bool => "booleans".to_owned(),
        TypeKind::Number(_) => "numbers".to_owned(),
        TypeKind::Duration => "durations".to_owned(),
        TypeKind::Map(_) | TypeKind::Object(_) => "objects".to_owned(),
        TypeKind::Capsule(name) if name != ANYTHING => {
            let one = capsule_name(name);
            let one = one.strip_prefix("a ").or_else(|| one.strip_prefix("an ")).unwrap_or(one);
            format!("{one}s")
        }
        _ => "values".to_owned(),
    }
}

/// What users call the capsules.
pub(super) fn capsule_name(name: &str) -> &'static str {
    match name {
        SECRET => "a secret",
        OPTIONAL_SECRET => "a string or secret",
        TARGET => "a target",
        "component/common/loki.LogsReceiver" => "a Loki logs receiver",
        "component/common/relabel.Rules" => "a set of relabel rules",
        "component/otelcol.Consumer" => "an OpenTelemetry consumer",
        "component/otelcol/auth.Handler" => "an OpenTelemetry authentication handler",
        "component/otelcol/extension.ExtensionHandler" => "an OpenTelemetry extension",
        "component/pyroscope.Appendable" => "a Pyroscope profiles receiver",
        "github.com/prometheus/prometheus/storage.Appendable" => "a Prometheus metrics receiver",
        _ => "a value that only Alloy makes",
    }
}
