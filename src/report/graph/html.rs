//! As one page of HTML: the drawing, what it says in words, and a filter by signal. It asks the network for nothing.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Picture;
use super::picture::{Line, Said};
use super::svg::{self, escape};
use crate::symbol::Signal;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn render(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    let title = escape(&picture.title);
    let mut page = String::new();
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}: topology</title>\n<style>{}{STYLE}</style>\n</head>\n<body>\n",
        svg::STYLE
    );
    head(picture, &title, &mut page);
    let _ = write!(
        page,
        "<main>\n<div class=\"view\" tabindex=\"0\" role=\"region\" aria-label=\"drawing\">\n{}\n</div>\n\
         <aside id=\"details\" aria-live=\"polite\" aria-label=\"details\"><h2>Details</h2>\
         <p>Point at a box or a line, or reach it with the tabulator key: its files and lines are shown here.</p></aside>\n</main>\n",
        svg::element(picture, "")
    );
    lists(picture, &mut page);
    let _ = write!(
        page,
        "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        data(picture)?
    );
    out.write_all(page.as_bytes())
}

fn head(picture: &Picture, title: &str, page: &mut String) {
    let (broken, unknown) = (picture.count("broken"), picture.count("unknown"));
    let found = picture.findings.len() + picture.nodes.iter().map(|n| n.findings.len()).sum::<usize>();
    let _ = write!(
        page,
        "<header>\n<h1>{title}</h1>\n<p><b>{}</b> boxes, <b>{}</b> lines: <a href=\"#ways\"><b>{broken}</b> broken, \
         <b>{unknown}</b> not known</a>; <a href=\"#findings\"><b>{found}</b> findings beside them</a></p>\n<fieldset><legend>Signal</legend>",
        picture.nodes.len(),
        picture.edges.len()
    );
    let _ = write!(page, "<label><input type=\"radio\" name=\"signal\" value=\"\" checked> all</label>");
    for signal in Signal::ALL.map(Signal::word) {
        if picture.edges.iter().any(|e| e.signals.contains(&signal)) {
            let _ = write!(
                page,
                "<label class=\"s-{signal}\"><input type=\"radio\" name=\"signal\" value=\"{signal}\"> <i></i>{signal}</label>"
            );
        }
    }
    page.push_str(
        "</fieldset>\n<fieldset><legend>Size</legend><button type=\"button\" data-zoom=\"out\" aria-label=\"smaller\">−</button>\
         <button type=\"button\" data-zoom=\"fit\">fit</button><button type=\"button\" data-zoom=\"in\" aria-label=\"larger\">+</button></fieldset>\n\
         <p class=\"legend\"><svg width=\"44\" height=\"18\" class=\"graph\" aria-hidden=\"true\"><g class=\"line broken\"><path class=\"wire\" d=\"M0 9H44\"/>\
         <circle class=\"sign\" cx=\"22\" cy=\"9\" r=\"8\"/><text class=\"sign\" x=\"22\" y=\"13\">✗</text></g></svg> broken \
         <svg width=\"44\" height=\"18\" class=\"graph\" aria-hidden=\"true\"><g class=\"line unknown\"><path class=\"wire\" d=\"M0 9H44\"/>\
         <circle class=\"sign\" cx=\"22\" cy=\"9\" r=\"8\"/><text class=\"sign\" x=\"22\" y=\"13\">?</text></g></svg> not known</p>\n</header>\n",
    );
}

/// What the drawing says, for those who do not see it.
fn lists(picture: &Picture, page: &mut String) {
    let _ = write!(page, "<section id=\"ways\"><h2>Broken and unknown ways</h2>");
    let bad: Vec<(usize, &Line)> = picture.edges.iter().enumerate().filter(|(_, e)| e.state != "fine").collect();
    if bad.is_empty() {
        page.push_str("<p>None.</p>");
    } else {
        page.push_str("<ul>");
        for state in ["broken", "unknown"] {
            for (at, edge) in bad.iter().filter(|(_, e)| e.state == state) {
                let sign = if state == "broken" { "✗" } else { "?" };
                let _ = write!(
                    page,
                    "<li class=\"{state}\"><a href=\"#e{at}\">{sign} {}</a>",
                    escape(&svg::spoken(edge, picture))
                );
                if let Some(place) = edge.details.first().and_then(|d| d.place.as_ref()) {
                    let _ = write!(page, " <code>{}</code>", escape(&place.shown()));
                }
                page.push_str("</li>");
            }
        }
        page.push_str("</ul>");
    }
    page.push_str("</section>\n<section id=\"findings\"><h2>Findings</h2>");
    let of_boxes = picture.nodes.iter().flat_map(|n| n.findings.iter().map(move |f| (Some(n.title.as_str()), f)));
    let mut all: Vec<(Option<&str>, &Said)> = of_boxes.chain(picture.findings.iter().map(|f| (None, f))).collect();
    let weight = |s: &Said| ["error", "warning", "info"].iter().position(|w| *w == s.severity);
    all.sort_by(|a, b| {
        weight(a.1)
            .cmp(&weight(b.1))
            .then(a.1.place.path.cmp(&b.1.place.path))
            .then(a.1.place.line.cmp(&b.1.place.line))
    });
    if all.is_empty() {
        page.push_str("<p>None.</p>");
    } else {
        page.push_str("<ul>");
        for (_, said) in all {
            let _ = write!(
                page,
                "<li class=\"{0}\"><b>{0}</b> <code>{1}</code> {2} <code>{3}</code></li>",
                said.severity,
                escape(&said.place.shown()),
                escape(&said.message),
                said.rule
            );
        }
        page.push_str("</ul>");
    }
    page.push_str("</section>\n");
}

/// The picture as JSON that no parser of HTML takes for its own.
fn data(picture: &Picture) -> io::Result<String> {
    let text = serde_json::to_string(picture)?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    Ok(out)
}
