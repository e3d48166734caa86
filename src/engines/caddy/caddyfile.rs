//! The Caddyfile: tokens and blocks with their spans, without what any directive means.
//!
//! `caddyserver/caddy caddyconfig/caddyfile/{lexer,parse}.go@v2.11.4`. Here-documents and imports are not followed.

use std::ops::Range;

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Its text, without quotes.
    pub text: String,
    /// Its bytes, without quotes.
    pub range: Range<usize>,
    line: usize,
    quoted: bool,
}

/// A line of words, with the block that it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Segment {
    /// The words; empty for the global options.
    pub words: Vec<Token>,
    /// What stands between its braces.
    pub block: Option<Vec<Segment>>,
}

impl Segment {
    /// The first word.
    pub(super) fn name(&self) -> &str {
        self.words.first().map_or("", |w| w.text.as_str())
    }

    /// The words after the first.
    pub(super) fn args(&self) -> &[Token] {
        self.words.get(1..).unwrap_or_default()
    }
}

/// Blocks nested deeper than this are not read: no directive nests so.
const MAX_DEPTH: usize = 32;

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut line = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => line += 1,
            c if c.is_whitespace() => {}
            // A comment starts where a word could start.
            '#' => {
                while chars.peek().is_some_and(|(_, c)| *c != '\n') {
                    chars.next();
                }
            }
            '"' | '`' => {
                let start_line = line;
                let mut word = String::new();
                let mut end = at + 1;
                while let Some((i, d)) = chars.next() {
                    end = i;
                    if d == c {
                        break;
                    }
                    line += usize::from(d == '\n');
                    // Only a quote can be escaped.
                    if d == '\\' && c == '"' && chars.peek().is_some_and(|(_, q)| *q == '"') {
                        chars.next();
                        word.push('"');
                        continue;
                    }
                    word.push(d);
                    end = i + d.len_utf8();
                }
                tokens.push(Token { text: word, range: at + 1..end.max(at + 1), line: start_line, quoted: true });
            }
            // A line that ends in a backslash goes on below.
            '\\' if chars.peek().is_some_and(|(_, c)| *c == '\n') => {
                chars.next();
            }
            _ => {
                let mut end = at + c.len_utf8();
                while let Some((i, d)) = chars.peek().copied().filter(|(_, d)| !d.is_whitespace()) {
                    end = i + d.len_utf8();
                    chars.next();
                }
                tokens.push(Token { text: text[at..end].to_owned(), range: at..end, line, quoted: false });
            }
        }
    }
    tokens
}

/// Reads a text; `None` when its braces do not pair.
pub(super) fn read(text: &str) -> Option<Vec<Segment>> {
    let mut stack: Vec<Vec<Segment>> = vec![Vec::new()];
    let mut words: Vec<Token> = Vec::new();
    for token in tokens(text) {
        let brace = !token.quoted && matches!(token.text.as_str(), "{" | "}");
        let continues = |w: &Token| w.line == token.line || w.text.ends_with(',');
        if brace && token.text == "{" {
            if stack.len() > MAX_DEPTH {
                return None;
            }
            // The block belongs to the words before it on its line.
            if words.last().is_some_and(|w| !continues(w)) {
                stack.last_mut()?.push(Segment { words: std::mem::take(&mut words), block: None });
            }
            stack.last_mut()?.push(Segment { words: std::mem::take(&mut words), block: Some(Vec::new()) });
            stack.push(Vec::new());
            continue;
        }
        if !words.is_empty() && (brace || words.last().is_some_and(|w| !continues(w))) {
            stack.last_mut()?.push(Segment { words: std::mem::take(&mut words), block: None });
        }
        if brace {
            let inner = stack.pop()?;
            stack.last_mut()?.last_mut()?.block = Some(inner);
        } else {
            words.push(token);
        }
    }
    if !words.is_empty() {
        stack.last_mut()?.push(Segment { words, block: None });
    }
    (stack.len() == 1).then(|| stack.pop()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_nest_and_words_keep_their_places() {
        let text = "{\n\tadmin off\n}\nhttps://a:1 {\n\t# no\n\t@x not header Authorization \"Bearer {env.T}\"\n\troute {\n\t\trespond @x 401\n\t}\n}\n";
        let segments = read(text).unwrap_or_default();
        assert_eq!(segments.len(), 2);
        assert!(segments[0].words.is_empty());
        let site = segments[1].block.as_deref().unwrap_or_default();
        assert_eq!(site[0].args().last().map(|t| &text[t.range.clone()]), Some("Bearer {env.T}"));
        assert_eq!(site[1].block.as_deref().map(|b| b[0].name()), Some("respond"));
    }

    #[test]
    fn broken_texts_give_nothing_and_do_not_hang() {
        assert_eq!(read("a {\n"), None);
        assert_eq!(read("}\n"), None);
        assert_eq!(read(&"a {\n".repeat(100_000)), None);
        assert!(read("\"open").is_some());
        assert!(read("é \"ü\" `ß").is_some());
    }
}
