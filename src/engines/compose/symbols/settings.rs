//! What a program is set to: its variables, the system properties of Java, the flags of its command.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::address;
use crate::source::Span;
use crate::tree::{Arg, EnvVar, Service};

/// One value with its name.
pub(super) struct Setting<'s> {
    /// The name of a variable, or of a flag without its dashes.
    pub name: Cow<'s, str>,
    /// As messages call it: "`OTEL_EXPORTER_OTLP_ENDPOINT`".
    pub title: String,
    pub value: &'s str,
    /// Where the value is written.
    pub span: Span,
    /// Whether libraries read it as a variable.
    pub is_variable: bool,
}

impl Setting<'_> {
    /// Whether a port is written in its URL.
    pub(super) fn has_port(&self) -> bool {
        address::split(self.value).is_some_and(|parts| parts.port.is_some())
    }
}

/// All settings of a service.
pub(super) struct Settings<'s>(Vec<Setting<'s>>);

/// Variables that hold arguments of the Java machine; the first is the machine's own, the others are read by scripts that
/// start programs.
const JAVA: [&str; 4] = ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTS", "JAVA_OPTIONS"];

/// What a system property of Java begins with.
const PROPERTY: &str = "-D";

/// Properties of OpenTelemetry: each is read before the variable of the same name with `_` for `.` and `-`
/// (open-telemetry/opentelemetry-java sdk-extensions/autoconfigure-spi/src/main/java/io/opentelemetry/sdk/autoconfigure/spi/internal/DefaultConfigProperties.java@1284e2d885ef).
const OTEL: &str = "otel.";

impl<'s> Settings<'s> {
    /// Reads the environment and the command of a service.
    pub(super) fn of(service: &'s Service) -> Self {
        let mut all = Vec::new();
        let words = service.args().unwrap_or_default();
        // Of two of one name the one that counts comes first: a property, then the variable that stands later.
        for word in words.iter().rev() {
            all.extend(property(&word.text, word.span, 0..word.text.len()).map(|said| match word.open {
                true => Setting { value: "", ..said },
                false => said,
            }));
        }
        for var in service.environment.iter().rev().filter(|v| JAVA.contains(&v.name.as_str())) {
            all.extend(properties(var));
        }
        for var in service.environment.iter().rev() {
            all.extend(var.value.as_deref().map(|value| Setting {
                name: Cow::Borrowed(&var.name),
                title: format!("`{}`", var.name),
                value,
                span: var.span,
                is_variable: true,
            }));
        }
        let mut seen = HashSet::new();
        all.retain(|s| seen.insert(s.name.clone()));
        all.extend(flags(&words));
        Self(all)
    }

    /// All of them; of two of one name, that which counts.
    pub(super) fn all(&self) -> impl Iterator<Item = &Setting<'s>> {
        self.0.iter()
    }

    /// What a variable says, unless it is empty.
    pub(super) fn said(&self, name: &str) -> Option<&'s str> {
        let found = self.0.iter().find(|s| s.is_variable && s.name == name)?;
        Some(found.value.trim()).filter(|v| !v.is_empty())
    }

    /// Whether a variable says such a thing.
    pub(super) fn says(&self, name: &str, what: impl FnOnce(&str) -> bool) -> bool {
        self.said(name).is_some_and(what)
    }
}

/// The properties among the words of a variable; the last of a name counts.
fn properties(var: &EnvVar) -> Vec<Setting<'_>> {
    let text = var.value.as_deref().unwrap_or_default();
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let words = text.split_ascii_whitespace().map(|word| start(word)..start(word) + word.len());
    let mut all: Vec<Setting<'_>> = words.filter_map(|at| property(text, var.span, at)).collect();
    all.reverse();
    all
}

/// A property of OpenTelemetry in a text that stands at a place, as the variable that it outweighs.
fn property(text: &str, span: Span, at: Range<usize>) -> Option<Setting<'_>> {
    let said = text[at.clone()].strip_prefix(PROPERTY)?;
    let (name, value) = said.split_once('=')?;
    let from = at.end - value.len();
    name.starts_with(OTEL).then(|| Setting {
        name: Cow::Owned(name.to_ascii_uppercase().replace(['.', '-'], "_")),
        title: format!("`{PROPERTY}{name}`"),
        value,
        span: span.part(text, from..at.end),
        is_variable: true,
    })
}

/// The flags of a command that have a value: `--name=value`, or `--name` and the next word.
fn flags<'s>(words: &[&'s Arg]) -> Vec<Setting<'s>> {
    let named = |word: &'s Arg| {
        let name = word.text.trim_start_matches('-');
        (name.len() < word.text.len() && !name.is_empty()).then_some(name)
    };
    let mut all = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some(name) = named(word) else { continue };
        let (name, value, span, open) = match name.split_once('=') {
            Some((name, value)) => {
                let from = word.text.len() - value.len();
                (name, value, word.place(from..word.text.len()), word.open)
            }
            None => match words.get(at + 1) {
                Some(next) if named(next).is_none() => (name, next.text.as_str(), next.span, next.open),
                _ => continue,
            },
        };
        if !open && !word.text.starts_with(PROPERTY) {
            let dashes = &word.text[..word.text.len() - word.text.trim_start_matches('-').len()];
            all.push(Setting {
                name: Cow::Borrowed(name),
                title: format!("`{dashes}{name}`"),
                value,
                span,
                is_variable: false,
            });
        }
    }
    all
}
