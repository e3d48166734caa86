//! vispyr generates, checks and links a whole observability stack.
//!
//! Data flows one way: `vispyr.toml` → [`spec`] → [`stack`] → emit → [`tree`] → parse → check → [`link`] → report.
//! `gen` enters at `spec`, `check` at `tree`; everything right of there is shared.

pub mod address;
pub mod catalogue;
pub mod check;
pub mod command;
pub mod conform;
pub mod diagnostic;
pub mod diff;
pub mod docs;
pub mod dskit;
pub mod emit;
pub mod emitter;
pub mod engine;
pub mod engines;
pub mod labels;
pub mod lang;
pub mod learn;
pub mod link;
pub mod mend;
pub mod near;
pub mod output;
pub mod parse;
pub mod report;
pub mod source;
pub mod spec;
pub mod stack;
pub mod symbol;
pub mod targets;
pub mod topology;
pub mod tree;
pub mod upgrade;
pub mod vsym;
