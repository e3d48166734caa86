//! What OpenTelemetry's semantic conventions and Pyroscope call things: the tables of `schemas/lang/otel.json` and
//! `profiles.json`, compiled in.

include!(concat!(env!("OUT_DIR"), "/otel.rs"));

/// What measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instrument {
    /// A sum that never falls.
    Counter,
    /// A sum that may fall.
    UpDownCounter,
    /// A value.
    Gauge,
    /// A distribution.
    Histogram,
}

/// A metric whose name, instrument and unit are the same in every release that has it.
#[derive(Debug)]
pub struct Convention {
    /// Name: `http.server.request.duration`.
    pub name: &'static str,
    /// What measures it.
    pub instrument: Instrument,
    /// Its unit as names of series have it: `seconds`; empty = none.
    pub unit: &'static str,
    /// Whether it is a part of a whole.
    pub ratio: bool,
}

/// All of them, in the order of their names.
#[must_use]
pub fn metrics() -> &'static [Convention] {
    METRICS
}

/// Attributes that resources have, and samples of no metric, in order.
#[must_use]
pub fn resource_attributes() -> &'static [&'static str] {
    RESOURCE
}

/// All other attributes of whatever, of any release, in order.
#[must_use]
pub fn attributes() -> &'static [&'static str] {
    ATTRIBUTES
}

/// The ids of the types of profiles that Pyroscope's pages have words for. There are others.
#[must_use]
pub fn profile_types() -> &'static [&'static str] {
    PROFILES
}
