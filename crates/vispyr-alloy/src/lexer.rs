//! Text to tokens. A line end becomes a token only where it can end a statement, as in Go.
//!
//! The rules are those of grafana/alloy syntax/scanner/scanner.go@v1.18.1.

use crate::error::{Errors, Fault, MAX_SHOWN, SyntaxError};
use crate::token::{Token, TokenKind};
use crate::unicode::{is_digit, is_letter};

/// What a token is by its first byte, as far as that says it.
#[derive(Clone, Copy)]
enum First {
    /// A letter or `_`.
    Name,
    /// A token of one character that begins no other.
    Sign(TokenKind),
    Assign,
    Dot,
    Quote,
    /// What is met seldom, or is looked at more closely.
    Other,
}

/// By bytes, as tables because most of a text is names and signs.
const FIRST: [First; 256] = {
    let mut table = [First::Other; 256];
    let mut b = 0;
    while b < 128 {
        table[b] = match b as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => First::Name,
            b'{' => First::Sign(TokenKind::LCurly),
            b'}' => First::Sign(TokenKind::RCurly),
            b'(' => First::Sign(TokenKind::LParen),
            b')' => First::Sign(TokenKind::RParen),
            b'[' => First::Sign(TokenKind::LBrack),
            b']' => First::Sign(TokenKind::RBrack),
            b',' => First::Sign(TokenKind::Comma),
            b'+' => First::Sign(TokenKind::Add),
            b'-' => First::Sign(TokenKind::Sub),
            b'*' => First::Sign(TokenKind::Mul),
            b'%' => First::Sign(TokenKind::Mod),
            b'^' => First::Sign(TokenKind::Pow),
            b'=' => First::Assign,
            b'.' => First::Dot,
            b'"' => First::Quote,
            _ => First::Other,
        };
        b += 1;
    }
    table
};

/// The ASCII characters of identifiers.
const IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 128 {
        table[b] = (b as u8).is_ascii_alphanumeric() || b == b'_' as usize;
        b += 1;
    }
    table
};

/// So many bytes are looked at together.
const CHUNK: usize = 64;

const BOM: char = '\u{feff}';

/// All tokens of a text in order, comments included, [`TokenKind::Eof`] last; spacing is what lies between them.
pub fn tokens(text: &str) -> (Vec<Token>, Vec<SyntaxError>) {
    let mut list = Vec::new();
    let mut errors = Errors::default();
    if text.len() >= u32::MAX as usize {
        errors.lexical(text, 0..0, "files of 4 GiB and more are not read");
        return (list, errors.finish());
    }
    let mut lexer = Lexer::new(text, &mut errors);
    loop {
        let token = lexer.scan(&mut errors);
        list.push(token);
        if token.kind == TokenKind::Eof {
            return (list, errors.finish());
        }
    }
}

/// How many bytes from `at` on are of a kind.
#[inline]
fn run(text: &str, at: usize, is: impl Fn(u8) -> bool) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.iter().position(|b| !is(*b)).unwrap_or(rest.len())
}

/// How many of them are ASCII characters of a name.
#[inline]
fn plain_run(text: &str, at: usize) -> usize {
    run(text, at, |b| IN_NAME[b as usize])
}

/// Whether `name` can be an attribute name, a part of a block name or a label. Keywords cannot.
pub fn is_identifier(name: &str) -> bool {
    let rest = name.get(plain_run(name, 0)..).unwrap_or_default();
    !name.is_empty()
        && !name.starts_with(is_digit)
        && rest.chars().all(|c| is_letter(c) || is_digit(c))
        && !matches!(name, "true" | "false" | "null")
}

/// `name` with everything that an identifier cannot hold replaced by `_`; `None` for an empty name or a keyword.
/// Different names may become equal.
pub fn sanitize_identifier(name: &str) -> Option<String> {
    if is_identifier(name) {
        return Some(name.to_owned());
    }
    let mut result = String::with_capacity(name.len() + 1);
    if name.chars().next().is_some_and(is_digit) {
        result.push('_');
    }
    result.extend(name.chars().map(|c| if is_letter(c) || is_digit(c) { c } else { '_' }));
    is_identifier(&result).then_some(result)
}

/// The state of the scanner; cheap to clone, so a parser can look ahead.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    pos: usize,
    /// Whether the next line end ends a statement.
    insert_terminator: bool,
    /// Whether a string or comment swallowed the rest of the text: what is missed at its end is not the mistake.
    pub(crate) swallowed: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str, errors: &mut Errors) -> Self {
        // These two are illegal wherever they stand, comments and strings included. Few texts have a byte of either: many are
        // looked at together.
        let odd = |chunk: &[u8]| chunk.iter().fold(0, |odd, &b| odd | u8::from(b == 0) | u8::from(b == 0xef)) != 0;
        let (chunks, rest) = text.as_bytes().as_chunks::<CHUNK>();
        let odd = chunks.iter().any(|chunk| odd(chunk)) || odd(rest);
        if odd && text.as_bytes().contains(&0) {
            for (at, _) in text.match_indices('\0').take(100) {
                errors.lexical(text, at..at + 1, "a NUL byte is not allowed");
            }
        }
        if odd && text.as_bytes().contains(&0xef) {
            for (at, _) in text.match_indices(BOM).filter(|&(at, _)| at > 0).take(100) {
                errors.lexical(text, at..at + BOM.len_utf8(), "a byte order mark is allowed only at the start");
            }
        }
        let pos = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
        Self { text, pos, insert_terminator: false, swallowed: false }
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn char(&self) -> Option<char> {
        self.text.get(self.pos..)?.chars().next()
    }

    /// The end of the character at the current position; the position itself at the end of a line or of the text.
    fn char_end(&self) -> usize {
        match self.char() {
            None | Some('\n') => self.pos,
            Some(c) => self.pos + c.len_utf8(),
        }
    }

    #[inline]
    pub(crate) fn scan(&mut self, errors: &mut Errors) -> Token {
        let bytes = self.text.as_bytes();
        let had_terminator = std::mem::replace(&mut self.insert_terminator, false);
        let blank = |b: u8| matches!(b, b' ' | b'\t' | b'\r') || b == b'\n' && !had_terminator;
        let mut start = self.pos;
        while bytes.get(start).is_some_and(|b| blank(*b)) {
            start += 1;
        }
        self.pos = start;
        let Some(&first) = bytes.get(start) else {
            let kind = if had_terminator { TokenKind::Terminator } else { TokenKind::Eof };
            return self.token(kind, start);
        };
        let kind = match FIRST[first as usize] {
            First::Name => self.identifier(start),
            First::Sign(kind) => self.sign(kind),
            First::Assign if bytes.get(start + 1) != Some(&b'=') => self.sign(TokenKind::Assign),
            First::Dot if !bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => self.sign(TokenKind::Dot),
            First::Quote => self.string(b'"', errors, TokenKind::String),
            _ if first == b'\n' => {
                self.pos += 1;
                return Token { kind: TokenKind::Terminator, start: start as u32, end: start as u32 };
            }
            _ => match self.other(first, had_terminator, errors) {
                // The line ends before the comments at its end.
                None => return self.token(TokenKind::Terminator, start),
                Some(kind) => kind,
            },
        };
        self.insert_terminator |= matches!(
            kind,
            TokenKind::Ident
                | TokenKind::Number
                | TokenKind::Float
                | TokenKind::String
                | TokenKind::Bool
                | TokenKind::Null
                | TokenKind::RCurly
                | TokenKind::RParen
                | TokenKind::RBrack
        );
        self.token(kind, start)
    }

    fn sign(&mut self, kind: TokenKind) -> TokenKind {
        self.pos += 1;
        kind
    }

    /// What is met seldom; `None` for a comment before which the line ends.
    #[inline(never)]
    fn other(&mut self, first: u8, had_terminator: bool, errors: &mut Errors) -> Option<TokenKind> {
        let start = self.pos;
        Some(match first {
            b'0'..=b'9' | b'.' => self.number(errors),
            b'/' if matches!(self.byte(start + 1), Some(b'/' | b'*')) => {
                if had_terminator && self.comment_ends_line(start + 1) {
                    return None;
                }
                self.comment(errors);
                TokenKind::Comment
            }
            b'`' => self.string(b'`', errors, TokenKind::String),
            b'\'' => {
                let kind = self.string(b'\'', errors, TokenKind::Illegal);
                let inner = self.text.get(start + 1..self.pos).and_then(|rest| rest.strip_suffix('\''));
                let plain =
                    inner.filter(|inner| (1..=MAX_SHOWN).contains(&inner.len()) && !inner.contains(['"', '\\']));
                let help = plain.map(|inner| format!("write `\"{inner}\"`"));
                let fault = Fault::from("strings are written in double quotes").perhaps(help);
                errors.lexical(self.text, start..self.pos, fault);
                self.insert_terminator = true;
                kind
            }
            0x80.. => self.not_ascii(had_terminator, errors),
            _ => self.operator(first, had_terminator, errors),
        })
    }

    fn token(&self, kind: TokenKind, start: usize) -> Token {
        Token { kind, start: start as u32, end: self.pos as u32 }
    }

    #[inline]
    fn identifier(&mut self, start: usize) -> TokenKind {
        self.pos += plain_run(self.text, start);
        while self.byte(self.pos).is_some_and(|b| !b.is_ascii()) {
            match self.char() {
                Some(c) if is_letter(c) || is_digit(c) => self.pos += c.len_utf8(),
                _ => break,
            }
            self.pos += plain_run(self.text, self.pos);
        }
        match self.text.as_bytes().get(start..self.pos) {
            Some(b"true" | b"false") => TokenKind::Bool,
            Some(b"null") => TokenKind::Null,
            _ => TokenKind::Ident,
        }
    }

    fn not_ascii(&mut self, had_terminator: bool, errors: &mut Errors) -> TokenKind {
        let start = self.pos;
        let Some(c) = self.char() else {
            // Cannot be: tokens begin on character boundaries. Moving on keeps the loop finite all the same.
            self.pos += 1;
            return TokenKind::Illegal;
        };
        if is_letter(c) {
            return self.identifier(start);
        }
        self.pos += c.len_utf8();
        if c != BOM {
            errors.lexical(self.text, start..self.pos, stray(c));
        }
        self.insert_terminator = had_terminator;
        TokenKind::Illegal
    }

    fn digits(&mut self) -> usize {
        let start = self.pos;
        while self.byte(self.pos).is_some_and(|b| b.is_ascii_digit()) {
            self.pos += 1;
        }
        self.pos - start
    }

    fn number(&mut self, errors: &mut Errors) -> TokenKind {
        let start = self.pos;
        let mut kind = TokenKind::Number;
        self.digits();
        if self.byte(self.pos) == Some(b'.') {
            kind = TokenKind::Float;
            self.pos += 1;
            self.digits();
        }
        if matches!(self.byte(self.pos), Some(b'e' | b'E')) {
            kind = TokenKind::Float;
            self.pos += 1;
            if matches!(self.byte(self.pos), Some(b'+' | b'-')) {
                self.pos += 1;
            }
            if self.digits() == 0 {
                errors.lexical(self.text, start..self.pos, "the exponent has no digits");
            }
        }
        kind
    }

    fn string(&mut self, quote: u8, errors: &mut Errors, kind: TokenKind) -> TokenKind {
        let start = self.pos;
        let raw = quote == b'`';
        self.pos += 1;
        loop {
            self.pos += run(self.text, self.pos, |b| b != quote && (raw || b != b'\\' && b != b'\n'));
            match self.byte(self.pos) {
                None => {
                    // Marked up to the end of its first line: the rest was hardly meant to belong to it.
                    let line = self.text[start..].find('\n').map_or(self.pos, |at| start + at);
                    let shown = char::from(quote);
                    let fault = Fault::from("the string is not terminated").help(format!("add the closing `{shown}`"));
                    errors.lexical(self.text, start..line, fault);
                    self.swallowed |= raw;
                    return kind;
                }
                Some(b'\n') if !raw => {
                    let fault = Fault::from("the string is not terminated on its line")
                        .help("add the closing `\"`, or write a text of several lines in backquotes");
                    errors.lexical(self.text, start..self.pos, fault);
                    return kind;
                }
                Some(b) => {
                    self.pos += 1;
                    if b == quote {
                        return kind;
                    }
                    if b == b'\\' && !raw {
                        self.escape(errors);
                    }
                }
            }
        }
    }

    /// Reads what follows a backslash; stops before the first character that does not fit.
    fn escape(&mut self, errors: &mut Errors) {
        let backslash = self.pos - 1;
        let (mut left, base, max) = match self.byte(self.pos) {
            Some(b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' | b'"') => {
                self.pos += 1;
                return;
            }
            Some(b'0'..=b'7') => (3, 8, 0xff),
            Some(b'x') => (2, 16, 0xff),
            Some(b'u') => (4, 16, 0x10_ffff),
            Some(b'U') => (8, 16, 0x10_ffff),
            _ => {
                let end = self.char_end();
                let fault =
                    Fault::from("unknown escape sequence").perhaps((end > self.pos).then(|| {
                        format!("write `\\{}`, or put the whole text in backquotes", &self.text[backslash..end])
                    }));
                errors.lexical(self.text, backslash..end, fault);
                return;
            }
        };
        if base == 16 {
            self.pos += 1;
        }
        let mut value = 0_u32;
        while left > 0 {
            let digit = self.byte(self.pos).and_then(|b| char::from(b).to_digit(base));
            let Some(digit) = digit else {
                errors.lexical(self.text, backslash..self.char_end(), "the escape sequence is too short");
                return;
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
            self.pos += 1;
            left -= 1;
        }
        if value > max || (0xd800..0xe000).contains(&value) {
            errors.lexical(self.text, backslash..self.pos, "the escape sequence is not a character");
        }
    }

    fn comment(&mut self, errors: &mut Errors) {
        let start = self.pos;
        let rest = &self.text.as_bytes()[start..];
        if rest.get(1) == Some(&b'/') {
            self.pos += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
            return;
        }
        match rest[2..].windows(2).position(|pair| pair == b"*/") {
            Some(at) => self.pos += 2 + at + 2,
            None => {
                self.pos = self.text.len();
                self.swallowed = true;
                let fault = Fault::from("the comment is not terminated").help("add the closing `*/`");
                errors.lexical(self.text, start..start + 2, fault);
            }
        }
    }

    /// Whether the comment whose second character is at `at`, together with comments that follow, runs to the end of
    /// the line; then the line end belongs before it.
    fn comment_ends_line(&self, mut at: usize) -> bool {
        loop {
            match self.byte(at) {
                Some(b'/') => return true,
                Some(b'*') => {}
                _ => return false,
            }
            at += 1;
            loop {
                match self.byte(at) {
                    None => break,
                    Some(b'\n') => return true,
                    Some(b'*') if self.byte(at + 1) == Some(b'/') => {
                        at += 2;
                        break;
                    }
                    Some(_) => at += 1,
                }
            }
            while matches!(self.byte(at), Some(b' ' | b'\t' | b'\r')) {
                at += 1;
            }
            match self.byte(at) {
                None | Some(b'\n') => return true,
                Some(b'/') => at += 1,
                Some(_) => return false,
            }
        }
    }

    fn operator(&mut self, first: u8, had_terminator: bool, errors: &mut Errors) -> TokenKind {
        let start = self.pos;
        self.pos += 1;
        let next = self.byte(self.pos);
        let (kind, second) = match first {
            b'|' => (TokenKind::Or, Some(b'|')),
            b'&' => (TokenKind::And, Some(b'&')),
            b'!' if next == Some(b'=') => (TokenKind::Neq, next),
            b'=' if next == Some(b'=') => (TokenKind::Eq, next),
            b'<' if next == Some(b'=') => (TokenKind::Lte, next),
            b'>' if next == Some(b'=') => (TokenKind::Gte, next),
            b'!' => (TokenKind::Not, None),
            b'<' => (TokenKind::Lt, None),
            b'>' => (TokenKind::Gt, None),
            b'/' => (TokenKind::Div, None),
            _ => {
                // A NUL byte has been reported already.
                if first != 0 {
                    errors.lexical(self.text, start..self.pos, stray(first.into()));
                }
                self.insert_terminator = had_terminator;
                return TokenKind::Illegal;
            }
        };
        if second.is_some() {
            if next == second {
                self.pos += 1;
            } else {
                let operator = kind.symbol();
                errors.lexical(self.text, start..self.pos, format!("the operator is written `{operator}`"));
            }
        }
        kind
    }
}

/// A character that belongs to no token, and what those who write it most often mean.
fn stray(c: char) -> Fault {
    let help = match c {
        ':' => "a value is assigned with `=`",
        '?' => "there is no conditional expression; `coalesce(a, b)` gives the first value that is not empty",
        ';' => "remove it: the end of the line ends an attribute",
        '#' => "a comment begins with `//`",
        '$' => "a variable of the environment is read with `sys.env(\"NAME\")`",
        '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => {
            "strings are written between straight quotes: `\"`"
        }
        '\u{2013}' | '\u{2014}' | '\u{2212}' => "the minus is written `-`",
        '\u{2026}' => "put what was left out in its place",
        // Non-breaking and other odd blanks come with texts that are copied from a web page.
        '\u{a0}' | '\u{2000}'..='\u{200d}' | '\u{202f}' | '\u{2060}' | '\u{3000}' => "write an ordinary blank",
        _ => "",
    };
    let fault = Fault::from(format!("`{}` is not allowed here", c.escape_debug()));
    fault.perhaps((!help.is_empty()).then(|| help.to_owned()))
}
