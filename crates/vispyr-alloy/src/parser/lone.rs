//! A single expression, as it stands in a field of something else.

use super::{Frame, Parser, Step, TOO_LARGE};
use crate::error::SyntaxError;
use crate::span::Span;
use crate::tree::{File, Id, NOTHING, StmtNode};
use crate::view::Expr;

/// A parsed expression and what is wrong with its text.
#[derive(Debug, Clone)]
pub struct Expression {
    file: File,
    value: Id,
    /// Empty if and only if the text is one expression of the language.
    pub errors: Vec<SyntaxError>,
}

impl Expression {
    /// The expression; [`ExprKind::Missing`](crate::ExprKind::Missing) where none was found.
    pub fn expr(&self) -> Expr<'_> {
        Expr::new(&self.file, self.value)
    }

    /// The text that was parsed.
    pub fn text(&self) -> &str {
        self.file.text()
    }
}

/// Parses a text that is one expression, with comments and line ends around it at most. Never fails, as
/// [`parse`](crate::parse()).
///
/// Upstream's `ParseExpression` stops at the first line end after the expression and does not look at what follows; here
/// something that follows is an error.
///
/// ```
/// let parsed = vispyr_alloy::parse_expression("concat([1, 2], argument.targets.value)");
/// assert!(parsed.errors.is_empty());
/// let names: Vec<_> = parsed.expr().references().iter().map(|name| name.path().into_owned()).collect();
/// assert_eq!(names, ["concat", "argument.targets.value"]);
/// assert_eq!(vispyr_alloy::parse_expression("1 2").errors.len(), 1);
/// ```
pub fn parse_expression(text: &str) -> Expression {
    let text = text.into();
    let Some(mut parser) = Parser::new(&text) else {
        let mut file = File::new("".into());
        file.exprs.push(NOTHING);
        return Expression { file, value: 0, errors: vec![SyntaxError::whole(TOO_LARGE)] };
    };
    parser.lone = true;
    parser.next();
    parser.frames.push(Frame::Attribute { name: Span::new(0, 0), items: 0, fields: 0 });
    parser.run(Step::Operand);
    // It ends as the value of an attribute without a name.
    let value = match parser.file.stmts.first() {
        Some(&StmtNode::Attribute { value, .. }) => value,
        _ => parser.missing(),
    };
    Expression { file: parser.file, value, errors: parser.errors.finish() }
}
