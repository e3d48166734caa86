//! The tests of the crate, as one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod build;
mod format;
mod hostile;
mod lone;
mod mistakes;
mod query;
mod recovery;
mod strings;
mod tree;
mod verdicts;
