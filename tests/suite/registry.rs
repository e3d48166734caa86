//! Everything that is registered is complete, unique and where a newcomer looks for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vispyr::catalogue;
use vispyr::engine::InstanceCheck;
use vispyr::engines;
use vispyr::link;

use crate::adapter::{self, ROOT};
use crate::page;

fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).into_iter().flatten().flatten();
    let stem = |e: fs::DirEntry| Some(e.file_name().to_str()?.strip_suffix(extension)?.to_owned());
    entries.filter_map(stem).collect()
}

/// Stem of a rule's files: its id without the scope.
fn stem(id: &str) -> String {
    id.split_once('-').map_or(id, |(_, rest)| rest).replace('-', "_")
}

/// Stems of a slice: where two scopes have a fault in common, the second one's files bear its whole id.
fn stems(ids: &[&str]) -> BTreeSet<String> {
    let mut stems = BTreeSet::new();
    for id in ids {
        if !stems.insert(stem(id)) {
            stems.insert(id.replace('-', "_"));
        }
    }
    stems
}

/// Compares one folder of rules with the ids of its slice; `entry` writes the line of a slice.
fn compare(folder: &str, ids: &[&str], entry: impl Fn(&str) -> String, faults: &mut Vec<String>) {
    if !ids.is_sorted() {
        faults.push(format!("{folder}/mod.rs: the slice is not sorted by id: {}", ids.join(", ")));
    }
    let slice = stems(ids);
    let pages = names(folder, ".md");
    let is_rule = |s: &String| {
        let text = fs::read_to_string(Path::new(ROOT).join(folder).join(format!("{s}.rs"))).unwrap_or_default();
        text.contains("static RULE")
    };
    let code: BTreeSet<String> = names(folder, ".rs").into_iter().filter(is_rule).collect();
    for missing in code.union(&pages).filter(|s| !slice.contains(*s)) {
        faults.push(format!("{folder}/mod.rs lacks\nmod {missing};\n{}", entry(missing)));
    }
    for stem in &slice {
        for (there, extension) in [(&code, "rs"), (&pages, "md")] {
            if !there.contains(stem) {
                faults.push(format!("{folder}/{stem}.{extension} is missing, or its rule is called otherwise"));
            }
        }
    }
}

fn whole(check: &InstanceCheck) -> Vec<&'static str> {
    check.rules.iter().map(|r| r.id).collect()
}

#[test]
fn folders_of_rules_are_their_slices() {
    let mut faults = Vec::new();
    for engine in engines::ALL {
        for slice in [engine.rules.iter().map(|r| r.rule.id).collect(), engine.check.map_or(vec![], whole)] {
            assert!(
                slice.is_sorted(),
                "src/engines/{}/rules/mod.rs: not sorted by id: {}",
                engine.name,
                slice.join(", ")
            );
        }
        let mut ids: Vec<&str> = engine.told().map(|r| r.id).collect();
        ids.sort();
        let entry = |s: &str| match engine.check {
            Some(_) => format!("    &{s}::RULE,"),
            None => format!("    FileRule {{ rule: &{s}::RULE, kinds: &[\"…\"], run: {s}::run }},"),
        };
        compare(&format!("src/engines/{}/rules", engine.name), &ids, entry, &mut faults);
    }
    let ids: Vec<&str> = link::rules::ALL.iter().map(|r| r.rule.id).collect();
    let entry = |s: &str| format!("    LinkRule {{ rule: &{s}::RULE, run: {s}::run }},");
    compare("src/link/rules", &ids, entry, &mut faults);
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn names_of_rules_are_kebab_case_and_given_once() {
    let mut seen = BTreeSet::new();
    let part = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    for rule in adapter::rules() {
        for name in rule.aliases.iter().chain([&rule.id]) {
            assert!(seen.insert(*name), "`{name}` names two rules");
            assert!(name.contains('-') && name.split('-').all(part), "`{name}` is not kebab-case");
        }
    }
    assert!(seen.len() > 10, "the registry is nearly empty");
}

#[test]
fn every_rule_says_what_it_is_and_has_a_page() {
    let released = vispyr::catalogue::Version::exact(env!("CARGO_PKG_VERSION")).unwrap();
    for rule in adapter::rules() {
        let id = rule.id;
        let summary = rule.summary;
        assert!(!summary.is_empty() && !summary.ends_with('.') && summary.lines().count() == 1, "{id}: `{summary}`");
        let since = catalogue::Version::exact(rule.since);
        assert!(since.is_some_and(|v| v <= released), "{id}: since `{}`", rule.since);
        let page = page::parse(rule.page).unwrap_or_else(|e| panic!("{id}: {e}"));
        assert_eq!(page.title, id, "the page of `{id}` starts with its id");
        assert!(page.explained, "the page of `{id}` explains it before its first case");
        assert!(!page.cases.is_empty(), "the page of `{id}` has cases");
    }
}

#[test]
fn rules_read_kinds_that_exist() {
    for engine in engines::ALL {
        for rule in engine.rules {
            assert!(!rule.kinds.is_empty(), "`{}` reads nothing", rule.rule.id);
            for kind in rule.kinds {
                let known = engines::kind(kind);
                assert!(known.is_some(), "`{}` reads `{kind}`, which is no kind", rule.rule.id);
            }
        }
    }
}

#[test]
fn kinds_and_images_belong_to_one_engine() {
    let mut seen = BTreeSet::new();
    for kind in engines::kinds() {
        assert!(seen.insert(kind.name), "kind `{}` is declared twice", kind.name);
    }
    let mut seen = BTreeSet::new();
    for facts in catalogue::all() {
        assert!(engines::named(facts.engine).is_some(), "facts of `{}`, which is no engine", facts.engine);
        for image in facts.images {
            assert!(seen.insert(*image), "image `{image}` is of two engines");
        }
    }
}

#[test]
fn every_preset_and_every_dashboard_is_registered() {
    let presets: BTreeSet<String> = vispyr::spec::presets().iter().map(|(n, _)| (*n).to_owned()).collect();
    assert_eq!(presets, names("presets", ".toml"));
    let dashboards: BTreeSet<String> =
        engines::grafana::dashboard::texts().iter().map(|(n, _)| (*n).to_owned()).collect();
    assert_eq!(dashboards, names("dashboards", ".toml"));
    assert!(!presets.is_empty() && !dashboards.is_empty());
}
