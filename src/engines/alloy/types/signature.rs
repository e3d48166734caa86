//! Go signatures of the standard library: `func(string, ...any) (string, error)`.

use super::fit::Want;
use super::{Kind, Value};

/// A signature taken apart.
#[derive(Debug, Clone, Copy)]
pub(in crate::engines::alloy) struct Signature {
    params: &'static str,
    result: &'static str,
}

impl Signature {
    /// Reads one.
    pub(in crate::engines::alloy) fn of(text: &'static str) -> Option<Self> {
        let rest = text.strip_prefix("func(")?;
        let end = rest.find(')')?;
        let result = rest[end + 1..].trim().trim_start_matches('(').split([',', ')']).next().unwrap_or_default();
        Some(Self { params: &rest[..end], result: result.trim() })
    }

    fn list(self) -> impl Iterator<Item = &'static str> + Clone {
        self.params.split(',').map(str::trim).filter(|p| !p.is_empty())
    }

    /// The least number of arguments, and the most.
    pub(in crate::engines::alloy) fn count(self) -> (usize, Option<usize>) {
        let all = self.list().count();
        if self.params.contains("...") { (all.saturating_sub(1), None) } else { (all, Some(all)) }
    }

    /// What the argument at that place must be.
    pub(in crate::engines::alloy) fn param(self, at: usize) -> Want {
        let last = self.list().last().and_then(|p| p.strip_prefix("..."));
        let of = |go: &'static str| Want::go(go.strip_prefix("...").unwrap_or(go));
        self.list().nth(at).or(last).map_or(Want::Any, of)
    }

    /// What it gives.
    pub(in crate::engines::alloy) fn result<'a>(self) -> Value<'a> {
        go_value(self.result)
    }
}

/// The value of a Go type.
pub(in crate::engines::alloy) fn go_value<'a>(go: &str) -> Value<'a> {
    match go {
        "string" => Value::String,
        "bool" => Value::Bool,
        "int" | "int64" | "uint64" | "float64" => Value::Number(None),
        "[]uint8" | "[]byte" => Value::Bytes,
        _ if go.starts_with("[]") => Value::List,
        _ => Value::Unknown,
    }
}

/// What the functions that look at their arguments themselves refuse, and what they give
/// (grafana/alloy syntax/internal/stdlib/stdlib.go@v1.19.0-rc.3).
pub(in crate::engines::alloy) fn raw(name: &str) -> Option<Raw> {
    let list = Some(Kind::Array);
    match name {
        "array.concat" | "concat" => Some(Raw { count: (0, None), kinds: &[], rest: list }),
        "array.combine_maps" => {
            Some(Raw { count: (3, Some(4)), kinds: &[Kind::Array, Kind::Array, Kind::Array, Kind::Bool], rest: None })
        }
        "array.group_by" => {
            Some(Raw { count: (3, Some(3)), kinds: &[Kind::Array, Kind::String, Kind::Bool], rest: None })
        }
        _ => None,
    }
}

/// A function that looks at its arguments itself. All of these give lists.
#[derive(Debug, Clone, Copy)]
pub(in crate::engines::alloy) struct Raw {
    /// The least number of arguments, and the most.
    pub(in crate::engines::alloy) count: (usize, Option<usize>),
    kinds: &'static [Kind],
    rest: Option<Kind>,
}

impl Raw {
    /// The kind that the argument at that place must have; no conversion is made.
    pub(in crate::engines::alloy) fn kind(self, at: usize) -> Option<Kind> {
        self.kinds.get(at).copied().or(self.rest)
    }
}
