//! Written values as their attributes get them: the decoder turns numbers into text and text into numbers
//! (grafana/alloy syntax/internal/value/value.go `convertValue`@v1.0.0, @v1.19.0-rc.3).

use super::view::{Attribute, Value};
use crate::catalogue::schema::{Type, TypeKind};
use crate::engines::alloy::types;

/// Beyond this a number has not all its digits here.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a place of that type gets; what it does not take is unknown, for it is a finding of its own.
pub(super) fn into(value: Value<'_>, ty: Type, depth: u8) -> Value<'_> {
    let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
    if matches!(value, Value::Unknown | Value::Unset) {
        return value;
    }
    match (ty.kind(), value) {
        (TypeKind::Any, value) => value,
        (TypeKind::String | TypeKind::Duration | TypeKind::Text(_), value) => text(value),
        (TypeKind::Number(kind), value) => number(value, kind),
        (TypeKind::Bool, value @ Value::Bool(_)) => value,
        (TypeKind::List(inner), Value::List(items)) => {
            Value::List(items.into_iter().map(|item| element(item, inner, depth)).collect())
        }
        (TypeKind::Map(inner), Value::Map(fields)) => {
            Value::Map(fields.into_iter().map(|(key, field)| (key, element(field, inner, depth))).collect())
        }
        (TypeKind::Object(body), Value::Map(fields)) => {
            let ty = |key: &str| body.field(key).map(|field| field.ty());
            let fields = fields.into_iter().map(|(key, value)| match ty(&key) {
                Some(ty) => (key, element(value, ty, depth)),
                None => (key, value),
            });
            Value::Map(fields.collect())
        }
        // Capsules convert by themselves: a target from an object, a secret from text.
        (TypeKind::Capsule(_), value @ (Value::Text(_) | Value::Map(_))) => value,
        _ => Value::Unknown,
    }
}

fn element(attribute: Attribute<'_>, ty: Type, depth: u8) -> Attribute<'_> {
    Attribute { value: into(attribute.value, ty, depth), span: attribute.span }
}

/// As `strconv` writes it: all digits, no exponent.
fn text(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Number(number) if number.abs() < EXACT && (number != 0.0 || number.is_sign_positive()) => {
            Value::text(number.to_string())
        }
        value @ Value::Text(_) => value,
        _ => Value::Unknown,
    }
}

fn number<'a>(value: Value<'a>, kind: &str) -> Value<'a> {
    let number = match value {
        Value::Number(number) => number,
        Value::Text(text) if types::is_number(&text) => match text.parse() {
            Ok(number) => number,
            Err(_) => return Value::Unknown,
        },
        _ => return Value::Unknown,
    };
    // A whole number drops what is behind the point.
    let whole = !kind.starts_with("float");
    Value::Number(if whole { number.trunc() } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_text_with_all_their_digits() {
        for (value, written) in [(0.0, "0"), (1.5, "1.5"), (-3.0, "-3"), (1e15, "1000000000000000")] {
            assert_eq!(text(Value::Number(value)), Value::text(written));
        }
        assert_eq!(text(Value::Number(1e16)), Value::Unknown);
        assert_eq!(text(Value::Bool(true)), Value::Unknown);
    }

    #[test]
    fn text_becomes_a_number_where_one_is_wanted() {
        for (value, kind, read) in
            [("0", "int64", 0.0), ("-2", "int64", -2.0), ("1.9", "int64", 1.0), ("1.9", "float64", 1.9)]
        {
            assert_eq!(number(Value::text(value), kind), Value::Number(read), "{value}");
        }
        for value in ["", "x", "-1.5", "+1"] {
            assert_eq!(number(Value::text(value), "int64"), Value::Unknown, "{value}");
        }
    }
}
