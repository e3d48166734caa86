//! The engines: everything about one lives in its folder.

pub mod alloy;
pub mod caddy;
pub mod grafana;
pub mod prometheus;
pub mod pyroscope;
pub mod tempo;

use crate::emit::EngineEmitter;

/// Who writes the files of an engine's nodes.
pub static EMITTERS: &[(&str, EngineEmitter)] = &[
    ("alloy", alloy::emit::emit),
    ("caddy", caddy::emit::emit),
    ("grafana", grafana::emit::emit),
    ("prometheus", prometheus::emit::emit),
    ("pyroscope", pyroscope::emit::emit),
    ("tempo", tempo::emit::emit),
];
