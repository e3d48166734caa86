//! A value in a place that takes only some: literals part by part, everything else by what it is worth.

use std::borrow::Cow;
use std::ops::Range;

use foldhash::HashMap;
use vispyr_alloy::{Expr, ExprKind, Fields};

use super::Checker;
use super::report::{Fault, Rests};
use crate::catalogue::Version;
use crate::catalogue::schema::{Body, Field, FieldKind};
use crate::diagnostic::Severity;
use crate::engines::alloy::rules::{
    duplicate_attribute, invalid_enum, secret_to_string, type_mismatch, unknown_attribute, validate_cross_field,
    wrong_receiver,
};
use crate::engines::alloy::types::{
    Kind, Misfit, TARGET, Value, Want, capsule_name, fit, fit_text, fold, is_receiver, wanted,
};

/// The capsule of `otelcol.auth.*`.
const AUTHENTICATION: &str = "component/otelcol/auth.Handler";

/// Components of it that only clients can use (`AuthFeatures` in grafana/alloy
/// internal/component/otelcol/auth@v1.6.0, @v1.11.3, @v1.19.0-rc.3).
const OF_CLIENTS: [&str; 4] =
    ["otelcol.auth.google", "otelcol.auth.headers", "otelcol.auth.oauth2", "otelcol.auth.sigv4"];

/// Where a value stands.
pub(super) struct Place<'b> {
    /// The attribute, or the function whose argument it is.
    pub(super) name: &'b str,
    /// The component or block that holds it.
    pub(super) owner: &'b str,
    /// The attribute as the catalogue has it.
    pub(super) field: Option<Field>,
    /// What a fault rests on.
    pub(super) rests: Rests,
}

impl Place<'_> {
    fn of(&self) -> String {
        if self.owner.is_empty() { format!("`{}`", self.name) } else { format!("`{}` of `{}`", self.name, self.owner) }
    }
}

/// Expressions are followed so deep.
pub(super) const DEPTH: u32 = 150;

/// Keys of an object that are compared one with another.
const FEW: usize = 8;

impl<'a> Checker<'_, 'a> {
    /// Holds a value against what its place takes.
    pub(super) fn value(&mut self, expr: Expr<'a>, want: Want, place: &Place<'_>) {
        if self.depth >= DEPTH {
            return self.only_references(expr);
        }
        self.depth += 1;
        let expr = expr.unparen();
        if let (ExprKind::Object(fields), Want::Map(_) | Want::Object(_) | Want::Capsule(TARGET)) = (expr.kind(), want)
        {
            self.keys(fields);
        }
        match (expr.kind(), want) {
            (ExprKind::Array(items), Want::List(inner)) => {
                let want = inner.want();
                items.iter().for_each(|item| self.value(item, want, place));
            }
            (ExprKind::Object(fields), Want::Map(inner)) => {
                let want = inner.want();
                fields.iter().for_each(|field| self.value(field.value(), want, place));
            }
            (ExprKind::Object(fields), Want::Object(body)) => self.object(fields, body, place),
            (ExprKind::Object(fields), Want::Capsule(TARGET)) => {
                fields.iter().for_each(|field| self.of_target(field.value(), place));
            }
            (ExprKind::Call { callee, args }, Want::List(_)) if self.is_concat(callee) => {
                self.callee(callee);
                args.iter().for_each(|arg| self.value(arg, want, place));
            }
            _ => {
                let value = self.infer(expr);
                match fit(value, want) {
                    Ok(()) => {
                        if let Value::Text(literal) = value {
                            self.word(&literal.value(), expr, place);
                            self.regex(literal, want, place);
                        } else if matches!(value, Value::String | Value::Unknown) {
                            self.folded(expr, value, want, place);
                        } else if let (Value::Of(_, Some(exporter)), Want::Capsule(AUTHENTICATION)) = (value, want) {
                            self.authentication(expr, exporter, place);
                        }
                    }
                    Err(misfit) => self.misfit(expr, value, want, misfit, place, None),
                }
            }
        }
        self.depth -= 1;
    }

    /// The value of a label of a target. Every value has a text, but `null` (1.19 refuses it, earlier ones end with a
    /// panic), and a secret may not be shown since 1.19 (`Target.ConvertFrom` in grafana/alloy
    /// internal/component/discovery/target.go@v1.7.0, @v1.18.1, @v1.19.0-rc.3).
    fn of_target(&mut self, expr: Expr<'a>, place: &Place<'_>) {
        let value = self.infer(expr);
        if matches!(value, Value::Null) {
            let message = format!("a target of {} takes no `null`", place.of());
            let found = self.fault(&type_mismatch::RULE, expr.range(), place.rests, message);
            self.tell(found.help("write `\"\"`, or leave the label out"));
        } else if matches!(fit(value, Want::String), Err(Misfit::Secret)) && self.version >= Version::new(1, 19, 0) {
            let message = format!("a target of {} takes text, and this is a secret", place.of());
            let found = self.fault(&secret_to_string::RULE, expr.range(), Rests::Version, message);
            self.tell(found.help("wrap it in `convert.nonsensitive(…)` if it may be shown"));
        }
    }

    /// Whether a callee joins lists.
    fn is_concat(&self, callee: Expr<'a>) -> bool {
        let path = callee.as_reference().map(|r| r.path());
        let joins = path.is_some_and(|p| matches!(&*p, "array.concat" | "concat"));
        joins && self.program.declare(self.here.scope, "array").is_none()
    }

    fn object(&mut self, fields: Fields<'a>, body: Body, place: &Place<'_>) {
        for written in fields.iter() {
            let Some(field) = body.field(written.name()) else {
                let ever = body.field_ever(written.name());
                let message = format!("`{}` is no key of {} {}", written.name(), place.of(), self.in_version());
                let found = self.fault(&unknown_attribute::RULE, written.name_range(), Rests::absent(ever), message);
                let near = self.nearest(written.name(), body.fields().map(Field::name));
                self.tell(found.meant(near));
                self.infer(written.value());
                continue;
            };
            if field.kind() == FieldKind::Attribute {
                let inner =
                    Place { name: field.name(), owner: place.name, field: Some(field), rests: Rests::on(field.held()) };
                self.value(written.value(), Want::of(field.ty()), &inner);
            } else {
                self.infer(written.value());
            }
        }
    }

    /// Keys that stand twice in one object: what was written first is lost without a word (`evaluateExpr` in grafana/alloy
    /// syntax/vm/vm.go@v1.0.0, @v1.18.1). Names are compared as they are written, without their quotes.
    pub(super) fn keys(&mut self, fields: Fields<'a>) {
        // Most have a few, which are compared faster than they are looked up.
        let alike = |(at, field): (usize, &str)| fields.iter().take(at).any(|f| f.name() == field);
        if fields.len() <= FEW && !fields.iter().map(|f| f.name()).enumerate().any(alike) {
            return;
        }
        let mut last: HashMap<&str, Range<u32>> = HashMap::default();
        for field in fields.iter() {
            let Some(first) = last.insert(field.name(), field.name_range()) else { continue };
            let message = format!("`{}` is there twice in this object: only the last one counts", field.name());
            let found = self
                .fault(&duplicate_attribute::RULE, first, Rests::Language, message)
                .warning()
                .label(self.span(field.name_range()), "this one counts")
                .help("remove one of the two, or give it the name that was meant");
            self.tell(found);
        }
    }

    /// What is made of literals alone, in a place that takes some texts only.
    fn folded(&mut self, expr: Expr<'a>, value: Value<'a>, want: Want, place: &Place<'_>) {
        let picky = place.field.is_some_and(|field| field.values().next().is_some());
        if !picky && !matches!(want, Want::Duration | Want::Text(_) | Want::Number) {
            return;
        }
        let Some(text) = fold(expr) else { return self.otherwise(expr, want, place) };
        match fit_text(&text, want) {
            Ok(()) => self.word(&text, expr, place),
            Err(misfit) => self.misfit(expr, value, want, misfit, place, Some(&text)),
        }
    }

    /// What `coalesce` comes to where no variable before it is set.
    fn otherwise(&mut self, expr: Expr<'a>, want: Want, place: &Place<'_>) {
        let ExprKind::Call { callee, args } = expr.unparen().kind() else { return };
        if callee.as_reference().is_none_or(|r| r.path() != "coalesce") {
            return;
        }
        let Some((last, others)) = args.len().checked_sub(1).and_then(|at| Some((args.get(at)?, at))) else { return };
        let variables: Option<Vec<String>> =
            args.iter().take(others).map(|a| Some(a.as_env_call()?.variable.value().into_owned())).collect();
        let Some(variable) = variables.and_then(|v| v.into_iter().next_back()) else { return };
        // One that is empty says that there is none.
        let Some(text) = fold(last).filter(|text| !text.is_empty()) else { return };
        let before = self.found.len();
        match fit_text(&text, want) {
            Ok(()) => self.word(&text, last, place),
            Err(misfit) => self.misfit(last, Value::String, want, misfit, place, Some(&text)),
        }
        for found in &mut self.found[before..] {
            found.severity = found.severity.max(Severity::Warning);
            found.notes.push(format!("this holds where `{variable}` is not set"));
        }
    }

    /// What shows credentials, in a place that demands them (grafana/alloy internal/component/otelcol/auth/auth.go
    /// `GetExtension`, config_grpc.go, config_http.go@v1.6.0, @v1.11.3, @v1.19.0-rc.3).
    fn authentication(&mut self, expr: Expr<'a>, exporter: &str, place: &Place<'_>) {
        let node = self.program.node(self.here.scope, self.here.node);
        let serves = self.name(node).starts_with("otelcol.receiver.") && self.version >= Version::new(1, 6, 0);
        if !serves || !OF_CLIENTS.contains(&exporter) {
            return;
        }
        let message = format!("{} demands credentials, and `{exporter}` can only show them", place.of());
        let found = self.fault(&validate_cross_field::RULE, expr.range(), place.rests, message);
        self.tell(found.help("use `otelcol.auth.basic` or `otelcol.auth.bearer`"));
    }

    /// A string in a place that allows some words only.
    fn word(&mut self, text: &str, expr: Expr<'a>, place: &Place<'_>) {
        let Some(field) = place.field else { return };
        let mut words = field.values().peekable();
        if words.peek().is_none() {
            return;
        }
        if words.any(|w| w == text) {
            return;
        }
        let rests = place.rests;
        let message = format!("`{text}` is none of the words that {} takes {}", place.of(), self.in_version());
        let found = self.fault(&invalid_enum::RULE, expr.range(), rests, message);
        let found = self.words(found, text, field.values());
        self.tell(found);
    }

    fn words(&mut self, found: Fault, text: &str, words: impl Iterator<Item = &'static str> + Clone) -> Fault {
        if let Some(near) = self.nearest(text, words.clone()) {
            return found.help(format!("did you mean `{near}`?"));
        }
        let all: Vec<String> = words.filter(|w| !w.is_empty()).map(|w| format!("`{w}`")).collect();
        if all.is_empty() { found } else { found.help(format!("write one of {}", all.join(", "))) }
    }

    /// What does not fit; `text` is what the expression is worth when it is more than a literal.
    fn misfit(
        &mut self,
        expr: Expr<'a>,
        value: Value<'a>,
        want: Want,
        misfit: Misfit,
        place: &Place<'_>,
        text: Option<&str>,
    ) {
        let range = expr.range();
        let text = || text.map(str::to_owned).or_else(|| expr.as_str().map(Cow::into_owned));
        let takes = format!("{} takes {}", place.of(), wanted(want));
        let found = match misfit {
            Misfit::Secret => self
                .fault(&secret_to_string::RULE, range, place.rests, format!("{takes}, and this is a secret"))
                .help("wrap it in `convert.nonsensitive(…)` if it may be shown"),
            Misfit::Kind(kind) => self.wrong_kind(expr, value, want, kind, &takes, place),
            Misfit::Capsule(name) => {
                let of_data = is_receiver(name) || matches!(want, Want::Capsule(c) if is_receiver(c));
                let rule = if of_data { &wrong_receiver::RULE } else { &type_mismatch::RULE };
                let found =
                    self.fault(rule, range, place.rests, format!("{takes}, and this is {}", capsule_name(name)));
                match bridge(want, name) {
                    Some(bridge) => found.help(format!("put {bridge} between the two")),
                    None => found,
                }
            }
            Misfit::Reads(why) => {
                let written = text().unwrap_or_else(|| expr.text().to_owned());
                let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                let message = format!("{takes}, and `{written}` does not read as one{why}");
                self.fault(&type_mismatch::RULE, range, place.rests, message)
            }
            Misfit::Word => {
                let text = text().unwrap_or_else(|| expr.text().to_owned());
                let shown = if text.is_empty() { "an empty string".to_owned() } else { format!("`{text}`") };
                let message = format!("{shown} is none of the words that {} takes {}", place.of(), self.in_version());
                let found = self.fault(&invalid_enum::RULE, range, place.rests, message);
                match want {
                    Want::Text(ty) => self.words(found, &text, ty.values()),
                    _ => found,
                }
            }
            Misfit::Elements { capsule, sure } => {
                let rule = if capsule.is_some_and(is_receiver)
                    || matches!(want, Want::List(i) if matches!(i.want(), Want::Capsule(c) if is_receiver(c)))
                {
                    &wrong_receiver::RULE
                } else {
                    &type_mismatch::RULE
                };
                let mut found =
                    self.fault(rule, range, place.rests, format!("{takes}, and this is {}", value.describe()));
                if !sure && found.is_error() {
                    found = found.warning().note("nothing is refused while this list is empty");
                }
                found
            }
        };
        self.tell(found);
    }

    fn wrong_kind(
        &self,
        expr: Expr<'a>,
        value: Value<'a>,
        want: Want,
        kind: Kind,
        takes: &str,
        place: &Place<'_>,
    ) -> Fault {
        let receiver = matches!(want, Want::Capsule(c) if is_receiver(c));
        if let (Value::Exports(Some(exports), root, _), true) = (value, receiver) {
            let fits = exports.fields().find(|f| fit(Value::Of(f.ty(), None), want).is_ok());
            let message = format!("{takes}, and this is the whole `{}`", root.name());
            let found = self.fault(&wrong_receiver::RULE, expr.range(), place.rests, message);
            return match fits {
                Some(field) => found.help(format!("write `{}.{}`", expr.text(), field.name())),
                None => found,
            };
        }
        let found = self.fault(
            &type_mismatch::RULE,
            expr.range(),
            place.rests,
            format!("{takes}, and this is {}", value.describe()),
        );
        let text = expr.as_str();
        match (want, kind) {
            (Want::Bool, Kind::String) if text.as_deref().is_some_and(|t| t == "true" || t == "false") => {
                found.help("remove the quotes")
            }
            (Want::String | Want::Capsule(_) | Want::Duration | Want::Text(_), Kind::Bool) => {
                found.help("put it in quotes")
            }
            (Want::Capsule(name), Kind::Number) if !is_receiver(name) => found.help("put it in quotes"),
            (Want::List(_), Kind::String | Kind::Number | Kind::Bool | Kind::Object) => {
                found.help("put it in `[` and `]`")
            }
            (Want::List(_), Kind::Capsule) => found.help("put it in `[` and `]`"),
            _ => found,
        }
    }
}

/// The component that turns what one kind of receiver takes into what another does.
fn bridge(want: Want, given: &str) -> Option<&'static str> {
    const OTEL: &str = "component/otelcol.Consumer";
    const LOKI: &str = "component/common/loki.LogsReceiver";
    const PROM: &str = "github.com/prometheus/prometheus/storage.Appendable";
    let Want::Capsule(wanted) = want else { return None };
    match (wanted, given) {
        (OTEL, PROM) => Some("`otelcol.exporter.prometheus`"),
        (OTEL, LOKI) => Some("`otelcol.exporter.loki`"),
        (PROM, OTEL) => Some("`otelcol.receiver.prometheus`"),
        (LOKI, OTEL) => Some("`otelcol.receiver.loki`"),
        _ => None,
    }
}
