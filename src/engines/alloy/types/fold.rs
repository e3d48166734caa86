//! Texts that are made of nothing but literals: what they are worth is known before anything runs
//! (grafana/alloy syntax/vm/vm.go `evaluateExpr`, op_binary.go, syntax/internal/stdlib/stdlib.go@v1.0.0, @v1.19.0-rc.3).

use std::borrow::Cow;

use vispyr_alloy::{Expr, ExprKind, Exprs, TokenKind};

/// Expressions are followed so deep.
const DEPTH: u8 = 16;

/// Longer texts are not made.
const LONGEST: usize = 4096;

/// The text that an expression is worth, when it is made of literals alone.
pub(in crate::engines::alloy) fn fold<'a>(expr: Expr<'a>) -> Option<Cow<'a, str>> {
    text(expr, DEPTH)
}

fn text<'a>(expr: Expr<'a>, depth: u8) -> Option<Cow<'a, str>> {
    let depth = depth.checked_sub(1)?;
    let expr = expr.unparen();
    match expr.kind() {
        ExprKind::String(literal) => Some(literal.value()),
        ExprKind::Binary { op: TokenKind::Add, left, right } => {
            // A long sum leans to the left.
            let (left, right) = (text(left, depth)?, text(right, depth)?);
            bounded(left.into_owned() + &right)
        }
        ExprKind::Index { .. } | ExprKind::Access { .. } => text(part(expr)?, depth),
        ExprKind::Call { callee, args } => call(&callee.as_reference()?.path(), args, depth),
        _ => None,
    }
}

fn bounded<'a>(text: String) -> Option<Cow<'a, str>> {
    (text.len() <= LONGEST).then_some(Cow::Owned(text))
}

/// The element of a list or object as it is written that an index or key names.
pub(in crate::engines::alloy) fn part<'a>(expr: Expr<'a>) -> Option<Expr<'a>> {
    match expr.unparen().kind() {
        ExprKind::Index { value, index } => match value.unparen().kind() {
            ExprKind::Array(items) => items.get(usize::try_from(index.as_i64()?).ok()?),
            ExprKind::Object(fields) => fields.get(&index.as_str()?),
            _ => None,
        },
        ExprKind::Access { value, name } => match value.unparen().kind() {
            ExprKind::Object(fields) => fields.get(name.name()),
            _ => None,
        },
        _ => None,
    }
}

fn call<'a>(name: &str, args: Exprs<'a>, depth: u8) -> Option<Cow<'a, str>> {
    let arg = |at: usize| text(args.get(at)?, depth);
    match (name, args.len()) {
        ("coalesce", 1..) => {
            let mut last = None;
            for arg in args.iter() {
                if matches!(arg.unparen().kind(), ExprKind::Null) {
                    last = None;
                    continue;
                }
                let text = text(arg, depth)?;
                if !text.is_empty() {
                    return Some(text);
                }
                last = Some(text);
            }
            last
        }
        ("string.format" | "format", 1..) => format(&arg(0)?, args, depth),
        ("string.to_lower" | "to_lower", 1) => {
            let text = arg(0).filter(|text| text.is_ascii())?;
            Some(text.to_ascii_lowercase().into())
        }
        ("string.to_upper" | "to_upper", 1) => {
            let text = arg(0).filter(|text| text.is_ascii())?;
            Some(text.to_ascii_uppercase().into())
        }
        ("string.trim_space" | "trim_space", 1) => Some(arg(0)?.trim().to_owned().into()),
        ("string.trim_prefix" | "trim_prefix", 2) => {
            let (text, prefix) = (arg(0)?, arg(1)?);
            Some(text.strip_prefix(&*prefix).unwrap_or(&text).to_owned().into())
        }
        ("string.trim_suffix" | "trim_suffix", 2) => {
            let (text, suffix) = (arg(0)?, arg(1)?);
            Some(text.strip_suffix(&*suffix).unwrap_or(&text).to_owned().into())
        }
        ("string.replace" | "replace", 3) => {
            let (text, from, to) = (arg(0)?, arg(1)?, arg(2)?);
            let fits = !from.is_empty() && text.len() * to.len().max(1) <= LONGEST;
            fits.then(|| text.replace(&*from, &to).into())
        }
        ("string.join" | "join", 2) => {
            let ExprKind::Array(items) = args.get(0)?.unparen().kind() else { return None };
            let mut all = String::new();
            let separator = arg(1)?;
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    all.push_str(&separator);
                }
                all.push_str(&text(item, depth)?);
                if all.len() > LONGEST {
                    return None;
                }
            }
            Some(all.into())
        }
        _ => None,
    }
}

/// `fmt.Sprintf` of texts: other verbs than `%s`, `%v` and `%%` are not followed.
fn format<'a>(pattern: &str, args: Exprs<'a>, depth: u8) -> Option<Cow<'a, str>> {
    let mut out = String::new();
    let mut rest = pattern;
    let mut at = 1;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let verb = after.chars().next()?;
        rest = &after[verb.len_utf8()..];
        match verb {
            '%' => out.push('%'),
            's' | 'v' => {
                match args.get(at) {
                    Some(arg) => out.push_str(&text(arg, depth)?),
                    None => {
                        out.push_str("%!");
                        out.push(verb);
                        out.push_str("(MISSING)");
                    }
                }
                at += 1;
            }
            _ => return None,
        }
    }
    out.push_str(rest);
    // What is not used is appended in a way of its own.
    if at < args.len() { None } else { bounded(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(expr: &str) -> Option<String> {
        let text = format!("a = {expr}");
        let parse = vispyr_alloy::parse(&text);
        assert!(parse.errors.is_empty(), "{expr}");
        let attribute = parse.file.body().attr("a").unwrap();
        fold(attribute.value()).map(Cow::into_owned)
    }

    #[test]
    fn literals_are_folded() {
        for (expr, text) in [
            (r#""15" + "s""#, "15s"),
            (r#"("a" + "b") + "c""#, "abc"),
            (r#"["foo", "bar"][1]"#, "bar"),
            (r#"{a = "x"}.a"#, "x"),
            (r#"{"a" = "x"}["a"]"#, "x"),
            (r#"coalesce("", "15")"#, "15"),
            (r#"coalesce(null, "")"#, ""),
            (r#"string.format("%s-%v%%", "a", "b")"#, "a-b%"),
            (r#"string.format("%s%s", "info")"#, "info%!s(MISSING)"),
            (r#"string.to_upper("info")"#, "INFO"),
            (r#"string.join(["a", "b"], ",")"#, "a,b"),
            (r#"string.replace("a.b", ".", "_")"#, "a_b"),
            (r#"string.trim_suffix("a.b", ".b")"#, "a"),
            (r#"string.trim_prefix(" a", " ")"#, "a"),
            (r#"trim_space(" a ")"#, "a"),
        ] {
            assert_eq!(folded(expr).as_deref(), Some(text), "{expr}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_folded() {
        for expr in [
            "1",
            r#""a" + b.c.d"#,
            r#"coalesce(sys.env("A"), "b")"#,
            r#"coalesce(null, "", null)"#,
            r#"string.format("%d", 1)"#,
            r#"string.format("a", "b")"#,
            r#"["a"][1]"#,
            r#"["a"][-1]"#,
            r#"{a = "x"}.b"#,
            r#"string.to_upper("é")"#,
            r#"string.trim("xax", "x")"#,
        ] {
            assert_eq!(folded(expr), None, "{expr}");
        }
        let deep = format!("{}\"a\"{}", "(".repeat(200), ")".repeat(200));
        assert_eq!(folded(&deep).as_deref(), Some("a"));
        assert_eq!(folded(&["\"a\""; 500].join(" + ")), None);
    }
}
