//! Values of labels and sets of labels.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::Regex;

/// More values than this are not told apart.
const MOST: usize = 64;

/// What is known of the value of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One of these; the empty one means that the label is absent.
    Of(BTreeSet<String>),
    /// Some value that is not empty.
    Filled,
    /// Cannot be known: it may be absent.
    Any,
}

impl Value {
    /// No label.
    #[must_use]
    pub fn absent() -> Self {
        Self::is("")
    }

    /// Just that value.
    #[must_use]
    pub fn is(value: impl Into<String>) -> Self {
        Self::Of(BTreeSet::from([value.into()]))
    }

    /// Whether the label is certainly absent.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.only() == Some("")
    }

    /// Whether the label is certainly there.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        !self.may_be("")
    }

    /// The value, where it is known.
    #[must_use]
    pub fn only(&self) -> Option<&str> {
        let Self::Of(values) = self else { return None };
        if values.len() == 1 { values.first().map(String::as_str) } else { None }
    }

    /// Whether it may be that.
    #[must_use]
    pub fn may_be(&self, value: &str) -> bool {
        match self {
            Self::Of(values) => values.contains(value),
            Self::Filled => !value.is_empty(),
            Self::Any => true,
        }
    }

    /// The same, where the label is there.
    #[must_use]
    pub fn filled(self) -> Self {
        match self {
            Self::Of(mut values) => {
                values.remove("");
                Self::Of(values)
            }
            _ => Self::Filled,
        }
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (Self::Of(mut a), Self::Of(b)) => {
                a.extend(b);
                Self::of(a)
            }
            (Self::Filled, Self::Filled) => Self::Filled,
            (Self::Of(values), Self::Filled) | (Self::Filled, Self::Of(values)) => {
                if values.contains("") {
                    Self::Any
                } else {
                    Self::Filled
                }
            }
        }
    }

    /// One of these, or what is left to say of too many.
    #[must_use]
    pub fn of(values: BTreeSet<String>) -> Self {
        if values.len() <= MOST {
            Self::Of(values)
        } else if values.contains("") {
            Self::Any
        } else {
            Self::Filled
        }
    }
}

/// What other labels than the listed ones may be there: those that pass all of these.
#[derive(Debug, Clone, Default)]
struct Others {
    filters: Vec<Filter>,
    /// None of these either.
    without: Option<Arc<BTreeSet<String>>>,
}

/// `true` lets the names pass that match, `false` the others.
type Filter = (Arc<Regex>, bool);

impl Others {
    fn allow(&self, name: &str) -> bool {
        self.without.as_ref().is_none_or(|names| !names.contains(name))
            && self.filters.iter().all(|(regex, keep)| regex.is_match(name).is_none_or(|matches| matches == *keep))
    }
}

/// A label set that is partly known.
#[derive(Debug, Clone, Default)]
pub struct Set {
    labels: BTreeMap<String, Value>,
    others: Option<Others>,
}

impl Set {
    /// No labels.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Any labels.
    #[must_use]
    pub fn open() -> Self {
        Self { labels: BTreeMap::new(), others: Some(Others::default()) }
    }

    /// Any labels whose names match.
    #[must_use]
    pub fn open_to(names: Arc<Regex>) -> Self {
        Self { labels: BTreeMap::new(), others: Some(Others { filters: vec![(names, true)], without: None }) }
    }

    /// Any labels but these.
    #[must_use]
    pub fn open_but(names: Arc<BTreeSet<String>>) -> Self {
        Self { labels: BTreeMap::new(), others: Some(Others { filters: Vec::new(), without: Some(names) }) }
    }

    /// These labels and no others.
    #[must_use]
    pub fn closed<N: Into<String>, V: Into<String>>(labels: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut set = Self::empty();
        for (name, value) in labels {
            set.put(name, Value::is(value));
        }
        set
    }

    /// Whether labels that are not listed may be there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.others.is_some()
    }

    /// The value of a label.
    #[must_use]
    pub fn get(&self, name: &str) -> Value {
        match self.labels.get(name) {
            Some(value) => value.clone(),
            None if self.others.as_ref().is_some_and(|o| o.allow(name)) => Value::Any,
            None => Value::absent(),
        }
    }

    /// Gives a label that value.
    pub fn put(&mut self, name: impl Into<String>, value: Value) {
        let name = name.into();
        let needless = value.is_absent() && self.others.as_ref().is_none_or(|o| !o.allow(&name));
        if needless {
            self.labels.remove(&name);
        } else {
            self.labels.insert(name, value);
        }
    }

    /// Lets any other label be there.
    pub fn open_up(&mut self) {
        self.others = Some(Others::default());
    }

    /// Lets none of these be there but those that are listed.
    pub fn leave_out(&mut self, names: Arc<BTreeSet<String>>) {
        if let Some(others) = &mut self.others {
            others.without = Some(names);
        }
    }

    /// The labels of which something is known, in order.
    pub fn listed(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.labels.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Takes all labels away whose names match, or all whose names do not.
    pub(super) fn filter(&mut self, names: &Arc<Regex>, keep: bool) {
        for (name, value) in &mut self.labels {
            match names.is_match(name) {
                Some(matches) if matches == keep => {}
                Some(_) => *value = Value::absent(),
                None => *value = value.clone().or(Value::absent()),
            }
        }
        if let Some(others) = &mut self.others {
            others.filters.push((names.clone(), keep));
        }
        self.tidy();
    }

    /// Takes away the labels whose names begin so.
    pub fn remove_prefix(&mut self, prefix: &str) {
        self.labels.retain(|name, _| !name.starts_with(prefix));
        if let (Some(others), Some(regex)) = (&mut self.others, Regex::new(&format!("{prefix}.*"))) {
            others.filters.push((Arc::new(regex), false));
        }
    }

    fn tidy(&mut self) {
        let others = &self.others;
        self.labels.retain(|name, value| !value.is_absent() || others.as_ref().is_some_and(|o| o.allow(name)));
    }

    /// Either of two sets.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        let names: BTreeSet<String> = self.labels.keys().chain(other.labels.keys()).cloned().collect();
        let values: Vec<(String, Value)> =
            names.into_iter().map(|n| (n.clone(), self.get(&n).or(other.get(&n)))).collect();
        self.others = match (self.others, other.others) {
            (None, others) | (others, None) => others,
            (Some(a), Some(b)) if same(&a, &b) => Some(a),
            _ => Some(Others::default()),
        };
        self.labels = values.into_iter().collect();
        self.tidy();
        self
    }
}

/// Values of one label that are shown.
const SHOWN: usize = 3;

/// As a selector has it: `{job="node", instance=…, pod?, …}`. A label with a question mark may be absent.
impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (name, value) in self.listed().filter(|(name, value)| *name != "__name__" && !value.is_absent()) {
            let mark = if value.may_be("") { "?" } else { "" };
            let Value::Of(values) = value else {
                parts.push(if mark.is_empty() { format!("{name}=…") } else { format!("{name}?") });
                continue;
            };
            let filled = || values.iter().filter(|v| !v.is_empty());
            let shown: Vec<String> = filled().take(SHOWN).map(|v| format!("{v:?}")).collect();
            let more = if filled().count() > SHOWN { "|…" } else { "" };
            parts.push(format!("{name}{mark}={}{more}", shown.join("|")));
        }
        parts.extend(self.is_open().then(|| "…".to_owned()));
        write!(f, "{{{}}}", parts.join(", "))
    }
}

fn same(a: &Others, b: &Others) -> bool {
    let equal = |(x, y): (&Filter, &Filter)| x.1 == y.1 && x.0.text() == y.0.text();
    a.without == b.without && a.filters.len() == b.filters.len() && a.filters.iter().zip(&b.filters).all(equal)
}
