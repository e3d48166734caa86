//! Metric queries: functions over ranges, aggregations and operators.

use std::ops::Range;

use super::ast::*;
use super::lexer::{AGGREGATORS, Kind as Token, RANGE_FUNCTIONS};
use super::parser::{Parser, Step, error, pattern_error};
use super::{Error, Kind, literal};
use crate::lang::re2;

/// Functions that take an unwrapped label.
const UNWRAPPED: [&str; 12] = [
    "avg_over_time",
    "sum_over_time",
    "max_over_time",
    "min_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "quantile_over_time",
    "rate",
    "rate_counter",
    "absent_over_time",
    "first_over_time",
    "last_over_time",
];
/// Functions that take log lines.
const LINES: [&str; 5] = ["bytes_over_time", "bytes_rate", "count_over_time", "rate", "absent_over_time"];
/// Functions with `by` and `without`.
const GROUPED: [&str; 8] = [
    "avg_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "quantile_over_time",
    "max_over_time",
    "min_over_time",
    "first_over_time",
    "last_over_time",
];

impl Parser<'_> {
    /// The whole text.
    pub(super) fn query(&mut self) -> Step<usize> {
        let root = self.binary(0)?;
        if *self.peek() != Token::End {
            return self.unexpected("the end of the query, or an operator", "after an expression");
        }
        self.validate(root)?;
        Ok(root)
    }

    /// What Loki checks when a query is complete. It does not go into everything: what it leaves out fails later.
    fn validate(&mut self, root: usize) -> Step {
        let mut todo = vec![root];
        while let Some(id) = todo.pop() {
            let Some(expr) = self.exprs.get(id) else { continue };
            match &expr.kind {
                ExprKind::Logs(logs) => self.narrow(&logs.matchers, logs.selector.clone())?,
                // The first operand is looked at first.
                ExprKind::Binary { left, right, .. } => todo.extend([*right, *left]),
                ExprKind::Aggregation { function, grouping, inner, .. } => {
                    todo.push(*inner);
                    if let (true, Some(grouping)) = (function.starts_with("sort"), grouping)
                        && !grouping.labels.is_empty()
                        && !self.faults.contains_key(&id)
                    {
                        let message = format!("`{function}` takes no `by` or `without`");
                        return Err(error(grouping.span.clone(), message, Kind::Usage));
                    }
                }
                ExprKind::LabelReplace { .. } | ExprKind::Range(_) => self.streams(id)?,
                ExprKind::Variants { logs, .. } => self.narrow(&logs.logs.matchers, logs.logs.selector.clone())?,
                ExprKind::Number(_) | ExprKind::Vector(_) => {}
            }
            if let Some(fault) = self.faults.remove(&id) {
                return Err(fault);
            }
        }
        let mut rest: Vec<Error> = self.faults.drain().map(|(_, fault)| fault).collect();
        rest.sort_by_key(|e| e.span.start);
        self.late.extend(rest);
        Ok(())
    }

    /// The streams of a function; of a `label_replace`, those of its first operand.
    fn streams(&mut self, mut id: usize) -> Step {
        loop {
            if let Some(fault) = self.faults.remove(&id) {
                return Err(fault);
            }
            let Some(expr) = self.exprs.get(id) else { return Ok(()) };
            match &expr.kind {
                ExprKind::Number(_) => {
                    let message = "`label_replace` changes labels, and a number has none";
                    return Err(error(expr.span.clone(), message, Kind::Usage));
                }
                ExprKind::Range(range) => return self.narrow(&range.logs.matchers, range.logs.selector.clone()),
                ExprKind::Binary { left, .. } => id = *left,
                ExprKind::Aggregation { inner, .. } | ExprKind::LabelReplace { inner, .. } => id = *inner,
                _ => return Ok(()),
            }
        }
    }

    fn push(&mut self, kind: ExprKind, start: usize) -> usize {
        self.exprs.push(Expr { kind, span: start..self.end() });
        self.exprs.len() - 1
    }

    /// An expression that is wrong if anybody looks at it.
    fn push_wrong(&mut self, kind: ExprKind, start: usize, fault: Option<Error>) -> usize {
        let id = self.push(kind, start);
        if let Some(fault) = fault {
            self.faults.insert(id, fault);
        }
        id
    }

    fn kind(&self, id: usize) -> Option<&ExprKind> {
        self.exprs.get(id).map(|e| &e.kind)
    }

    /// Operators that bind at least that tight.
    fn binary(&mut self, least: u8) -> Step<usize> {
        let mut left = self.unary()?;
        loop {
            let (operator, level) = match self.peek() {
                Token::Sign(sign) | Token::Word(sign) => match level(sign) {
                    Some(level) if level >= least => (*sign, level),
                    _ => return Ok(left),
                },
                _ => return Ok(left),
            };
            let at = self.span();
            self.skip();
            let (bool, matching) = self.modifier()?;
            // `^` alone binds from the right.
            let right =
                if operator == "^" { self.nested(|p| p.binary(level))? } else { self.nested(|p| p.binary(level + 1))? };
            left = self.join(operator, at, left, right, bool, matching)?;
        }
    }

    fn join(
        &mut self,
        operator: &'static str,
        at: Range<usize>,
        left: usize,
        right: usize,
        bool: bool,
        matching: Option<Matching>,
    ) -> Step<usize> {
        let lines = |p: &Self, id: usize| matches!(p.kind(id), Some(ExprKind::Logs(_)));
        let number = |p: &Self, id: usize| match p.kind(id) {
            Some(ExprKind::Number(n)) => Some(*n),
            _ => None,
        };
        let (a, b) = (number(self, left), number(self, right));
        let wrong = |message: String| Some(error(at, message, Kind::Usage));
        let fault = if lines(self, left) || lines(self, right) {
            wrong(format!("`{operator}` joins metrics and numbers, not log lines"))
        } else if matches!(operator, "and" | "or" | "unless") && (a.is_some() || b.is_some()) {
            wrong(format!("`{operator}` joins metrics, not numbers"))
        } else {
            // A number that cannot be read is none to calculate with.
            let mut bad = |id: usize, number: Option<f64>| number.and_then(|_| self.faults.remove(&id));
            bad(left, a).or_else(|| bad(right, b))
        };
        let start = self.exprs.get(left).map_or(0, |e| e.span.start);
        let kind = match (a, b, &fault) {
            (Some(a), Some(b), None) => ExprKind::Number(fold(operator, a, b)),
            _ => ExprKind::Binary { operator, left, right, bool, matching },
        };
        Ok(self.push_wrong(kind, start, fault))
    }

    /// `bool`, then `on (…)` or `ignoring (…)` with `group_left` or `group_right`.
    fn modifier(&mut self) -> Step<(bool, Option<Matching>)> {
        let bool = self.is_word("bool");
        if bool {
            self.skip();
        }
        let on = self.is_word("on");
        if !on && !self.is_word("ignoring") {
            return Ok((bool, None));
        }
        self.skip();
        let labels = self.labels("after `on` or `ignoring`")?;
        let mut group = None;
        if let Token::Word(word @ ("group_left" | "group_right")) = *self.peek() {
            self.skip();
            // A parenthesis here is always the list, never the begin of the right side.
            let labels =
                if self.is_sign("(") { self.labels("after `group_left` or `group_right`")? } else { Vec::new() };
            group = Some((word, labels));
        }
        Ok((bool, Some(Matching { on, labels, group })))
    }

    /// `(a, b)` or `()`.
    fn labels(&mut self, place: &str) -> Step<Vec<Name>> {
        self.expect("(", place)?;
        let mut labels = Vec::new();
        if self.accept(")") {
            return Ok(labels);
        }
        loop {
            labels.push(self.name(place)?);
            if self.accept(")") {
                return Ok(labels);
            }
            if !self.accept(",") {
                return self.unexpected("`,` or `)`", place);
            }
        }
    }

    fn grouping(&mut self) -> Step<Option<Grouping>> {
        let start = self.span().start;
        let without = self.is_word("without");
        if !without && !self.is_word("by") {
            return Ok(None);
        }
        self.skip();
        let labels = self.labels("after `by` or `without`")?;
        Ok(Some(Grouping { without, labels, span: start..self.end() }))
    }

    fn unary(&mut self) -> Step<usize> {
        let start = self.span().start;
        match self.peek() {
            Token::Sign("{") => {
                let logs = self.logs()?;
                Ok(self.push(ExprKind::Logs(logs), start))
            }
            Token::Sign("(") => {
                self.skip();
                let inner = self.nested(|p| p.binary(0))?;
                if !matches!(self.kind(inner), Some(ExprKind::Logs(_))) {
                    self.metric(inner, "a parenthesis")?;
                }
                self.expect(")", "after the expression in parentheses")?;
                Ok(inner)
            }
            Token::Number | Token::Sign("+" | "-") => {
                let value = self.number("in an expression")?;
                let fault = value.is_none().then(|| unread(start..self.end()));
                Ok(self.push_wrong(ExprKind::Number(value.unwrap_or_default()), start, fault))
            }
            Token::Word("variants") => self.variants(),
            Token::Function(f) if RANGE_FUNCTIONS.contains(f) => self.range_function(f),
            Token::Function(f) if AGGREGATORS.contains(f) => self.aggregation(f),
            Token::Function("label_replace") => self.label_replace(),
            Token::Function("vector") => {
                self.skip();
                self.expect("(", "after `vector`")?;
                if *self.peek() != Token::Number {
                    return self.unexpected("a number", "in `vector(…)`");
                }
                let span = self.span();
                let value = literal::float(&self.text[span.clone()]);
                self.skip();
                self.expect(")", "after the number of `vector(…)`")?;
                let fault = value.is_none().then(|| unread(span));
                Ok(self.push_wrong(ExprKind::Vector(value.unwrap_or_default()), start, fault))
            }
            _ => self.unexpected("a selector, function or number", "where an expression must begin"),
        }
    }

    fn range_function(&mut self, function: &'static str) -> Step<usize> {
        let name = self.span();
        self.skip();
        let place = format!("in `{function}(…)`");
        self.expect("(", &format!("after `{function}`"))?;
        let mut number = None;
        if *self.peek() == Token::Number {
            number = Some(self.span());
            self.skip();
            self.expect(",", &place)?;
        }
        let LogRange { logs, range, offset, unwrap } = self.log_range(&place)?;
        self.expect(")", &place)?;
        let grouping = self.grouping()?;
        let parameter = number.clone().and_then(|span| literal::float(&self.text[span]));
        let fault = misused(function, name.clone(), number, parameter, grouping.as_ref(), unwrap.is_some());
        let kind = RangeFunction { function, parameter, logs, range, offset, unwrap, grouping };
        Ok(self.push_wrong(ExprKind::Range(Box::new(kind)), name.start, fault))
    }

    /// Log lines with their range, which may stand before or behind the pipeline.
    fn log_range(&mut self, place: &str) -> Step<LogRange> {
        if self.is_sign("(") {
            let before = self.position();
            // Either the selector stands in parentheses and the range behind, or all of it stands in parentheses.
            self.skip();
            if self.is_sign("{") {
                let logs = self.logs()?;
                let unwrap = self.unwrap()?;
                if self.accept(")") {
                    let range = self.range(place)?;
                    let offset = self.offset()?;
                    let mut unwrap = unwrap;
                    if unwrap.is_none() && logs.stages.is_empty() {
                        unwrap = self.unwrap()?;
                    }
                    return Ok(LogRange { logs, range, offset, unwrap });
                }
                self.back_to(before + 1);
            }
            let inner = self.nested(|p| p.log_range(place))?;
            self.expect(")", place)?;
            return Ok(inner);
        }
        let mut logs = self.logs()?;
        let mut unwrap = self.unwrap()?;
        let range = self.range(place)?;
        let offset = self.offset()?;
        if logs.stages.is_empty() && unwrap.is_none() {
            logs.stages = self.stages()?;
            unwrap = self.unwrap()?;
        }
        Ok(LogRange { logs, range, offset, unwrap })
    }

    fn range(&mut self, place: &str) -> Step<i64> {
        let Token::Range(range) = *self.peek() else { return self.unexpected("a range such as `[5m]`", place) };
        self.skip();
        Ok(range)
    }

    fn offset(&mut self) -> Step<Option<i64>> {
        if !self.is_word("offset") {
            return Ok(None);
        }
        self.skip();
        let Token::Duration(offset) = *self.peek() else { return self.unexpected("a duration", "after `offset`") };
        self.skip();
        Ok(Some(offset))
    }

    /// `| unwrap label`, with filters behind.
    fn unwrap(&mut self) -> Step<Option<Unwrap>> {
        if !self.is_sign("|") || *self.peek_at(1) != Token::Word("unwrap") {
            return Ok(None);
        }
        self.skip();
        self.skip();
        let place = "after `unwrap`";
        let mut conversion = None;
        let label = if let Token::Function(f @ ("bytes" | "duration" | "duration_seconds")) = *self.peek() {
            conversion = Some(f);
            self.skip();
            self.expect("(", place)?;
            let label = self.name(place)?;
            self.expect(")", place)?;
            label
        } else {
            self.name(place)?
        };
        let mut filters = Vec::new();
        while self.accept("|") {
            filters.extend(self.filter()?);
        }
        Ok(Some(Unwrap { label, conversion, filters }))
    }

    fn aggregation(&mut self, function: &'static str) -> Step<usize> {
        let name = self.span();
        self.skip();
        let place = format!("in `{function}(…)`");
        let mut grouping = self.grouping()?;
        self.expect("(", &format!("after `{function}`"))?;
        let mut number = None;
        if *self.peek() == Token::Number && *self.peek_at(1) == Token::Sign(",") {
            number = Some(self.span());
            self.skip();
            self.skip();
        }
        let inner = self.nested(|p| p.binary(0))?;
        self.metric(inner, &format!("`{function}`"))?;
        self.expect(")", &place)?;
        if grouping.is_none() {
            grouping = self.grouping()?;
        }
        let whole = |span: Range<usize>| self.text[span].parse::<u64>().ok();
        let parameter = number.clone().and_then(whole).filter(|n| *n > 0 && i64::try_from(*n).is_ok());
        let wrong = |span: Range<usize>, message: String| Some(error(span, message, Kind::Usage));
        let fault = match (matches!(function, "topk" | "bottomk" | "approx_topk"), number) {
            (true, None) => wrong(name.clone(), format!("`{function}` needs a number first: `{function}(5, …)`")),
            (true, Some(span)) if parameter.is_none() => {
                wrong(span, format!("`{function}` needs a whole number above zero"))
            }
            (false, Some(span)) => wrong(span, format!("`{function}` takes no number")),
            _ => grouping
                .as_ref()
                .filter(|_| function == "approx_topk")
                .and_then(|grouping| wrong(grouping.span.clone(), format!("`{function}` takes no `by` or `without`"))),
        };
        Ok(self.push_wrong(ExprKind::Aggregation { function, parameter, grouping, inner }, name.start, fault))
    }

    /// That an expression gives numbers.
    fn metric(&self, id: usize, place: &str) -> Step {
        match self.exprs.get(id) {
            Some(Expr { kind: ExprKind::Logs(_), span }) => Err(Error {
                help: Some("turn the lines into numbers first: `rate({…}[5m])`".to_owned()),
                ..error(span.clone(), format!("{place} takes metrics, not log lines"), Kind::Syntax)
            }),
            Some(Expr { kind: ExprKind::Variants { .. }, span }) => {
                Err(error(span.clone(), format!("{place} takes metrics, not variants"), Kind::Syntax))
            }
            _ => Ok(()),
        }
    }

    fn label_replace(&mut self) -> Step<usize> {
        let start = self.span().start;
        let place = "in `label_replace(…)`";
        self.skip();
        self.expect("(", "after `label_replace`")?;
        let inner = self.nested(|p| p.binary(0))?;
        self.metric(inner, "`label_replace`")?;
        let mut arguments = Vec::new();
        for _ in 0..4 {
            self.expect(",", place)?;
            arguments.push(self.string(place)?);
        }
        self.expect(")", place)?;
        let fault = arguments.last().and_then(|expression| {
            let fault = re2::parse_anchored(&expression.value, self.go).err()?;
            Some(pattern_error(expression, self.text, fault))
        });
        Ok(self.push_wrong(ExprKind::LabelReplace { inner, arguments }, start, fault))
    }

    /// `variants(…) of (…)`.
    fn variants(&mut self) -> Step<usize> {
        let start = self.span().start;
        let place = "in `variants(…) of (…)`";
        self.skip();
        self.expect("(", place)?;
        let mut inner = Vec::new();
        loop {
            let id = self.nested(|p| p.binary(0))?;
            self.metric(id, "`variants`")?;
            inner.push(id);
            if self.accept(")") {
                break;
            }
            if !self.accept(",") {
                return self.unexpected("`,` or `)`", place);
            }
        }
        if !self.is_word("of") {
            return self.unexpected("`of`", place);
        }
        self.skip();
        self.expect("(", place)?;
        let logs = self.log_range(place)?;
        self.expect(")", place)?;
        Ok(self.push(ExprKind::Variants { inner, logs: Box::new(logs) }, start))
    }
}

fn unread(span: Range<usize>) -> Error {
    Error {
        help: Some("write it in decimal digits".to_owned()),
        ..error(span, "this form of a number cannot be read here", Kind::Usage)
    }
}

/// Why a function cannot be used over a range like this.
fn misused(
    function: &str,
    name: Range<usize>,
    number: Option<Range<usize>>,
    value: Option<f64>,
    grouping: Option<&Grouping>,
    unwrapped: bool,
) -> Option<Error> {
    let wrong = |span: Range<usize>, message: String| Some(error(span, message, Kind::Usage));
    match (function == "quantile_over_time", number) {
        (false, Some(span)) => return wrong(span, format!("`{function}` takes no number")),
        (true, Some(span)) if value.is_none() => return Some(unread(span)),
        (true, None) => return wrong(name, format!("`{function}` needs a number first: `{function}(0.9, …)`")),
        _ => {}
    }
    if let Some(grouping) = grouping.filter(|_| !GROUPED.contains(&function)) {
        return Some(Error {
            help: Some(format!("put it into an aggregation: `sum by (…) ({function}(…))`")),
            ..error(grouping.span.clone(), format!("`{function}` takes no `by` or `without`"), Kind::Usage)
        });
    }
    if unwrapped && !UNWRAPPED.contains(&function) {
        return wrong(name, format!("`{function}` counts lines; `unwrap` is not for it"));
    }
    if !unwrapped && !LINES.contains(&function) {
        return Some(Error {
            help: Some("add `| unwrap label` before the range".to_owned()),
            ..error(name, format!("`{function}` needs numbers, and lines are none"), Kind::Usage)
        });
    }
    None
}

/// How tight an operator binds.
fn level(operator: &str) -> Option<u8> {
    Some(match operator {
        "or" => 1,
        "and" | "unless" => 2,
        "==" | "!=" | "<" | "<=" | ">" | ">=" => 3,
        "+" | "-" => 4,
        "*" | "/" | "%" => 5,
        "^" => 6,
        _ => return None,
    })
}

/// An operation on two numbers, which Loki does while it parses.
fn fold(operator: &str, a: f64, b: f64) -> f64 {
    let truth = |t: bool| f64::from(u8::from(t));
    match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" => a % b,
        "^" => a.powf(b),
        "==" => truth(a.total_cmp(&b).is_eq()),
        "!=" => truth(!a.total_cmp(&b).is_eq()),
        "<" => truth(a < b),
        "<=" => truth(a <= b),
        ">" => truth(a > b),
        _ => truth(a >= b),
    }
}
