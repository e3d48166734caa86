//! The standard library: what there is, what it takes, what it gives.

use std::rc::Rc;

use foldhash::HashMap;
use vispyr_alloy::{Expr, ExprKind, Exprs, Ident};

use super::Checker;
use super::report::Rests;
use super::value::Place;
use crate::catalogue;
use crate::catalogue::schema::{Function, Stability};
use crate::engines::alloy::rules::{deprecated, type_mismatch, unknown_function};
use crate::engines::alloy::types::{Kind, Signature, Value, fold, go_value, is_receiver, raw, refuses};

/// The standard library, as far as a config names it: the same few functions are called all over.
#[derive(Default)]
pub(super) struct Library<'a> {
    /// What stands before the dot: `sys`.
    spaces: Option<Vec<&'static str>>,
    /// Functions by space and name.
    members: HashMap<(&'a str, &'a str), Function>,
    /// What functions take and give, by their numbers.
    signatures: HashMap<usize, Option<Rc<Signature>>>,
}

impl<'a> Checker<'_, 'a> {
    /// A name of the standard library, if it is one.
    pub(super) fn library_name(&mut self, name: &'a str, range: std::ops::Range<u32>) -> Option<Value<'a>> {
        let at = self.at;
        let list = || at.functions().filter_map(|f| f.name().split_once('.')).map(|(space, _)| space);
        let spaces = self.library.spaces.get_or_insert_with(|| {
            let mut spaces: Vec<&str> = list().collect();
            spaces.dedup();
            spaces
        });
        let is_space = spaces.contains(&name);
        if let Some(function) = self.at.function(name) {
            return Some(self.function(function, range));
        }
        is_space.then_some(Value::Namespace(name))
    }

    /// `space.name`.
    pub(super) fn member(&mut self, space: &'a str, name: Ident<'a>) -> Value<'a> {
        if let Some(function) = self.library.members.get(&(space, name.name())) {
            return self.function(*function, name.range());
        }
        let whole = format!("{space}.{}", name.name());
        if let Some(function) = self.at.function(&whole) {
            self.library.members.insert((space, name.name()), function);
            return self.function(function, name.range());
        }
        let ever = self.at.schema().function_ever(&whole);
        let message = match self.history(ever) {
            Some(history) => format!("`{whole}` {history}"),
            None => format!("`{whole}` is no function of the standard library {}", self.in_version()),
        };
        let found = self.fault(&unknown_function::RULE, name.range(), Rests::absent(ever), message);
        let at = self.at;
        let near = if ever.is_none() { self.nearest(&whole, at.functions().map(|f| f.name())) } else { None };
        self.tell(found.meant(near));
        Value::Unknown
    }

    fn function(&mut self, function: Function, range: std::ops::Range<u32>) -> Value<'a> {
        let name = function.name();
        if function.deprecated() {
            let message = format!("`{name}` is deprecated {}", self.in_version());
            let found = self.fault(&deprecated::RULE, range.clone(), Rests::on(function.held()), message);
            let renamed = catalogue::function("alloy", name, self.version);
            self.tell(match renamed.filter(|r| self.at.function(r.instead).is_some()) {
                Some(renamed) => found.help(format!("use `{}`", renamed.instead)),
                None => found,
            });
        }
        if function.experimental() {
            self.level(range, name, Stability::Experimental, Rests::on(function.held()));
        }
        if function.is_value() { go_value(function.signature()) } else { Value::Function(function) }
    }

    /// `callee(args)`.
    pub(super) fn call(&mut self, callee: Expr<'a>, args: Exprs<'a>) -> Value<'a> {
        let function = match self.callee(callee) {
            Value::Function(function) => function,
            other => {
                args.iter().for_each(|arg| _ = self.infer(arg));
                if let Some(kind) = other.kind() {
                    let message = format!("`{}` is {} and cannot be called", callee.text(), kind.name());
                    let found = self.fault(&type_mismatch::RULE, callee.range(), Rests::Language, message);
                    self.tell(found);
                }
                return Value::Unknown;
            }
        };
        if function.raw() { self.raw_call(function, callee, args) } else { self.plain_call(function, callee, args) }
    }

    /// What is called. Its name is no reference to a block.
    pub(super) fn callee(&mut self, callee: Expr<'a>) -> Value<'a> {
        let is_name = matches!(callee.kind(), ExprKind::Ident(_) | ExprKind::Access { .. });
        if !is_name || callee.as_reference().is_none() {
            return self.infer(callee);
        }
        let lies = self.lies.take();
        let value = self.infer(callee);
        self.lies = lies;
        value
    }

    fn signature(&mut self, function: Function) -> Option<Rc<Signature>> {
        let known = self.library.signatures.entry(function.number());
        known.or_insert_with(|| Signature::of(function.signature()).map(Rc::new)).clone()
    }

    fn plain_call(&mut self, function: Function, callee: Expr<'a>, args: Exprs<'a>) -> Value<'a> {
        let Some(signature) = self.signature(function) else {
            args.iter().for_each(|arg| _ = self.infer(arg));
            return Value::Unknown;
        };
        self.count(function, callee, args, signature.count());
        let place = Place { name: function.name(), owner: "", field: None, rests: Rests::on(function.held()) };
        for (at, arg) in args.iter().enumerate() {
            self.value(arg, signature.param(at), &place);
        }
        self.decodes(function, args);
        signature.result()
    }

    /// A literal that a function is to decode.
    fn decodes(&mut self, function: Function, args: Exprs<'a>) {
        let name = function.name();
        let (Some(arg), Some(text)) = (args.get(0), args.get(0).and_then(fold)) else { return };
        if let Some(what) = refuses(name, &text) {
            let message = format!("`{name}` reads {what}, and this is none");
            let found = self.fault(&type_mismatch::RULE, arg.range(), Rests::on(function.held()), message);
            self.tell(found);
        }
    }

    /// `coalesce`: what a component exports is there, and nothing behind it is looked at.
    fn first(&mut self, args: Exprs<'a>) -> Value<'a> {
        let value = self.worth(args.get(0));
        if value.kind() == Some(Kind::Capsule) && value.capsule().is_some_and(is_receiver) {
            value
        } else {
            Value::Unknown
        }
    }

    fn raw_call(&mut self, function: Function, callee: Expr<'a>, args: Exprs<'a>) -> Value<'a> {
        let values: Vec<Value<'a>> = args.iter().map(|arg| self.infer(arg)).collect();
        let Some(raw) = raw(function.name()) else {
            return if function.name() == "coalesce" { self.first(args) } else { Value::Unknown };
        };
        self.count(function, callee, args, raw.count);
        for ((at, arg), value) in args.iter().enumerate().zip(&values) {
            let wrong = raw.kind(at).zip(value.kind()).filter(|(wanted, is)| wanted != is);
            if let Some((wanted, _)) = wrong {
                let message =
                    format!("`{}` takes {} here, and this is {}", function.name(), wanted.name(), value.describe());
                let found = self.fault(&type_mismatch::RULE, arg.range(), Rests::on(function.held()), message);
                self.tell(found);
            }
        }
        Value::List
    }

    fn count(&mut self, function: Function, callee: Expr<'a>, args: Exprs<'a>, (least, most): (usize, Option<usize>)) {
        let given = args.len();
        if given >= least && most.is_none_or(|m| given <= m) {
            return;
        }
        let takes = match most {
            Some(most) if most == least => format!("{least}"),
            Some(most) => format!("{least} to {most}"),
            None => format!("at least {least}"),
        };
        let plural = if takes == "1" { "" } else { "s" };
        let message = format!("`{}` takes {takes} argument{plural}, and is given {given}", function.name());
        let found = self.fault(&type_mismatch::RULE, callee.range(), Rests::on(function.held()), message);
        self.tell(found);
    }
}
