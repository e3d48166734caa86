//! The reference page of `vispyr.toml`, written from the table of declarations.

use std::fmt::Write as _;

use super::sections::SECTIONS;
use super::table::{Fallback, Form, Key, Section};

/// `docs/spec.md`.
pub fn reference() -> String {
    let mut out = String::from(
        "# `vispyr.toml`\n\n\
         Generated from the declarations in `src/spec/sections.rs`; `vispyr schema` prints the same as JSON Schema for editors.\n\n\
         Unknown keys are errors. A **duration** is a text of whole numbers with units, longest first, each once: `w` (7 days), `d` (24 hours), `h`, `m`, `s`, as in \
         `\"1d12h\"`. A **size** is a text of one whole number and a unit: `B`, `KB`, `MB`, `GB`, `TB`, or the same with `i` (`KiB` …). Both spellings are \
         powers of 1024, as in Prometheus: `1GB` = `1GiB` = 1073741824 bytes. A **version** is exact, `\"3.14.0\"`; a leading `v` may stand. \
         Secrets are never written here: `{ env = \"X\" }` names the variable of `.env` that holds one.\n",
    );
    for section in &SECTIONS {
        one(&mut out, section);
    }
    out
}

fn one(out: &mut String, section: &Section) {
    let _ = write!(out, "\n## `{}`\n\n{}\n\n", section.header(), section.doc);
    out.push_str("| key | type | default | unit | since | what it does |\n|---|---|---|---|---|---|\n");
    for key in section.keys {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {}{} |",
            key.name,
            key.form.name(),
            default(key),
            key.form.unit(),
            key.since,
            key.doc,
            key.form.bound()
        );
    }
}

fn default(key: &Key) -> String {
    match (key.fallback, key.form) {
        (Fallback::Required, _) => "**required**".to_owned(),
        (Fallback::Depends(on), _) => on.to_owned(),
        (Fallback::Value(text), Form::Flag | Form::Port | Form::Count) => format!("`{text}`"),
        (Fallback::Value(text), _) => format!("`\"{text}\"`"),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// Set `VISPYR_BLESS=1` to write the page instead of comparing it.
    #[test]
    fn the_committed_page_is_the_generated_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/spec.md");
        if std::env::var_os("VISPYR_BLESS").is_some() {
            std::fs::write(path, reference()).expect("docs/spec.md is writable");
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == reference(), "docs/spec.md is stale: run this test with VISPYR_BLESS=1");
    }
}
