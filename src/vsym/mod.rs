//! Symbol files (`.vsym`): what one tree offers and needs, as text that another repository is linked against.
//!
//! JSON, since every language writes it and an editor holds it against a schema; one symbol on each line, in a fixed order,
//! so that a diff is the list of symbols that came and went, and a finding can point to one of them. No symbol holds a
//! credential: of what is shown or demanded only the kind is told.

mod export;
mod model;
mod read;

pub use export::export;
pub use model::{
    Accepts, Asked, Called, Contents, Datasource, Listener, Metric, MetricType, Named, Port, Read, Service, VERSION,
    Wanted, schema,
};
pub use read::{Origins, say, services};
