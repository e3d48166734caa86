//! Small texts with the verdict of the language's own parser (the `syntax` module v0.1.1), recorded.

use vispyr_alloy::{format, parse};

const ACCEPTED: &[&str] = &[
    "a = 1 /* x */ // y\nb = 2",
    "a = [1,]",
    "a = f(1,)",
    "a = {b = 1,}",
    "a = 010",
    "a = 08",
    "a = .5",
    "a = 1.",
    "a = -!-x",
    "a = x.y[\"z\"](1).w",
    "a = \"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\101\\x41\\u00e9\\U0001f600\"",
    "a.b.c \"l\" {}",
    "a \"\" {}",
    "\u{e9} = 1",
    "a\u{663} = 1",
    "a = 1\r\nb = 2\r\n",
    "a = [\n// x\n1, // y\n// z\n]",
    "a = 99999999999999999999",
    "a { b = 1 }",
    "a = b\n\n\n",
    "\u{feff}",
    "a = {}\n",
    "a = {null_ = 1, \"null\" = 2, `r` = 3}",
    "a = (\n1)",
    "a = \n\n 1",
    "a = \"x\" + `y`",
    "a . b {}",
    "a = null.b",
    "a = \"x\".y",
    "a = 1 /* x\n */ b = 2",
    "a = [1, 2 /* x */]",
    "a { /* x */ }",
];

const REFUSED: &[&str] = &[
    "a",
    "a = ",
    "a = 1 b = 2",
    "a.b = 1",
    "a \"l\" = 1",
    "a \"b c\" {}",
    "a `l` {}",
    "a {",
    "}",
    "a = [1\n]",
    "a = [1 2]",
    "a = {b = 1\n}",
    "a = {1 = 2}",
    "a = {null = 2}",
    "a = f(,)",
    "a = (1",
    "a = x.\n",
    "a = x\n.y",
    "a = 1.2.3",
    "a = 1e",
    "a = 'x'",
    "a = \"x",
    "a = \"\\q\"",
    "a = \"\\'\"",
    "a = \"\\400\"",
    "a = \"\\ud800\"",
    "a = \"\\U00110000\"",
    "a = \"\\x4\"",
    "a = `x",
    "/* x",
    "a = 1 & 2",
    "a = 1 | 2",
    "a = #",
    "a = b {}",
    "a = b \"c\" {}",
    "true = 1",
    "a = true.",
    "a = 1 // x\n = 2",
    "a = \u{0}",
    "// \u{0}",
    "a = \"\u{feff}\"",
    "a = 1;",
    "a {} b {}",
    "a = 1 /* x */ b = 2",
    "\u{b2} = 1",
    "a\u{b2} = 1",
    "a\u{a0}= 1",
    "a = 0x1",
    "a = 1_000",
    "a = x[\"y\"",
    "a \"1x\" {}",
    "a \"true\" {}",
    "a {\n}}",
    "a = [,]",
    "a = {,}",
    "a = - ",
    "a = 1 ! 2",
    "a.1 {}",
    "a. {}",
    "\"a\" = 1",
    "a = \"x\ny\"",
    "a = \u{2028} 1",
    "a = b\u{b}c",
    "\u{2090}\u{b2} {}",
];

#[test]
fn what_the_engine_accepts_has_no_errors() {
    for text in ACCEPTED {
        assert_eq!(parse(text).errors, [], "{text:?}");
        assert!(format(text).is_ok(), "{text:?}");
    }
}

#[test]
fn what_the_engine_refuses_has_errors_inside_the_text() {
    for text in REFUSED {
        let errors = parse(text).errors;
        assert!(!errors.is_empty(), "{text:?}");
        for error in &errors {
            let range = error.range.start as usize..error.range.end as usize;
            assert!(text.get(range).is_some(), "{text:?}: {error:?}");
        }
        assert_eq!(format(text), Err(errors));
    }
}
