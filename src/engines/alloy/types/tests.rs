//! Strings that read as something else, and what goes where.

use super::fit::{Inner, Misfit, Want, fit};
use super::literal::{is_number, url_fault};
use super::operator::{Refused, binary, unary};
use super::signature::Signature;
use super::{Kind, SECRET, Value};
use vispyr_alloy::TokenKind;

#[test]
fn numbers_in_strings_are_those_that_alloy_converts() {
    for good in ["1", "-1", "1.5", "1e3", "018446744073709551615", "0.5", "-9223372036854775808"] {
        assert!(is_number(good), "{good}");
    }
    for bad in ["", "-", "x", "1x", "-1.5", "18446744073709551616", "1 ", " 1", "1.5.2", "+1"] {
        assert!(!is_number(bad), "{bad}");
    }
}

#[test]
fn only_what_go_refuses_is_no_url() {
    for good in [
        "",
        "http://a",
        "a",
        "/x",
        "localhost:9090",
        "http://[::1]:80/x",
        "http://u:p@h:1/?a=b#c",
        "a/b:c",
        "mailto:x",
        "http://h:",
        "//h/x",
    ] {
        assert_eq!(url_fault(good), None, "{good}");
    }
    for bad in ["127.0.0.1:9090", "127.0.0.1:9090/x", ":9090", "http://h:x", "http://[::1", "http://a\n", "http://a b/"]
    {
        assert!(url_fault(bad).is_some(), "{bad}");
    }
}

#[test]
fn operators_take_what_alloys_take() {
    let number = Value::Number(None);
    assert!(matches!(binary(TokenKind::Add, Value::String, Value::String, true), Ok(Value::String)));
    assert!(matches!(binary(TokenKind::Add, number, number, true), Ok(Value::Number(None))));
    assert_eq!(
        binary(TokenKind::Add, Value::String, number, true).unwrap_err(),
        Refused::Pair(Kind::String, Kind::Number)
    );
    assert_eq!(binary(TokenKind::Add, Value::List, Value::Unknown, true).unwrap_err(), Refused::Left(Kind::Array));
    assert_eq!(binary(TokenKind::Mul, number, Value::String, true).unwrap_err(), Refused::Right(Kind::String));
    assert!(matches!(binary(TokenKind::Eq, Value::List, Value::Bool, true), Ok(Value::Bool)));
    assert!(matches!(binary(TokenKind::Add, Value::String, Value::Secret, true), Ok(Value::Secret)));
    assert_eq!(binary(TokenKind::Add, Value::String, Value::Secret, false).unwrap_err(), Refused::Right(Kind::Capsule));
    assert!(matches!(binary(TokenKind::And, Value::Unknown, Value::Unknown, true), Ok(Value::Bool)));
    assert_eq!(unary(TokenKind::Not, number).unwrap_err(), Kind::Number);
    assert!(unary(TokenKind::Sub, Value::Unknown).is_ok());
}

#[test]
fn values_go_where_alloy_converts_them() {
    let number = Value::Number(Some((false, "30")));
    let strings = Want::List(Inner::Go("string"));
    let secret = Want::Capsule(SECRET);
    for (value, want) in [
        (number, Want::String),
        (Value::Bytes, Want::String),
        (Value::String, secret),
        (Value::Secret, secret),
        (Value::Null, Want::Bool),
        (Value::Unknown, strings),
        (Value::List, strings),
        (Value::Bytes, strings),
        (Value::Number(Some((false, "0"))), Want::Duration),
    ] {
        assert!(fit(value, want).is_ok(), "{value:?} {want:?}");
    }
    for (value, want) in [
        (number, secret),
        (number, Want::Duration),
        (number, Want::Bool),
        (Value::Bool, Want::String),
        (Value::String, Want::Bool),
        (Value::String, strings),
        (Value::Bytes, secret),
        (Value::List, Want::Map(Inner::Go("string"))),
    ] {
        assert!(fit(value, want).is_err(), "{value:?} {want:?}");
    }
    assert!(matches!(fit(Value::Secret, Want::String), Err(Misfit::Secret)));
}

#[test]
fn signatures_are_taken_apart() {
    let of = |text| Signature::of(text).unwrap();
    assert_eq!(of("func(string) string").count(), (1, Some(1)));
    assert_eq!(of("func(string, ...any) string").count(), (1, None));
    assert_eq!(of("func(...string) string").count(), (0, None));
    assert!(matches!(of("func([]string, string) string").param(0), Want::List(_)));
    assert!(matches!(of("func(string, ...any) string").param(5), Want::Any));
    assert!(matches!(of("func(string) ([]uint8, error)").result(), Value::Bytes));
    assert!(matches!(of("func(string) (any, error)").result(), Value::Unknown));
    assert!(Signature::of("string").is_none());
}
