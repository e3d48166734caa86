//! caddy.

pub mod emit;
