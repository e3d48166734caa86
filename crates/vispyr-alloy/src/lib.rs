#![doc = include_str!("../README.md")]

pub mod build;
mod error;
mod lexer;
mod parser;
mod printer;
mod query;
mod span;
mod strings;
mod token;
mod tree;
mod unicode;
mod view;

pub use error::SyntaxError;
pub use lexer::{is_identifier, sanitize_identifier, tokens};
pub use parser::{Expression, Parse, parse, parse_expression, parse_shared};
pub use printer::{format, print};
pub use query::{EnvCall, Reference};
pub use strings::{Decoded, quote};
pub use token::{Token, TokenKind};
pub use tree::File;
pub use view::{Attribute, Block, Body, Comment, Expr, ExprKind, Exprs, Field, Fields, Ident, Literal, Stmt};
