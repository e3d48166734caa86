//! Grafana's variables inside a query: replaced by text of the same length that can be parsed.
//!
//! The three spellings are those of Grafana's template engine: `$name`, `[[name:format]]` and
//! `${name.field:format}`.

use std::ops::Range;

/// Where a variable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Inside a string or comment, where its value cannot change the syntax.
    Text,
    /// Inside the brackets of a range, where it is a duration.
    Duration,
    /// Anywhere else: it may be a name, a number, an operator, or several of them.
    Bare,
}

/// One variable in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Its bytes.
    pub range: Range<usize>,
    /// The variable.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// A text without variables and where they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// As long as the original, byte for byte.
    pub text: String,
    /// The variables in the order of the text.
    pub holes: Vec<Hole>,
}

/// Finds the variables of `text` and puts placeholders in their place.
pub fn mask(text: &str) -> Masked {
    let holes = find(text);
    let mut out = String::with_capacity(text.len());
    for (i, hole) in holes.iter().enumerate() {
        out.push_str(&text[out.len()..hole.range.start]);
        let len = hole.range.len();
        match hole.place {
            Place::Text => out.push_str(&text[hole.range.clone()]),
            Place::Bare if ends_in_number(&out) => out.extend(std::iter::repeat_n('1', len)),
            Place::Bare => out.extend(std::iter::repeat_n('v', len)),
            Place::Duration => {
                let joined = holes.get(i + 1).is_some_and(|next| next.range.start == hole.range.end);
                let unit_follows = text[hole.range.end..].starts_with(|c: char| c.is_ascii_alphanumeric());
                // Zeros in front keep a long placeholder a small duration.
                let (digits, unit) = if joined || unit_follows { (len, "") } else { (len - 1, "s") };
                out.extend(std::iter::repeat_n('0', digits - 1));
                out.push('1');
                out.push_str(unit);
            }
        }
    }
    out.push_str(&text[out.len()..]);
    Masked { text: out, holes }
}

/// Whether a variable that follows continues a number, as in `0.$quantile`.
fn ends_in_number(out: &str) -> bool {
    let run = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':' || c == '.';
    // A look back of fixed length keeps the time linear; no number is longer.
    let mut from = out.len().saturating_sub(64);
    while !out.is_char_boundary(from) {
        from += 1;
    }
    let near = &out[from..];
    let tail = &near[near.trim_end_matches(run).len()..];
    tail.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && tail.ends_with(|c: char| c.is_ascii_digit() || c == '.')
}

fn find(text: &str) -> Vec<Hole> {
    let mut holes = Vec::new();
    let mut quote: Option<char> = None;
    let (mut comment, mut bracket) = (false, false);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if (c == '$' || c == '[')
            && let Some((len, name)) = variable(&text[at..])
            // `$1` in a string names a group of a regular expression.
            && !(quote.is_some() && name.starts_with(|c: char| c.is_ascii_digit()))
        {
            let place = match (quote.is_some() || comment, bracket) {
                (true, _) => Place::Text,
                (false, true) => Place::Duration,
                (false, false) => Place::Bare,
            };
            holes.push(Hole { range: at..at + len, name: name.to_owned(), place });
            at += len;
            continue;
        }
        at += c.len_utf8();
        match (quote, c) {
            _ if comment => comment = c != '\n' && c != '\r',
            (Some('"' | '\''), '\\') => at += text[at..].chars().next().map_or(0, char::len_utf8),
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '#') => comment = true,
            (None, '[') => bracket = true,
            (None, ']') => bracket = false,
            (None, _) => {}
        }
    }
    holes
}

/// The variable at the start of `text`: its length and its name. In provisioned files the `$` is doubled.
fn variable(text: &str) -> Option<(usize, &str)> {
    if let Some(rest) = text.strip_prefix('$').filter(|rest| rest.starts_with('$')) {
        let (len, name) = single(rest)?;
        return Some((1 + len, name));
    }
    single(text)
}

fn single(text: &str) -> Option<(usize, &str)> {
    if let Some(rest) = text.strip_prefix("${") {
        let name = word(rest)?;
        let tail = &rest[name.len()..];
        // A quote, a backslash or a line end would reach beyond the string or line it stands in.
        let close = tail.find(['}', '"', '\'', '`', '\\', '\n', '\r', '{'])?;
        let inner = &tail[..close];
        let format = inner.is_empty() || inner.starts_with([':', '.']);
        return (format && tail[close..].starts_with('}')).then(|| (2 + name.len() + close + 1, name));
    }
    if let Some(rest) = text.strip_prefix("[[") {
        let name = word(rest)?;
        let tail = &rest[name.len()..];
        let format = match tail.strip_prefix(':') {
            Some(f) => 1 + word(f)?.len(),
            None => 0,
        };
        return tail[format..].starts_with("]]").then(|| (2 + name.len() + format + 2, name));
    }
    let name = word(text.strip_prefix('$')?)?;
    Some((1 + name.len(), name))
}

fn word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}
