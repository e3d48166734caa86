//! Tokens to verdict (text/template/parse/parse.go@go1.26.0). No tree is built: nobody asks for one.

use std::ops::Range;

use super::lexer::{Fault, Kind, Token, lex};
use super::{BUILTINS, Error, Names};

/// Brackets within brackets beyond which a template is taken as it is.
const DEPTH: usize = 200;

/// What stops the reading.
enum Stop {
    Refused(Error),
    /// Too deep to be read.
    Unread,
}

type Read<T> = Result<T, Stop>;

/// A block that waits for its `end`.
#[derive(Debug, Clone, Copy)]
struct Open {
    kind: Block,
    /// How many variables there were before.
    variables: usize,
    /// Whether its `else` was met.
    otherwise: bool,
    at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    If,
    Range,
    With,
    /// `define` or `block`, which have no variables but their own.
    Define,
}

/// What the first operand of a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// A function, a field, a variable: something that may run.
    Runs,
    /// A value.
    Value,
}

pub(super) struct Parser<'t> {
    text: &'t str,
    names: Names<'t>,
    tokens: Vec<Token>,
    fault: Option<Fault>,
    at: usize,
    variables: Vec<&'t str>,
    open: Vec<Open>,
    /// Variables of the templates around a `define`.
    outside: Vec<Vec<&'t str>>,
    depth: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, names: Names<'t>) -> Self {
        let (tokens, fault) = lex(text);
        let mut variables = vec!["$"];
        variables.extend(names.variables);
        Self { text, names, tokens, fault, at: 0, variables, open: Vec::new(), outside: Vec::new(), depth: 0 }
    }

    pub(super) fn run(mut self) -> Result<(), Error> {
        match (self.actions(), &self.fault) {
            (Err(Stop::Refused(error)), _) => Err(error),
            // Too deep to be read, and not even whole.
            (Err(Stop::Unread), Some(fault)) => {
                Err(Error { range: fault.range.clone(), message: fault.message.to_owned(), unknown: None })
            }
            (Ok(()) | Err(Stop::Unread), _) => Ok(()),
        }
    }

    fn actions(&mut self) -> Read<()> {
        loop {
            let token = self.next();
            match token.kind {
                Kind::End => break,
                Kind::Left => self.action(token.range.start)?,
                _ => return self.unexpected(&token, "a template"),
            }
        }
        if let Some(fault) = self.fault.clone() {
            return refuse(fault.range, fault.message);
        }
        if let Some(open) = self.open.last() {
            return refuse(open.at..open.at + 2, "this block has no `{{ end }}`");
        }
        Ok(())
    }

    // Tokens.

    fn word(&self, token: &Token) -> &'t str {
        &self.text[token.range.clone()]
    }

    fn peek(&self) -> Token {
        self.tokens.get(self.at).cloned().unwrap_or(Token { kind: Kind::End, range: self.text.len()..self.text.len() })
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len());
        token
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }

    fn peek_solid(&mut self) -> Token {
        self.skip_space();
        self.peek()
    }

    fn next_solid(&mut self) -> Token {
        self.skip_space();
        self.next()
    }

    fn unexpected<T>(&self, token: &Token, place: &str) -> Read<T> {
        // At the end the fault that ended the text is the reason.
        if token.kind == Kind::End
            && let Some(fault) = &self.fault
        {
            return refuse(fault.range.clone(), fault.message);
        }
        let what =
            if token.kind == Kind::End { "the end".to_owned() } else { format!("`{}`", self.word(token).trim()) };
        refuse(token.range.clone(), format!("{what} is not expected in {place}"))
    }

    fn close(&mut self, place: &str) -> Read<()> {
        let token = self.next_solid();
        if token.kind == Kind::Right { Ok(()) } else { self.unexpected(&token, place) }
    }

    // Actions.

    fn action(&mut self, at: usize) -> Read<()> {
        let token = self.peek_solid();
        if token.kind != Kind::Keyword {
            return self.pipeline("an action", Kind::Right);
        }
        self.at += 1;
        match self.word(&token) {
            "if" => self.control(Block::If, at),
            "range" => self.control(Block::Range, at),
            "with" => self.control(Block::With, at),
            "else" => self.otherwise(&token),
            "end" => {
                self.close("`end`")?;
                let Some(open) = self.open.pop() else { return refuse(token.range, "this `end` ends nothing") };
                self.leave(open);
                Ok(())
            }
            word @ ("break" | "continue") => {
                self.close(word)?;
                let inside = self.open.iter().rev().take_while(|o| o.kind != Block::Define);
                if inside.into_iter().any(|o| o.kind == Block::Range && !o.otherwise) {
                    return Ok(());
                }
                refuse(token.range, format!("`{word}` stands outside of a `range`"))
            }
            "template" => {
                self.name("`template`")?;
                if self.peek_solid().kind == Kind::Right {
                    self.at += 1;
                    return Ok(());
                }
                self.pipeline("`template`", Kind::Right)
            }
            "block" => {
                self.name("`block`")?;
                self.pipeline("`block`", Kind::Right)?;
                self.define(at);
                Ok(())
            }
            "define" if self.open.is_empty() => {
                self.name("`define`")?;
                self.close("`define`")?;
                self.define(at);
                Ok(())
            }
            _ => self.unexpected(&token, "a block"),
        }
    }

    fn define(&mut self, at: usize) {
        self.outside.push(std::mem::replace(&mut self.variables, vec!["$"]));
        self.open.push(Open { kind: Block::Define, variables: 1, otherwise: false, at });
    }

    fn leave(&mut self, open: Open) {
        if open.kind == Block::Define {
            self.variables = self.outside.pop().unwrap_or_default();
        } else {
            self.variables.truncate(open.variables);
        }
    }

    fn control(&mut self, kind: Block, at: usize) -> Read<()> {
        let variables = self.variables.len();
        let place = match kind {
            Block::If => "`if`",
            Block::Range => "`range`",
            _ => "`with`",
        };
        self.pipeline(place, Kind::Right)?;
        self.open.push(Open { kind, variables, otherwise: false, at });
        Ok(())
    }

    fn otherwise(&mut self, token: &Token) -> Read<()> {
        let Some(open) = self.open.last().copied().filter(|o| o.kind != Block::Define && !o.otherwise) else {
            return refuse(token.range.clone(), "this `else` belongs to nothing");
        };
        let next = self.peek_solid();
        let again = next.kind == Kind::Keyword
            && match self.word(&next) {
                "if" => open.kind == Block::If,
                "with" => open.kind == Block::With,
                _ => false,
            };
        if again {
            // One `end` closes the whole chain.
            self.at += 1;
            return self.pipeline("`else`", Kind::Right);
        }
        self.close("`else`")?;
        if let Some(open) = self.open.last_mut() {
            open.otherwise = true;
        }
        Ok(())
    }

    /// The name of a template.
    fn name(&mut self, place: &str) -> Read<()> {
        let token = self.next_solid();
        match token.kind {
            Kind::Str => self.string(&token),
            Kind::RawStr => Ok(()),
            _ => self.unexpected(&token, place),
        }
    }

    // Pipelines.

    fn pipeline(&mut self, place: &str, end: Kind) -> Read<()> {
        self.declarations(place)?;
        let mut stages = 0;
        loop {
            let token = self.next_solid();
            match token.kind {
                kind if kind == end => {
                    return if stages == 0 { refuse(token.range, format!("{place} has no value")) } else { Ok(()) };
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawStr
                | Kind::Str
                | Kind::Variable
                | Kind::LeftParen => {
                    self.at -= 1;
                    let first = self.command()?;
                    if stages > 0 && first == Operand::Value {
                        return refuse(token.range, "a value cannot stand behind a `|`");
                    }
                    stages += 1;
                }
                _ => return self.unexpected(&token, place),
            }
        }
    }

    /// `$x :=`, `$x =`, `$i, $x :=`.
    fn declarations(&mut self, place: &str) -> Read<()> {
        let mut count = 0;
        loop {
            let variable = self.peek_solid();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            let before = self.at;
            self.at += 1;
            let next = self.peek_solid();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.at += 1;
                    self.variables.push(self.word(&variable));
                    return Ok(());
                }
                Kind::Char if self.word(&next) == "," => {
                    self.at += 1;
                    self.variables.push(self.word(&variable));
                    count += 1;
                    if place != "`range`" || count > 1 {
                        return refuse(variable.range, format!("{place} declares too many variables"));
                    }
                    let next = self.peek_solid();
                    if !matches!(next.kind, Kind::Variable | Kind::Right | Kind::RightParen) {
                        return refuse(next.range, "`range` can only declare variables here");
                    }
                }
                _ => {
                    self.at = before;
                    return Ok(());
                }
            }
        }
    }

    /// Operands up to a `|` or the end; what the first one is.
    fn command(&mut self) -> Read<Operand> {
        let mut first = None;
        loop {
            self.skip_space();
            if let Some(operand) = self.operand()? {
                first.get_or_insert(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => {}
                Kind::Right | Kind::RightParen => {
                    self.at -= 1;
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(&token, "an operand"),
            }
        }
        match first {
            Some(first) => Ok(first),
            None => refuse(self.peek().range, "a command is empty"),
        }
    }

    fn operand(&mut self) -> Read<Option<Operand>> {
        let Some(operand) = self.term()? else { return Ok(None) };
        let mut chained = false;
        while self.peek().kind == Kind::Field {
            if operand == Operand::Value {
                return refuse(self.peek().range, "a value has no fields");
            }
            self.at += 1;
            chained = true;
        }
        Ok(Some(if chained { Operand::Runs } else { operand }))
    }

    fn term(&mut self) -> Read<Option<Operand>> {
        let token = self.next_solid();
        let word = self.word(&token);
        match token.kind {
            Kind::Identifier => {
                if !BUILTINS.contains(&word) && !self.names.functions.iter().any(|list| list.contains(&word)) {
                    let message = format!("there is no function `{word}`");
                    return Err(Stop::Refused(Error { range: token.range, message, unknown: Some(word.to_owned()) }));
                }
                Ok(Some(Operand::Runs))
            }
            Kind::Variable => {
                if !self.variables.contains(&word) {
                    let message = format!("`{word}` is not declared");
                    return Err(Stop::Refused(Error { range: token.range, message, unknown: Some(word.to_owned()) }));
                }
                Ok(Some(Operand::Runs))
            }
            Kind::Field => Ok(Some(Operand::Runs)),
            Kind::Dot | Kind::Nil | Kind::Bool | Kind::RawStr => Ok(Some(Operand::Value)),
            Kind::Number => {
                if number(word) {
                    Ok(Some(Operand::Value))
                } else {
                    refuse(token.range, format!("`{word}` is no number"))
                }
            }
            Kind::CharConstant => {
                let inside = word.get(1..word.len() - 1).unwrap_or_default();
                if inside.is_empty() || (!inside.starts_with('\\') && inside.chars().count() != 1) {
                    return refuse(token.range, "this is no character");
                }
                Ok(Some(Operand::Value))
            }
            Kind::Str => {
                self.string(&token)?;
                Ok(Some(Operand::Value))
            }
            Kind::LeftParen => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(Stop::Unread);
                }
                self.pipeline("brackets", Kind::RightParen)?;
                self.depth -= 1;
                Ok(Some(Operand::Runs))
            }
            _ => {
                self.at -= 1;
                Ok(None)
            }
        }
    }

    /// Escapes that `strconv.Unquote` takes in a string.
    fn string(&self, token: &Token) -> Read<()> {
        let word = self.word(token);
        let inside = word.get(1..word.len() - 1).unwrap_or_default();
        let bytes = inside.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] != b'\\' {
                at += 1;
                continue;
            }
            let digits = |count: usize, fits: fn(&u8) -> bool| {
                bytes.get(at + 2..at + 2 + count).is_some_and(|d| d.iter().all(fits))
            };
            let length = match bytes.get(at + 1) {
                Some(b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' | b'"') => Some(2),
                Some(b'x') => digits(2, u8::is_ascii_hexdigit).then_some(4),
                Some(b'u') => digits(4, u8::is_ascii_hexdigit).then_some(6),
                Some(b'U') => digits(8, u8::is_ascii_hexdigit).then_some(10),
                Some(b'0'..=b'7') => digits(2, |d| (b'0'..=b'7').contains(d)).then_some(4),
                _ => None,
            };
            let Some(length) = length else {
                let start = token.range.start + 1 + at;
                return refuse(start..start + 1, "this `\\` begins no escape");
            };
            at += length;
        }
        Ok(())
    }
}

/// Whether `strconv` reads it: integers of any base, floats, imaginary ones.
fn number(text: &str) -> bool {
    let bare = text.strip_suffix('i').unwrap_or(text);
    let unsigned = bare.strip_prefix(['+', '-']).unwrap_or(bare);
    let lower = unsigned.to_ascii_lowercase().replace('_', "");
    let digits = |t: &str, radix: u32| !t.is_empty() && t.chars().all(|c| c.is_digit(radix));
    if let Some(hex) = lower.strip_prefix("0x") {
        return digits(hex, 16) || hex.contains(['.', 'p']);
    }
    if let Some(octal) = lower.strip_prefix("0o") {
        return digits(octal, 8);
    }
    if let Some(binary) = lower.strip_prefix("0b") {
        return digits(binary, 2);
    }
    // Two numbers that make a complex one were looked at by the lexer.
    let inner = lower.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if text.ends_with('i') && inner.contains(['+', '-']) {
        return true;
    }
    lower.parse::<f64>().is_ok() && lower.starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

fn refuse<T>(range: Range<usize>, message: impl Into<String>) -> Read<T> {
    Err(Stop::Refused(Error { range, message: message.into(), unknown: None }))
}
