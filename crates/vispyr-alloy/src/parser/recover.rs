//! How reading goes on after a mistake.

use super::{Frame, Parser, Step};
use crate::error::{Errors, Fault};
use crate::span::Span;
use crate::token::TokenKind;
use crate::tree::ExprData;

/// How many tokens are looked at to tell a statement from a value. Longer block names are not met.
const LOOK_AHEAD: usize = 16;

impl Parser<'_> {
    /// Skips the rest of a statement: up to its line end, or to the brace that closes the body around it.
    /// `open` is the number of braces that the statement has opened so far.
    pub(super) fn skip_statement(&mut self, mut open: usize) -> Step {
        let nested = !self.frames.is_empty();
        loop {
            match self.token.kind {
                TokenKind::Eof => return Step::Statement,
                TokenKind::Terminator if open == 0 => {
                    self.next();
                    return Step::Statement;
                }
                TokenKind::LCurly => open += 1,
                TokenKind::RCurly if open == 0 && nested => return Step::Statement,
                TokenKind::RCurly => open = open.saturating_sub(1),
                _ => {}
            }
            self.next();
        }
    }

    /// Gives up the expression that is being read, keeps its attribute without a value, skips the rest.
    pub(super) fn abandon(&mut self) -> Step {
        let mut open = 0;
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Attribute { name, items, fields } => {
                    self.open_exprs.truncate(items);
                    self.open_fields.truncate(fields);
                    let value = self.missing();
                    self.end_attribute(name, value);
                    break;
                }
                Frame::Object { .. } => open += 1,
                body @ (Frame::Block { .. } | Frame::StrayBlock { .. }) => {
                    self.frames.push(body);
                    break;
                }
                _ => {}
            }
        }
        self.skip_statement(open)
    }

    /// Skips all that is left.
    pub(super) fn skip_text(&mut self) {
        while !self.at(TokenKind::Eof) {
            self.next();
        }
    }

    /// Reports a bracket whose other half is missing, unless a string or comment has swallowed it.
    pub(super) fn never_closed(&mut self, open: u32) {
        if self.lexer.swallowed {
            return;
        }
        let bracket = Span::new(open, open + 1);
        let text = bracket.of(self.text);
        // All blocks are looked at, so only once.
        let askew = if text == "{" && !std::mem::replace(&mut self.told_askew, true) { self.askew(open) } else { None };
        self.error(bracket, || {
            Fault::from(format!("this `{text}` is never closed"))
                .related(askew, "or this one: the `}` that closes it is indented otherwise")
        });
    }

    /// A node for a value that is not there.
    pub(super) fn missing(&mut self) -> u32 {
        let at = Span::new(self.previous_end, self.previous_end);
        self.push(at, None, ExprData::Missing)
    }

    /// Whether what follows the current token reads like the start of a statement (`name =`, `name "label" {`), so
    /// that a list before it was left open.
    pub(super) fn statement_follows(&self) -> bool {
        let mut lexer = self.lexer.clone();
        let mut ignored = Errors::default();
        let mut previous = TokenKind::Terminator;
        for _ in 0..LOOK_AHEAD {
            let kind = lexer.scan(&mut ignored).kind;
            match (previous, kind) {
                (_, TokenKind::Comment) => continue,
                (TokenKind::Terminator | TokenKind::Dot, TokenKind::Ident)
                | (TokenKind::Ident, TokenKind::Dot | TokenKind::String) => previous = kind,
                (TokenKind::Ident, TokenKind::Assign) | (TokenKind::Ident | TokenKind::String, TokenKind::LCurly) => {
                    return true;
                }
                (TokenKind::Terminator, TokenKind::RCurly | TokenKind::Eof) => return true,
                _ => return false,
            }
        }
        false
    }
}
