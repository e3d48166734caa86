//! Tokens to verdict. No tree is built: nobody asks for one.

use super::lexer::{Kind, Token};
use super::{Dialect, Error};
use crate::lang::json;

/// Expressions within expressions beyond which a text is taken as it is.
const DEPTH: u32 = 200;

/// Why the reading stopped.
enum Stop {
    Refused(Error),
    /// Too deep.
    Unread,
}

type Read<T> = Result<T, Stop>;

/// What matters of an operand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    /// A name, which may be that of a function.
    Field,
    Other,
}

/// What stands between `[` and `]`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Index {
    One,
    Slice,
}

pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    dialect: Dialect,
    depth: u32,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, tokens: &'t [Token], dialect: Dialect) -> Self {
        Self { text, tokens, at: 0, dialect, depth: 0 }
    }

    pub(super) fn run(mut self) -> Result<(), Error> {
        match self.whole() {
            Err(Stop::Refused(error)) => Err(error),
            Ok(()) | Err(Stop::Unread) => Ok(()),
        }
    }

    fn whole(&mut self) -> Read<()> {
        self.expression(0)?;
        if self.kind() == Kind::End { Ok(()) } else { self.unexpected() }
    }

    // Tokens.

    fn ahead(&self, count: usize) -> Kind {
        self.tokens.get(self.at + count).map_or(Kind::End, |token| token.kind)
    }

    fn kind(&self) -> Kind {
        self.ahead(0)
    }

    fn word(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| &self.text[token.range.clone()])
    }

    fn takes(&mut self, kind: Kind) -> bool {
        let found = self.kind() == kind;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, kind: Kind, shown: &str) -> Read<()> {
        if self.takes(kind) {
            return Ok(());
        }
        let what = self.shown(self.at);
        self.fail(self.at, format!("{shown} is missing before {what}"))
    }

    fn shown(&self, at: usize) -> String {
        match self.word(at) {
            "" => "the end".to_owned(),
            word => format!("`{word}`"),
        }
    }

    fn unexpected<T>(&self) -> Read<T> {
        self.fail(self.at, format!("{} is not expected here", self.shown(self.at)))
    }

    fn fail<T>(&self, at: usize, message: String) -> Read<T> {
        let end = self.text.len();
        let range = self.tokens.get(at).map_or(end..end, |token| token.range.clone());
        Err(Stop::Refused(Error { range, message }))
    }

    // Expressions.

    /// How tightly a token binds what stands before it. What is looked up without being there binds like the end.
    fn power(&self, kind: Kind) -> u32 {
        match kind {
            Kind::Assign if self.dialect == Dialect::Community => 1,
            Kind::Pipe => 1,
            Kind::Or => 2,
            Kind::And => 3,
            Kind::Comparator => 5,
            Kind::Sum => 6,
            Kind::Product => 7,
            Kind::Flatten => 9,
            Kind::Star => 20,
            Kind::Filter => 21,
            Kind::Dot => 40,
            Kind::Not => 45,
            Kind::LeftBrace => 50,
            Kind::LeftBracket => 55,
            Kind::LeftParen => 60,
            _ => 0,
        }
    }

    fn expression(&mut self, power: u32) -> Read<Node> {
        if self.depth >= DEPTH {
            return Err(Stop::Unread);
        }
        self.depth += 1;
        let mut left = self.first()?;
        while power < self.power(self.kind()) {
            left = self.next(left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// What an expression begins with.
    fn first(&mut self) -> Read<Node> {
        let (kind, at) = (self.kind(), self.at);
        self.at += 1;
        match kind {
            Kind::Literal => {
                let word = self.word(at);
                let inside = word.get(1..word.len() - 1).unwrap_or_default().replace("\\`", "`");
                if !json::is_valid(&inside) {
                    return self.fail(at, format!("`{inside}` between backticks is no JSON"));
                }
            }
            Kind::Name if self.word(at) == "let" && self.kind() == Kind::Variable => return self.binding(),
            Kind::Name => return Ok(Node::Field),
            Kind::QuotedName if self.kind() == Kind::LeftParen => {
                return self.fail(at, "the name of a function stands without quotes".to_owned());
            }
            Kind::QuotedName => return Ok(Node::Field),
            Kind::RawString | Kind::Variable | Kind::Root | Kind::Current => {}
            Kind::Star => {
                if self.kind() != Kind::RightBracket {
                    self.projected(self.power(Kind::Star))?;
                }
            }
            Kind::Filter => self.filter()?,
            Kind::LeftBrace => self.hash()?,
            Kind::Flatten => self.projected(self.power(Kind::Flatten))?,
            Kind::LeftBracket => self.bracket()?,
            Kind::Reference => {
                self.expression(0)?;
            }
            Kind::Sum | Kind::Not => {
                self.expression(self.power(kind))?;
            }
            Kind::LeftParen => {
                let inner = self.expression(0)?;
                self.expect(Kind::RightParen, "`)`")?;
                return Ok(inner);
            }
            Kind::End => {
                self.at = at;
                let why =
                    if self.tokens.len() == 1 { "the expression is empty" } else { "the expression ends too early" };
                return self.fail(at, why.to_owned());
            }
            _ => {
                self.at = at;
                return self.unexpected();
            }
        }
        Ok(Node::Other)
    }

    /// What follows an operand.
    fn next(&mut self, left: Node) -> Read<Node> {
        let (kind, at) = (self.kind(), self.at);
        let power = self.power(kind);
        self.at += 1;
        match kind {
            Kind::Dot if self.takes(Kind::Star) => self.projected(power)?,
            Kind::Dot => self.member(power)?,
            Kind::Pipe | Kind::Or | Kind::And | Kind::Comparator | Kind::Sum | Kind::Product => {
                self.expression(power)?;
            }
            Kind::Star if self.dialect == Dialect::Community => {
                self.expression(power)?;
            }
            Kind::Assign => {
                self.expression(0)?;
            }
            Kind::LeftParen => {
                if self.dialect == Dialect::Community && left != Node::Field {
                    return self.fail(at, "what stands before this `(` is no name of a function".to_owned());
                }
                self.list(|parser| parser.kind() == Kind::RightParen)?;
                self.expect(Kind::RightParen, "`)`")?;
            }
            Kind::Filter => self.filter()?,
            Kind::Flatten => self.projected(power)?,
            Kind::LeftBracket if matches!(self.kind(), Kind::Number | Kind::Colon) => {
                if self.index()? == Index::Slice {
                    self.projected(self.power(Kind::Star))?;
                }
            }
            Kind::LeftBracket => {
                self.expect(Kind::Star, "a number, `:` or `*`")?;
                self.expect(Kind::RightBracket, "`]`")?;
                self.projected(self.power(Kind::Star))?;
            }
            _ => {
                self.at = at;
                return self.unexpected();
            }
        }
        Ok(Node::Other)
    }

    /// `[` at the beginning of an expression.
    fn bracket(&mut self) -> Read<()> {
        if matches!(self.kind(), Kind::Number | Kind::Colon) {
            match self.index() {
                Ok(Index::One) => {}
                Ok(Index::Slice) => self.projected(self.power(Kind::Star))?,
                // The older library forgets the fault, and goes on where it was found.
                Err(Stop::Refused(_)) if self.dialect == Dialect::Classic => {}
                Err(stop) => return Err(stop),
            }
        } else if self.kind() == Kind::Star && self.ahead(1) == Kind::RightBracket {
            self.at += 2;
            self.projected(self.power(Kind::Star))?;
        } else {
            self.items()?;
        }
        Ok(())
    }

    /// `0]`, `1:2]`.
    fn index(&mut self) -> Read<Index> {
        if self.kind() != Kind::Colon && self.ahead(1) != Kind::Colon {
            self.integer()?;
            self.expect(Kind::RightBracket, "`]`")?;
            return Ok(Index::One);
        }
        let mut colons = 0;
        while self.kind() != Kind::RightBracket && colons < 3 {
            match self.kind() {
                Kind::Colon => {
                    colons += 1;
                    if colons == 3 && self.dialect == Dialect::Community {
                        return self.fail(self.at, "a slice has two `:` at most".to_owned());
                    }
                    self.at += 1;
                }
                Kind::Number => self.integer()?,
                _ => return self.unexpected(),
            }
        }
        self.expect(Kind::RightBracket, "`]`")?;
        Ok(Index::Slice)
    }

    fn integer(&mut self) -> Read<()> {
        let word = self.word(self.at);
        if word.parse::<i64>().is_err() {
            return self.fail(self.at, format!("`{word}` is no number"));
        }
        self.at += 1;
        Ok(())
    }

    /// Elements up to `]`.
    fn items(&mut self) -> Read<()> {
        loop {
            self.expression(0)?;
            if self.takes(Kind::RightBracket) {
                return Ok(());
            }
            self.expect(Kind::Comma, "`,` or `]`")?;
        }
    }

    /// Keys and values up to `}`. Neither library misses a `,` between them.
    fn hash(&mut self) -> Read<()> {
        loop {
            if !self.takes(Kind::Name) && !self.takes(Kind::QuotedName) {
                return self.fail(self.at, format!("a key is missing before {}", self.shown(self.at)));
            }
            self.expect(Kind::Colon, "`:`")?;
            self.expression(0)?;
            if !self.takes(Kind::Comma) && self.takes(Kind::RightBrace) {
                return Ok(());
            }
        }
    }

    /// Expressions up to an end. Neither library misses a `,` between them.
    fn list(&mut self, ends: impl Fn(&Self) -> bool) -> Read<()> {
        while !ends(self) {
            self.expression(0)?;
            self.takes(Kind::Comma);
        }
        Ok(())
    }

    /// `let $a = b in c`, from behind the `let`.
    fn binding(&mut self) -> Read<Node> {
        self.list(|parser| parser.kind() == Kind::Name && parser.word(parser.at) == "in")?;
        self.at += 1;
        self.expression(0)?;
        Ok(Node::Other)
    }

    fn filter(&mut self) -> Read<()> {
        self.expression(0)?;
        self.expect(Kind::RightBracket, "`]`")?;
        if self.kind() == Kind::Flatten { Ok(()) } else { self.projected(self.power(Kind::Filter)) }
    }

    /// What follows a `.`.
    fn member(&mut self, power: u32) -> Read<()> {
        match self.kind() {
            Kind::Name | Kind::QuotedName | Kind::Star => self.expression(power).map(|_| ()),
            Kind::LeftBracket => {
                self.at += 1;
                self.items()
            }
            Kind::LeftBrace => {
                self.at += 1;
                self.hash()
            }
            _ => self.fail(self.at, format!("a name, `[` or `{{` must follow `.`, not {}", self.shown(self.at))),
        }
    }

    /// What a projection goes on with.
    fn projected(&mut self, power: u32) -> Read<()> {
        match self.kind() {
            kind if self.power(kind) < 10 => Ok(()),
            Kind::LeftBracket | Kind::Filter => self.expression(power).map(|_| ()),
            Kind::Dot => {
                self.at += 1;
                self.member(power)
            }
            _ => self.unexpected(),
        }
    }
}
