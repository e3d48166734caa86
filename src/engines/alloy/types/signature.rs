//! Go signatures of the standard library: `func(string, ...any) (string, error)`.

use super::fit::Want;
use super::{Kind, Value};

/// A signature taken apart.
#[derive(Debug, Clone)]
pub(in crate::engines::alloy) struct Signature {
    params: Box<[Want]>,
    /// What all further arguments must be.
    rest: Option<Want>,
    result: &'static str,
}

impl Signature {
    /// Reads one.
    pub(in crate::engines::alloy) fn of(text: &'static str) -> Option<Self> {
        let inner = text.strip_prefix("func(")?;
        let (params, result) = inner.split_once(')')?;
        let result = result.trim().trim_start_matches('(').split([',', ')']).next().unwrap_or_default();
        let mut params: Vec<&str> = params.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
        let rest = params.last().and_then(|p| p.strip_prefix("..."));
        if rest.is_some() {
            params.pop();
        }
        let params = params.into_iter().map(Want::go).collect();
        Some(Self { params, rest: rest.map(Want::go), result: result.trim() })
    }

    /// The least number of arguments, and the most.
    pub(in crate::engines::alloy) fn count(&self) -> (usize, Option<usize>) {
        (self.params.len(), self.rest.is_none().then_some(self.params.len()))
    }

    /// What the argument at that place must be.
    pub(in crate::engines::alloy) fn param(&self, at: usize) -> Want {
        self.params.get(at).copied().or(self.rest).unwrap_or(Want::Any)
    }

    /// What it gives.
    pub(in crate::engines::alloy) fn result<'a>(&self) -> Value<'a> {
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
