//! Texts that nobody means well with: everything ends, soon and without a panic.

use vispyr_alloy::{format, parse, print, tokens};

const MANY: usize = 100_000;

/// Opening, middle and closing of each kind of nesting.
const NESTINGS: &[(&str, &str, &str)] = &[
    ("[", "1", "]"),
    ("(", "1", ")"),
    ("{ a = ", "1", "}"),
    ("f(", "1", ")"),
    ("x[", "1", "]"),
    ("-", "1", ""),
    ("1 ^ ", "1", ""),
    ("1 + ", "1", ""),
    ("1 || 2 && 3 == ", "1", ""),
    ("", "1", " + 1"),
    ("", "x", ".y"),
    ("", "x", "[0]"),
    ("", "x", "()"),
];

#[test]
fn deep_expressions_are_parsed_walked_printed_and_dropped() {
    for (open, middle, close) in NESTINGS {
        let text = format!("a = {}{middle}{}", open.repeat(MANY), close.repeat(MANY));
        let parsed = parse(&text);
        // The second comparison of a chain binds as weakly as the first: the chain is legal.
        assert_eq!(parsed.errors, [], "{open} {close}");
        let value = parsed.file.body().attr("a").unwrap().value();
        assert!(value.descendants().len() > MANY);
        value.references();
        value.env_calls();
        value.unparen();
        value.as_reference();
        assert!(format(&text).is_ok());
    }
}

#[test]
fn deep_nesting_that_is_never_closed_is_an_error() {
    for (open, ..) in NESTINGS.iter().take(7) {
        let parsed = parse(&format!("a = {}", open.repeat(MANY)));
        assert!(!parsed.errors.is_empty(), "{open}");
        print(&parsed.file);
    }
    for text in [
        "a {\n",
        "a = b {\n",
        "a = b \"c\" {",
        "a = [b {",
        "}",
        "a = [1\nb = ",
        "a = {\nb ",
        "@ ",
        "\0",
        "\u{feff}",
        "'",
        "a.",
    ] {
        let parsed = parse(&text.repeat(20_000));
        assert!(!parsed.errors.is_empty() && parsed.errors.len() <= 2_000, "{text:?}");
        print(&parsed.file);
    }
}

#[test]
fn deep_blocks_are_parsed_and_walked() {
    let text = format!("{}{}", "a {".repeat(MANY), "}".repeat(MANY));
    let parsed = parse(&text);
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.file.all_blocks().len(), MANY);
}

#[test]
fn an_output_out_of_proportion_is_refused() {
    let text = format!("a = {}{}", "[\n".repeat(MANY), "]".repeat(MANY));
    assert_eq!(parse(&text).errors, []);
    let errors = format(&text).unwrap_err();
    assert_eq!(errors[0].message, "too deeply nested to be formatted");
    assert_eq!(print(&parse(&text).file), text);
    let wide = format!("a = `\n{}\tx\n{}`", "w".repeat(1_000_000), "y\tz\n".repeat(10_000));
    assert!(format(&wide).is_err());
}

#[test]
fn tokens_and_spacing_make_up_the_text() {
    let text = "a = /* x */ [1, `y\n`] // é\nb \"l\" { }\n@ 'z' \u{200b}\n";
    let (list, _) = tokens(text);
    let mut end = 0;
    for token in list {
        assert!(token.start >= end);
        assert!(text[end as usize..token.start as usize].chars().all(char::is_whitespace), "{token:?}");
        end = token.end.max(token.start);
    }
    assert_eq!(end as usize, text.len());
}

#[test]
fn any_cut_and_any_mixture_is_parsed() {
    const PIECES: &[&str] = &[
        "a", "b.c", " = ", "{", "}", "[", "]", "(", ")", ",", "\n", "\"x\"", "\"\\u00", "`", "//", "/*", "*/", "1",
        ".", "'", "é", "\u{feff}", "\0", "!", "-", "^", "&", "&&", "null", "\\", "\r\n", "\t",
    ];
    // A fixed linear congruential sequence: the same mixtures on every machine.
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..5_000 {
        let count = 1 + random(40);
        let text: String = (0..count).map(|_| PIECES[random(PIECES.len())]).collect();
        let parsed = parse(&text);
        for error in &parsed.errors {
            assert!(text.get(error.range.start as usize..error.range.end as usize).is_some(), "{text:?}: {error:?}");
        }
        for block in parsed.file.all_blocks() {
            let range = block.body().range();
            assert!(text.get(range.start as usize..range.end as usize).is_some(), "{text:?}");
            if let Some(label) = block.label() {
                assert!(!label.name().is_empty());
            }
            for attribute in block.body().attrs() {
                for expr in attribute.value().descendants() {
                    let range = expr.range();
                    assert!(text.get(range.start as usize..range.end as usize).is_some(), "{text:?}");
                    expr.as_str();
                }
            }
        }
        print(&parsed.file);
    }
}
