//! The reader against Go's recorded verdicts, the limits, what is said about a fault, and arbitrary text.

#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

/// A verdict as it is recorded: the groups with their names, or the kind of fault.
fn verdict(text: &str, go: Go) -> String {
    match parse(text, go) {
        Ok(info) => {
            let name = |g: &Option<Group>| g.as_ref().map(|g| g.name.clone()).unwrap_or_default();
            let names: Vec<String> = info.groups.iter().map(name).collect();
            format!("OK {} [{}]", names.len(), names.join(","))
        }
        Err(error) => format!("{:?}", error.kind),
    }
}

#[test]
fn agrees_with_go() {
    let mut count = 0;
    for line in include_str!("../../../tests/readers/re2/verdicts.tsv").lines() {
        let mut fields = line.split('\t');
        let text: String = serde_json::from_str(fields.next().unwrap()).unwrap();
        for (go, said) in [Go(21), Go(22), Go(25)].into_iter().zip(fields) {
            assert_eq!(verdict(&text, go), said, "{text} under {go:?}");
            count += 1;
        }
        assert_eq!(verdict(&text, Go(22)), verdict(&text, Go(24)), "{text}");
        assert_eq!(verdict(&text, Go(25)), verdict(&text, Go(26)), "{text}");
    }
    assert_eq!(count, 3 * 5095);
}

#[test]
fn agrees_with_go_on_the_list_of_queries() {
    for line in include_str!("../../../tests/readers/promql/expressions.tsv").lines() {
        let (said, rest) = line.split_once('\t').unwrap();
        let text = rest.split('\t').next().unwrap();
        assert_eq!(parse(text, Go::NEWEST).is_ok(), said == "OK", "{text}");
    }
}

#[test]
fn limits_are_those_of_go() {
    let nested = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
    // Each alternative begins with the one before, so Go nests them.
    let chain = |n: usize| (1..n).map(|i| "a".repeat(i)).collect::<Vec<_>>().join("|");
    for (text, said) in [
        (nested(999), "OK"),
        (nested(1000), "TooDeep"),
        (nested(100_000), "TooDeep"),
        ("(?:".repeat(100_000), "UnclosedGroup"),
        (chain(498), "OK"),
        (chain(501), "OK"),
        (chain(502), "TooDeep"),
        (chain(3000), "TooDeep"),
        (format!("(?:{}){{1000}}", ".".repeat(3355)), "OK"),
        (format!("(?:{}){{1000}}", ".".repeat(3356)), "TooLarge"),
        (format!("(?:{}){{1000}}", "a".repeat(3355)), "OK"),
        (format!("(?:{}){{1000}}", "a".repeat(9000)), "TooLarge"),
        ("a{1000}".repeat(3500), "TooLarge"),
        ("(?:(?:a{1000}){0}){1000}".to_owned(), "OK"),
        ("(?:a{2}){500}".to_owned(), "OK"),
        ("(?:a{2}){501}".to_owned(), "RepetitionCount"),
        ("(?:a{30}){2,33}".to_owned(), "OK"),
        ("(?:a{30}){2,34}".to_owned(), "RepetitionCount"),
    ] {
        let verdict = verdict(&text, Go::NEWEST);
        assert!(verdict.starts_with(said), "{verdict} instead of {said}: {}", &text[..text.len().min(60)]);
    }
}

#[test]
fn hostile_text_ends_soon() {
    for piece in
        ["(", "(?:", "[", "[[:", "\\p{", "{", "{1", "a|", "(?i)", "\\Q", "|", "a{2}", "(a|", "\\", "(?P<", "a*"]
    {
        let text = piece.repeat(50_000);
        let _ = parse(&text, Go::NEWEST);
    }
}

#[test]
fn knows_the_groups() {
    let info = parse("(a)(?P<x>b)(?:c)(?<y1>d(e))(?P<x>f)", Go(22)).unwrap();
    let names: Vec<_> = info.groups.iter().map(|g| g.as_ref().map(|g| (g.name.as_str(), g.span.clone()))).collect();
    assert_eq!(names, [None, Some(("x", 7..8)), Some(("y1", 19..21)), None, Some(("x", 31..32))]);
    for (name, there) in [("0", true), ("5", true), ("6", false), ("x", true), ("y1", true), ("z", false), ("", false)]
    {
        assert_eq!(info.has_group(name), there, "{name}");
    }
    assert_eq!(parse("(?<y>a)", Go(21)).unwrap_err().kind, Kind::PerlSyntax);
}

#[test]
fn knows_what_can_match() {
    for (text, start, end, empty, literal) in [
        ("", false, false, true, Some("")),
        ("abc", false, false, false, Some("abc")),
        ("^abc$", true, true, false, Some("abc")),
        ("^(a)(?:b)[c]$", true, true, false, Some("abc")),
        (r"\Qa.b\E\.", false, false, false, Some("a.b.")),
        ("^a|b", false, false, false, None),
        ("^a|^b", true, false, false, None),
        ("(?m)^a$", false, false, false, None),
        (r"\Aa\z", true, true, false, Some("a")),
        ("^+a", true, false, false, None),
        ("^*a", false, false, false, None),
        ("(?i)a", false, false, false, None),
        ("(?i)1-2", false, false, false, Some("1-2")),
        ("a.c", false, false, false, None),
        (".*", false, false, true, None),
        ("a?|b", false, false, true, None),
        ("(?:a|b)+", false, false, false, None),
        ("x{0,3}", false, false, true, None),
        (r"\b", false, false, false, None),
        ("a|a", false, false, false, Some("a")),
        ("a^", false, false, false, None),
    ] {
        let info = parse(text, Go::NEWEST).unwrap();
        let seen = (info.anchored_start, info.anchored_end, info.matches_empty, info.literal.as_deref());
        assert_eq!(seen, (start, end, empty, literal), "{text}");
    }
}

#[test]
fn an_anchored_expression_is_read_within_its_anchors() {
    assert!(parse_anchored("a)|(b", Go::NEWEST).is_ok());
    assert!(parse(r"\Qa", Go::NEWEST).is_ok());
    let error = parse_anchored(r"\Qa", Go::NEWEST).unwrap_err();
    assert_eq!((error.kind, error.span), (Kind::UnclosedGroup, 0..0));
    let error = parse_anchored("ab(?=c)", Go::NEWEST).unwrap_err();
    assert_eq!((error.kind, error.span), (Kind::PerlSyntax, 2..5));
    assert_eq!(parse_anchored("(?P<n>a)", Go::NEWEST).unwrap().groups[0].as_ref().unwrap().span, 4..5);
}

#[test]
fn says_where_and_what_instead() {
    for (text, span, message, help) in [
        ("a(?=b)", 1..4, "look-ahead `(?=…)` does not exist in RE2", "capture the part"),
        ("a(?!b)", 1..4, "look-ahead `(?!…)` does not exist in RE2", "exclude the rest"),
        ("(?<=a)>", 0..7, "look-behind `(?<=…)` does not exist in RE2", "capture the part"),
        ("(?<!a)b", 0..7, "look-behind `(?<!…)` does not exist in RE2", "capture the part"),
        ("(?>a)", 0..3, "atomic groups `(?>…)` do not exist in RE2", "(?:…)"),
        ("(?P=n)", 0..3, "references to groups do not exist in RE2", "write the group's expression again"),
        (r"(a)\1", 3..5, r"`\1` would refer back to a group, which RE2 cannot do", "expression again"),
        (
            "a++",
            1..3,
            "`++` repeats a repetition; possessive repetition does not exist in RE2",
            "leave the last `+` out",
        ),
        ("a**", 1..3, "`**` repeats a repetition", "(?:…)"),
        (r"a\Z", 1..3, r"`\Z` has no meaning in RE2", r"`\z`"),
        (r"\h+", 0..2, r"`\h` has no meaning in RE2", r"`[ \t]`"),
        (r"\R", 0..2, r"`\R` has no meaning in RE2", r"\r?\n"),
        (r"[\b]", 1..3, r"`\b` has no meaning in RE2", "stands for a place"),
        ("(?x)a", 0..3, "flag `x` does not exist in RE2", "without spaces"),
        ("(?P<a.b>c)", 0..8, "`a.b` is no name for a group", "letters"),
        ("(?P<a", 0..5, "the name of the group is never closed by `>`", "(?P<name>…)"),
        (
            "a{1001}",
            1..7,
            "`{1001}` repeats more than 1000 times, alone or multiplied with the repetitions inside of it",
            "at most 1000",
        ),
        ("a{3,2}", 1..6, "`{3,2}` ends below its begin", "swap"),
        ("[z-a]", 1..4, "the range `z-a` ends before it begins", "swap"),
        ("[[:foo:]]", 1..8, "class `[:foo:]` is not known", "alnum"),
        (r"\p{greek}", 0..9, "Unicode class `greek` is not known", r"`\p{Greek}`"),
        (r"\p{Old_Foo}", 0..11, "Unicode class `Old_Foo` is not known", "general categories"),
        ("a)b", 1..2, "`)` closes nothing", r"`\)`"),
        ("((a)", 0..1, "`(` is never closed by `)`", r"`\(`"),
        ("x[a", 1..2, "`[` is never closed by `]`", r"`\[`"),
        ("a\\", 1..2, "the expression ends in a backslash that escapes nothing", r"`\\`"),
        ("*a", 0..1, "`*` has nothing to repeat", r"`\*`"),
    ] {
        let error = parse(text, Go(22)).unwrap_err();
        assert_eq!((error.span.clone(), error.message.as_str()), (span, message), "{text}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{text}: {:?}", error.help);
    }
    let error = parse(r"\p{Old_Italic}", Go(25)).unwrap_err();
    assert!(error.help.unwrap().contains("Go 1.25"));
    assert!(parse(r"\p{Old_Italic}", Go(24)).is_ok());
}

#[test]
fn alloy_is_built_with_a_known_go() {
    for (minor, go) in [(0, 22), (5, 22), (7, 23), (11, 24), (12, 25), (16, 26), (19, 26)] {
        assert_eq!(Go::of_alloy(minor), Go(go), "{minor}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_inside_of_it(text in r"([()\[\]{}|*+?\\^$.:<>Pip=!0-9a-z-]|\PC){0,40}") {
        for go in [Go(21), Go::NEWEST] {
            if let Err(error) = parse(&text, go) {
                prop_assert!(text.get(error.span.clone()).is_some());
                prop_assert!(!error.message.is_empty());
            }
            if let Err(error) = parse_anchored(&text, go) {
                prop_assert!(text.get(error.span).is_some());
            }
        }
    }
}
