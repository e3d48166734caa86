//! What a function refuses when it is made, from values that are written down: words that it does not know, limits, patterns.
//!
//! Read in pkg/ottl/ottlfuncs and processor/transformprocessor/internal/metrics from @v0.96.0 to @v0.158.0.

use super::ast::{Call, Id, ValueKind};
use super::check::{Judge, snake};
use super::facts::Function;
use super::literal::Literal;

/// Words that an argument may be.
struct Words {
    functions: &'static [&'static str],
    field: &'static str,
    words: &'static [&'static str],
}

const WORDS: &[Words] = &[
    Words { functions: &["merge_maps"], field: "Strategy", words: &["insert", "update", "upsert"] },
    Words { functions: &["replace_all_patterns"], field: "Mode", words: &["key", "value"] },
    Words { functions: &["ConvertCase"], field: "ToCase", words: &["lower", "upper", "snake", "camel"] },
    Words {
        functions: &["convert_gauge_to_sum", "convert_summary_count_val_to_sum", "convert_summary_sum_val_to_sum"],
        field: "StringAggTemp",
        words: &["delta", "cumulative"],
    },
    Words {
        functions: &["aggregate_on_attributes", "aggregate_on_attribute_value"],
        field: "AggregationFunction",
        words: &["sum", "mean", "min", "max", "median", "count"],
    },
    Words {
        functions: &["convert_exponential_histogram_to_histogram"],
        field: "DistributionFn",
        words: &["upper", "midpoint", "random", "uniform", ""],
    },
    Words { functions: &["Sort"], field: "Order", words: &["asc", "desc"] },
    Words { functions: &["ParseCSV"], field: "Mode", words: &["strict", "lazyQuotes", "ignoreQuotes"] },
];

/// Fields that must not be empty texts.
const FILLED: &[(&str, &str)] = &[
    ("Time", "Format"),
    ("FormatTime", "Format"),
    ("ParseKeyValue", "Delimiter"),
    ("ParseKeyValue", "PairDelimiter"),
    ("ToKeyValueString", "Delimiter"),
    ("ToKeyValueString", "PairDelimiter"),
];

/// The arguments by field.
struct Made<'j, 't> {
    judge: &'j Judge<'t>,
    names: Vec<&'static str>,
    given: &'j [Option<Id>],
}

impl<'j> Made<'j, '_> {
    fn id(&self, field: &str) -> Option<Id> {
        let at = self.names.iter().position(|n| *n == field)?;
        *self.given.get(at)?
    }

    fn literal(&self, field: &str) -> Option<Literal<'j>> {
        self.judge.literal(self.id(field)?)
    }

    fn text(&self, field: &str) -> Option<&'j str> {
        match self.literal(field)? {
            Literal::Text(text) => Some(text),
            _ => None,
        }
    }

    fn int(&self, field: &str) -> Option<i64> {
        match self.literal(field)? {
            Literal::Int(n) => Some(n),
            _ => None,
        }
    }

    fn length(&self, field: &str) -> Option<usize> {
        match &self.judge.tree.values.get(self.id(field)?)?.kind {
            ValueKind::List(values) => Some(values.len()),
            _ => None,
        }
    }
}

/// Refuses what the function would.
pub(super) fn check(judge: &mut Judge<'_>, function: Function, call: &Call, given: &[Option<Id>]) {
    let names = function.arguments().unwrap_or_default().iter().map(|a| a.name).collect();
    let made = Made { judge, names, given };
    let mut found: Vec<(Option<&'static str>, String, Option<String>)> = Vec::new();
    words(&made, &call.name, &mut found);
    limits(&made, &call.name, &mut found);
    texts(&made, &call.name, &mut found);
    if function.compiles() {
        patterns(&made, &mut found);
    }
    let places: Vec<_> = found
        .into_iter()
        .map(|(field, message, help)| {
            let value = field.and_then(|f| made.id(f)).and_then(|id| judge.tree.values.get(id));
            (value.map_or_else(|| call.range.clone(), |v| v.range.clone()), message, help)
        })
        .collect();
    for (range, message, help) in places {
        judge.refuse(range, message, help);
    }
}

type Found = Vec<(Option<&'static str>, String, Option<String>)>;

fn words(made: &Made<'_, '_>, name: &str, found: &mut Found) {
    for rule in WORDS.iter().filter(|w| w.functions.contains(&name)) {
        let Some(text) = made.text(rule.field).filter(|t| !rule.words.contains(t)) else { continue };
        let known: Vec<String> = rule.words.iter().filter(|w| !w.is_empty()).map(|w| format!("`{w}`")).collect();
        let message = format!("`{text}` is no {} of `{name}`", snake(rule.field));
        found.push((Some(rule.field), message, Some(format!("it is one of {}", known.join(", ")))));
    }
}

fn limits(made: &Made<'_, '_>, name: &str, found: &mut Found) {
    let mut refuse = |field, message: String| found.push((field, message, None));
    match name {
        "limit" | "truncate_all" => {
            let Some(limit) = made.int("Limit") else { return };
            if limit < 0 {
                refuse(Some("Limit"), format!("the limit of `{name}` cannot be negative"));
            } else if made.length("PriorityKeys").is_some_and(|n| limit < n as i64) {
                refuse(Some("Limit"), "the limit is smaller than the number of priority keys".to_owned());
            } else if made.text("TruncationMarker").is_some_and(|m| m.len() as i64 > limit) {
                refuse(Some("TruncationMarker"), "the truncation marker is longer than the limit".to_owned());
            }
        }
        "flatten" if made.int("Depth").is_some_and(|d| d < 1) => {
            refuse(Some("Depth"), "the depth of `flatten` is at least 1".to_owned());
        }
        "convert_exponential_histogram_to_histogram" if made.length("ExplicitBounds") == Some(0) => {
            refuse(Some("ExplicitBounds"), "the explicit bounds cannot be empty".to_owned());
        }
        "Coalesce" if made.length("Values") == Some(0) => {
            refuse(Some("Values"), "`Coalesce` needs at least one value".to_owned());
        }
        "append" if made.id("Value").is_none() && made.id("Values").is_none() => {
            refuse(None, "`append` needs a value or values".to_owned());
        }
        "extract_percentile_metric" => {
            if let Some(Literal::Float(p)) = made.literal("Percentile")
                && !(p > 0.0 && p < 100.0)
            {
                refuse(Some("Percentile"), "a percentile lies between 0 and 100".to_owned());
            }
        }
        "SpanID" | "TraceID" => {
            let length = if name == "SpanID" { 8 } else { 16 };
            let field = if made.id("Bytes").is_some() { "Bytes" } else { "Target" };
            match made.literal(field) {
                Some(Literal::Bytes(n)) if n != length => {
                    refuse(Some(field), format!("`{name}` is made of {length} bytes, not {n}"));
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn texts(made: &Made<'_, '_>, name: &str, found: &mut Found) {
    for (_, field) in FILLED.iter().filter(|(f, _)| *f == name) {
        if made.text(field) == Some("") {
            let message = format!("`{}` of `{name}` cannot be empty", snake(field));
            found.push((Some(field), message, None));
        }
    }
    if matches!(name, "ParseKeyValue" | "ToKeyValueString") {
        let of = |field, otherwise| match made.id(field) {
            Some(_) => made.text(field),
            None => Some(otherwise),
        };
        if let (Some(a), Some(b)) = (of("Delimiter", "="), of("PairDelimiter", " "))
            && a == b
        {
            found.push((None, "the delimiter and the pair delimiter are the same".to_owned(), None));
        }
    }
    if name == "ParseCSV" && made.text("Delimiter").is_some_and(|d| d.chars().count() != 1) {
        found.push((Some("Delimiter"), "the delimiter of `ParseCSV` is one character".to_owned(), None));
    }
}

fn patterns(made: &Made<'_, '_>, found: &mut Found) {
    for field in ["Pattern", "RegexPattern"] {
        if let Some(reason) = made.text(field).and_then(super::regex::broken) {
            found.push((Some(field), format!("the pattern is no regular expression: {reason}"), None));
        }
    }
}
