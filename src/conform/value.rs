//! Whether a scalar fits a field, as Go's YAML readers decode it
//! (go-yaml/yaml decode.go `scalar`@v2.4.0, @v3.0.1; go.yaml.in/yaml/v4 decode.go@v4.0.0-rc.6).

use super::text;
use crate::catalogue::schema::{Type, TypeKind};
use crate::lang::quantity;
use crate::parse::{Dialect, Node, NodeKind, Type as Is};

/// Why a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    /// What was wanted: `a duration such as `1h30m``.
    pub(super) wanted: String,
    /// What is wrong with a value of the right kind.
    pub(super) why: Option<String>,
    /// Words that are taken, where these are all.
    pub(super) words: Vec<&'static str>,
}

impl Misfit {
    fn kind(wanted: impl Into<String>) -> Option<Self> {
        Some(Self { wanted: wanted.into(), why: None, words: Vec::new() })
    }

    pub(super) fn reads(wanted: &str, why: impl Into<String>) -> Option<Self> {
        Some(Self { wanted: wanted.to_owned(), why: Some(why.into()), words: Vec::new() })
    }
}

/// What a node is, for people.
pub(super) fn kind_name(node: Node<'_>) -> &'static str {
    match node.value_type() {
        Is::Null | Is::Broken => "nothing",
        Is::Bool => "a truth value",
        Is::Int | Is::Float => "a number",
        Is::String => "text",
        Is::Time => "a date",
        Is::Seq => "a list",
        Is::Map => "a map",
    }
}

/// Why a node does not fit a type; its children are looked at by the walk. `None` = it does, or that is not known.
pub(super) fn misfit(node: Node<'_>, ty: Type, dialect: Dialect) -> Option<Misfit> {
    // Readers leave a field alone, or at its zero, where nothing stands.
    if node.is_null() || node.is_tagged() {
        return None;
    }
    let shape = node.kind();
    match ty.kind() {
        TypeKind::Any | TypeKind::Capsule(_) => None,
        TypeKind::List(_) => (shape != NodeKind::Seq).then(|| Misfit::kind("a list"))?,
        TypeKind::Map(_) | TypeKind::Object(_) => (shape != NodeKind::Map).then(|| Misfit::kind("a map"))?,
        _ if shape != NodeKind::Scalar => Misfit::kind(wanted(ty)),
        TypeKind::String => None,
        TypeKind::Bool => node.as_bool().is_none().then(|| Misfit::kind("`true` or `false`"))?,
        TypeKind::Number(kind) => number(node, kind),
        TypeKind::Duration => duration(node, dialect),
        TypeKind::Text(text) => text::misfit(node.scalar()?, text),
    }
}

/// What a type wants, for people.
pub(super) fn wanted(ty: Type) -> String {
    match ty.kind() {
        TypeKind::Bool => "`true` or `false`",
        TypeKind::Number(kind) if kind.starts_with("float") => "a number",
        TypeKind::Number(_) => "a whole number",
        TypeKind::Duration => "a duration such as `1h30m`",
        TypeKind::List(_) => "a list",
        TypeKind::Map(_) | TypeKind::Object(_) => "a map",
        TypeKind::Text(text) => return text::wanted(text),
        _ => "text",
    }
    .to_owned()
}

/// The least and the most that a Go kind holds.
fn limits(kind: &str) -> (f64, f64) {
    let (signed, bits) = match kind.strip_prefix("uint") {
        Some(bits) => (false, bits),
        None => (true, kind.strip_prefix("int").unwrap_or("64")),
    };
    let bits: i32 = bits.parse().unwrap_or(64);
    if signed { (-(2f64.powi(bits - 1)), 2f64.powi(bits - 1)) } else { (0.0, 2f64.powi(bits)) }
}

fn number(node: Node<'_>, kind: &str) -> Option<Misfit> {
    if kind.starts_with("float") {
        return node.as_f64().is_none().then(|| Misfit::kind("a number"))?;
    }
    let (least, most) = limits(kind);
    let value = match (node.as_i64(), node.as_f64()) {
        (Some(whole), _) => whole as f64,
        // Above what 63 bits hold, and still a whole number for a kind without a sign.
        (None, Some(value)) if least == 0.0 && value.fract() == 0.0 => value,
        _ => return Misfit::kind("a whole number"),
    };
    if value < 0.0 && least == 0.0 {
        return Misfit::reads("a whole number", "it cannot be negative");
    }
    (value < least || value > most).then(|| Misfit::reads("a whole number", "it is out of range"))?
}

/// v2 takes whole numbers for nanoseconds, v3 and v4 take none (decode.go `isDuration`).
fn duration(node: Node<'_>, dialect: Dialect) -> Option<Misfit> {
    const WANTED: &str = "a duration such as `1h30m`";
    let text = node.scalar()?;
    match node.value_type() {
        Is::Int if dialect == Dialect::V2 => None,
        Is::Int => Misfit::reads(WANTED, "a unit is missing"),
        Is::Float if dialect == Dialect::V2 => None,
        Is::String => match quantity::go_duration(text) {
            Ok(_) => None,
            Err(quantity::Fault::NoUnit) => Misfit::reads(WANTED, "a unit is missing"),
            Err(quantity::Fault::Unit) => Misfit::reads(WANTED, "units are `ns`, `us`, `ms`, `s`, `m`, `h`"),
            Err(quantity::Fault::Shape) => Misfit::kind(WANTED),
        },
        _ => Misfit::kind(WANTED),
    }
}
