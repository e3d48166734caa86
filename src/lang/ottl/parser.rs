//! Tokens to a tree: ordered choice, as participle reads the grammar of pkg/ottl/grammar.go: an alternative that matched is never
//! given up for a later one. What a rule made of a place is remembered, so that no text takes more than linear time.

use std::collections::HashMap;
use std::ops::Range;

use super::ast::*;
use super::lexer::{Forms, Kind, Token, unquote};

/// Deeper nesting is not judged.
pub(super) const MAX_DEPTH: usize = 100;

/// Where reading stopped furthest on, and what could have stood there.
#[derive(Debug, Default)]
pub(super) struct Furthest {
    at: usize,
    expected: Vec<&'static str>,
}

/// Why there is no tree.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The text is wrong here.
    Unexpected { range: Range<usize>, expected: Vec<&'static str>, before: Option<Range<usize>> },
    /// The text is too deep to be read.
    Deep,
}

pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    forms: Forms,
    at: usize,
    depth: usize,
    deep: bool,
    tree: Tree,
    furthest: Furthest,
    /// By rule and place: the node and the place after it, or nothing.
    known: HashMap<(Rule, usize), Option<(Id, usize)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    Call,
    Value,
    Sum,
    Condition,
    Path,
}

/// What a text is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Statement,
    Condition,
    Value,
}

/// Reads a whole text.
pub(super) fn parse(text: &str, tokens: &[Token], forms: Forms, goal: Goal) -> Result<(Tree, Root), Refusal> {
    let mut p = Parser {
        text,
        tokens,
        forms,
        at: 0,
        depth: 0,
        deep: false,
        tree: Tree::default(),
        furthest: Furthest::default(),
        known: HashMap::new(),
    };
    let root = match goal {
        Goal::Statement => p.statement(),
        Goal::Condition => p.condition().map(Root::Condition),
        Goal::Value => p.value().map(Root::Value),
    };
    let root = root.filter(|_| p.accept(Kind::End, "the end").is_some());
    if p.deep {
        return Err(Refusal::Deep);
    }
    match root {
        Some(root) => Ok((p.tree, root)),
        None => Err(p.refusal()),
    }
}

impl Parser<'_> {
    fn refusal(self) -> Refusal {
        let token = |at: usize| self.tokens.get(at).map(Token::range);
        let range = token(self.furthest.at).unwrap_or(self.text.len()..self.text.len());
        let before = self.furthest.at.checked_sub(1).and_then(token);
        Refusal::Unexpected { range, expected: self.furthest.expected, before }
    }

    fn peek(&self) -> Kind {
        self.tokens.get(self.at).map_or(Kind::End, |t| t.kind)
    }

    fn range(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), Token::range)
    }

    fn source(&self) -> &str {
        self.text.get(self.range()).unwrap_or_default()
    }

    /// The end of the token before.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |t| t.range().end)
    }

    fn expected(&mut self, what: &'static str) {
        if self.at > self.furthest.at {
            self.furthest = Furthest { at: self.at, expected: Vec::new() };
        }
        if self.at == self.furthest.at && !self.furthest.expected.contains(&what) {
            self.furthest.expected.push(what);
        }
    }

    fn accept(&mut self, kind: Kind, what: &'static str) -> Option<Range<usize>> {
        if self.peek() == kind {
            let range = self.range();
            // The end stays.
            self.at = (self.at + 1).min(self.tokens.len() - 1);
            return Some(range);
        }
        self.expected(what);
        None
    }

    /// Runs a rule; the place is as before when nothing came of it.
    fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let at = self.at;
        let out = rule(self);
        if out.is_none() {
            self.at = at;
        }
        out
    }

    /// Runs a rule one level deeper, once per place.
    fn once(&mut self, rule: Rule, read: impl FnOnce(&mut Self) -> Option<Id>) -> Option<Id> {
        let start = self.at;
        if let Some(known) = self.known.get(&(rule, start)) {
            let (id, end) = (*known)?;
            self.at = end;
            return Some(id);
        }
        if self.depth >= MAX_DEPTH || self.deep {
            self.deep = true;
            return None;
        }
        self.depth += 1;
        let out = self.attempt(read);
        self.depth -= 1;
        self.known.insert((rule, start), out.map(|id| (id, self.at)));
        out
    }
}

// Statements and conditions.
impl Parser<'_> {
    fn statement(&mut self) -> Option<Root> {
        let start = self.peek();
        let Some(call) = self.call() else {
            self.expected("a function");
            return None;
        };
        let condition = self.attempt(|p| {
            p.literal("where")?;
            p.condition()
        });
        Some(match start {
            Kind::Upper => Root::Converter(call),
            _ => Root::Statement { call, condition },
        })
    }

    /// A word that the grammar spells out; a string of that value is as good.
    fn literal(&mut self, word: &'static str) -> Option<()> {
        let matches = match self.peek() {
            Kind::Lower => self.source() == word,
            Kind::String => unquote(self.source()) == word,
            _ => false,
        };
        if !matches {
            self.expected(word);
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn condition(&mut self) -> Option<Id> {
        self.once(Rule::Condition, |p| {
            let mut terms = vec![p.term()?];
            // `and` binds tighter than `or`, which makes no difference to what is accepted.
            while let Some(term) = p.attempt(|p| {
                if p.accept(Kind::And, "and").is_none() {
                    p.accept(Kind::Or, "or")?;
                }
                p.term()
            }) {
                terms.push(term);
            }
            p.tree.conditions.push(Condition { terms });
            Some(p.tree.conditions.len() - 1)
        })
    }

    fn term(&mut self) -> Option<Term> {
        self.accept(Kind::Not, "not");
        if let Some(term) = self.attempt(|p| {
            let left = p.value()?;
            p.accept(Kind::Comparison, "a comparison")?;
            Some(Term::Comparison(left, p.value()?))
        }) {
            return Some(term);
        }
        if self.accept(Kind::Boolean, "true or false").is_some() {
            return Some(Term::Constant);
        }
        if self.peek() == Kind::Upper
            && let Some(call) = self.call()
        {
            return Some(Term::Converter(call));
        }
        self.attempt(|p| {
            p.accept(Kind::LeftParen, "(")?;
            let inner = p.condition()?;
            p.accept(Kind::RightParen, ")")?;
            Some(Term::Condition(inner))
        })
    }
}

// Values.
impl Parser<'_> {
    fn value(&mut self) -> Option<Id> {
        self.once(Rule::Value, |p| {
            let start = p.range().start;
            let kind = p.value_kind()?;
            let range = start..p.end();
            p.tree.values.push(Value { range, kind });
            Some(p.tree.values.len() - 1)
        })
    }

    fn value_kind(&mut self) -> Option<ValueKind> {
        if self.nil().is_some() {
            return Some(ValueKind::Nil);
        }
        if let Some(operand) = self.attempt(|p| {
            let operand = p.operand()?;
            (!matches!(p.peek(), Kind::AddSub | Kind::MultDiv)).then_some(operand)
        }) {
            return Some(ValueKind::Operand(operand));
        }
        if self.forms.lambda && self.attempt(Self::lambda).is_some() {
            return Some(ValueKind::Lambda);
        }
        if let Some(sum) = self.sum() {
            return Some(ValueKind::Sum(sum));
        }
        match self.peek() {
            Kind::Bytes => {
                // Half a byte is none.
                let digits = self.range().len() - 2;
                digits.is_multiple_of(2).then(|| self.at += 1)?;
                Some(ValueKind::Bytes(digits / 2))
            }
            Kind::String => {
                let value = unquote(self.source());
                self.at += 1;
                Some(ValueKind::String(value))
            }
            Kind::Boolean => {
                self.at += 1;
                Some(ValueKind::Bool)
            }
            Kind::Upper if self.tokens.get(self.at + 1).is_none_or(|t| t.kind != Kind::Lower) => {
                self.at += 1;
                Some(ValueKind::Enum)
            }
            Kind::LeftBrace => self.attempt(Self::map),
            Kind::LeftBracket => self.attempt(Self::list),
            _ => {
                self.expected("a value");
                None
            }
        }
    }

    fn lambda(&mut self) -> Option<()> {
        self.accept(Kind::LeftParen, "(")?;
        if self.parameter().is_some() {
            while self.attempt(|p| p.accept(Kind::Comma, ",").and_then(|_| p.parameter())).is_some() {}
        }
        self.accept(Kind::RightParen, ")")?;
        self.accept(Kind::Arrow, "=>")?;
        let value = self.attempt(|p| {
            p.value()?;
            (!matches!(p.peek(), Kind::Or | Kind::And | Kind::Comparison)).then_some(())
        });
        value.or_else(|| self.condition().map(|_| ()))
    }

    fn parameter(&mut self) -> Option<Range<usize>> {
        match self.peek() {
            Kind::Underscore => self.accept(Kind::Underscore, "a name"),
            _ => self.accept(Kind::Lower, "a name"),
        }
    }

    fn nil(&mut self) -> Option<()> {
        let matches = match self.peek() {
            Kind::Nil => true,
            Kind::Lower => !self.forms.nil_token && self.source() == "nil",
            Kind::String => !self.forms.nil_token && unquote(self.source()) == "nil",
            _ => false,
        };
        matches.then(|| self.at += 1)
    }

    fn map(&mut self) -> Option<ValueKind> {
        self.accept(Kind::LeftBrace, "{")?;
        let mut values = Vec::new();
        while let Some(value) = self.attempt(|p| {
            p.accept(Kind::String, "a text")?;
            p.accept(Kind::Colon, ":")?;
            p.value()
        }) {
            values.push(value);
            self.accept(Kind::Comma, ",");
        }
        self.accept(Kind::RightBrace, "}")?;
        Some(ValueKind::Map(values))
    }

    /// Commas between the first values may be missing.
    fn list(&mut self) -> Option<ValueKind> {
        self.accept(Kind::LeftBracket, "[")?;
        let mut values = Vec::new();
        while let Some(value) = self.value() {
            values.push(value);
        }
        while let Some(value) = self.attempt(|p| {
            p.accept(Kind::Comma, ",")?;
            p.value()
        }) {
            values.push(value);
        }
        self.accept(Kind::RightBracket, "]")?;
        Some(ValueKind::List(values))
    }

    fn operand(&mut self) -> Option<Operand> {
        match self.peek() {
            Kind::Lower => match self.call() {
                Some(call) => Some(Operand::Editor(call)),
                None => self.path().map(Operand::Path),
            },
            Kind::Upper => self.call().map(Operand::Converter),
            Kind::Float => {
                let value = self.source().parse::<f64>().ok().filter(|f| f.is_finite())?;
                self.at += 1;
                Some(Operand::Float(value))
            }
            Kind::Int => {
                let value = integer(self.source())?;
                self.at += 1;
                Some(Operand::Int(value))
            }
            _ => {
                self.expected("a value");
                None
            }
        }
    }

    fn sum(&mut self) -> Option<Id> {
        self.once(Rule::Sum, |p| {
            let mut parts = vec![p.part()?];
            while let Some(part) = p.attempt(|p| {
                if p.accept(Kind::AddSub, "an operator").is_none() {
                    p.accept(Kind::MultDiv, "an operator")?;
                }
                p.part()
            }) {
                parts.push(part);
            }
            p.tree.sums.push(Sum { parts });
            Some(p.tree.sums.len() - 1)
        })
    }

    fn part(&mut self) -> Option<Part> {
        self.attempt(|p| {
            let negative = p.forms.unary && p.peek() == Kind::AddSub && p.source() == "-";
            if p.forms.unary && p.peek() == Kind::AddSub {
                p.at += 1;
            }
            let kind = match p.attempt(Self::operand) {
                Some(operand) => PartKind::Operand(operand),
                None => {
                    p.accept(Kind::LeftParen, "(")?;
                    let inner = p.sum()?;
                    p.accept(Kind::RightParen, ")")?;
                    PartKind::Sum(inner)
                }
            };
            Some(Part { negative, kind })
        })
    }
}

// Calls and paths.
impl Parser<'_> {
    /// A function's name is cut into pieces where the case changes; blanks between them are ignored.
    fn function_name(&mut self, first: Kind) -> Option<(String, Range<usize>)> {
        if self.peek() != first {
            return None;
        }
        let mut name = self.source().to_owned();
        let mut range = self.range();
        self.at += 1;
        while matches!(self.peek(), Kind::Upper | Kind::Lower) {
            name.push_str(self.source());
            range.end = self.range().end;
            self.at += 1;
        }
        Some((name, range))
    }

    fn call(&mut self) -> Option<Id> {
        self.once(Rule::Call, |p| {
            let first = if p.peek() == Kind::Upper { Kind::Upper } else { Kind::Lower };
            let (name, name_range) = p.function_name(first)?;
            p.accept(Kind::LeftParen, "(")?;
            let mut arguments = Vec::new();
            if let Some(argument) = p.argument() {
                arguments.push(argument);
                while let Some(argument) = p.attempt(|p| {
                    p.accept(Kind::Comma, ",")?;
                    p.argument()
                }) {
                    arguments.push(argument);
                }
            }
            p.accept(Kind::RightParen, ")")?;
            let keys = p.keys();
            let range = name_range.start..p.end();
            p.tree.calls.push(Call { name, name_range, range, arguments, keys });
            Some(p.tree.calls.len() - 1)
        })
    }

    fn argument(&mut self) -> Option<Given> {
        self.attempt(|p| {
            let name = p.attempt(|p| {
                let name = p.function_name(Kind::Lower)?;
                p.accept(Kind::Equal, "=")?;
                Some(name)
            });
            if let Some(value) = p.value() {
                return Some(Given { name, value: GivenValue::Value(value) });
            }
            let (function, range) = p.function_name(Kind::Upper)?;
            Some(Given { name, value: GivenValue::Function(function, range) })
        })
    }

    fn path(&mut self) -> Option<Id> {
        self.once(Rule::Path, |p| {
            let start = p.range().start;
            let context = p.attempt(|p| {
                let name = p.source().to_owned();
                let range = p.accept(Kind::Lower, "a name")?;
                p.accept(Kind::Dot, ".")?;
                Some((name, range))
            });
            let mut fields = vec![p.field()?];
            while let Some(field) = p.attempt(|p| {
                p.accept(Kind::Dot, ".")?;
                p.field()
            }) {
                fields.push(field);
            }
            let range = start..p.end();
            p.tree.paths.push(Path { range, context, fields });
            Some(p.tree.paths.len() - 1)
        })
    }

    fn field(&mut self) -> Option<Field> {
        let name = self.source().to_owned();
        let range = self.accept(Kind::Lower, "a name")?;
        Some(Field { name, range, keys: self.keys() })
    }

    fn keys(&mut self) -> Vec<Key> {
        let mut keys = Vec::new();
        while let Some(key) = self.attempt(Self::key) {
            keys.push(key);
        }
        keys
    }

    fn key(&mut self) -> Option<Key> {
        let start = self.accept(Kind::LeftBracket, "[")?.start;
        let kind = match self.peek() {
            Kind::String => {
                self.at += 1;
                KeyKind::Fixed
            }
            Kind::Int => {
                integer(self.source())?;
                self.at += 1;
                KeyKind::Fixed
            }
            _ if self.forms.key_math => KeyKind::Sum(self.sum()?),
            _ if self.forms.key_expressions => KeyKind::Operand(self.operand()?),
            _ => {
                self.expected("a text or a number");
                return None;
            }
        };
        let end = self.accept(Kind::RightBracket, "]")?.end;
        Some(Key { range: start..end, kind })
    }
}

/// Go reads a leading zero as a base (`strconv.ParseInt` with base 0).
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.len() > 1 && digits.starts_with('0') {
        let value = i64::from_str_radix(digits, 8).ok()?;
        return Some(if text.starts_with('-') { -value } else { value });
    }
    text.parse().ok()
}
