//! Which context a group of texts is for, when the group does not say: the engine's inference by priority
//! (pkg/ottl/context_inferrer.go and parser_collection.go@v0.158.0).

use super::ast::*;
use super::facts::{self, Release, Setup};

/// What texts say about their context.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// The context that each path begins with, or "".
    contexts: Vec<String>,
    functions: Vec<String>,
    enums: Vec<String>,
}

/// Why no context fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// No path says a context.
    Nothing,
    /// The context is none of this signal.
    Foreign(String),
    /// No context has this function, or this enum, together with the rest.
    Lacking { context: String, what: String },
}

impl Hints {
    /// Adds what a text says.
    pub(super) fn add(&mut self, text: &str, tree: &Tree, root: &Root, release: Release) {
        let mut walk = Walk { text, tree, hints: self, converter_keys: release.has("converter_keys") };
        match root {
            Root::Statement { call, condition } => {
                walk.call(*call, false);
                if let Some(condition) = condition {
                    walk.condition(*condition);
                }
            }
            Root::Converter(_) => {}
            Root::Condition(id) => walk.condition(*id),
            Root::Value(id) => walk.value(*id),
        }
    }

    /// The context that fits, as one of the setups. `None` when inference is not known at this version.
    pub(super) fn context(&self, release: Release, offered: &[Setup]) -> Option<Result<Setup, Misfit>> {
        let order = release.priority()?;
        let rank = |context: &str| order.iter().position(|c| *c == context).unwrap_or(usize::MAX);
        let mut best = "";
        for context in &self.contexts {
            if best.is_empty() || rank(context) < rank(best) {
                best = context;
            }
        }
        if best.is_empty() {
            return Some(Err(Misfit::Nothing));
        }
        let candidate = offered.iter().find(|s| s.context == best);
        let Some(candidate) = candidate else { return Some(Err(Misfit::Foreign(best.to_owned()))) };
        let Some(what) = self.lacking(release, *candidate) else { return Some(Ok(*candidate)) };
        let mut lower: Vec<&Setup> =
            offered.iter().filter(|s| s.context != best && release.prefixes(s.context).contains(&best)).collect();
        lower.sort_by_key(|s| rank(s.context));
        let fits = lower.into_iter().find(|s| self.lacking(release, **s).is_none());
        Some(fits.copied().ok_or(Misfit::Lacking { context: best.to_owned(), what }))
    }

    fn lacking(&self, release: Release, setup: Setup) -> Option<String> {
        let function = self.functions.iter().find(|f| facts::function(release, setup.registry, f).is_none());
        let held = |name: &String| facts::enums(release, setup.context).any(|e| e == name);
        function.or_else(|| self.enums.iter().find(|e| !held(e))).cloned()
    }
}

struct Walk<'w> {
    text: &'w str,
    tree: &'w Tree,
    hints: &'w mut Hints,
    converter_keys: bool,
}

impl Walk<'_> {
    fn call(&mut self, id: Id, converter: bool) {
        let tree = self.tree;
        let Some(call) = tree.calls.get(id) else { return };
        self.hints.functions.push(call.name.clone());
        for given in &call.arguments {
            if let GivenValue::Value(value) = given.value {
                self.value(value);
            }
        }
        if converter && self.converter_keys {
            self.keys(&call.keys);
        }
    }

    fn condition(&mut self, id: Id) {
        let tree = self.tree;
        for term in tree.conditions.get(id).into_iter().flat_map(|c| &c.terms) {
            match term {
                Term::Comparison(left, right) => {
                    self.value(*left);
                    self.value(*right);
                }
                Term::Constant => {}
                Term::Converter(call) => self.call(*call, true),
                Term::Condition(inner) => self.condition(*inner),
            }
        }
    }

    fn value(&mut self, id: Id) {
        let tree = self.tree;
        let Some(value) = tree.values.get(id) else { return };
        match &value.kind {
            ValueKind::Operand(operand) => self.operand(operand),
            ValueKind::Sum(sum) => self.sum(*sum),
            ValueKind::List(values) | ValueKind::Map(values) => values.iter().for_each(|v| self.value(*v)),
            ValueKind::Enum => {
                let name = self.text.get(value.range.clone()).unwrap_or_default();
                self.hints.enums.push(name.to_owned());
            }
            ValueKind::Lambda | ValueKind::Nil | ValueKind::Bytes(_) | ValueKind::String(_) | ValueKind::Bool => {}
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
            Operand::Editor(call) => self.call(*call, false),
            Operand::Converter(call) => self.call(*call, true),
            Operand::Path(path) => self.path(*path),
            Operand::Float(_) | Operand::Int(_) => {}
        }
    }

    fn path(&mut self, id: Id) {
        let tree = self.tree;
        let Some(path) = tree.paths.get(id) else { return };
        let context = path.context.as_ref().map_or_else(String::new, |(name, _)| name.clone());
        self.hints.contexts.push(context);
        for field in &path.fields {
            self.keys(&field.keys);
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
