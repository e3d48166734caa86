//! Compose: the deployment that says which service runs which engine with which files.

mod base;
mod built;
mod dotenv;
mod image;
mod image_tools;
mod inline;
mod interpolate;
mod load;
mod mount;
mod port;
mod project;
pub mod rules;
mod script;
mod service;
mod shell;
pub mod symbols;
mod value;
mod variables;

#[cfg(test)]
mod tests;

use crate::engine::{Engine, InstanceCheck};
use crate::parse::{Dialect, Node, NodeKind};
use crate::tree::{Format, KindDef, Sniff};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "compose",
    kinds: &[&COMPOSE, &DOTENV],
    mounted: |_, _| None,
    names: None,
    services: Some(project::services),
    symbols: symbols::symbols,
    flows: None,
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: variables::check }),
    emit: None,
    upgrade: None,
};

/// A compose file. Read by yaml.v4 since compose-go 2.10 (compose-spec/compose-go loader/loader.go@v2.13.0).
pub static COMPOSE: KindDef =
    KindDef { name: "compose", engine: "compose", format: Format::Yaml(Dialect::V4), sniff: sniff_compose };

/// `.env` and other env files.
pub static DOTENV: KindDef = KindDef { name: "dotenv", engine: "compose", format: Format::Dotenv, sniff: sniff_dotenv };

/// Whether a file is named as compose files are.
fn is_named(name: &str) -> bool {
    ["compose", "docker-compose"]
        .iter()
        .any(|stem| name.strip_prefix(stem).is_some_and(|r| r.starts_with(['.', '-', '_'])))
}

fn sniff_compose(sniff: &Sniff<'_>) -> u8 {
    const KEYS: [&str; 9] =
        ["version", "name", "services", "networks", "volumes", "configs", "secrets", "include", "models"];
    if is_foreign(sniff) {
        return 0;
    }
    // What compose looks for by itself is a compose file whatever stands in it.
    if project::DEFAULTS.contains(&sniff.name) && sniff.root().is_none_or(|r| r.get("apiVersion").is_none()) {
        return 100;
    }
    let named = is_named(sniff.name);
    let telling = || sniff.line_starts("services") || named && sniff.line_starts("include");
    if !sniff.is_yaml() || !telling() {
        return 0;
    }
    let Some(root) = sniff.root() else { return if named { 100 } else { 10 } };
    let known = |key: &str| KEYS.contains(&key) || key.starts_with("x-");
    if root.get("apiVersion").is_some() || !root.entries().iter().all(|e| known(e.name())) {
        return if named && root.get("services").is_some_and(|s| s.kind() == NodeKind::Map) { 60 } else { 0 };
    }
    if named {
        return 100;
    }
    // Other things have services too (CI, dependency injection): one with an image or a build speaks.
    let services = root.get("services").filter(|s| s.kind() == NodeKind::Map);
    let runs = services.into_iter().flat_map(|s| s.entries()).any(|e| {
        let s = e.value;
        ["image", "build", "extends"].iter().any(|k| s.get(k).is_some()) && s.get("class").is_none()
    });
    if runs { 80 } else { 0 }
}

/// Whether another program reads it, in whose plans ports and variables mean something else: keys of Omnistrate say so.
fn is_foreign(sniff: &Sniff<'_>) -> bool {
    const FOREIGN: &str = "x-omnistrate-";
    let says = |node: Node<'_>| node.own_entries().any(|e| e.name().starts_with(FOREIGN));
    sniff.text.contains(FOREIGN)
        && sniff.root().is_some_and(|root| {
            let services = root.get("services").into_iter().flat_map(|s| s.own_entries());
            says(root) || services.map(|e| e.value).any(says)
        })
}

fn sniff_dotenv(sniff: &Sniff<'_>) -> u8 {
    if sniff.name == ".env" || sniff.name.starts_with(".env.") || sniff.extension() == "env" { 60 } else { 0 }
}
