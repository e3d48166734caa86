//! Comments to vispyr: `# vispyr: ignore[rule-id] reason` and `# vispyr: tempo@2.9`.

use std::ops::Range;

use super::Format;
use crate::source::{SourceId, Span};

/// One rule named by an ignore comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The id as written.
    pub rule: String,
    /// Where the id is written.
    pub span: Span,
    /// The bytes of the lines that it speaks of: its own, and for a comment on its own line the next line that says
    /// something.
    pub covers: Span,
    /// The bytes that go when the whole comment goes: its line where it has one of its own, else the blanks before it too.
    pub comment: Span,
}

/// What a comment says to vispyr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// `ignore[…]`: one entry per id.
    Ignore(Vec<Suppression>),
    /// `engine@version`.
    Version {
        /// Engine.
        engine: String,
        /// Version as written.
        version: String,
        /// Where both are written.
        span: Span,
    },
}

const MARK: &str = "vispyr:";

/// Comments of one file beyond this many ids are not heard.
const LIMIT: usize = 10_000;

/// The comments to vispyr in a text.
pub(super) fn comments(source: SourceId, text: &str, format: Format) -> Vec<Said> {
    let openers: &[&str] = match format {
        Format::Json => &[],
        Format::Alloy => &["//"],
        Format::Ini => &["#", ";"],
        _ => &["#"],
    };
    if openers.is_empty() || !text.contains(MARK) {
        return Vec::new();
    }
    let lines = lines(text);
    // For each line the next one that says something, found from the end so that a wall of comments costs nothing.
    let mut next = vec![None; lines.len()];
    for at in (1..lines.len()).rev() {
        next[at - 1] = if says_something(&text[lines[at].clone()], openers) { Some(at) } else { next[at] };
    }
    let mut said = Vec::new();
    let mut left = LIMIT;
    for (at, line) in lines.iter().enumerate() {
        let content = &text[line.clone()];
        let Some((own_line, body)) = body(content, openers) else { continue };
        let start = line.start + body;
        let words = &content[body..];
        if let Some(list) = words.strip_prefix("ignore[") {
            let Some(end) = list.find(']') else { continue };
            let last = next[at].filter(|_| own_line).unwrap_or(at);
            let covers = Span::new(source, line.start..lines[last].end);
            let comment = Span::new(source, whole(text, line, body, own_line, openers));
            let mut from = start + "ignore[".len();
            let mut all = Vec::new();
            for id in list[..end].split(',').take(left) {
                let lead = id.len() - id.trim_start().len();
                let rule = id.trim().to_owned();
                let span = Span::new(source, from + lead..from + lead + rule.len());
                all.push(Suppression { rule, span, covers, comment });
                from += id.len() + 1;
            }
            left -= all.len();
            said.push(Said::Ignore(all));
        } else {
            let word = words.split_whitespace().next().unwrap_or_default();
            if let Some((engine, version)) = word.split_once('@') {
                let span = Span::new(source, start..start + word.len());
                said.push(Said::Version { engine: engine.to_owned(), version: version.to_owned(), span });
            }
        }
    }
    said
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    text.split('\n')
        .map(|line| {
            let range = at..at + line.len();
            at = range.end + 1;
            range
        })
        .collect()
}

/// Where the words after `vispyr:` start, and whether the comment stands on a line of its own.
fn body(line: &str, openers: &[&str]) -> Option<(bool, usize)> {
    let mark = line.find(MARK)?;
    let before = line[..mark].trim_end();
    let opener = openers.iter().find(|o| before.ends_with(**o))?;
    let code = before.strip_suffix(opener)?;
    // In YAML a `#` inside of a word starts no comment.
    if !code.is_empty() && !code.ends_with([' ', '\t']) {
        return None;
    }
    let after = mark + MARK.len();
    let lead = line[after..].len() - line[after..].trim_start().len();
    Some((code.trim().is_empty(), after + lead))
}

/// The bytes of a comment whose words start at `body` of its line, with what would be left of it.
fn whole(text: &str, line: &Range<usize>, body: usize, own_line: bool, openers: &[&str]) -> Range<usize> {
    if own_line {
        return line.start..(line.end + 1).min(text.len());
    }
    let content = &text[line.clone()];
    let before = content[..body].trim_end().trim_end_matches(MARK).trim_end();
    let before = openers.iter().find_map(|o| before.strip_suffix(o)).unwrap_or(before);
    line.start + before.trim_end().len()..line.start + content.trim_end_matches('\r').len()
}

fn says_something(line: &str, openers: &[&str]) -> bool {
    let line = line.trim();
    !line.is_empty() && !openers.iter().any(|o| line.starts_with(o))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, format: Format) -> Vec<Said> {
        comments(SourceId(0), text, format)
    }

    #[test]
    fn a_comment_covers_its_line_and_the_next_that_says_something() {
        let text = "a: 1\n# vispyr: ignore[x-y, z] because\n\n# more\nb: 2\nc: 3 # vispyr: ignore[q]\n";
        let said = of(text, Format::Text);
        let Said::Ignore(first) = &said[0] else { panic!() };
        assert_eq!(first.iter().map(|s| s.rule.as_str()).collect::<Vec<_>>(), ["x-y", "z"]);
        assert_eq!(&text[first[1].span.range()], "z");
        assert!(text[first[0].covers.range()].ends_with("b: 2"));
        let Said::Ignore(second) = &said[1] else { panic!() };
        assert_eq!(&text[second[0].covers.range()], "c: 3 # vispyr: ignore[q]");
        assert_eq!(&text[first[0].comment.range()], "# vispyr: ignore[x-y, z] because\n");
        assert_eq!(&text[second[0].comment.range()], " # vispyr: ignore[q]");
    }

    #[test]
    fn versions_and_other_markers() {
        let said = of("// vispyr: alloy@1.10\n", Format::Alloy);
        assert!(matches!(&said[0], Said::Version { engine, version, .. } if engine == "alloy" && version == "1.10"));
        assert!(of("# vispyr: alloy@1.10\n", Format::Alloy).is_empty());
        assert!(of("{\"a\": \"# vispyr: ignore[x]\"}", Format::Json).is_empty());
        assert!(of("url: http://x/#vispyr: ignore[x]", Format::Text).is_empty());
        assert!(of("# vispyr: ignore[x", Format::Text).is_empty());
    }
}
