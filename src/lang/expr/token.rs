//! The tokens of expr-lang (expr-lang/expr parser/lexer/*.go@v1.17.6, @v1.17.8).

use super::{Error, Read, Stop, wrong};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    Sign(&'t str),
    Name(&'t str),
    Number(&'t str),
    /// A text, and what it is worth, as far as its escapes are known.
    Text(Option<String>),
    End,
}

/// Words that are signs.
pub(super) const WORDS: &[&str] =
    &["not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else"];

/// The tokens, and what is wrong with the text behind them.
pub(super) fn tokens(text: &str) -> Read<(Vec<Token<'_>>, Option<Error>)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let second = rest[c.len_utf8()..].chars().next();
        let len = match c {
            ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' => 1,
            // Letters, digits and spaces of other scripts are not told apart here.
            c if !c.is_ascii() => return Err(Stop::Unsure),
            '\'' | '"' => match quoted(rest, c)? {
                Ok((value, len)) => {
                    found.push(Token::Text(value));
                    len
                }
                Err(error) => return Ok((found, Some(error))),
            },
            '`' => {
                // Two of them are one in a text, or end one and begin another.
                let Some(end) = rest[1..].find('`') else {
                    return Ok((found, Some(unclosed('`'))));
                };
                if rest[end + 2..].starts_with('`') {
                    return Err(Stop::Unsure);
                }
                found.push(Token::Text(Some(rest[1..=end].to_owned())));
                end + 2
            }
            // Texts of bytes are new.
            'b' | 'B' if matches!(second, Some('\'' | '"')) => return Err(Stop::Unsure),
            '0'..='9' => number(rest, &mut found)?,
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => number(rest, &mut found)?,
            '/' if second == Some('/') => rest.find('\n').map_or(rest.len(), |end| end + 1),
            '/' if second == Some('*') => match rest[2..].find("*/") {
                Some(end) => end + 4,
                None => {
                    let error = Error { message: "a comment is not closed".to_owned(), help: None };
                    return Ok((found, Some(error)));
                }
            },
            _ if c.is_ascii_alphabetic() || matches!(c, '_' | '$') => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
                let word = &rest[..end];
                if !word.is_ascii() {
                    return Err(Stop::Unsure);
                }
                found.push(if WORDS.contains(&word) { Token::Sign(word) } else { Token::Name(word) });
                end
            }
            _ => {
                let doubled: &str = match c {
                    '|' => "|",
                    ':' => ":",
                    '?' => ".?",
                    '#' => "#",
                    '.' => ".",
                    '&' | '!' | '=' | '*' | '<' | '>' => "&=*",
                    '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | '%' | '+' | '-' | '^' | '/' => "",
                    _ => {
                        let error = Error { message: format!("`{c}` is not expected here"), help: None };
                        return Ok((found, Some(error)));
                    }
                };
                let len = 1 + usize::from(second.is_some_and(|c| doubled.contains(c)));
                found.push(Token::Sign(&rest[..len]));
                len
            }
        };
        rest = &rest[len..];
    }
    found.push(Token::End);
    Ok((found, None))
}

fn unclosed(quote: char) -> Error {
    Error { message: format!("a text that begins with `{quote}` does not end"), help: None }
}

/// A text in quotes: what it is worth, and its length.
fn quoted(text: &str, quote: char) -> Read<Result<(Option<String>, usize), Error>> {
    let mut value = Some(String::new());
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        let plain = match c {
            '\n' => break,
            '\r' => return Err(Stop::Unsure),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('a') => '\x07',
                Some('b') => '\x08',
                Some('f') => '\x0c',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('v') => '\x0b',
                Some('\\') => '\\',
                Some(c) if c == quote => c,
                Some('0'..='7' | 'x' | 'u' | 'U') => {
                    value = None;
                    continue;
                }
                Some(c) => {
                    let help = format!("write `\\\\{c}`: a text between quotes has escapes of its own");
                    return Ok(Err(Error { message: format!("`\\{c}` is no escape"), help: Some(help) }));
                }
                None => break,
            },
            c if c == quote => return Ok(Ok((value, at + 1))),
            c => c,
        };
        if let Some(value) = &mut value {
            value.push(plain);
        }
    }
    Ok(Err(unclosed(quote)))
}

/// Reads a number, and says how long it is.
fn number<'t>(text: &'t str, found: &mut Vec<Token<'t>>) -> Read<usize> {
    let digits = |from: usize, set: &dyn Fn(u8) -> bool| text.bytes().skip(from).take_while(|b| set(*b)).count();
    let plain = |b: u8| b.is_ascii_digit() || b == b'_';
    // Bases other than ten are not told apart.
    if text.starts_with('0') && text[1..].starts_with(['x', 'X', 'o', 'O', 'b', 'B']) {
        return Err(Stop::Unsure);
    }
    let mut len = digits(0, &plain);
    if text[len..].starts_with('.') && !text[len..].starts_with("..") {
        len += 1 + digits(len + 1, &plain);
    }
    if text[len..].starts_with(['e', 'E']) {
        len += 1;
        len += usize::from(text[len..].starts_with(['+', '-']));
        len += digits(len, &plain);
    }
    match text[len..].chars().next() {
        Some(c) if c.is_ascii_alphanumeric() || matches!(c, '_' | '$') => {
            wrong(format!("`{c}` follows a number directly"))
        }
        Some(c) if !c.is_ascii() => Err(Stop::Unsure),
        _ => {
            found.push(Token::Number(&text[..len]));
            Ok(len)
        }
    }
}
