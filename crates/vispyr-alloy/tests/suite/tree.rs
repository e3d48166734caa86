//! What the tree holds and where.

use vispyr_alloy::{Expr, ExprKind, TokenKind, parse};

/// The expression with every operator's operands in parentheses.
fn shape(expr: Expr<'_>) -> String {
    match expr.kind() {
        ExprKind::Unary { op, operand } => format!("({}{})", op.symbol(), shape(operand)),
        ExprKind::Binary { op, left, right } => format!("({} {} {})", shape(left), op.symbol(), shape(right)),
        ExprKind::Paren(inner) => format!("<{}>", shape(inner)),
        ExprKind::Access { value, name } => format!("({}.{})", shape(value), name.name()),
        ExprKind::Index { value, index } => format!("({}[{}])", shape(value), shape(index)),
        ExprKind::Call { callee, args } => {
            format!("{}({})", shape(callee), args.iter().map(shape).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Array(items) => format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(", ")),
        ExprKind::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|field| format!("{}={}", field.name(), shape(field.value()))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        _ => expr.text().to_owned(),
    }
}

#[track_caller]
fn check(expr: &str, expected: &str) {
    let text = format!("a = {expr}\n");
    let parsed = parse(&text);
    assert_eq!(parsed.errors, []);
    let value = parsed.file.body().attr("a").unwrap().value();
    assert_eq!(value.text(), expr);
    assert_eq!(shape(value), expected);
}

#[test]
fn operators_bind_as_in_the_language() {
    check("1 + 2 * 3", "(1 + (2 * 3))");
    check("1 - 2 - 3", "((1 - 2) - 3)");
    check("2 ^ 3 ^ 4", "(2 ^ (3 ^ 4))");
    check("-2 ^ 3", "((-2) ^ 3)");
    check("2 ^ -3 ^ 4", "(2 ^ ((-3) ^ 4))");
    check("a || b && c == d < e + f * g ^ h", "(a || (b && ((c == d) < (e + (f * (g ^ h))))))");
    check("(1 + 2) * 3", "(<(1 + 2)> * 3)");
    check("!-x.y", "(!(-(x.y)))");
    check("a * b + c", "((a * b) + c)");
}

#[test]
fn postfixes_apply_from_the_left() {
    check("a.b[0](1, x.y).c", "(((a.b)[0])(1, (x.y)).c)");
    check("[1, [2], {a = 3, \"b c\" = [4]}]", "[1, [2], {a=3, b c=[4]}]");
}

#[test]
fn blocks_have_names_labels_and_places() {
    let text = "otelcol . exporter.otlp \"x\" {\n\tclient { endpoint = \"e\" }\n}\na {}\n";
    let file = parse(text).file;
    let block = file.body().all_blocks().next().unwrap();
    assert_eq!(block.name(), "otelcol.exporter.otlp");
    assert_eq!(block.segments().map(|segment| segment.name()).collect::<Vec<_>>(), ["otelcol", "exporter", "otlp"]);
    let label = block.label().unwrap();
    assert_eq!((label.name(), &text[label.range().start as usize..label.range().end as usize]), ("x", "x"));
    let at = |range: std::ops::Range<u32>| &text[range.start as usize..range.end as usize];
    assert_eq!(at(block.name_range()), "otelcol . exporter.otlp");
    assert_eq!(at(block.header_range()), "otelcol . exporter.otlp \"x\"");
    assert_eq!(at(block.body().range()), "\n\tclient { endpoint = \"e\" }\n");
    assert!(at(block.range()).ends_with("}\n}"));
    let client = block.body().block("client").unwrap();
    let endpoint = client.body().attr("endpoint").unwrap();
    assert_eq!(at(endpoint.range()), "endpoint = \"e\"");
    assert_eq!(at(endpoint.name().range()), "endpoint");
    let last = file.body().block("a").unwrap();
    assert!(last.label().is_none() && last.body().is_empty() && last.body().range().is_empty());
    let names: Vec<_> = file.all_blocks().iter().map(|block| block.name().into_owned()).collect();
    assert_eq!(names, ["otelcol.exporter.otlp", "client", "a"]);
}

#[test]
fn comments_are_kept() {
    let text = "// one\r\na = 1 /* two\r\n */\n";
    let file = parse(text).file;
    let comments: Vec<_> = file.comments().collect();
    assert_eq!(comments.iter().map(|c| c.text()).collect::<Vec<_>>(), ["// one", "/* two\n */"]);
    assert_eq!(comments.iter().map(|c| c.content()).collect::<Vec<_>>(), ["one", "two"]);
    assert!(!comments[0].is_block() && comments[1].is_block());
    assert_eq!(file.text(), text);
}

#[test]
fn the_last_field_of_a_name_counts() {
    let file = parse("a = { b = 1, \"b\" = 2, \"x\\ny\" = 3 }").file;
    let ExprKind::Object(fields) = file.body().attr("a").unwrap().value().kind() else { panic!("no object") };
    assert_eq!(fields.get("b").unwrap().as_i64(), Some(2));
    assert_eq!(fields.get("x\\ny").unwrap().as_i64(), Some(3));
    assert_eq!(fields.len(), 3);
}

#[test]
fn operators_have_kinds() {
    let file = parse("a = 1 >= 2").file;
    let kind = file.body().attr("a").unwrap().value().kind();
    assert!(matches!(kind, ExprKind::Binary { op: TokenKind::Gte, .. }));
}
