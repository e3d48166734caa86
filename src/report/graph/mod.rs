//! The graph → bytes: Mermaid, DOT, JSON, SVG and one page of HTML that needs nothing else.

mod dot;
mod html;
mod json;
mod mermaid;
mod picture;
mod svg;

use std::io::{self, Write};

pub use picture::Picture;

/// A way to print a [`Picture`].
#[derive(Debug)]
pub struct GraphFormat {
    /// As `--format` takes it.
    pub name: &'static str,
    /// Prints.
    pub render: fn(&Picture, &mut dyn Write) -> io::Result<()>,
}

/// All formats, by name.
pub static FORMATS: &[GraphFormat] = &[
    GraphFormat { name: "dot", render: dot::render },
    GraphFormat { name: "html", render: html::render },
    GraphFormat { name: "json", render: json::render },
    GraphFormat { name: "mermaid", render: mermaid::render },
    GraphFormat { name: "svg", render: svg::render },
];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static GraphFormat> {
    FORMATS.iter().find(|f| f.name == name)
}
