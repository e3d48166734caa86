//! The engines: everything about one lives in its folder.

pub mod alloy;
pub mod caddy;
pub mod grafana;
pub mod prometheus;
pub mod pyroscope;
pub mod tempo;
