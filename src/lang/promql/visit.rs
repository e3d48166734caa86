//! What other rooms ask of a query: every selector, and what stands around it.

use std::ops::Range;

use super::ast::{Duration, Grouping, MatchOp, Matcher, Name, NodeId, NodeKind, Query, Selector};

/// A call or aggregation around a selector.
#[derive(Debug, Clone, Copy)]
pub struct Enclosing<'q> {
    /// Its node.
    pub node: NodeId,
    /// Name of the function or of the aggregation operator.
    pub name: &'q Name,
    /// For an aggregation with `by` or `without`: its labels.
    pub grouping: Option<&'q Grouping>,
    /// Which argument the selector stands in, counted from 0.
    pub argument: usize,
}

/// One vector selector with its surroundings.
#[derive(Debug, Clone)]
pub struct Selection<'q, 's> {
    /// The selector.
    pub selector: &'q Selector,
    /// Its bytes.
    pub range: Range<usize>,
    /// Its own range (`[5m]`).
    pub window: Option<&'q Duration>,
    /// Calls and aggregations around it, the outermost first.
    pub enclosing: &'s [Enclosing<'q>],
}

impl<'q> Selection<'q, '_> {
    /// The metric it selects: the name before the braces or the value of an equality matcher on `__name__`.
    /// Ask [`Name::dynamic`] whether the value is the real one.
    pub fn metric(&self) -> Option<&'q Name> {
        let named = |m: &&Matcher| m.label.value == "__name__" && !m.label.dynamic && m.op == MatchOp::Equal;
        self.selector.name.as_ref().or_else(|| self.selector.matchers.iter().find(named).map(|m| &m.value))
    }

    /// Whether a call or aggregation of that name stands around it.
    pub fn inside(&self, name: &str) -> bool {
        self.enclosing.iter().any(|e| e.name.value == name)
    }

    /// Whether it is asked whether there is none.
    pub fn asks_absence(&self) -> bool {
        self.inside("absent") || self.inside("absent_over_time")
    }
}

impl Query {
    /// Shows every vector selector to `each`, in the order of the text.
    pub fn selections<'q>(&'q self, mut each: impl FnMut(&Selection<'q, '_>)) {
        enum Step<'a> {
            Enter(NodeId, Option<&'a Duration>),
            Push(Enclosing<'a>),
            Pop,
        }
        let mut enclosing: Vec<Enclosing<'q>> = Vec::new();
        let mut todo = vec![Step::Enter(self.root, None)];
        while let Some(step) = todo.pop() {
            let (id, window) = match step {
                Step::Push(e) => {
                    enclosing.push(e);
                    continue;
                }
                Step::Pop => {
                    enclosing.pop();
                    continue;
                }
                Step::Enter(id, window) => (id, window),
            };
            let node = &self[id];
            let (name, grouping) = match &node.kind {
                NodeKind::Selector(selector) => {
                    let range = node.range.clone();
                    each(&Selection { selector, range, window, enclosing: &enclosing });
                    continue;
                }
                NodeKind::Matrix { selector, window } => {
                    todo.push(Step::Enter(*selector, Some(window)));
                    continue;
                }
                NodeKind::Call { function, .. } => (Some(function), None),
                NodeKind::Aggregation { operator, grouping, .. } => (Some(operator), grouping.as_ref()),
                _ => (None, None),
            };
            for (argument, child) in node.kind.children().into_iter().enumerate().rev() {
                let Some(name) = name else {
                    todo.push(Step::Enter(child, None));
                    continue;
                };
                todo.push(Step::Pop);
                todo.push(Step::Enter(child, None));
                todo.push(Step::Push(Enclosing { node: id, name, grouping, argument }));
            }
        }
    }
}
