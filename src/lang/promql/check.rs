//! Types and rules of meaning, once the syntax is right: `checkAST` in
//! prometheus/prometheus promql/parser/parse.go@v3.14.0.

use std::collections::HashSet;
use std::ops::Range;

use super::ast::{Matching, Name, NodeId, NodeKind, Operator, Selector, ValueType};
use super::functions::{Function, function};
use super::parser::Parser;

/// Judges every node; what it finds joins the errors of the parser.
pub(super) fn check(parser: &mut Parser<'_>) {
    let nodes = std::mem::take(&mut parser.nodes);
    let mut free = Vec::new();
    // Children come before parents, but `info` frees its second argument from the rule about empty matchers.
    for node in &nodes {
        if let NodeKind::Call { function, args } = &node.kind
            && function.value == "info"
            && let Some(second) = args.get(1)
        {
            free.push(second.0);
        }
    }
    free.sort_unstable();
    let mut checker = Checker { parser, types: nodes.iter().map(|n| (n.value_type, n.range.clone())).collect() };
    for (i, node) in nodes.iter().enumerate() {
        let range = &node.range;
        match &node.kind {
            NodeKind::Number(_) | NodeKind::String(_) | NodeKind::Matrix { .. } | NodeKind::Paren(_) => {}
            NodeKind::Selector(selector) => {
                checker.selector(selector, range, free.binary_search(&(i as u32)).is_ok());
            }
            NodeKind::Subquery { inner, .. } => {
                checker.expect(*inner, ValueType::Vector, "a subquery");
            }
            NodeKind::Unary { inner, .. } => checker.operand(*inner, "a sign is only allowed before"),
            NodeKind::Binary { operator, matching, left, right } => {
                checker.binary(operator, matching, *left, *right, range);
            }
            NodeKind::Aggregation { operator, param, inner, .. } => {
                checker.aggregation(operator, *param, *inner);
            }
            NodeKind::Call { function: name, args } => {
                if !name.dynamic
                    && let Some(known) = function(&name.value)
                {
                    checker.call(known, args, range);
                    if known.name == "info"
                        && let Some(second) = args.get(1)
                    {
                        let (ty, at) = checker.of(*second);
                        if !matches!(&nodes[second.0 as usize].kind, NodeKind::Selector(s) if s.name.is_none())
                            && ty.is_some()
                        {
                            checker.parser.object(at, "`info` takes label matchers without a metric name here");
                        }
                    }
                }
            }
        }
    }
    parser.nodes = nodes;
}

struct Checker<'p, 't> {
    parser: &'p mut Parser<'t>,
    types: Vec<(Option<ValueType>, Range<usize>)>,
}

impl Checker<'_, '_> {
    fn of(&self, id: NodeId) -> (Option<ValueType>, Range<usize>) {
        self.types.get(id.0 as usize).cloned().unwrap_or((None, 0..0))
    }

    fn expect(&mut self, id: NodeId, wanted: ValueType, place: &str) {
        let (found, range) = self.of(id);
        if let Some(found) = found
            && found != wanted
        {
            let message = format!("expected type {} in {place}, got {}", wanted.name(), found.name());
            self.parser.object(range, message);
        }
    }

    /// Only numbers and instant vectors can be calculated with.
    fn operand(&mut self, id: NodeId, rule: &str) {
        let (found, range) = self.of(id);
        if let Some(found @ (ValueType::Matrix | ValueType::String)) = found {
            let message = format!("{rule} a scalar or instant vector, got {}", found.name());
            self.parser.object(range, message);
        }
    }

    fn selector(&mut self, selector: &Selector, range: &Range<usize>, may_be_empty: bool) {
        if let Some(name) = &selector.name {
            if let Some(m) = selector.matchers.iter().find(|m| m.label.value == "__name__") {
                let message = format!("metric name must not be set twice: `{}` or `{}`", name.value, m.value.value);
                self.parser.object(range.clone(), message);
            }
            return;
        }
        if may_be_empty || selector.open {
            return;
        }
        if selector.matchers.iter().all(|m| m.matches_empty() == Some(true)) {
            let message = "vector selector must contain at least one matcher that does not match the empty value";
            self.parser.object(range.clone(), message);
        }
    }

    fn aggregation(&mut self, operator: &Name, param: Option<NodeId>, inner: NodeId) {
        if operator.dynamic {
            return;
        }
        self.expect(inner, ValueType::Vector, &format!("aggregation `{}`", operator.value));
        let Some(param) = param else { return };
        let wanted = if operator.value == "count_values" { ValueType::String } else { ValueType::Scalar };
        self.expect(param, wanted, &format!("the parameter of `{}`", operator.value));
    }

    fn call(&mut self, function: &Function, args: &[NodeId], range: &Range<usize>) {
        let (name, declared, given) = (function.name, function.args.len(), args.len());
        let least = if function.variadic == 0 { declared } else { declared.saturating_sub(1) };
        let most = match function.variadic {
            0 => Some(declared),
            n => usize::try_from(n).ok().map(|n| least + n),
        };
        let complaint = if function.variadic == 0 && given != declared {
            Some(format!("expected {declared} argument(s) in call to `{name}`, got {given}"))
        } else if given < least {
            Some(format!("expected at least {least} argument(s) in call to `{name}`, got {given}"))
        } else {
            most.filter(|most| given > *most)
                .map(|most| format!("expected at most {most} argument(s) in call to `{name}`, got {given}"))
        };
        if let Some(message) = complaint {
            self.parser.object(range.clone(), message);
        }
        for (i, arg) in args.iter().enumerate() {
            let wanted = match function.args.get(i) {
                Some(wanted) => wanted,
                None if function.variadic == 0 => break,
                None => match function.args.last() {
                    Some(last) => last,
                    None => break,
                },
            };
            self.expect(*arg, *wanted, &format!("call to function `{name}`"));
        }
    }

    fn binary(&mut self, op: &Operator, matching: &Matching, left: NodeId, right: NodeId, range: &Range<usize>) {
        let (left_type, right_type) = (self.of(left).0, self.of(right).0);
        let at = op.range.clone();
        if matching.bool_modifier && !op.compares() {
            self.parser.object(at.clone(), "`bool` can only be used with a comparison");
        }
        let scalar = Some(ValueType::Scalar);
        if op.compares() && !matching.bool_modifier && left_type == scalar && right_type == scalar {
            let help = format!("write `{} bool`", op.symbol);
            self.parser.object_with(at.clone(), "a comparison between scalars must use `bool`", Some(help));
        }
        if let (Some((true, on)), Some((_, group))) = (&matching.labels, &matching.group) {
            let group: HashSet<&str> = group.iter().filter(|l| !l.dynamic).map(|l| l.value.as_str()).collect();
            for label in on.iter().filter(|l| !l.dynamic && group.contains(l.value.as_str())) {
                let message = format!("label `{}` must not be in `on` and in the group modifier", label.value);
                self.parser.object(at.clone(), message);
            }
        }
        self.operand(left, "the left side of an operator must be");
        self.operand(right, "the right side of an operator must be");
        let no_vector = |t: Option<ValueType>| t.is_some_and(|t| t != ValueType::Vector);
        if no_vector(left_type) || no_vector(right_type) {
            if matching.labels.as_ref().is_some_and(|(_, labels)| !labels.is_empty()) {
                self.parser.object(range.clone(), "series can only be matched between instant vectors");
            }
            if matching.fill {
                self.parser.object(range.clone(), "missing series can only be filled between instant vectors");
            }
        } else if op.is_set() {
            if matching.group.is_some() {
                self.parser.object(range.clone(), format!("no grouping is allowed for `{}`", op.symbol));
            }
            if matching.fill {
                self.parser.object(range.clone(), format!("no filling is allowed for `{}`", op.symbol));
            }
        }
        if op.is_set() && (left_type == scalar || right_type == scalar) {
            self.parser.object(range.clone(), format!("set operator `{}` is not allowed with a scalar", op.symbol));
        }
    }
}
