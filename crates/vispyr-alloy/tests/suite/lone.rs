//! Expressions by themselves.

use vispyr_alloy::{ExprKind, TokenKind, parse_expression};

#[test]
fn an_expression_alone_is_read() {
    for text in [
        "1",
        " 1 ",
        "\n\n1\n\n",
        "/* a */ 1 // b\n// c\n",
        "x.y[0](1, \"a\")",
        "{a = 1, b = [2]}",
        "[\n1,\n]",
        "-1 + 2 ^ 3",
    ] {
        let parsed = parse_expression(text);
        assert_eq!(parsed.errors, [], "{text:?}");
        assert!(!matches!(parsed.expr().kind(), ExprKind::Missing), "{text:?}");
        assert_eq!(parsed.text(), text);
    }
    let parsed = parse_expression("1 + x.y");
    let ExprKind::Binary { op, left, right } = parsed.expr().kind() else { panic!("no sum") };
    assert_eq!((op, left.as_i64(), right.text()), (TokenKind::Add, Some(1), "x.y"));
    assert_eq!(parsed.expr().range(), 0..7);
}

#[test]
fn what_is_no_expression_has_errors() {
    for text in [
        "",
        "\n",
        "// x",
        "1 2",
        "1\n2",
        "a = 1",
        "a {\n}",
        "a \"l\" {}",
        "[1",
        "(",
        ")",
        "}",
        "1,",
        "\"x",
        "'x'",
        "\0",
        ";",
    ] {
        let parsed = parse_expression(text);
        assert!(!parsed.errors.is_empty(), "{text:?}");
        for error in &parsed.errors {
            assert!(text.get(error.range.start as usize..error.range.end as usize).is_some(), "{text:?}: {error:?}");
        }
        // Asking for it is safe all the same.
        parsed.expr().descendants().for_each(drop);
    }
    let said = &parse_expression("1\nb = 2").errors;
    assert_eq!(
        said.iter().map(|error| &*error.message).collect::<Vec<_>>(),
        ["expected nothing after the expression, found a name"]
    );
}
