//! alloy.

pub mod emit;
