//! expr-lang/expr as operators of the OpenTelemetry Collector use it for conditions: the grammar, and what its checker is sure
//! to refuse (expr-lang/expr parser/parser.go, parser/lexer/*.go, checker/checker.go@v1.17.6, @v1.17.8). What only one of
//! these takes is taken.

mod token;

use token::{Token, WORDS, tokens};

use crate::lang::re2::{self, Go};

/// Expressions nested deeper are not judged.
const DEPTH: u32 = 200;

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// The mend.
    pub help: Option<String>,
}

/// Refused, or not judged.
enum Stop {
    Wrong(Error),
    Unsure,
}

type Read<T> = Result<T, Stop>;

fn wrong<T>(message: impl Into<String>) -> Read<T> {
    Err(Stop::Wrong(Error { message: message.into(), help: None }))
}

/// What an expression yields, as far as it matters here.
enum Yields {
    Text(Option<String>),
    Number,
    List,
    Map,
    Other,
}

/// Signs between two operands, how strongly they bind, and whether from the right.
const BINARY: &[(&str, u16, bool)] = &[
    ("|", 0, false),
    ("or", 10, false),
    ("||", 10, false),
    ("and", 15, false),
    ("&&", 15, false),
    ("==", 20, false),
    ("!=", 20, false),
    ("<", 20, false),
    (">", 20, false),
    (">=", 20, false),
    ("<=", 20, false),
    ("in", 20, false),
    ("matches", 20, false),
    ("contains", 20, false),
    ("startsWith", 20, false),
    ("endsWith", 20, false),
    ("..", 25, false),
    ("+", 30, false),
    ("-", 30, false),
    ("*", 60, false),
    ("/", 60, false),
    ("%", 60, false),
    ("**", 100, true),
    ("^", 100, true),
    ("??", 500, false),
];

/// What `not` may stand before.
const NEGATED: &[&str] = &["contains", "matches", "startsWith", "endsWith", "in"];

/// Functions that take predicates: how many arguments they need, which of them is the predicate, how many they take.
const PREDICATES: &[(&str, usize, usize)] = &[
    ("all", 2, 2),
    ("none", 2, 2),
    ("any", 2, 2),
    ("one", 2, 2),
    ("filter", 2, 2),
    ("map", 2, 2),
    ("count", 1, 2),
    ("sum", 1, 2),
    ("find", 2, 2),
    ("findIndex", 2, 2),
    ("findLast", 2, 2),
    ("findLastIndex", 2, 2),
    ("groupBy", 2, 2),
    ("sortBy", 2, 3),
    ("reduce", 2, 3),
];

/// Why a condition is surely refused.
pub fn condition(text: &str, go: Go) -> Result<(), Error> {
    match read(text, go) {
        Err(Stop::Wrong(error)) => Err(error),
        Ok(()) | Err(Stop::Unsure) => Ok(()),
    }
}

fn read(text: &str, go: Go) -> Read<()> {
    let (tokens, end) = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, end, at: 0, predicates: 0, depth: DEPTH, go };
    let yields = parser.sequence()?;
    if *parser.now() != Token::End {
        return parser.unexpected();
    }
    parser.finish()?;
    let kind = match yields {
        Yields::Text(_) => "a text",
        Yields::Number => "a number",
        Yields::List => "a list",
        Yields::Map => "a map",
        Yields::Other => return Ok(()),
    };
    wrong(format!("it is {kind}, not true or false"))
}

struct Parser<'p, 't> {
    tokens: &'p [Token<'t>],
    /// What is wrong behind the last of them.
    end: Option<Error>,
    at: usize,
    /// How many predicates are open.
    predicates: u32,
    depth: u32,
    go: Go,
}

impl<'p, 't> Parser<'p, 't> {
    fn now(&self) -> &'p Token<'t> {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    /// Fails once the text is read that cannot be told into tokens.
    fn finish(&self) -> Read<()> {
        match &self.end {
            Some(error) if self.at >= self.tokens.len() => Err(Stop::Wrong(error.clone())),
            _ => Ok(()),
        }
    }

    fn step(&mut self) -> Read<()> {
        self.at += 1;
        self.finish()
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.now(), Token::Sign(s) if *s == sign)
    }

    fn unexpected<T>(&self) -> Read<T> {
        self.finish()?;
        match self.now() {
            Token::Sign(text) | Token::Name(text) | Token::Number(text) => {
                wrong(format!("`{text}` is not expected here"))
            }
            Token::Text(_) => wrong("a text is not expected here"),
            Token::End => wrong("it ends too early"),
        }
    }

    fn expect(&mut self, sign: &str) -> Read<()> {
        if self.is(sign) { self.step() } else { self.unexpected() }
    }

    fn name(&mut self) -> Read<&'t str> {
        match self.now() {
            Token::Name(name) => {
                self.step()?;
                Ok(name)
            }
            _ => self.unexpected(),
        }
    }

    fn sequence(&mut self) -> Read<Yields> {
        let mut last = self.expression(0)?;
        while self.is(";") {
            self.step()?;
            if *self.now() == Token::End {
                break;
            }
            self.expression(0)?;
            last = Yields::Other;
        }
        Ok(last)
    }

    fn expression(&mut self, binds: u16) -> Read<Yields> {
        self.finish()?;
        self.depth = self.depth.checked_sub(1).ok_or(Stop::Unsure)?;
        let read = self.whole(binds);
        self.depth += 1;
        read
    }

    fn whole(&mut self, binds: u16) -> Read<Yields> {
        if binds == 0 && self.is("let") {
            self.step()?;
            self.name()?;
            self.expect("=")?;
            self.expression(0)?;
            self.expect(";")?;
            self.sequence()?;
            return Ok(Yields::Other);
        }
        if binds == 0 && self.is("if") {
            self.choice()?;
            return Ok(Yields::Other);
        }
        let mut left = self.primary()?;
        let mut before = "";
        while let Token::Sign(mut sign) = *self.now() {
            let start = self.at;
            if sign == "not" {
                self.step()?;
                match *self.now() {
                    Token::Sign(negated) if NEGATED.contains(&negated) => sign = negated,
                    _ => return self.unexpected(),
                }
            }
            let Some((_, strength, right)) = BINARY.iter().find(|(s, strength, _)| *s == sign && *strength >= binds)
            else {
                self.at = start;
                break;
            };
            self.step()?;
            if sign == "|" {
                let name = self.name()?;
                self.call(name, 1)?;
            } else if before == "??" && sign != "??" {
                return wrong(format!("`{sign}` and `??` cannot be mixed without brackets"));
            } else {
                let operand = self.expression(strength + u16::from(!right))?;
                if let ("matches", Yields::Text(Some(pattern))) = (sign, operand)
                    && let Err(error) = re2::parse(&pattern, self.go)
                {
                    let message = format!("`{pattern}` is no regular expression: {}", error.message);
                    return Err(Stop::Wrong(Error { message, help: error.help }));
                }
            }
            left = Yields::Other;
            before = sign;
        }
        while binds == 0 && self.is("?") {
            self.step()?;
            if !self.is(":") {
                self.expression(0)?;
            }
            self.expect(":")?;
            self.expression(0)?;
            left = Yields::Other;
        }
        Ok(left)
    }

    fn choice(&mut self) -> Read<()> {
        self.step()?;
        self.expression(0)?;
        self.expect("{")?;
        self.sequence()?;
        self.expect("}")?;
        self.expect("else")?;
        if self.is("if") {
            self.depth = self.depth.checked_sub(1).ok_or(Stop::Unsure)?;
            return self.choice();
        }
        self.expect("{")?;
        self.sequence()?;
        self.expect("}")
    }

    fn primary(&mut self) -> Read<Yields> {
        match *self.now() {
            Token::Sign(sign @ ("not" | "!" | "-" | "+")) => {
                self.step()?;
                let binds = if matches!(sign, "-" | "+") { 90 } else { 50 };
                self.expression(binds)?;
                self.postfix(Yields::Other)
            }
            Token::Sign("(") => {
                self.step()?;
                let inner = self.sequence()?;
                self.expect(")")?;
                self.postfix(inner)
            }
            Token::Sign(sign @ ("#" | ".")) if self.predicates > 0 => {
                if sign == "#" {
                    self.step()?;
                    if matches!(self.now(), Token::Name(_)) {
                        self.step()?;
                    }
                }
                self.postfix(Yields::Other)
            }
            // Where two of them stand is nobody's business here.
            Token::Sign("##") => Err(Stop::Unsure),
            Token::Sign("::") => {
                self.step()?;
                let name = self.name()?;
                self.call(name, 0)?;
                self.postfix(Yields::Other)
            }
            Token::Sign("[") => {
                self.step()?;
                self.listed("]")?;
                self.postfix(Yields::List)
            }
            Token::Sign("{") => {
                self.map()?;
                self.postfix(Yields::Map)
            }
            Token::Name(name) => {
                self.step()?;
                if matches!(name, "true" | "false" | "nil") {
                    return Ok(Yields::Other);
                }
                if self.is("(") {
                    self.call(name, 0)?;
                }
                self.postfix(Yields::Other)
            }
            Token::Number(_) => {
                self.step()?;
                Ok(Yields::Number)
            }
            Token::Text(ref text) => {
                self.step()?;
                self.postfix(Yields::Text(text.clone()))
            }
            _ => self.unexpected(),
        }
    }

    /// Expressions with `,` between them, one behind the last maybe, up to a bracket.
    fn listed(&mut self, close: &str) -> Read<()> {
        let mut first = true;
        while !self.is(close) {
            if !first {
                self.expect(",")?;
                if self.is(close) {
                    break;
                }
            }
            first = false;
            self.expression(0)?;
        }
        self.expect(close)
    }

    fn map(&mut self) -> Read<()> {
        self.step()?;
        let mut first = true;
        while !self.is("}") {
            if !first {
                self.expect(",")?;
                if self.is("}") {
                    break;
                }
            }
            first = false;
            match self.now() {
                Token::Number(_) | Token::Text(_) | Token::Name(_) => self.step()?,
                Token::Sign("(") => _ = self.expression(0)?,
                _ => return self.unexpected(),
            }
            self.expect(":")?;
            self.expression(0)?;
        }
        self.expect("}")
    }

    /// The arguments of a function, some of which stand before a `|`.
    fn call(&mut self, name: &str, given: usize) -> Read<()> {
        self.expect("(")?;
        let Some((_, least, most)) = PREDICATES.iter().find(|(n, ..)| *n == name) else {
            return self.listed(")");
        };
        for argument in given..*most {
            if self.is(")") {
                if argument >= *least {
                    break;
                }
                return wrong(format!("`{name}` needs more arguments"));
            }
            if argument > given {
                self.expect(",")?;
            }
            if argument == 1 {
                self.predicate()?;
            } else {
                self.expression(0)?;
            }
        }
        if self.is(",") {
            self.step()?;
        }
        self.expect(")")
    }

    fn predicate(&mut self) -> Read<()> {
        let braces = self.is("{");
        if braces {
            self.step()?;
        }
        self.predicates += 1;
        if braces {
            self.sequence()?;
        } else {
            self.expression(0)?;
        }
        self.predicates -= 1;
        if braces { self.expect("}") } else { Ok(()) }
    }

    fn postfix(&mut self, mut node: Yields) -> Read<Yields> {
        loop {
            match *self.now() {
                Token::Sign(sign @ ("." | "?.")) => {
                    self.step()?;
                    if sign == "?." && self.is("[") {
                        continue;
                    }
                    match *self.now() {
                        Token::Name(_) => {}
                        Token::Sign(word) if WORDS.contains(&word) => {}
                        _ => return self.unexpected(),
                    }
                    self.step()?;
                    if self.is("(") {
                        self.step()?;
                        self.listed(")")?;
                    }
                }
                Token::Sign("[") => {
                    self.step()?;
                    if !self.is(":") {
                        self.expression(0)?;
                    }
                    if self.is(":") {
                        self.step()?;
                        if !self.is("]") {
                            self.expression(0)?;
                        }
                    }
                    self.expect("]")?;
                }
                _ => return Ok(node),
            }
            node = Yields::Other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Option<String> {
        condition(text, Go::of_alloy(19)).err().map(|e| e.message)
    }

    #[test]
    fn conditions_that_the_engine_takes() {
        for text in [
            "true",
            "body",
            r#"attributes["a.b"] == nil and not (body matches "^\\d+$")"#,
            "body not in ['a', 'b',]",
            "attributes?.a?.[0].in != 1.5e3",
            "any(body, {.a > 1 and # != 2}) ? a.b : false",
            "body | count(.x) > 1 || env('A') == `a\\d`",
            "let a = 1; a < 2 < 3",
            "{a: 1, 'b': 2}.a == 1 // why",
            "if body == 1 { true } else { false }",
            "len(body[1:]) > 2; true",
            "1 in 1..3",
            "body == \"\u{e4}\"",
            "\u{e4} ==",
            "a ?? b ?? c",
            "none(body, # == 1,)",
            "b'x' ==",
        ] {
            assert_eq!(verdict(text), None, "{text}");
        }
    }

    #[test]
    fn conditions_that_it_does_not() {
        for (text, why) in [
            ("", "it ends too early"),
            ("1", "it is a number, not true or false"),
            ("('a')", "it is a text, not true or false"),
            ("[1]", "it is a list, not true or false"),
            ("body ==", "it ends too early"),
            ("body matches", "it ends too early"),
            ("body = 1", "`=` is not expected here"),
            ("body == 'a", "a text that begins with `'` does not end"),
            (r"body matches '^\d'", r"`\d` is no escape"),
            ("(body", "it ends too early"),
            ("body)", "`)` is not expected here"),
            ("body == 1 body", "`body` is not expected here"),
            ("a AND b", "`AND` is not expected here"),
            ("body matches '('", "`(` is no regular expression: "),
            ("# == 1", "`#` is not expected here"),
            ("a @ b", "`@` is not expected here"),
            ("a.", "it ends too early"),
            ("1a", "`a` follows a number directly"),
            ("a ?? b == c", "`==` and `??` cannot be mixed without brackets"),
            ("all(a)", "`all` needs more arguments"),
            ("a not b", "`b` is not expected here"),
        ] {
            let found = verdict(text).unwrap_or_else(|| panic!("{text} is taken"));
            assert!(found.starts_with(why), "{text}: {found}");
        }
    }
}
