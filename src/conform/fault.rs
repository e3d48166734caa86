//! What is said of a fault, and how much it weighs.

use super::history::{History, OTHERS, ever, history, homes};
use super::value::{self, Misfit, kind_name, wanted};
use super::weight::{lighter, weighed};
use super::{Conform, Reader, flags};
use crate::catalogue::schema::{Body, Field};
use crate::catalogue::{self, successor};
use crate::diagnostic::{Diagnostic, Fix, Rule};
use crate::parse::{Duplicate, Entry, Node, Style};
use crate::source::{Edit, Span};

/// Servers whose configs have blocks of the same names: people copy from the examples of one into the file of another.
const KIN: [&str; 4] = ["loki", "mimir", "pyroscope", "tempo"];

impl Conform<'_> {
    /// A key that no side knows.
    pub(super) fn unknown(&self, root: &str, entry: Entry<'_>, body: Body, keys: &[&str]) -> Option<Diagnostic> {
        let name = entry.name();
        let (title, version) = (self.facts.title, self.version.0);
        let history = history(self.low.schema(), root, keys, name, version);
        // What a commit lacks the release may have: only a slip of the finger is told, and what went before.
        let slip = || self.nearest(name, body).is_some_and(|near| self.near.is_slip(name, near));
        if self.draft && !matches!(history, History::Removed(_)) && !slip() {
            return None;
        }
        let (rule, mut message) = match history {
            History::Removed(at) => (self.rules.removed, format!("`{name}` was removed in {title} {at}")),
            History::Later(at) => (self.rules.unknown, format!("`{name}` came with {title} {at}")),
            History::Never if keys.is_empty() => {
                (self.rules.unknown, format!("`{name}` is no top-level key in {title} {version}"))
            }
            History::Never => {
                (self.rules.unknown, format!("`{name}` is no key of `{}` in {title} {version}", keys.join(".")))
            }
        };
        if history != History::Never && !keys.is_empty() {
            message = format!("{message}: `{}` does not take it", keys.join("."));
        }
        let path: Vec<&str> = keys.iter().copied().chain([name]).collect();
        let after = successor(self.facts.engine, root, &path, version);
        // What there was is no misspelling of another key.
        let is_meant = |near: &str| !matches!(history, History::Removed(_)) || self.near.is_slip(name, near);
        let mut found = self.weighed(rule, entry.key.span(), message, history != History::Never);
        if matches!(history, History::Later(_)) {
            found = found.help(format!("delete it, or run a version that has it; this is {version}"));
        } else if let Some(after) = after {
            found = found.help(after.help());
        } else if let Some(homes) = (!slip()).then(|| self.homes(root, keys, name)).flatten() {
            found = found.help(homes);
        } else if let Some(near) = self.nearest(name, body).filter(|near| is_meant(near)) {
            found = found.help(format!("did you mean `{near}`?"));
            // Nothing but the letters of the key change, and only one key has those.
            let edit = Edit { span: entry.key.inner(), text: near.to_owned() };
            found = found.fix(Fix { title: format!("write `{near}`"), safe: false, edits: vec![edit] });
        } else if matches!(history, History::Removed(_)) {
            found = found.help("delete it");
        } else if let Some(theirs) = self.kin(root, &path) {
            found = found.help(format!("`{}` is a key of {theirs}: this is a config of {title}", path.join(".")));
        }
        // Rulers of tenants read rules while they run.
        Some(found.note(match root == "rules" && self.low.root("runtime").is_some() {
            true => format!("the ruler of {title} evaluates no rule of any tenant then"),
            false => format!("{title} refuses to start with a key that it does not know"),
        }))
    }

    /// Where the same file takes a key of that name.
    fn homes(&self, root: &str, keys: &[&str], name: &str) -> Option<String> {
        const MANY: usize = 3;
        let homes = homes(self.low, root, keys, name);
        let above = |home: &String| home.strip_suffix(name)?.strip_suffix('.').map(str::to_owned);
        let places: Vec<String> = homes.iter().filter_map(above).collect();
        match (homes.as_slice(), places.as_slice()) {
            ([home], []) => Some(format!("did you mean `{home}`?")),
            (all, places) if !all.is_empty() && places.len() == all.len() && all.len() <= MANY => {
                Some(format!("{} has that key in `{}`", self.facts.title, places.join("`, `")))
            }
            _ => None,
        }
    }

    /// The server that has a key in that place.
    fn kin(&self, root: &str, path: &[&str]) -> Option<&'static str> {
        let others = KIN
            .into_iter()
            .filter(|other| root == "config" && KIN.contains(&self.facts.engine) && *other != self.facts.engine);
        let has = |other: &&str| catalogue::schema::schema(other).is_some_and(|s| ever(s, root, path, |_| true));
        let other = others.into_iter().find(has)?;
        Some(catalogue::engine(other)?.title)
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
    pub(super) fn misfit(&self, node: Node<'_>, misfit: &Misfit, keys: &[&str], reader: &Reader) -> Option<Diagnostic> {
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
        // A word that another release takes is a matter of the version.
        let takes = |ty| value::misfit(node, ty, reader.dialect).is_none();
        let moved = !misfit.words.is_empty() && ever(self.low.schema(), reader.root, keys, takes);
        let mut found = self.weighed(self.rules.invalid, node.span(), message, moved);
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

    /// A `${` that begins no variable, where they are replaced.
    pub(super) fn no_variable(&self, text: &str, span: Span, why: &str) -> Diagnostic {
        let message = format!("`{}` is no variable: {why}", shown(text[span.range()].trim_end()));
        self.weighed(self.rules.invalid, span, message, false)
            .help("write `${NAME}` or `${NAME:-default}`, or `$${` for a `${` that stays")
            .note(format!("{} replaces variables before it reads the file, in comments too", self.facts.title))
    }

    /// A text that is no YAML after variables were replaced.
    pub(super) fn unreadable(&self, span: Span, message: &str) -> Diagnostic {
        self.weighed(self.rules.invalid, span, format!("not readable as YAML: {message}"), false)
            .note("variables are replaced before the file is read")
    }

    /// A flag that the program does not read.
    pub(super) fn flag(&self, rule: &'static Rule, fault: flags::Fault) -> Option<Diagnostic> {
        if self.draft && fault.near.is_some_and(|(name, near)| !self.near.is_slip(&name, near)) {
            return None;
        }
        let found = self.weighed(rule, fault.span, fault.message, fault.by_version);
        let found = match fault.help {
            Some(help) => found.help(help),
            None => found,
        };
        Some(found.note(format!("{} ends at once with a command line that it cannot read", self.facts.title)))
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
        self.near.nearest(name, body.fields().map(Field::name).filter(|n| *n != OTHERS))
    }

    /// A finding as heavy as the facts allow: an error rests on facts of that version.
    fn weighed(&self, rule: &'static Rule, span: Span, message: String, by_version: bool) -> Diagnostic {
        let found = weighed(Diagnostic::new(rule, span, message), self.facts.title, self.version, by_version);
        if self.sure {
            return found;
        }
        let (title, read) = (self.facts.title, self.low.version());
        lighter(found).note(match self.draft {
            true => format!("the facts are those of one commit on the way to {title} {read}"),
            false => format!("the facts are those of {title} {read}"),
        })
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
