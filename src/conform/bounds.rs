//! Words and numbers that a server checks once its config is read, by where they stand. Null that takes a default away where
//! the reader does so is held to the same: nothing is none of the words, and zero is below every limit.

use super::judge::{Judge, When};
use super::settings::{Setting, Settings};
use crate::catalogue::Version;
use crate::diagnostic::Rule;
use crate::lang::quantity;

/// A range of releases: the first one, and the first one no more.
pub type Releases = (Version, Option<Version>);

/// All releases from one on.
pub const fn since(major: u16, minor: u16) -> Releases {
    (Version::new(major, minor, 0), None)
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    /// One of these.
    Words(&'static [&'static str]),
    /// One of these, whatever the case of its letters.
    Folded(&'static [&'static str]),
    /// At least one.
    Positive,
    /// At least zero.
    NotBelowZero,
    /// This number, which no other has an effect on.
    Only(i64),
    /// From zero to one.
    Share,
    /// Above zero, whole or not.
    Above,
    /// Above zero and below one.
    Fraction,
    /// From the one to the other.
    Within(i64, i64),
    /// A time above zero.
    Time,
    /// A text with this at its end.
    Ending(&'static str),
    /// A text that is not empty.
    Filled,
}

impl Limit {
    /// What is wrong with a value, and what to do.
    fn fault(self, path: &str, setting: Setting<'_>, text: &str) -> Option<(String, Option<String>)> {
        let number = |text: &str| text.parse::<f64>().ok();
        let why = match self {
            Self::Words(words) | Self::Folded(words) => {
                let folds = matches!(self, Self::Folded(_));
                let same = |w: &&str| if folds { w.eq_ignore_ascii_case(text) } else { *w == text };
                let all: Vec<_> = words.iter().map(|w| format!("`{w}`")).collect();
                let help = format!("one of {}", all.join(", "));
                return (!words.iter().any(same)).then(|| (format!("`{path}` cannot be `{text}`"), Some(help)));
            }
            Self::Positive => setting.number(1).filter(|n| *n < 1).map(|_| "must be above zero".to_owned()),
            Self::NotBelowZero => setting.number(0).filter(|n| *n < 0).map(|_| "cannot be below zero".to_owned()),
            Self::Only(one) => {
                setting.number(one).filter(|n| *n != one).map(|_| format!("cannot be changed from {one}"))
            }
            Self::Share => number(text).filter(|v| !(0.0..=1.0).contains(v)).map(|_| "goes from 0 to 1".to_owned()),
            Self::Above => number(text).filter(|v| *v <= 0.0).map(|_| "must be above zero".to_owned()),
            Self::Fraction => {
                let out = number(text).filter(|v| *v <= 0.0 || *v >= 1.0);
                out.map(|_| "must be above 0 and below 1".to_owned())
            }
            Self::Within(least, most) => {
                let out = setting.number(least).filter(|n| !(least..=most).contains(n));
                out.map(|_| format!("goes from {least} to {most}"))
            }
            Self::Time => {
                let value = quantity::go_duration(text).ok().or_else(|| number(text));
                value.filter(|v| *v <= 0.0).map(|_| "must be above zero".to_owned())
            }
            Self::Ending(end) => {
                let message = format!("`{path}` must end with `{end}`, and is `{text}`");
                return (!text.ends_with(end)).then_some((message, None));
            }
            Self::Filled => return text.is_empty().then(|| (format!("`{path}` is empty"), None)),
        };
        why.map(|why| (format!("`{path}` {why}, and is {text}"), None))
    }

    /// Whether a value that was never set is refused.
    fn refuses_zero(self) -> bool {
        match self {
            Self::Words(words) | Self::Folded(words) => !words.contains(&""),
            Self::Only(one) => one != 0,
            Self::Ending(end) => !end.is_empty(),
            Self::Share | Self::NotBelowZero => false,
            Self::Within(least, most) => !(least..=most).contains(&0),
            Self::Above | Self::Fraction | Self::Positive | Self::Time | Self::Filled => true,
        }
    }
}

/// A value that is checked.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// Its keys.
    pub path: &'static [&'static str],
    /// The flag that sets it too, without dashes; empty = none does.
    pub flag: &'static str,
    /// The releases that check it; empty = all.
    pub held: &'static [Releases],
    /// What it must be.
    pub limit: Limit,
}

impl Bound {
    /// Whether a release checks it.
    pub fn holds(&self, version: Version) -> bool {
        let fits = |(since, until): &Releases| version >= *since && until.is_none_or(|until| version < until);
        self.held.is_empty() || self.held.iter().any(fits)
    }

    fn when(&self) -> When {
        if self.held.is_empty() { When::Always } else { When::Sometimes }
    }

    /// Tells of a value that is refused.
    pub fn check(&self, judge: &mut Judge<'_>, rule: &'static Rule, setting: Setting<'_>, path: &[&str], known: bool) {
        let (Some(text), Some(span)) = (setting.text(), setting.span()) else { return };
        if !self.holds(judge.version) {
            return;
        }
        let Some((message, help)) = self.limit.fault(&path.join("."), setting, text) else { return };
        let told = judge.tell(rule, span, self.when(), message).sure(known);
        if let Some(help) = help {
            told.help(help);
        }
    }
}

/// Tells of values that are refused, and of null that takes away a default without which they are.
pub fn check(judge: &mut Judge<'_>, settings: &Settings<'_>, rule: &'static Rule, bounds: &[Bound]) {
    for bound in bounds {
        bound.check(judge, rule, settings.get(bound.path, bound.flag), bound.path, settings.known());
        let null = settings.zeroed(bound.path).filter(|_| bound.holds(judge.version) && bound.limit.refuses_zero());
        let Some((node, depth)) = null.filter(|_| bound.flag.is_empty() || !settings.has(bound.flag)) else { continue };
        let (at, lost) = (bound.path[..depth].join("."), bound.path[depth..].join("."));
        let message = match lost.as_str() {
            "" => format!("`{at}` holds nothing, and its default is taken away"),
            lost => format!("`{at}` holds nothing, and the default of `{lost}` is taken away"),
        };
        let title = judge.title();
        judge
            .tell(rule, node.span(), bound.when(), message)
            .help("write what it is to hold, or delete it")
            .note(format!("{title} does not start without one"))
            .sure(settings.known());
    }
}
