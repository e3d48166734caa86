//! Label sets that are partly known, and what relabelling makes of them.
//!
//! A label that is absent has the empty value, as in the engine. What comes out holds every set that the engine can make
//! of the sets that went in; it may hold more, never less: who asks whether a label *can* be there gets a true no.

mod decode;
mod meta;
pub mod otlp;
mod query;
mod relabel;
mod scrape;
mod series;
mod set;
#[cfg(test)]
mod tests;

pub use decode::steps;
pub use meta::{Given, Lost};
pub use otlp::{Promoted, Translation};
pub use query::{decided, result};
pub use relabel::{Action, Fate, Regex, Rule, Step, apply};
pub use scrape::{scraped, targeted};
pub use series::{End, Hop, Idle, Names, Pace, Scraped, Series, Stage, is_report};
pub use set::{Set, Value};
