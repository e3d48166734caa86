//! The labels of what a query gives (prometheus/prometheus promql/engine.go `resultMetric`, `aggregation`,
//! promql/functions.go@v3.14.0).

use std::ops::Range;

use super::{Set, Value};
use crate::lang::promql::{
    Grouping, MatchOp, Matching, Name, NodeId, NodeKind, Operator, Query, Selector, ValueType, function,
};

/// Functions whose labels depend on more than those of their argument: they make some, or take some from elsewhere.
const MAKES: [&str; 7] =
    ["absent", "absent_over_time", "histogram_quantiles", "info", "label_join", "label_replace", "vector"];

/// The labels of the series that a query gives, without the name of the metric. `of` knows those of a selector; `None` = any.
#[must_use]
pub fn result(query: &Query, mut of: impl FnMut(&Selector) -> Option<Set>) -> Set {
    let mut done: Vec<Option<Set>> = Vec::new();
    // Children come before parents, and each has one parent.
    for (_, node) in query.nodes() {
        let mut take = |id: NodeId| done.get_mut(id.index()).and_then(Option::take).unwrap_or_else(Set::open);
        let set = match &node.kind {
            NodeKind::Number(_) | NodeKind::String(_) => Set::empty(),
            NodeKind::Selector(selector) => selected(selector, of(selector).unwrap_or_else(Set::open)),
            NodeKind::Matrix { selector, .. } => take(*selector),
            NodeKind::Subquery { inner, .. } | NodeKind::Unary { inner, .. } | NodeKind::Paren(inner) => take(*inner),
            NodeKind::Call { function, args } => called(query, function, args, take),
            NodeKind::Aggregation { operator, grouping, inner, .. } => {
                aggregated(&operator.value, grouping.as_ref(), take(*inner))
            }
            NodeKind::Binary { operator, matching, left, right } => {
                let types = (query[*left].value_type, query[*right].value_type);
                let (left, right) = (take(*left), take(*right));
                match types {
                    (Some(ValueType::Scalar), _) => right,
                    (_, Some(ValueType::Scalar)) => left,
                    (Some(ValueType::Vector), Some(ValueType::Vector)) => paired(operator, matching, left, right),
                    // A variable may be either.
                    _ => Set::open(),
                }
            }
        };
        done.push(Some(set));
    }
    done.get_mut(query.root().index()).and_then(Option::take).unwrap_or_else(Set::open)
}

/// Where the labels of a result are decided last: the outermost operator that names those that stay, or those that go.
#[must_use]
pub fn decided(query: &Query) -> Option<Range<usize>> {
    let mut at = query.root();
    loop {
        let node = &query[at];
        at = match &node.kind {
            NodeKind::Aggregation { operator, grouping, inner, .. } => {
                if picks(&operator.value) {
                    *inner
                } else {
                    // `by` may stand behind the brackets.
                    let end = grouping.as_ref().and_then(|g| g.labels.last()).map(|l| l.range.end);
                    let begin = operator.range.start;
                    let before = query[*inner].range.start;
                    return Some(begin..end.filter(|e| *e < before).unwrap_or(operator.range.end));
                }
            }
            NodeKind::Subquery { inner, .. } | NodeKind::Unary { inner, .. } | NodeKind::Paren(inner) => *inner,
            NodeKind::Call { args, .. } => *args.iter().find(|a| is_series(query, **a))?,
            NodeKind::Binary { operator, matching, left, right } => {
                if matching.labels.is_some() && matching.group.is_none() && !operator.is_set() {
                    return Some(operator.range.clone());
                }
                let swapped = matches!(matching.group, Some((false, _)));
                if swapped || !is_series(query, *left) { *right } else { *left }
            }
            _ => return None,
        };
    }
}

fn is_series(query: &Query, id: NodeId) -> bool {
    matches!(query[id].value_type, Some(ValueType::Vector | ValueType::Matrix))
}

/// Operators that give some of the series that they are given.
fn picks(operator: &str) -> bool {
    matches!(operator, "topk" | "bottomk" | "limitk" | "limit_ratio")
}

fn selected(selector: &Selector, mut set: Set) -> Set {
    set.put("__name__", Value::absent());
    if selector.opaque {
        return Set::open();
    }
    for matcher in selector.matchers.iter().filter(|m| !m.label.dynamic && m.label.value != "__name__") {
        let label = &matcher.label.value;
        if matcher.op == MatchOp::Equal && !matcher.value.dynamic {
            set.put(label.clone(), Value::is(matcher.value.value.clone()));
        } else if matcher.matches_empty() == Some(false) {
            set.put(label.clone(), set.get(label).filled());
        }
    }
    set
}

fn called(query: &Query, name: &Name, args: &[NodeId], mut take: impl FnMut(NodeId) -> Set) -> Set {
    let known = function(&name.value).filter(|_| !name.dynamic);
    let series: Vec<NodeId> = args.iter().copied().filter(|a| is_series(query, *a)).collect();
    let unsure = args.iter().any(|a| query[*a].value_type.is_none());
    match (known, name.value.as_str()) {
        (_, "vector") => Set::empty(),
        (Some(f), _) if f.returns == ValueType::Scalar => Set::empty(),
        (Some(_), name) if unsure || MAKES.contains(&name) => Set::open(),
        (Some(_), name) => match series[..] {
            [] => Set::empty(),
            [only] => {
                let mut set = take(only);
                // Buckets become one; a native histogram keeps a label of that name.
                if name.starts_with("histogram_") && !set.get("le").is_absent() {
                    set.put("le", Value::Any);
                }
                set
            }
            _ => Set::open(),
        },
        (None, _) => Set::open(),
    }
}

fn aggregated(operator: &str, grouping: Option<&Grouping>, inner: Set) -> Set {
    // What `count_values` writes is named by its parameter.
    if operator == "count_values" || grouping.is_some_and(|g| g.labels.iter().any(|l| l.dynamic)) {
        return Set::open();
    }
    if picks(operator) {
        return inner;
    }
    match grouping {
        Some(grouping) if grouping.without => less(inner, &grouping.labels),
        grouping => only(&inner, grouping.map_or(&[][..], |g| g.labels.as_slice())),
    }
}

fn less(mut set: Set, labels: &[Name]) -> Set {
    for label in labels {
        set.put(label.value.clone(), Value::absent());
    }
    set
}

fn only(from: &Set, labels: &[Name]) -> Set {
    let mut set = Set::empty();
    for label in labels.iter().filter(|l| l.value != "__name__") {
        set.put(label.value.clone(), from.get(&label.value));
    }
    set
}

/// Two vectors.
fn paired(operator: &Operator, matching: &Matching, left: Set, right: Set) -> Set {
    let named = matching.labels.iter().flat_map(|(_, names)| names);
    let included = matching.group.iter().flat_map(|(_, names)| names);
    if matching.fill || named.chain(included).any(|n| n.dynamic) {
        return Set::open();
    }
    match operator.symbol {
        "and" | "unless" => return left,
        "or" => return left.or(right),
        _ => {}
    }
    let Some((of_left, included)) = &matching.group else {
        return match &matching.labels {
            Some((true, names)) => only(&left, names),
            Some((false, names)) => less(left, names),
            None => left,
        };
    };
    let (mut many, one) = if *of_left { (left, right) } else { (right, left) };
    for name in included {
        many.put(name.value.clone(), one.get(&name.value));
    }
    many
}
