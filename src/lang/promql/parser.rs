//! Tokens to tree: expressions by operator precedence. Selectors and durations have files of their own.
//!
//! Follows prometheus/prometheus promql/parser/generated_parser.y@v3.14.0, its precedences and its oddities.

use std::ops::Range;

use super::ast::*;
use super::lexer::{Kind, Lexed, Token, Word, lex};
use super::template::{Hole, Masked, Place};
use super::{MAX_DEPTH, Options, SyntaxError, check, functions, literal};

/// Reading cannot go on; the reason is among the errors.
pub(super) struct Stop;

pub(super) type Parsed<T> = Result<T, Stop>;

/// How strong operators bind, weakest first; a sign binds stronger than `*` and weaker than `^`.
const SIGN: u8 = 6;
const POWER: u8 = 7;

/// Reads `masked`, a copy of `original` without variables.
pub(super) fn parse(original: &str, masked: &Masked, options: Options) -> Result<Query, Vec<SyntaxError>> {
    let Lexed { tokens, fault } = lex(&masked.text);
    let bare = masked.holes.iter().filter(|h| h.place == Place::Bare).map(|h| h.range.clone()).collect();
    let mut parser = Parser {
        original,
        text: &masked.text,
        tokens,
        fault,
        at: 0,
        options,
        holes: &masked.holes,
        bare,
        nodes: Vec::new(),
        errors: Vec::new(),
        depth: 0,
    };
    let root = parser.query();
    if let Ok(root) = root
        && parser.errors.is_empty()
    {
        check::check(&mut parser);
        if parser.errors.is_empty() {
            return Ok(Query { nodes: parser.nodes, root });
        }
    }
    Err(parser.errors)
}

pub(super) struct Parser<'t> {
    original: &'t str,
    text: &'t str,
    tokens: Vec<Token>,
    fault: Option<String>,
    at: usize,
    pub(super) options: Options,
    holes: &'t [Hole],
    bare: Vec<Range<usize>>,
    pub(super) nodes: Vec<Node>,
    errors: Vec<SyntaxError>,
    depth: usize,
}

// Errors.
impl Parser<'_> {
    /// A fault of syntax: a variable anywhere before it may have changed how the text is to be read.
    pub(super) fn refuse<T>(&mut self, range: Range<usize>, message: impl Into<String>) -> Parsed<T> {
        self.refuse_with(range, message.into(), None)
    }

    fn refuse_with<T>(&mut self, range: Range<usize>, message: String, help: Option<String>) -> Parsed<T> {
        let reach = if range.end >= self.text.len() { usize::MAX } else { range.end };
        let certain = self.bare.first().is_none_or(|h| h.start > reach);
        self.errors.push(SyntaxError { range, message, help, certain });
        Err(Stop)
    }

    /// A fault of meaning: only a variable inside the range may change it.
    pub(super) fn object(&mut self, range: Range<usize>, message: impl Into<String>) {
        self.object_with(range, message, None);
    }

    pub(super) fn object_with(&mut self, range: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let first = self.bare.partition_point(|h| h.end < range.start);
        let certain = self.bare.get(first).is_none_or(|h| h.start > range.end);
        self.errors.push(SyntaxError { range, message: message.into(), help, certain });
    }

    /// Complains about the next token.
    pub(super) fn unexpected<T>(&mut self, place: &str, expected: &str) -> Parsed<T> {
        let token = self.peek_token();
        if token.kind == Kind::Fault {
            let message = self.fault.clone().unwrap_or_default();
            return self.refuse(token.range, message);
        }
        let mut message = match token.kind {
            Kind::End => "unexpected end of input".to_owned(),
            _ => format!("unexpected `{}`", self.source(&token.range)),
        };
        if !place.is_empty() {
            message = format!("{message} in {place}");
        }
        if !expected.is_empty() {
            message = format!("{message}, expected {expected}");
        }
        let help = match token.kind {
            Kind::Word(Word::By | Word::Without) => {
                Some(format!("`{}` belongs to an aggregation such as `sum`", self.source(&token.range)))
            }
            _ => None,
        };
        self.refuse_with(token.range, message, help)
    }

    /// Runs `read` one level deeper, so that no text can exhaust the stack.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            let range = self.peek_token().range;
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            self.errors.push(SyntaxError { range, message, help: None, certain: false });
            return Err(Stop);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

// Tokens.
impl Parser<'_> {
    pub(super) fn peek(&self) -> Kind {
        self.tokens.get(self.at).map_or(Kind::End, |t| t.kind)
    }

    pub(super) fn peek_second(&self) -> Kind {
        self.tokens.get(self.at + 1).map_or(Kind::End, |t| t.kind)
    }

    pub(super) fn peek_token(&self) -> Token {
        let end = self.text.len();
        self.tokens.get(self.at).cloned().unwrap_or(Token { kind: Kind::End, range: end..end })
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek_token();
        // The last token is the end or a fault and stays.
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    pub(super) fn accept(&mut self, kind: Kind) -> Option<Range<usize>> {
        (self.peek() == kind).then(|| self.next().range)
    }

    pub(super) fn expect(&mut self, kind: Kind, place: &str, expected: &str) -> Parsed<Range<usize>> {
        match self.accept(kind) {
            Some(range) => Ok(range),
            None => self.unexpected(place, expected),
        }
    }

    /// The end of the token before the next one.
    pub(super) fn end_of_last(&self) -> usize {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |t| t.range.end)
    }

    /// The text as the user wrote it.
    pub(super) fn source(&self, range: &Range<usize>) -> &str {
        self.original.get(range.clone()).unwrap_or_default()
    }

    /// The text that is parsed.
    pub(super) fn masked(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Whether a variable touches these bytes.
    pub(super) fn dynamic(&self, range: &Range<usize>) -> bool {
        let first = self.holes.partition_point(|h| h.range.end <= range.start);
        self.holes.get(first).is_some_and(|h| h.range.start < range.end)
    }

    /// Whether the next token is made of variables only.
    pub(super) fn peek_hole(&self) -> bool {
        let range = self.peek_token().range;
        let first = self.holes.partition_point(|h| h.range.end <= range.start);
        let mut at = range.start;
        for hole in &self.holes[first..] {
            if hole.range.start != at || at >= range.end {
                break;
            }
            at = hole.range.end;
        }
        !range.is_empty() && at == range.end
    }

    pub(super) fn name(&self, range: Range<usize>) -> Name {
        Name { value: self.source(&range).to_owned(), dynamic: self.dynamic(&range), range }
    }

    /// The value of a string token.
    pub(super) fn string(&self, range: Range<usize>) -> Name {
        Name { value: literal::unquote(self.source(&range)), dynamic: self.dynamic(&range), range }
    }

    pub(super) fn push(&mut self, kind: NodeKind, range: Range<usize>, value_type: Option<ValueType>) -> NodeId {
        self.nodes.push(Node { kind, range, value_type });
        NodeId(self.nodes.len() as u32 - 1)
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }
}

// Expressions.
impl Parser<'_> {
    fn query(&mut self) -> Parsed<NodeId> {
        if self.peek() == Kind::End {
            return self.refuse(0..self.text.len(), "no expression found");
        }
        let root = self.expression(0)?;
        match self.peek() {
            Kind::End => Ok(root),
            _ => self.unexpected("", "an operator or the end"),
        }
    }

    fn expression(&mut self, least: u8) -> Parsed<NodeId> {
        self.deeper(|p| {
            let mut left = p.signed()?;
            while let Some((symbol, strength)) = p.operator() {
                if strength < least {
                    break;
                }
                let operator = Operator { symbol, range: p.next().range };
                let matching = p.matching()?;
                let right = p.expression(if strength == POWER { strength } else { strength + 1 })?;
                left = p.binary(operator, matching, left, right);
            }
            Ok(left)
        })
    }

    fn operator(&self) -> Option<(&'static str, u8)> {
        Some(match self.peek() {
            Kind::Word(Word::Or) => ("or", 1),
            Kind::Word(Word::And) => ("and", 2),
            Kind::Word(Word::Unless) => ("unless", 2),
            Kind::EqualEqual => ("==", 3),
            Kind::NotEqual => ("!=", 3),
            Kind::Less => ("<", 3),
            Kind::LessEqual => ("<=", 3),
            Kind::Greater => (">", 3),
            Kind::GreaterEqual => (">=", 3),
            Kind::TrimUpper => ("</", 3),
            Kind::TrimLower => (">/", 3),
            Kind::Add => ("+", 4),
            Kind::Sub => ("-", 4),
            Kind::Mul => ("*", 5),
            Kind::Div => ("/", 5),
            Kind::Mod => ("%", 5),
            Kind::Word(Word::Atan2) => ("atan2", 5),
            Kind::Pow => ("^", POWER),
            _ => return None,
        })
    }

    fn binary(&mut self, operator: Operator, matching: Matching, left: NodeId, right: NodeId) -> NodeId {
        // prometheus/prometheus promql/parser/lex.go has these two from v3.11.0 on.
        if matches!(operator.symbol, "</" | ">/") && self.options.minor.is_some_and(|minor| minor < 11) {
            let message = format!("`{}` is an operator since Prometheus 3.11", operator.symbol);
            self.object(operator.range.clone(), message);
        }
        let range = self.node(left).range.start..self.node(right).range.end;
        if matching.fill && !self.options.fills {
            let help = "switch on the feature flag `promql-binop-fill-modifiers`".to_owned();
            self.object_with(range.clone(), "fill modifiers are experimental and not enabled", Some(help));
        }
        let value_type = match (self.node(left).value_type, self.node(right).value_type) {
            (Some(ValueType::Scalar), Some(ValueType::Scalar)) => Some(ValueType::Scalar),
            (None, None | Some(ValueType::Scalar)) | (Some(ValueType::Scalar), None) => None,
            _ => Some(ValueType::Vector),
        };
        self.push(NodeKind::Binary { operator, matching, left, right }, range, value_type)
    }

    fn matching(&mut self) -> Parsed<Matching> {
        let mut matching =
            Matching { bool_modifier: self.accept(Kind::Word(Word::Bool)).is_some(), ..Matching::default() };
        if let Kind::Word(word @ (Word::On | Word::Ignoring)) = self.peek() {
            self.next();
            matching.labels = Some((word == Word::On, self.labels()?));
            if let Kind::Word(word @ (Word::GroupLeft | Word::GroupRight)) = self.peek() {
                self.next();
                let labels = if self.peek() == Kind::LeftParen { self.labels()? } else { Vec::new() };
                matching.group = Some((word == Word::GroupLeft, labels));
            }
        }
        if let Kind::Word(first @ (Word::Fill | Word::FillLeft | Word::FillRight)) = self.peek() {
            self.fill_value()?;
            matching.fill = true;
            let other = if first == Word::FillLeft { Word::FillRight } else { Word::FillLeft };
            if first != Word::Fill && self.peek() == Kind::Word(other) {
                self.fill_value()?;
            }
        }
        Ok(matching)
    }

    fn fill_value(&mut self) -> Parsed<()> {
        self.next();
        self.expect(Kind::LeftParen, "a fill modifier", "`(`")?;
        self.signed_literal("a fill modifier")?;
        self.expect(Kind::RightParen, "a fill modifier", "`)`")?;
        Ok(())
    }

    /// A parenthesised list of label names.
    fn labels(&mut self) -> Parsed<Vec<Name>> {
        const PLACE: &str = "grouping labels";
        self.expect(Kind::LeftParen, PLACE, "`(`")?;
        let mut labels = Vec::new();
        loop {
            match self.peek() {
                Kind::RightParen => break,
                Kind::Identifier | Kind::MetricIdentifier => {
                    let range = self.next().range;
                    labels.push(self.name(range));
                }
                // A keyword may be a label; the engine's list leaves this one out.
                Kind::Word(word) if word != Word::Without => {
                    let range = self.next().range;
                    labels.push(self.name(range));
                }
                Kind::String => {
                    let range = self.next().range;
                    let label = self.string(range.clone());
                    if label.value.is_empty() {
                        self.object(range, "a label name cannot be empty");
                    }
                    labels.push(label);
                }
                _ => return self.unexpected(PLACE, "a label or `)`"),
            }
            match self.peek() {
                Kind::Comma => {
                    self.next();
                }
                Kind::RightParen => {}
                // `by (job $more)`: the variable brings its own comma.
                Kind::Identifier if self.peek_hole() => {}
                _ => return self.unexpected(PLACE, "`,` or `)`"),
            }
        }
        self.next();
        Ok(labels)
    }

    fn signed(&mut self) -> Parsed<NodeId> {
        let minus = match self.peek() {
            Kind::Add => false,
            Kind::Sub => true,
            _ => return self.postfixed(),
        };
        let start = self.next().range.start;
        let inner = self.expression(SIGN)?;
        let node = self.node_mut(inner);
        if let NodeKind::Number(value) = &mut node.kind {
            if minus {
                *value = -*value;
            }
            node.range.start = start;
            return Ok(inner);
        }
        let (range, value_type) = (start..node.range.end, node.value_type);
        Ok(self.push(NodeKind::Unary { minus, inner }, range, value_type))
    }

    fn postfixed(&mut self) -> Parsed<NodeId> {
        let mut node = self.primary()?;
        loop {
            match self.peek() {
                Kind::LeftBracket => node = self.brackets(node)?,
                Kind::Word(Word::Offset) => self.offset(node)?,
                Kind::At => self.at_modifier(node)?,
                Kind::Word(Word::Anchored) => self.edges(node, Edges::Anchored),
                Kind::Word(Word::Smoothed) => self.edges(node, Edges::Smoothed),
                _ => return Ok(node),
            }
        }
    }

    fn primary(&mut self) -> Parsed<NodeId> {
        let kind = self.peek();
        match kind {
            Kind::Number | Kind::Duration => {
                let (value, range) = self.literal()?;
                let value_type = (!self.dynamic(&range)).then_some(ValueType::Scalar);
                Ok(self.push(NodeKind::Number(value.unwrap_or(f64::NAN)), range, value_type))
            }
            Kind::String => {
                let range = self.next().range;
                let value = self.string(range.clone());
                Ok(self.push(NodeKind::String(value), range, Some(ValueType::String)))
            }
            Kind::LeftParen => {
                let start = self.next().range.start;
                let inner = self.expression(0)?;
                let end = self.expect(Kind::RightParen, "parentheses", "`)`")?.end;
                let value_type = self.node(inner).value_type;
                Ok(self.push(NodeKind::Paren(inner), start..end, value_type))
            }
            Kind::LeftBrace | Kind::MetricIdentifier => self.selector(),
            Kind::Identifier => match self.peek_second() {
                Kind::LeftParen => self.call(),
                Kind::Word(Word::By | Word::Without) if self.dynamic(&self.peek_token().range) => self.aggregation(),
                _ => self.selector(),
            },
            Kind::Word(Word::Aggregator) => match self.peek_second() {
                Kind::LeftParen | Kind::Word(Word::By | Word::Without) => self.aggregation(),
                _ => self.selector(),
            },
            Kind::Word(Word::Start | Word::End | Word::Step | Word::Range | Word::MaxOf | Word::MinOf)
                if self.peek_second() == Kind::LeftParen =>
            {
                self.call()
            }
            // No metric can have these names without quotes.
            Kind::Word(Word::Bool | Word::On | Word::Ignoring | Word::GroupLeft | Word::GroupRight | Word::Atan2) => {
                self.unexpected("", "an expression")
            }
            Kind::Word(_) => self.selector(),
            _ => self.unexpected("", "an expression"),
        }
    }

    fn arguments(&mut self) -> Parsed<Vec<NodeId>> {
        const PLACE: &str = "the arguments of a call";
        self.expect(Kind::LeftParen, PLACE, "`(`")?;
        let mut args = Vec::new();
        if self.accept(Kind::RightParen).is_some() {
            return Ok(args);
        }
        loop {
            args.push(self.expression(0)?);
            if let Some(comma) = self.accept(Kind::Comma) {
                if self.peek() == Kind::RightParen {
                    return self.refuse(comma, "trailing comma in the arguments of a call");
                }
                continue;
            }
            self.expect(Kind::RightParen, PLACE, "`,` or `)`")?;
            return Ok(args);
        }
    }

    fn call(&mut self) -> Parsed<NodeId> {
        let range = self.next().range;
        let name = self.name(range.clone());
        if name.dynamic {
            let args = self.arguments()?;
            if matches!(self.peek(), Kind::Word(Word::By | Word::Without)) {
                let grouping = self.grouping()?;
                return Ok(self.aggregate_node(name, grouping, args));
            }
            let range = range.start..self.end_of_last();
            return Ok(self.push(NodeKind::Call { function: name, args }, range, None));
        }
        let found = functions::function(&name.value);
        self.known_function(&name, found);
        let args = self.arguments()?;
        let range = range.start..self.end_of_last();
        Ok(self.push(NodeKind::Call { function: name, args }, range, found.map(|f| f.returns)))
    }

    fn known_function(&mut self, name: &Name, found: Option<&'static functions::Function>) {
        let shown = &name.value;
        let Some(function) = found else {
            // Renamed in 3.0.
            if shown == "holt_winters" && self.options.two.is_some() {
                return;
            }
            let help = match shown.as_str() {
                // prometheus/prometheus CHANGELOG.md@v3.14.0, release 3.0.0.
                "holt_winters" => Some(
                    "use `double_exponential_smoothing` with the feature flag `promql-experimental-functions`".into(),
                ),
                _ => nearest(shown).map(|near| format!("did you mean `{near}`?")),
            };
            return self.object_with(name.range.clone(), format!("unknown function `{shown}`"), help);
        };
        if let Some(two) = self.options.two {
            let since = functions::since_two(function);
            if since.is_none_or(|since| two < since) {
                let since = since.map_or_else(|| format!("3.{}", function.since), |since| format!("2.{since}"));
                let message = format!("`{shown}` is a function since Prometheus {since}");
                return self.object(name.range.clone(), message);
            }
        }
        let minor = if self.options.two.is_some() { 0 } else { self.options.minor.unwrap_or(u16::MAX) };
        if minor < function.since {
            let message = format!("`{shown}` is a function since Prometheus 3.{}", function.since);
            return self.object(name.range.clone(), message);
        }
        if !self.options.functions && function.stable.is_none_or(|stable| minor < stable) {
            let help = "switch on the feature flag `promql-experimental-functions`".to_owned();
            self.object_with(
                name.range.clone(),
                format!("function `{shown}` is experimental and not enabled"),
                Some(help),
            );
        }
    }

    fn aggregation(&mut self) -> Parsed<NodeId> {
        let range = self.next().range;
        let mut operator = self.name(range);
        if !operator.dynamic {
            operator.value.make_ascii_lowercase();
        }
        let mut grouping = None;
        if matches!(self.peek(), Kind::Word(Word::By | Word::Without)) {
            grouping = self.grouping()?;
        }
        let args = self.arguments()?;
        if grouping.is_none() && matches!(self.peek(), Kind::Word(Word::By | Word::Without)) {
            grouping = self.grouping()?;
        }
        Ok(self.aggregate_node(operator, grouping, args))
    }

    fn grouping(&mut self) -> Parsed<Option<Grouping>> {
        let without = self.next().kind == Kind::Word(Word::Without);
        Ok(Some(Grouping { without, labels: self.labels()? }))
    }

    fn aggregate_node(&mut self, operator: Name, grouping: Option<Grouping>, mut args: Vec<NodeId>) -> NodeId {
        let range = operator.range.start..self.end_of_last();
        let name = operator.value.clone();
        let experimental = matches!(name.as_str(), "limitk" | "limit_ratio");
        if experimental && !self.options.functions {
            let help = "switch on the feature flag `promql-experimental-functions`".to_owned();
            self.object_with(range.clone(), format!("`{name}` is experimental and not enabled"), Some(help));
        }
        let with_param = experimental || matches!(name.as_str(), "topk" | "bottomk" | "count_values" | "quantile");
        let wanted = if with_param { 2 } else { 1 };
        let count = args.len();
        if !operator.dynamic && count != wanted {
            self.object(range.clone(), format!("`{name}` takes {wanted} argument(s), got {count}"));
        }
        let inner = args.pop();
        let param = args.pop();
        let Some(inner) = inner else {
            // Without arguments there is nothing to hold; the error above or the variable explains it.
            return self.push(NodeKind::Call { function: operator, args }, range, None);
        };
        self.push(NodeKind::Aggregation { operator, grouping, param, inner }, range, Some(ValueType::Vector))
    }
}

/// The function or aggregation whose name is nearest, if it is near.
fn nearest(name: &str) -> Option<&'static str> {
    if name.len() > 40 {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let names = functions::FUNCTIONS.iter().map(|f| f.name).chain(functions::AGGREGATORS);
    let (distance, near) = names.map(|n| (strsim::osa_distance(&lower, n), n)).min_by_key(|(d, _)| *d)?;
    (distance <= 1 + name.len() / 6).then_some(near)
}
