//! What is said of a fault, and how much it weighs.

use super::Conform;
use super::value::{Misfit, kind_name, wanted};
use crate::catalogue::schema::{Body, Field, Held};
use crate::catalogue::{Version, successor};
use crate::diagnostic::{Diagnostic, Fix, Rule, Severity};
use crate::parse::{Duplicate, Entry, Node, Style};
use crate::source::{Edit, Span};
use crate::tree::VersionFrom;

/// What became of a name.
enum History {
    /// No release has it.
    Never,
    /// This release is the first without it.
    Removed(Version),
    /// This release is the first with it.
    Later(Version),
}

impl Conform<'_> {
    /// A key that no side knows.
    pub(super) fn unknown(&self, entry: Entry<'_>, body: Body, keys: &[&str]) -> Option<Diagnostic> {
        let name = entry.name();
        let history = self.history(body.field_ever(name));
        let place = if keys.is_empty() { "the top".to_owned() } else { format!("`{}`", keys.join(".")) };
        let title = self.facts.title;
        let (rule, message) = match history {
            History::Removed(at) => (self.rules.removed, format!("`{name}` was removed in {title} {at}")),
            History::Later(at) => (self.rules.unknown, format!("`{name}` came with {title} {at}")),
            History::Never => (self.rules.unknown, format!("`{name}` is no key of {place} in {title}")),
        };
        let message = if keys.is_empty() || matches!(history, History::Never) {
            message
        } else {
            format!("{message}: {place} does not take it")
        };
        let path: Vec<&str> = keys.iter().copied().chain([name]).collect();
        let after = successor(self.facts.engine, "config", &path, self.version);
        let mut found = self.weighed(rule, entry.key.span(), message, !matches!(history, History::Never));
        if matches!(history, History::Later(_)) {
            found = found.help(format!("delete it, or run a version that has it; this is {}", self.version));
        } else if let Some(after) = after {
            found = found.help(after.help());
        } else if let Some(near) = self.nearest(name, body) {
            found = found.help(format!("did you mean `{near}`?"));
            // Nothing but the letters of the key change, and only one key has those.
            let edit = Edit { span: entry.key.inner(), text: near.to_owned() };
            found = found.fix(Fix { title: format!("write `{near}`"), safe: false, edits: vec![edit] });
        } else if matches!(history, History::Removed(_)) {
            found = found.help("delete it");
        }
        Some(found.note(format!("{title} refuses to start with a key that it does not know")))
    }

    /// A place that wants a map.
    pub(super) fn no_map(&self, node: Node<'_>, keys: &[&str]) -> Option<Diagnostic> {
        let what = kind_name(node);
        let message = match keys {
            [] => format!("the file must be a map, and is {what}"),
            _ => format!("`{}` must be a map, and is {what}", keys.join(".")),
        };
        Some(self.weighed(self.rules.invalid, node.span(), message, false))
    }

    /// A value that its field cannot hold.
    pub(super) fn misfit(&self, node: Node<'_>, misfit: &Misfit, keys: &[&str]) -> Option<Diagnostic> {
        let path = keys.join(".");
        let message = match (&misfit.why, node.scalar()) {
            (None, Some(text)) if !misfit.words.is_empty() => format!("`{path}` cannot be `{}`", shown(text)),
            (Some(why), Some(text)) => format!("`{path}` cannot be `{}`: {why}", shown(text)),
            (None, Some(text)) if quoted(node) => {
                format!("`{path}` must be {}, and is `{}` in quotes", misfit.wanted, shown(text))
            }
            (None, Some(text)) => format!("`{path}` must be {}, and is `{}`", misfit.wanted, shown(text)),
            (_, None) => format!("`{path}` must be {}, and is {}", misfit.wanted, kind_name(node)),
        };
        let mut found = self.weighed(self.rules.invalid, node.span(), message, false);
        if let Some(text) = node.scalar().filter(|_| !misfit.words.is_empty()) {
            found = found.help(self.one_of(text, misfit.words.iter().copied()));
        } else if misfit.why.is_some() {
            found = found.help(format!("write {}", misfit.wanted));
        }
        Some(found)
    }

    /// A word that validation refuses.
    pub(super) fn word(&self, node: Node<'_>, field: Field, keys: &[&str]) -> Option<Diagnostic> {
        let text = node.scalar()?;
        let message = format!("`{}` cannot be `{}`", keys.join("."), shown(text));
        let found = self.weighed(self.rules.invalid, node.span(), message, true);
        Some(found.help(self.one_of(text, field.values())))
    }

    /// A required field that is absent.
    pub(super) fn missing(&self, node: Node<'_>, field: Field, keys: &[&str]) -> Option<Diagnostic> {
        let place = if keys.is_empty() { "the file".to_owned() } else { format!("`{}`", keys.join(".")) };
        let message = format!("{place} lacks `{}`", field.name());
        let at = node.entries().first().map_or(node.span(), |e| e.key.span());
        let found = self.weighed(self.rules.invalid, at, message, true);
        Some(found.help(format!("write `{}: ` and {}", field.name(), wanted(field.ty()))))
    }

    /// A key that stands twice.
    pub(super) fn twice(&self, twice: &Duplicate) -> Diagnostic {
        self.weighed(self.rules.invalid, twice.span, "this key stands twice".to_owned(), false)
            .label(twice.first, "first here")
            .help("remove one of the two")
    }

    fn one_of(&self, text: &str, words: impl Iterator<Item = &'static str> + Clone) -> String {
        if let Some(near) = self.near.nearest(text, words.clone()) {
            return format!("did you mean `{near}`?");
        }
        let all: Vec<_> = words.map(|w| format!("`{w}`")).collect();
        format!("one of {}", all.join(", "))
    }

    /// The key that was meant.
    fn nearest(&self, name: &str, body: Body) -> Option<&'static str> {
        self.near.nearest(name, body.fields().map(Field::name).filter(|n| *n != "*"))
    }

    fn history(&self, ever: Option<Held>) -> History {
        let Some(ever) = ever else { return History::Never };
        match (ever.since(), ever.until()) {
            (_, Some(until)) if until <= self.version || !self.sure => History::Removed(until),
            (Some(since), _) if since > self.version => History::Later(since),
            (_, Some(until)) => History::Removed(until),
            _ => History::Never,
        }
    }

    /// A finding as heavy as the facts allow: an error rests on facts of that version.
    fn weighed(&self, rule: &'static Rule, span: Span, message: String, by_version: bool) -> Diagnostic {
        let mut found = Diagnostic::new(rule, span, message);
        let guessed = by_version && self.assumed();
        if (guessed || !self.sure) && found.severity == Severity::Error {
            found.severity = Severity::Warning;
        }
        let title = self.facts.title;
        let version = self.version;
        let from = match self.from {
            VersionFrom::Image(span) => {
                found = found.label(*span, format!("{title} {version}"));
                None
            }
            VersionFrom::Spec(span) | VersionFrom::Comment(span) => {
                found = found.label(*span, format!("{title} {version}"));
                None
            }
            VersionFrom::Option => Some(format!("{title} {version} was asked for")),
            VersionFrom::Newest => {
                Some(format!("no version is named: {title} {version}, the newest that is known, is assumed"))
            }
        };
        if let Some(from) = from {
            found = found.note(from);
        }
        if !self.sure {
            found = found.note(format!("the facts are those of {title} {}", self.low.version()));
        }
        found
    }
}

/// Whether quotes make a text of what would be something else.
fn quoted(node: Node<'_>) -> bool {
    matches!(node.style(), Style::Single | Style::Double)
}

/// A value in a message: its first line, and not all of a long one.
fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
