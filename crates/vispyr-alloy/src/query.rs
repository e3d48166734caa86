//! Questions that a checker asks of a tree.

use std::borrow::Cow;
use std::ops::Range;

use crate::token::TokenKind;
use crate::tree::{ExprData, ExprNode, File, Id};
use crate::view::{Block, Body, Expr, ExprKind, Ident, Literal, joined};

impl File {
    /// All blocks at any depth, each before the blocks inside it, in the order of the text.
    pub fn all_blocks(&self) -> Vec<Block<'_>> {
        self.body().descendant_blocks()
    }
}

impl<'a> Body<'a> {
    /// All blocks at any depth, each before the blocks inside it, in the order of the text.
    pub fn descendant_blocks(&self) -> Vec<Block<'a>> {
        let mut found = Vec::new();
        let mut waiting: Vec<Block<'a>> = self.all_blocks().rev().collect();
        while let Some(block) = waiting.pop() {
            found.push(block);
            waiting.extend(block.body().all_blocks().rev());
        }
        found
    }
}

/// A name or a chain of names joined by dots, such as `prometheus.remote_write.default.receiver`.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'a> {
    file: &'a File,
    /// The node of the first name; those up to `last` each add one.
    first: Id,
    last: Id,
    is_call: bool,
}

impl<'a> Reference<'a> {
    /// The names in order; never empty.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = Ident<'a>> + ExactSizeIterator + Clone + use<'a> {
        let file = self.file;
        (self.first..self.last + 1).map(move |id| {
            let node = file.expr(id);
            Ident::new(file, if let ExprData::Access { name, .. } = node.data { name } else { node.span })
        })
    }

    /// The names joined by dots.
    pub fn path(&self) -> Cow<'a, str> {
        joined(self.expr().text(), self.segments())
    }

    /// The bytes of the whole chain.
    pub fn range(&self) -> Range<u32> {
        self.expr().range()
    }

    /// The chain as an expression.
    pub fn expr(&self) -> Expr<'a> {
        Expr::new(self.file, self.last)
    }

    /// Whether it names a function that is called: `sys.env("X")`.
    pub fn is_call(&self) -> bool {
        self.is_call
    }
}

/// A call of `sys.env` or `env` with one literal argument.
#[derive(Debug, Clone, Copy)]
pub struct EnvCall<'a> {
    /// The name of the variable.
    pub variable: Literal<'a>,
    /// The call.
    pub call: Expr<'a>,
}

impl<'a> Expr<'a> {
    /// The expression without parentheses around it.
    pub fn unparen(self) -> Self {
        let Self { file, mut id } = self;
        while let Some(ExprNode { data: ExprData::Paren { inner }, .. }) = file.exprs.get(id as usize) {
            id = *inner;
        }
        Self { file, id }
    }

    /// This expression and all below it, each after those below it.
    pub fn descendants(&self) -> impl DoubleEndedIterator<Item = Expr<'a>> + ExactSizeIterator + use<'a> {
        let Self { file, id } = *self;
        // Ids stay far below `u32::MAX`, and `Range` knows its length where `RangeInclusive` does not.
        (file.expr(id).first..id + 1).map(move |id| Expr::new(file, id))
    }

    /// The literal, if the expression is a string and nothing more.
    pub fn as_literal(&self) -> Option<Literal<'a>> {
        match self.unparen().kind() {
            ExprKind::String(literal) => Some(literal),
            _ => None,
        }
    }

    /// The value, if the expression is a string and nothing more.
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        Some(self.as_literal()?.value())
    }

    /// The value, if the expression is a boolean and nothing more.
    pub fn as_bool(&self) -> Option<bool> {
        match self.unparen().kind() {
            ExprKind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The value, if the expression is a whole number, perhaps with a minus before it. As in Alloy a leading `0` makes
    /// the number octal.
    pub fn as_i64(&self) -> Option<i64> {
        let (minus, number) = self.signed();
        let ExprKind::Number(text) = number.kind() else { return None };
        // Parsed together with its sign, because the least number has no positive counterpart.
        let text = if minus { Cow::Owned(format!("-{text}")) } else { Cow::Borrowed(text) };
        let digits = text.trim_start_matches('-');
        let base = if digits.len() > 1 && digits.starts_with('0') { 8 } else { 10 };
        i64::from_str_radix(&text, base).ok()
    }

    /// The value, if the expression is a number, perhaps with a minus before it.
    pub fn as_f64(&self) -> Option<f64> {
        if let Some(value) = self.as_i64() {
            return Some(value as f64);
        }
        let (minus, number) = self.signed();
        let (ExprKind::Number(text) | ExprKind::Float(text)) = number.kind() else { return None };
        let value: f64 = text.parse().ok()?;
        Some(if minus { -value } else { value })
    }

    fn signed(&self) -> (bool, Self) {
        let expr = self.unparen();
        match expr.kind() {
            ExprKind::Unary { op: TokenKind::Sub, operand } => (true, operand.unparen()),
            _ => (false, expr),
        }
    }

    /// The chain of names, if the expression is one and nothing more.
    pub fn as_reference(&self) -> Option<Reference<'a>> {
        let Self { file, id: last } = self.unparen();
        let mut first = last;
        while let ExprData::Access { value, .. } = file.expr(first).data {
            first = value;
        }
        let is_name = matches!(file.expr(first).data, ExprData::Ident);
        is_name.then_some(Reference { file, first, last, is_call: false })
    }

    /// All chains of names in the expression, the longest at each place, in the order of the text. Where a chain goes on
    /// after an index or a call (`a.b[0].c`), what comes before that is listed.
    pub fn references(&self) -> Vec<Reference<'a>> {
        let file = self.file;
        let mut callees: Vec<Id> = self
            .descendants()
            .filter_map(|expr| match file.expr(expr.id).data {
                ExprData::Call { callee, .. } => Some(callee),
                _ => None,
            })
            .collect();
        callees.sort_unstable();
        let mut found = Vec::new();
        for expr in self.descendants() {
            if !matches!(file.expr(expr.id).data, ExprData::Ident) {
                continue;
            }
            let mut last = expr.id;
            while last < self.id && matches!(file.expr(last + 1).data, ExprData::Access { value, .. } if value == last)
            {
                last += 1;
            }
            let is_call = callees.binary_search(&last).is_ok();
            found.push(Reference { file, first: expr.id, last, is_call });
        }
        found
    }

    /// The variable that is read, if the expression is a call of `sys.env` (`env` before 1.4) and nothing more.
    pub fn as_env_call(&self) -> Option<EnvCall<'a>> {
        let call = self.unparen();
        let ExprKind::Call { callee, args } = call.kind() else { return None };
        let function = callee.as_reference()?;
        if !matches!(&*function.path(), "sys.env" | "env") || args.len() != 1 {
            return None;
        }
        Some(EnvCall { variable: args.get(0)?.as_literal()?, call })
    }

    /// All calls of `sys.env` and `env` in the expression that name their variable literally.
    pub fn env_calls(&self) -> Vec<EnvCall<'a>> {
        self.descendants()
            .filter(|expr| matches!(expr.kind(), ExprKind::Call { .. }))
            .filter_map(|expr| expr.as_env_call())
            .collect()
    }
}
