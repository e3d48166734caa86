//! XPath as antchfx/xpath reads it: its grammar, which is more lenient than XPath is. What stands behind a complete expression
//! is not looked at (antchfx/xpath parse.go@v1.3.5, @v1.3.6, @v1.3.8).

/// Expressions nested deeper are not judged.
const DEPTH: u32 = 100;

/// Refused, or not judged.
enum Stop {
    Wrong(String),
    Unsure,
}

type Read<T> = Result<T, Stop>;

fn wrong<T>(message: impl Into<String>) -> Read<T> {
    Err(Stop::Wrong(message.into()))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'t> {
    Sign(&'t str),
    Text,
    Number,
    /// A name, whether it has a prefix, and whether a bracket follows.
    Name(&'t str, bool, bool),
    /// `child::`
    Axis,
    End,
}

/// Why an expression is surely refused.
pub fn check(text: &str) -> Result<(), String> {
    // Which characters of other scripts are letters is not told here; of control characters, not even where a text ends.
    if !text.bytes().all(|b| b.is_ascii_graphic() || matches!(b, b' ' | b'\t' | b'\n')) {
        return Ok(());
    }
    let mut parser = Parser { text, at: 0, now: Token::End, depth: DEPTH };
    let read = parser.next().and_then(|()| parser.expression());
    match read {
        Err(Stop::Wrong(message)) => Err(message),
        Ok(()) | Err(Stop::Unsure) => Ok(()),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    now: Token<'t>,
    depth: u32,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn take(&mut self, len: usize) -> &'t str {
        let taken = &self.rest()[..len];
        self.at += len;
        taken
    }

    fn digits(&mut self) {
        self.at += self.rest().bytes().take_while(u8::is_ascii_digit).count();
    }

    fn next(&mut self) -> Read<()> {
        self.skip_space();
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let second = bytes.get(1).copied();
        self.now = match bytes.first() {
            None => Token::End,
            Some(b',' | b'@' | b'(' | b')' | b'|' | b'*' | b'[' | b']' | b'+' | b'-' | b'=' | b'$') => {
                Token::Sign(self.take(1))
            }
            // Older and newer releases fail in other ways.
            Some(b'#') => return Err(Stop::Unsure),
            Some(b'<' | b'>' | b'!') => Token::Sign(self.take(1 + usize::from(second == Some(b'=')))),
            Some(b'.') if second.is_some_and(|b| b.is_ascii_digit()) => {
                self.at += 1;
                self.digits();
                Token::Number
            }
            Some(b'.' | b'/') => Token::Sign(self.take(1 + usize::from(second == bytes.first().copied()))),
            Some(quote @ (b'"' | b'\'')) => {
                let Some(end) = rest[1..].bytes().position(|b| b == *quote) else {
                    return wrong("a text in quotes is not closed");
                };
                self.at += end + 2;
                Token::Text
            }
            Some(b'0'..=b'9') => {
                self.digits();
                if self.rest().starts_with('.') {
                    self.at += 1;
                    self.digits();
                }
                Token::Number
            }
            Some(b'A'..=b'Z' | b'a'..=b'z' | b'_') => self.name()?,
            Some(b':') => return Err(Stop::Unsure),
            Some(other) => return wrong(format!("`{}` is not expected here", char::from(*other))),
        };
        Ok(())
    }

    /// One name, without what may follow it.
    fn word(&mut self) -> Read<&'t str> {
        let len =
            self.rest().bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')).count();
        let word = self.take(len);
        // Old releases take it as part of a name.
        if self.rest().starts_with('*') { Err(Stop::Unsure) } else { Ok(word) }
    }

    fn name(&mut self) -> Read<Token<'t>> {
        let mut name = self.word()?;
        let mut prefixed = false;
        let near = self.rest().starts_with(':');
        self.skip_space();
        if self.rest().starts_with("::") {
            self.at += 2;
            self.skip_space();
            return Ok(Token::Axis);
        }
        if self.rest().starts_with(':') {
            self.at += 1;
            prefixed = true;
            match self.rest().bytes().next() {
                Some(b'*') if near => name = self.take(1),
                Some(b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.') if near => name = self.word()?,
                _ => return wrong("a `:` is followed by no name"),
            }
        }
        self.skip_space();
        Ok(Token::Name(name, prefixed, self.rest().starts_with('(')))
    }

    fn is(&self, sign: &str) -> bool {
        self.now == Token::Sign(sign)
    }

    fn expect(&mut self, sign: &str) -> Read<()> {
        if self.is(sign) { self.next() } else { wrong(format!("a `{sign}` is missing")) }
    }

    /// Steps with operators between them: how strongly those bind matters to nobody here.
    fn expression(&mut self) -> Read<()> {
        self.depth = self.depth.checked_sub(1).ok_or(Stop::Unsure)?;
        loop {
            while self.is("-") {
                self.next()?;
            }
            self.path()?;
            match self.now {
                Token::Sign("=" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "|")
                | Token::Name("or" | "and" | "div" | "mod", false, _) => {
                    // Behind `|` a minus is none.
                    let union = self.is("|");
                    self.next()?;
                    if union && self.is("-") {
                        return wrong("a path is expected");
                    }
                }
                _ => break,
            }
        }
        self.depth += 1;
        Ok(())
    }

    fn is_node_type(&self) -> bool {
        matches!(self.now, Token::Name("node" | "text" | "processing-instruction" | "comment", false, _))
    }

    fn path(&mut self) -> Read<()> {
        let primary = match self.now {
            Token::Text | Token::Number | Token::Sign("$" | "(") => true,
            Token::Name(_, _, called) => called && !self.is_node_type(),
            _ => false,
        };
        if primary {
            self.primary()?;
            if self.is("[") {
                self.predicate()?;
            }
            return if self.is("/") || self.is("//") {
                self.next()?;
                self.relative()
            } else {
                Ok(())
            };
        }
        if self.is("/") {
            self.next()?;
            let step = matches!(self.now, Token::Sign("." | ".." | "@" | "*") | Token::Axis | Token::Name(..));
            return if step { self.relative() } else { Ok(()) };
        }
        if self.is("//") {
            self.next()?;
        }
        self.relative()
    }

    fn relative(&mut self) -> Read<()> {
        loop {
            self.step()?;
            if !self.is("/") && !self.is("//") {
                return Ok(());
            }
            self.next()?;
        }
    }

    fn step(&mut self) -> Read<()> {
        if self.is(".") || self.is("..") {
            self.next()?;
        } else if self.is("(") {
            return self.steps();
        } else {
            if self.is("@") || self.now == Token::Axis {
                self.next()?;
            }
            self.node()?;
        }
        while self.is("[") {
            self.predicate()?;
        }
        Ok(())
    }

    fn steps(&mut self) -> Read<()> {
        self.depth = self.depth.checked_sub(1).ok_or(Stop::Unsure)?;
        self.next()?;
        self.step()?;
        while self.is(",") {
            self.next()?;
            self.step()?;
        }
        self.depth += 1;
        self.expect(")")
    }

    fn node(&mut self) -> Read<()> {
        match self.now {
            Token::Name(name, _, called) if called && self.is_node_type() => {
                self.next()?;
                self.expect("(")?;
                if name == "processing-instruction" && self.now == Token::Text {
                    self.next()?;
                }
                self.expect(")")
            }
            Token::Name(..) | Token::Sign("*") => self.next(),
            Token::End => wrong("it ends where a name is expected"),
            _ => wrong("a name is expected"),
        }
    }

    fn predicate(&mut self) -> Read<()> {
        self.next()?;
        self.expression()?;
        self.expect("]")
    }

    fn primary(&mut self) -> Read<()> {
        match self.now {
            Token::Sign("$") => {
                self.next()?;
                match self.now {
                    Token::Name(..) => self.next(),
                    _ => wrong("a `$` is followed by no name"),
                }
            }
            Token::Sign("(") => {
                self.next()?;
                self.expression()?;
                self.expect(")")
            }
            Token::Name(..) => {
                self.next()?;
                self.expect("(")?;
                if !self.is(")") {
                    loop {
                        self.expression()?;
                        if self.is(")") {
                            break;
                        }
                        self.expect(",")?;
                    }
                }
                self.expect(")")
            }
            _ => self.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_the_engine_takes() {
        for path in [
            "/",
            "/a/b",
            "//@*",
            "/a[1]/b[@c='d']",
            "//*[local-name()='a']",
            "a | b",
            "/a)",
            "child::a",
            "ns:a/ns:*",
            "/a/text()",
            "count(/a) > 1 and not(b)",
            "a/(b, c)",
            "..",
            "a[-1]",
            "/ä[",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn paths_that_it_does_not() {
        for path in
            ["", "/a[", "/a[1", "[", "///[", "/a/", "//", "/a['b", "a:", "f(a", "$", "/a[]", "a |", "/a?b[", "%"]
        {
            assert!(check(path).is_err(), "{path}");
        }
    }
}
