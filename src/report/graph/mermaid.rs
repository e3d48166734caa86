//! As a Mermaid flowchart, which GitHub and others draw in Markdown.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Picture;
use super::picture::Shape;

pub(super) fn render(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    let mut services: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (at, shape) in picture.nodes.iter().enumerate() {
        services.entry(shape.service.as_deref()).or_default().push(at);
    }
    for (number, (service, all)) in services.into_iter().enumerate() {
        let inner = if service.is_some() { "    " } else { "  " };
        if let Some(service) = service {
            writeln!(out, "  subgraph s{number}[\"{}\"]", escape(service))?;
        }
        for at in all {
            let shape = &picture.nodes[at];
            let (open, close) = brackets(shape);
            writeln!(out, "{inner}n{at}{open}\"{}{}\"{close}", escape(&shape.title), place(shape))?;
        }
        if service.is_some() {
            writeln!(out, "  end")?;
        }
    }
    for edge in &picture.edges {
        let mark = match edge.state {
            "broken" => "✗ ",
            "unknown" => "? ",
            _ => "",
        };
        let words = [edge.signals.join(", "), edge.label.clone()];
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
        let text = match (words.is_empty(), edge.rule) {
            (true, None) => mark.trim().to_owned(),
            (_, rule) => format!("{mark}{}{}", words.join(" · "), rule.map_or(String::new(), |r| format!(" · {r}"))),
        };
        let arrow = if edge.state == "fine" { "-->" } else { "-.->" };
        let text = if text.is_empty() { String::new() } else { format!("|\"{}\"|", escape(&text)) };
        writeln!(out, "  n{} {arrow}{text} n{}", edge.from, edge.to)?;
    }
    for (state, style) in [("broken", "stroke:#c62828,stroke-width:3px"), ("unknown", "stroke:#8a8a8a")] {
        let all = picture.edges.iter().enumerate().filter(|(_, e)| e.state == state);
        let all: Vec<String> = all.map(|(at, _)| at.to_string()).collect();
        if !all.is_empty() {
            writeln!(out, "  linkStyle {} {style}", all.join(","))?;
        }
    }
    Ok(())
}

fn brackets(shape: &Shape) -> (&'static str, &'static str) {
    match shape.kind {
        "store" => ("[(", ")]"),
        "service" => ("([", "])"),
        "outside" | "unknown" => ("[/", "/]"),
        "reader" => ("[[", "]]"),
        _ => ("[", "]"),
    }
}

fn place(shape: &Shape) -> String {
    let place = shape.details.first().filter(|_| shape.details.len() == 1).and_then(|d| d.place.as_ref());
    place.map_or(String::new(), |p| format!("<br/>{}", escape(&p.shown())))
}

/// Text in quotes. Mermaid takes `#…;` for characters, and reads HTML and Markdown in labels otherwise.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '`' | ';' | '%' | '\\' | '*' | '_' | '{' | '}' | '$' => {
                out.push_str(&format!("#{};", c as u32));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_quotes() {
        let hostile = "a\"]; click n0 call x() %% <img src=x onerror=1> `**b**`";
        let escaped = escape(hostile);
        assert!(!escaped.contains(['"', '<', '>', '`', '%']), "{escaped}");
    }
}
