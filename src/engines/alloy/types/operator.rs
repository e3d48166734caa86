//! What operators take and give (grafana/alloy syntax/internal/transform/{binary,unary}.go@v1.19.0-rc.3).

use vispyr_alloy::TokenKind;

use super::{Kind, OPTIONAL_SECRET, SECRET, Value};

/// Why an operand is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engines::alloy) enum Refused {
    /// The left one is of a kind that the operator never takes.
    Left(Kind),
    /// The right one.
    Right(Kind),
    /// Each could stand, but not with the other.
    Pair(Kind, Kind),
}

fn takes(op: TokenKind, kind: Kind) -> bool {
    match op {
        TokenKind::Or | TokenKind::And => kind == Kind::Bool,
        TokenKind::Add => matches!(kind, Kind::Number | Kind::String | Kind::Capsule),
        TokenKind::Lt | TokenKind::Lte | TokenKind::Gt | TokenKind::Gte => {
            matches!(kind, Kind::Number | Kind::String)
        }
        _ => kind == Kind::Number,
    }
}

fn gives<'a>(op: TokenKind) -> Value<'a> {
    match op {
        TokenKind::Or
        | TokenKind::And
        | TokenKind::Eq
        | TokenKind::Neq
        | TokenKind::Lt
        | TokenKind::Lte
        | TokenKind::Gt
        | TokenKind::Gte => Value::Bool,
        TokenKind::Add => Value::Unknown,
        _ => Value::Number(None),
    }
}

/// `left op right`; secrets can be joined to strings since 1.8 (grafana/alloy syntax/vm/op_binary.go@v1.8.0, not @v1.7.5).
pub(in crate::engines::alloy) fn binary<'a>(
    op: TokenKind,
    left: Value<'a>,
    right: Value<'a>,
    joins_secrets: bool,
) -> Result<Value<'a>, Refused> {
    // Any two values can be compared.
    if matches!(op, TokenKind::Eq | TokenKind::Neq) {
        return Ok(Value::Bool);
    }
    let (first, second) = (left.kind(), right.kind());
    // Whether a string or secret is one is only known when Alloy runs, and then it is either.
    let either = |v: Value<'_>| v.capsule() == Some(OPTIONAL_SECRET);
    let strings = |k: Option<Kind>| matches!(k, Some(Kind::String | Kind::Capsule));
    if op == TokenKind::Add && !joins_secrets {
        for (value, refused) in [(left, Refused::Left(Kind::Capsule)), (right, Refused::Right(Kind::Capsule))] {
            if value.kind() == Some(Kind::Capsule) && !either(value) {
                return Err(refused);
            }
        }
    }
    if op == TokenKind::Add && strings(first) && strings(second) {
        return match (left.capsule(), right.capsule()) {
            (Some(SECRET), Some(SECRET | OPTIONAL_SECRET) | None) | (Some(OPTIONAL_SECRET) | None, Some(SECRET)) => {
                Ok(Value::Secret)
            }
            (None, None) => Ok(Value::String),
            (Some(OPTIONAL_SECRET), Some(OPTIONAL_SECRET) | None) | (None, Some(OPTIONAL_SECRET)) => Ok(Value::Unknown),
            _ => Err(Refused::Pair(first.unwrap_or(Kind::Capsule), second.unwrap_or(Kind::Capsule))),
        };
    }
    if let Some(kind) = first.filter(|k| !takes(op, *k) && !either(left)) {
        return Err(Refused::Left(kind));
    }
    if let Some(kind) = second.filter(|k| !takes(op, *k) && !either(right)) {
        return Err(Refused::Right(kind));
    }
    match (first, second) {
        (Some(a), Some(b)) if a != b && !either(left) && !either(right) => Err(Refused::Pair(a, b)),
        (Some(Kind::Number), _) | (_, Some(Kind::Number)) if op == TokenKind::Add => Ok(Value::Number(None)),
        _ => Ok(gives(op)),
    }
}

/// `op operand`.
pub(in crate::engines::alloy) fn unary<'a>(op: TokenKind, operand: Value<'a>) -> Result<Value<'a>, Kind> {
    let (wanted, given) =
        if op == TokenKind::Not { (Kind::Bool, Value::Bool) } else { (Kind::Number, Value::Number(None)) };
    match operand.kind() {
        Some(kind) if kind != wanted => Err(kind),
        _ => match operand {
            Value::Number(Some((false, text))) => Ok(Value::Number(Some((true, text)))),
            _ => Ok(given),
        },
    }
}
