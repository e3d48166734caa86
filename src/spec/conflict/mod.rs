//! What two values together make wrong, shown at both.

mod hosts;
mod names;
mod signals;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;

use super::quantity;
use super::read::{Got, Value, Values};
use super::report::Report;
use super::rules;
use super::sections;
use super::table::{Fallback, Form};

/// A value that holds: written, or the default of its key.
#[derive(Debug, Clone, Copy)]
struct Said<T> {
    value: T,
    /// Where, if it was written.
    span: Option<Span>,
}

/// Holds all values against each other. Silent about values that are broken themselves.
pub(super) fn check(values: &Values, report: &mut Report<'_>) {
    hosts::check(values, report);
    names::check(values, report);
    signals::check(values, report);
}

/// The word of a choice that holds; `None` = broken, or its default depends on other values.
fn word(values: &Values, section: &str, key: &str) -> Option<Said<&'static str>> {
    match values.get(section, key) {
        Got::Written(value, _) => match value.value {
            Value::Word(word) => Some(Said { value: word, span: Some(value.span) }),
            _ => None,
        },
        Got::Absent => default(section, key).map(|value| Said { value, span: None }),
        Got::Broken => None,
    }
}

/// The number that holds.
fn number(values: &Values, section: &str, key: &str) -> Option<Said<u64>> {
    match values.get(section, key) {
        Got::Written(value, _) => match value.value {
            Value::Number(number) => Some(Said { value: number, span: Some(value.span) }),
            _ => None,
        },
        Got::Absent => default_number(section, key).map(|value| Said { value, span: None }),
        Got::Broken => None,
    }
}

/// The text that holds.
fn text<'a>(values: &'a Values, section: &str, key: &str) -> Option<Said<&'a str>> {
    match values.get(section, key) {
        Got::Written(value, _) => match &value.value {
            Value::Text(text) => Some(Said { value: text.as_str(), span: Some(value.span) }),
            _ => None,
        },
        Got::Absent => default(section, key).map(|value| Said { value, span: None }),
        Got::Broken => None,
    }
}

/// The default of a key as the table has it; `None` = it depends, or there is none.
pub(super) fn default(section: &str, key: &str) -> Option<&'static str> {
    match sections::section(section)?.key(key)?.fallback {
        Fallback::Value(text) => Some(text),
        Fallback::Required | Fallback::Depends(_) => None,
    }
}

/// The default of a key as a number: a port, seconds, bytes.
pub(super) fn default_number(section: &str, key: &str) -> Option<u64> {
    let text = default(section, key)?;
    match sections::section(section)?.key(key)?.form {
        Form::Duration(_) => quantity::duration(text).ok(),
        Form::Size(_) => quantity::size(text).ok(),
        _ => text.parse().ok(),
    }
}

fn conflict(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&rules::CONFLICT, span, message)
}

/// A value that is read by nothing: most likely a slip, but nothing breaks.
fn idle(span: Span, message: impl Into<String>) -> Diagnostic {
    conflict(span, message).severity(Severity::Warning)
}

/// Adds the second place, where there is one; a default has none and is named in a note.
fn beside(found: Diagnostic, span: Option<Span>, here: &str, absent: &str) -> Diagnostic {
    match span {
        Some(span) => found.label(span, here),
        None => found.note(absent),
    }
}
