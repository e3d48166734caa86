//! Matchers as both parsers of Alertmanager read them (prometheus/alertmanager pkg/labels/parse.go@v0.26.0, v0.34.0;
//! matcher/parse/lexer.go, parse.go@v0.27.0, v0.34.0).

use super::Mode;
use crate::conform::read::legacy_label;
use crate::lang::re2::{self, Go};

/// Why a text is refused; `None` = it is not.
pub(super) fn refused(text: &str, mode: Mode) -> Option<String> {
    match mode {
        Mode::Classic => classic(text).err(),
        Mode::Strict => utf8(text).err(),
        Mode::Both => utf8(text).err().and_then(|_| classic(text).err()),
    }
}

/// Whether a label may have that name.
pub(super) fn is_label(name: &str, mode: Mode) -> bool {
    if mode == Mode::Classic { legacy_label(name) } else { !name.is_empty() }
}

/// A list with commas, in braces or not.
fn classic(text: &str) -> Result<(), String> {
    let text = text.strip_prefix('{').unwrap_or(text);
    let text = text.strip_suffix('}').unwrap_or(text);
    let (mut inside, mut escaped, mut start) = (false, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            ',' if !inside => {
                one(&text[start..at])?;
                start = at + 1;
            }
            '"' if escaped => escaped = false,
            '"' => inside = !inside,
            '\\' => escaped = !escaped,
            ',' => {}
            _ => escaped = false,
        }
    }
    let rest = text[start..].trim();
    if rest.is_empty() { Ok(()) } else { one(rest) }
}

/// One of them: a name, an operator, and all the rest.
fn one(text: &str) -> Result<(), String> {
    let wrong = || format!("`{text}` is no matcher such as `severity=\"page\"`");
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
    let text_after = text.trim_start_matches(blank);
    let end =
        text_after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(text_after.len());
    let (name, rest) = text_after.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(wrong());
    }
    let rest = rest.trim_start_matches(blank);
    let operators = ["=~", "=", "!=", "!~"];
    let operator = operators.into_iter().find(|o| rest.starts_with(o)).ok_or_else(wrong)?;
    let raw = rest[operator.len()..].trim_matches(blank);
    let quoted = raw.starts_with('"');
    let raw = raw.strip_prefix('"').unwrap_or(raw);
    let (mut value, mut escaped, mut open) = (String::new(), false, quoted);
    let unescaped = || format!("a `\"` stands alone in `{text}`");
    for (at, c) in raw.char_indices() {
        if escaped {
            escaped = false;
            match c {
                'n' => value.push('\n'),
                '"' | '\\' => value.push(c),
                _ => value.extend(['\\', c]),
            }
            continue;
        }
        match c {
            '\\' if at + 1 < raw.len() => escaped = true,
            '"' if !open || at + 1 < raw.len() => return Err(unescaped()),
            '"' => open = false,
            _ => value.push(c),
        }
    }
    if open { Err(unescaped()) } else { pattern(operator, &value) }
}

/// A matcher of expressions has one that can be read.
fn pattern(operator: &str, value: &str) -> Result<(), String> {
    if !operator.ends_with('~') {
        return Ok(());
    }
    re2::parse_anchored(value, Go::NEWEST).map(|_| ()).map_err(|e| format!("`{value}` is no expression: {}", e.message))
}

/// A token of the newer parser.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Comma,
    Operator(&'static str),
    Text(String),
}

fn utf8(text: &str) -> Result<(), String> {
    let tokens = tokens(text)?;
    let mut all = tokens.into_iter().peekable();
    let open = all.next_if_eq(&Token::Open).is_some();
    loop {
        match all.next() {
            None if open => return Err("a `}` is missing".to_owned()),
            None => return Ok(()),
            Some(Token::Close) if open => break,
            Some(Token::Text(_)) => {}
            Some(_) => return Err("a label's name is missing".to_owned()),
        }
        let Some(Token::Operator(operator)) = all.next() else {
            return Err("one of `=`, `!=`, `=~`, `!~` is missing".to_owned());
        };
        let Some(Token::Text(value)) = all.next() else { return Err("a label's value is missing".to_owned()) };
        pattern(operator, &value)?;
        match all.next() {
            Some(Token::Comma) => {}
            Some(Token::Close) if open => break,
            None if open => return Err("a `}` is missing".to_owned()),
            None => return Ok(()),
            Some(_) => return Err("a comma is missing".to_owned()),
        }
    }
    if all.next().is_some() { Err("something stands behind the `}`".to_owned()) } else { Ok(()) }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let reserved = |c: char| c.is_whitespace() || "{}!=~,\\\"'`".contains(c);
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (token, length) = match c {
            '{' => (Token::Open, 1),
            '}' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '=' | '!' => {
                let operator = ["=~", "!=", "!~", "="].into_iter().find(|o| rest.starts_with(o));
                let operator = operator.ok_or_else(|| "`!` stands alone".to_owned())?;
                (Token::Operator(operator), operator.len())
            }
            '"' => {
                let end = closing(rest).ok_or_else(|| "a `\"` is missing".to_owned())?;
                let value = unquote(&rest[1..end]).ok_or_else(|| format!("`{}` is quoted wrongly", &rest[..=end]))?;
                (Token::Text(value), end + 1)
            }
            c if c.is_whitespace() => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            c if reserved(c) => return Err(format!("`{c}` needs quotes around it")),
            _ => {
                let end = rest.find(reserved).unwrap_or(rest.len());
                (Token::Text(rest[..end].to_owned()), end)
            }
        };
        tokens.push(token);
        rest = &rest[length..];
    }
    Ok(tokens)
}

/// Where the quote that opens a text is closed.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().enumerate().skip(1).find_map(|(at, b)| {
        if escaped {
            escaped = false;
            return None;
        }
        escaped = b == b'\\';
        (b == b'"').then_some(at)
    })
}

/// What Go's `strconv.Unquote` makes of a text between double quotes (golang/go src/strconv/quote.go@go1.26.0).
fn unquote(text: &str) -> Option<String> {
    let mut out: Vec<u8> = Vec::new();
    let mut all = text.chars();
    while let Some(c) = all.next() {
        if c == '\n' {
            return None;
        }
        if c != '\\' {
            out.extend(c.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let simple = "abfnrtv\\\"";
        let meant = b"\x07\x08\x0c\n\r\t\x0b\\\"";
        let escape = all.next()?;
        if let Some(at) = simple.find(escape) {
            out.push(meant[at]);
            continue;
        }
        let mut number = |first: Option<char>, digits: usize, base: u32| {
            let digits = first.into_iter().chain(all.by_ref()).take(digits).collect::<Vec<_>>();
            digits
                .iter()
                .try_fold(0u32, |n, d| Some(n.checked_mul(base)? + d.to_digit(base)?))
                .map(|n| (n, digits.len()))
        };
        match escape {
            'x' => match number(None, 2, 16)? {
                (value, 2) => out.push(u8::try_from(value).ok()?),
                _ => return None,
            },
            '0'..='7' => match number(Some(escape), 3, 8)? {
                (value, 3) => out.push(u8::try_from(value).ok()?),
                _ => return None,
            },
            'u' | 'U' => {
                let width = if escape == 'u' { 4 } else { 8 };
                match number(None, width, 16)? {
                    (value, length) if length == width => {
                        out.extend(char::from_u32(value)?.encode_utf8(&mut [0; 4]).bytes());
                    }
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts and what each parser says (prometheus/alertmanager pkg/labels/parse_test.go, matcher/parse/parse_test.go@v0.34.0
    /// have such cases).
    #[test]
    fn parsers_agree_and_differ() {
        for (text, old, new) in [
            ("a=b", true, true),
            ("{a=\"b\", c!=d,}", true, true),
            ("", true, true),
            ("{", true, false),
            ("a", false, false),
            ("a=", true, false),
            ("a.b=c", false, true),
            ("\"a b\"=c", false, true),
            ("a=~(", false, false),
            ("a=\"b", false, false),
            ("a=\"\\z\"", true, false),
            ("a=b c", true, false),
            ("a=~[a-z]{2}", true, false),
            ("a!b", false, false),
            ("a=\"b\"}", true, false),
        ] {
            assert_eq!(classic(text).is_ok(), old, "classic {text}");
            assert_eq!(utf8(text).is_ok(), new, "utf8 {text}");
        }
    }
}
