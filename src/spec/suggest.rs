//! The name that was meant.

/// No name of ours is longer, so a longer word is not worth a comparison.
const LONGEST: usize = 64;

/// The candidate nearest to `word`: at most two letters away, one for short words; the first of equals.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let most = if word.chars().count() < 5 { 1 } else { 2 };
    let near = candidates.into_iter().map(|c| (strsim::damerau_levenshtein(&word, c), c));
    near.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_may_differ_by_one_letter_only() {
        assert_eq!(nearest("nmae", ["name", "layout"]), Some("name"));
        assert_eq!(nearest("nm", ["name"]), None);
        assert_eq!(nearest("retension", ["resources", "retention"]), Some("retention"));
        assert_eq!(nearest("Layout", ["layout"]), Some("layout"));
        assert_eq!(nearest(&"x".repeat(100_000), ["layout"]), None);
    }
}
