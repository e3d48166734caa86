//! The user's words: `vispyr.toml` decoded, every value with its span. Decides nothing.
//!
//! One table of declarations ([`SECTIONS`]) feeds the decoder, the JSON Schema for editors and the reference page.

mod conflict;
mod decode;
mod ignores;
mod model;
mod node;
mod preset;
mod quantity;
mod read;
mod reference;
mod report;
mod rules;
mod schema;
mod sections;
mod suggest;
mod table;
mod text;
mod version;

pub use decode::{decode, of_check};
pub use ignores::Globs;
pub use model::*;
pub use preset::presets;
pub use reference::reference;
pub use rules::{INVALID_VALUE, RULES};
pub use schema::schema;
pub use sections::SECTIONS;
pub use suggest::nearest;
pub use table::{Fallback, Form, Key, Least, Section, Shape};
pub use text::{Complaint, TextForm};

#[cfg(test)]
mod tests;
