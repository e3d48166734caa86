//! Turns a tree into words and wishes for spacing, as grafana/alloy syntax/printer/walker.go@v1.18.1 does.
//!
//! What is still to be written waits on a stack, so the depth of the tree costs heap only.

use super::TooLarge;
use super::writer::{Spacing, Writer};
use crate::strings::quote;
use crate::token::TokenKind;
use crate::tree::{ExprData, File, Id, List, StmtNode};

enum Task {
    /// The statement at this index of a body and those after it.
    Stmts(List, u32),
    AfterStmt(Id),
    CloseBlock(Id),
    Expr(Id),
    Symbol(TokenKind),
    SymbolAt(TokenKind, u32),
    Access(crate::span::Span),
    Operator(TokenKind, u32),
    /// The item at this index of a list and those after it; the line on which what stands before it ends.
    Items(Id, u32, usize),
    Args(Id, u32, usize),
    Fields(Id, u32, usize),
    Comma,
    Space(Spacing),
}

struct Walker<'a> {
    file: &'a File,
    out: Writer<'a>,
    tasks: Vec<Task>,
}

/// Writes the whole file; columns are not aligned yet.
pub(super) fn walk(file: &File) -> Result<Vec<u8>, TooLarge> {
    let mut walker = Walker { file, out: Writer::new(file), tasks: vec![Task::Stmts(file.body, 0)] };
    while let Some(task) = walker.tasks.pop() {
        walker.step(task);
        walker.out.check()?;
    }
    walker.out.finish()
}

impl Walker<'_> {
    fn step(&mut self, task: Task) {
        match task {
            Task::Stmts(list, index) => self.stmts(list, index),
            Task::AfterStmt(id) => {
                let several = self.stmt_lines(id);
                self.out.space(if several { Spacing::Break } else { Spacing::Newline });
            }
            Task::CloseBlock(id) => {
                self.out.space(Spacing::Unindent);
                if let Some(StmtNode::Block(block)) = self.file.stmts.get(id as usize) {
                    self.out.at(block.close);
                }
                self.out.symbol(TokenKind::RCurly);
            }
            Task::Expr(id) => self.expr(id),
            Task::Symbol(kind) => self.out.symbol(kind),
            Task::SymbolAt(kind, at) => {
                self.out.at(at);
                self.out.symbol(kind);
            }
            // The name brings no position along, upstream neither.
            Task::Access(name) => {
                self.out.symbol(TokenKind::Dot);
                self.out.word(name.of(&self.file.text), TokenKind::Ident);
            }
            Task::Operator(kind, at) => {
                self.out.space(Spacing::Blank);
                self.out.at(at);
                self.out.symbol(kind);
                self.out.space(Spacing::Blank);
            }
            Task::Items(id, index, line) => self.items(id, index, line),
            Task::Args(id, index, line) => self.args(id, index, line),
            Task::Fields(id, index, line) => self.fields(id, index, line),
            Task::Comma => self.out.symbol(TokenKind::Comma),
            Task::Space(spacing) => self.out.space(spacing),
        }
    }

    /// Plans tasks in the order in which they are to be done.
    fn plan<const N: usize>(&mut self, tasks: [Task; N]) {
        self.tasks.extend(tasks.into_iter().rev());
    }

    fn line(&self, offset: u32) -> usize {
        self.out.line(offset)
    }

    fn stmt_lines(&self, id: Id) -> bool {
        let span = self.file.stmt_span(id);
        self.line(span.end.saturating_sub(1)) > self.line(span.start)
    }

    fn start_line(&self, id: Id) -> usize {
        self.line(self.file.expr(id).span.start)
    }

    /// The line of the last byte of an expression.
    fn end_line(&self, id: Id) -> usize {
        self.line(self.file.expr(id).span.end.saturating_sub(1))
    }

    fn stmts(&mut self, list: List, index: u32) {
        let ids = list.of(&self.file.ids);
        let Some(&id) = ids.get(index as usize) else { return };
        let Some(stmt) = self.file.stmts.get(id as usize) else { return };
        if let Some(&previous) = (index as usize).checked_sub(1).and_then(|i| ids.get(i)) {
            // A blank line stands before every block, and wherever the source had one.
            let before = self.file.stmt_span(previous).end.saturating_sub(1);
            let apart = self.line(self.file.stmt_span(id).start).saturating_sub(self.line(before)) > 1;
            if matches!(stmt, StmtNode::Block(_)) || apart {
                self.out.space(Spacing::Break);
            }
        }
        self.plan([Task::AfterStmt(id), Task::Stmts(list, index + 1)]);
        let text = &*self.file.text;
        match stmt {
            StmtNode::Attribute { name, value, .. } => {
                self.out.at(name.start);
                self.out.word(name.of(text), TokenKind::Ident);
                self.out.space(Spacing::Tab);
                self.out.symbol(TokenKind::Assign);
                self.out.space(Spacing::Blank);
                self.plan([Task::Expr(*value)]);
            }
            StmtNode::Block(block) => {
                let names: Vec<&str> = block.name.of(&self.file.names).iter().map(|name| name.of(text)).collect();
                self.out.at(self.file.stmt_span(id).start);
                self.out.word(&names.join("."), TokenKind::Ident);
                // An empty label is dropped.
                if let Some(label) = block.label.filter(|label| label.end - label.start > 2) {
                    self.out.space(Spacing::Blank);
                    self.out.at(label.start);
                    // Labels are identifiers, so there is nothing to escape.
                    self.out.word(label.of(text), TokenKind::String);
                }
                self.out.space(Spacing::Blank);
                self.out.at(block.open);
                self.out.symbol(TokenKind::LCurly);
                self.out.space(Spacing::Indent);
                self.plan([Task::CloseBlock(id)]);
                if block.body.len > 0 {
                    self.out.space(Spacing::Break);
                    self.plan([Task::Stmts(block.body, 0)]);
                } else {
                    self.out.space(Spacing::Blank);
                }
            }
        }
    }

    fn expr(&mut self, id: Id) {
        let node = self.file.expr(id);
        let start = node.span.start;
        let text = node.span.of(&self.file.text);
        let last = node.span.end.saturating_sub(1);
        match node.data {
            ExprData::Missing => {}
            ExprData::Null | ExprData::Bool | ExprData::Float | ExprData::String | ExprData::Ident => {
                self.out.at(start);
                self.out.word(text, TokenKind::Ident);
            }
            ExprData::Number => {
                self.out.at(start);
                self.out.word(text, TokenKind::Number);
            }
            ExprData::Access { value, name } => self.plan([Task::Expr(value), Task::Access(name)]),
            ExprData::Index { value, index, open } => self.plan([
                Task::Expr(value),
                Task::SymbolAt(TokenKind::LBrack, open),
                Task::Expr(index),
                Task::SymbolAt(TokenKind::RBrack, last),
            ]),
            ExprData::Call { callee, open, .. } => {
                let line = self.line(open);
                self.plan([Task::Expr(callee), Task::Symbol(TokenKind::LParen), Task::Args(id, 0, line)]);
            }
            ExprData::Array { .. } => {
                self.out.at(start);
                self.out.symbol(TokenKind::LBrack);
                self.plan([Task::Items(id, 0, self.line(start))]);
            }
            ExprData::Object { .. } => {
                self.out.at(start);
                self.out.symbol(TokenKind::LCurly);
                self.out.space(Spacing::Indent);
                self.plan([Task::Fields(id, 0, self.line(start))]);
            }
            ExprData::Unary { op, operand } => {
                self.out.at(start);
                self.out.symbol(op);
                self.plan([Task::Expr(operand)]);
            }
            ExprData::Binary { op, left, right, at } => {
                self.plan([Task::Expr(left), Task::Operator(op, at), Task::Expr(right)]);
            }
            // The parentheses bring no positions along, upstream neither.
            ExprData::Paren { inner } => {
                self.out.symbol(TokenKind::LParen);
                self.plan([Task::Expr(inner), Task::Symbol(TokenKind::RParen)]);
            }
        }
    }

    fn items(&mut self, id: Id, index: u32, line: usize) {
        let node = self.file.expr(id);
        let ExprData::Array { items } = node.data else { return };
        let close = node.span.end.saturating_sub(1);
        let Some(&item) = items.of(&self.file.ids).get(index as usize) else {
            if items.len > 0 && line != self.line(close) {
                self.out.symbol(TokenKind::Comma);
                // Indented for the sake of comments after the last item.
                self.out.space(Spacing::Indent);
                self.out.space(Spacing::Break);
                self.out.space(Spacing::Unindent);
            }
            self.out.at(close);
            self.out.symbol(TokenKind::RBrack);
            return;
        };
        let own_line = line != self.start_line(item);
        if own_line {
            self.out.space(Spacing::Indent);
            self.out.space(Spacing::Break);
        } else if index > 0 {
            self.out.space(Spacing::Blank);
        }
        self.plan([Task::Items(id, index + 1, self.end_line(item))]);
        if own_line {
            self.plan([Task::Space(Spacing::Unindent)]);
        }
        if index + 1 < items.len {
            self.plan([Task::Comma]);
        }
        self.plan([Task::Expr(item)]);
    }

    fn args(&mut self, id: Id, index: u32, line: usize) {
        let node = self.file.expr(id);
        let ExprData::Call { args, .. } = node.data else { return };
        let Some(&arg) = args.of(&self.file.ids).get(index as usize) else {
            // Without arguments this writes `(,`, which is no Alloy any more. Upstream does so.
            if line != self.line(node.span.end.saturating_sub(1)) {
                self.out.symbol(TokenKind::Comma);
                self.out.space(Spacing::Break);
            }
            self.out.symbol(TokenKind::RParen);
            return;
        };
        let own_line = line != self.start_line(arg);
        if own_line {
            self.out.space(Spacing::Break);
            self.out.space(Spacing::Indent);
        }
        self.plan([Task::Args(id, index + 1, self.end_line(arg))]);
        if own_line {
            self.plan([Task::Space(Spacing::Unindent)]);
        }
        if index + 1 < args.len {
            self.plan([Task::Comma, Task::Space(Spacing::Blank)]);
        }
        self.plan([Task::Expr(arg)]);
    }

    fn fields(&mut self, id: Id, index: u32, line: usize) {
        let node = self.file.expr(id);
        let ExprData::Object { fields } = node.data else { return };
        let fields = fields.of(&self.file.fields);
        let close = node.span.end.saturating_sub(1);
        let Some(field) = fields.get(index as usize).copied() else {
            if !fields.is_empty() && line != self.line(close) {
                self.out.symbol(TokenKind::Comma);
                self.out.space(Spacing::Break);
            }
            self.out.space(Spacing::Unindent);
            self.out.at(close);
            self.out.symbol(TokenKind::RCurly);
            return;
        };
        if line != self.line(field.name.start) {
            // Equal signs are aligned with the field before if that is on one line.
            let aligned = (index as usize)
                .checked_sub(1)
                .and_then(|previous| fields.get(previous))
                .is_some_and(|previous| self.start_line(previous.value) == self.end_line(previous.value));
            self.out.space(if aligned { Spacing::Newline } else { Spacing::Break });
        } else if index > 0 {
            self.out.space(Spacing::Blank);
        }
        let name = field.name.of(&self.file.text);
        self.out.at(field.name.start);
        // Upstream takes the quotes off without decoding and quotes anew, so escapes are escaped once more. The end of
        // the name is counted without the quotes.
        let unquoted = (name.len() > 2 && name.starts_with(['"', '`'])).then(|| name.get(1..name.len() - 1)).flatten();
        match unquoted {
            Some(inner) => self.out.word(&quote(inner), TokenKind::String),
            None => self.out.word(name, TokenKind::Ident),
        }
        let length = unquoted.map_or(name.len(), str::len) as u32;
        let end = self.line((field.name.start + length).saturating_sub(1));
        self.out.space(Spacing::Tab);
        self.out.symbol(TokenKind::Assign);
        self.out.space(Spacing::Blank);
        self.plan([Task::Fields(id, index + 1, end)]);
        if index as usize + 1 < fields.len() {
            self.plan([Task::Comma]);
        }
        self.plan([Task::Expr(field.value)]);
    }
}
