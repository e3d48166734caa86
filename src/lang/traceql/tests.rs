use super::*;

/// Verdicts of Tempo 3.0.3's own parser and validation on our own inputs: classes of grafana/tempo
/// pkg/traceql/test_examples.yaml@v3.0.3, every query with other names, values and texts.
#[test]
fn queries_are_taken_and_refused_as_upstream_does() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("../../../tests/readers/traceql/queries.tsv").lines() {
        let (verdict, text) = line.split_once('\t').unwrap();
        let text: String = serde_json::from_str(text).unwrap();
        count += 1;
        let result = parse(&text, Release::NEWEST);
        if result.is_ok() != (verdict == "OK") {
            wrong.push(format!("{verdict} {text}: {:?}", result.err().map(|e| e.message)));
        }
    }
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 250);
}

#[test]
fn a_release_refuses_what_came_later() {
    let refused = |text: &str, release| parse(text, release).err().map(|e| e.kind);
    for (text, before, since) in [
        ("{} | rate()", Release(2, 3), Release(2, 4)),
        ("{} | quantile_over_time(duration, .9)", Release(2, 4), Release(2, 5)),
        ("{} | min_over_time(duration)", Release(2, 6), Release(2, 7)),
        ("{} | sum_over_time(duration)", Release(2, 7), Release(2, 8)),
        ("{} | rate() | topk(3)", Release(2, 7), Release(2, 8)),
        ("{} | rate() > 3", Release(2, 10), Release(3, 0)),
        ("{ span.x = nil }", Release(2, 9), Release(2, 10)),
        ("{ event.x = 1 }", Release(2, 5), Release(2, 6)),
        ("{ span:parentID = \"a\" }", Release(2, 7), Release(2, 8)),
        ("{} &>> {}", Release(2, 4), Release(2, 5)),
    ] {
        assert_eq!(refused(text, before), Some(Kind::Release), "{text}");
        assert_eq!(refused(text, since), None, "{text}");
    }
}

#[test]
fn deep_nesting_is_left_unread() {
    for (open, close) in [("{(", ")}"), ("(", ")"), ("{!", "}"), ("{1^", "}")] {
        let text = open.repeat(50_000) + "{}" + &close.repeat(50_000);
        assert!(parse(&text, Release::NEWEST).is_err());
    }
    let text = format!("{{{}.a{}}}", "(".repeat(90_000), ")".repeat(90_000));
    assert_eq!(parse(&text, Release::NEWEST).unwrap_err().kind, Kind::Unread);
}

#[test]
fn attributes_and_metrics_are_told() {
    let query = parse("{ resource.service.name = \"a\" && duration > 1s } | rate() by (span.\"x y\")", Release::NEWEST)
        .unwrap();
    let names: Vec<&str> = query.attributes.iter().map(|a| a.text.as_str()).collect();
    assert_eq!(names, ["resource.service.name", "duration", "span.\"x y\""]);
    assert_eq!(query.metrics, Some("rate"));
}
