//! Lexer, parser and printer for the Grafana Alloy configuration language.
//!
//! [`parse`] turns any text into a [`File`] and a list of errors; the list is empty exactly for what Alloy's own
//! parser accepts. [`format()`] and [`print()`] write the canonical form, byte for byte that of `alloy fmt`. The crate
//! knows the language only: what components exist and what they take is not its concern.

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
pub use parser::{Expression, Parse, parse, parse_expression};
pub use printer::{format, print};
pub use query::{EnvCall, Reference};
pub use strings::{Decoded, quote};
pub use token::{Token, TokenKind};
pub use tree::File;
pub use view::{Attribute, Block, Body, Comment, Expr, ExprKind, Exprs, Field, Fields, Ident, Literal, Stmt};
