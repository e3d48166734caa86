//! JMESPath, read as far as the two libraries of Go refuse it when an expression is compiled: jmespath/go-jmespath and
//! jmespath-community/go-jmespath, whose grammar knows arithmetic, variables and `let`. Names of functions and counts of
//! arguments are not looked at before a value is searched, so they are not here.

mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use std::ops::Range;

/// The library that reads an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// jmespath/go-jmespath lexer.go, parser.go@v0.4.0.
    Classic,
    /// jmespath-community/go-jmespath pkg/parsing/lexer.go, parser.go@v1.1.1.
    Community,
}

impl Dialect {
    /// What Alloy 1.`minor` reads expressions with (grafana/alloy go.mod@v1.0.0, @v1.10.2, @v1.11.0, @v1.19.0-rc.3).
    #[must_use]
    pub fn of_alloy(minor: u16) -> Self {
        if minor < 11 { Self::Classic } else { Self::Community }
    }
}

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Why.
    pub message: String,
}

/// Reads an expression.
///
/// # Errors
/// The first reason for which the library refuses it.
pub fn check(text: &str, dialect: Dialect) -> Result<(), Error> {
    let tokens = lexer::lex(text, dialect)?;
    parser::Parser::new(text, &tokens, dialect).run()
}
