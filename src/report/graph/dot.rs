//! As a graph of Graphviz.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Picture;

pub(super) fn render(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph {} {{", quoted(&picture.title))?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(out, "  node [shape=box, fontname=\"monospace\", fontsize=10];")?;
    writeln!(out, "  edge [fontname=\"monospace\", fontsize=9];")?;
    let mut services: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (at, shape) in picture.nodes.iter().enumerate() {
        services.entry(shape.service.as_deref()).or_default().push(at);
    }
    for (number, (service, all)) in services.into_iter().enumerate() {
        if let Some(service) = service {
            writeln!(out, "  subgraph cluster_{number} {{")?;
            writeln!(out, "    label={};", quoted(service))?;
        }
        for at in all {
            let shape = &picture.nodes[at];
            let place = shape.details.first().filter(|_| shape.details.len() == 1).and_then(|d| d.place.as_ref());
            let text = place.map_or(shape.title.clone(), |p| format!("{}\n{}", shape.title, p.shown()));
            let form = match shape.kind {
                "store" => "cylinder",
                "service" => "ellipse",
                "outside" | "unknown" => "parallelogram",
                "reader" => "note",
                _ => "box",
            };
            writeln!(out, "    n{at} [label={}, shape={form}];", quoted(&text))?;
        }
        if service.is_some() {
            writeln!(out, "  }}")?;
        }
    }
    for edge in &picture.edges {
        let (mark, style) = match edge.state {
            "broken" => ("✗ ", "style=dashed, color=\"#c62828\", penwidth=2"),
            "unknown" => ("? ", "style=dotted, color=\"#808080\""),
            _ => ("", "style=solid"),
        };
        let mut lines = vec![format!("{mark}{}", edge.signals.join(", ")), edge.label.clone()];
        lines.extend(edge.rule.map(str::to_owned));
        lines.retain(|l| !l.trim().is_empty());
        writeln!(out, "  n{} -> n{} [label={}, {style}];", edge.from, edge.to, quoted(&lines.join("\n")))?;
    }
    writeln!(out, "}}")
}

/// A string of DOT: a backslash would start one of its escapes.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_quotes() {
        assert_eq!(quoted("a\\\"]; x"), r#""a\\\"]; x""#);
        assert_eq!(quoted("a\nb"), r#""a\nb""#);
    }
}
