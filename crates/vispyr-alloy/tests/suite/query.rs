//! What a checker asks.

use vispyr_alloy::{Expr, parse};

fn with<T>(expr: &str, ask: impl FnOnce(Expr<'_>) -> T) -> T {
    let parsed = parse(&format!("a = {expr}\n"));
    assert_eq!(parsed.errors, []);
    ask(parsed.file.body().attr("a").unwrap().value())
}

#[test]
fn references_are_the_longest_chains() {
    let text = "concat(prometheus.scrape.x.targets, [loki.write . y.receiver], z[q.w].e, f().g, (h).i, {k = l.m}, !n)";
    with(text, |expr| {
        let found: Vec<_> = expr.references().iter().map(|r| (r.path().into_owned(), r.is_call())).collect();
        let expected = [
            ("concat", true),
            ("prometheus.scrape.x.targets", false),
            ("loki.write.y.receiver", false),
            ("z", false),
            ("q.w", false),
            ("f", true),
            ("h", false),
            ("l.m", false),
            ("n", false),
        ];
        assert_eq!(found, expected.map(|(path, call)| (path.to_owned(), call)));
        let second = expr.references()[1];
        let range = second.range();
        assert_eq!(&text[range.start as usize - 4..range.end as usize - 4], "prometheus.scrape.x.targets");
        let last = second.segments().last().unwrap();
        assert_eq!(last.name(), "targets");
        assert_eq!(&text[last.range().start as usize - 4..last.range().end as usize - 4], "targets");
        assert_eq!(second.segments().len(), 4);
    });
}

#[test]
fn a_part_of_an_expression_has_its_own_references() {
    with("[a.b, c.d]", |expr| {
        let vispyr_alloy::ExprKind::Array(items) = expr.kind() else { panic!("no array") };
        let second = items.get(1).unwrap();
        assert_eq!(second.references().len(), 1);
        assert_eq!(second.as_reference().unwrap().path(), "c.d");
    });
    assert!(with("a.b[0]", |expr| expr.as_reference().is_none()));
    assert!(with("\"x\".b", |expr| expr.as_reference().is_none()));
    assert_eq!(with("(a.b)", |expr| expr.as_reference().map(|r| r.path().into_owned())).as_deref(), Some("a.b"));
}

#[test]
fn literals_have_values() {
    assert_eq!(with("\"a\\n\"", |e| e.as_str().map(|s| s.into_owned())).as_deref(), Some("a\n"));
    assert_eq!(with("(`a`)", |e| e.as_str().map(|s| s.into_owned())).as_deref(), Some("a"));
    assert!(with("\"a\" + \"b\"", |e| e.as_str().is_none()));
    assert_eq!(with("true", |e| e.as_bool()), Some(true));
    assert_eq!(with("-12", |e| e.as_i64()), Some(-12));
    assert_eq!(with("-9223372036854775808", |e| e.as_i64()), Some(i64::MIN));
    assert_eq!(with("010", |e| e.as_i64()), Some(8));
    assert_eq!(with("08", |e| (e.as_i64(), e.as_f64())), (None, Some(8.0)));
    assert_eq!(with("99999999999999999999", |e| (e.as_i64(), e.as_f64())), (None, Some(1e20)));
    assert_eq!(with("-.5e1", |e| (e.as_i64(), e.as_f64())), (None, Some(-5.0)));
    assert_eq!(with("null", |e| (e.as_bool(), e.as_i64(), e.as_f64())), (None, None, None));
}

#[test]
fn environment_variables_are_found() {
    with("\"x\" + sys.env(\"HOST\") + env(`PORT`) + sys.env(a) + sys.env(\"B\", 1) + f(\"C\")", |expr| {
        let calls = expr.env_calls();
        let names: Vec<_> = calls.iter().map(|call| call.variable.value().into_owned()).collect();
        assert_eq!(names, ["HOST", "PORT"]);
        assert_eq!(calls[0].call.text(), "sys.env(\"HOST\")");
        assert!(expr.as_env_call().is_none());
    });
}
