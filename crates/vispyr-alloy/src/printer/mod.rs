//! Tree to text in the one canonical form.
//!
//! The layout is that of grafana/alloy syntax/printer@v1.18.1, byte for byte, including what looks odd there. The
//! walker turns the tree into words and wishes for spacing, the [`writer`] joins them with the comments, [`columns`]
//! aligns what stands one below the other, [`trim`] removes the spacing at the end of lines.

mod columns;
mod trim;
mod walker;
mod writer;

use crate::error::SyntaxError;
use crate::parser::parse;
use crate::tree::File;

/// Formats a text as `alloy fmt` does. A text with errors is refused, as it is there.
///
/// # Errors
///
/// The errors of the text, or one that says that the result would be out of proportion (see `TooLarge`).
pub fn format(text: &str) -> Result<String, Vec<SyntaxError>> {
    let parsed = parse(text);
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    try_print(&parsed.file).map_err(|TooLarge| vec![SyntaxError::whole("too deeply nested to be formatted")])
}

/// Prints a tree as `alloy fmt` does. The tree should come from a text without errors; what an erroneous text lost is
/// not printed. A text whose formatted form would be out of proportion is returned as it is.
pub fn print(file: &File) -> String {
    try_print(file).unwrap_or_else(|TooLarge| file.text().to_owned())
}

/// The indentation of deeply nested brackets on lines of their own would make the output grow with the square of the
/// input: 200 kB could ask for 10 GB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TooLarge;

fn try_print(file: &File) -> Result<String, TooLarge> {
    let words = walker::walk(file)?;
    let mut text = trim::trim(&columns::align(&words)?);
    text.push(b'\n');
    // Only whole characters and ASCII were put in, so nothing is ever replaced.
    Ok(String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// How large an output may become for an input of this many bytes.
fn limit(input: usize) -> usize {
    (64 << 20) + input.saturating_mul(16)
}
