//! OTTL, the OpenTelemetry Transformation Language: statements and conditions inside `otelcol.processor.transform`,
//! `otelcol.processor.filter` and others.
//!
//! [`check`] and [`check_group`] say what the engine of a version refuses, in this room's own words. Offsets are bytes of the given
//! text. What cannot be known is never called an error: a version that was not read, a function that neighbouring versions
//! describe differently, nesting beyond what is read here, a text that is too long.

mod ast;
mod check;
mod facts;
mod infer;
mod lexer;
mod literal;
mod making;
mod parser;
mod regex;

#[cfg(test)]
mod tests;

use std::ops::Range;

use ast::{Root, Tree};
use check::Judge;
pub use facts::{Component, Release};
use facts::{Mode, Setup};
use infer::{Hints, Misfit};
use lexer::Forms;
use parser::{Goal, Refusal};

/// Longer texts are not judged.
pub const MAX_LENGTH: usize = 1 << 18;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `set(attributes["a"], "b") where name == "c"`.
    Statement,
    /// `attributes["a"] == "b"`.
    Condition,
    /// `Int(attributes["a"])`.
    Value,
}

impl Kind {
    fn goal(self) -> Goal {
        match self {
            Self::Statement => Goal::Statement,
            Self::Condition => Goal::Condition,
            Self::Value => Goal::Value,
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Condition => "condition",
            Self::Value => "value",
        }
    }
}

/// What a group of texts is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Spans and their events.
    Traces,
    /// Metrics, data points and exemplars.
    Metrics,
    /// Log records.
    Logs,
}

impl Signal {
    fn contexts(self) -> &'static [&'static str] {
        match self {
            Self::Traces => &["span", "spanevent", "scope", "resource"],
            Self::Metrics => &["metric", "datapoint", "exemplar", "scope", "resource"],
            Self::Logs => &["log", "scope", "resource"],
        }
    }
}

/// One reason to refuse a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Where.
    pub range: Range<usize>,
    /// Why.
    pub message: String,
    /// What to do, when that is known.
    pub help: Option<String>,
    /// The function exists, in another context of this component.
    pub moved: bool,
}

/// Whether statements, or conditions, of that context are accepted for a signal. Contexts that say nothing pass.
pub fn offers(release: Release, component: Component, kind: Kind, signal: Signal, context: &str) -> bool {
    signal.contexts().contains(&context) && facts::setups(release, component, kind.id()).any(|s| s.context == context)
}

/// What the engine refuses in a text whose context is known. Silent for a context that the component does not have.
pub fn check(text: &str, release: Release, component: Component, context: &str, kind: Kind) -> Vec<Error> {
    let setups = facts::setups(release, component, kind.id());
    let setups: Vec<Setup> = setups.filter(|s| s.context == context && s.mode != Mode::Infer).collect();
    if setups.is_empty() {
        return Vec::new();
    }
    let (tree, root) = match read(text, release, kind) {
        Ok(Some(read)) => read,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![error],
    };
    // Two setups: versions beside this one disagree. What either accepts is accepted.
    let mut first = None;
    for setup in setups {
        let errors = judge(text, &tree, &root, release, component, kind, setup);
        if errors.is_empty() {
            return errors;
        }
        first.get_or_insert(errors);
    }
    first.unwrap_or_default()
}

/// What the engine refuses in texts that say their context themselves, with the number of the text.
pub fn check_group(
    texts: &[&str],
    release: Release,
    component: Component,
    signal: Signal,
    kind: Kind,
) -> Vec<(usize, Error)> {
    let offered: Vec<Setup> = facts::setups(release, component, kind.id())
        .filter(|s| s.mode == Mode::Infer && signal.contexts().contains(&s.context))
        .collect();
    if offered.is_empty() {
        return Vec::new();
    }
    let mut errors = Vec::new();
    let mut trees = Vec::new();
    let mut hints = Hints::default();
    for (number, text) in texts.iter().enumerate() {
        match read(text, release, kind) {
            Ok(Some((tree, root))) => {
                hints.add(text, &tree, &root, release);
                trees.push((number, tree, root));
            }
            // A text that is not judged may say the context.
            Ok(None) => return Vec::new(),
            Err(error) => errors.push((number, error)),
        }
    }
    if !errors.is_empty() {
        return errors;
    }
    let setup = match hints.context(release, &offered) {
        None => return Vec::new(),
        Some(Ok(setup)) => setup,
        Some(Err(misfit)) => {
            return vec![(0, explain(&misfit, texts.first().copied().unwrap_or_default(), &offered))];
        }
    };
    for (number, tree, root) in &trees {
        let text = texts.get(*number).copied().unwrap_or_default();
        let found = judge(text, tree, root, release, component, kind, setup);
        errors.extend(found.into_iter().map(|e| (*number, e)));
    }
    errors
}

fn explain(misfit: &Misfit, text: &str, offered: &[Setup]) -> Error {
    let mut names: Vec<String> = offered.iter().map(|s| format!("`{}`", s.context)).collect();
    names.dedup();
    let (message, help) = match misfit {
        Misfit::Nothing => (
            "no path says which context these statements are for".to_owned(),
            format!("put a context before the paths: {}", names.join(", ")),
        ),
        Misfit::Foreign(context) => (
            format!("`{context}` is no context of this signal"),
            format!("begin paths with one of {}", names.join(", ")),
        ),
        Misfit::Lacking { context, what } => (
            format!("`{what}` does not exist in the `{context}` context, which the paths ask for"),
            "split the statements by context".to_owned(),
        ),
    };
    Error { range: 0..text.len(), message, help: Some(help), moved: false }
}

fn judge(
    text: &str,
    tree: &Tree,
    root: &Root,
    release: Release,
    component: Component,
    kind: Kind,
    setup: Setup,
) -> Vec<Error> {
    let mut judge = Judge::new(text, tree, release, component, kind.id(), setup);
    judge.root(root);
    judge.errors
}

/// Reads a text; `None` when it is not judged.
fn read(text: &str, release: Release, kind: Kind) -> Result<Option<(Tree, Root)>, Error> {
    if text.len() > MAX_LENGTH {
        return Ok(None);
    }
    let forms = Forms::of(release);
    let tokens = lexer::tokens(text, forms).map_err(|fault| Error {
        range: fault.range,
        message: fault.message,
        help: fault.help.map(str::to_owned),
        moved: false,
    })?;
    match parser::parse(text, &tokens, forms, kind.goal()) {
        Ok(read) => Ok(Some(read)),
        Err(Refusal::Deep) => Ok(None),
        Err(Refusal::Unexpected { range, expected, before }) => Err(unexpected(text, range, &expected, before)),
    }
}

fn unexpected(text: &str, range: Range<usize>, expected: &[&str], before: Option<Range<usize>>) -> Error {
    let found = text.get(range.clone()).unwrap_or_default();
    let previous = before.and_then(|r| text.get(r)).unwrap_or_default();
    let message = match found {
        "" => "the text ends too early".to_owned(),
        _ => format!("unexpected `{found}`"),
    };
    let help = match found {
        "=" => Some("compare with `==`".to_owned()),
        _ if matches!(previous, "&" | "|") => None,
        _ => list(expected),
    };
    Error { range, message, help, moved: false }
}

/// The few things that could stand there, in words.
fn list(expected: &[&str]) -> Option<String> {
    let quoted = |e: &&str| match *e {
        e if e.len() == 1 || matches!(e, "where" | "and" | "or" | "not") => format!("`{e}`"),
        e => (*e).to_owned(),
    };
    let mut names: Vec<String> = expected.iter().map(quoted).collect();
    names.sort();
    names.dedup();
    match names.as_slice() {
        [] => None,
        [.., last] if names.len() == 1 => Some(format!("expected {last}")),
        [first @ .., last] if names.len() <= 6 => Some(format!("expected {} or {last}", first.join(", "))),
        _ => None,
    }
}

/// The name that was meant: at most two letters away, one for short words.
fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let most = if word.chars().count() < 5 { 1 } else { 2 };
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(word, c), c))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}
