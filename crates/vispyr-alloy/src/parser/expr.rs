//! Expressions.

use super::{Frame, Parser, Step};
use crate::error::Fault;
use crate::span::Span;
use crate::token::TokenKind;
use crate::tree::{ExprData, FieldNode, Id, List};

impl Parser<'_> {
    pub(super) fn operand(&mut self) -> Step {
        let span = self.span();
        let saved = self.min_precedence;
        let data = match self.token.kind {
            op @ (TokenKind::Not | TokenKind::Sub) => {
                self.next();
                self.frames.push(Frame::Unary { op, at: span.start });
                return Step::Operand;
            }
            TokenKind::Ident => ExprData::Ident,
            TokenKind::String => ExprData::String,
            TokenKind::Number => ExprData::Number,
            TokenKind::Float => ExprData::Float,
            TokenKind::Bool => ExprData::Bool,
            TokenKind::Null => ExprData::Null,
            // In single quotes: the lexer has complained.
            TokenKind::Illegal if span.of(self.text).starts_with('\'') => ExprData::Missing,
            TokenKind::LParen => {
                self.next();
                self.frames.push(Frame::Paren { open: span.start, saved });
                return self.expression();
            }
            TokenKind::LBrack => {
                self.next();
                self.frames.push(Frame::Array { open: span.start, items: self.open_exprs.len(), saved });
                return Step::Item;
            }
            TokenKind::LCurly => {
                self.next();
                let fields = self.open_fields.len();
                self.frames.push(Frame::Object { open: span.start, fields, name: span, saved });
                return Step::Item;
            }
            found => {
                if let Some(span) = self.placeholder() {
                    self.pass_placeholder(span);
                    return Step::Postfix(self.missing());
                }
                self.unexpected("a value");
                return match found {
                    TokenKind::Terminator
                    | TokenKind::Comma
                    | TokenKind::RParen
                    | TokenKind::RBrack
                    | TokenKind::RCurly
                    | TokenKind::Eof => Step::Postfix(self.missing()),
                    _ => self.abandon(),
                };
            }
        };
        self.next();
        Step::Postfix(self.push(span, None, data))
    }

    /// Begins an expression inside brackets.
    fn expression(&mut self) -> Step {
        self.min_precedence = 1;
        Step::Operand
    }

    pub(super) fn postfix(&mut self, value: Id) -> Step {
        let open = self.token.start;
        let saved = self.min_precedence;
        match self.token.kind {
            TokenKind::Dot => {
                self.next();
                if !self.at(TokenKind::Ident) {
                    self.unexpected("a name after `.`");
                    return self.abandon();
                }
                let name = self.span();
                self.next();
                let span = Span::new(self.start(value), name.end);
                Step::Postfix(self.push(span, Some(self.first(value)), ExprData::Access { value, name }))
            }
            TokenKind::LBrack => {
                self.next();
                self.frames.push(Frame::Index { value, open, saved });
                self.expression()
            }
            TokenKind::LParen => {
                self.next();
                self.frames.push(Frame::Call { callee: value, open, items: self.open_exprs.len(), saved });
                Step::Item
            }
            TokenKind::String | TokenKind::LCurly if matches!(self.frames.last(), Some(Frame::Attribute { .. })) => {
                self.stray_block(value)
            }
            _ => Step::Power(value),
        }
    }

    /// `name = other "label" { … }`: someone gave a block to an attribute.
    fn stray_block(&mut self, value: Id) -> Step {
        if self.at(TokenKind::String) {
            let label = self.span();
            self.next();
            if !self.at(TokenKind::LCurly) {
                self.error(label, || "expected the end of the line, found a string");
                return Step::Power(value);
            }
        }
        let open = self.token.start;
        self.next();
        self.frames.push(Frame::StrayBlock {
            value,
            open,
            stmts: self.open_stmts.len(),
            stmt_nodes: self.file.stmts.len(),
            saved: self.min_precedence,
        });
        Step::Statement
    }

    /// A value is read; the unary operators before it apply first, `^` groups from the right.
    pub(super) fn power(&mut self, mut value: Id) -> Step {
        while let Some(&Frame::Unary { op, at }) = self.frames.last() {
            self.frames.pop();
            let span = Span::new(at, self.end(value));
            value = self.push(span, Some(self.first(value)), ExprData::Unary { op, operand: value });
        }
        if self.at(TokenKind::Pow) {
            self.frames.push(Frame::Power { left: value, at: self.token.start });
            self.next();
            return Step::Operand;
        }
        while let Some(&Frame::Power { left, at }) = self.frames.last() {
            self.frames.pop();
            value = self.push_binary(TokenKind::Pow, left, value, at);
        }
        Step::Binary(value)
    }

    fn push_binary(&mut self, op: TokenKind, left: Id, right: Id, at: u32) -> Id {
        let span = Span::new(self.start(left), self.end(right));
        self.push(span, Some(self.first(left)), ExprData::Binary { op, left, right, at })
    }

    pub(super) fn binary(&mut self, mut value: Id) -> Step {
        loop {
            let op = self.token.kind;
            let precedence = op.precedence();
            if precedence >= self.min_precedence {
                let at = self.token.start;
                self.next();
                self.frames.push(Frame::Binary { left: value, op, at, saved: self.min_precedence });
                self.min_precedence = precedence + 1;
                return Step::Operand;
            }
            let Some(&Frame::Binary { left, op, at, saved }) = self.frames.last() else {
                return Step::Value(value);
            };
            self.frames.pop();
            self.min_precedence = saved;
            value = self.push_binary(op, left, value, at);
        }
    }

    /// Hands a whole expression to the construct that waits for it.
    pub(super) fn value(&mut self, value: Id) -> Step {
        let value = if self.at_question() { self.pass_conditional() } else { value };
        match self.frames.last().copied() {
            Some(Frame::Attribute { name, .. }) => {
                self.frames.pop();
                self.end_attribute(name, value);
                Step::AfterStatement
            }
            Some(Frame::Paren { open, saved }) => match self.close_single(TokenKind::RParen, open, saved) {
                Some(end) => {
                    let first = self.first(value);
                    Step::Postfix(self.push(Span::new(open, end), Some(first), ExprData::Paren { inner: value }))
                }
                None => self.abandon(),
            },
            Some(Frame::Index { value: indexed, open, saved }) => {
                match self.close_single(TokenKind::RBrack, open, saved) {
                    Some(end) => {
                        let span = Span::new(self.start(indexed), end);
                        let first = self.first(indexed);
                        Step::Postfix(self.push(
                            span,
                            Some(first),
                            ExprData::Index { value: indexed, index: value, open },
                        ))
                    }
                    None => self.abandon(),
                }
            }
            Some(Frame::Call { open, .. }) => {
                self.open_exprs.push(value);
                self.after_item(TokenKind::RParen, open)
            }
            Some(Frame::Array { open, .. }) => {
                self.open_exprs.push(value);
                self.after_item(TokenKind::RBrack, open)
            }
            Some(Frame::Object { name, open, .. }) => {
                self.open_fields.push(FieldNode { name, value });
                self.after_item(TokenKind::RCurly, open)
            }
            // Nothing else waits for a value.
            _ => self.abandon(),
        }
    }

    /// Passes the bracket that ends a parenthesis or an index; `None` if it is not there.
    fn close_single(&mut self, close: TokenKind, open: u32, saved: u8) -> Option<u32> {
        if !self.at(close) {
            self.not_closed(close, open);
            return None;
        }
        self.next();
        self.frames.pop();
        self.min_precedence = saved;
        Some(self.previous_end)
    }

    fn not_closed(&mut self, close: TokenKind, open: u32) {
        if self.at(TokenKind::Eof) || self.at(TokenKind::Terminator) && self.statement_follows() {
            self.never_closed(open);
        } else {
            self.unexpected(close.describe());
        }
    }

    /// After an item of a list: a comma, or the end.
    fn after_item(&mut self, close: TokenKind, open: u32) -> Step {
        match self.token.kind {
            TokenKind::Comma => {
                self.next();
                Step::Item
            }
            kind if kind == close => Step::Item,
            TokenKind::Eof => Step::Item,
            TokenKind::Terminator => {
                // Fields of an object read like statements, so there a missing comma is the likelier mistake.
                if close != TokenKind::RCurly && self.statement_follows() {
                    self.not_closed(close, open);
                    return self.abandon();
                }
                self.missing_comma(close);
                self.next();
                Step::Item
            }
            TokenKind::Ident
            | TokenKind::String
            | TokenKind::Number
            | TokenKind::Float
            | TokenKind::Bool
            | TokenKind::Null
            | TokenKind::LCurly => {
                self.unexpected(&format!("`,` or {}", close.describe()));
                Step::Item
            }
            _ => {
                self.unexpected(&format!("`,` or {}", close.describe()));
                self.abandon()
            }
        }
    }

    /// At the line end behind an item that has no comma.
    fn missing_comma(&mut self, close: TokenKind) {
        // `name = { … }` with lines like attributes: perhaps it was to be a block.
        let lone_object = match self.frames[..] {
            [.., Frame::Attribute { name, .. }, Frame::Object { .. }] if close == TokenKind::RCurly => Some(name),
            _ => None,
        };
        let help = match lone_object {
            Some(name) => {
                let name = name.of(self.text);
                format!("add the `,`; if `{name}` is a block, remove the `=` before its `{{` instead")
            }
            None => "every item that ends its line has a `,`, the last one too".to_owned(),
        };
        self.error(Span::new(self.previous_end, self.previous_end), || {
            Fault::from("a line break in a list needs a `,` before it").help(help)
        });
    }

    /// The next item of the list on top of the stack, or its end.
    pub(super) fn item(&mut self) -> Step {
        let close = match self.frames.last() {
            Some(Frame::Call { .. }) => TokenKind::RParen,
            Some(Frame::Array { .. }) => TokenKind::RBrack,
            _ => TokenKind::RCurly,
        };
        if self.at(close) || self.at(TokenKind::Eof) {
            return self.end_list(close);
        }
        if close == TokenKind::RCurly { self.field() } else { self.expression() }
    }

    fn field(&mut self) -> Step {
        if !matches!(self.token.kind, TokenKind::Ident | TokenKind::String) {
            let template = self.at(TokenKind::LCurly) && self.previous_end == self.token.start;
            self.unexpected_but("the name of a field", || {
                template.then(|| "`{{ }}` belongs to a template: render that first".to_owned())
            });
            return self.abandon();
        }
        let span = self.span();
        self.next();
        if !self.at(TokenKind::Assign) && !self.at_colon() {
            self.unexpected("`=`");
            return self.abandon();
        }
        self.next();
        if let Some(Frame::Object { name, .. }) = self.frames.last_mut() {
            *name = span;
        }
        self.expression()
    }

    fn end_list(&mut self, close: TokenKind) -> Step {
        let Some(frame) = self.frames.pop() else {
            return Step::Done;
        };
        let (open, saved) = match frame {
            Frame::Call { open, saved, .. } | Frame::Array { open, saved, .. } | Frame::Object { open, saved, .. } => {
                (open, saved)
            }
            _ => return Step::Done,
        };
        if self.at(close) {
            self.next();
        } else {
            self.not_closed(close, open);
        }
        self.min_precedence = saved;
        let end = self.previous_end.max(open + 1);
        let id = match frame {
            Frame::Call { callee, items, .. } => {
                let args = Self::close_list(&mut self.file.ids, &mut self.open_exprs, items);
                let span = Span::new(self.start(callee), end);
                self.push(span, Some(self.first(callee)), ExprData::Call { callee, args, open })
            }
            Frame::Array { items, .. } => {
                let list = Self::close_list(&mut self.file.ids, &mut self.open_exprs, items);
                let first = list.of(&self.file.ids).first().map(|&id| self.first(id));
                self.push(Span::new(open, end), first, ExprData::Array { items: list })
            }
            Frame::Object { fields: base, .. } => {
                let fields = List { start: self.file.fields.len() as u32, len: (self.open_fields.len() - base) as u32 };
                self.file.fields.extend(self.open_fields.drain(base..));
                let first = fields.of(&self.file.fields).first().map(|field| self.first(field.value));
                self.push(Span::new(open, end), first, ExprData::Object { fields })
            }
            _ => return Step::Done,
        };
        Step::Postfix(id)
    }
}
