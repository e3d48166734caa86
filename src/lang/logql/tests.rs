//! The readers against recorded verdicts of Loki and of promtail's reader, their trees, what they say, arbitrary text.

#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::lang::re2::Go;

fn verdicts(recorded: &str, read: impl Fn(&str) -> Result<(), Error>) -> usize {
    for line in recorded.lines() {
        let (said, text) = line.split_once('\t').unwrap();
        let text: String = serde_json::from_str(text).unwrap();
        let result = read(&text);
        assert_eq!(result.is_ok(), said == "OK", "{text}: {result:?}");
    }
    recorded.lines().count()
}

/// Recorded with grafana/loki@0ee8e76ba280, which Alloy 1.11 is built with; the grammar is that of v3.7.6.
#[test]
fn agrees_with_loki() {
    let count = verdicts(include_str!("../../../tests/readers/logql/queries.tsv"), |t| parse(t, Go(24)).map(drop));
    assert_eq!(count, 2000);
}

/// Recorded with the reader that `stage.match` of Alloy 1.11 uses.
#[test]
fn agrees_with_the_reader_of_stage_match() {
    let recorded = include_str!("../../../tests/readers/logql/selectors.tsv");
    assert_eq!(verdicts(recorded, |t| selector::parse(t, Go(24)).map(drop)), 1400);
}

#[test]
fn reads_logs() {
    let text = r#"{app="x", job=~"a.+"} |= "e" or "f" | json a="b", c | d > 5m and (e="x" or f < 10MB) | drop g, h="i" | line_format "{{.a}}""#;
    let query = parse(text, Go::NEWEST).unwrap();
    assert!(query.is_logs());
    let logs = query.logs().next().unwrap();
    let names: Vec<_> = logs.matchers.iter().map(|m| (&text[m.name.span.clone()], m.operator)).collect();
    assert_eq!(names, [("app", Match::Equal), ("job", Match::Regex)]);
    assert_eq!(&text[logs.selector.clone()], r#"{app="x", job=~"a.+"}"#);
    let stages: Vec<&str> = logs.stages.iter().map(|s| &text[s.span.clone()]).collect();
    assert_eq!(stages[0], r#"|= "e" or "f""#);
    assert_eq!(stages[1], r#"| json a="b", c"#);
    let StageKind::Filter(comparisons) = &logs.stages[2].kind else { panic!("{:?}", logs.stages[2]) };
    assert_eq!(comparisons.len(), 3);
    let value = |n: usize| match &comparisons[n] {
        Comparison::Value { value, .. } => value.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((value(0), value(2)), (Value::Duration(300_000_000_000), Value::Bytes(10_000_000)));
    let StageKind::Drop(picked) = &logs.stages[3].kind else { panic!("{:?}", logs.stages[3]) };
    assert!(matches!(&picked[..], [Picked::Always(a), Picked::Matching(b)] if a.value == "g" && b.value.value == "i"));
}

#[test]
fn reads_metrics() {
    let text = r#"sum by (app) (rate({app=~".+"} | logfmt | unwrap duration(d) [1h30m] offset 5m)) / 2 + 3 * 4"#;
    let query = parse(text, Go::NEWEST).unwrap();
    assert!(!query.is_logs());
    let ExprKind::Binary { operator, left, right, .. } = &query.exprs[query.root].kind else { panic!("{query:?}") };
    assert_eq!((*operator, &query.exprs[*right].kind), ("+", &ExprKind::Number(12.0)));
    let ExprKind::Binary { left, .. } = &query.exprs[*left].kind else { panic!("{query:?}") };
    let ExprKind::Aggregation { function, grouping, inner, .. } = &query.exprs[*left].kind else { panic!("{query:?}") };
    assert_eq!((*function, &text[grouping.as_ref().unwrap().span.clone()]), ("sum", "by (app)"));
    let ExprKind::Range(range) = &query.exprs[*inner].kind else { panic!("{query:?}") };
    assert_eq!((range.function, range.range, range.offset), ("rate", 5_400_000_000_000, Some(300_000_000_000)));
    let unwrap = range.unwrap.as_ref().unwrap();
    assert_eq!((unwrap.label.value.as_str(), unwrap.conversion), ("d", Some("duration")));
    assert_eq!(query.logs().count(), 1);
}

#[test]
fn keeps_what_fails_later() {
    let query = parse(r#"{a="b"} |~ "(x" or "y" !~ `\Z`"#, Go::NEWEST).unwrap();
    let spans: Vec<_> = query.late.iter().map(|e| (e.kind, e.span.clone())).collect();
    assert_eq!(spans, [(Kind::Pattern, 12..13), (Kind::Pattern, 27..29)]);
}

#[test]
fn points_at_the_fault() {
    for (text, span, kind, message) in [
        (r#"{a="b""#, 6..6, Kind::Syntax, "the query ends in the selector; expected `,` or `}`"),
        (r#"{a=~"x("}"#, 6..7, Kind::Pattern, "`(` is never closed by `)`"),
        (r#"{a=~"\\d("}"#, 4..10, Kind::Pattern, "`(` is never closed by `)`"),
        (
            r#"{a=~".*"}"#,
            0..9,
            Kind::Streams,
            "no matcher narrows the streams down: each is met by a label that is absent",
        ),
        (r#"{a="\d"}"#, 4..6, Kind::Text, "no escape sequence of Go; double the backslash, or quote with backquotes"),
        (r#"rate({a="b"})"#, 12..13, Kind::Syntax, "unexpected `)` in `rate(…)`; expected a range such as `[5m]`"),
        (r#"rate({a="b"}[$x])"#, 12..16, Kind::Text, "no range: write a duration such as `[5m]` or `[1h30m]`"),
        (r#"sum({a="b"})"#, 4..11, Kind::Syntax, "`sum` takes metrics, not log lines"),
        (r#"avg_over_time({a="b"}[5m])"#, 0..13, Kind::Usage, "`avg_over_time` needs numbers, and lines are none"),
        (r#"rate({a="b"}[5m]) by (x)"#, 18..24, Kind::Usage, "`rate` takes no `by` or `without`"),
        (r#"topk(rate({a="b"}[5m]))"#, 0..4, Kind::Usage, "`topk` needs a number first: `topk(5, …)`"),
        (
            r#"{a="b"} | regexp "(x)""#,
            17..22,
            Kind::Pattern,
            "`regexp` extracts nothing: the expression has no named group",
        ),
        (
            r#"{a="b"} | pattern "x""#,
            18..21,
            Kind::Pattern,
            "`pattern` extracts nothing: it has no capture such as `<name>`",
        ),
        (r#"{a="b"} | foo"#, 13..13, Kind::Syntax, "the query ends in a comparison of a label; expected a comparison"),
    ] {
        let error = parse(text, Go::NEWEST).unwrap_err();
        assert_eq!((error.span, error.kind, error.message.as_str()), (span, kind, message), "{text}");
    }
}

#[test]
fn a_selector_of_stage_match_is_less_than_a_query() {
    let selector = selector::parse(r#"{a="b",c!~"d"} |= "e" != "f" |~ "g""#, Go::NEWEST).unwrap();
    assert_eq!((selector.matchers.len(), selector.filters.len()), (2, 3));
    assert_eq!(selector.filters[1].span, 22..28);
    assert!(selector::parse(r#"{a=~".*"}"#, Go::NEWEST).is_ok());
    for (text, span, help) in [
        (r#"{a="b"} | json"#, 8..9, "no other part of LogQL"),
        (r#"{a="b"} |> "x""#, 8..9, "no other part of LogQL"),
        ("{a=`b`}", 3..6, "strings in `\"` only"),
        (r#"{a="b"} |= "x" or "y""#, 15..17, "knows no `or`"),
        (r#"{a=~"b("}"#, 6..7, ""),
        (r#"{a="b"} |~ "\\Z""#, 11..16, ""),
        ("{}", 1..2, ""),
        ("", 0..0, "at least one matcher"),
    ] {
        let error = selector::parse(text, Go::NEWEST).unwrap_err();
        assert_eq!(error.span, span, "{text}: {error:?}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{text}: {error:?}");
    }
}

#[test]
fn hostile_text_ends_soon() {
    for piece in
        ["(", "{", "[", "sum(", "rate((", "1+", "2^", "{a=\"b\"}|", "|a=1 ", "\"", "(a=", "#", "/*", "-", "vector("]
    {
        let _ = parse(&piece.repeat(10_000), Go::NEWEST);
        let _ = parse(&format!("{{a=\"b\"}} | {}", piece.repeat(10_000)), Go::NEWEST);
        let _ = selector::parse(&piece.repeat(10_000), Go::NEWEST);
    }
    let long = format!("rate({{a=\"b\"}}[5m]){}", "+rate({a=\"b\"}[5m])".repeat(6000));
    assert!(parse(&long, Go::NEWEST).is_ok());
    assert_eq!(parse(&"a".repeat(131_072), Go::NEWEST).unwrap_err().kind, Kind::Text);
    let deep = format!("{}1{}", "(".repeat(200), ")".repeat(200));
    assert_eq!(parse(&deep, Go::NEWEST).unwrap_err().kind, Kind::Unread);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_inside_of_it(
        text in r#"(\{a="b"\}|rate|sum|by|[(){}\[\]|=!~<>,"`a-c0-9 +#-]|5m|\PC){0,30}"#,
    ) {
        for result in [parse(&text, Go::NEWEST).map(drop), selector::parse(&text, Go::NEWEST).map(drop)] {
            if let Err(error) = result {
                prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
            }
        }
    }
}
