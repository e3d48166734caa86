//! What a function refuses when it is made, from values that are written down: words that it does not know, limits, patterns.
//!
//! Read in pkg/ottl/ottlfuncs and processor/transformprocessor/internal/metrics from @v0.96.0 to @v0.158.0.

use std::collections::HashMap;
use std::net::IpAddr;

use super::ast::{Call, Id, ValueKind};
use super::check::{Judge, snake};
use super::facts::Function;
use super::literal::Literal;
use crate::lang::{encoding, grok, re2, strptime, xpath, zone};
use crate::near::Near;

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
    Words {
        functions: &["merge_histogram_buckets"],
        field: "Method",
        words: &["remove_explicit_bound", "limit_buckets"],
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

    fn value(&self, field: &str) -> Option<&'j ValueKind> {
        Some(&self.judge.tree.values.get(self.id(field)?)?.kind)
    }

    fn length(&self, field: &str) -> Option<usize> {
        match self.value(field)? {
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
    limits(&made, &call.name, function.least_depth(), &mut found);
    texts(&made, &call.name, &mut found);
    if function.compiles() {
        patterns(&made, &mut found);
        let unnamed = |p: &str| !p.contains("(?P<") && !p.contains("(?<");
        if function.names_groups() && found.is_empty() && made.text("Pattern").is_some_and(unnamed) {
            let help = "name a group: `(?P<name>…)`".to_owned();
            found.push((Some("Pattern"), "the pattern has no named group".to_owned(), Some(help)));
        }
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

fn limits(made: &Made<'_, '_>, name: &str, least_depth: i64, found: &mut Found) {
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
        "flatten" if made.int("Depth").is_some_and(|d| d < least_depth) => {
            refuse(Some("Depth"), format!("the depth of `flatten` is at least {least_depth}"));
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
        "merge_histogram_buckets" if made.text("Method") == Some("limit_buckets") => {
            let wrong = match made.literal("TargetValue") {
                Some(Literal::Float(f)) => f < 1.0 || f.fract() != 0.0,
                Some(Literal::Int(n)) => n < 1,
                _ => false,
            };
            if wrong {
                refuse(Some("TargetValue"), "the number of buckets is a whole number above 0".to_owned());
            }
        }
        "SpanID" | "TraceID" | "ProfileID" => {
            let length = if name == "SpanID" { 8 } else { 16 };
            let field = if made.id("Bytes").is_some() { "Bytes" } else { "Target" };
            match made.literal(field) {
                Some(Literal::Bytes(n)) if n != length && (field == "Bytes" || n != 2 * length) => {
                    refuse(Some(field), format!("`{name}` is made of {length} bytes, not {n}"));
                }
                Some(Literal::Text(t)) if t.len() != length && t.len() != 2 * length => {
                    refuse(Some(field), format!("`{name}` is made of {} hexadecimal digits", 2 * length));
                }
                // A number is eight bytes, a truth value one.
                Some(Literal::Bool) => refuse(Some(field), format!("`{name}` is made of {length} bytes")),
                Some(Literal::Int(_) | Literal::Float(_) | Literal::Enum) if length != 8 => {
                    refuse(Some(field), format!("`{name}` is made of {length} bytes"));
                }
                _ => {}
            }
        }
        "IsInCIDR" => networks(made, found),
        _ => {}
    }
}

/// Networks are read one by one up to the first that is not written down.
fn networks(made: &Made<'_, '_>, found: &mut Found) {
    let Some(ValueKind::List(values)) = made.value("Networks") else { return };
    for value in values {
        let Some(Literal::Text(network)) = made.judge.literal(*value) else { return };
        if !is_network(network) {
            let message = format!("`{network}` is no network such as `10.0.0.0/8`");
            found.push((Some("Networks"), message, None));
        }
    }
}

fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.bytes().all(|b| b.is_ascii_digit()) && bits.parse::<u8>().is_ok_and(|b| b <= most)
}

fn texts(made: &Made<'_, '_>, name: &str, found: &mut Found) {
    for (_, field) in FILLED.iter().filter(|(f, _)| *f == name) {
        if made.text(field) == Some("") {
            let message = format!("`{}` of `{name}` cannot be empty", snake(field));
            found.push((Some(field), message, None));
        }
    }
    if matches!(name, "replace_match" | "replace_all_matches") && made.text("Pattern").is_some_and(is_open) {
        found.push((
            Some("Pattern"),
            "a `[` of the pattern is not closed".to_owned(),
            Some("write `\\\\[` for the character".to_owned()),
        ));
    }
    // Layouts are turned into those of Go when the function is made since v0.112.0 (pkg/ottl/ottlfuncs/func_time.go@v0.96.0,
    // @v0.112.0, @v0.158.0, func_formattime.go@v0.134.0, @v0.158.0), zones are looked up since they may be given.
    let read = matches!(name, "Time" | "FormatTime") && made.judge.release.newest_alloy() >= 5;
    if let Some(directive) = made.text("Format").filter(|_| read).and_then(strptime::unknown) {
        found.push((Some("Format"), format!("`%{directive}` is no directive of a layout"), None));
    }
    let zone = made.text("Location").filter(|zone| read && zone::is_known(zone) == Some(false));
    if let Some(location) = zone {
        let near = Near::default().nearest(location, zone::names()).map(|near| format!("did you mean `{near}`?"));
        found.push((Some("Location"), format!("`{location}` is no name of a time zone"), near));
    }
    // elastic/lunes locale.go@v0.1.0, @v0.2.2: tags of languages have letters, digits and `-` alone.
    let tag = |locale: &str| !locale.is_empty() && locale.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if let Some(locale) = made.text("Locale").filter(|locale| name == "Time" && read && !tag(locale)) {
        let help = Some(format!(
            "write a tag such as `{}`",
            if locale.contains('_') { locale.replace('_', "-") } else { "en-US".to_owned() }
        ));
        found.push((Some("Locale"), format!("`{locale}` is no tag of a language"), help));
    }
    if name == "ExtractGrokPatterns" {
        grok_patterns(made, found);
    }
    // Looked up when the function is made since the encoding may be a path (pkg/ottl/ottlfuncs/func_decode.go@v0.134.0, @v0.158.0).
    const BASE64: [&str; 4] = ["base64", "base64-raw", "base64-url", "base64-raw-url"];
    let made_early = name == "Decode" && made.judge.release.newest_alloy() >= NEWEST;
    let unknown = |text: &&str| made_early && !BASE64.contains(text) && !encoding::is_known(text);
    if let Some(text) = made.text("Encoding").filter(unknown) {
        let near = Near::default().nearest(text, BASE64.into_iter().chain(encoding::names()));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        found.push((Some("Encoding"), format!("`{text}` is no name of an encoding"), help));
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
    // Those that convert have a path of their own where none is given.
    let path = made.text("XPath").filter(|path| !path.is_empty() || !name.starts_with("Convert"));
    if let Some(why) = path.and_then(|path| xpath::check(path).err()) {
        let message = if path.is_some_and(|path| path.ends_with('/')) {
            "the path ends with a slash and selects nothing".to_owned()
        } else {
            format!("the path is no XPath: {why}")
        };
        found.push((Some("XPath"), message, None));
    }
    for (field, what) in [("Delimiter", "delimiter"), ("HeaderDelimiter", "delimiter of the header")] {
        if name == "ParseCSV" && made.text(field).is_some_and(|d| d.chars().count() != 1) {
            found.push((Some(field), format!("the {what} of `ParseCSV` is one character"), None));
        }
    }
}

/// The Alloy whose functions were read last.
const NEWEST: u16 = 19;

/// A Grok pattern and its definitions (pkg/ottl/ottlfuncs/func_extract_grok_patterns.go@v0.112.0, @v0.134.0, @v0.158.0).
fn grok_patterns(made: &Made<'_, '_>, found: &mut Found) {
    let mut own: HashMap<&str, &str> = HashMap::new();
    match (made.id("PatternDefinitions"), made.value("PatternDefinitions")) {
        (None, _) => {}
        (Some(_), Some(ValueKind::List(values))) => {
            for value in values {
                let Some(Literal::Text(definition)) = made.judge.literal(*value) else { return };
                let message = match definition.split_once('=') {
                    Some((name, _)) if name.contains(':') => {
                        format!("`{name}` is no name of a pattern: it holds a `:`")
                    }
                    Some(named) => {
                        own.extend([named]);
                        continue;
                    }
                    None => format!("`{definition}` defines no pattern"),
                };
                let help = Some("write `NAME=pattern`".to_owned());
                found.push((Some("PatternDefinitions"), message, help));
                return;
            }
        }
        (Some(_), _) => return,
    }
    let Some(pattern) = made.text("Pattern") else { return };
    if let Some(name) = grok::unknown(pattern, &own) {
        let near = Near::default().nearest(name, grok::names()).map(|near| format!("did you mean `{near}`?"));
        found.push((Some("Pattern"), format!("`{name}` is no Grok pattern"), near));
        return;
    }
    // Compiled when the function is made, as long as the pattern may be no path, and by the newest that was read.
    let minor = made.judge.release.newest_alloy();
    if minor > 11 && minor < NEWEST {
        return;
    }
    let named = match made.id("NamedCapturesOnly").and_then(|id| made.judge.tree.values.get(id)) {
        None => false,
        Some(value) if matches!(value.kind, ValueKind::Bool) => {
            made.judge.text.get(value.range.clone()) == Some("true")
        }
        Some(_) => return,
    };
    let Some((text, library)) = grok::expanded(pattern, &own, named) else { return };
    if let Some((reason, help)) = super::regex::broken(&text, made.judge.release) {
        let message = format!("the pattern becomes no regular expression: {reason}");
        found.push((Some("Pattern"), message, help));
    } else if named && !library {
        let info = re2::parse(&text, re2::Go::of_alloy(minor));
        if info.is_ok_and(|info| info.groups.iter().all(Option::is_none)) {
            let help = Some("name what is to be read: `%{NUMBER:name}`, `(?P<name>…)`".to_owned());
            found.push((Some("Pattern"), "the pattern captures nothing by name".to_owned(), help));
        }
    }
}

/// Whether a glob has a `[` that no `]` follows (gobwas/glob syntax/lexer/lexer.go `fetchRange`@v0.2.3).
fn is_open(glob: &str) -> bool {
    let mut chars = glob.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => _ = chars.next(),
            '[' => return !glob[at..].contains(']'),
            _ => {}
        }
    }
    false
}

fn patterns(made: &Made<'_, '_>, found: &mut Found) {
    for field in ["Pattern", "RegexPattern"] {
        let broken = |pattern: &str| super::regex::broken(pattern, made.judge.release);
        if let Some((reason, help)) = made.text(field).and_then(broken) {
            found.push((Some(field), format!("the pattern is no regular expression: {reason}"), help));
        }
    }
}
