//! The words of the language.

use std::ops::Range;

/// The kind of a token (grafana/alloy syntax/token/token.go@v1.18.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A character that belongs to no token, or a single-quoted string. Always comes with an error.
    Illegal,
    /// The end of the text.
    Eof,
    /// A `//` or `/* */` comment.
    Comment,
    /// A name.
    Ident,
    /// Digits only.
    Number,
    /// A number with a fraction or an exponent.
    Float,
    /// A string in double quotes or backquotes.
    String,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// `||`
    Or,
    /// `&&`
    And,
    /// `!`
    Not,
    /// `=`
    Assign,
    /// `==`
    Eq,
    /// `!=`
    Neq,
    /// `<`
    Lt,
    /// `<=`
    Lte,
    /// `>`
    Gt,
    /// `>=`
    Gte,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `^`
    Pow,
    /// `{`
    LCurly,
    /// `}`
    RCurly,
    /// `(`
    LParen,
    /// `)`
    RParen,
    /// `[`
    LBrack,
    /// `]`
    RBrack,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// A line end that ends a statement.
    Terminator,
}

impl TokenKind {
    /// The text of an operator or delimiter, empty for the other kinds.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Not => "!",
            Self::Assign => "=",
            Self::Eq => "==",
            Self::Neq => "!=",
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "^",
            Self::LCurly => "{",
            Self::RCurly => "}",
            Self::LParen => "(",
            Self::RParen => ")",
            Self::LBrack => "[",
            Self::RBrack => "]",
            Self::Comma => ",",
            Self::Dot => ".",
            _ => "",
        }
    }

    /// The kind in words, for messages.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Illegal => "an illegal character",
            Self::Eof => "the end of the file",
            Self::Comment => "a comment",
            Self::Ident => "a name",
            Self::Number | Self::Float => "a number",
            Self::String => "a string",
            Self::Bool => "a boolean",
            Self::Null => "`null`",
            Self::Terminator => "the end of the line",
            Self::Or => "`||`",
            Self::And => "`&&`",
            Self::Not => "`!`",
            Self::Assign => "`=`",
            Self::Eq => "`==`",
            Self::Neq => "`!=`",
            Self::Lt => "`<`",
            Self::Lte => "`<=`",
            Self::Gt => "`>`",
            Self::Gte => "`>=`",
            Self::Add => "`+`",
            Self::Sub => "`-`",
            Self::Mul => "`*`",
            Self::Div => "`/`",
            Self::Mod => "`%`",
            Self::Pow => "`^`",
            Self::LCurly => "`{`",
            Self::RCurly => "`}`",
            Self::LParen => "`(`",
            Self::RParen => "`)`",
            Self::LBrack => "`[`",
            Self::RBrack => "`]`",
            Self::Comma => "`,`",
            Self::Dot => "`.`",
        }
    }

    /// How strongly a binary operator binds; 0 for everything else.
    pub(crate) fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Eq | Self::Neq | Self::Lt | Self::Lte | Self::Gt | Self::Gte => 3,
            Self::Add | Self::Sub => 4,
            Self::Mul | Self::Div | Self::Mod => 5,
            Self::Pow => 6,
            _ => 0,
        }
    }
}

/// One token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte; equal to `start` for [`TokenKind::Terminator`] and [`TokenKind::Eof`].
    pub end: u32,
}

impl Token {
    /// The bytes of the token.
    pub fn range(&self) -> Range<u32> {
        self.start..self.end
    }
}
