//! What stands behind the braces: line filters, parsers, label filters and formats.

use super::ast::*;
use super::lexer::Kind as Token;
use super::parser::{Parser, Step, error, pattern_error, regex};
use super::pattern;
use super::{Error, Kind};
use crate::lang::re2;

impl Parser<'_> {
    /// Streams with their pipeline.
    pub(super) fn logs(&mut self) -> Step<Logs> {
        let (matchers, selector) = self.selector()?;
        let stages = self.stages()?;
        Ok(Logs { matchers, selector, stages })
    }

    /// All stages that follow; an `unwrap` ends them.
    pub(super) fn stages(&mut self) -> Step<Vec<Stage>> {
        let mut stages = Vec::new();
        loop {
            let start = self.span().start;
            let kind = if let Some(operator) = self.line_operator() {
                self.skip();
                self.line(operator)?
            } else if self.is_sign("|") && *self.peek_at(1) != Token::Word("unwrap") {
                self.skip();
                self.stage()?
            } else {
                return Ok(stages);
            };
            stages.push(Stage { kind, span: start..self.end() });
        }
    }

    fn line_operator(&self) -> Option<LineMatch> {
        let Token::Sign(sign) = self.peek() else { return None };
        Some(match *sign {
            "|=" => LineMatch::Contains,
            "!=" => LineMatch::ContainsNot,
            "|~" => LineMatch::Regex,
            "!~" => LineMatch::NotRegex,
            "|>" => LineMatch::Pattern,
            "!>" => LineMatch::NotPattern,
            _ => return None,
        })
    }

    fn line(&mut self, operator: LineMatch) -> Step<StageKind> {
        let mut values = Vec::new();
        loop {
            let ip = *self.peek() == Token::Function("ip");
            let text = if ip { self.ip()? } else { self.string("in a line filter")? };
            if !ip
                && matches!(operator, LineMatch::Regex | LineMatch::NotRegex)
                && let Err(fault) = regex(&text, self.text, self.go)
            {
                self.late.push(fault);
            }
            values.push((text, ip));
            if !self.is_word("or") {
                return Ok(StageKind::Line { operator, values });
            }
            self.skip();
        }
    }

    /// `ip("…")`.
    fn ip(&mut self) -> Step<Text> {
        self.skip();
        self.expect("(", "after `ip`")?;
        let text = self.string("in `ip(…)`")?;
        self.expect(")", "after the address of `ip(…)`")?;
        Ok(text)
    }

    /// Behind a `|`.
    fn stage(&mut self) -> Step<StageKind> {
        let word = match self.peek() {
            Token::Word(word) => *word,
            Token::Name => return self.filter().map(StageKind::Filter),
            Token::Sign("(") => return self.filter().map(StageKind::Filter),
            _ => return self.unexpected("a stage of the pipeline or a comparison of a label", "after `|`"),
        };
        if !matches!(
            word,
            "json"
                | "logfmt"
                | "regexp"
                | "pattern"
                | "unpack"
                | "line_format"
                | "label_format"
                | "decolorize"
                | "drop"
                | "keep"
        ) {
            return self.unexpected("a stage of the pipeline or a comparison of a label", "after `|`");
        }
        self.skip();
        Ok(match word {
            "json" => StageKind::Json(self.extractions(false)?),
            "logfmt" => {
                let mut flags = false;
                while *self.peek() == Token::Flag {
                    self.skip();
                    flags = true;
                }
                StageKind::Logfmt(self.extractions(flags)?)
            }
            "regexp" => {
                let text = self.string("after `regexp`")?;
                self.groups(&text)?;
                StageKind::Regexp(text)
            }
            "pattern" => {
                let text = self.string("after `pattern`")?;
                if let Err(message) = pattern::check(&text.value) {
                    return Err(error(text.span, message, Kind::Pattern));
                }
                StageKind::Pattern(text)
            }
            "unpack" => StageKind::Unpack,
            "line_format" => StageKind::LineFormat(self.string("after `line_format`")?),
            "label_format" => StageKind::LabelFormat(self.label_formats()?),
            "decolorize" => StageKind::Decolorize,
            "drop" => StageKind::Drop(self.picked("after `drop`")?),
            _ => StageKind::Keep(self.picked("after `keep`")?),
        })
    }

    fn extractions(&mut self, _flags: bool) -> Step<Vec<Extraction>> {
        let mut out = Vec::new();
        if *self.peek() != Token::Name {
            return Ok(out);
        }
        loop {
            let name = self.name("in the list of labels to extract")?;
            let path = if self.accept("=") { Some(self.string("in the list of labels to extract")?) } else { None };
            out.push(Extraction { name, path });
            if !self.accept(",") {
                return Ok(out);
            }
        }
    }

    fn label_formats(&mut self) -> Step<Vec<LabelFormat>> {
        let place = "after `label_format`";
        let mut out = Vec::new();
        loop {
            let name = self.name(place)?;
            self.expect("=", place)?;
            let (mut from, mut template) = (None, None);
            if *self.peek() == Token::Name {
                from = Some(self.name(place)?);
            } else {
                template = Some(self.string(place)?);
            }
            out.push(LabelFormat { name, from, template });
            if !self.accept(",") {
                return Ok(out);
            }
        }
    }

    fn picked(&mut self, place: &str) -> Step<Vec<Picked>> {
        let mut out = Vec::new();
        loop {
            out.push(if self.operator(1).is_some() {
                Picked::Matching(self.matcher(place)?)
            } else {
                Picked::Always(self.name(place)?)
            });
            if !self.accept(",") {
                return Ok(out);
            }
        }
    }

    /// Comparisons of labels, joined by `and`, `or`, `,` or nothing.
    pub(super) fn filter(&mut self) -> Step<Vec<Comparison>> {
        let mut out = Vec::new();
        self.filter_into(&mut out)?;
        Ok(out)
    }

    fn filter_into(&mut self, out: &mut Vec<Comparison>) -> Step {
        loop {
            if self.accept("(") {
                self.nested(|p| p.filter_into(out))?;
                self.expect(")", "after the comparisons in parentheses")?;
            } else {
                out.push(self.comparison()?);
            }
            if self.is_word("and") || self.is_word("or") || self.is_sign(",") {
                self.skip();
            } else if *self.peek() != Token::Name && !self.is_sign("(") {
                return Ok(());
            }
        }
    }

    fn comparison(&mut self) -> Step<Comparison> {
        let place = "in a comparison of a label";
        if matches!(self.peek_at(2), Token::String(_)) && self.operator(1).is_some() {
            return self.matcher(place).map(Comparison::Text);
        }
        let name = self.name(place)?;
        let operator = match self.peek() {
            Token::Sign(sign @ ("=" | "==" | "!=" | ">" | ">=" | "<" | "<=")) => *sign,
            Token::Sign("=~" | "!~") => {
                self.skip();
                return self.unexpected("a string", place);
            }
            _ => return self.unexpected("a comparison", place),
        };
        self.skip();
        let equality = matches!(operator, "=" | "!=");
        let value = match self.peek() {
            Token::Duration(d) => Value::Duration(*d),
            Token::Bytes(b) => Value::Bytes(*b),
            Token::Function("ip") if equality => {
                let value = Value::Ip(self.ip()?);
                return Ok(Comparison::Value { name, operator, value });
            }
            _ => {
                let value = Value::Number(self.number(place)?);
                return Ok(Comparison::Value { name, operator, value });
            }
        };
        self.skip();
        Ok(Comparison::Value { name, operator, value })
    }

    /// A number with or without a sign; `None` inside if Go cannot read it.
    pub(super) fn number(&mut self, place: &str) -> Step<Option<f64>> {
        let sign = if self.accept("-") {
            -1.0
        } else {
            self.accept("+");
            1.0
        };
        if *self.peek() != Token::Number {
            return self.unexpected("a number, duration, size or string", place);
        }
        let value = super::literal::float(&self.text[self.span()]);
        self.skip();
        Ok(value.map(|v| v * sign))
    }

    /// The expression of `| regexp`, which must name what it extracts.
    fn groups(&self, text: &Text) -> Step {
        let info = regex(text, self.text, self.go)?;
        let names: Vec<&str> = info.groups.iter().flatten().map(|g| g.name.as_str()).collect();
        if names.is_empty() {
            return Err(Error {
                help: Some("name a group: `(?P<name>…)`".to_owned()),
                ..error(
                    text.span.clone(),
                    "`regexp` extracts nothing: the expression has no named group",
                    Kind::Pattern,
                )
            });
        }
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                let message = format!("two groups of the expression are named `{name}`");
                let fault = re2::Error {
                    span: info.groups.iter().flatten().nth(at).map_or(0..0, |g| g.span.clone()),
                    message,
                    help: None,
                    kind: re2::Kind::GroupName,
                };
                return Err(pattern_error(text, self.text, fault));
            }
        }
        Ok(())
    }
}
