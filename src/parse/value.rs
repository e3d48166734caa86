//! What a scalar becomes when a reader wants a bool or a number.

use super::document::{Dialect, Format, Type};
use super::yaml::scalar::{self, Number};

pub(super) fn as_bool(format: Format, kind: Type, text: &str) -> Option<bool> {
    match (format, kind) {
        (Format::Yaml(_), Type::Bool) => scalar::word(text),
        // v3 and v4 keep the old words for targets that are bools, quoted or not; but quoted `true` is a string.
        (Format::Yaml(Dialect::V3 | Dialect::V4), Type::String) if !scalar::is_true_or_false(text) => {
            scalar::word(text)
        }
        (Format::Json, Type::Bool) => text.parse().ok(),
        // The words of `go-ini/ini` key.go parseBool.
        (Format::Ini, Type::String) => match text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" | "YES" | "yes" | "Yes" | "y" | "ON" | "on" | "On" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" | "NO" | "no" | "No" | "n" | "OFF" | "off" | "Off" => {
                Some(false)
            }
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn as_i64(format: Format, kind: Type, text: &str) -> Option<i64> {
    match (format, kind) {
        (Format::Yaml(dialect), Type::Int | Type::Float) => match scalar::number(text)? {
            Number::Int(value) => Some(value),
            Number::Uint(_) => None,
            // Readers before v4 cut the fraction off.
            Number::Float(value) => {
                let whole = value.fract() == 0.0 || dialect != Dialect::V4;
                (whole && value.is_finite() && value.abs() < 9.2e18).then_some(value as i64)
            }
        },
        (Format::Json, Type::Int) => text.parse().ok(),
        (Format::Ini | Format::Dotenv, Type::String) => match scalar::go_int(text)? {
            Number::Int(value) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn as_f64(format: Format, kind: Type, text: &str) -> Option<f64> {
    match (format, kind) {
        (Format::Yaml(_), Type::Int | Type::Float) => match scalar::number(text) {
            Some(Number::Int(value)) => Some(value as f64),
            Some(Number::Uint(value)) => Some(value as f64),
            Some(Number::Float(value)) => Some(value),
            None => text.trim_start_matches('+').parse().ok(),
        },
        (Format::Json, Type::Int | Type::Float) => text.parse().ok(),
        (Format::Ini | Format::Dotenv, Type::String) => text.parse().ok(),
        _ => None,
    }
}
