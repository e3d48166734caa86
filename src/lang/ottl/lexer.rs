//! Text to tokens, rule by rule in the order of the engine's lexer: the first rule that matches wins, not the longest
//! (open-telemetry/opentelemetry-collector-contrib pkg/ottl/grammar.go@v0.158.0, `buildLexer`).

use std::ops::Range;

use super::facts::Release;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    Bytes,
    Float,
    Int,
    String,
    Nil,
    Not,
    Or,
    And,
    Comparison,
    /// `=>`, which only a lambda has.
    Arrow,
    AddSub,
    MultDiv,
    Boolean,
    Equal,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    Colon,
    Comma,
    Dot,
    LeftBracket,
    RightBracket,
    Upper,
    Lower,
    Underscore,
}

/// One token; a string's value is in [`Tokens::strings`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    start: u32,
    end: u32,
}

impl Token {
    pub(super) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The forms of a version that change how text is cut or read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forms {
    pub(super) maps: bool,
    pub(super) key_expressions: bool,
    pub(super) key_math: bool,
    pub(super) nil_token: bool,
    pub(super) unary: bool,
    pub(super) float_without_digit: bool,
    pub(super) lambda: bool,
}

impl Forms {
    pub(super) fn of(release: Release) -> Self {
        Self {
            maps: release.has("maps"),
            key_expressions: release.has("key_expressions"),
            key_math: release.has("key_math"),
            nil_token: release.has("nil_token"),
            unary: release.has("unary"),
            float_without_digit: release.has("float_without_digit"),
            lambda: release.has("lambda"),
        }
    }
}

/// Why text could not be cut.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

/// Cuts the text. The last token is the end.
pub(super) fn tokens(text: &str, forms: Forms) -> Result<Vec<Token>, Fault> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(text.len() / 3 + 1);
    let mut at = 0;
    while at < bytes.len() {
        if matches!(bytes[at], b' ' | b'\t' | b'\n' | b'\r' | b'\x0c') {
            at += 1;
            continue;
        }
        let Some((kind, length)) = next(&text[at..], forms) else { return Err(odd(text, at)) };
        if kind == Kind::String
            && let Err((offset, end)) = check_string(&text[at..at + length])
        {
            let range = at + offset..at + end;
            let message = format!("`{}` is no escape of a string", text.get(range.clone()).unwrap_or_default());
            return Err(Fault { range, message, help: Some("double the backslash") });
        }
        out.push(Token { kind, start: at as u32, end: (at + length) as u32 });
        at += length;
    }
    out.push(Token { kind: Kind::End, start: at as u32, end: at as u32 });
    Ok(out)
}

/// The fault at a byte that begins no token.
fn odd(text: &str, at: usize) -> Fault {
    let c = text[at..].chars().next().unwrap_or_default();
    let mut range = at..at + c.len_utf8();
    let (message, help) = match c {
        '"' => {
            range = at..text.len();
            ("the string is not closed".to_owned(), None)
        }
        '\'' | '`' => (format!("`{c}` begins no text"), Some("strings stand between double quotes")),
        '&' => ("`&` is no operator".to_owned(), Some("write `and`")),
        '|' => ("`|` is no operator".to_owned(), Some("write `or`")),
        '!' => ("`!` is no operator".to_owned(), Some("write `not`")),
        _ => (format!("`{}` means nothing here", c.escape_debug()), None),
    };
    Fault { range, message, help }
}

/// The kind and length of the token at the start.
fn next(rest: &str, forms: Forms) -> Option<(Kind, usize)> {
    let b = rest.as_bytes();
    if b.starts_with(b"0x") && b.get(2).is_some_and(u8::is_ascii_hexdigit) {
        return Some((Kind::Bytes, 2 + count(&b[2..], u8::is_ascii_hexdigit)));
    }
    if let Some(found) = number(b, forms) {
        return Some(found);
    }
    match b[0] {
        b'"' => return closed(b).map(|length| (Kind::String, length)),
        b'=' if b.get(1) == Some(&b'=') => return Some((Kind::Comparison, 2)),
        b'!' if b.get(1) == Some(&b'=') => return Some((Kind::Comparison, 2)),
        b'<' | b'>' => return Some((Kind::Comparison, if b.get(1) == Some(&b'=') { 2 } else { 1 })),
        b'=' if forms.lambda && b.get(1) == Some(&b'>') => return Some((Kind::Arrow, 2)),
        _ => {}
    }
    let single = match b[0] {
        b'+' | b'-' => Kind::AddSub,
        b'*' | b'/' => Kind::MultDiv,
        b'=' => Kind::Equal,
        b'(' => Kind::LeftParen,
        b')' => Kind::RightParen,
        b'{' if forms.maps => Kind::LeftBrace,
        b'}' if forms.maps => Kind::RightBrace,
        b':' if forms.maps => Kind::Colon,
        b',' => Kind::Comma,
        b'.' => Kind::Dot,
        b'[' => Kind::LeftBracket,
        b']' => Kind::RightBracket,
        b'_' if forms.lambda && !b.get(1).is_some_and(|c| is_word(*c)) => Kind::Underscore,
        b'A'..=b'Z' => {
            let length = count(b, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == b'_');
            return Some((Kind::Upper, length));
        }
        b'a'..=b'z' => return Some(word(b, forms)),
        _ => return None,
    };
    Some((single, 1))
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_'
}

/// Keywords end at a word boundary, which an upper-case letter is not.
fn word(b: &[u8], forms: Forms) -> (Kind, usize) {
    let keywords: [(&[u8], Kind); 6] = [
        (b"nil", Kind::Nil),
        (b"not", Kind::Not),
        (b"or", Kind::Or),
        (b"and", Kind::And),
        (b"true", Kind::Boolean),
        (b"false", Kind::Boolean),
    ];
    for (keyword, kind) in keywords {
        let ends = !b.get(keyword.len()).is_some_and(|c| is_word(*c));
        if b.starts_with(keyword) && ends && (kind != Kind::Nil || forms.nil_token) {
            return (kind, keyword.len());
        }
    }
    (Kind::Lower, count(b, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == b'_'))
}

fn count(b: &[u8], of: impl Fn(&u8) -> bool) -> usize {
    b.iter().take_while(|c| of(c)).count()
}

/// Signs belong to numbers until negation became an operator.
fn number(b: &[u8], forms: Forms) -> Option<(Kind, usize)> {
    let sign = usize::from(!forms.unary && matches!(b[0], b'+' | b'-'));
    let digits = count(&b[sign..], u8::is_ascii_digit);
    let after = sign + digits;
    if b.get(after) == Some(&b'.') {
        let fraction = count(&b[after + 1..], u8::is_ascii_digit);
        if fraction > 0 || (forms.float_without_digit && digits > 0) {
            let end = after + 1 + fraction;
            return Some((Kind::Float, end + exponent(&b[end..])));
        }
    }
    (digits > 0).then_some((Kind::Int, after))
}

fn exponent(b: &[u8]) -> usize {
    if !matches!(b.first(), Some(b'e' | b'E')) {
        return 0;
    }
    let sign = usize::from(matches!(b.get(1), Some(b'+' | b'-')));
    match count(&b[1 + sign..], u8::is_ascii_digit) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}

/// The length of the string at the start, when it ends. An escaped line break ends nothing: the engine's `.` does not match it.
fn closed(b: &[u8]) -> Option<usize> {
    let mut at = 1;
    while at < b.len() {
        match b[at] {
            b'"' => return Some(at + 1),
            b'\\' if b.get(at + 1).is_none_or(|c| *c == b'\n') => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// Go's escapes (`strconv.UnquoteChar`); the place of the first that is none.
fn check_string(token: &str) -> Result<(), (usize, usize)> {
    walk(token, |_| ())
}

/// The value of a string token, its escapes checked before.
pub(super) fn unquote(token: &str) -> String {
    let mut out = String::with_capacity(token.len());
    let _ = walk(token, |c| out.push(c));
    out
}

fn walk(token: &str, mut push: impl FnMut(char)) -> Result<(), (usize, usize)> {
    let end = token.len().saturating_sub(1);
    let mut at = 1;
    while at < end {
        let rest = &token[at..end];
        let Some(c) = rest.chars().next() else { break };
        if c != '\\' {
            push(c);
            at += c.len_utf8();
            continue;
        }
        let escape = rest.chars().nth(1).unwrap_or_default();
        let wrong = (at, at + 1 + escape.len_utf8());
        let (skip, digits, base) = match escape {
            'a' => (2, 0, 0x07),
            'b' => (2, 0, 0x08),
            'f' => (2, 0, 0x0c),
            'n' => (2, 0, 0x0a),
            'r' => (2, 0, 0x0d),
            't' => (2, 0, 0x09),
            'v' => (2, 0, 0x0b),
            '\\' => (2, 0, 0x5c),
            '"' => (2, 0, 0x22),
            'x' => (2, 2, 16),
            'u' => (2, 4, 16),
            'U' => (2, 8, 16),
            '0'..='7' => (1, 3, 8),
            _ => return Err(wrong),
        };
        if digits == 0 {
            push(char::from_u32(base).unwrap_or_default());
            at += skip;
            continue;
        }
        let code = rest.get(skip..skip + digits).filter(|d| d.chars().all(|c| c.is_digit(base))).ok_or(wrong)?;
        let code = u32::from_str_radix(code, base).map_err(|_| wrong)?;
        if base == 8 && code > 255 {
            return Err(wrong);
        }
        push(char::from_u32(code).ok_or(wrong)?);
        at += skip + digits;
    }
    Ok(())
}
