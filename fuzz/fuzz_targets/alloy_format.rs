//! What is formatted says what it said before, and so does what is formatted again, but for the known faults of the
//! engine's printer, whose bytes are ours too.
#![no_main]

use std::fmt::Write as _;

use libfuzzer_sys::fuzz_target;
use vispyr_alloy::{Body, ExprKind, File, Stmt, format, parse};

/// Statements, values and comments without their layout.
fn content(file: &File) -> String {
    let mut out = String::new();
    let mut waiting: Vec<(usize, Stmt<'_>)> = stmts(0, file.body());
    while let Some((depth, stmt)) = waiting.pop() {
        match stmt {
            Stmt::Block(block) => {
                let label = block.label().map(|label| label.name().to_owned());
                writeln!(out, "{depth} {} {label:?}", block.name()).expect("a string takes everything");
                waiting.extend(stmts(depth + 1, block.body()));
            }
            Stmt::Attribute(attribute) => {
                write!(out, "{depth} {} =", attribute.name().name()).expect("a string takes everything");
                for expr in attribute.value().descendants() {
                    let said = match expr.kind() {
                        ExprKind::Null
                        | ExprKind::Bool(_)
                        | ExprKind::Number(_)
                        | ExprKind::Float(_)
                        | ExprKind::Ident(_) => expr.text().to_owned(),
                        // Blanks in strings are aligned with the rest.
                        ExprKind::String(literal) => blank_free(literal.raw()),
                        ExprKind::Access { name, .. } => format!(".{}", name.name()),
                        ExprKind::Index { .. } => "[]".to_owned(),
                        ExprKind::Call { args, .. } => format!("({})", args.len()),
                        ExprKind::Array(items) => format!("[{}]", items.len()),
                        // Names are left out: escapes in them are escaped once more.
                        ExprKind::Object(fields) => format!("{{{}}}", fields.len()),
                        ExprKind::Unary { op, .. } => op.symbol().to_owned(),
                        ExprKind::Binary { op, .. } => format!("2{}", op.symbol()),
                        ExprKind::Paren(_) => "paren".to_owned(),
                        ExprKind::Missing => "missing".to_owned(),
                    };
                    write!(out, " {said}").expect("a string takes everything");
                }
                out.push('\n');
            }
        }
    }
    for comment in file.comments() {
        writeln!(out, "{}", blank_free(&comment.text())).expect("a string takes everything");
    }
    out
}

fn stmts(depth: usize, body: Body<'_>) -> Vec<(usize, Stmt<'_>)> {
    body.stmts().rev().map(|stmt| (depth, stmt)).collect()
}

fn blank_free(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether a name in quotes shows it as it is.
fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() || matches!(c, ' ' | '\n')
}

/// A name in quotes that grows by its escapes lets the printer lose its place, so that comments land between words; a call
/// without arguments over several lines gets a lone comma, which is no Alloy.
fn is_spoilt(file: &File) -> bool {
    let bodies = std::iter::once(file.body()).chain(file.all_blocks().into_iter().map(|block| block.body()));
    bodies.flat_map(|body| body.attrs().collect::<Vec<_>>()).flat_map(|attribute| attribute.value().descendants()).any(
        |expr| match expr.kind() {
            ExprKind::Call { args, .. } => args.is_empty() && expr.text().contains('\n'),
            ExprKind::Object(fields) => {
                fields.iter().any(|field| field.name().contains(['\\', '"']) || !field.name().chars().all(is_plain))
            }
            _ => false,
        },
    )
}

fuzz_target!(|text: &str| {
    let Ok(once) = format(text) else { return };
    // The printer takes a form feed for a line end of its own making, wherever it stands.
    if text.contains('\x0c') {
        return;
    }
    let before = parse(text);
    if is_spoilt(&before.file) {
        return;
    }
    let after = parse(&once);
    assert!(after.errors.is_empty(), "{:?}", after.errors);
    assert_eq!(content(&before.file), content(&after.file));
    let Ok(twice) = format(&once) else { panic!("{once:?} is not formatted") };
    // A second turn may move comments and align what the first has put on one line, as the engine's does; what is said stays.
    assert_eq!(content(&after.file), content(&parse(&twice).file));
    if before.file.comments().len() == 0 && !text.contains(['`', '\\']) && text.chars().all(is_plain) {
        assert_eq!(blank_free(&twice), blank_free(&once));
    }
});
