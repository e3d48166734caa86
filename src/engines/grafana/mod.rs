//! Grafana.

pub mod dashboard;
pub mod emit;
