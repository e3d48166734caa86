//! Kinds of our own files: known, never linted.

use super::{Format, KindDef, Sniff};

/// `vispyr.toml`.
pub static SPEC: KindDef =
    KindDef { name: "vispyr-spec", engine: "", format: Format::Toml, sniff: |s| named(s, s.name == "vispyr.toml") };

/// `.vispyr/manifest.json`.
pub static MANIFEST: KindDef = KindDef {
    name: "vispyr-manifest",
    engine: "",
    format: Format::Json,
    sniff: |s| named(s, s.path == ".vispyr/manifest.json" || s.path.ends_with("/.vispyr/manifest.json")),
};

/// What another tree offers and needs.
pub static SYMBOLS: KindDef =
    KindDef { name: "vispyr-symbols", engine: "", format: Format::Json, sniff: |s| named(s, s.extension() == "vsym") };

fn named(_: &Sniff<'_>, fits: bool) -> u8 {
    if fits { 100 } else { 0 }
}
