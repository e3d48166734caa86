use super::*;

/// Expressions, each with what jmespath/go-jmespath@v0.4.0 and jmespath-community/go-jmespath@v1.1.1 said of it.
const VERDICTS: &str = include_str!("../../../tests/recorded/jmespath.tsv");

#[test]
fn verdicts_are_those_of_the_libraries() {
    let mut wrong = Vec::new();
    for line in VERDICTS.lines() {
        let mut parts = line.splitn(3, '\t');
        let mut told = || parts.next().unwrap() == "ok";
        let (classic, community) = (told(), told());
        let text = parts.next().unwrap();
        let ours = (check(text, Dialect::Classic).is_ok(), check(text, Dialect::Community).is_ok());
        if ours != (classic, community) {
            wrong.push(format!("{text} {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_wrong_is_said() {
    let why = |text| check(text, Dialect::Community).map_err(|e| e.message).unwrap_err();
    assert_eq!(why("b["), "a number, `:` or `*` is missing before the end");
    assert_eq!(why("a |"), "the expression ends too early");
    assert_eq!(why("a b"), "`b` is not expected here");
    assert_eq!(why("a."), "a name, `[` or `{` must follow `.`, not the end");
    assert_eq!(why("\"a"), "this `\"` is not closed");
    assert_eq!(why("#"), "`#` has no meaning here");
}

#[test]
fn hostile_nesting_ends() {
    for open in ["(", "[", "!", "{a:", "&", "a|", "a.[", "a[?"] {
        let _ = check(&open.repeat(50_000), Dialect::Community);
    }
    assert!(check(&format!("a{}", ".a".repeat(50_000)), Dialect::Classic).is_ok());
}
