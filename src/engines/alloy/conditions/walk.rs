//! What a violation shows: the places that decide it, and the values in its message.

use super::judge::Why;
use super::table::{Operand, Path, Test};
use super::test::{Scope, attribute, blocks, elements, holds, text};
use super::view::Value;
use crate::source::Span;

/// The written places that a test looks at, in its order, each once.
pub(super) fn spans(test: &Test, scope: &Scope<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    collect(test, scope, &mut found);
    let mut unique = Vec::with_capacity(found.len());
    for span in found {
        if !unique.contains(&span) {
            unique.push(span);
        }
    }
    unique
}

fn collect(test: &Test, scope: &Scope<'_>, found: &mut Vec<Span>) {
    match test {
        Test::And(tests) | Test::Or(tests) => tests.iter().for_each(|test| collect(test, scope, found)),
        Test::Not(test) => collect(test, scope, found),
        Test::Compare(_, left, right) => {
            for operand in [left, right] {
                match operand {
                    Operand::Number(_) => {}
                    Operand::Path(path) | Operand::Minus(path, _) | Operand::Count(path) | Operand::Length(path) => {
                        at(path, scope, found)
                    }
                    Operand::Plus(one, other) => [one, other].into_iter().for_each(|path| at(path, scope, found)),
                    // Of many that may stand once, those that do stand.
                    Operand::Ones(tests) => {
                        tests.iter().filter(|t| holds(t, scope) == Some(true)).for_each(|t| collect(t, scope, found));
                    }
                }
            }
        }
        Test::Any(..) | Test::AnyKey { .. } => {
            let mut done = false;
            elements(test, scope, &mut |inner, test, span| {
                if !done && holds(test, inner) == Some(true) {
                    done = true;
                    let before = found.len();
                    collect(test, inner, found);
                    if found.len() == before {
                        found.extend(span);
                    }
                }
            });
        }
        Test::Duplicate(path, names) if path.block => blocks(path, scope, &mut |body| {
            let written = names.first().and_then(|name| body.attribute(name).span);
            found.extend(written.or(body.span()));
        }),
        Test::Truthy(path)
        | Test::Written(path)
        | Test::In { path, .. }
        | Test::Prefix(path, _)
        | Test::Suffix(path, _)
        | Test::Holds(path, _)
        | Test::Valid(path, _)
        | Test::Default(path, _)
        | Test::Text(path)
        | Test::Named(path, _)
        | Test::Duplicate(path, _) => at(path, scope, found),
    }
}

fn at(path: &Path, scope: &Scope<'_>, found: &mut Vec<Span>) {
    if path.block {
        blocks(path, scope, &mut |body| found.extend(body.span()));
    } else {
        attribute(&path.steps, scope, &mut |attribute| found.extend(attribute.span));
    }
}

/// Calls `read` in the scope of the first element for which a test holds, else in `scope`.
pub(super) fn element(test: &Test, scope: &Scope<'_>, read: &mut dyn FnMut(&Scope<'_>)) {
    let mut done = false;
    first(test, scope, &mut |inner| {
        if !done {
            done = true;
            read(inner);
        }
    });
    if !done {
        read(scope);
    }
}

fn first(test: &Test, scope: &Scope<'_>, read: &mut dyn FnMut(&Scope<'_>)) {
    match test {
        Test::And(tests) | Test::Or(tests) => tests.iter().for_each(|test| first(test, scope, read)),
        Test::Any(..) | Test::AnyKey { .. } => {
            elements(test, scope, &mut |inner, test, _| {
                if holds(test, inner) == Some(true) {
                    first(test, inner, read);
                    read(inner);
                }
            });
        }
        _ => {}
    }
}

/// Why the text is not valid that a test was broken for.
pub(super) fn why(test: &Test, scope: &Scope<'_>) -> Option<Why> {
    if holds(test, scope) != Some(true) {
        return None;
    }
    match test {
        Test::And(tests) | Test::Or(tests) => tests.iter().find_map(|test| why(test, scope)),
        Test::Not(inner) => match &**inner {
            Test::Valid(path, syntax) => text(path, scope, |text| Some(scope.judge.why(*syntax, text))).flatten(),
            _ => None,
        },
        Test::Any(..) | Test::AnyKey { .. } => {
            let mut found = None;
            elements(test, scope, &mut |inner, test, _| {
                if found.is_none() {
                    found = why(test, inner);
                }
            });
            found
        }
        _ => None,
    }
}

/// Puts values into a message: `{scrape_timeout}` stands for the value there.
pub(super) fn fill(message: &str, scope: &Scope<'_>) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, tail)) = rest.split_once('{') {
        let Some((path, after)) = tail.split_once('}') else { break };
        out.push_str(before);
        attribute(path, scope, &mut |attribute| out.push_str(&shown(&attribute.value)));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A value as it may be shown; long ones are cut.
fn shown(value: &Value<'_>) -> String {
    let whole = match value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => String::new(),
    };
    match whole.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}
