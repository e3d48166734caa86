//! Lexer, parser and printer for the Grafana Alloy configuration language.
