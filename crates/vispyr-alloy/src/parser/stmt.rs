//! Attributes, blocks and the bodies that hold them.

use super::{Frame, Parser, Step};
use crate::lexer::is_identifier;
use crate::span::Span;
use crate::token::TokenKind;
use crate::tree::{BlockNode, Id, List, StmtNode};

impl Parser<'_> {
    /// Reads one statement of the body on top of the stack, or ends the body.
    pub(super) fn statement(&mut self) -> Step {
        let nested = !self.frames.is_empty();
        match self.token.kind {
            TokenKind::RCurly if nested => return self.end_body(),
            TokenKind::Eof => return self.end_body(),
            TokenKind::Ident => {}
            _ => {
                self.unexpected("the name of an attribute or block");
                return self.skip_statement(0);
            }
        }
        let name = self.block_name();
        if !matches!(self.token.kind, TokenKind::Assign | TokenKind::LCurly | TokenKind::String) {
            if name.len == 1 {
                self.unexpected("`=`, a label or `{`");
            } else {
                self.unexpected("a label or `{`");
            }
            return self.skip_statement(0);
        }
        let label = self.at(TokenKind::String).then(|| self.label());
        match self.token.kind {
            TokenKind::Assign => self.attribute(name, label),
            TokenKind::LCurly => {
                let open = self.token.start;
                self.next();
                self.frames.push(Frame::Block { name, label, open, stmts: self.open_stmts.len() });
                Step::Statement
            }
            _ => {
                self.unexpected("`{`");
                self.skip_statement(0)
            }
        }
    }

    /// `name { "." name }`
    fn block_name(&mut self) -> List {
        let start = self.file.names.len() as u32;
        self.file.names.push(self.span());
        self.next();
        while self.at(TokenKind::Dot) {
            self.next();
            if self.at(TokenKind::Ident) {
                self.file.names.push(self.span());
                self.next();
            } else {
                self.unexpected("a name after `.`");
                break;
            }
        }
        List { start, len: self.file.names.len() as u32 - start }
    }

    fn label(&mut self) -> Span {
        let span = self.span();
        let text = span.of(self.text);
        if !text.starts_with('"') {
            self.error(span, || "a label is written in double quotes".to_owned());
        } else if let Some(label) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
            && !label.is_empty()
            && !is_identifier(label)
        {
            self.error(span, || {
                format!("`{label}` cannot be a label: only letters, digits and `_` are allowed, no digit first")
            });
        }
        self.next();
        span
    }

    fn attribute(&mut self, name: List, label: Option<Span>) -> Step {
        let parts = name.of(&self.file.names);
        let first = parts.first().copied().unwrap_or(self.span());
        let last = parts.last().copied().unwrap_or(first);
        if let Some(label) = label {
            self.error(label, || "an attribute has no label".to_owned());
        } else if name.len > 1 {
            self.error(Span::new(first.start, last.end), || "the name of an attribute has no `.`".to_owned());
        }
        self.next();
        self.frames.push(Frame::Attribute {
            name: first,
            items: self.open_exprs.len(),
            fields: self.open_fields.len(),
        });
        self.min_precedence = 1;
        Step::Operand
    }

    pub(super) fn end_attribute(&mut self, name: Span, value: Id) {
        let end = self.end(value).max(name.end);
        self.push_stmt(StmtNode::Attribute { name, value, end });
    }

    fn push_stmt(&mut self, stmt: StmtNode) {
        self.open_stmts.push(self.file.stmts.len() as Id);
        self.file.stmts.push(stmt);
    }

    /// At the closing brace of the body on top of the stack, or at the end of the file.
    fn end_body(&mut self) -> Step {
        match self.frames.pop() {
            Some(Frame::Block { name, label, open, stmts }) => {
                let body = Self::close_list(&mut self.file.ids, &mut self.open_stmts, stmts);
                let close = self.token.start;
                let end = self.token.end;
                self.close_brace(open);
                self.push_stmt(StmtNode::Block(BlockNode { name, label, open, body, close, end }));
                Step::AfterStatement
            }
            Some(Frame::StrayBlock { value, open, stmts, stmt_nodes, saved }) => {
                self.open_stmts.truncate(stmts);
                self.file.stmts.truncate(stmt_nodes);
                self.file.exprs.truncate(value as usize + 1);
                self.min_precedence = saved;
                let start = self.start(value);
                if self.close_brace(open) {
                    let end = self.previous_end;
                    self.error(Span::new(start, end), || "a block cannot be a value".to_owned());
                }
                Step::Postfix(value)
            }
            // Only bodies wait for statements, so the stack is empty: this is the end of the file.
            _ => {
                self.file.body = Self::close_list(&mut self.file.ids, &mut self.open_stmts, 0);
                Step::Done
            }
        }
    }

    fn close_brace(&mut self, open: u32) -> bool {
        let closed = self.at(TokenKind::RCurly);
        if closed {
            self.next();
        } else {
            self.error(Span::new(open, open + 1), || "this `{` is never closed".to_owned());
        }
        closed
    }

    pub(super) fn after_statement(&mut self) -> Step {
        let nested = !self.frames.is_empty();
        match self.token.kind {
            TokenKind::Terminator => {
                self.next();
                Step::Statement
            }
            TokenKind::RCurly if nested => Step::Statement,
            TokenKind::Eof => Step::Statement,
            _ => {
                self.unexpected("the end of the line");
                self.skip_statement(0)
            }
        }
    }
}
