//! pyroscope.

pub mod emit;
