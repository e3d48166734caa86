//! Relabelling of sets that are partly known (prometheus/prometheus model/relabel/relabel.go@v3.14.0; grafana/alloy
//! internal/component/common/relabel/relabel.go@v1.19.0-rc.3 hands its rules to the same code).

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::{Set, Value};
use crate::lang::re2::{self, Go};

/// More combinations of values than this are not looked at one by one.
const COMBINED: usize = 64;

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Writes a label where the sources match.
    Replace,
    /// Goes on only where the sources match.
    Keep,
    /// Goes on only where they do not.
    Drop,
    /// Goes on only where the sources are the target's value.
    KeepEqual,
    /// Goes on only where they are not.
    DropEqual,
    /// Writes a share of a digest.
    HashMod,
    /// Copies labels to other names.
    LabelMap,
    /// Takes labels away.
    LabelDrop,
    /// Takes all others away.
    LabelKeep,
    /// Writes the sources in lower case.
    Lowercase,
    /// Writes the sources in upper case.
    Uppercase,
}

impl Action {
    /// The action of that name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "replace" => Self::Replace,
            "keep" => Self::Keep,
            "drop" => Self::Drop,
            "keepequal" => Self::KeepEqual,
            "dropequal" => Self::DropEqual,
            "hashmod" => Self::HashMod,
            "labelmap" => Self::LabelMap,
            "labeldrop" => Self::LabelDrop,
            "labelkeep" => Self::LabelKeep,
            "lowercase" => Self::Lowercase,
            "uppercase" => Self::Uppercase,
            _ => return None,
        })
    }
}

/// An expression that must match a whole value; one that cannot be run matches perhaps.
#[derive(Debug, Clone)]
pub struct Regex {
    text: String,
    /// What runs it, made when a value is first held to it.
    run: OnceLock<Option<re2::Regex>>,
    /// Whether it matches all values, or all but the empty one; then its first group holds the whole.
    all: Option<bool>,
}

impl Regex {
    /// Reads an expression; `None` where the engine refuses it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        re2::parse_anchored(text, Go::NEWEST).ok()?;
        let all = match text.trim_start_matches('^').trim_end_matches('$') {
            "(.*)" | ".*" => Some(true),
            "(.+)" | ".+" => Some(false),
            _ => None,
        };
        Some(Self { text: text.to_owned(), run: OnceLock::new(), all })
    }

    fn run(&self) -> Option<&re2::Regex> {
        self.run.get_or_init(|| re2::Regex::whole(&self.text, Go::NEWEST)).as_ref()
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches a value; `None` = cannot be told.
    #[must_use]
    pub fn is_match(&self, value: &str) -> Option<bool> {
        self.run()?.is_match(value)
    }

    /// What a replacement makes of a value that matches; `None` = cannot be told, or it does not match.
    pub(super) fn expanded(&self, replacement: &str, value: &str) -> Option<String> {
        let run = self.run()?;
        Some(run.expand(replacement, value, &run.groups(value)??))
    }

    fn literal(&self) -> Option<&str> {
        self.run()?.literal()
    }

    /// Whether it matches a value of which not all is known.
    fn matches(&self, value: &Value) -> Option<bool> {
        match value {
            Value::Of(values) => {
                let mut all = values.iter().map(|v| self.is_match(v));
                let first = all.next()??;
                all.all(|m| m == Some(first)).then_some(first)
            }
            Value::Filled if self.all.is_some() => Some(true),
            Value::Filled if self.literal() == Some("") => Some(false),
            Value::Any if self.all == Some(true) => Some(true),
            _ => None,
        }
    }
}

/// One rule, its defaults filled in.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it does.
    pub action: Action,
    /// The labels that it reads.
    pub sources: Vec<String>,
    /// What stands between their values.
    pub separator: String,
    /// What is looked for.
    pub regex: Arc<Regex>,
    /// Of how many parts `hashmod` tells one.
    pub modulus: u64,
    /// The label that it writes.
    pub target: String,
    /// What it writes.
    pub replacement: String,
    /// Whether any text is the name of a label; `None` = unknown.
    pub utf8: Option<bool>,
}

/// One step of a list.
#[derive(Debug, Clone)]
pub enum Step {
    /// A rule.
    Rule(Rule),
    /// One of which too much is not known: it may do anything.
    Unknown,
}

/// Whether a target or series goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It does.
    Kept,
    /// It does not.
    Dropped,
    /// Cannot be known. What is left of the set is what it is if it goes on.
    Unknown,
}

/// Takes one step. A set that is dropped is left as it was.
pub fn apply(step: &Step, set: &mut Set) -> Fate {
    match step {
        Step::Rule(rule) => rule.apply(set),
        Step::Unknown => {
            *set = Set::open();
            Fate::Unknown
        }
    }
}

impl Rule {
    /// A rule as it is where nothing else is written.
    #[must_use]
    pub fn new(action: Action, regex: Arc<Regex>) -> Self {
        Self {
            action,
            sources: Vec::new(),
            separator: ";".into(),
            regex,
            modulus: 0,
            target: String::new(),
            replacement: "$1".into(),
            utf8: None,
        }
    }

    /// Whether it names what it writes.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let writes = [Action::Replace, Action::Lowercase, Action::Uppercase, Action::HashMod];
        !writes.contains(&self.action) || !self.target.is_empty()
    }

    fn apply(&self, set: &mut Set) -> Fate {
        match self.action {
            Action::Keep | Action::Drop => return self.gate(set),
            Action::KeepEqual | Action::DropEqual => return self.compare(set),
            Action::Replace => self.replace(set),
            Action::Lowercase | Action::Uppercase => {
                let value = match self.joined(set) {
                    Value::Of(values) if values.iter().all(|v| v.is_ascii()) => {
                        let upper = self.action == Action::Uppercase;
                        let of = |v: String| if upper { v.to_uppercase() } else { v.to_lowercase() };
                        Value::Of(values.into_iter().map(of).collect())
                    }
                    Value::Of(values) if values.contains("") => Value::Any,
                    Value::Of(_) => Value::Filled,
                    other => other,
                };
                set.put(self.target.clone(), value);
            }
            Action::HashMod => {
                let value = if self.modulus == 1 { Value::is("0") } else { Value::Filled };
                set.put(self.target.clone(), value);
            }
            Action::LabelMap => self.map(set),
            Action::LabelDrop => set.filter(&self.regex, false),
            Action::LabelKeep => set.filter(&self.regex, true),
        }
        Fate::Kept
    }

    /// The values of the sources, joined.
    fn joined(&self, set: &Set) -> Value {
        let mut joined: Option<Value> = None;
        let mut filled = self.sources.len() > 1 && !self.separator.is_empty();
        for source in &self.sources {
            let value = set.get(source);
            filled |= value.is_filled();
            joined = Some(match (joined, value) {
                (None, value) => value,
                (Some(Value::Of(a)), Value::Of(b)) if a.len() * b.len() <= COMBINED => {
                    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| format!("{a}{}{b}", self.separator)));
                    Value::Of(pairs.collect())
                }
                _ => Value::Any,
            });
        }
        match joined.unwrap_or_else(Value::absent) {
            Value::Any if filled => Value::Filled,
            value => value,
        }
    }

    fn gate(&self, set: &mut Set) -> Fate {
        let value = self.joined(set);
        let wanted = self.action == Action::Keep;
        match self.regex.matches(&value) {
            Some(matches) if matches == wanted => return Fate::Kept,
            Some(_) => return Fate::Dropped,
            None => {}
        }
        // What goes on is known better.
        if let [source] = &self.sources[..] {
            let empty = self.regex.is_match("");
            let better = match value {
                Value::Of(values) => {
                    let passes = |v: &String| self.regex.is_match(v).is_none_or(|m| m == wanted);
                    Value::Of(values.into_iter().filter(passes).collect())
                }
                Value::Any if empty == Some(!wanted) => Value::Filled,
                other => other,
            };
            let literal = self.regex.literal().filter(|_| wanted);
            set.put(source.clone(), literal.map_or(better, Value::is));
        }
        Fate::Unknown
    }

    fn compare(&self, set: &Set) -> Fate {
        let (source, target) = (self.joined(set), set.get(&self.target));
        let equal = match (&source, &target) {
            _ if source.only().is_some() && source.only() == target.only() => Some(true),
            (Value::Of(a), Value::Of(b)) if a.is_disjoint(b) => Some(false),
            (Value::Filled, Value::Of(values)) | (Value::Of(values), Value::Filled)
                if values.iter().all(String::is_empty) =>
            {
                Some(false)
            }
            _ => None,
        };
        match equal {
            None => Fate::Unknown,
            Some(equal) if equal == (self.action == Action::KeepEqual) => Fate::Kept,
            Some(_) => Fate::Dropped,
        }
    }

    fn replace(&self, set: &mut Set) {
        let value = self.joined(set);
        let whole = self.sources.len() == 1 && self.sources[0] == self.target;
        let (Value::Of(values), Some(regex)) = (&value, self.regex.run()) else {
            return self.replace_unknown(&value, set);
        };
        // What each value writes where.
        let mut written: Vec<(String, Value)> = Vec::new();
        let mut untouched = BTreeSet::new();
        for value in values {
            let Some(groups) = regex.groups(value) else { return self.replace_unknown(&Value::Any, set) };
            let Some(groups) = groups else {
                untouched.insert(value.clone());
                continue;
            };
            let target = regex.expand(&self.target, value, &groups);
            match self.names(&target) {
                Some(false) => {
                    untouched.insert(value.clone());
                    continue;
                }
                Some(true) => {}
                None => {
                    untouched.insert(value.clone());
                }
            }
            let result = Value::is(regex.expand(&self.replacement, value, &groups));
            match written.iter_mut().find(|(name, _)| *name == target) {
                Some((_, all)) => *all = all.clone().or(result),
                None => written.push((target, result)),
            }
        }
        let certain = written.len() == 1 && untouched.is_empty();
        for (target, value) in written {
            let before = if whole { Value::of(untouched.clone()) } else { set.get(&target) };
            let keeps = whole && untouched.is_empty();
            let value = if certain || keeps { value } else { value.or(before) };
            set.put(target, value);
        }
    }

    /// The sources are not known.
    fn replace_unknown(&self, value: &Value, set: &mut Set) {
        let matches = self.regex.matches(value);
        if matches == Some(false) {
            return;
        }
        if let Some((prefix, _)) = self.target.split_once('$') {
            return spill(set, prefix, &Value::Any);
        }
        let copies = self.sources.len() == 1 || value.is_filled();
        let new = if !self.replacement.contains('$') {
            Value::is(self.replacement.clone())
        } else if matches!(self.replacement.as_str(), "$1" | "${1}")
            && self.regex.text.contains('(')
            && self.regex.all.is_some()
            && copies
        {
            // The value itself, of which an expression that matches all but nothing says more.
            if self.regex.all == Some(false) { Value::Filled } else { value.clone() }
        } else if solid(&self.replacement) {
            Value::Filled
        } else {
            Value::Any
        };
        let certain = matches == Some(true) && self.names(&self.target) == Some(true);
        let new = if certain { new } else { new.or(set.get(&self.target)) };
        set.put(self.target.clone(), new);
    }

    /// Whether a text is the name of a label.
    fn names(&self, text: &str) -> Option<bool> {
        let head = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if head && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') {
            return Some(true);
        }
        if text.is_empty() { Some(false) } else { self.utf8 }
    }

    fn map(&self, set: &mut Set) {
        let Some(regex) = self.regex.run() else { return spill(set, "", &Value::Any) };
        let copy = |(name, value): (&str, &Value)| match regex.groups(name) {
            Some(Some(groups)) => Some(Some((regex.expand(&self.replacement, name, &groups), value.clone()))),
            Some(None) => Some(None),
            None => None,
        };
        let written: Option<Vec<Option<(String, Value)>>> = set.listed().map(copy).collect();
        let Some(written) = written else { return spill(set, "", &Value::Any) };
        let mut done: Vec<String> = Vec::new();
        for (name, value) in written.into_iter().flatten() {
            if value.is_absent() {
                continue;
            }
            // Of several that are copied to one name any may be the last.
            let again = done.contains(&name);
            let unknown = again || !value.is_filled();
            let held = value.filled();
            let value = if unknown { held.or(set.get(&name)) } else { held };
            set.put(name.clone(), value);
            done.push(name);
        }
        // Labels that are not listed are copied too, perhaps over these.
        if set.is_open() {
            match self.replacement.split_once('$') {
                Some((prefix, _)) => spill(set, prefix, &Value::Any),
                None => set.put(self.replacement.clone(), Value::Any),
            }
        }
    }
}

/// Any label whose name begins so may have got a value.
fn spill(set: &mut Set, prefix: &str, value: &Value) {
    let hit: Vec<String> = set.listed().map(|(n, _)| n.to_owned()).filter(|n| n.starts_with(prefix)).collect();
    for name in hit {
        let value = set.get(&name).or(value.clone());
        set.put(name, value);
    }
    set.open_up();
}

/// Whether something is written besides what groups hold.
fn solid(replacement: &str) -> bool {
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        if at > 0 {
            return true;
        }
        rest = &rest[1..];
        rest = match rest.strip_prefix('{') {
            Some(inner) => match inner.split_once('}') {
                Some((_, after)) => after,
                None => return true,
            },
            None => rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
        };
    }
    !rest.is_empty()
}
