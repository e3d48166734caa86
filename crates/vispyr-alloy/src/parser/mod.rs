//! Tokens to tree, for any text.
//!
//! The grammar is that of grafana/alloy syntax/parser/internal.go@v1.18.1: a text has no error here if and only if that
//! parser takes it. Recovery is our own. The parser is a loop over an explicit stack, so nesting costs heap only.

mod expr;
mod lone;
mod mistakes;
mod recover;
mod stmt;

use std::sync::Arc;

use crate::error::{Errors, Fault, SyntaxError};
use crate::lexer::Lexer;
use crate::span::Span;
use crate::token::{Token, TokenKind};
use crate::tree::{CommentNode, ExprData, ExprNode, FieldNode, File, Id, List};
pub use lone::{Expression, parse_expression};

/// A tree and what is wrong with its text.
#[derive(Debug, Clone)]
pub struct Parse {
    /// Everything that could be understood.
    pub file: File,
    /// Empty if and only if Alloy's own parser accepts the text.
    pub errors: Vec<SyntaxError>,
}

/// Parses a text. Never fails: what is wrong is in [`Parse::errors`], the rest is in the tree.
///
/// ```
/// let parse = vispyr_alloy::parse("logging {\n\tlevel = \"debug\"\n}\n");
/// assert!(parse.errors.is_empty());
/// let level = parse.file.body().block("logging").and_then(|logging| logging.body().attr("level"));
/// assert_eq!(level.and_then(|level| level.value().as_str().map(Into::into)), Some("debug".to_owned()));
/// ```
///
/// A mistake costs its statement, not the file:
///
/// ```
/// let parse = vispyr_alloy::parse("a = [1 2]\nb = true,\nc = 'x'\nd = 4\n");
/// let said: Vec<&str> = parse.errors.iter().map(|error| error.message.as_str()).collect();
/// assert_eq!(
///     said,
///     [
///         "expected `,` or `]`, found a number",
///         "expected the end of the line, found `,`",
///         "strings are written in double quotes",
///     ]
/// );
/// assert_eq!(parse.errors[2].help.as_deref(), Some("write `\"x\"`"));
/// assert_eq!(parse.file.body().attr("d").and_then(|d| d.value().as_i64()), Some(4));
/// ```
pub fn parse(text: &str) -> Parse {
    parse_shared(text.into())
}

/// The same of a text that others hold too: the tree then has no copy of its own.
pub fn parse_shared(text: Arc<str>) -> Parse {
    let Some(mut parser) = Parser::new(&text) else {
        return Parse { file: File::new("".into()), errors: vec![SyntaxError::whole(TOO_LARGE)] };
    };
    parser.next();
    parser.run(Step::Statement);
    Parse { file: parser.file, errors: parser.errors.finish() }
}

/// Offsets have 32 bits.
const TOO_LARGE: &str = "files of 4 GiB and more are not read";

/// A construct whose end has not been seen yet.
#[derive(Clone, Copy)]
enum Frame {
    Block {
        name: List,
        label: Option<Span>,
        open: u32,
        stmts: usize,
    },
    /// A block where a value belongs; read for its extent, then dropped.
    StrayBlock {
        value: Id,
        open: u32,
        stmts: usize,
        stmt_nodes: usize,
        saved: u8,
    },
    /// `items` and `fields` are the lengths of the open lists before its value.
    Attribute {
        name: Span,
        items: usize,
        fields: usize,
    },
    Unary {
        op: TokenKind,
        at: u32,
    },
    Power {
        left: Id,
        at: u32,
    },
    Binary {
        left: Id,
        op: TokenKind,
        at: u32,
        saved: u8,
    },
    Paren {
        open: u32,
        saved: u8,
    },
    Index {
        value: Id,
        open: u32,
        saved: u8,
    },
    Call {
        callee: Id,
        open: u32,
        items: usize,
        saved: u8,
    },
    Array {
        open: u32,
        items: usize,
        saved: u8,
    },
    /// `name` is the field whose value is being read.
    Object {
        open: u32,
        fields: usize,
        name: Span,
        saved: u8,
    },
}

/// What to read next.
enum Step {
    /// A statement or the end of the body.
    Statement,
    /// A line end or the end of the body.
    AfterStatement,
    /// A value, without operators after it.
    Operand,
    /// What may follow a primary value: `.name`, `[index]`, `(arguments)`.
    Postfix(Id),
    /// A value with its postfixes: unary operators before it and `^` after it.
    Power(Id),
    /// The other binary operators.
    Binary(Id),
    /// A whole expression: it goes to the construct that waits for it.
    Value(Id),
    /// The next item of the list on top of the stack, or its end.
    Item,
    Done,
}

struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    errors: Errors,
    token: Token,
    /// The end of the last token that was passed.
    previous_end: u32,
    file: File,
    frames: Vec<Frame>,
    /// Statements of the bodies that are still open; likewise the next two for lists and objects.
    open_stmts: Vec<Id>,
    open_exprs: Vec<Id>,
    open_fields: Vec<FieldNode>,
    /// Operators that bind weaker end the current operand.
    min_precedence: u8,
    /// Whether the text is one expression and nothing more.
    lone: bool,
    /// Whether the block whose brace is missing has been looked for.
    told_askew: bool,
}

impl<'a> Parser<'a> {
    /// `None` for a text that offsets of 32 bits cannot cover.
    fn new(text: &'a Arc<str>) -> Option<Self> {
        if text.len() >= u32::MAX as usize {
            return None;
        }
        let mut errors = Errors::default();
        Some(Self {
            text,
            lexer: Lexer::new(text, &mut errors),
            errors,
            token: Token { kind: TokenKind::Eof, start: 0, end: 0 },
            previous_end: 0,
            file: File::new(Arc::clone(text)),
            frames: Vec::new(),
            open_stmts: Vec::new(),
            open_exprs: Vec::new(),
            open_fields: Vec::new(),
            min_precedence: 1,
            lone: false,
            told_askew: false,
        })
    }

    fn run(&mut self, mut step: Step) {
        loop {
            step = match step {
                Step::Statement => self.statement(),
                Step::AfterStatement => self.after_statement(),
                Step::Operand => self.operand(),
                Step::Postfix(id) => self.postfix(id),
                Step::Power(id) => self.power(id),
                Step::Binary(id) => self.binary(id),
                Step::Value(id) => self.value(id),
                Step::Item => self.item(),
                Step::Done => return,
            };
        }
    }

    /// Moves to the next token that is not a comment.
    fn next(&mut self) {
        self.previous_end = self.token.end;
        self.token = self.lexer.scan(&mut self.errors);
        if self.token.kind == TokenKind::Comment {
            self.comments();
        }
    }

    /// Keeps the comment at hand and those that follow.
    #[inline(never)]
    fn comments(&mut self) {
        let mut before = None;
        while self.token.kind == TokenKind::Comment {
            let Token { start, end, .. } = self.token;
            let starts_group = before.is_none_or(|last: u32| {
                let gap = &self.text.as_bytes()[last as usize..start as usize];
                gap.iter().filter(|&&b| b == b'\n').count() > 1
            });
            self.file.comments.push(CommentNode { span: Span::new(start, end), starts_group });
            before = Some(end);
            self.token = self.lexer.scan(&mut self.errors);
        }
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    fn span(&self) -> Span {
        Span::new(self.token.start, self.token.end)
    }

    fn error<F: Into<Fault>>(&mut self, span: Span, fault: impl FnOnce() -> F) {
        self.errors.syntactic(self.text, span.start as usize..span.end as usize, fault);
    }

    /// Reports that something else than the current token was expected.
    fn unexpected(&mut self, wanted: &str) {
        self.unexpected_but(wanted, || None);
    }

    /// The same, with what to do about it.
    fn unexpected_but(&mut self, wanted: &str, help: impl FnOnce() -> Option<String>) {
        let found = self.token.kind.describe();
        self.error(self.span(), || Fault::from(format!("expected {wanted}, found {found}")).perhaps(help()));
    }

    fn push(&mut self, span: Span, first: Option<Id>, data: ExprData) -> Id {
        let id = self.file.exprs.len() as Id;
        self.file.exprs.push(ExprNode { span, first: first.unwrap_or(id), data });
        id
    }

    fn first(&self, id: Id) -> Id {
        self.file.expr(id).first
    }

    fn start(&self, id: Id) -> u32 {
        self.file.expr(id).span.start
    }

    fn end(&self, id: Id) -> u32 {
        self.file.expr(id).span.end
    }

    /// Moves the ids from `base` on out of an open list into the tree.
    fn close_list(ids: &mut Vec<Id>, open: &mut Vec<Id>, base: usize) -> List {
        let list = List { start: ids.len() as u32, len: (open.len() - base) as u32 };
        ids.extend(open.drain(base..));
        list
    }
}
