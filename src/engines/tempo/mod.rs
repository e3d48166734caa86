//! tempo.

pub mod emit;
