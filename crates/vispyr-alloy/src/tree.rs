//! The tree as it is stored: flat lists of nodes that name each other by index.
//!
//! Nothing here is recursive, so any depth of nesting is safe to build, to walk and to drop. A node always stands
//! after its children, hence the nodes below an expression are the unbroken run from its first leaf to itself.

use std::sync::Arc;

use crate::span::Span;
use crate::token::TokenKind;

/// An index into [`File::exprs`] or [`File::stmts`].
pub(crate) type Id = u32;

/// A run of entries in one of the side lists of [`File`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl List {
    /// The entries of `all` that belong to the run.
    pub(crate) fn of<T>(self, all: &[T]) -> &[T] {
        let start = self.start as usize;
        all.get(start..start + self.len as usize).unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
pub(crate) enum StmtNode {
    Attribute { name: Span, value: Id, end: u32 },
    Block(BlockNode),
}

#[derive(Debug, Clone)]
pub(crate) struct BlockNode {
    /// Into [`File::names`].
    pub(crate) name: List,
    /// With its quotes.
    pub(crate) label: Option<Span>,
    pub(crate) open: u32,
    /// Into [`File::ids`].
    pub(crate) body: List,
    /// Where the closing brace stands, or where it is missed.
    pub(crate) close: u32,
    pub(crate) end: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct ExprNode {
    pub(crate) span: Span,
    /// The first node of the run that ends with this one.
    pub(crate) first: Id,
    pub(crate) data: ExprData,
}

/// A value that is not there, at the start of a text.
pub(crate) const NOTHING: ExprNode = ExprNode { span: Span { start: 0, end: 0 }, first: 0, data: ExprData::Missing };

#[derive(Debug, Clone, Copy)]
pub(crate) enum ExprData {
    /// Nothing was found where a value must stand.
    Missing,
    Null,
    Bool,
    Number,
    Float,
    String,
    Ident,
    Access {
        value: Id,
        name: Span,
    },
    Index {
        value: Id,
        index: Id,
        open: u32,
    },
    Call {
        callee: Id,
        args: List,
        open: u32,
    },
    Array {
        items: List,
    },
    /// `fields` is a run of [`File::fields`].
    Object {
        fields: List,
    },
    Unary {
        op: TokenKind,
        operand: Id,
    },
    Binary {
        op: TokenKind,
        left: Id,
        right: Id,
        at: u32,
    },
    Paren {
        inner: Id,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldNode {
    pub(crate) name: Span,
    pub(crate) value: Id,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct CommentNode {
    pub(crate) span: Span,
    /// Whether a blank line or a token separates it from the comment before.
    pub(crate) starts_group: bool,
}

/// A parsed text: its statements, its comments and the text itself. What lies between tokens and comments is spacing,
/// so nothing of the text is lost.
#[derive(Debug, Clone)]
pub struct File {
    pub(crate) text: Arc<str>,
    pub(crate) stmts: Vec<StmtNode>,
    pub(crate) exprs: Vec<ExprNode>,
    pub(crate) fields: Vec<FieldNode>,
    /// Children of arrays, calls (into `exprs`) and bodies (into `stmts`).
    pub(crate) ids: Vec<Id>,
    /// The parts of block names.
    pub(crate) names: Vec<Span>,
    pub(crate) comments: Vec<CommentNode>,
    pub(crate) body: List,
}

impl File {
    pub(crate) fn new(text: Arc<str>) -> Self {
        // What ordinary configurations need; more is made room for when it comes.
        let size = text.len();
        Self {
            text,
            stmts: Vec::with_capacity(size / 32),
            exprs: Vec::with_capacity(size / 24),
            fields: Vec::new(),
            ids: Vec::with_capacity(size / 24),
            names: Vec::with_capacity(size / 48),
            comments: Vec::new(),
            body: List { start: 0, len: 0 },
        }
    }

    /// The node of an expression. Ids come only from the parser, so the fallback is never seen.
    pub(crate) fn expr(&self, id: Id) -> ExprNode {
        self.exprs.get(id as usize).copied().unwrap_or(NOTHING)
    }

    pub(crate) fn stmt_span(&self, id: Id) -> Span {
        match self.stmts.get(id as usize) {
            Some(StmtNode::Attribute { name, end, .. }) => Span::new(name.start, *end),
            Some(StmtNode::Block(block)) => {
                Span::new(block.name.of(&self.names).first().map_or(block.open, |name| name.start), block.end)
            }
            None => Span::new(0, 0),
        }
    }
}
