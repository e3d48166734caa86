//! As SVG: boxes in layers, lines with their state as a dash and a sign, light and dark.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::Picture;
use super::picture::{Line, Shape};
use crate::topology::layout::{Layout, layout};

/// Width of a character of the monospaced font, by its size.
const ADVANCE: f64 = 0.602;
const TITLE: f64 = 12.0;
const SMALL: f64 = 10.0;
/// Characters of a title, and of the line below it.
const TITLES: usize = 40;
const SMALLS: usize = 48;
const HEIGHT: f64 = 44.0;
const PAD: f64 = 12.0;
/// Space around all.
const MARGIN: f64 = 24.0;

/// The look of the drawing, shared with the page.
pub(super) const STYLE: &str = include_str!("svg.css");

pub(super) fn render(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "{}", element(picture, &format!("<style>{STYLE}</style>")))
}

/// The element, with what comes first in it.
pub(super) fn element(picture: &Picture, head: &str) -> String {
    let sizes: Vec<(f64, f64)> = picture.nodes.iter().map(|s| (width(s), HEIGHT)).collect();
    let edges: Vec<(usize, usize)> = picture.edges.iter().map(|e| (e.from, e.to)).collect();
    let layout = layout(&sizes, &edges);
    let (width, height) = (layout.width + 2.0 * MARGIN, layout.height + 2.0 * MARGIN);
    let mut out = String::new();
    let title = escape(&picture.title);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"{0:.0} {0:.0} {width:.0} {height:.0}\" role=\"group\" aria-label=\"topology of {title}\">",
        -MARGIN
    );
    out.push_str(head);
    let _ = writeln!(out, "<title>{title}</title>");
    // How crowded the ends of lines are decides at which one a label has room.
    let (mut leaving, mut entering) = (vec![0_usize; sizes.len()], vec![0_usize; sizes.len()]);
    for (from, to) in &edges {
        leaving[*from] += 1;
        entering[*to] += 1;
    }
    let labelled = labelled(picture);
    for (at, edge) in picture.edges.iter().enumerate() {
        let early = leaving[edge.from] <= entering[edge.to];
        line(&mut out, at, picture, &layout, Labels { early, shown: labelled[at] });
    }
    for (at, shape) in picture.nodes.iter().enumerate() {
        node(&mut out, at, shape, layout.boxes[at], sizes[at]);
    }
    out.push_str("</svg>");
    out
}

/// Where a line has its label, and whether it has one.
struct Labels {
    early: bool,
    shown: bool,
}

/// Of lines that say the same and end in one box, the one in the middle says it for all.
fn labelled(picture: &Picture) -> Vec<bool> {
    let mut groups: HashMap<(usize, &str, &[&str]), Vec<usize>> = HashMap::new();
    let mut shown: Vec<bool> = picture.edges.iter().map(|e| e.state != "fine").collect();
    for (at, edge) in picture.edges.iter().enumerate().filter(|(_, e)| e.state == "fine") {
        groups.entry((edge.to, &edge.label, &edge.signals)).or_default().push(at);
    }
    groups.into_values().for_each(|g| shown[g[g.len() / 2]] = true);
    shown
}

fn line(out: &mut String, at: usize, picture: &Picture, layout: &Layout, Labels { early, shown }: Labels) {
    let (edge, points) = (&picture.edges[at], &layout.edges[at]);
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    let mut path = format!("M{:.1} {:.1}", first.0, first.1);
    let mut middle = *first;
    let curves = points.len() / 2;
    if edge.from == edge.to {
        let _ = write!(path, "c34 -26 34 34 0 14");
        middle = (first.0 + 26.0, first.1);
    } else {
        for (i, pair) in points.windows(2).enumerate() {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            if i % 2 == 1 {
                let _ = write!(path, "L{x1:.1} {y1:.1}");
                continue;
            }
            let half = (x1 - x0) / 2.0;
            let _ = write!(path, "C{:.1} {y0:.1} {:.1} {y1:.1} {x1:.1} {y1:.1}", x0 + half, x1 - half);
            let here = if early { i == 0 } else { i / 2 + 1 == curves };
            if here {
                middle = curve((x0, y0), (x1, y1), if early { 0.36 } else { 0.64 });
            }
        }
    }
    let signals = edge.signals.join(" ");
    let tint = match edge.signals[..] {
        [only] => format!("s-{only}"),
        [] => "s-any".to_owned(),
        _ => "s-many".to_owned(),
    };
    let said = spoken(edge, picture);
    let _ = write!(
        out,
        "<g class=\"line {tint} {}\" id=\"e{at}\" data-signals=\"{signals}\" data-from=\"{}\" data-to=\"{}\" tabindex=\"0\" \
         role=\"img\" aria-label=\"{}\"><title>{}</title><path class=\"hit\" d=\"{path}\"/><path class=\"wire\" d=\"{path}\"/>",
        edge.state,
        edge.from,
        edge.to,
        escape(&said),
        escape(&said)
    );
    let back = last.0 < first.0;
    let wing = if back { 8 } else { -8 };
    if edge.from != edge.to {
        let _ = write!(out, "<path class=\"tip\" d=\"M{:.1} {:.1}l{wing} -4v8z\"/>", last.0, last.1);
    }
    let (x, y) = middle;
    if edge.state != "fine" {
        let sign = if edge.state == "broken" { "✗" } else { "?" };
        let _ = write!(out, "<circle class=\"sign\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"9\"/>");
        let _ = write!(out, "<text class=\"sign\" x=\"{x:.1}\" y=\"{:.1}\">{sign}</text>", y + 4.0);
    }
    let lift = if edge.state == "fine" { 4.0 } else { 12.0 };
    let words = edge.signals.join(", ");
    if shown && !words.is_empty() {
        let _ = write!(out, "<text class=\"label\" x=\"{x:.1}\" y=\"{:.1}\">{words}</text>", y - lift);
    }
    if shown && !edge.label.is_empty() {
        let label = escape(&cut(&edge.label, 22));
        let _ = write!(out, "<text class=\"label\" x=\"{x:.1}\" y=\"{:.1}\">{label}</text>", y + lift + 8.0);
    }
    out.push_str("</g>\n");
}

/// A point of the curve between two points.
fn curve(from: (f64, f64), to: (f64, f64), t: f64) -> (f64, f64) {
    let half = (to.0 - from.0) / 2.0;
    let cubic = |a: f64, b: f64, c: f64, d: f64| {
        let u = 1.0 - t;
        u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
    };
    (cubic(from.0, from.0 + half, to.0 - half, to.0), cubic(from.1, from.1, to.1, to.1))
}

fn node(out: &mut String, at: usize, shape: &Shape, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let said = named(shape);
    let _ = write!(
        out,
        "<g class=\"box k-{}\" id=\"n{at}\" tabindex=\"0\" role=\"img\" aria-label=\"{}\"><title>{}</title>",
        shape.kind,
        escape(&said),
        escape(&said)
    );
    let round = if shape.kind == "service" { height / 2.0 } else { 5.0 };
    let _ = write!(out, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round}\"/>");
    let text = x + width / 2.0;
    let _ = write!(
        out,
        "<text class=\"title\" x=\"{text:.1}\" y=\"{:.1}\">{}</text>",
        y + 18.0,
        escape(&cut(&shape.title, TITLES))
    );
    let _ = write!(out, "<text class=\"sub\" x=\"{text:.1}\" y=\"{:.1}\">{}</text>", y + 34.0, escape(&below(shape)));
    if !shape.findings.is_empty() {
        let worst = ["error", "warning", "info"].into_iter().find(|s| shape.findings.iter().any(|f| f.severity == *s));
        let worst = worst.unwrap_or("info");
        let sign = match worst {
            "error" => "✗",
            "warning" => "!",
            _ => "i",
        };
        let (cx, text) = (x + width - 4.0, format!("{sign} {}", shape.findings.len()));
        let _ = write!(
            out,
            "<rect class=\"badge {worst}\" x=\"{:.1}\" y=\"{:.1}\" width=\"28\" height=\"16\" rx=\"8\"/>",
            cx - 19.0,
            y - 8.0
        );
        let _ =
            write!(out, "<text class=\"badge-text {worst}\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>", cx - 5.0, y + 4.0);
    }
    out.push_str("</g>\n");
}

/// The line below a title: who runs it, and where it is configured.
fn below(shape: &Shape) -> String {
    let place = match &shape.details[..] {
        [one] => one.place.as_ref().map(|p| p.shown()),
        _ => None,
    };
    let service = shape.service.clone().filter(|s| *s != shape.title);
    let mut words: Vec<String> = service.into_iter().chain(place).collect();
    if words.is_empty() {
        words.push(shape.kind.to_owned());
    }
    let whole = words.join(" · ");
    match words.pop() {
        // A long path says who runs it, too.
        Some(last) if whole.chars().count() > SMALLS => cut_left(&last, SMALLS),
        _ => whole,
    }
}

fn width(shape: &Shape) -> f64 {
    let title = columns(&cut(&shape.title, TITLES)) as f64 * TITLE * ADVANCE;
    let below = columns(&below(shape)) as f64 * SMALL * ADVANCE;
    let round = if shape.kind == "service" { 10.0 } else { 0.0 };
    title.max(below).max(60.0) + 2.0 * PAD + round
}

/// Columns of a monospaced font: those of East Asian scripts are twice as wide.
fn columns(text: &str) -> usize {
    let wide = |c: char| matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// A text of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// The same, cut at its start: the end of a path says most.
fn cut_left(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    ['…'].into_iter().chain(text.chars().skip(count - most + 1)).collect()
}

/// A line in words.
pub(super) fn spoken(edge: &Line, picture: &Picture) -> String {
    let title = |at: usize| picture.nodes[at].title.as_str();
    let what = if edge.signals.is_empty() { "whatever comes".to_owned() } else { edge.signals.join(", ") };
    let how = if edge.label.is_empty() { String::new() } else { format!(", {}", edge.label) };
    let state = match (edge.state, &edge.why, edge.rule) {
        ("fine", ..) => String::new(),
        (state, Some(why), Some(rule)) => format!("; {state}: {why} ({rule})"),
        (state, Some(why), None) => format!("; {state}: {why}"),
        (state, ..) => format!("; {state}"),
    };
    let places: Vec<String> = edge.details.iter().filter_map(|d| d.place.as_ref()).map(|p| p.shown()).collect();
    let places = if places.is_empty() { String::new() } else { format!(" [{}]", places.join(", ")) };
    format!("{} to {}: {what}{how}{state}{places}", title(edge.from), title(edge.to))
}

/// A box in words.
pub(super) fn named(shape: &Shape) -> String {
    let of = shape.service.as_ref().filter(|s| **s != shape.title).map_or(String::new(), |s| format!(" of {s}"));
    let place = match &shape.details[..] {
        [one] => one.place.as_ref().map_or(String::new(), |p| format!(", {}", p.shown())),
        _ => String::new(),
    };
    let findings = match shape.findings.len() {
        0 => String::new(),
        1 => ", 1 finding".to_owned(),
        n => format!(", {n} findings"),
    };
    format!("{}{of}, {}{place}{findings}", shape.title, shape.kind)
}

/// Text of XML, also in quotes. What XML cannot hold at all is left out.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}')
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
    fn no_text_becomes_markup() {
        assert_eq!(escape("</text><script>'\"&"), "&lt;/text&gt;&lt;script&gt;&#39;&quot;&amp;");
        assert_eq!(escape("a\u{1}b"), "a\u{fffd}b");
    }

    #[test]
    fn long_texts_are_cut_where_they_say_least() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut_left("abcdef", 4), "…def");
        assert_eq!(columns("a漢"), 3);
    }
}
