//! Text to tokens. The whole text is read once; the first lexical fault ends the list.
//!
//! Behaviour follows prometheus/prometheus promql/parser/lex.go@v3.14.0: what a word means depends on
//! whether braces or brackets are open, so the lexer keeps that state itself.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the text.
    End,
    /// The text cannot be read from here on; [`Lexed::fault`] says why.
    Fault,
    /// A word without colons that is no keyword.
    Identifier,
    /// A word with colons.
    MetricIdentifier,
    Number,
    Duration,
    String,
    Word(Word),
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    Equal,
    EqualRegex,
    NotRegex,
    At,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    EqualEqual,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    TrimUpper,
    TrimLower,
}

/// A keyword. Outside the place where it means something it is an ordinary name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    And,
    Or,
    Unless,
    Atan2,
    Aggregator,
    Offset,
    Smoothed,
    Anchored,
    By,
    Without,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Fill,
    FillLeft,
    FillRight,
    Bool,
    Start,
    End,
    Step,
    Range,
    MaxOf,
    MinOf,
}

/// One token and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// All tokens, ended by [`Kind::End`] or [`Kind::Fault`].
#[derive(Debug)]
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    pub(super) fault: Option<String>,
}

/// Reads `text` to its end or to the first fault.
pub(super) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer::new(text);
    let fault = lexer.run().err();
    if let Some(Fault { range, message }) = fault {
        lexer.tokens.push(Token { kind: Kind::Fault, range });
        return Lexed { tokens: lexer.tokens, fault: Some(message) };
    }
    lexer.tokens.push(Token { kind: Kind::End, range: text.len()..text.len() });
    Lexed { tokens: lexer.tokens, fault: None }
}

struct Fault {
    range: Range<usize>,
    message: String,
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    start: usize,
    tokens: Vec<Token>,
    parens: usize,
    brace: bool,
    bracket: bool,
    /// Between `[` and the first number the engine reads in a stricter mode, and again after a colon or an
    /// operator read in that mode.
    strict: bool,
    colon: bool,
    /// Never reset by the engine: a duration in an earlier bracket counts for a later one.
    duration: bool,
}

type Step = Result<(), Fault>;

impl<'t> Lexer<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            start: 0,
            tokens: Vec::new(),
            parens: 0,
            brace: false,
            bracket: false,
            strict: false,
            colon: false,
            duration: false,
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn accept(&mut self, set: &str) -> bool {
        match self.peek() {
            Some(c) if set.contains(c) => {
                self.at += c.len_utf8();
                true
            }
            _ => false,
        }
    }

    fn skip(&mut self, test: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&test) {
            self.next();
        }
    }

    fn emit(&mut self, kind: Kind) {
        self.tokens.push(Token { kind, range: self.start..self.at });
        self.start = self.at;
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { range: self.start..self.at, message: message.into() })
    }

    fn run(&mut self) -> Step {
        loop {
            self.start = self.at;
            let Some(c) = self.peek() else { return self.end() };
            if is_space(c) {
                self.skip(is_space);
            } else if c == '#' && !self.strict {
                self.skip(|c| c != '\n' && c != '\r');
            } else if self.brace {
                self.in_braces()?;
            } else if self.strict {
                self.in_brackets()?;
            } else {
                self.statement()?;
            }
        }
    }

    fn end(&mut self) -> Step {
        if self.brace {
            return self.fault("unexpected end of input inside braces");
        }
        if self.strict {
            return self.fault("unexpected end of input in a range");
        }
        if self.parens > 0 {
            return self.fault("unclosed left parenthesis");
        }
        if self.bracket {
            return self.fault("unclosed left bracket");
        }
        Ok(())
    }

    fn statement(&mut self) -> Step {
        let Some(c) = self.next() else { return Ok(()) };
        match c {
            ',' => self.emit(Kind::Comma),
            '*' => self.emit(Kind::Mul),
            '/' => self.emit(Kind::Div),
            '%' => self.emit(Kind::Mod),
            '+' => self.emit(Kind::Add),
            '-' => self.emit(Kind::Sub),
            '^' => self.emit(Kind::Pow),
            '@' => self.emit(Kind::At),
            '=' => match self.peek() {
                Some('=') => self.emit_long(Kind::EqualEqual),
                Some('~') => {
                    return self.fault("unexpected `~` after `=`: regular expressions match labels inside braces");
                }
                _ => self.emit(Kind::Equal),
            },
            '!' => match self.peek() {
                Some('=') => self.emit_long(Kind::NotEqual),
                _ => return self.fault("unexpected `!`, expected `!=`"),
            },
            '<' => match self.peek() {
                Some('=') => self.emit_long(Kind::LessEqual),
                Some('/') => self.emit_long(Kind::TrimUpper),
                _ => self.emit(Kind::Less),
            },
            '>' => match self.peek() {
                Some('=') => self.emit_long(Kind::GreaterEqual),
                Some('/') => self.emit_long(Kind::TrimLower),
                _ => self.emit(Kind::Greater),
            },
            '0'..='9' => return self.number(),
            '.' if self.peek().is_some_and(|c| c.is_ascii_digit()) => return self.number(),
            '"' | '\'' => return self.string(c),
            '`' => return self.raw_string(),
            '(' => self.open_paren(),
            ')' => return self.close_paren(),
            '{' => {
                self.emit(Kind::LeftBrace);
                self.brace = true;
            }
            '[' if self.bracket => return self.fault("unexpected `[` inside brackets"),
            '[' => {
                self.emit(Kind::LeftBracket);
                self.colon = false;
                self.bracket = true;
                self.strict = true;
            }
            ']' if !self.bracket => return self.fault("unexpected `]`"),
            ']' => {
                self.emit(Kind::RightBracket);
                self.bracket = false;
            }
            ':' if self.bracket => {
                if self.colon {
                    return self.fault("unexpected second `:` inside brackets");
                }
                self.emit(Kind::Colon);
                self.colon = true;
            }
            c if is_alpha(c) || c == ':' => {
                if self.bracket {
                    return self.duration_word();
                }
                self.word();
            }
            c => return self.fault(format!("unexpected character `{}`", c.escape_debug())),
        }
        Ok(())
    }

    fn emit_long(&mut self, kind: Kind) {
        self.next();
        self.emit(kind);
    }

    fn open_paren(&mut self) {
        self.parens += 1;
        self.emit(Kind::LeftParen);
    }

    fn close_paren(&mut self) -> Step {
        if self.parens == 0 {
            return self.fault("unexpected `)`");
        }
        self.parens -= 1;
        self.emit(Kind::RightParen);
        Ok(())
    }

    fn in_brackets(&mut self) -> Step {
        let Some(c) = self.next() else { return Ok(()) };
        match c {
            ']' => {
                self.emit(Kind::RightBracket);
                self.bracket = false;
                self.strict = false;
                self.colon = false;
            }
            ':' if !self.duration => return self.fault("unexpected `:` before a range"),
            ':' if self.colon => return self.fault("unexpected second `:` inside brackets"),
            ':' => {
                self.emit(Kind::Colon);
                self.colon = true;
            }
            '(' => self.open_paren(),
            ')' => return self.close_paren(),
            '+' => self.emit(Kind::Add),
            '-' => self.emit(Kind::Sub),
            '*' => self.emit(Kind::Mul),
            '/' => self.emit(Kind::Div),
            '%' => self.emit(Kind::Mod),
            '^' => self.emit(Kind::Pow),
            ',' => self.emit(Kind::Comma),
            '0'..='9' => {
                self.duration = true;
                self.strict = false;
                return self.number();
            }
            '.' if self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                self.duration = true;
                self.strict = false;
                return self.number();
            }
            c if is_alpha(c) => return self.duration_word(),
            c => return self.fault(format!("unexpected character `{}` in a range", c.escape_debug())),
        }
        Ok(())
    }

    /// A function of the duration language; no other word may stand inside brackets.
    fn duration_word(&mut self) -> Step {
        self.skip(is_alpha);
        let word = &self.text[self.start..self.at];
        let kind = match keyword(word) {
            Some(Kind::Word(w @ (Word::Step | Word::Range | Word::MaxOf | Word::MinOf))) => Kind::Word(w),
            _ => return self.fault(format!("unexpected `{word}` in a range")),
        };
        self.emit(kind);
        Ok(())
    }

    fn in_braces(&mut self) -> Step {
        let Some(c) = self.next() else { return Ok(()) };
        match c {
            c if is_alpha(c) => {
                self.skip(is_alphanumeric);
                self.emit(Kind::Identifier);
            }
            ',' => self.emit(Kind::Comma),
            '"' | '\'' => return self.string(c),
            '`' => return self.raw_string(),
            '=' if self.peek() == Some('~') => self.emit_long(Kind::EqualRegex),
            '=' => self.emit(Kind::Equal),
            '!' => match self.peek() {
                Some('~') => self.emit_long(Kind::NotRegex),
                Some('=') => self.emit_long(Kind::NotEqual),
                _ => return self.fault("unexpected `!` inside braces, expected `!=` or `!~`"),
            },
            '}' => {
                self.emit(Kind::RightBrace);
                self.brace = false;
            }
            c => return self.fault(format!("unexpected character `{}` inside braces", c.escape_debug())),
        }
        Ok(())
    }

    fn word(&mut self) {
        self.skip(|c| is_alphanumeric(c) || c == ':');
        let word = &self.text[self.start..self.at];
        let kind = match keyword(word) {
            // `fill` is a word of the language only before a parenthesis, so that metrics may have the name.
            Some(Kind::Word(Word::Fill | Word::FillLeft | Word::FillRight)) if !self.before_paren() => Kind::Identifier,
            Some(kind) => kind,
            None if word.contains(':') => Kind::MetricIdentifier,
            None => Kind::Identifier,
        };
        self.emit(kind);
    }

    fn before_paren(&self) -> bool {
        self.text[self.at..].trim_start_matches(is_space).starts_with('(')
    }

    /// A quoted string; the opening quote has been read.
    fn string(&mut self, quote: char) -> Step {
        loop {
            match self.next() {
                None | Some('\n') => return self.fault("unterminated quoted string"),
                Some('\\') => self.escape(quote)?,
                Some(c) if c == quote => break,
                Some(char::REPLACEMENT_CHARACTER) => return self.fault("string holds an invalid UTF-8 character"),
                Some(_) => {}
            }
        }
        self.emit(Kind::String);
        Ok(())
    }

    fn raw_string(&mut self) -> Step {
        loop {
            match self.next() {
                None => return self.fault("unterminated raw string"),
                Some('`') => break,
                Some(char::REPLACEMENT_CHARACTER) => return self.fault("string holds an invalid UTF-8 character"),
                Some(_) => {}
            }
        }
        self.emit(Kind::String);
        Ok(())
    }

    fn escape(&mut self, quote: char) -> Step {
        let from = self.at - 1;
        let Some(c) = self.next() else { return self.fault("unterminated quoted string") };
        let (digits, base, max) = match c {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' => return Ok(()),
            c if c == quote => return Ok(()),
            '0'..='7' => {
                self.at -= 1;
                (3, 8, 255)
            }
            'x' => (2, 16, 255),
            'u' => (4, 16, 0x0010_FFFF),
            'U' => (8, 16, 0x0010_FFFF),
            _ => {
                let range = from..self.at;
                let message = format!("unknown escape sequence `\\{}`", c.escape_debug());
                return Err(Fault { range, message });
            }
        };
        let mut value: u64 = 0;
        for _ in 0..digits {
            match self.peek().and_then(|c| c.to_digit(base)) {
                Some(d) => value = value * u64::from(base) + u64::from(d),
                None => {
                    let message = "illegal character in an escape sequence".to_owned();
                    return Err(Fault { range: from..self.at, message });
                }
            }
            self.next();
        }
        if value > max || (0xD800..0xE000).contains(&value) {
            let message = "escape sequence is no valid Unicode code point".to_owned();
            return Err(Fault { range: from..self.at, message });
        }
        Ok(())
    }

    fn number(&mut self) -> Step {
        self.at = self.start;
        if self.scan_number() {
            self.emit(Kind::Number);
        } else if self.scan_units() {
            self.emit(Kind::Duration);
        } else {
            let seen = &self.text[self.start..self.at];
            return self.fault(format!("`{seen}…` is neither a number nor a duration"));
        }
        Ok(())
    }

    fn scan_units(&mut self) -> bool {
        if !self.accept("smhdwy") {
            return false;
        }
        // A wrong unit such as `hs` is found when the value is read.
        self.accept("s");
        while self.accept("0123456789") {
            self.skip(|c| c.is_ascii_digit());
            if !self.accept("smhdw") {
                return false;
            }
            self.accept("s");
        }
        !self.peek().is_some_and(is_alphanumeric)
    }

    fn scan_number(&mut self) -> bool {
        let from = self.at;
        let mut digits = "0123456789";
        if self.accept("0") && self.accept("xX") {
            self.accept("_");
            digits = "0123456789abcdefABCDEF";
        }
        self.accept(".");
        self.accept(digits);
        let (mut dot, mut exponent) = (false, false);
        while let Some(c) = self.peek() {
            let exponent_sign = c == 'e' || c == 'E';
            if !(digits.contains(c) || c == '.' || c == '_' || exponent_sign) {
                break;
            }
            if (c == '.' && dot) || (exponent_sign && exponent) {
                self.next();
                return false;
            }
            if self.accept(".") {
                dot = true;
                if self.accept("_.") || digits.len() > 10 {
                    return false;
                }
            } else if self.accept("eE") {
                exponent = true;
                self.accept("+-");
                if self.accept("._eE") || self.peek().is_none() {
                    return false;
                }
            } else if self.accept("_") {
                if self.accept("._eE") || self.peek().is_none() {
                    return false;
                }
            } else {
                self.skip(|c| digits.contains(c));
            }
        }
        self.at > from && !self.peek().is_some_and(is_alphanumeric)
    }
}

/// The kind of a word that has a meaning of its own, in any case.
fn keyword(word: &str) -> Option<Kind> {
    // The longest is `group_right` or `count_values`.
    if word.len() > 12 {
        return None;
    }
    let word = match word.to_ascii_lowercase().as_str() {
        "inf" | "nan" => return Some(Kind::Number),
        "and" => Word::And,
        "or" => Word::Or,
        "unless" => Word::Unless,
        "atan2" => Word::Atan2,
        "offset" => Word::Offset,
        "smoothed" => Word::Smoothed,
        "anchored" => Word::Anchored,
        "by" => Word::By,
        "without" => Word::Without,
        "on" => Word::On,
        "ignoring" => Word::Ignoring,
        "group_left" => Word::GroupLeft,
        "group_right" => Word::GroupRight,
        "fill" => Word::Fill,
        "fill_left" => Word::FillLeft,
        "fill_right" => Word::FillRight,
        "bool" => Word::Bool,
        "start" => Word::Start,
        "end" => Word::End,
        "step" => Word::Step,
        "range" => Word::Range,
        "max_of" => Word::MaxOf,
        "min_of" => Word::MinOf,
        "sum" | "avg" | "count" | "min" | "max" | "group" | "stddev" | "stdvar" | "topk" | "bottomk"
        | "count_values" | "quantile" | "limitk" | "limit_ratio" => Word::Aggregator,
        _ => return None,
    };
    Some(Kind::Word(word))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn is_alpha(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

fn is_alphanumeric(c: char) -> bool {
    is_alpha(c) || c.is_ascii_digit()
}
