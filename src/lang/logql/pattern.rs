//! Patterns of `| pattern` and of Alloy's `stage.pattern`, which one library reads.

/// Reads a pattern (grafana/loki pkg/logql/log/pattern/ast.go, lexer.rl@0ee8e76ba280, @v3.7.6): at least one capture has a
/// name, no two follow each other, no two have the same name.
///
/// # Errors
/// Why it is refused.
pub fn check(text: &str) -> Result<(), String> {
    let mut names: Vec<&str> = Vec::new();
    let mut rest = text;
    let mut just = false;
    while let Some(c) = rest.chars().next() {
        let Some(name) = capture(rest) else {
            rest = &rest[c.len_utf8()..];
            just = false;
            continue;
        };
        if just {
            return Err(format!("capture `<{name}>` follows another one directly; nothing tells where it begins"));
        }
        if name != "_" && names.contains(&name) {
            return Err(format!("capture `<{name}>` is there twice"));
        }
        if name != "_" {
            names.push(name);
        }
        just = true;
        rest = &rest[name.len() + 2..];
    }
    if names.is_empty() {
        return Err("`pattern` extracts nothing: it has no capture such as `<name>`".to_owned());
    }
    Ok(())
}

/// The name of the capture that a text begins with.
fn capture(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('<')?.split_once('>')?;
    let first = name.chars().next()?;
    let good =
        (first == '_' || first.is_ascii_alphabetic()) && name.bytes().all(|c| c == b'_' || c.is_ascii_alphanumeric());
    good.then_some(name)
}
