//! Variables in a config, replaced by what the environment of the process has where a flag asks for it.

use std::ops::Range;

use super::envsubst::{self, Outcome};
use super::osexpand;
use crate::address::{Joined, Written};
use crate::parse::Text;
use crate::source::Span;
use crate::tree::{Artifact, Service, Tree};

/// The flag that has variables in the file replaced, without dashes.
pub const EXPAND_FLAG: &str = "config.expand-env";

/// Whether what is wrong at a place of a file may be right when it is read, since a process that reads it replaces variables there.
pub fn is_hidden(tree: &Tree, file: &Artifact, span: Span) -> bool {
    let text = file.data().map_or("", |d| d.source_text());
    let asks = |service: &Service| service.flag(EXPAND_FLAG).is_some_and(|(_, value)| value != "false");
    may_hide(text, span) && file.uses.iter().any(|u| asks(tree.service(u.service)))
}

/// Whether a variable stands on the line of a place, or on the one before it.
pub(super) fn may_hide(text: &str, span: Span) -> bool {
    let before = &text[..(span.start as usize).min(text.len())];
    let line = before.rfind('\n').map_or(0, |n| before[..n].rfind('\n').map_or(0, |n| n + 1));
    let end = text[before.len()..].find('\n').map_or(text.len(), |n| before.len() + n);
    text[line..end].contains("${")
}

/// How variables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `${X}` and `${X:-default}` (drone/envsubst template.go, parse/parse.go, funcs.go@v1.0.3).
    Envsubst,
    /// `$X`, `${X}` and `${X:default}` (grafana/mimir cmd/mimir/main.go `expandEnvironmentVariables`@mimir-2.10.0, mimir-3.0.2).
    Expand,
}

/// What stands between a name and its default for `Envsubst`: all do the same there.
const DEFAULTS: [&str; 5] = [":-", ":=", ":?", ":+", "="];

/// A variable in a text.
struct Variable<'v> {
    name: &'v str,
    /// What stands for it where it is not set; empty = nothing.
    default: Range<usize>,
    /// Where it ends.
    end: usize,
}

/// Who reads a config, and how.
#[derive(Debug, Clone, Copy)]
pub struct Variables<'a> {
    /// The process; `None` = not known.
    pub service: Option<&'a Service>,
    /// How variables are written.
    pub syntax: Syntax,
}

impl Variables<'_> {
    /// A text as the process reads it; `None` = it hangs on something unknown.
    pub fn replaced<'d>(&self, text: Text<'d>) -> Option<Written<'d>> {
        if !text.value().contains('$') || !self.are_replaced()? {
            return Some(Written::Data(text));
        }
        let value = text.value();
        let mut joined = Joined::new(text.whole());
        let mut at = 0;
        while let Some(dollar) = value[at..].find('$').map(|found| at + found) {
            joined.push(&value[at..dollar], text.span(at..dollar))?;
            let variable = self.variable(value, dollar + 1)?;
            let (found, place) = match self.value(variable.name)? {
                Some((found, place)) if !found.is_empty() => (found, place),
                _ => (&value[variable.default.clone()], text.span(variable.default)),
            };
            joined.push(found, place)?;
            at = variable.end;
        }
        joined.push(&value[at..], text.span(at..value.len()))?;
        Some(Written::Joined(joined))
    }

    /// A whole file as the process reads it; `None` = as it is written, or that is not known.
    pub(super) fn whole(&self, text: &str) -> Option<Outcome> {
        if self.are_replaced() != Some(true) {
            return None;
        }
        let value = |name: &str| match self.value(name)? {
            Some((value, _)) => Some(value),
            None if Service::has_of_itself(name) => None,
            None => Some(""),
        };
        Some(match self.syntax {
            Syntax::Envsubst => envsubst::replace(text, value),
            Syntax::Expand => osexpand::replace(text, |name| {
                let (name, default) = name.split_once(':').unwrap_or((name, ""));
                Some(value(name)?).filter(|v| !v.is_empty()).or(Some(default)).map(|v| v.replace('\n', ""))
            }),
        })
    }

    /// Whether the process replaces variables.
    fn are_replaced(&self) -> Option<bool> {
        let service = self.service?;
        if service.build || service.args()?.iter().any(|a| a.open) {
            return None;
        }
        Some(service.flag(EXPAND_FLAG).is_some_and(|(_, value)| value != "false"))
    }

    /// The variable behind a dollar.
    fn variable<'v>(&self, value: &'v str, from: usize) -> Option<Variable<'v>> {
        let length = |text: &str| text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let rest = &value[from..];
        let Some(inner) = rest.strip_prefix('{') else {
            let end = from + length(rest);
            let found = self.syntax == Syntax::Expand && end > from;
            return found.then(|| Variable { name: &value[from..end], default: end..end, end });
        };
        let close = inner.find('}')?;
        let (name, behind) = inner[..close].split_at(length(&inner[..close]));
        let mark = match self.syntax {
            _ if behind.is_empty() => "",
            Syntax::Envsubst => DEFAULTS.into_iter().find(|mark| behind.starts_with(mark))?,
            Syntax::Expand => Some(":").filter(|mark| behind.starts_with(mark))?,
        };
        let end = from + 1 + close;
        let default = from + 1 + name.len() + mark.len()..end;
        let plain = !name.is_empty() && !value[default.clone()].contains(['$', '{', '\\']);
        plain.then_some(Variable { name, default, end: end + 1 })
    }

    /// What a variable is set to; `Some(None)` = to nothing.
    fn value(&self, name: &str) -> Option<Option<(&str, Span)>> {
        let service = self.service.filter(|s| !s.environment_open)?;
        match service.env(name) {
            Some(variable) => Some(Some((variable.value.as_deref()?, variable.span))),
            None => Some(None),
        }
    }
}
