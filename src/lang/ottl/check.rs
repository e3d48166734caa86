//! A tree against what a version knows: functions and their arguments, enums, paths and their keys.
//!
//! Follows pkg/ottl/functions.go, expression.go and boolean_value.go@v0.158.0; what differs between versions is a fact.

use std::ops::Range;

use super::ast::*;
use super::facts::{self, Argument, Component, Function, Mode, Release, Setup};
use super::literal::{self, Literal};
use super::making;
use super::{Error, near};

/// The names of kinds of text in the facts.
pub(super) struct Judge<'t> {
    pub(super) text: &'t str,
    pub(super) tree: &'t Tree,
    pub(super) release: Release,
    pub(super) component: Component,
    pub(super) kind: &'static str,
    pub(super) setup: Setup,
    pub(super) prefixes: Vec<&'static str>,
    pub(super) errors: Vec<Error>,
    /// Literals are held against the type of an argument.
    literal_types: bool,
    /// Lists and maps without elements are literals as well.
    empty_literals: bool,
    /// The keys after a converter are built with it.
    converter_keys: bool,
    /// Editors are found where values should be even if nothing else looks there.
    visitor: bool,
}

impl<'t> Judge<'t> {
    pub(super) fn new(
        text: &'t str,
        tree: &'t Tree,
        release: Release,
        component: Component,
        kind: &'static str,
        setup: Setup,
    ) -> Self {
        Self {
            text,
            tree,
            release,
            component,
            kind,
            setup,
            prefixes: release.prefixes(setup.context),
            errors: Vec::new(),
            literal_types: release.has("literal_types"),
            empty_literals: release.has("empty_literals"),
            converter_keys: release.has("converter_keys"),
            visitor: release.has("visitor"),
        }
    }

    pub(super) fn refuse(&mut self, range: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.errors.push(Error { range, message: message.into(), help, moved: false });
    }

    fn source(&self, range: &Range<usize>) -> &'t str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    pub(super) fn root(&mut self, root: &Root) {
        match root {
            Root::Statement { call, condition } => {
                let keys = self.tree.calls.get(*call).and_then(|c| c.keys.first());
                if let Some(key) = keys {
                    let message = "only paths and converters have keys, an editor has none";
                    self.refuse(key.range.clone(), message, None);
                }
                self.call(*call);
                if let Some(condition) = condition {
                    self.condition(*condition);
                }
            }
            Root::Converter(call) => {
                if let Some(call) = self.tree.calls.get(*call) {
                    let message = format!("`{}` is a converter; a statement begins with an editor", call.name);
                    let help = self.lower_twin(&call.name).map_or_else(
                        || "wrap it: `set(…, …)` writes the value of a converter to a path".to_owned(),
                        |twin| format!("did you mean `{twin}`?"),
                    );
                    self.refuse(call.name_range.clone(), message, Some(help));
                }
            }
            Root::Condition(id) => self.condition(*id),
            Root::Value(id) => {
                self.getter(*id);
            }
        }
    }

    pub(super) fn condition(&mut self, id: Id) {
        let tree = self.tree;
        let Some(condition) = tree.conditions.get(id) else { return };
        for term in &condition.terms {
            match term {
                Term::Comparison(left, right) => {
                    self.getter(*left);
                    self.getter(*right);
                }
                Term::Constant => {}
                Term::Converter(call) => self.converter(*call),
                Term::Condition(inner) => self.condition(*inner),
            }
        }
    }

    /// A value that is evaluated whatever it is.
    pub(super) fn getter(&mut self, id: Id) {
        let tree = self.tree;
        let Some(value) = tree.values.get(id) else { return };
        match &value.kind {
            ValueKind::Operand(operand) => self.operand(operand),
            ValueKind::Sum(sum) => self.sum(*sum),
            ValueKind::Enum => self.enumeration(&value.range),
            ValueKind::List(values) | ValueKind::Map(values) => values.iter().for_each(|v| self.getter(*v)),
            ValueKind::Lambda => {
                let message = "lambdas need a feature gate of the collector that Alloy does not switch on";
                self.refuse(value.range.clone(), message, None);
            }
            ValueKind::Nil | ValueKind::Bytes(_) | ValueKind::String(_) | ValueKind::Bool => {}
        }
    }

    fn sum(&mut self, id: Id) {
        let tree = self.tree;
        for part in tree.sums.get(id).into_iter().flat_map(|s| &s.parts) {
            match &part.kind {
                PartKind::Operand(operand) => self.operand(operand),
                PartKind::Sum(inner) => self.sum(*inner),
            }
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Editor(call) => self.misplaced(*call),
            Operand::Converter(call) => self.converter(*call),
            Operand::Path(path) => self.path(*path),
            Operand::Float(_) | Operand::Int(_) => {}
        }
    }

    fn enumeration(&mut self, range: &Range<usize>) {
        let name = self.source(range);
        if facts::enums(self.release, self.setup.context).any(|e| e == name) {
            return;
        }
        let twin = near(name, facts::enums(self.release, self.setup.context));
        let message = format!("the `{}` context has no enum `{name}`", self.setup.context);
        let help = match twin {
            Some(twin) => format!("did you mean `{twin}`?"),
            None => "texts stand between double quotes, and converters are called with parentheses".to_owned(),
        };
        self.refuse(range.clone(), message, Some(help));
    }

    /// An editor where a value should be.
    fn misplaced(&mut self, id: Id) {
        let Some(call) = self.tree.calls.get(id) else { return };
        let twin = facts::functions(self.release, self.setup.registry)
            .map(Function::name)
            .find(|n| n.starts_with(|c: char| c.is_ascii_uppercase()) && n.eq_ignore_ascii_case(&call.name));
        let message = format!("`{}` is no converter: their names begin with an upper-case letter", call.name);
        self.refuse(call.name_range.clone(), message, twin.map(|t| format!("did you mean `{t}`?")));
    }

    fn lower_twin(&self, name: &str) -> Option<&'static str> {
        facts::functions(self.release, self.setup.registry)
            .map(Function::name)
            .find(|n| n.starts_with(|c: char| c.is_ascii_lowercase()) && n.eq_ignore_ascii_case(name))
    }

    fn converter(&mut self, id: Id) {
        self.call(id);
        let tree = self.tree;
        if let Some(call) = tree.calls.get(id).filter(|_| self.converter_keys) {
            self.keys(&call.keys);
        }
    }

    fn keys(&mut self, keys: &[Key]) {
        for key in keys {
            match &key.kind {
                KeyKind::Fixed => {}
                KeyKind::Sum(sum) => self.sum(*sum),
                KeyKind::Operand(operand) => self.operand(operand),
            }
        }
    }
}

// Calls.
impl Judge<'_> {
    fn call(&mut self, id: Id) {
        let tree = self.tree;
        let Some(call) = tree.calls.get(id) else { return };
        match facts::function(self.release, self.setup.registry, &call.name) {
            None => self.unknown_function(&call.name, &call.name_range),
            Some(None) => {}
            Some(Some(function)) => {
                let asked = function.arguments();
                if asked.is_none() && self.visitor {
                    call.arguments.iter().for_each(|g| self.editors_within(g));
                }
                if let Some(arguments) = asked {
                    let before = self.errors.len();
                    let given = self.arguments(call, &arguments);
                    if self.errors.len() == before {
                        making::check(self, function, call, &given);
                    }
                }
            }
        }
    }

    /// Arguments that are not built are still read for editors.
    fn editors_within(&mut self, given: &Given) {
        let tree = self.tree;
        let mut values: Vec<Id> = match given.value {
            GivenValue::Value(id) => vec![id],
            GivenValue::Function(..) => Vec::new(),
        };
        while let Some(value) = values.pop().and_then(|id| tree.values.get(id)) {
            match &value.kind {
                ValueKind::Operand(Operand::Editor(call)) => self.misplaced(*call),
                ValueKind::List(inner) | ValueKind::Map(inner) => values.extend(inner),
                _ => {}
            }
        }
    }

    fn unknown_function(&mut self, name: &str, range: &Range<usize>) {
        let homes = facts::homes(self.release, self.component, self.kind, name);
        if !homes.is_empty() {
            let message = format!("`{name}` is no function of the `{}` context", self.setup.context);
            let homes: Vec<String> = homes.iter().map(|h| format!("`{h}`")).collect();
            let help = format!("move the statement to the context {}", homes.join(" or "));
            self.errors.push(Error { range: range.clone(), message, help: Some(help), moved: true });
            return;
        }
        let names = || facts::functions(self.release, self.setup.registry).map(Function::name);
        let twin = names().find(|n| n.eq_ignore_ascii_case(name)).or_else(|| near(name, names()));
        let message = format!("there is no function `{name}` in this version");
        self.refuse(range.clone(), message, twin.map(|t| format!("did you mean `{t}`?")));
    }

    /// Holds what is given against what is asked; the value of each field that was given one.
    fn arguments(&mut self, call: &Call, asked: &[Argument]) -> Vec<Option<Id>> {
        let mut fields = vec![None; asked.len()];
        let named = call.arguments.iter().position(|g| g.name.is_some());
        if let Some(first) = named
            && let Some(late) = call.arguments[first..].iter().find(|g| g.name.is_none())
        {
            let range = self.given_range(late);
            self.refuse(range, "an argument without a name follows one with a name", None);
            return fields;
        }
        let required = asked.iter().filter(|a| !a.optional).count();
        let count = call.arguments.len();
        if count < required || count > asked.len() {
            let message = format!("`{}` takes {}, not {count}", call.name, amount(required, asked.len()));
            let list: Vec<String> = asked.iter().map(describe).collect();
            let help = (!asked.is_empty()).then(|| format!("it takes {}", list.join(", ")));
            self.refuse(call.range.clone(), message, help);
            return fields;
        }
        for (place, given) in call.arguments.iter().enumerate() {
            let at = match &given.name {
                None => place,
                Some((name, range)) => {
                    let field = camel(name);
                    let Some(at) = asked.iter().position(|a| a.name == field) else {
                        let names: Vec<String> = asked.iter().map(|a| snake(a.name)).collect();
                        let help = near(name, names.iter().map(String::as_str))
                            .map(|t| format!("did you mean `{t}`?"))
                            .or_else(|| (!names.is_empty()).then(|| format!("it has {}", names.join(", "))));
                        self.refuse(range.clone(), format!("`{}` has no argument `{name}`", call.name), help);
                        continue;
                    };
                    at
                }
            };
            let Some(argument) = asked.get(at) else { continue };
            self.argument(call, argument, given);
            if let (GivenValue::Value(id), Some(field)) = (&given.value, fields.get_mut(at)) {
                *field = Some(*id);
            }
        }
        fields
    }

    fn given_range(&self, given: &Given) -> Range<usize> {
        match &given.value {
            GivenValue::Value(id) => self.tree.values.get(*id).map_or(0..0, |v| v.range.clone()),
            GivenValue::Function(_, range) => range.clone(),
        }
    }

    fn argument(&mut self, call: &Call, argument: &Argument, given: &Given) {
        if argument.kind == "FunctionGetter" {
            self.function_name(call, argument, given);
            return;
        }
        match &given.value {
            GivenValue::Value(id) => self.typed(call, argument, argument.kind, *id),
            GivenValue::Function(name, range) => {
                let message = format!("`{name}` is neither called nor an enum");
                let help =
                    facts::function(self.release, self.setup.registry, name).map(|_| format!("call it: `{name}(…)`"));
                self.refuse(range.clone(), message, help);
            }
        }
    }

    fn function_name(&mut self, call: &Call, argument: &Argument, given: &Given) {
        let tree = self.tree;
        let (name, range) = match &given.value {
            GivenValue::Function(name, range) => (name.as_str(), range),
            GivenValue::Value(id) => match tree.values.get(*id) {
                Some(value) if matches!(value.kind, ValueKind::Enum) => (self.source(&value.range), &value.range),
                _ => {
                    let range = self.given_range(given);
                    let message = format!("`{}` of `{}` is the name of a function", snake(argument.name), call.name);
                    self.refuse(range, message, Some("name it without parentheses, such as `SHA256`".to_owned()));
                    return;
                }
            },
        };
        if facts::function(self.release, self.setup.registry, name).is_none() {
            let (name, range) = (name.to_owned(), range.clone());
            self.unknown_function(&name, &range);
        }
    }

    fn mismatch(&mut self, call: &Call, argument: &Argument, id: Id, wanted: &str) {
        let range = self.tree.values.get(id).map_or(0..0, |v| v.range.clone());
        self.refuse(range, format!("`{}` of `{}` is {wanted}", snake(argument.name), call.name), None);
    }

    /// A value where an argument of a Go type stands.
    fn typed(&mut self, call: &Call, argument: &Argument, kind: &str, id: Id) {
        let tree = self.tree;
        let Some(value) = tree.values.get(id) else { return };
        let known = |ok: bool| ok.then_some(());
        match kind {
            "Setter" | "GetSetter" | "PMapGetSetter" | "PSliceGetSetter" => match value.kind {
                ValueKind::Operand(Operand::Path(path)) => self.path(path),
                _ => self.mismatch(call, argument, id, "a path"),
            },
            "string" if known(matches!(value.kind, ValueKind::String(_))).is_none() => {
                self.mismatch(call, argument, id, "a text between double quotes, known beforehand");
            }
            "float64" if !matches!(value.kind, ValueKind::Operand(Operand::Float(_))) => {
                self.mismatch(call, argument, id, "a number with a decimal point");
            }
            "int64" if !matches!(value.kind, ValueKind::Operand(Operand::Int(_))) => {
                self.mismatch(call, argument, id, "a whole number");
            }
            "bool" if !matches!(value.kind, ValueKind::Bool) => {
                self.mismatch(call, argument, id, "`true` or `false`");
            }
            "[]byte" if !matches!(value.kind, ValueKind::Bytes(_)) => {
                self.mismatch(call, argument, id, "bytes such as `0x0a1b`");
            }
            "LambdaExpression" => match value.kind {
                ValueKind::Lambda => self.getter(id),
                _ => self.mismatch(call, argument, id, "a lambda, which only a feature gate of the collector allows"),
            },
            _ => self.evaluated(call, argument, kind, id),
        }
    }

    fn evaluated(&mut self, call: &Call, argument: &Argument, kind: &str, id: Id) {
        if let Some(element) = kind.strip_prefix("[]") {
            let tree = self.tree;
            match tree.values.get(id).map(|v| &v.kind) {
                _ if element == "byte" => {}
                Some(ValueKind::List(values)) => {
                    values.iter().for_each(|v| self.typed(call, argument, element, *v));
                }
                _ => self.mismatch(call, argument, id, "a list between brackets"),
            }
            return;
        }
        if !kind.ends_with("Getter") {
            return;
        }
        let before = self.errors.len();
        self.getter(id);
        if !self.literal_types || self.errors.len() > before {
            return;
        }
        if let Some(found) = literal::of(self.tree, id, self.empty_literals)
            && let Some(wanted) = found.refused_as(kind)
        {
            self.mismatch(call, argument, id, wanted);
        }
    }

    /// The value of an argument, when it is written down.
    pub(super) fn literal(&self, id: Id) -> Option<Literal<'_>> {
        literal::of(self.tree, id, self.empty_literals)
    }
}

/// How many arguments.
fn amount(least: usize, most: usize) -> String {
    let noun = if most == 1 { "argument" } else { "arguments" };
    match (least, most) {
        (0, 0) => "no arguments".to_owned(),
        _ if least == most => format!("{most} {noun}"),
        _ if least + 1 == most => format!("{least} or {most} {noun}"),
        _ => format!("{least} to {most} {noun}"),
    }
}

fn describe(argument: &Argument) -> String {
    let name = snake(argument.name);
    if argument.optional { format!("[{name}]") } else { name }
}

/// The field that the engine looks for when an argument is named (iancoleman/strcase@v0.3.0, `ToCamel`).
fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let (mut up, mut previous_up) = (true, false);
    for c in name.chars() {
        let is_up = c.is_ascii_uppercase();
        let c = match c {
            _ if up => c.to_ascii_uppercase(),
            _ if previous_up && is_up => c.to_ascii_lowercase(),
            _ => c,
        };
        previous_up = is_up;
        if c.is_ascii_alphabetic() {
            out.push(c);
            up = false;
        } else if c.is_ascii_digit() {
            out.push(c);
            up = true;
        } else {
            up = c == '_';
        }
    }
    out
}

/// The name that a person writes for a field.
pub(super) fn snake(field: &str) -> String {
    let mut out = String::with_capacity(field.len() + 4);
    let mut before = ' ';
    for c in field.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
        before = c;
    }
    out
}

// Paths.
impl Judge<'_> {
    pub(super) fn path(&mut self, id: Id) {
        let tree = self.tree;
        let Some(path) = tree.paths.get(id) else { return };
        for field in &path.fields {
            self.keys(&field.keys);
        }
        let mut segments: Vec<Segment<'_>> = Vec::new();
        if let Some((name, range)) = &path.context {
            segments.push(Segment { name, range: range.clone(), keys: &[] });
        }
        let fields = path.fields.iter();
        segments.extend(fields.map(|f| Segment { name: &f.name, range: f.range.clone(), keys: &f.keys }));
        let named = path.context.as_ref().is_some_and(|(c, _)| self.prefixes.contains(&c.as_str()));
        let mut implied = 0;
        let form = match self.setup.mode {
            Mode::Bare => "bare",
            _ if named => "named",
            Mode::Prepend => {
                implied = 1;
                segments.insert(0, Segment { name: self.setup.context, range: path.range.clone(), keys: &[] });
                "named"
            }
            Mode::Infer => {
                let list: Vec<String> = self.prefixes.iter().map(|p| format!("`{p}`")).collect();
                let message = format!("the path `{}` does not say its context", self.source(&path.range));
                let help = format!("put its context before it: one of {}", list.join(", "));
                self.refuse(path.range.clone(), message, Some(help));
                return;
            }
        };
        self.segments(&segments, implied, form);
    }

    /// Finds the pattern that holds the most of the path; the user did not write the first `implied` segments.
    fn segments(&mut self, path: &[Segment<'_>], implied: usize, form: &str) {
        let mut longest = 0;
        let mut keyed = None;
        for pattern in facts::paths(self.release, self.setup.context, form) {
            let mut held = 0;
            for (at, part) in pattern.split('.').enumerate() {
                let Some(segment) = path.get(at) else { break };
                if part.strip_suffix('?').is_some_and(|p| p == segment.name) {
                    return;
                }
                let (name, mark) = part.split_at(part.find('[').unwrap_or(part.len()));
                if name != segment.name {
                    break;
                }
                if !allows(mark, segment.keys.len()) {
                    keyed = keyed.max(Some((at, mark)));
                    break;
                }
                held += 1;
            }
            if held == path.len() && pattern.split('.').count() == held {
                return;
            }
            longest = longest.max(held);
        }
        match keyed {
            Some((at, mark)) if at >= longest => self.wrong_keys(&path[at], mark),
            _ => self.unknown_segment(path, longest, implied, form),
        }
    }

    fn wrong_keys(&mut self, segment: &Segment<'_>, mark: &str) {
        let start = segment.keys.first().map_or(segment.range.start, |k| k.range.start);
        let end = segment.keys.last().map_or(segment.range.end, |k| k.range.end);
        let message = match mark {
            "" => format!("`{}` has no keys", segment.name),
            "[1]" | "[=1]" => format!("`{}` has one key", segment.name),
            _ => format!("`{}` needs a key", segment.name),
        };
        self.refuse(start..end, message, None);
    }

    fn unknown_segment(&mut self, path: &[Segment<'_>], held: usize, implied: usize, form: &str) {
        let names: Vec<&str> = path.iter().map(|s| s.name).collect();
        let context = self.setup.context;
        let follow: Vec<&'static str> = facts::paths(self.release, context, form)
            .filter(|p| p.split('.').map(bare).take(held).eq(names[..held].iter().copied()))
            .filter_map(|p| p.split('.').nth(held).map(bare))
            .collect();
        let Some(segment) = path.get(held) else {
            // The path stops where it cannot.
            let range = path.last().map_or(0..0, |s| s.range.clone());
            let message = format!("the path `{}` goes on: it is no value by itself", names[implied..].join("."));
            let list: Vec<String> = unique(&follow).iter().map(|f| format!("`{f}`")).collect();
            self.refuse(range, message, Some(format!("go on with {}", list.join(", "))));
            return;
        };
        let help = near(segment.name, follow.iter().copied())
            .map(|t| format!("did you mean `{t}`?"))
            .or_else(|| elsewhere(self.release, context, segment.name))
            .or_else(|| {
                let list: Vec<String> = unique(&follow).iter().map(|f| format!("`{f}`")).collect();
                (held > implied && !list.is_empty()).then(|| format!("it has {}", list.join(", ")))
            });
        let message = match names.get(implied..held) {
            None | Some([]) => format!("the `{context}` context has no path `{}`", segment.name),
            Some(known) => format!("`{}` has no part `{}` in the `{context}` context", known.join("."), segment.name),
        };
        self.refuse(segment.range.clone(), message, help);
    }
}

struct Segment<'t> {
    name: &'t str,
    range: Range<usize>,
    keys: &'t [Key],
}

fn bare(part: &'static str) -> &'static str {
    part.split(['[', '?']).next().unwrap_or(part)
}

fn unique(names: &[&'static str]) -> Vec<&'static str> {
    let mut out: Vec<&'static str> = Vec::new();
    for name in names {
        if !out.contains(name) {
            out.push(name);
        }
    }
    out
}

/// The marks are those of `xtask/catalogue/ottl/paths.go`.
fn allows(mark: &str, keys: usize) -> bool {
    match mark {
        "" => keys == 0,
        "[1]" => keys <= 1,
        "[+]" => keys >= 1,
        "[=1]" => keys == 1,
        _ => true,
    }
}

/// Which other contexts have a path that begins so.
fn elsewhere(release: Release, context: &str, name: &str) -> Option<String> {
    const CONTEXTS: [&str; 7] = ["log", "span", "spanevent", "metric", "datapoint", "scope", "resource"];
    let found = CONTEXTS
        .iter()
        .filter(|c| **c != context)
        .find(|c| facts::paths(release, c, "bare").any(|p| p.split('.').next().map(bare) == Some(name)))?;
    Some(format!("the `{found}` context has it"))
}
