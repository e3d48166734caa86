//! What the engine's own table of cases says (prometheus/prometheus model/relabel/relabel_test.go@v3.14.0) about actions,
//! and what must stay unknown. Known sets are held against the engine itself by `cargo xtask conformance relabel`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::parse::{Dialect, yaml};
use crate::source::SourceId;

/// Runs a list of rules; the fates joined.
fn run(rules: &str, mut set: Set) -> (Fate, Set) {
    let document = yaml(SourceId(0), &Arc::from(rules), Dialect::V2).0;
    let mut all = Fate::Kept;
    for (step, _) in steps(document.root(), Some(true)) {
        match apply(&step, &mut set) {
            Fate::Dropped => return (Fate::Dropped, set),
            Fate::Unknown => all = Fate::Unknown,
            Fate::Kept => {}
        }
    }
    (all, set)
}

fn shown(set: &Set) -> String {
    let value = |v: &Value| match v {
        Value::Of(values) => values.iter().cloned().collect::<Vec<_>>().join("|"),
        Value::Filled => "+".into(),
        Value::Any => "?".into(),
    };
    let labels: Vec<String> = set.listed().map(|(n, v)| format!("{n}={}", value(v))).collect();
    labels.join(" ") + if set.is_open() { " …" } else { "" }
}

#[test]
fn known_sets_become_what_the_engine_makes_of_them() {
    let abc = || Set::closed([("a", "foo"), ("b", "bar"), ("c", "baz")]);
    let cases = [
        (
            "[{source_labels: [a], regex: 'f(.*)', target_label: d, separator: ';', replacement: 'ch${1}-ch${1}'}]",
            "a=foo b=bar c=baz d=choo-choo",
        ),
        (
            "[{source_labels: [a, b], regex: 'f(.*);(.*)r', target_label: a, replacement: 'b${1}${2}m'}, {source_labels: [c, a], regex: '(b).*b(.*)ba(.*)', target_label: d, replacement: '$1$2$2$3'}]",
            "a=boobam b=bar c=baz d=boooom",
        ),
        ("[{source_labels: [a], regex: o$, action: drop}]", "a=foo b=bar c=baz"),
        ("[{source_labels: [a], regex: .*o.*, action: drop}]", "dropped"),
        ("[{source_labels: [a], regex: no, action: keep}]", "dropped"),
        ("[{source_labels: [a], regex: f|foo, action: keep}]", "a=foo b=bar c=baz"),
        ("[{source_labels: [a], target_label: a, regex: 'f', replacement: b}]", "a=foo b=bar c=baz"),
        ("[{target_label: b, replacement: ''}]", "a=foo c=baz"),
        ("[{regex: '(b.*)', action: labelmap, replacement: 'bar_${1}'}]", "a=foo b=bar bar_b=bar c=baz"),
        ("[{regex: '[ab]', action: labeldrop}]", "c=baz"),
        ("[{regex: '[ab]', action: labelkeep}]", "a=foo b=bar"),
        ("[{source_labels: [a], target_label: A, action: uppercase}]", "A=FOO a=foo b=bar c=baz"),
        ("[{source_labels: [a], target_label: b, action: dropequal}]", "a=foo b=bar c=baz"),
        ("[{source_labels: [a], target_label: b, action: keepequal}]", "dropped"),
        (
            "[{source_labels: [a], regex: '(?P<x>f).*', target_label: '${x}1', replacement: '${x}'}]",
            "a=foo b=bar c=baz f1=f",
        ),
    ];
    for (rules, expected) in cases {
        let (fate, set) = run(rules, abc());
        let got = if fate == Fate::Dropped { "dropped".to_owned() } else { shown(&set) };
        assert_eq!((fate != Fate::Unknown, got.as_str()), (true, expected), "{rules}");
    }
}

#[test]
fn what_is_not_known_stays_so() {
    let mut set = Set::open();
    set.put("a", Value::Any);
    set.put("b", Value::Of(BTreeSet::from(["x".into(), "y".into()])));
    set.put("c", Value::absent());
    let cases = [
        // A label that is taken away is known to be absent, others are not.
        ("[{regex: 'pod_.*|a', action: labeldrop}]", Fate::Kept, "b=x|y c= …"),
        ("[{regex: 'b|c', action: labelkeep}]", Fate::Kept, "b=x|y c= …"),
        ("[{source_labels: [b], regex: x, target_label: d, replacement: z}]", Fate::Kept, "a=? b=x|y c= d=? …"),
        ("[{source_labels: [b], regex: x, target_label: b, replacement: z}]", Fate::Kept, "a=? b=y|z c= …"),
        ("[{source_labels: [b], regex: x, action: keep}]", Fate::Unknown, "a=? b=x c= …"),
        ("[{source_labels: [b], regex: x, action: drop}]", Fate::Unknown, "a=? b=y c= …"),
        ("[{source_labels: [b], regex: 'x|y', action: drop}]", Fate::Dropped, "a=? b=x|y c= …"),
        ("[{source_labels: [a], regex: 'x', action: keep}]", Fate::Unknown, "a=x b=x|y c= …"),
        ("[{source_labels: [a], regex: '.+', action: keep}]", Fate::Unknown, "a=+ b=x|y c= …"),
        ("[{source_labels: [a], target_label: c}]", Fate::Kept, "a=? b=x|y c=? …"),
        ("[{source_labels: [a], target_label: c, replacement: 'p-$1'}]", Fate::Kept, "a=? b=x|y c=+ …"),
        ("[{regex: 'k_(.+)', action: labelmap}]", Fate::Kept, "a=? b=? c=? …"),
        ("[{regex: 'k_(.+)', action: labelmap, replacement: 'b_$1'}]", Fate::Kept, "a=? b=x|y c= …"),
        ("[{regex: '\\p{Greek}', source_labels: [b], action: keep}]", Fate::Unknown, "a=? b=x|y c= …"),
        ("[{source_labels: [b], target_label: d, action: hashmod, modulus: 2}]", Fate::Kept, "a=? b=x|y c= d=+ …"),
    ];
    for (rules, fate, expected) in cases {
        let (got, set) = run(rules, set.clone());
        assert_eq!((got, shown(&set).as_str()), (fate, expected), "{rules}");
    }
}

#[test]
fn labels_of_a_discovery_alone_are_open() {
    let names = Arc::new(Regex::new("__meta_.*").unwrap());
    let mut set = Set::open_to(names);
    set.put("job", Value::is("k"));
    assert!(set.get("pod").is_absent());
    assert_eq!(set.get("__meta_x"), Value::Any);
    let (_, set) = run("[{source_labels: [__meta_x], target_label: pod}, {regex: '__meta_y', action: labeldrop}]", set);
    assert_eq!(set.get("pod"), Value::Any);
    assert!(set.get("__meta_y").is_absent());
    let mut set = set;
    set.remove_prefix("__");
    assert!(set.get("__meta_x").is_absent() && set.get("job").only() == Some("k"));
}

#[test]
fn a_great_many_values_are_only_known_to_be_there() {
    let all: BTreeSet<String> = (0..100).map(|n| n.to_string()).collect();
    assert_eq!(Value::of(all), Value::Filled);
}

/// What a query gives where `known` has labels `a`, `b` and `le`, and nothing is known of other metrics.
fn given(query: &str) -> String {
    let query = crate::lang::promql::parse(query, crate::lang::promql::Options::EXPERIMENTAL).unwrap();
    let known = Set::closed([("a", "x"), ("b", "y"), ("le", "1.0")]);
    shown(&result(&query, |s| s.name.as_ref().filter(|n| n.value == "known").map(|_| known.clone())))
}

#[test]
fn labels_of_results_are_those_that_operators_leave() {
    let cases = [
        ("known", "a=x b=y le=1.0"),
        ("rate(known[5m])", "a=x b=y le=1.0"),
        ("sum(known)", ""),
        ("sum by (a, c) (known)", "a=x"),
        ("sum(known) by (a)", "a=x"),
        ("sum without (a) (known)", "b=y le=1.0"),
        ("topk(3, known)", "a=x b=y le=1.0"),
        ("count_values(\"v\", known)", " …"),
        ("histogram_quantile(0.9, sum by (le, b) (known))", "b=y le=?"),
        ("2 * known > 1", "a=x b=y le=1.0"),
        ("known / on (a) known", "a=x"),
        ("known / ignoring (le) known", "a=x b=y"),
        ("known * on (a) group_left (c) other", "a=x b=y c=? le=1.0"),
        ("other * on (a) group_right (b) sum by (a) (known)", "a=x b=?"),
        ("sum by (a) (known) or sum by (b) (known)", "a=|x b=|y"),
        ("known and on (a) other", "a=x b=y le=1.0"),
        ("other{a=\"x\", b=~\".+\", c!=\"\"}", "__name__= a=x b=+ c=+ …"),
        ("sum by (a) (other{a=\"x\"})", "a=x"),
        ("sum by (a) (other)", "a=?"),
        ("vector(1)", ""),
        ("time()", ""),
        ("hour()", ""),
        ("scalar(known) + known", "a=x b=y le=1.0"),
        ("absent(known{a=\"x\"})", " …"),
        ("label_replace(known, \"n\", \"$1\", \"a\", \"(.*)\")", " …"),
        ("max_over_time(sum by (a) (known)[1h:5m])", "a=x"),
        ("-(known)", "a=x b=y le=1.0"),
    ];
    for (query, labels) in cases {
        assert_eq!(given(query), labels, "{query}");
    }
}

#[test]
fn the_operator_that_decides_on_labels_is_the_outermost_one() {
    let cases = [
        ("sum by (a) (known) / 2", "sum by (a"),
        ("topk(3, (sum(known) by (a)))", "sum"),
        ("histogram_quantile(0.9, sum by (le) (rate(known[5m])))", "sum by (le"),
        ("known / on (a) known", "/"),
        ("sum by (a) (known) * on (a) group_left (b) other", "sum by (a"),
        ("other * on (a) group_right (b) max without (c) (known)", "max without (c"),
        ("rate(known[5m])", ""),
    ];
    for (text, wanted) in cases {
        let query = crate::lang::promql::parse(text, crate::lang::promql::Options::EXPERIMENTAL).unwrap();
        assert_eq!(decided(&query).map_or("", |range| &text[range]), wanted, "{text}");
    }
}
