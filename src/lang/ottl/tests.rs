//! The reader against the engine's recorded verdicts, the places of errors, and arbitrary text.

#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

/// Recorded by `xtask/conformance/ottl`: one column of verdicts per version.
const RECORDED: &str = include_str!("../../../tests/readers/ottl/verdicts.tsv");

fn signal(name: &str) -> Signal {
    match name {
        "trace" => Signal::Traces,
        "metric" => Signal::Metrics,
        _ => Signal::Logs,
    }
}

fn judged(release: Release, fields: &[&str], text: &str) -> Vec<Error> {
    let [_, component, signal_name, context, kind, _] = fields else { panic!("{fields:?}") };
    let kind = if *kind == "statement" { Kind::Statement } else { Kind::Condition };
    let component = match *component {
        "transform" => Component::Transform,
        _ if context.is_empty() || context.starts_with('=') => Component::FilterConditions,
        _ => Component::Filter,
    };
    match context.trim_start_matches('=') {
        "" => check_group(&[text], release, component, signal(signal_name), kind).into_iter().map(|(_, e)| e).collect(),
        context => check(text, release, component, context, kind),
    }
}

#[test]
fn agrees_with_the_engine_at_every_recorded_version() {
    let mut lines = RECORDED.lines();
    let versions: Vec<Release> = lines
        .next()
        .unwrap()
        .split(['\t', ' '])
        .skip(2)
        .map(|v| {
            let numbers: Vec<u16> = v.split('.').map(|n| n.parse().unwrap()).collect();
            Release::contrib((numbers[0], numbers[1], numbers[2])).unwrap()
        })
        .collect();
    let mut counts = [0; 2];
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let text: String = serde_json::from_str(&format!("\"{}\"", fields[5])).unwrap();
        for (release, verdict) in versions.iter().zip(fields[0].chars()) {
            if verdict == '-' {
                continue;
            }
            let errors = judged(*release, &fields, &text);
            assert_eq!(errors.is_empty(), verdict == 'A', "{line}\n{release:?}: {errors:?}");
            for error in &errors {
                assert!(text.get(error.range.clone()).is_some(), "{line}: {error:?}");
            }
            counts[usize::from(verdict == 'A')] += 1;
        }
    }
    assert!(counts.iter().all(|c| *c > 900), "{counts:?}");
}

fn at(minor: u16) -> Release {
    Release::contrib((0, minor, 0)).unwrap()
}

fn first(text: &str, context: &str) -> (String, String, String) {
    let errors = check(text, at(134), Component::Transform, context, Kind::Statement);
    let error = errors.first().unwrap_or_else(|| panic!("{text} is accepted"));
    (text[error.range.clone()].to_owned(), error.message.clone(), error.help.clone().unwrap_or_default())
}

#[test]
fn errors_point_at_the_fault_and_name_the_nearest() {
    for (text, context, place, message, help) in [
        ("sett(name, 1)", "span", "sett", "there is no function `sett` in this version", "did you mean `set`?"),
        (
            "set(name, concat([\"a\"], \"\"))",
            "span",
            "concat",
            "`concat` is no converter: their names begin with an upper-case letter",
            "did you mean `Concat`?",
        ),
        (
            "set(kind, SPAN_KIND_SERVE)",
            "span",
            "SPAN_KIND_SERVE",
            "the `span` context has no enum `SPAN_KIND_SERVE`",
            "did you mean `SPAN_KIND_SERVER`?",
        ),
        (
            "set(atributes[\"a\"], 1)",
            "span",
            "atributes",
            "the `span` context has no path `atributes`",
            "did you mean `attributes`?",
        ),
        (
            "set(status.cod, 1)",
            "span",
            "cod",
            "`status` has no part `cod` in the `span` context",
            "did you mean `code`?",
        ),
        ("set(name[\"a\"], 1)", "span", "[\"a\"]", "`name` has no keys", ""),
        ("set(body, 1)", "span", "body", "the `span` context has no path `body`", "the `log` context has it"),
        ("set(name)", "span", "set(name)", "`set` takes 2 arguments, not 1", "it takes target, value"),
        ("set(targe=name, value=1)", "span", "targe", "`set` has no argument `targe`", "did you mean `target`?"),
        (
            "delete_key(attributes, 1)",
            "span",
            "1",
            "`key` of `delete_key` is a text between double quotes, known beforehand",
            "",
        ),
        ("set(name, \"a\") where kind = 1", "span", "=", "unexpected `=`", "compare with `==`"),
        ("set(name, 'a')", "span", "'", "`'` begins no text", "strings stand between double quotes"),
        ("set(name, \"\\d\")", "span", "\\d", "`\\d` is no escape of a string", "double the backslash"),
        (
            "merge_maps(attributes, cache, \"replace\")",
            "span",
            "\"replace\"",
            "`replace` is no strategy of `merge_maps`",
            "it is one of `insert`, `update`, `upsert`",
        ),
    ] {
        assert_eq!(first(text, context), (place.to_owned(), message.to_owned(), help.to_owned()));
    }
}

#[test]
fn a_function_that_moved_is_told_from_one_that_is_unknown() {
    let judge =
        |minor, context| check("convert_sum_to_gauge()", at(minor), Component::Transform, context, Kind::Statement);
    // Alloy 1.3 embeds contrib 0.105, Alloy 1.4 embeds 0.108.
    assert_eq!(judge(105, "datapoint"), []);
    assert!(judge(105, "metric")[0].moved);
    assert_eq!(judge(108, "metric"), []);
    let error = &judge(108, "datapoint")[0];
    assert!(error.moved);
    assert_eq!(error.help.as_deref(), Some("move the statement to the context `metric`"));
}

#[test]
fn every_line_of_alloy_has_its_release() {
    let of = |version| Release::of_alloy(Component::Transform, version);
    assert_eq!(of((1, 0, 0)), Some(at(96)));
    assert_eq!(of((1, 4, 3)), Some(at(108)));
    assert_eq!(of((1, 11, 3)), Some(at(134)));
    assert_eq!(of((1, 14, 2)), Some(at(142)));
    assert_eq!(of((1, 19, 0)), Some(at(158)));
    assert_eq!(of((1, 99, 0)), None);
    assert_eq!(of((0, 9, 0)), None);
    assert_eq!(Release::of_alloy(Component::Count, (1, 12, 0)), None);
    assert_eq!(Release::of_alloy(Component::Count, (1, 13, 0)), Some(at(142)));
}

#[test]
fn a_group_says_its_context() {
    let judge = |texts: &[&str], signal| check_group(texts, at(134), Component::Transform, signal, Kind::Statement);
    assert_eq!(judge(&["set(span.name, resource.attributes[\"a\"])"], Signal::Traces), []);
    // The metric context is preferred over the resource, and has the function.
    let both = ["set(resource.attributes[\"a\"], 1)", "convert_sum_to_gauge() where metric.name == \"a\""];
    assert_eq!(judge(&both, Signal::Metrics), []);
    let message = |texts: &[&str], signal| judge(texts, signal)[0].1.message.clone();
    assert_eq!(message(&["set(name, 1)"], Signal::Traces), "no path says which context these statements are for");
    assert_eq!(message(&["set(log.body, 1)"], Signal::Traces), "`log` is no context of this signal");
    let mixed = judge(&["set(span.name, \"a\")", "set(name, \"a\")"], Signal::Traces);
    assert_eq!((mixed[0].0, mixed[0].1.message.as_str()), (1, "the path `name` does not say its context"));
}

#[test]
fn what_neighbours_describe_differently_is_not_judged() {
    // pkg/ottl 0.122 is read at 0.121 and 0.125, between which `flatten` got an argument.
    let judge = |text, minor| check(text, at(minor), Component::Transform, "log", Kind::Statement);
    assert_eq!(judge("flatten(attributes, \"p\", 2, true)", 122), []);
    assert_eq!(judge("flatten(attributes, \"p\", 2, true)", 119).len(), 1);
}

#[test]
fn values_and_policies_are_judged_where_they_are() {
    let value = |text| check(text, at(158), Component::SignalToMetrics, "span", Kind::Value);
    assert_eq!(value("Int(AdjustedCount())"), []);
    assert_eq!(value("Microseconds(end_time - start_time)"), []);
    assert_eq!(value("Int(nothing)").len(), 1);
    let policy = |text, minor| check(text, at(minor), Component::TailSampling, "spanevent", Kind::Condition);
    assert_eq!(policy("name == \"exception\"", 134), []);
    assert_eq!(policy("spanevent.name == span.name", 153), []);
    assert_eq!(policy("set(name, \"a\")", 134).len(), 1);
    // A context that the component does not have is another rule's business.
    assert_eq!(check("nonsense(", at(134), Component::TailSampling, "log", Kind::Condition), []);
}

#[test]
fn nesting_and_length_are_bounded() {
    let judge = |text: &str| check(text, at(158), Component::Transform, "log", Kind::Statement);
    for (open, close) in
        [("(", ")"), ("[", "]"), ("Len(", ")"), ("-(", ")"), ("attributes[", "]"), ("{\"a\":", "}"), ("not (", ")")]
    {
        for depth in [10, 5_000] {
            let text = format!(
                "set(body, {}1{}) where {}true{}",
                open.repeat(depth),
                close.repeat(depth),
                open.repeat(depth),
                close.repeat(depth)
            );
            let _ = judge(&text);
        }
        let _ = judge(&format!("set(body, {}", open.repeat(40_000)));
    }
    assert_eq!(judge(&format!("set(body, {}1{})", "[".repeat(5_000), "]".repeat(5_000))), []);
    assert_eq!(judge(&format!("set(body, \"{}", "a".repeat(MAX_LENGTH))), []);
}

#[test]
fn a_broken_call_many_levels_down_is_found_in_good_time() {
    let text = format!("set(body, {}nope[{})", "Len(".repeat(40), ")".repeat(40));
    assert_eq!(check(&text, at(158), Component::Transform, "log", Kind::Statement).len(), 1);
}

proptest! {
    #[test]
    fn any_text_has_an_answer(text in "[a-zA-Z0-9_\"\\\\(){}\\[\\].,:=<>!+*/ \t\n'-]{0,60}", minor in prop::sample::select(vec![96_u16, 112, 134, 158])) {
        for kind in [Kind::Statement, Kind::Condition] {
            for context in ["span", "datapoint"] {
                for error in check(&text, at(minor), Component::Transform, context, kind) {
                    prop_assert!(text.get(error.range).is_some());
                }
            }
        }
    }
}
