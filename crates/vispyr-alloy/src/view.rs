//! The tree as it is read: small copyable handles on the nodes of a [`File`].

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use crate::span::Span;
use crate::strings::{Decoded, decode, value};
use crate::token::TokenKind;
use crate::tree::{BlockNode, CommentNode, ExprData, File, Id, List, StmtNode};

impl File {
    /// The text that was parsed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The statements outside all blocks.
    pub fn body(&self) -> Body<'_> {
        Body { file: self, list: self.body, range: Span::new(0, self.text.len() as u32) }
    }

    /// All comments in the order of the text.
    pub fn comments(&self) -> impl DoubleEndedIterator<Item = Comment<'_>> + ExactSizeIterator {
        self.comments.iter().map(|&node| Comment::new(self, node))
    }
}

/// A comment.
#[derive(Debug, Clone, Copy)]
pub struct Comment<'a> {
    file: &'a File,
    span: Span,
}

impl<'a> Comment<'a> {
    pub(crate) fn new(file: &'a File, node: CommentNode) -> Self {
        Self { file, span: node.span }
    }

    /// The bytes of the comment, without the line end.
    pub fn range(&self) -> Range<u32> {
        self.span.range()
    }

    /// Whether it is written `/* */`.
    pub fn is_block(&self) -> bool {
        self.span.of(&self.file.text).starts_with("/*")
    }

    /// The comment with its marks and without carriage returns. Those stand only where leaving them out would end a
    /// block comment early.
    pub fn text(&self) -> Cow<'a, str> {
        let raw = self.span.of(&self.file.text);
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        if !raw.contains('\r') {
            return Cow::Borrowed(raw);
        }
        let block = raw.starts_with("/*");
        let mut text = String::with_capacity(raw.len());
        let mut chars = raw.chars().peekable();
        while let Some(c) = chars.next() {
            let needed = block && text.len() > 2 && text.ends_with('*') && chars.peek() == Some(&'/');
            if c != '\r' || needed {
                text.push(c);
            }
        }
        Cow::Owned(text)
    }

    /// What the comment says: the text without its marks and the spacing around it.
    pub fn content(&self) -> Cow<'a, str> {
        fn strip(text: &str) -> &str {
            let inner = match text.strip_prefix("/*") {
                Some(rest) => rest.strip_suffix("*/").unwrap_or(rest),
                None => text.strip_prefix("//").unwrap_or(text),
            };
            inner.trim()
        }
        match self.text() {
            Cow::Borrowed(text) => Cow::Borrowed(strip(text)),
            Cow::Owned(text) => Cow::Owned(strip(&text).to_owned()),
        }
    }
}

/// A name and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Ident<'a> {
    file: &'a File,
    span: Span,
}

impl<'a> Ident<'a> {
    pub(crate) fn new(file: &'a File, span: Span) -> Self {
        Self { file, span }
    }

    /// The name.
    pub fn name(&self) -> &'a str {
        self.span.of(&self.file.text)
    }

    /// The bytes of the name.
    pub fn range(&self) -> Range<u32> {
        self.span.range()
    }
}

/// The statements of a file or of a block.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    file: &'a File,
    list: List,
    range: Span,
}

impl<'a> Body<'a> {
    /// The whole file, or what stands between the braces.
    pub fn range(&self) -> Range<u32> {
        self.range.range()
    }

    /// The statements in the order of the text.
    pub fn stmts(&self) -> impl DoubleEndedIterator<Item = Stmt<'a>> + use<'a> {
        let file = self.file;
        self.list.of(&file.ids).iter().filter_map(move |&id| Some(Stmt::new(file, file.stmts.get(id as usize)?)))
    }

    /// Whether there are no statements.
    pub fn is_empty(&self) -> bool {
        self.list.len == 0
    }

    /// All attributes.
    pub fn attrs(&self) -> impl DoubleEndedIterator<Item = Attribute<'a>> + use<'a> {
        self.stmts().filter_map(|stmt| match stmt {
            Stmt::Attribute(attribute) => Some(attribute),
            Stmt::Block(_) => None,
        })
    }

    /// The first attribute of this name.
    pub fn attr(&self, name: &str) -> Option<Attribute<'a>> {
        let file = self.file;
        self.list.of(&file.ids).iter().find_map(|&id| match file.stmts.get(id as usize)? {
            StmtNode::Attribute { name: written, value, end } if written.is(name, &file.text) => {
                Some(Attribute::new(file, *written, *value, *end))
            }
            _ => None,
        })
    }

    /// All blocks directly in this body.
    pub fn all_blocks(&self) -> impl DoubleEndedIterator<Item = Block<'a>> + use<'a> {
        self.stmts().filter_map(|stmt| match stmt {
            Stmt::Block(block) => Some(block),
            Stmt::Attribute(_) => None,
        })
    }

    /// The blocks of this name (`otelcol.exporter.otlp`) directly in this body.
    pub fn blocks<'n>(&self, name: &'n str) -> impl DoubleEndedIterator<Item = Block<'a>> + use<'a, 'n> {
        self.all_blocks().filter(move |block| block.is_called(name))
    }

    /// The first block of this name directly in this body.
    pub fn block(&self, name: &str) -> Option<Block<'a>> {
        self.blocks(name).next()
    }
}

/// A statement.
#[derive(Debug, Clone, Copy)]
pub enum Stmt<'a> {
    /// `name = value`
    Attribute(Attribute<'a>),
    /// `name "label" { … }`
    Block(Block<'a>),
}

impl<'a> Stmt<'a> {
    fn new(file: &'a File, node: &'a StmtNode) -> Self {
        match node {
            StmtNode::Attribute { name, value, end } => Self::Attribute(Attribute::new(file, *name, *value, *end)),
            StmtNode::Block(node) => Self::Block(Block { file, node }),
        }
    }

    /// The bytes of the statement.
    pub fn range(&self) -> Range<u32> {
        match self {
            Self::Attribute(attribute) => attribute.range(),
            Self::Block(block) => block.range(),
        }
    }
}

/// `name = value`
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    file: &'a File,
    name: Span,
    value: Id,
    span: Span,
}

impl<'a> Attribute<'a> {
    fn new(file: &'a File, name: Span, value: Id, end: u32) -> Self {
        Self { file, name, value, span: Span::new(name.start, end) }
    }

    /// The name.
    pub fn name(&self) -> Ident<'a> {
        Ident::new(self.file, self.name)
    }

    /// The value.
    pub fn value(&self) -> Expr<'a> {
        Expr::new(self.file, self.value)
    }

    /// The bytes from the name to the end of the value.
    pub fn range(&self) -> Range<u32> {
        self.span.range()
    }
}

/// `name "label" { … }`
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    file: &'a File,
    node: &'a BlockNode,
}

impl<'a> Block<'a> {
    /// The whole name, `otelcol.exporter.otlp`.
    pub fn name(&self) -> Cow<'a, str> {
        let written = self.name_span().of(&self.file.text);
        if self.node.name.len == 1 { Cow::Borrowed(written) } else { joined(written, self.segments()) }
    }

    /// Whether that is its whole name.
    pub fn is_called(&self, name: &str) -> bool {
        let span = self.name_span();
        // Spacing between its parts only makes it longer, which is rare.
        match (span.len() as usize).cmp(&name.len()) {
            Ordering::Less => false,
            Ordering::Equal => span.is(name, &self.file.text),
            Ordering::Greater => self.node.name.len > 1 && self.name() == name,
        }
    }

    fn name_span(&self) -> Span {
        let names = self.node.name.of(&self.file.names);
        let start = names.first().map_or(self.node.open, |name| name.start);
        Span::new(start, names.last().map_or(start, |name| name.end))
    }

    /// The bytes of the whole name.
    pub fn name_range(&self) -> Range<u32> {
        self.name_span().range()
    }

    /// The parts of the name between the dots.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = Ident<'a>> + ExactSizeIterator + Clone + use<'a> {
        let file = self.file;
        self.node.name.of(&file.names).iter().map(move |&span| Ident::new(file, span))
    }

    /// The label; an empty one counts as none.
    pub fn label(&self) -> Option<Ident<'a>> {
        let span = self.node.label?;
        let written = span.of(&self.file.text);
        let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|label| !label.is_empty());
        inner.map(|_| Ident::new(self.file, Span::new(span.start + 1, span.end - 1)))
    }

    /// The statements between the braces.
    pub fn body(&self) -> Body<'a> {
        let range = Span::new((self.node.open + 1).min(self.node.close), self.node.close);
        Body { file: self.file, list: self.node.body, range }
    }

    /// What comes before the opening brace: name and label.
    pub fn header_range(&self) -> Range<u32> {
        let name = self.name_span();
        name.start..self.node.label.map_or(name.end, |label| label.end)
    }

    /// The bytes from the name to the closing brace.
    pub fn range(&self) -> Range<u32> {
        self.name_span().start..self.node.end
    }
}

/// Names joined by dots, of which `written` is the text: as a rule nothing but the dots stands between them.
pub(crate) fn joined<'a>(written: &'a str, names: impl ExactSizeIterator<Item = Ident<'a>> + Clone) -> Cow<'a, str> {
    let letters: usize = names.clone().map(|name| name.range().len()).sum();
    if letters + names.len() == written.len() + 1 || written.bytes().all(|b| !b.is_ascii_whitespace() && b != b'/') {
        return Cow::Borrowed(written);
    }
    Cow::Owned(names.map(|name| name.name()).collect::<Vec<_>>().join("."))
}

/// An expression.
#[derive(Debug, Clone, Copy)]
pub struct Expr<'a> {
    pub(crate) file: &'a File,
    pub(crate) id: Id,
}

/// What an expression is. [`Expr::kind`] makes it.
#[derive(Debug, Clone, Copy)]
pub enum ExprKind<'a> {
    /// Nothing: there was an error where a value must stand.
    Missing,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Digits only, as written; a leading `0` makes it octal. See [`Expr::as_i64`].
    Number(&'a str),
    /// A number with a fraction or an exponent, as written.
    Float(&'a str),
    /// A string.
    String(Literal<'a>),
    /// A name alone.
    Ident(Ident<'a>),
    /// `value.name`
    Access {
        /// What stands before the dot.
        value: Expr<'a>,
        /// What stands after it.
        name: Ident<'a>,
    },
    /// `value[index]`
    Index {
        /// What stands before the bracket.
        value: Expr<'a>,
        /// What stands between the brackets.
        index: Expr<'a>,
    },
    /// `callee(args)`
    Call {
        /// The function.
        callee: Expr<'a>,
        /// The arguments.
        args: Exprs<'a>,
    },
    /// `[items]`
    Array(Exprs<'a>),
    /// `{ name = value }`
    Object(Fields<'a>),
    /// `!operand`, `-operand`
    Unary {
        /// The operator.
        op: TokenKind,
        /// What it applies to.
        operand: Expr<'a>,
    },
    /// `left op right`
    Binary {
        /// The operator.
        op: TokenKind,
        /// What stands before it.
        left: Expr<'a>,
        /// What stands after it.
        right: Expr<'a>,
    },
    /// `(inner)`
    Paren(Expr<'a>),
}

impl<'a> Expr<'a> {
    pub(crate) fn new(file: &'a File, id: Id) -> Self {
        Self { file, id }
    }

    /// The bytes of the expression.
    pub fn range(&self) -> Range<u32> {
        self.file.expr(self.id).span.range()
    }

    /// The expression as written.
    pub fn text(&self) -> &'a str {
        self.file.expr(self.id).span.of(&self.file.text)
    }

    /// What it is.
    pub fn kind(&self) -> ExprKind<'a> {
        let file = self.file;
        let node = file.expr(self.id);
        let expr = |id| Expr::new(file, id);
        match node.data {
            ExprData::Missing => ExprKind::Missing,
            ExprData::Null => ExprKind::Null,
            ExprData::Bool => ExprKind::Bool(self.text() == "true"),
            ExprData::Number => ExprKind::Number(self.text()),
            ExprData::Float => ExprKind::Float(self.text()),
            ExprData::String => ExprKind::String(Literal { file, span: node.span }),
            ExprData::Ident => ExprKind::Ident(Ident::new(file, node.span)),
            ExprData::Access { value, name } => ExprKind::Access { value: expr(value), name: Ident::new(file, name) },
            ExprData::Index { value, index, .. } => ExprKind::Index { value: expr(value), index: expr(index) },
            ExprData::Call { callee, args, .. } => {
                ExprKind::Call { callee: expr(callee), args: Exprs { file, list: args } }
            }
            ExprData::Array { items } => ExprKind::Array(Exprs { file, list: items }),
            ExprData::Object { fields } => ExprKind::Object(Fields { file, list: fields }),
            ExprData::Unary { op, operand } => ExprKind::Unary { op, operand: expr(operand) },
            ExprData::Binary { op, left, right, .. } => ExprKind::Binary { op, left: expr(left), right: expr(right) },
            ExprData::Paren { inner } => ExprKind::Paren(expr(inner)),
        }
    }
}

/// A string literal.
#[derive(Debug, Clone, Copy)]
pub struct Literal<'a> {
    file: &'a File,
    span: Span,
}

impl<'a> Literal<'a> {
    /// The bytes of the literal, quotes included.
    pub fn range(&self) -> Range<u32> {
        self.span.range()
    }

    /// The literal as written, quotes included.
    pub fn raw(&self) -> &'a str {
        self.span.of(&self.file.text)
    }

    /// Whether it is written in backquotes.
    pub fn is_raw(&self) -> bool {
        self.raw().starts_with('`')
    }

    /// The value and where each part of it is written.
    pub fn decode(&self) -> Decoded<'a> {
        decode(self.raw(), self.span.start)
    }

    /// The value.
    pub fn value(&self) -> Cow<'a, str> {
        value(self.raw())
    }
}

/// The items of an array or the arguments of a call.
#[derive(Debug, Clone, Copy)]
pub struct Exprs<'a> {
    file: &'a File,
    list: List,
}

impl<'a> Exprs<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.len == 0
    }

    /// The item at `index`.
    pub fn get(&self, index: usize) -> Option<Expr<'a>> {
        self.list.of(&self.file.ids).get(index).map(|&id| Expr::new(self.file, id))
    }

    /// All of them in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Expr<'a>> + ExactSizeIterator + use<'a> {
        let file = self.file;
        self.list.of(&file.ids).iter().map(move |&id| Expr::new(file, id))
    }
}

/// The fields of an object.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    file: &'a File,
    list: List,
}

impl<'a> Fields<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.len == 0
    }

    /// All of them in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Field<'a>> + ExactSizeIterator + use<'a> {
        let file = self.file;
        self.list.of(&file.fields).iter().map(move |field| Field { file, name: field.name, value: field.value })
    }

    /// The value of the last field of this name, which is the one that counts.
    pub fn get(&self, name: &str) -> Option<Expr<'a>> {
        self.iter().rev().find(|field| field.name() == name).map(|field| field.value())
    }
}

/// `name = value` in an object.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    file: &'a File,
    name: Span,
    value: Id,
}

impl<'a> Field<'a> {
    /// The name as Alloy sees it: without quotes, but with escape sequences left as they are written.
    pub fn name(&self) -> &'a str {
        let written = self.name.of(&self.file.text);
        match written.len() {
            // Upstream leaves an empty name in its quotes.
            0..=2 => written,
            len if written.starts_with(['"', '`']) => written.get(1..len - 1).unwrap_or(written),
            _ => written,
        }
    }

    /// The bytes of the name, quotes included.
    pub fn name_range(&self) -> Range<u32> {
        self.name.range()
    }

    /// The value.
    pub fn value(&self) -> Expr<'a> {
        Expr::new(self.file, self.value)
    }
}
