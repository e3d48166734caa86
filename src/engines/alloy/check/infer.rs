//! What an expression is worth, told from the inside out (grafana/alloy syntax/vm/vm.go `evaluateExpr`@v1.19.0-rc.3).

use std::borrow::Cow;

use vispyr_alloy::{Expr, ExprKind, Ident};

use super::Checker;
use super::report::Rests;
use super::value::DEPTH;
use crate::catalogue::Version;
use crate::catalogue::schema::{Body, FieldKind, Root, TypeKind};
use crate::engines::alloy::program::{Kind as Is, ScopeId};
use crate::engines::alloy::rules::{type_mismatch, unknown_export};
use crate::engines::alloy::types::{Kind, OPTIONAL_SECRET, Refused, TARGET, Value, binary, part, unary};

/// From here on secrets can be joined to strings (grafana/alloy syntax/vm/op_binary.go@v1.8.0, not @v1.7.5).
const JOINS_SECRETS: Version = Version::new(1, 8, 0);

impl<'a> Checker<'_, 'a> {
    /// What an expression is worth; faults inside of it are told.
    pub(super) fn infer(&mut self, expr: Expr<'a>) -> Value<'a> {
        if self.depth >= DEPTH {
            self.only_references(expr);
            return Value::Unknown;
        }
        self.depth += 1;
        let value = self.infer_one(expr.unparen());
        self.depth -= 1;
        value
    }

    /// Of an expression that is nested too deep, the names alone.
    pub(super) fn only_references(&mut self, expr: Expr<'a>) {
        for reference in expr.references() {
            self.reference(&reference);
        }
    }

    fn infer_one(&mut self, expr: Expr<'a>) -> Value<'a> {
        match expr.kind() {
            ExprKind::Missing => Value::Unknown,
            ExprKind::Null => Value::Null,
            ExprKind::Bool(_) => Value::Bool,
            ExprKind::Number(text) | ExprKind::Float(text) => Value::Number(Some((false, text))),
            ExprKind::String(literal) => Value::Text(literal),
            ExprKind::Ident(_) | ExprKind::Access { .. } => match (expr.as_reference(), expr.kind()) {
                (Some(reference), _) => self.reference(&reference),
                (None, ExprKind::Access { value, name }) => {
                    let value = self.infer(value);
                    match self.access(value, name) {
                        Value::Unknown => self.worth(part(expr)),
                        known => known,
                    }
                }
                _ => Value::Unknown,
            },
            ExprKind::Index { value, index } => {
                let (value, at) = (self.infer(value), self.infer(index));
                match self.index(value, at, index) {
                    Value::Unknown => self.worth(part(expr)),
                    known => known,
                }
            }
            ExprKind::Call { callee, args } => self.call(callee, args),
            ExprKind::Array(items) => {
                items.iter().for_each(|item| _ = self.infer(item));
                Value::Array(items)
            }
            ExprKind::Object(fields) => {
                self.keys(fields);
                fields.iter().for_each(|field| _ = self.infer(field.value()));
                Value::Object(fields)
            }
            ExprKind::Unary { op, operand } => {
                let value = self.infer(operand);
                unary(op, value).unwrap_or_else(|kind| {
                    let message = format!("`{}` takes no {}", op.symbol(), bare(kind));
                    let found = self.fault(&type_mismatch::RULE, operand.range(), Rests::Language, message);
                    self.tell(found);
                    Value::Unknown
                })
            }
            ExprKind::Binary { op, left, right } => {
                let (first, second) = (self.infer(left), self.infer(right));
                binary(op, first, second, self.version >= JOINS_SECRETS).unwrap_or_else(|refused| {
                    let (at, message) = match refused {
                        Refused::Left(kind) => (left, format!("`{}` takes no {}", op.symbol(), bare(kind))),
                        Refused::Right(kind) => (right, format!("`{}` takes no {}", op.symbol(), bare(kind))),
                        Refused::Pair(a, b) => (
                            right,
                            format!(
                                "`{}` takes two values of one kind, and these are {} and {}",
                                op.symbol(),
                                a.name(),
                                b.name()
                            ),
                        ),
                    };
                    let found = self.fault(&type_mismatch::RULE, at.range(), Rests::Language, message);
                    self.tell(found);
                    Value::Unknown
                })
            }
            ExprKind::Paren(_) => Value::Unknown,
        }
    }

    /// What a part of an expression is worth whose faults were told: of a name, which is what is picked out of lists.
    pub(super) fn worth(&mut self, part: Option<Expr<'a>>) -> Value<'a> {
        let Some(reference) = part.and_then(|part| part.as_reference()) else { return Value::Unknown };
        let (before, lies) = (self.found.len(), self.lies.take());
        let value = self.reference(&reference);
        self.found.truncate(before);
        self.lies = lies;
        value
    }

    /// `value.name`.
    pub(super) fn access(&mut self, value: Value<'a>, name: Ident<'a>) -> Value<'a> {
        match value {
            Value::Unknown => Value::Unknown,
            Value::Exports(exports, root, hidden) => self.export(exports, root, hidden, name),
            Value::Custom(scope) => self.custom_export(scope, name),
            Value::Argument if name.name() == "value" => Value::Unknown,
            Value::Argument => {
                let message = format!("an `argument` has no `{}`", name.name());
                let found = self.fault(&unknown_export::RULE, name.range(), Rests::Language, message);
                self.tell(found.help("its one key is `value`"));
                Value::Unknown
            }
            Value::Namespace(space) => self.member(space, name),
            Value::Object(fields) => {
                if fields.get(name.name()).is_none() {
                    self.no_key(name);
                }
                Value::Unknown
            }
            Value::Of(ty, exporter) => match ty.kind() {
                TypeKind::Map(inner) => Value::Of(inner, exporter),
                TypeKind::Capsule(TARGET) => Value::String,
                TypeKind::Any | TypeKind::Object(_) => Value::Unknown,
                TypeKind::Capsule(_) if value.kind().is_none() => Value::Unknown,
                _ => self.no_parts(value, name.range(), &format!("`.{}`", name.name())),
            },
            _ => self.no_parts(value, name.range(), &format!("`.{}`", name.name())),
        }
    }

    fn no_key(&mut self, name: Ident<'a>) {
        let message = format!("this object has no `{}`", name.name());
        let found = self.fault(&type_mismatch::RULE, name.range(), Rests::Language, message);
        self.tell(found);
    }

    fn no_parts(&mut self, value: Value<'a>, range: std::ops::Range<u32>, part: &str) -> Value<'a> {
        let message = format!("{} has no {part}", value.describe());
        let found = self.fault(&type_mismatch::RULE, range, Rests::Language, message);
        self.tell(found);
        Value::Unknown
    }

    fn export(&mut self, exports: Option<Body>, root: Root, hidden: bool, name: Ident<'a>) -> Value<'a> {
        let field = exports.and_then(|e| self.named(e, Cow::Borrowed(name.name())).ok()).map(|n| n.field);
        if let Some(field) = field {
            return if hidden && matches!(field.ty().kind(), TypeKind::Capsule(OPTIONAL_SECRET)) {
                Value::Secret
            } else if field.kind() == FieldKind::Attribute {
                Value::Of(field.ty(), Some(root.name()))
            } else {
                Value::Unknown
            };
        }
        let ever = exports.and_then(|e| e.field_ever(name.name()));
        let message = match self.history(ever) {
            Some(history) => format!("`{}` of `{}` {history}", name.name(), root.name()),
            None => format!("`{}` exports no `{}` {}", root.name(), name.name(), self.in_version()),
        };
        let found = self.fault(&unknown_export::RULE, name.range(), Rests::absent(ever), message);
        let all: Vec<&str> = exports.map(|e| e.fields().map(|f| f.name()).collect()).unwrap_or_default();
        let near = self.nearest(name.name(), all.iter().copied());
        let found = match (near, all.as_slice()) {
            (Some(near), _) => found.help(format!("did you mean `{near}`?")),
            (None, []) => found.help("it exports nothing"),
            (None, all) => found
                .help(format!("it exports {}", all.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))),
        };
        self.tell(found);
        Value::Unknown
    }

    fn custom_export(&mut self, scope: ScopeId, name: Ident<'a>) -> Value<'a> {
        let nodes = &self.program.scope(scope).nodes;
        let exports = || nodes.iter().filter(|n| n.kind == Is::Export).map(|n| n.label);
        let broken = nodes.first().is_some_and(|n| !self.program.file(n).errors.is_empty());
        let ids = &self.program.scope(scope).ids;
        let there = self.program.names.get("export").is_some_and(|export| ids.contains_key(&(export, name.name())));
        if broken {
            return Value::Unknown;
        }
        if there {
            return self.exported(scope, name.name());
        }
        let message = format!("this custom component has no `export \"{}\"`", name.name());
        let found = self.fault(&unknown_export::RULE, name.range(), Rests::Language, message);
        let near = self.nearest(name.name(), exports());
        self.tell(found.meant(near));
        Value::Unknown
    }

    /// `value[at]`. Nothing is converted: a list takes a number, an object a string.
    fn index(&mut self, value: Value<'a>, at: Value<'a>, index: Expr<'a>) -> Value<'a> {
        let target = value.capsule() == Some(TARGET);
        let wanted = match value.kind() {
            None => return Value::Unknown,
            Some(Kind::Array) => Kind::Number,
            Some(Kind::Object) => Kind::String,
            Some(Kind::Capsule) if target => Kind::String,
            Some(_) => return self.no_parts(value, index.range(), "parts"),
        };
        if let Some(kind) = at.kind().filter(|k| *k != wanted) {
            let message =
                format!("{} is asked for a part by {}, and takes {}", value.describe(), kind.name(), wanted.name());
            let found = self.fault(&type_mismatch::RULE, index.range(), Rests::Language, message);
            self.tell(found);
            return Value::Unknown;
        }
        if let (Value::Array(items), Some(number)) = (value, index.as_i64())
            && usize::try_from(number).map_or(true, |n| n >= items.len())
        {
            let message = format!("this list has {} parts, counted from 0", items.len());
            let found = self.fault(&type_mismatch::RULE, index.range(), Rests::Language, message);
            self.tell(found);
        }
        match value {
            Value::Of(ty, exporter) => match ty.kind() {
                TypeKind::List(inner) => Value::Of(inner, exporter),
                // What an object does not have is `null`, which fits everywhere.
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }
}

/// A kind without its article.
fn bare(kind: Kind) -> &'static str {
    let name = kind.name();
    name.strip_prefix("a ").or_else(|| name.strip_prefix("an ")).unwrap_or(name)
}
