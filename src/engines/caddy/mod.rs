//! Caddy, as the proxy in front of a gateway: its Caddyfile is known, not read.

mod caddyfile;
pub mod emit;
mod flows;
pub mod rules;
pub mod symbols;

use crate::engine::Engine;
use crate::tree::{Format, Kind, KindDef, Service, Sniff, path};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "caddy",
    kinds: &[&CADDYFILE],
    mounted,
    names: None,
    services: None,
    symbols: symbols::symbols,
    flows: Some(flows::flows),
    rules: rules::ALL,
    check: None,
    emit: Some(emit::emit),
    upgrade: None,
};

/// A Caddyfile.
pub static CADDYFILE: KindDef = KindDef { name: "caddyfile", engine: "caddy", format: Format::Text, sniff };

fn mounted(service: &Service, at: &str) -> Option<Kind> {
    let config = match service.flag("config") {
        Some((arg, _)) if arg.open => return None,
        Some((_, value)) => path::clean(&value),
        None => "/etc/caddy/Caddyfile".to_owned(),
    };
    (config == at && path::extension(at) != "json").then_some(&CADDYFILE)
}

fn sniff(sniff: &Sniff<'_>) -> u8 {
    if sniff.name == "Caddyfile" || sniff.name.starts_with("Caddyfile.") { 100 } else { 0 }
}
