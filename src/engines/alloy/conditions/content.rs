//! All that is written in a block, in a form by which two blocks can be compared.

use std::fmt::Write as _;

use super::decoded::Decoded;
use super::view::{Attribute, Body as _, Value};
use crate::catalogue::schema::TypeKind;
use crate::engines::alloy::types;

/// Blocks nested deeper than this are not compared: no component nests its own as deep.
const DEPTH: u8 = 16;

/// Longer contents are not compared.
const LONGEST: usize = 64 * 1024;

/// Writes down a block; `false` when there is too much of it.
pub(super) fn write(block: &Decoded<'_>, out: &mut String) -> bool {
    down(block, DEPTH, out)
}

fn down(block: &Decoded<'_>, depth: u8, out: &mut String) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let Some(written) = block.written() else { return true };
    let mut lines = Vec::new();
    for attribute in written.attrs() {
        let name = attribute.name().name();
        let mut line = format!("{name}=");
        let known = block.attribute(name);
        if secret(block, name) && matches!(&known.value, Value::Text(text) if !text.is_empty()) {
            lines.push(format!("{name}*"));
            continue;
        }
        if exact(&known, &mut line).is_none() {
            // What cannot be evaluated is the same where it is written the same.
            line = format!("{name}~{}", attribute.value().text());
        }
        lines.push(line);
    }
    lines.sort();
    let mut blocks = Vec::new();
    for written in written.all_blocks() {
        let Some(inner) = block.of(&written) else { return false };
        let (name, label) = (written.name(), written.label().map(|label| label.name()));
        let mut text = String::new();
        if !down(&inner, depth, &mut text) {
            return false;
        }
        blocks.push((name.to_string(), format!("{label:?}{{{text}}}")));
    }
    // Only among those of one name does the order count.
    blocks.sort_by(|(left, _), (right, _)| left.cmp(right));
    lines.extend(blocks.into_iter().map(|(name, text)| format!("{name} {text}")));
    for line in lines {
        let _ = write!(out, "{}:{line}", line.len());
    }
    out.len() < LONGEST
}

/// Upstream compares configurations as they are written out, secrets as `<secret>`
/// (prometheus/common config/http_config.go `HTTPClientConfig.String`, `Secret.MarshalYAML`@v0.60.0, @v0.70.1).
fn secret(block: &Decoded<'_>, name: &str) -> bool {
    let field = block.body().and_then(|body| body.field(name));
    field.is_some_and(|field| matches!(field.ty().kind(), TypeKind::Capsule(capsule) if capsule == types::SECRET))
}

/// Writes a value down when all of it is known.
fn exact(attribute: &Attribute<'_>, out: &mut String) -> Option<()> {
    match &attribute.value {
        Value::Unknown => return None,
        Value::Unset => out.push('-'),
        Value::Bool(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Number(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Text(text) => {
            let _ = write!(out, "{text:?}");
        }
        Value::List(items) => {
            for item in items {
                out.push('[');
                exact(item, out)?;
            }
            out.push(']');
        }
        Value::Map(fields) => {
            for (key, field) in fields {
                let _ = write!(out, "{{{key:?}");
                exact(field, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}
