//! Mistakes that many make: each is named for what it is, and reading goes on as it was meant.
//!
//! Nothing here makes a wrong text right: whoever goes on has recorded an error first.

use super::{Parser, Step};
use crate::error::{Errors, Fault, MAX_SHOWN, shown};
use crate::lexer::{Lexer, is_identifier, sanitize_identifier};
use crate::span::Span;
use crate::token::{Token, TokenKind};
use crate::tree::{List, StmtNode};

/// A line that is indented by more than this is not compared with others.
const MAX_INDENT: usize = 200;

impl Parser<'_> {
    /// The token after the current one, comments aside.
    fn peek(&self) -> Token {
        let mut lexer = self.lexer.clone();
        let mut ignored = Errors::default();
        loop {
            let token = lexer.scan(&mut ignored);
            if token.kind != TokenKind::Comment {
                return token;
            }
        }
    }

    /// The current token as written.
    fn written(&self) -> &str {
        self.span().of(self.text)
    }

    /// At a `:` where a `=` belongs. The lexer has complained.
    pub(super) fn at_colon(&self) -> bool {
        self.at(TokenKind::Illegal) && self.written() == ":"
    }

    /// At a `?` behind a value. The lexer has complained.
    pub(super) fn at_question(&self) -> bool {
        self.at(TokenKind::Illegal) && self.written() == "?"
    }

    /// Passes the rest of what other languages write `a ? b : c`, whose value nobody knows. One complaint is enough.
    pub(super) fn pass_conditional(&mut self) -> u32 {
        let told = std::mem::take(&mut self.errors);
        let mut open = 0_usize;
        loop {
            let continues = self.at(TokenKind::Illegal);
            self.next();
            match self.token.kind {
                TokenKind::Eof => break,
                TokenKind::LParen | TokenKind::LBrack | TokenKind::LCurly => open += 1,
                TokenKind::RParen | TokenKind::RBrack | TokenKind::RCurly if open > 0 => open -= 1,
                TokenKind::RParen | TokenKind::RBrack | TokenKind::RCurly | TokenKind::Comma if open == 0 => break,
                TokenKind::Terminator if open == 0 && !continues => break,
                _ => {}
            }
        }
        self.errors = told;
        self.missing()
    }

    /// `<TARGETS>` at the current token: documentation writes so what the reader is to fill in.
    pub(super) fn placeholder(&self) -> Option<Span> {
        let start = self.token.start;
        let rest = self.text.get(start as usize..)?.strip_prefix('<')?;
        let (end, _) = rest.char_indices().take(MAX_SHOWN).find(|&(_, c)| c == '>')?;
        let inner = &rest[..end];
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.' | '|' | ',' | '/' | '(' | ')');
        let placed = inner.starts_with(char::is_alphabetic) && inner.chars().all(fits);
        placed.then(|| Span::new(start, start + inner.len() as u32 + 2))
    }

    /// Reports a placeholder and passes it.
    pub(super) fn pass_placeholder(&mut self, span: Span) {
        let written = span.of(self.text).to_owned();
        self.error(span, || {
            Fault::from(format!("`{written}` is a placeholder, no value")).help("put a value of your own in its place")
        });
        while self.token.start < span.end && !self.at(TokenKind::Eof) {
            self.next();
        }
    }

    /// Where the name of a statement must stand and does not. Says whether the statement can be read all the same.
    pub(super) fn no_statement(&mut self) -> bool {
        let rest = self.text.get(self.token.start as usize..).unwrap_or_default();
        if self.at(TokenKind::RCurly) {
            self.error(self.span(), || Fault::from("this `}` closes nothing").help("remove it"));
        } else if rest.starts_with("...") {
            let span = Span::new(self.token.start, self.token.start + 3);
            self.error(span, || {
                Fault::from("`...` stands for something that was left out").help("put that in its place, or remove it")
            });
        } else if let Some(span) = self.placeholder() {
            self.pass_placeholder(span);
        } else if self.at(TokenKind::String) {
            let name = shown(self.written().trim_matches('"'));
            let next = self.peek();
            let is_attribute = next.kind == TokenKind::Assign || next.kind == TokenKind::Illegal;
            let is_name = is_attribute && is_identifier(&name);
            self.unexpected_but("the name of an attribute or block", || {
                is_name.then(|| format!("names have no quotes: write `{name}`"))
            });
            return is_name;
        } else {
            self.unexpected("the name of an attribute or block");
        }
        false
    }

    /// After the name of a statement, and its label if it has one, stands neither `=` nor `{`. Says whether the
    /// statement can be read all the same: then the current token is one of the two.
    pub(super) fn mend_header(&mut self, name: List, label: Option<Span>) -> bool {
        if self.at_colon() {
            return true;
        }
        match self.token.kind {
            TokenKind::Terminator => {
                let brace = self.peek();
                if brace.kind == TokenKind::LCurly {
                    self.error(Span::new(brace.start, brace.end), || {
                        Fault::from("the `{` of a block stands on the line of its name")
                            .help("move it to the end of the line before")
                    });
                    self.next();
                    return true;
                }
            }
            // A second label, or one without quotes.
            TokenKind::String | TokenKind::Ident if self.peek().kind == TokenKind::LCurly => {
                let written = shown(self.written());
                self.error(self.span(), || match label {
                    Some(_) => Fault::from("a block has only one label").help(format!("remove `{written}`")),
                    None => Fault::from("a label is written in double quotes").help(format!("write `\"{written}\"`")),
                });
                self.next();
                return true;
            }
            TokenKind::Sub if label.is_none() && self.token.start == self.previous_end => {
                return self.dashed_name(name);
            }
            _ => {}
        }
        let wanted = match (label, name.len) {
            (Some(_), _) => "`{`",
            (None, 1) => "`=`, a label or `{`",
            (None, _) => "a label or `{`",
        };
        let operator = self.peek();
        let written = name.of(&self.file.names).first().map(|name| shown(name.of(self.text))).unwrap_or_default();
        let value = shown(self.written());
        let kind = self.token.kind;
        self.unexpected_but(wanted, || match kind {
            _ if label.is_some() || name.len > 1 => None,
            TokenKind::Eq => Some(format!("a value is assigned with `=`: `{written} = …`")),
            TokenKind::Add | TokenKind::Sub if operator.kind == TokenKind::Assign => {
                Some("an attribute is assigned once, with `=`".to_owned())
            }
            TokenKind::Number | TokenKind::Float | TokenKind::Bool | TokenKind::Null | TokenKind::Ident => {
                Some(format!("a value is assigned with `=`: `{written} = {value}`"))
            }
            _ => None,
        });
        false
    }

    /// `my-name = 1`: names have no `-`.
    fn dashed_name(&mut self, name: List) -> bool {
        let start = name.of(&self.file.names).first().map_or(self.token.start, |name| name.start);
        let mut end = self.token.start;
        while self.token.start == end
            && matches!(self.token.kind, TokenKind::Sub | TokenKind::Ident | TokenKind::Number | TokenKind::Dot)
        {
            end = self.token.end;
            self.next();
        }
        let span = Span::new(start, end);
        let written = shown(span.of(self.text));
        self.error(span, || {
            Fault::from(format!("`{written}` is no name: only letters, digits and `_` are allowed"))
                .help(format!("write `{}`", written.replace('-', "_")))
        });
        if self.at(TokenKind::String) && self.peek().kind == TokenKind::LCurly {
            self.next();
        }
        matches!(self.token.kind, TokenKind::Assign | TokenKind::LCurly) || self.at_colon()
    }

    /// `prometheus.scrape "x" = {`: passes the `=`.
    pub(super) fn assigned_block(&mut self, name: List, label: Option<Span>) -> bool {
        let is_block = (label.is_some() || name.len > 1) && self.peek().kind == TokenKind::LCurly;
        if is_block {
            self.error(self.span(), || Fault::from("a block has no `=` before its `{`").help("remove the `=`"));
            self.next();
        }
        is_block
    }

    /// Says what is wrong with a label.
    pub(super) fn wrong_label(label: &str) -> Fault {
        let placed = label.strip_prefix('<').is_some_and(|rest| rest.ends_with('>'));
        if placed {
            return Fault::from(format!("`{label}` is a placeholder, no label"))
                .help("write a name of your own: letters, digits and `_`, no digit first");
        }
        if label.len() > MAX_SHOWN {
            return "this cannot be a label: only letters, digits and `_` are allowed, no digit first".into();
        }
        let fault = Fault::from(format!(
            "`{label}` cannot be a label: only letters, digits and `_` are allowed, no digit first"
        ));
        let near = sanitize_identifier(label).filter(|near| near.chars().any(|c| c != '_'));
        fault.perhaps(near.map(|near| format!("write `\"{near}\"`")))
    }

    /// Something stands behind a statement on its line. Says where to go on.
    pub(super) fn crowded_line(&mut self) -> Step {
        let nested = !self.frames.is_empty();
        let gap = self.text.get(self.previous_end as usize..self.token.start as usize).unwrap_or_default();
        // A line that ends with something illegal has no line end of its own.
        if !self.errors.is_empty() && gap.contains('\n') {
            return Step::Statement;
        }
        match self.token.kind {
            TokenKind::Comma => {
                self.unexpected_but("the end of the line", || {
                    Some("attributes have no `,` between them: remove it, each has a line of its own".to_owned())
                });
                self.next();
                Step::Statement
            }
            TokenKind::Illegal if self.written() == ";" => {
                self.next();
                Step::AfterStatement
            }
            TokenKind::RCurly if !nested => {
                self.error(self.span(), || Fault::from("this `}` closes nothing").help("remove it"));
                self.next();
                Step::AfterStatement
            }
            TokenKind::Assign => match self.dangling_operator() {
                Some(name) => self.after_dangling_operator(name),
                None => {
                    self.unexpected("the end of the line");
                    self.skip_statement(0)
                }
            },
            TokenKind::Ident if self.number_before().is_some() => {
                let number = self.number_before().unwrap_or(self.span());
                let span = Span::new(number.start, self.token.end);
                let written = shown(span.of(self.text));
                let fixed = written.starts_with("0x") || written.contains('_');
                self.error(span, || {
                    let help = if fixed {
                        "numbers are written in plain decimal digits".to_owned()
                    } else {
                        format!("durations and sizes are strings: `\"{written}\"`")
                    };
                    Fault::from(format!("`{written}` is no number")).help(help)
                });
                self.next();
                self.skip_statement(0)
            }
            _ => {
                let help = match self.written() {
                    "and" => Some("the operator is written `&&`".to_owned()),
                    "or" => Some("the operator is written `||`".to_owned()),
                    _ if self.starts_statement() => {
                        Some("each attribute and block begins a line of its own".to_owned())
                    }
                    _ => None,
                };
                self.unexpected_but("the end of the line", || help);
                self.skip_statement(0)
            }
        }
    }

    /// Whether the current token reads like the start of a statement.
    fn starts_statement(&self) -> bool {
        self.at(TokenKind::Ident)
            && matches!(self.peek().kind, TokenKind::Assign | TokenKind::LCurly | TokenKind::String | TokenKind::Dot)
    }

    /// The number that the current token touches.
    fn number_before(&self) -> Option<Span> {
        let number = self.file.exprs.last()?;
        let is_number = matches!(number.data, crate::tree::ExprData::Number | crate::tree::ExprData::Float);
        (is_number && number.span.end == self.token.start).then_some(number.span)
    }

    /// At a `=` whose name was taken for the rest of the value above it, because that ends with an operator or a dot:
    /// the name.
    fn dangling_operator(&self) -> Option<Span> {
        let before = self.text.get(..self.previous_end as usize)?;
        let line = before.rfind('\n')? + 1;
        let name = before[line..].trim_start();
        let start = before.len() - name.len();
        is_identifier(name).then(|| Span::new(start as u32, self.previous_end))
    }

    fn after_dangling_operator(&mut self, name: Span) -> Step {
        // What stands before the name, comments skipped, is the operator.
        let from = match self.file.stmts.last() {
            Some(StmtNode::Attribute { name, .. }) => name.end as usize,
            _ => name.start as usize,
        };
        let above = self.text.get(from..name.start as usize).unwrap_or_default();
        let mut lexer = Lexer::new(above, &mut Errors::default());
        let mut operator = Span::new(name.start, name.end);
        loop {
            let token = lexer.scan(&mut Errors::default());
            match token.kind {
                TokenKind::Eof => break,
                TokenKind::Comment | TokenKind::Terminator => {}
                _ => operator = Span::new(from as u32 + token.start, from as u32 + token.end),
            }
        }
        let written = operator.of(self.text).to_owned();
        self.error(operator, || {
            Fault::from(format!("after this `{written}` the value goes on in the next line, which is an attribute"))
                .help("finish the value, or remove what stands too much")
        });
        let missing = self.missing();
        if let Some(StmtNode::Attribute { value, end, .. }) = self.file.stmts.last_mut() {
            (*value, *end) = (missing, operator.end);
        }
        let names = List { start: self.file.names.len() as u32, len: 1 };
        self.file.names.push(name);
        self.attribute(names, None)
    }

    /// A block that was closed by a brace of another indentation than its own: when a brace is missing, it is there.
    pub(super) fn askew(&self, within: u32) -> Option<Span> {
        let indentation = |at: u32| {
            let before = &self.text.as_bytes()[(at as usize).saturating_sub(MAX_INDENT)..at as usize];
            let line = before.rsplit(|&b| b == b'\n').next().unwrap_or_default();
            let blank = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            (line.len() == blank, &line[..blank])
        };
        let blocks = self.file.stmts.iter().filter_map(|stmt| match stmt {
            StmtNode::Block(block) if block.open > within => Some(block),
            _ => None,
        });
        let askew = blocks.filter(|block| {
            let (alone, closing) = indentation(block.close);
            alone && closing != indentation(block.open).1
        });
        askew.min_by_key(|block| block.open).map(|block| Span::new(block.open, block.open + 1))
    }
}
