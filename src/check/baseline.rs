//! Findings that a team already knows of: written down once, and silent from then on. What is new speaks, and so does an
//! entry whose finding is gone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fingerprint;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// The only version of the file there is.
const VERSION: u32 = 1;

/// A file of known findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// By path, rule and fingerprint.
    findings: Vec<Entry>,
}

/// Findings that are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Path as given.
    pub path: String,
    /// Id of the rule.
    pub rule: String,
    /// What they have in common: see [`fingerprint`].
    pub fingerprint: String,
    /// How many there are.
    pub count: usize,
    /// What one of them says, for who reads the file.
    pub message: String,
}

impl Baseline {
    /// The findings of a run.
    pub fn of(sources: &Sources, all: &[Diagnostic]) -> Self {
        let mut entries: BTreeMap<(String, &str, String), (usize, &str)> = BTreeMap::new();
        for diagnostic in all {
            let path = sources.get(diagnostic.primary.span.source).path.clone();
            let key = (path, diagnostic.rule.id, fingerprint(sources, diagnostic));
            entries.entry(key).or_insert((0, &diagnostic.message)).0 += 1;
        }
        let entry = |((path, rule, fingerprint), (count, message)): ((String, &str, String), (usize, &str))| Entry {
            path,
            rule: rule.to_owned(),
            fingerprint,
            count,
            message: message.to_owned(),
        };
        Self { version: VERSION, findings: entries.into_iter().map(entry).collect() }
    }

    /// Reads a file; what is wrong with it otherwise.
    pub fn read(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if read.version != VERSION {
            return Err(format!("version {} is not known here", read.version));
        }
        Ok(read)
    }

    /// The text of the file: the same findings give the same bytes.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// Splits findings into those that are new and those that are known, the first ones of equal findings being the known
    /// ones; with the entries of which there were more than are found now.
    pub fn split(&self, sources: &Sources, all: Vec<Diagnostic>) -> Split {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &self.findings {
            *left.entry(&entry.fingerprint).or_default() += entry.count;
        }
        let mut split = Split::default();
        for diagnostic in all {
            match left.get_mut(fingerprint(sources, &diagnostic).as_str()) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    split.known.push(diagnostic);
                }
                _ => split.new.push(diagnostic),
            }
        }
        for entry in &self.findings {
            let gone = left.remove(entry.fingerprint.as_str()).unwrap_or_default();
            if gone > 0 {
                split.stale.push(Entry { count: gone, ..entry.clone() });
            }
        }
        split
    }
}

/// Findings held against a baseline.
#[derive(Debug, Default)]
pub struct Split {
    /// Those that it does not know.
    pub new: Vec<Diagnostic>,
    /// Those that it knows.
    pub known: Vec<Diagnostic>,
    /// Entries that nothing answers to, with how many are gone.
    pub stale: Vec<Entry>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::suppress::UNUSED;
    use crate::source::Span;

    fn found(text: &str) -> (Sources, Vec<Diagnostic>) {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", text);
        let at = text.match_indices('x').map(|(at, _)| Diagnostic::new(&UNUSED, Span::new(id, at..at + 1), "no 1"));
        let found = at.collect();
        (sources, found)
    }

    #[test]
    fn equal_findings_are_known_as_often_as_they_were_there() {
        let (sources, two) = found("x\nx\n");
        let baseline = Baseline::of(&sources, &two);
        assert_eq!(Baseline::read(&baseline.text()).unwrap(), baseline);
        let (sources, three) = found("# moved\nx\n\nx\n  x\n");
        let split = baseline.split(&sources, three);
        assert_eq!((split.new.len(), split.known.len(), split.stale.len()), (1, 2, 0));
        let (sources, one) = found("x\n");
        let split = baseline.split(&sources, one);
        assert_eq!((split.new.len(), split.known.len()), (0, 1));
        assert_eq!(split.stale.iter().map(|e| (e.path.as_str(), e.count)).collect::<Vec<_>>(), [("a.yaml", 1)]);
    }

    #[test]
    fn what_is_no_baseline_is_said() {
        for text in [
            "",
            "[]",
            "{\"version\": 2, \"findings\": []}",
            "{\"version\": 1}",
            "{\"version\": 1, \"findings\": [], \"x\": 1}",
        ] {
            assert!(Baseline::read(text).is_err(), "{text}");
        }
    }
}
