//! Small texts with what the language's own printer (the `syntax` module v0.1.1) makes of them, recorded.

use vispyr_alloy::{format, parse, print};

/// `=== name`, the text, `--- formatted`, the result.
const CASES: &str = include_str!("format_cases.txt");

/// Texts that a file of lines cannot hold.
const ODD: &[(&str, &str)] = &[
    ("a = 1 // x\r\nb = 2\r\n", "a = 1 // x\nb = 2\n"),
    ("/* a\r\nb */\r\na = 1\r\n", "/* a\nb */\na = 1\n"),
    ("a = `x\ty\r\nz`\r\n", "a = `x y\r\nz`\n"),
    ("a = 1 /* *\r/ */\n", "a = 1 /* *\r/ */\n"),
    ("a = `a\u{b}b\u{c}c`\nd = 1\n", "a = `a b\nc`\nd = 1\n"),
    ("a = `\n  x   \n`\n", "a = `\n  x\n`\n"),
];

fn cases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    CASES.trim_start_matches("=== ").split("\n=== ").map(|case| {
        let (name, rest) = case.split_once('\n').unwrap();
        let (input, expected) = rest.split_once("\n--- formatted\n").unwrap();
        (name, input, expected)
    })
}

#[test]
fn texts_are_formatted_as_by_the_engine() {
    assert!(cases().count() > 20);
    for (name, input, expected) in cases() {
        // The last case ends with the line end of the file itself.
        let expected = if expected.ends_with("\n\n") { &expected[..expected.len() - 1] } else { expected };
        assert_eq!(format(input).as_deref(), Ok(expected), "{name}");
    }
    for (input, expected) in ODD {
        assert_eq!(format(input).as_deref(), Ok(*expected), "{input:?}");
    }
}

#[test]
fn printing_a_broken_tree_does_not_panic() {
    for cut in (0..CASES.len()).step_by(3) {
        if let Some(text) = CASES.get(cut..CASES.len().min(cut + 200)) {
            print(&parse(text).file);
        }
    }
}
