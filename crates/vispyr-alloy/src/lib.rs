//! Lexer, parser and printer for the Grafana Alloy configuration language.
/// A parsed file.
#[derive(Debug, Default)]
pub struct Parse;
