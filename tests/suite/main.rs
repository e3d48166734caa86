//! One binary for all tests that run the built command or the whole library: it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli;
mod fault;
mod harness;
mod output;
