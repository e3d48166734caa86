//! What texts and conditions are worth in the process of a service: those that are written out, and what is put together with the values of
//! its variables (grafana/alloy syntax/vm/op_binary.go@v1.0.0, syntax/internal/stdlib/stdlib.go@v1.0.0, @v1.18.1).

use vispyr_alloy::{Block, Expr, ExprKind, TokenKind};

use crate::address::{Joined, Written};
use crate::engines::alloy::rules::env_unset::is_present;
use crate::engines::alloy::types::fold;
use crate::source::{SourceId, Span};
use crate::tree::Service;

/// Expressions are followed so deep.
const DEPTH: u8 = 16;

/// Who evaluates, and where it is written.
#[derive(Clone, Copy)]
pub(super) struct Evaluator<'a> {
    /// Whose variables are read; `None` = they are not known.
    pub(super) service: Option<&'a Service>,
    /// The file.
    pub(super) source: SourceId,
    /// What gives arguments, and its file.
    pub(super) given: Option<(Block<'a>, SourceId)>,
}

impl<'a> Evaluator<'a> {
    /// The text of an expression; `None` = it hangs on something unknown.
    pub(super) fn text(self, expr: Expr<'a>) -> Option<Written<'a>> {
        match expr.as_literal() {
            Some(literal) => Some(Written::Alloy(literal.decode(), self.source)),
            None => self.joined(expr, DEPTH).map(Written::Joined),
        }
    }

    /// Whether a condition holds: one that is written out, or that compares texts; `None` = not known.
    pub(super) fn truth(self, expr: Expr<'a>) -> Option<bool> {
        self.holds(expr, DEPTH)
    }

    fn holds(self, expr: Expr<'a>, depth: u8) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        let expr = expr.unparen();
        match expr.kind() {
            ExprKind::Unary { op: TokenKind::Not, operand } => Some(!self.holds(operand, depth)?),
            ExprKind::Binary { op: op @ (TokenKind::Eq | TokenKind::Neq), left, right } => {
                let same = self.joined(left, depth)?.text() == self.joined(right, depth)?.text();
                Some(same == (op == TokenKind::Eq))
            }
            _ => expr.as_bool(),
        }
    }

    fn span(self, expr: Expr<'_>) -> Span {
        let range = expr.range();
        Span { source: self.source, start: range.start, end: range.end }
    }

    /// As [`Self::text`], with the places of all that it is made of.
    fn joined(self, expr: Expr<'a>, depth: u8) -> Option<Joined> {
        let depth = depth.checked_sub(1)?;
        let expr = expr.unparen();
        let mut joined = Joined::new(self.span(expr));
        if let Some(call) = expr.as_env_call() {
            let service = self.service.filter(|s| !s.environment_open)?;
            let name = call.variable.value();
            match service.env(&name) {
                Some(variable) => joined.push(variable.value.as_deref()?, variable.span)?,
                // A shell may set what it likes, and so may an image.
                None if service.build || service.args().is_none() || is_present(&name) => return None,
                None => joined.push("", joined.whole())?,
            }
            return Some(joined);
        }
        if let Some((block, source)) = self.given
            && let Some(reference) = expr.as_reference()
            && let Some(name) = reference.path().strip_prefix("argument.").and_then(|rest| rest.strip_suffix(".value"))
        {
            let outer = Self { source, given: None, ..self };
            return outer.joined(block.body().attr(name)?.value(), depth);
        }
        match expr.kind() {
            ExprKind::String(literal) => {
                let text = Written::Alloy(literal.decode(), self.source);
                joined.push(text.value(), text.whole())?;
            }
            ExprKind::Binary { op: TokenKind::Add, left, right } => {
                joined.append(&self.joined(left, depth)?)?;
                joined.append(&self.joined(right, depth)?)?;
            }
            ExprKind::Call { callee, args } => match (&*callee.as_reference()?.path(), args.len()) {
                ("convert.nonsensitive" | "nonsensitive", 1) => joined.append(&self.joined(args.get(0)?, depth)?)?,
                // The first that is not empty, else the last.
                ("coalesce", 1..) => {
                    let mut last = None;
                    for arg in args.iter() {
                        let text = self.joined(arg, depth)?;
                        let found = !text.text().is_empty();
                        last = Some(text);
                        if found {
                            break;
                        }
                    }
                    joined.append(&last?)?;
                }
                ("string.format" | "format", 2..) => {
                    let pattern = args.get(0)?;
                    let (text, place) = (fold(pattern)?, self.span(pattern));
                    let mut parts = text.split("%s");
                    joined.push(parts.next().filter(|p| !p.contains('%'))?, place)?;
                    let mut values = args.iter().skip(1);
                    for part in parts {
                        joined.append(&self.joined(values.next()?, depth)?)?;
                        joined.push(Some(part).filter(|p| !p.contains('%'))?, place)?;
                    }
                    values.next().is_none().then_some(())?;
                }
                _ => joined.push(&fold(expr)?, self.span(expr))?,
            },
            _ => joined.push(&fold(expr)?, self.span(expr))?,
        }
        Some(joined)
    }
}
