//! The user's words: `vispyr.toml` decoded, every value with its span. Decides nothing.

mod model;

pub use model::*;
