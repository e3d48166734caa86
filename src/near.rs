//! The name that was meant, for names that come from files: there may be thousands of them, each asked for thousands of
//! times.

use std::cell::Cell;

/// Cells of distance tables that one run fills. Names of a real stack need a few thousandths of it; a tree made to be
/// slow gets its findings without suggestions.
const CELLS: usize = 40_000_000;

/// No name is longer; a longer one is a text, and what it is near to helps nobody.
const LONGEST: usize = 256;

/// Compares names as long as comparisons are left.
#[derive(Debug)]
pub struct Near {
    left: Cell<usize>,
}

impl Default for Near {
    fn default() -> Self {
        Self { left: Cell::new(CELLS) }
    }
}

impl Near {
    /// How many letters two names are apart; `None` when they are more than `most` apart by their lengths alone, too long,
    /// or no comparisons are left.
    pub fn distance(&self, a: &str, b: &str, most: usize) -> Option<usize> {
        if a.len() > LONGEST || b.len() > LONGEST {
            return None;
        }
        let (first, second) = (a.chars().count(), b.chars().count());
        if first.abs_diff(second) > most {
            return None;
        }
        // Even names without a letter cost something.
        let cost = first * second + 16;
        let left = self.left.get().checked_sub(cost)?;
        self.left.set(left);
        Some(strsim::damerau_levenshtein(a, b)).filter(|distance| *distance <= most)
    }

    /// Whether one name is the other with a single slip of the finger. An `s` at the end is none: names are made plural.
    pub fn is_slip(&self, a: &str, b: &str) -> bool {
        let plural = a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a);
        !b.is_empty() && !plural && self.distance(a, b, 1) == Some(1)
    }

    /// Whether no comparisons are left.
    pub fn is_spent(&self) -> bool {
        self.left.get() < 2 * LONGEST
    }

    /// The name nearest to `name`, if one is near: a third of its letters, at most four, may differ.
    pub fn nearest<'n>(&self, name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
        if name.len() > LONGEST || self.is_spent() {
            return None;
        }
        let fold = name.to_ascii_lowercase();
        let limit = (name.chars().count() / 3).clamp(1, 4);
        let others = names.take_while(|_| !self.is_spent()).filter(|n| *n != name && n.len() <= LONGEST);
        let scored = others.filter_map(|n| {
            let other = n.to_ascii_lowercase();
            let distance = self.distance(&fold, &other, limit)?;
            (!other_word(&fold, &other)).then_some((distance, n))
        });
        scored.min().map(|(_, n)| n)
    }
}

/// Whether names of the same parts differ in one that is another word altogether: `search_enabled` is not `auth_enabled`.
/// Half of the letters of a word make another.
fn other_word(a: &str, b: &str) -> bool {
    let parts = |name| str::split(name, ['_', '-', '.', '/']);
    if parts(a).count() < 2 || parts(a).count() != parts(b).count() {
        return false;
    }
    parts(a).zip(parts(b)).any(|(a, b)| {
        let longest = a.len().max(b.len());
        longest > 3 && a != b && strsim::damerau_levenshtein(a, b) * 2 > longest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_until_comparisons_run_out() {
        let near = Near::default();
        assert_eq!(near.nearest("tempp", ["prometheus", "tempo"].into_iter()), Some("tempo"));
        assert_eq!(near.nearest("tempo", ["loki", "tempo"].into_iter()), None);
        let names: Vec<String> = (0..10_000).map(|n| format!("name-{n:05}")).collect();
        for at in 0..10_000 {
            near.nearest(&format!("nama-{at:05}"), names.iter().map(String::as_str));
        }
        assert!(near.is_spent());
        assert_eq!(near.nearest("tempp", ["tempo"].into_iter()), None);
    }

    #[test]
    fn another_word_is_no_slip() {
        let near = Near::default();
        assert_eq!(near.nearest("search_enabled", ["auth_enabled"].into_iter()), None);
        assert_eq!(near.nearest("-search.enabled", ["-auth.enabled"].into_iter()), None);
        assert_eq!(near.nearest("scrape_intervall", ["scrape_interval"].into_iter()), Some("scrape_interval"));
        assert_eq!(near.nearest("http_listen_prot", ["http_listen_port"].into_iter()), Some("http_listen_port"));
        assert_eq!(
            near.nearest("evaluation_internal", ["evaluation_interval"].into_iter()),
            Some("evaluation_interval")
        );
    }

    #[test]
    fn texts_are_no_names() {
        let near = Near::default();
        assert_eq!(near.nearest(&"x".repeat(1 << 20), ["xx"].into_iter()), None);
        assert_eq!(near.distance("ab", "abcdef", 2), None);
    }
}
