//! What a compose file may hold: the facts of `schemas/compose/`, and a model held to them.

use super::model::{Item, Kind, Map};
use super::{Fault, Faults};
use crate::near::Near;
use crate::source::Span;

include!(concat!(env!("OUT_DIR"), "/compose.rs"));

/// Nesting that the schema itself has is far less.
const DEPTH_LIMIT: usize = 40;

/// A name that is this many letters away is what was meant.
const NEAR: usize = 2;

/// What may stand at a place.
#[derive(Debug)]
struct Node {
    /// Kinds, a bit each: null, boolean, integer, number, string, array, object; none = anything.
    is: u8,
    fields: &'static [Field],
    /// Keys that users name, and their values.
    keys: Option<(Pattern, usize)>,
    /// Whether other keys are refused.
    closed: bool,
    /// Whether `x-` keys are taken all the same.
    extensions: bool,
    items: Option<usize>,
    unique: bool,
    words: &'static [&'static str],
    least: Option<i64>,
    most: Option<i64>,
    /// Keys that must be there.
    need: &'static [&'static str],
    /// Of these one must be there.
    some: &'static [&'static str],
    pattern: Option<Pattern>,
    duration: bool,
    /// Exactly one of these fits.
    one: &'static [usize],
}

/// A key that the specification names.
#[derive(Debug)]
struct Field {
    name: &'static str,
    node: usize,
    /// The release that no longer knows it; empty = the newest does.
    gone: &'static str,
}

/// Patterns of the schema; some are those of older releases only.
#[allow(dead_code)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    Name,
    Any,
    Lower,
    Container,
    Pull,
    Project,
}

impl Pattern {
    fn fits(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::Any => !text.is_empty() && !text.starts_with('\n'),
            Self::Name => !text.is_empty() && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b)),
            Self::Lower => !text.is_empty() && bytes.iter().all(u8::is_ascii_lowercase),
            // Not anchored: two fitting characters anywhere are enough.
            Self::Container => bytes
                .windows(2)
                .any(|w| w[0].is_ascii_alphanumeric() && (w[1].is_ascii_alphanumeric() || b"_.-".contains(&w[1]))),
            Self::Pull => {
                ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"].contains(&text)
                    || every(text)
            }
            Self::Project => {
                bytes.first().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                    && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(b))
            }
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Name => "letters, digits, `.`, `_` and `-`",
            Self::Any => "a name",
            Self::Lower => "lower-case letters",
            Self::Container => "letters, digits, `.`, `_` and `-`, two at least",
            Self::Pull => {
                "`always`, `never`, `build`, `missing`, `refresh`, `daily`, `weekly` or `every_` and a duration"
            }
            Self::Project => "lower-case letters, digits, `_` and `-`",
        }
    }
}

/// `(every_([0-9]+[wdhms])+)`
fn every(text: &str) -> bool {
    let Some(mut rest) = text.strip_prefix("every_").filter(|r| !r.is_empty()) else { return false };
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if unit.len() == rest.len() || !unit.starts_with(['w', 'd', 'h', 'm', 's']) {
            return false;
        }
        rest = &unit[1..];
    }
    true
}

/// The newest release whose schema is known.
pub(super) const fn newest() -> &'static str {
    NEWEST
}

/// Holds a whole file to the schema.
pub(super) fn check(map: &Map, span: Span, faults: &mut Faults) {
    let mut checker = Checker { faults, near: Near::default() };
    checker.map(map, span, None, &NODES[ROOT], "", 0);
}

struct Checker<'a> {
    faults: &'a mut Faults,
    near: Near,
}

impl Checker<'_> {
    fn item(&mut self, item: &Item, key: Option<Span>, node: &'static Node, path: &str, depth: usize) {
        // What is not known may be right.
        if matches!(item.kind, Kind::Open) || depth > DEPTH_LIMIT {
            return;
        }
        if !node.one.is_empty() {
            return self.one(item, key, node, path, depth);
        }
        if !takes(node, &item.kind) {
            let message = format!("{} must be {}, not {}", shown(path), kinds(node.is), item.kind.says());
            self.faults.push(Fault::new(place(item, key), message));
            return;
        }
        match &item.kind {
            Kind::Map(map) => self.map(map, place(item, key), Some(item.span), node, path, depth),
            Kind::List(items) => self.list(items, node, path, depth),
            Kind::Text(text) => self.text(text, item.span, node, path),
            Kind::Int(n) => {
                let low = node.least.filter(|least| n < least);
                let high = node.most.filter(|most| n > most);
                let bound = low.map(|n| format!("at least {n}")).or(high.map(|n| format!("at most {n}")));
                if let Some(bound) = bound {
                    self.faults.push(Fault::new(item.span, format!("{} must be {bound}", shown(path))));
                }
            }
            _ => {}
        }
    }

    /// The branch that is for a value's kind says what is wrong with it.
    fn one(&mut self, item: &Item, key: Option<Span>, node: &'static Node, path: &str, depth: usize) {
        let mut all = 0;
        for at in node.one {
            let branch = &NODES[*at];
            if branch.one.is_empty() {
                all |= branch.is;
            }
            if takes(branch, &item.kind) {
                return self.item(item, key, branch, path, depth + 1);
            }
        }
        let message = format!("{} must be {}, not {}", shown(path), kinds(all), item.kind.says());
        self.faults.push(Fault::new(place(item, key), message));
    }

    fn map(&mut self, map: &Map, at: Span, whole: Option<Span>, node: &'static Node, path: &str, depth: usize) {
        for (name, field) in &map.entries {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let known = node.fields.binary_search_by(|f| f.name.cmp(name)).ok().map(|i| &node.fields[i]);
            if let Some(known) = known.filter(|f| f.gone.is_empty()) {
                self.item(&field.item, Some(field.key), &NODES[known.node], &below, depth + 1);
                continue;
            }
            if node.extensions && name.starts_with("x-") {
                continue;
            }
            if let Some((pattern, value)) = node.keys
                && pattern.fits(name)
            {
                self.item(&field.item, Some(field.key), &NODES[value], &below, depth + 1);
                continue;
            }
            if node.closed {
                self.unknown(name, field.key, map, node, path);
            }
        }
        for name in node.need.iter().filter(|n| map.get(n).is_none()) {
            self.faults.push(Fault::new(at, format!("{} needs `{name}`", shown(path))));
        }
        if !node.some.is_empty() && !node.some.iter().any(|n| map.get(n).is_some()) {
            let names: Vec<String> = node.some.iter().map(|n| format!("`{n}`")).collect();
            self.faults.push(Fault::new(whole.unwrap_or(at), format!("{} needs {}", shown(path), names.join(" or "))));
        }
    }

    fn unknown(&mut self, name: &str, at: Span, map: &Map, node: &'static Node, path: &str) {
        let place = if path.is_empty() { "at the top".to_owned() } else { format!("in `{path}`") };
        if let Some((pattern, _)) = node.keys.filter(|_| node.fields.is_empty()) {
            let message = format!("`{name}` is no name that compose takes {place}");
            self.faults.push(Fault::new(at, message).help(format!("use {} only", pattern.says())));
            return;
        }
        let mut fault = Fault::new(at, format!("compose knows no key `{name}` {place}"));
        let folded = name.to_ascii_lowercase().replace('-', "_");
        let near = node.fields.iter().filter(|f| f.gone.is_empty());
        let near = near.filter_map(|f| Some((self.near.distance(f.name, &folded, NEAR)?, f.name))).min();
        let gone = node.fields.iter().find(|f| f.name == name);
        fault.help = match (near, gone) {
            (Some((_, near)), _) => Some(format!("did you mean `{near}`?")),
            (None, Some(gone)) => Some(format!("compose-go dropped it in {}: remove it", gone.gone)),
            // A service written one level too high is the usual way to a key of that kind.
            (None, None) if path.is_empty() => {
                Some("indent it under `services`, or start its name with `x-`".to_owned())
            }
            (None, None) => None,
        };
        fault.rename = near.map(|(_, near)| near).filter(|near| map.get(near).is_none());
        self.faults.push(fault);
    }

    fn list(&mut self, items: &[Item], node: &'static Node, path: &str, depth: usize) {
        if let Some(at) = node.items {
            for (n, item) in items.iter().enumerate() {
                self.item(item, None, &NODES[at], &format!("{path}[{n}]"), depth + 1);
            }
        }
        if node.unique
            && let Some((first, second)) = super::model::twice(items)
        {
            let message = format!("{} holds the same item twice", shown(path));
            self.faults.push(Fault::new(second, message).label(first, "first here"));
        }
    }

    fn text(&mut self, text: &str, span: Span, node: &'static Node, path: &str) {
        if !node.words.is_empty() && !node.words.contains(&text) {
            let words: Vec<String> = node.words.iter().map(|w| format!("`{w}`")).collect();
            let message = format!("{} cannot be `{text}`", shown(path));
            let help = match words.split_last() {
                Some((last, [])) => format!("it takes {last} only"),
                Some((last, rest)) => format!("it takes {} or {last}", rest.join(", ")),
                None => return,
            };
            self.faults.push(Fault::new(span, message).help(help));
        }
        if let Some(pattern) = node.pattern.filter(|p| !p.fits(text)) {
            let message = format!("{} cannot be `{text}`", shown(path));
            self.faults.push(Fault::new(span, message).help(format!("it takes {}", pattern.says())));
        }
        if node.duration && !super::scalar::is_go_duration(text) {
            self.faults.push(Fault::new(span, format!("{} is no duration: `{text}`", shown(path))));
        }
    }
}

/// Whether a value's kind is one of those a place takes.
fn takes(node: &Node, kind: &Kind) -> bool {
    const ANY: u8 = 0;
    if !node.one.is_empty() {
        return node.one.iter().any(|at| NODES[*at].one.is_empty() && takes(&NODES[*at], kind));
    }
    let bits = match kind {
        Kind::Open => return true,
        Kind::Null => 1,
        Kind::Bool(_) => 1 << 1,
        Kind::Int(_) => 1 << 2 | 1 << 3,
        // A number without a fraction is whole, however it is written.
        Kind::Float(n) if n.fract() == 0.0 => 1 << 2 | 1 << 3,
        Kind::Float(_) => 1 << 3,
        Kind::Text(_) => 1 << 4,
        Kind::List(_) => 1 << 5,
        Kind::Map(_) => 1 << 6,
    };
    node.is == ANY || node.is & bits != 0
}

/// Kinds in the words of YAML.
fn kinds(is: u8) -> String {
    const WORDS: [&str; 7] =
        ["empty", "`true` or `false`", "a whole number", "a number", "a string", "a list", "a mapping"];
    // A number says that whole ones are taken too.
    let is = if is & 1 << 3 == 0 { is } else { is & !(1 << 2) };
    let words: Vec<&str> = (0..7).rev().filter(|bit| is & 1 << bit != 0).map(|bit| WORDS[bit]).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "something else".to_owned(),
    }
}

fn shown(path: &str) -> String {
    if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") }
}

/// Collections are pointed at by their key.
fn place(item: &Item, key: Option<Span>) -> Span {
    match (&item.kind, key) {
        (Kind::Map(_) | Kind::List(_) | Kind::Null, Some(key)) => key,
        _ => item.span,
    }
}
