//! The one integration binary: everything that holds the whole house, not one room of it.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod adapter;
mod cases;
mod classes;
mod cli;
mod diff;
mod docs;
mod editors;
mod examples;
mod fault;
mod fmt;
mod formats;
mod harness;
mod hostile;
mod imports;
mod licences;
mod mutations;
mod output;
mod page;
mod properties;
mod recorded;
mod registry;
mod snapshots;
mod specs;
mod symbols;
mod topology;
mod upgrade;
