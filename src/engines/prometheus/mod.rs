//! prometheus.

pub mod emit;
