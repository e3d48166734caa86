//! Agreement with ourselves is no proof: so one end of every route and of every import of generated stacks is broken, and
//! `check` must report exactly that rule at that place, and nothing else.
//!
//! Breakages are enumerated from the symbols of the unbroken tree, not from a list of files, and what they must lead to is
//! worked out here from names, ports and paths. Where one edit breaks several ends (a port that three senders dial), all
//! of them must be told, and no other.

mod compose;
mod data;
pub(crate) mod edit;
mod listeners;
pub(crate) mod trees;
mod urls;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rayon::prelude::*;
use vispyr::diagnostic::Severity;

use crate::adapter::{self, Outcome};
use edit::Mutation;
use trees::Site;

/// Breakages that no reader of the files could know to be one, each with the reason. They are tried as well: a finding
/// there would be a guess.
const UNDECIDABLE: &[(&str, &str)] = &[
    ("url: public host misspelt", "any public name may lead to a server that these files do not describe"),
    (
        "credential: another is passed (basic)",
        "a proxy compares user and password as one encoded text, which no file holds beside the password alone",
    ),
    (
        compose::MADE_THERE,
        "certificates and the host's own folders come into being outside of the tree: what is absent here may be there",
    ),
    (
        "password: default, on loopback",
        "by contract the rule speaks of published ports: only the host itself reaches this one",
    ),
];

/// What became of a breakage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Exactly what is expected.
    Found,
    /// Something else.
    Wrong,
    /// Nothing.
    Silent,
}

/// A finding as it is compared: rule, path, bytes.
type Told = (&'static str, String, std::ops::Range<u32>);

fn is_undecidable(class: &str) -> bool {
    UNDECIDABLE.iter().any(|(c, _)| *c == class)
}

/// What a class of breaks brings about beside what it breaks: true, and told as well.
const FOLLOWS: &[(&str, &str)] = &[
    // The variable that is written in its place has no value.
    ("credential: another is passed", "compose-var-unset"),
    // A list whose only item went is no list.
    ("credential: not passed", "compose-invalid"),
    // The newest release is assumed, and knows less.
    ("image: ", "prom-feature-unknown"),
    ("image: ", "tempo-removed-key"),
];

fn told(outcome: &Outcome) -> Vec<Told> {
    let heavy = outcome.found.iter().filter(|d| d.severity != Severity::Info);
    let mut told: Vec<Told> = heavy
        .map(|d| {
            let span = d.primary.span;
            (d.rule.id, outcome.sources.get(span.source).path.clone(), span.start..span.end)
        })
        .collect();
    told.sort_by_key(|t| (t.0, t.1.clone(), t.2.start));
    told
}

/// Findings on two files that show one of them only.
fn one_ended(outcome: &Outcome) -> Vec<String> {
    let across = outcome.found.iter().filter(|d| d.rule.id.starts_with("link-"));
    let one = across.filter(|d| d.labels.iter().all(|l| l.span.source == d.primary.span.source));
    one.map(|d| format!("one end only: {}", adapter::shown(&outcome.sources, d))).collect()
}

fn check(files: &[(String, String)]) -> Outcome {
    let texts: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    adapter::run(&texts, "", None)
}

fn judge(site: &Site, mutation: &Mutation) -> (Verdict, String) {
    let files = mutation.apply(site);
    let outcome = check(&files);
    let (mut got, wanted) = (told(&outcome), mutation.wanted(site));
    let follows = |rule: &str| FOLLOWS.iter().any(|(class, also)| mutation.class.starts_with(class) && *also == rule);
    got.retain(|t| !mutation.also.contains(&t.0) && !follows(t.0));
    let ends = one_ended(&outcome);
    if got == wanted && ends.is_empty() {
        return (Verdict::Found, String::new());
    }
    let verdict = if got.is_empty() { Verdict::Silent } else { Verdict::Wrong };
    let mut text = format!("{verdict:?}: {} | {}: {}\n", site.name, mutation.class, mutation.what);
    let at = |t: &Told| {
        let content = files.iter().find(|(p, _)| *p == t.1).map_or("", |(_, c)| c.as_str());
        let line = content.get(..t.2.start as usize).unwrap_or_default().matches('\n').count() + 1;
        let slice = content.get(t.2.start as usize..t.2.end as usize).unwrap_or("?");
        format!("{} {}:{line} `{slice}`", t.0, t.1)
    };
    for w in wanted.iter().filter(|w| !got.contains(w)) {
        let _ = writeln!(text, "    missing: {}", at(w));
    }
    for g in got.iter().filter(|g| !wanted.contains(g)) {
        let _ = writeln!(text, "    extra:   {}", at(g));
    }
    ends.iter().for_each(|e| text.push_str(&format!("    {e}")));
    (verdict, text)
}

fn mutations(site: &Site) -> Vec<Mutation> {
    let linked = site.linked();
    // What is not seen is not broken either: every planned route must be among the ways that are.
    let name = |id| site.tree.service(id).name.clone();
    let seen: BTreeSet<_> = trees::ways(&linked)
        .iter()
        .map(|w| (name(w.owner.service.unwrap()), name(w.to), w.url.port.unwrap()))
        .collect();
    assert_eq!(seen, site.planned, "{}", site.name);
    let mut all = Vec::new();
    urls::all(site, &linked, &mut all);
    listeners::all(site, &linked, &mut all);
    data::all(site, &linked, &mut all);
    compose::all(site, &linked, &mut all);
    all
}

#[test]
fn every_broken_end_is_told_at_its_place() {
    let sites = trees::all();
    for site in &sites {
        assert_eq!(adapter::findings(&check(&site.files)), "", "{}: unbroken", site.name);
    }
    let all: Vec<(&Site, Mutation)> =
        sites.iter().flat_map(|s| mutations(s).into_iter().map(move |m| (s, m))).collect();
    let judged: Vec<(Verdict, String)> = all.par_iter().map(|(s, m)| judge(s, m)).collect();
    let mut table: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut failures = String::new();
    for ((_, mutation), (verdict, text)) in all.iter().zip(&judged) {
        assert_eq!(
            mutation.expected.is_empty(),
            is_undecidable(mutation.class),
            "{}: {}",
            mutation.class,
            mutation.what
        );
        table.entry(mutation.class).or_default()[*verdict as usize] += 1;
        failures.push_str(text);
    }
    let mut shown = format!("{:<44} {:>6} {:>6} {:>6} {:>6}\n", "class", "tried", "found", "wrong", "silent");
    let mut total = [0; 3];
    for (class, counts) in table.iter().filter(|(class, _)| !is_undecidable(class)) {
        let [found, wrong, silent] = counts;
        let _ = writeln!(shown, "{class:<44} {:>6} {found:>6} {wrong:>6} {silent:>6}", found + wrong + silent);
        (0..3).for_each(|i| total[i] += counts[i]);
    }
    let [found, wrong, silent] = total;
    let _ = writeln!(shown, "{:<44} {:>6} {found:>6} {wrong:>6} {silent:>6}", "all", found + wrong + silent);
    for (class, reason) in UNDECIDABLE {
        let [right, wrong, _] = table.get(class).unwrap_or_else(|| panic!("`{class}` is never tried"));
        let _ = writeln!(shown, "undecidable: {class}: {right} of {} left alone: {reason}", right + wrong);
    }
    println!("{shown}");
    assert!(failures.is_empty(), "{shown}\n{failures}");
}
