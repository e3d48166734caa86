//! What engines of a version accept, offer and hold: facts from `schemas/`, compiled in and read in place.
//!
//! Knows no file of the user, no path, no I/O.

pub mod changes;
mod discovery;
mod editor;
mod exporters;
mod facts;
mod layout;
pub mod otel;
mod own;
mod renames;
pub mod schema;
#[cfg(test)]
mod shape;
mod successor;
mod version;

pub use discovery::{Discovery, discovery};
pub use editor::editor_schema;
pub use exporters::Exporter;
pub use facts::{Ended, Endpoint, Facts, Flag, Image, Key, Listener, Metric, Range, Transport, all, engine};
pub use own::{Own, Stay, is_shared, namespaces, own, owner};
pub use renames::{MetricRename, renames};
pub use schema::schema;
pub use successor::{Behaviour, Change, Keep, Mend, Renamed, Successor, behaviours, function, successor};
pub use version::Version;
