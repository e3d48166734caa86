//! The reader against the engine's recorded verdicts, Grafana's variables, and arbitrary text.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::ops::Range;

use proptest::prelude::*;

use super::template::{Place, mask};
use super::*;

fn verdicts(recorded: &str, options: Options) {
    let queries = include_str!("../../../tests/readers/promql/queries.txt").lines();
    let mut count = 0;
    for (query, verdict) in queries.zip(recorded.lines()) {
        let query = query.replace("\\n", "\n");
        let result = parse(&query, options);
        assert_eq!(result.is_ok(), verdict.starts_with("OK"), "{query}: {result:?}\nengine: {verdict}");
        if let Err(errors) = result {
            assert!(errors.iter().all(|e| e.certain), "{query}");
        }
        count += 1;
    }
    assert_eq!(count, 133);
}

#[test]
fn agrees_with_the_engine_without_flags() {
    verdicts(include_str!("../../../tests/readers/promql/flags-off.tsv"), Options::default());
}

#[test]
fn agrees_with_the_engine_with_flags() {
    verdicts(include_str!("../../../tests/readers/promql/flags-on.tsv"), Options::EXPERIMENTAL);
}

#[test]
fn no_expression_that_go_accepts_is_called_broken() {
    for line in include_str!("../../../tests/readers/promql/expressions.tsv").lines() {
        let mut fields = line.split('\t');
        let (Some(verdict), Some(pattern)) = (fields.next(), fields.next()) else { panic!("{line}") };
        if verdict == "OK" {
            assert!(selectors::regex(pattern).is_ok(), "{pattern}");
        }
    }
}

fn first(query: &str, options: Options) -> (Range<usize>, String) {
    match parse(query, options) {
        Err(errors) => (errors[0].range.clone(), errors[0].message.clone()),
        Ok(tree) => panic!("{query} parsed: {tree:?}"),
    }
}

#[test]
fn errors_point_at_the_fault() {
    let old = Options { minor: Some(5), ..Options::EXPERIMENTAL };
    for (query, options, at, message) in [
        (
            "rate(x)",
            Options::default(),
            "x",
            "expected type range vector in call to function `rate`, got instant vector",
        ),
        ("sum(x) + raet(x[5m])", Options::default(), "raet", "unknown function `raet`"),
        (
            "x{a=~\"(b\"}",
            Options::default(),
            "a=~\"(b\"",
            "regular expression of `a` is broken: `(` is never closed by `)`",
        ),
        ("first_over_time(x[5m])", old, "first_over_time", "`first_over_time` is a function since Prometheus 3.7"),
        ("x </ 5", old, "</", "`</` is an operator since Prometheus 3.11"),
        ("1 > 2", Options::default(), ">", "a comparison between scalars must use `bool`"),
        ("up{a=\"\\d\"}", Options::default(), "\\d", "unknown escape sequence `\\d`"),
        ("x[5m1h]", Options::default(), "5m1h", "`5m1h` is no duration: units go from long to short, each once"),
    ] {
        let (range, said) = first(query, options);
        assert_eq!((&query[range], said.as_str()), (at, message), "{query}");
    }
    let help = parse("raet(x[5m])", Options::default()).unwrap_err()[0].help.clone();
    assert_eq!(help.as_deref(), Some("did you mean `rate`?"));
}

#[test]
fn operators_bind_as_in_the_engine() {
    /// The tree with parentheses around every operator.
    fn show(query: &Query, id: NodeId, text: &str) -> String {
        match &query[id].kind {
            NodeKind::Binary { operator, left, right, .. } => {
                format!("({} {} {})", show(query, *left, text), operator.symbol, show(query, *right, text))
            }
            NodeKind::Unary { minus, inner } => {
                format!("({}{})", if *minus { "-" } else { "+" }, show(query, *inner, text))
            }
            _ => text[query[id].range.clone()].to_owned(),
        }
    }
    for (text, tree) in [
        ("a + b * c ^ d ^ e", "(a + (b * (c ^ (d ^ e))))"),
        ("-a ^ b * c", "((-(a ^ b)) * c)"),
        ("a - b - c", "((a - b) - c)"),
        ("a or b and c unless d", "(a or ((b and c) unless d))"),
        ("a ^ -b * c", "((a ^ (-b)) * c)"),
        ("a offset 5m + b", "(a offset 5m + b)"),
        ("a offset -2 ^ b", "(a offset -2 ^ b)"),
        ("-a offset 5m @ 7", "(-a offset 5m @ 7)"),
        ("A == bool b ATAN2 c", "(A == (b atan2 c))"),
    ] {
        let query = parse(text, Options::default()).unwrap();
        assert_eq!(show(&query, query.root(), text), tree, "{text}");
    }
}

#[derive(Debug, PartialEq)]
struct Seen {
    metric: Option<(String, bool)>,
    matchers: Vec<(String, String)>,
    window: Option<String>,
    around: Vec<String>,
    grouping: Vec<String>,
}

fn seen(text: &str, query: &Query) -> Vec<Seen> {
    let mut all = Vec::new();
    query.selections(|s| {
        all.push(Seen {
            metric: s.metric().map(|m| (text[m.range.clone()].to_owned(), m.dynamic)),
            matchers: s
                .selector
                .matchers
                .iter()
                .map(|m| (text[m.label.range.clone()].to_owned(), text[m.value.range.clone()].to_owned()))
                .collect(),
            window: s.window.map(|w| text[w.range.clone()].to_owned()),
            around: s.enclosing.iter().map(|e| format!("{}#{}", e.name.value, e.argument)).collect(),
            grouping: s
                .enclosing
                .iter()
                .filter_map(|e| e.grouping)
                .flat_map(|g| &g.labels)
                .map(|l| l.value.clone())
                .collect(),
        });
    });
    all
}

#[test]
fn selections_know_their_surroundings() {
    let text = "topk(3, SUM by (job, \"a.b\") (rate(x{a=\"b\", \"c.d\"!~'e'}[5m]))) / absent({\"y.z\"} offset 1h)";
    let query = parse(text, Options::default()).unwrap();
    let strings = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        seen(text, &query),
        [
            Seen {
                metric: Some(("x".to_owned(), false)),
                matchers: vec![pair("a", "\"b\""), pair("\"c.d\"", "'e'")],
                window: Some("5m".to_owned()),
                around: strings(&["topk#1", "sum#0", "rate#0"]),
                grouping: strings(&["job", "a.b"]),
            },
            Seen {
                metric: Some(("\"y.z\"".to_owned(), false)),
                matchers: vec![pair("\"y.z\"", "\"y.z\"")],
                window: None,
                around: strings(&["absent#0"]),
                grouping: Vec::new(),
            },
        ]
    );
    query.selections(|s| assert_eq!(s.inside("absent"), s.range.start > 60));
}

#[test]
fn variables_may_stand_where_grafana_users_put_them() {
    for (text, metrics) in [
        ("rate(x_total{service=\"$service\"}[$__rate_interval])", vec![("x_total", false)]),
        ("sum(rate(${prefix}_total[${window:raw}])) by ($labels)", vec![("${prefix}_total", true)]),
        ("increase([[app]]_requests{a=~\"[[b:regex]]\"}[[[range]]:$__interval])", vec![("[[app]]_requests", true)]),
        ("topk($n, $metric)", vec![("$n", true), ("$metric", true)]),
        ("histogram_quantile(0.$q, sum by (le, $by) (rate(x_bucket[${m}m])))", vec![("x_bucket", false)]),
        ("$agg by (job) (x)", vec![("x", false)]),
        ("${fn}_over_time(x[5m:$step]) > $limit", vec![("x", false), ("$limit", true)]),
        ("$agg(x) without (a $more)", vec![("x", false)]),
        ("x{$filters}", vec![("x", false)]),
        ("x{a=\"b\", ${label}=~$value} offset $back", vec![("x", false)]),
        ("x{a=\"b\"$more} @ $then", vec![("x", false)]),
        ("rate($selector[5m])", vec![("$selector", true)]),
        ("rate(x[$a$b]) * $__range_s", vec![("x", false), ("$__range_s", true)]),
        ("label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")", vec![("x", false)]),
        ("{__name__=\"${m}_total\"}", vec![("\"${m}_total\"", true)]),
        ("{$all}", vec![]),
        ("rate($complete)", vec![("$complete", true)]),
        ("-${x} and on() $y", vec![("${x}", true), ("$y", true)]),
    ] {
        match parse_template(text, Options::default()) {
            Outcome::Parsed(query) => {
                let found: Vec<_> = seen(text, &query).into_iter().filter_map(|s| s.metric).collect();
                let wanted: Vec<_> = metrics.iter().map(|(m, d)| ((*m).to_owned(), *d)).collect();
                assert_eq!(found, wanted, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn what_a_variable_may_repair_is_uncertain() {
    for text in ["x $op y", "sum($a", "rate(x[5m] $offset)", "$a y", "rate(abs($x))", "vector(sum($x) $y)"] {
        assert!(matches!(parse_template(text, Options::default()), Outcome::Uncertain(_)), "{text}");
    }
}

#[test]
fn what_no_variable_can_repair_is_refused() {
    for text in [
        "rate(x{a=\"$a\"})",
        "sum(rate(x[$__rate_interval])",
        "raet(x[$__interval])",
        "x y + $z",
        "rate(y) + $z",
        "x{a=\"$a}",
        "price$ + 1",
    ] {
        assert!(matches!(parse_template(text, Options::default()), Outcome::Refused(_)), "{text}");
    }
}

#[test]
fn a_mask_keeps_every_offset() {
    let text = "é{a=\"$b\"} + ${c.d:csv}_x[$e] # $f";
    let masked = mask(text);
    assert_eq!(masked.text, "é{a=\"$b\"} + vvvvvvvvvv_x[1s] # $f");
    let places: Vec<_> = masked.holes.iter().map(|h| (h.name.as_str(), h.place)).collect();
    assert_eq!(places, [("b", Place::Text), ("c", Place::Bare), ("e", Place::Duration), ("f", Place::Text)]);
}

#[test]
fn hostile_sizes_end_without_harm() {
    const N: usize = 100_000;
    for open in ["(", "-", "sum(", "2^", "x[(", "x offset (", "rate(x[max_of(", "a or on(b) (", "${x}("] {
        let text = open.repeat(N);
        let errors = parse(&text, Options::EXPERIMENTAL).unwrap_err();
        assert!(!errors.is_empty(), "{open}");
        assert!(!matches!(parse_template(&text, Options::EXPERIMENTAL), Outcome::Parsed(_)), "{open}");
    }
    let chain = "x + ".repeat(N) + "x";
    let query = parse(&chain, Options::default()).unwrap();
    let mut count = 0;
    query.selections(|_| count += 1);
    assert_eq!(count, N + 1);
    let brackets = "$a".repeat(N);
    assert!(matches!(parse_template(&brackets, Options::default()), Outcome::Parsed(_)));
    let pattern = format!("x{{a=~\"{}\"}}", "{[[:".repeat(N));
    assert!(parse(&pattern, Options::default()).is_err());
}

/// Pieces that are close to the language, to reach deep into the reader.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "x",
        "sum",
        "by",
        "rate",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        ",",
        "=",
        "=~",
        "!~",
        "\"a\"",
        "'",
        "`",
        "5m",
        "0x1",
        ":",
        "offset",
        "@",
        "start",
        "-",
        "^",
        "/",
        ">/",
        "bool",
        "on",
        "group_left",
        "$v",
        "${v}",
        "[[v]]",
        "$__interval",
        "é",
        " ",
        "#",
        "\n",
        "\\",
        "step()",
        "fill",
        "1e",
        "anchored",
        "info",
        "\"(a\"",
        "__name__",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.join(""))
}

fn ranges_fit(text: &str, errors: &[SyntaxError]) {
    assert!(!errors.is_empty());
    for e in errors {
        assert!(text.get(e.range.clone()).is_some(), "{text:?} {e:?}");
    }
}

fn tree_fits(text: &str, query: &Query) {
    for (_, node) in query.nodes() {
        assert!(text.get(node.range.clone()).is_some(), "{text:?} {node:?}");
        for child in node.kind.children() {
            let inner = &query[child].range;
            assert!(node.range.start <= inner.start && inner.end <= node.range.end, "{text:?} {node:?}");
        }
    }
    query.selections(|s| {
        if let Some(name) = &s.selector.name {
            assert_eq!(text[name.range.clone()], name.value);
            assert_eq!(name.range.start, s.range.start);
        }
        for m in &s.selector.matchers {
            assert!(s.range.start <= m.range.start && m.range.end <= s.range.end);
            assert!(text.get(m.label.range.clone()).is_some() && text.get(m.value.range.clone()).is_some());
        }
    });
}

fn survives(text: &str, options: Options) {
    match parse(text, options) {
        Ok(query) => tree_fits(text, &query),
        Err(errors) => ranges_fit(text, &errors),
    }
    let masked = mask(text);
    assert_eq!(masked.text.len(), text.len());
    match parse_template(text, options) {
        Outcome::Parsed(query) => tree_fits(text, &query),
        Outcome::Refused(errors) => {
            ranges_fit(text, &errors);
            assert!(!masked.holes.is_empty() || parse(text, options).is_err());
        }
        Outcome::Uncertain(errors) => ranges_fit(text, &errors),
    }
}

/// A selector and what must be found in it.
fn selector() -> impl Strategy<Value = (String, String, Vec<(String, String)>)> {
    let matcher = ("[a-z_]{1,6}", prop::sample::select(vec!["=", "!=", "=~", "!~"]), "[a-z.é]{1,5}");
    ("[a-z]{3}_[a-z:]{1,5}", prop::collection::vec(matcher, 0..3)).prop_map(|(name, matchers)| {
        let inside: Vec<_> = matchers.iter().map(|(l, op, v)| format!("{l}{op}\"{v}\"")).collect();
        let text = if inside.is_empty() { name.clone() } else { format!("{name} {{{}}}", inside.join(" , ")) };
        (text, name, matchers.into_iter().map(|(l, _, v)| (l, v)).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_text_is_survived(text in "\\PC{0,60}") {
        survives(&text, Options::EXPERIMENTAL);
    }

    #[test]
    fn any_near_query_is_survived(text in soup(), flags in any::<bool>()) {
        survives(&text, if flags { Options::EXPERIMENTAL } else { Options::default() });
    }

    #[test]
    fn selectors_are_found_where_they_are(
        parts in prop::collection::vec((selector(), 0..4usize), 1..5)
    ) {
        let texts: Vec<_> = parts.iter().map(|((text, _, _), shape)| match shape {
            0 => text.clone(),
            1 => format!("sum by (job) (rate({text}[5m] offset 1h))"),
            2 => format!("-({text}) ^ 2"),
            _ => format!("max_over_time({text}[1h:5m] @ end())"),
        }).collect();
        let text = texts.join(" # é\n + ");
        let query = parse(&text, Options::default()).map_err(|e| TestCaseError::fail(format!("{text}: {e:?}")))?;
        tree_fits(&text, &query);
        let mut wanted = parts.iter().map(|(s, _)| s);
        query.selections(|s| {
            let Some((source, name, matchers)) = wanted.next() else { panic!("too many selectors in {text}") };
            assert!(text[s.range.clone()].starts_with(source.as_str()));
            assert_eq!(&text[s.metric().unwrap().range.clone()], name);
            let found: Vec<_> = s.selector.matchers.iter()
                .map(|m| (text[m.label.range.clone()].to_owned(), text[m.value.range.clone()].trim_matches('"').to_owned()))
                .collect();
            assert_eq!(&found, matchers);
        });
        prop_assert!(wanted.next().is_none());
    }
}
