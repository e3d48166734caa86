//! Findings → texts in which the safe ones of them are mended. Knows no rule and touches no disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Fix};
use crate::output::manifest::{self, Manifest};
use crate::source::{Edit, SourceId, Sources, edited};
use crate::tree::Tree;

/// New texts by source, and how many findings they mend.
#[derive(Debug, Default)]
pub struct Mended {
    /// The whole text of each file that changes.
    pub texts: BTreeMap<SourceId, String>,
    /// Findings whose edits were made.
    pub count: usize,
}

/// Makes the edits of every safe fix that touches none but files that may change. Of two fixes that meet, the later one in
/// the order of the findings is left out whole: another run sees whether it still fits.
pub fn mend(sources: &Sources, all: &[Diagnostic], may: &dyn Fn(&str) -> bool) -> Mended {
    let mut taken: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
    let mut count = 0;
    let fixes = all.iter().filter_map(|d| d.fix.as_ref()).filter(|f| f.safe && !f.edits.is_empty());
    for fix in fixes {
        let allowed = fix.edits.iter().all(|e| may(&sources.get(e.span.source).path) && fits(sources, e));
        if allowed && !meets(&taken, fix) {
            for edit in &fix.edits {
                let of_file = taken.entry(edit.span.source).or_default();
                if !of_file.contains(&edit) {
                    of_file.push(edit);
                }
            }
            count += 1;
        }
    }
    let mut texts = BTreeMap::new();
    for (source, edits) in taken {
        let old = sources.text(source);
        let new = edited(old, edits);
        if new != old {
            texts.insert(source, new);
        }
    }
    Mended { texts, count }
}

fn fits(sources: &Sources, edit: &Edit) -> bool {
    sources.text(edit.span.source).get(edit.span.range()).is_some()
}

/// Whether an edit of a fix meets one that is made already, or another of its own. The same edit twice is made once.
fn meets(taken: &BTreeMap<SourceId, Vec<&Edit>>, fix: &Fix) -> bool {
    let hits = |a: &Edit, b: &Edit| {
        let (a_at, b_at) = (a.span, b.span);
        // Two insertions at one place have an order that nobody gave them.
        let touch = a_at.start == b_at.start || (a_at.start < b_at.end && b_at.start < a_at.end);
        a != b && a_at.source == b_at.source && touch
    };
    fix.edits.iter().enumerate().any(|(at, edit)| {
        let made = taken.get(&edit.span.source).map(Vec::as_slice).unwrap_or_default();
        made.iter().any(|other| hits(edit, other)) || fix.edits[..at].iter().any(|other| hits(edit, other))
    })
}

/// Files that could be read before and cannot be read after, or are not what they were: edits that did this are none.
pub fn broken(before: &Tree, after: &Tree, changed: &BTreeSet<String>) -> BTreeSet<String> {
    let worse = |path: &&String| {
        let Some((_, old)) = before.at(path) else { return false };
        after.at(path).is_none_or(|(_, new)| new.kind != old.kind || (old.syntax.is_empty() && !new.syntax.is_empty()))
    };
    changed.iter().filter(worse).cloned().collect()
}

/// Files that a manifest beside them says are generated: edits in them would be lost.
pub fn generated(tree: &Tree) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for artifact in &tree.artifacts {
        let Some(folder) = artifact.path.strip_suffix(manifest::PATH) else { continue };
        let read = Manifest::read(tree.sources.text(artifact.source).as_bytes());
        all.extend(read.into_iter().flat_map(|m| m.files).map(|f| format!("{folder}{}", f.path)));
    }
    all
}

/// Bytes with another text behind the same mark; `None` where they are no UTF-8, which is not written back.
pub fn encoded(bytes: &[u8], old: &Arc<str>, shift: u32, new: &str) -> Option<Vec<u8>> {
    let (mark, rest) = bytes.split_at_checked(shift as usize)?;
    (rest == old.as_bytes()).then(|| [mark, new.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::{FixKind, Rule, Severity, Tier};
    use crate::source::Span;

    static RULE: Rule = Rule {
        id: "gen-test",
        aliases: &[],
        summary: "",
        tier: Tier::C,
        severity: Severity::Warning,
        fix: FixKind::Safe,
        since: "0.1.0",
        page: "",
    };

    fn found(id: SourceId, edits: &[(usize, usize, &str)], safe: bool) -> Diagnostic {
        let edit =
            |(from, to, text): &(usize, usize, &str)| Edit { span: Span::new(id, *from..*to), text: (*text).into() };
        let fix = Fix { title: "x".into(), safe, edits: edits.iter().map(edit).collect() };
        Diagnostic::new(&RULE, Span::file(id), "m").fix(fix)
    }

    #[test]
    fn a_fix_is_made_whole_or_not_at_all() {
        let mut sources = Sources::new();
        let id = sources.add("a", "0123456789");
        let all = [
            found(id, &[(0, 2, "a"), (8, 9, "b")], true),
            found(id, &[(4, 5, "no"), (1, 3, "no")], true),
            found(id, &[(8, 9, "b")], true),
            found(id, &[(5, 6, "no")], false),
            found(id, &[(9, 99, "no")], true),
            found(id, &[(6, 6, "+")], true),
            found(id, &[(6, 6, "no")], true),
        ];
        let mended = mend(&sources, &all, &|_| true);
        assert_eq!(mended.texts[&id], "a2345+67b9");
        assert_eq!(mended.count, 3);
        assert!(mend(&sources, &all, &|_| false).texts.is_empty());
    }

    proptest! {
        #[test]
        fn what_no_made_edit_covers_stays(edits in prop::collection::vec((0usize..20, 0usize..4), 0..12)) {
            let text = "äbcdefghijklmnopqrst";
            let mut sources = Sources::new();
            let id = sources.add("a", text);
            let all: Vec<_> = edits.iter().map(|(at, len)| found(id, &[(*at, at + len, "#")], true)).collect();
            let mended = mend(&sources, &all, &|_| true);
            let new = mended.texts.get(&id).map_or(text, String::as_str);
            // Every letter is there in its order, or under one of the edits.
            let covered = |at: usize| edits.iter().any(|(from, len)| *from <= at && at < from + len);
            let kept: String = new.chars().filter(|c| *c != '#').collect();
            let mut rest = kept.chars().peekable();
            for (at, c) in text.char_indices() {
                if rest.peek() == Some(&c) { rest.next(); } else { prop_assert!(covered(at)); }
            }
            prop_assert!(rest.next().is_none());
            prop_assert_eq!(all.is_empty(), edits.is_empty());
        }
    }
}
