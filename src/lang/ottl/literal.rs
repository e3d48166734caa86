//! Values that are written down, as the engine recognises them since contrib 0.142, and which types refuse them
//! (pkg/ottl/literal_getter.go and expression.go@v0.158.0).

use super::ast::*;

/// A value that is written down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Literal<'t> {
    Nil,
    Text(&'t str),
    Int(i64),
    Float(f64),
    Bool,
    Bytes(usize),
    /// With whether an element is a map, at any depth.
    List(bool),
    Map,
    /// A number that an enum stands for.
    Enum,
}

/// The value, when it is written down; `empty` when lists and maps without elements count.
pub(super) fn of(tree: &Tree, id: Id, empty: bool) -> Option<Literal<'_>> {
    let value = tree.values.get(id)?;
    match &value.kind {
        ValueKind::Nil => Some(Literal::Nil),
        ValueKind::String(text) => Some(Literal::Text(text)),
        ValueKind::Bool => Some(Literal::Bool),
        ValueKind::Bytes(count) => Some(Literal::Bytes(*count)),
        ValueKind::Enum => Some(Literal::Enum),
        ValueKind::Operand(operand) => number(operand, false),
        ValueKind::Sum(sum) => alone(tree, *sum),
        ValueKind::List(values) => all(tree, values, empty).map(Literal::List),
        ValueKind::Map(values) => all(tree, values, empty).map(|_| Literal::Map),
        ValueKind::Lambda => None,
    }
}

/// Whether a map is among the values, when all are written down.
fn all(tree: &Tree, values: &[Id], empty: bool) -> Option<bool> {
    if values.is_empty() && !empty {
        return None;
    }
    let mut maps = false;
    for value in values {
        maps |= matches!(of(tree, *value, empty)?, Literal::Map | Literal::List(true));
    }
    Some(maps)
}

fn number(operand: &Operand, negative: bool) -> Option<Literal<'static>> {
    match operand {
        Operand::Float(f) => Some(Literal::Float(if negative { -f } else { *f })),
        Operand::Int(i) => Some(Literal::Int(if negative { i.wrapping_neg() } else { *i })),
        Operand::Editor(_) | Operand::Converter(_) | Operand::Path(_) => None,
    }
}

/// A number with a sign, or between parentheses.
fn alone(tree: &Tree, mut sum: Id) -> Option<Literal<'_>> {
    loop {
        let [part] = tree.sums.get(sum)?.parts.as_slice() else { return None };
        match &part.kind {
            PartKind::Operand(operand) => return number(operand, part.negative),
            PartKind::Sum(_) if part.negative => return None,
            PartKind::Sum(inner) => sum = *inner,
        }
    }
}

impl Literal<'_> {
    /// What the type wants, when it refuses this.
    pub(super) fn refused_as(self, kind: &str) -> Option<&'static str> {
        let whole = matches!(self, Self::Int(_) | Self::Enum);
        let scalar = whole || matches!(self, Self::Float(_) | Self::Bool | Self::Nil);
        let (ok, wanted) = match kind {
            "StringGetter" => (matches!(self, Self::Text(_)), "a text"),
            "IntGetter" => (whole, "a whole number"),
            "FloatGetter" => (matches!(self, Self::Float(_)), "a number with a decimal point"),
            "BoolGetter" => (self == Self::Bool, "`true` or `false`"),
            "PMapGetter" => (self == Self::Map, "a map"),
            "PSliceGetter" => (self == Self::List(false), "a list, without maps in it"),
            "TimeGetter" => (false, "a time, which only a path or a converter gives"),
            "DurationGetter" => (false, "a duration, which only a converter such as `Duration` gives"),
            "FloatLikeGetter" => (scalar || self.reads_as_float(), "a number, or a text that is one"),
            "IntLikeGetter" => (scalar || matches!(self, Self::Text(_)), "a number, or a text that is one"),
            "BoolLikeGetter" => (scalar || self.reads_as_bool(), "`true` or `false`, or a text that is one"),
            "ByteSliceLikeGetter" => {
                (scalar || matches!(self, Self::Text(_) | Self::Bytes(_)), "bytes, a text or a number")
            }
            _ => (true, ""),
        };
        (!ok).then_some(wanted)
    }

    /// Go reads more than Rust (hexadecimal floats): those are left alone.
    fn reads_as_float(self) -> bool {
        match self {
            Self::Text(t) => t.parse::<f64>().is_ok() || t.contains(['x', 'X', '_']),
            _ => false,
        }
    }

    fn reads_as_bool(self) -> bool {
        const WORDS: [&str; 12] = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
        matches!(self, Self::Text(t) if WORDS.contains(&t))
    }
}
