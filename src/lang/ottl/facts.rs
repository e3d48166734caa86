//! What each version of OTTL knows: the tables of `schemas/lang/ottl.json`, read in place.

include!(concat!(env!("OUT_DIR"), "/ottl.rs"));

/// A version of opentelemetry-collector-contrib that some Alloy embeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(u16);

/// A text of the pool, by number: equal numbers are equal texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(u16);

impl Word {
    /// The number of a text, when any fact names it.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (mut low, mut high) = (0, OFFSETS.len() - 1);
        while low < high {
            let middle = low.midpoint(high);
            match Self(middle as u16).text().cmp(text) {
                std::cmp::Ordering::Equal => return Some(Self(middle as u16)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    pub(super) fn text(self) -> &'static str {
        let at = usize::from(self.0);
        match (OFFSETS.get(at), OFFSETS.get(at + 1)) {
            (Some(&start), Some(&end)) => POOL.get(start as usize..end as usize).unwrap_or_default(),
            _ => "",
        }
    }

    fn list(self) -> impl Iterator<Item = &'static str> {
        self.text().split(',').filter(|t| !t.is_empty())
    }
}

/// A component of Alloy (or a part of one) that reads OTTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// `otelcol.processor.transform`.
    Transform,
    /// `otelcol.processor.filter`: the blocks `traces`, `metrics` and `logs`.
    Filter,
    /// `otelcol.processor.filter`: the blocks `trace_conditions`, `metric_conditions` and `log_conditions`.
    FilterConditions,
    /// `otelcol.processor.tail_sampling`: a policy of type `ottl_condition`.
    TailSampling,
    /// `otelcol.connector.count`.
    Count,
    /// `otelcol.connector.signaltometrics`.
    SignalToMetrics,
}

impl Component {
    fn id(self) -> &'static str {
        match self {
            Self::Transform => "transform",
            Self::Filter => "filter",
            Self::FilterConditions => "filter.conditions",
            Self::TailSampling => "tail_sampling",
            Self::Count => "count",
            Self::SignalToMetrics => "signaltometrics",
        }
    }

    /// Its name in Alloy.
    pub const fn alloy(self) -> &'static str {
        match self {
            Self::Transform => "otelcol.processor.transform",
            Self::Filter | Self::FilterConditions => "otelcol.processor.filter",
            Self::TailSampling => "otelcol.processor.tail_sampling",
            Self::Count => "otelcol.connector.count",
            Self::SignalToMetrics => "otelcol.connector.signaltometrics",
        }
    }
}

impl Release {
    /// What the component of that Alloy embeds. `None` before the component was there, and for lines of Alloy newer than the
    /// facts.
    pub fn of_alloy(component: Component, version: (u16, u16, u16)) -> Option<Self> {
        let name = Word::of(component.alloy())?;
        let rows = || EMBEDDED.iter().filter(|r| r[0] == name.0);
        let newest = EMBEDDED.iter().map(|r| (r[1], r[2])).max()?;
        if (version.0, version.1) > newest {
            return None;
        }
        let of = |r: &[u16; 5]| (r[1], r[2], r[3]);
        rows().filter(|r| of(r) <= version).max_by_key(|r| of(r)).map(|r| Self(r[4]))
    }

    /// A version of contrib, such as 0.134.0.
    pub fn contrib(version: (u16, u16, u16)) -> Option<Self> {
        VERSIONS.iter().position(|v| (v[0], v[1], v[2]) == version).map(|at| Self(at as u16))
    }

    /// The minor version of the newest Alloy that embeds this.
    pub(super) fn newest_alloy(self) -> u16 {
        let later = EMBEDDED.iter().filter(|r| r[4] > self.0).map(|r| r[2].saturating_sub(1)).min();
        later.or_else(|| EMBEDDED.iter().map(|r| r[2]).max()).unwrap_or_default()
    }

    fn within(self, since: u16, until: u16) -> bool {
        (since..until).contains(&self.0)
    }

    /// Whether the language has a form; the names are those of the section `grammar`.
    pub(super) fn has(self, form: &str) -> bool {
        Word::of(form).is_some_and(|w| GRAMMAR.iter().any(|r| r[0] == w.0 && self.within(r[1], r[2])))
    }

    /// The order in which inference prefers contexts. Neighbours of a version that was not read may disagree: then nothing.
    pub(super) fn priority(self) -> Option<Vec<&'static str>> {
        let mut found = PRIORITY.iter().filter(|r| self.within(r[1], r[2]));
        let first = found.next()?;
        found.next().is_none().then(|| Word(first[0]).list().collect())
    }

    /// The names of contexts that paths may start with in this context.
    pub(super) fn prefixes(self, context: &str) -> Vec<&'static str> {
        let Some(name) = Word::of(context) else { return Vec::new() };
        let rows = CONTEXTS.iter().filter(|r| r[0] == name.0 && self.within(r[2], r[3]));
        rows.flat_map(|r| Word(r[1]).list()).collect()
    }
}

/// How a parser of a component is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Paths as the context has them.
    Bare,
    /// The context is put before paths that name none.
    Prepend,
    /// Every path names its context.
    Infer,
}

/// A parser: where, for which functions, how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    pub(super) context: &'static str,
    pub(super) registry: Word,
    pub(super) mode: Mode,
}

/// The parsers of a component for a kind of text.
pub(super) fn setups(release: Release, component: Component, kind: &str) -> impl Iterator<Item = Setup> {
    let (component, kind) = (Word::of(component.id()), Word::of(kind));
    PARSERS
        .iter()
        .filter(move |r| Some(Word(r[0])) == component && Some(Word(r[2])) == kind && release.within(r[5], r[6]))
        .map(|r| Setup {
            context: Word(r[1]).text(),
            registry: Word(r[3]),
            mode: match Word(r[4]).text() {
                "prepend" => Mode::Prepend,
                "infer" => Mode::Infer,
                _ => Mode::Bare,
            },
        })
}

/// An argument of a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argument {
    /// The field that holds it, such as `RegexPattern`.
    pub(super) name: &'static str,
    /// Its Go type without the context's parameter, such as `StringGetter` or `[]string`.
    pub(super) kind: &'static str,
    pub(super) optional: bool,
}

/// A function that may be called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function {
    row: &'static [u16; 7],
}

impl Function {
    /// `None` when whatever it is given is taken, or nothing is known.
    pub(super) fn arguments(self) -> Option<Vec<Argument>> {
        let (start, count) = (usize::from(self.row[2]), usize::from(self.row[3]));
        let rows = ARGUMENTS.get(start..start + count).filter(|_| count != usize::from(u16::MAX))?;
        Some(
            rows.iter()
                .map(|r| {
                    let kind = Word(r[1]).text();
                    let plain = kind.strip_prefix('?');
                    Argument { name: Word(r[0]).text(), kind: plain.unwrap_or(kind), optional: plain.is_some() }
                })
                .collect(),
        )
    }

    /// Whether it compiles the pattern that it is given.
    pub(super) fn compiles(self) -> bool {
        self.row[4] & 1 != 0
    }

    /// Whether its pattern must have a named group.
    pub(super) fn names_groups(self) -> bool {
        self.row[4] & 4 != 0
    }

    /// The least depth that it takes.
    pub(super) fn least_depth(self) -> i64 {
        i64::from(self.row[4] >> 1 & 1)
    }

    pub(super) fn name(self) -> &'static str {
        Word(self.row[1]).text()
    }
}

/// The functions of a registry.
pub(super) fn functions(release: Release, registry: Word) -> impl Iterator<Item = Function> {
    let sets: Vec<Option<Word>> = REGISTRIES
        .iter()
        .filter(|r| r[0] == registry.0 && release.within(r[2], r[3]))
        .flat_map(|r| Word(r[1]).list())
        .map(Word::of)
        .collect();
    FUNCTIONS
        .iter()
        .filter(move |r| release.within(r[5], r[6]) && sets.contains(&Some(Word(r[0]))))
        .map(|row| Function { row })
}

/// A function by its name. Two descriptions at once mean that it is not known which holds: then it is not judged.
pub(super) fn function(release: Release, registry: Word, name: &str) -> Option<Option<Function>> {
    let name = Word::of(name)?;
    let mut found = functions(release, registry).filter(|f| f.row[1] == name.0);
    let first = found.next()?;
    Some(found.next().is_none().then_some(first))
}

/// The contexts of a component in which a function can be called.
pub(super) fn homes(release: Release, component: Component, kind: &str, name: &str) -> Vec<&'static str> {
    let mut homes: Vec<_> = setups(release, component, kind)
        .filter(|s| function(release, s.registry, name).is_some())
        .map(|s| s.context)
        .collect();
    homes.dedup();
    homes
}

/// The enums of a context.
pub(super) fn enums(release: Release, context: &str) -> impl Iterator<Item = &'static str> {
    let context = Word::of(context);
    ENUMS.iter().filter(move |r| Some(Word(r[0])) == context && release.within(r[2], r[3])).map(|r| Word(r[1]).text())
}

/// The paths of a context, as patterns: `attributes[]`, `trace_state[1]`, `status.code`. `form` is `bare` or `named`.
pub(super) fn paths(release: Release, context: &str, form: &str) -> impl Iterator<Item = &'static str> {
    let (context, form) = (Word::of(context), Word::of(form));
    PATHS
        .iter()
        .filter(move |r| Some(Word(r[0])) == context && Some(Word(r[1])) == form && release.within(r[3], r[4]))
        .map(|r| Word(r[2]).text())
}
