//! Texts of other languages inside of values: who reads them at a version, and why one is refused.

use super::embedded;
use super::judge::{Builtin, Judge, Syntax, Why};
use crate::lang::jmespath::{self, Dialect};
use crate::lang::template::{self, Names, sprig};
use crate::lang::{encoding, entry, expr, logql, re2, zone};
use crate::near::Near;

/// What the stages of `loki.process` add to the functions of sprig (`extraFunctionMap` in grafana/alloy
/// internal/component/loki/process/stages/template.go@v1.0.0, @v1.19.0-rc.3).
const STAGES: [&str; 13] = [
    "Hash",
    "Replace",
    "Sha2Hash",
    "ToLower",
    "ToUpper",
    "Trim",
    "TrimLeft",
    "TrimPrefix",
    "TrimRight",
    "TrimSpace",
    "TrimSuffix",
    "regexReplaceAll",
    "regexReplaceAllLiteral",
];

/// Functions of templates, with the sprig that a release has (grafana/alloy go.mod@v1.0.0, @v1.10.2, @v1.11.0,
/// @v1.19.0-rc.3).
static WITH_SPRIG: [&[&str]; 3] = [&STAGES, &sprig::FUNCTIONS, &sprig::SINCE_3_3];

/// Who knows whether texts are valid.
#[derive(Debug, Clone, Copy)]
pub struct Languages {
    go: re2::Go,
    jmespath: Dialect,
    functions: Functions,
}

/// Lists of functions.
type Functions = &'static [&'static [&'static str]];

impl Languages {
    /// The readers of Alloy 1.`minor`.
    pub fn of_alloy(minor: u16) -> Self {
        Self {
            go: re2::Go::of_alloy(minor),
            jmespath: Dialect::of_alloy(minor),
            functions: if minor < 11 { &WITH_SPRIG[..2] } else { &WITH_SPRIG },
        }
    }

    /// The functions that a template of that syntax may call beside Go's own.
    fn functions(&self, syntax: Syntax) -> Functions {
        if syntax == Syntax::PlainTemplate { &[] } else { self.functions }
    }

    fn template(&self, syntax: Syntax, text: &str) -> Result<(), template::Error> {
        template::check(text, Names { functions: self.functions(syntax), variables: &[] })
    }
}

impl Judge for Languages {
    fn valid(&self, syntax: Syntax, text: &str) -> Option<bool> {
        match syntax {
            Syntax::Regex => Some(re2::parse(text, self.go).is_ok()),
            Syntax::NamedRegex => {
                Some(re2::parse(text, self.go).is_ok_and(|info| info.groups.iter().any(Option::is_some)))
            }
            Syntax::LogQl => match logql::selector::parse(text, self.go) {
                Ok(_) => Some(true),
                Err(error) => (error.kind != logql::Kind::Unread).then_some(false),
            },
            Syntax::NamedGroups => Some(
                re2::parse(text, self.go)
                    .is_ok_and(|info| !info.groups.is_empty() && info.groups.iter().all(Option::is_some)),
            ),
            Syntax::Pattern => Some(logql::pattern::check(text).is_ok()),
            Syntax::Template | Syntax::PlainTemplate => Some(self.template(syntax, text).is_ok()),
            Syntax::JmesPath => Some(jmespath::check(text, self.jmespath).is_ok()),
            Syntax::Condition => Some(expr::condition(text, self.go).is_ok()),
            _ => Builtin.valid(syntax, text),
        }
    }

    fn why(&self, syntax: Syntax, text: &str) -> Option<Why> {
        match syntax {
            Syntax::Regex | Syntax::NamedRegex | Syntax::NamedGroups => {
                let error = re2::parse(text, self.go).err()?;
                Some(Why { message: error.message, help: error.help })
            }
            Syntax::LogQl => {
                let error = logql::selector::parse(text, self.go).err()?;
                Some(Why { message: error.message, help: error.help })
            }
            Syntax::Pattern => Some(Why { message: logql::pattern::check(text).err()?, help: None }),
            Syntax::Template | Syntax::PlainTemplate => {
                let error = self.template(syntax, text).err()?;
                let names = self.functions(syntax).iter().copied().flatten().chain(&template::BUILTINS).copied();
                let near = error.unknown.and_then(|name| Near::default().nearest(&name, names));
                Some(Why { message: error.message, help: near.map(|near| format!("did you mean `{near}`?")) })
            }
            Syntax::JmesPath => {
                let error = jmespath::check(text, self.jmespath).err()?;
                Some(Why { message: error.message, help: quoted(text) })
            }
            Syntax::Yaml(embedded) => embedded::fault(text, embedded),
            Syntax::Condition => {
                let error = expr::condition(text, self.go).err()?;
                Some(Why { message: error.message, help: error.help })
            }
            Syntax::Field | Syntax::RootField => {
                let message = entry::check(text, syntax == Syntax::RootField).err()?.to_owned();
                Some(Why { message, help: None })
            }
            Syntax::Encoding => {
                let near = Near::default().nearest(text, encoding::names())?;
                Some(Why { message: String::new(), help: Some(format!("did you mean `{near}`?")) })
            }
            Syntax::TimeZone => {
                let near = Near::default().nearest(text, zone::names())?;
                Some(Why { message: String::new(), help: Some(format!("did you mean `{near}`?")) })
            }
            _ => None,
        }
    }
}

/// What was meant as one name has to stand in quotes when other characters are in it: `@timestamp`, `user-id`.
fn quoted(text: &str) -> Option<String> {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '#' | '/' | ':' | '~');
    let plain = !text.is_empty() && text.chars().all(name);
    let mend =
        || format!("a name with other characters than letters, digits and `_` stands in quotes: `\\\"{text}\\\"`");
    plain.then(mend)
}
