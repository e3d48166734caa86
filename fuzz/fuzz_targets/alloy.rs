//! Any text parses, soon and without a panic; what is said of it points into it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr_alloy::{Expr, SyntaxError, parse, parse_expression, tokens};

fn sound(text: &str, errors: &[SyntaxError]) {
    for error in errors {
        for range in std::iter::once(&error.range).chain(error.related.as_ref().map(|(range, _)| range)) {
            assert!(text.get(range.start as usize..range.end as usize).is_some(), "{error:?}");
        }
        assert!(!error.message.is_empty() && error.message.len() < 400);
    }
}

fn walk(text: &str, value: Expr<'_>) {
    for expr in value.descendants() {
        let range = expr.range();
        assert_eq!(text.get(range.start as usize..range.end as usize), Some(expr.text()));
        expr.as_str();
        expr.as_reference();
    }
    value.references();
}

fuzz_target!(|text: &str| {
    let (list, _) = tokens(text);
    let mut end = 0;
    for token in list {
        assert!(token.start >= end && token.end >= token.start);
        end = token.end;
    }
    let parsed = parse(text);
    sound(text, &parsed.errors);
    assert_eq!(parsed.file.text(), text);
    for body in std::iter::once(parsed.file.body()).chain(parsed.file.all_blocks().into_iter().map(|b| b.body())) {
        for attribute in body.attrs() {
            walk(text, attribute.value());
        }
    }
    vispyr_alloy::print(&parsed.file);
    let lone = parse_expression(text);
    sound(text, &lone.errors);
    walk(text, lone.expr());
    // What is an expression alone is one behind a `=` too.
    if lone.errors.is_empty() {
        let plain = parse(&format!("a = {}\n", text.trim_start_matches('\u{feff}')));
        assert!(plain.errors.is_empty(), "{:?}", plain.errors);
    }
});
