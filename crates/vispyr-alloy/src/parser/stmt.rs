//! Attributes, blocks and the bodies that hold them.

use super::{Frame, Parser, Step};
use crate::error::Fault;
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
            _ if self.lone => {
                self.unexpected("nothing after the expression");
                self.skip_text();
                return Step::Statement;
            }
            TokenKind::Ident => {}
            _ => {
                if !self.no_statement() {
                    return self.skip_statement(0);
                }
            }
        }
        let name = self.block_name();
        let label = self.at(TokenKind::String).then(|| self.label());
        let is_header = matches!(self.token.kind, TokenKind::Assign | TokenKind::LCurly);
        if !is_header && !self.mend_header(name, label) {
            return self.skip_statement(0);
        }
        if self.at(TokenKind::LCurly) || self.assigned_block(name, label) {
            let open = self.token.start;
            self.next();
            self.frames.push(Frame::Block { name, label, open, stmts: self.open_stmts.len() });
            return Step::Statement;
        }
        self.attribute(name, label)
    }

    /// `name { "." name }`
    fn block_name(&mut self) -> List {
        let start = self.file.names.len() as u32;
        let span = self.span();
        // A name in quotes has been complained of.
        let quoted = u32::from(self.at(TokenKind::String));
        self.file.names.push(Span::new(span.start + quoted, span.end - quoted));
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
            self.error(span, || "a label is written in double quotes");
        } else if let Some(label) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
            && !label.is_empty()
            && !is_identifier(label)
        {
            self.error(span, || Self::wrong_label(label));
        }
        self.next();
        span
    }

    pub(super) fn attribute(&mut self, name: List, label: Option<Span>) -> Step {
        let parts = name.of(&self.file.names);
        let first = parts.first().copied().unwrap_or(self.span());
        let last = parts.last().copied().unwrap_or(first);
        if let Some(label) = label {
            self.error(label, || "an attribute has no label");
        } else if name.len > 1 {
            self.error(Span::new(first.start, last.end), || "the name of an attribute has no `.`");
        }
        self.next();
        // `a := 1`: the colon has been complained of.
        if self.at(TokenKind::Assign) && self.text.as_bytes().get(self.previous_end as usize - 1) == Some(&b':') {
            self.next();
        }
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
                    self.error(Span::new(start, end), || {
                        Fault::from("a block cannot be a value")
                            .help("remove the `=` and what stands before it, or give a value")
                    });
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
            self.never_closed(open);
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
            _ if self.lone => Step::Statement,
            _ => self.crowded_line(),
        }
    }
}
