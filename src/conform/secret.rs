//! Secrets, and what only stands for one.

/// Whether a text is to be replaced before use.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let marks = [
        "${",
        "$(",
        "{{",
        "<",
        ">",
        "your",
        "change",
        "todo",
        // Parts of addresses of webhooks that are to be filled in.
        "xxx",
        "0000",
        "replace",
        "example",
        "redacted",
        "placeholder",
        "...",
    ];
    let shouted = text.chars().all(|c| c.is_ascii_uppercase() || matches!(c, '_' | '-'));
    let dull = lower.chars().all(|c| matches!(c, 'x' | '*' | '.' | '-' | '='));
    let framed = text.len() > 1 && text.starts_with('%') && text.ends_with('%');
    framed || shouted || dull || marks.iter().any(|m| lower.contains(m))
}
