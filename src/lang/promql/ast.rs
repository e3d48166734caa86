//! The typed tree of one query. Nodes live in one list, children before parents, so that no walk and no drop
//! recurses however long a chain of operators is.

use std::ops::{Index, Range};

/// Type of a value: promql/parser/value.go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A number.
    Scalar,
    /// An instant vector.
    Vector,
    /// A range vector.
    Matrix,
    /// A string.
    String,
}

impl ValueType {
    /// The name used in Prometheus' documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
            Self::String => "string",
        }
    }
}

/// A word or value and its bytes in the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The value: unquoted, or as written when it is dynamic.
    pub value: String,
    /// Its bytes, quotes included.
    pub range: Range<usize>,
    /// A template variable is part of it, so the value is not known here.
    pub dynamic: bool,
}

/// Names a node in its [`Query`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// Its place in [`Query::nodes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A parsed query.
#[derive(Debug, Clone)]
pub struct Query {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

impl Query {
    /// The outermost expression.
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// The type of the whole; `None` when a template variable decides it.
    pub fn value_type(&self) -> Option<ValueType> {
        self[self.root].value_type
    }

    /// All nodes, children before parents.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(i, n)| (NodeId(i as u32), n))
    }
}

impl Index<NodeId> for Query {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

/// One expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its bytes, modifiers included.
    pub range: Range<usize>,
    /// Type of its value; `None` when a template variable decides it.
    pub value_type: Option<ValueType>,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// A number, also one written as a duration.
    Number(f64),
    /// A string.
    String(Name),
    /// A vector selector.
    Selector(Selector),
    /// `selector[range]`; offset and `@` belong to the selector, as in the engine.
    Matrix {
        /// What is selected.
        selector: NodeId,
        /// How far back.
        window: Duration,
    },
    /// `expr[range:step]`.
    Subquery {
        /// What is evaluated.
        inner: NodeId,
        /// How far back.
        window: Duration,
        /// How often; the default resolution when absent.
        step: Option<Duration>,
        /// Its own time shift.
        shift: Shift,
    },
    /// A function call.
    Call {
        /// The function.
        function: Name,
        /// Its arguments.
        args: Vec<NodeId>,
    },
    /// An aggregation.
    Aggregation {
        /// The operator in lower case.
        operator: Name,
        /// `by` or `without`.
        grouping: Option<Grouping>,
        /// The parameter of `topk` and its like.
        param: Option<NodeId>,
        /// What is aggregated.
        inner: NodeId,
    },
    /// `left operator right`.
    Binary {
        /// The operator in lower case and its bytes.
        operator: Operator,
        /// How series are matched.
        matching: Matching,
        /// Left operand.
        left: NodeId,
        /// Right operand.
        right: NodeId,
    },
    /// `+x` or `-x`.
    Unary {
        /// Whether it is a minus.
        minus: bool,
        /// The operand.
        inner: NodeId,
    },
    /// `(x)`.
    Paren(NodeId),
}

impl NodeKind {
    /// The expressions directly inside, in the order of the text.
    pub fn children(&self) -> Vec<NodeId> {
        match self {
            Self::Number(_) | Self::String(_) | Self::Selector(_) => Vec::new(),
            Self::Matrix { selector, .. } => vec![*selector],
            Self::Subquery { inner, .. } | Self::Unary { inner, .. } | Self::Paren(inner) => vec![*inner],
            Self::Call { args, .. } => args.clone(),
            Self::Aggregation { param, inner, .. } => param.iter().chain([inner]).copied().collect(),
            Self::Binary { left, right, .. } => vec![*left, *right],
        }
    }
}

/// A vector selector: `name{matchers}`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selector {
    /// The name before the braces.
    pub name: Option<Name>,
    /// The matchers inside the braces; `{"name"}` is one for `__name__`.
    pub matchers: Vec<Matcher>,
    /// Template variables inside the braces may add matchers that are not listed.
    pub open: bool,
    /// The whole selector is one template variable, so it may be any expression.
    pub opaque: bool,
    /// Time shift.
    pub shift: Shift,
    /// Experimental range modifier.
    pub edges: Option<Edges>,
}

/// How samples at the edges of a range are made: `anchored` or `smoothed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// `anchored`.
    Anchored,
    /// `smoothed`.
    Smoothed,
}

/// How a matcher compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `=`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `=~`.
    Regex,
    /// `!~`.
    NotRegex,
}

/// One label matcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The label. For `{"name"}` it is `__name__` with the range of the string.
    pub label: Name,
    /// The comparison.
    pub op: MatchOp,
    /// The value.
    pub value: Name,
    /// All its bytes.
    pub range: Range<usize>,
}

/// A span of time in the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Duration {
    /// Its bytes.
    pub range: Range<usize>,
    /// Its length, when it is a literal without template variables.
    pub seconds: Option<f64>,
}

/// Time modifiers of a selector or subquery.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shift {
    /// `offset`.
    pub offset: Option<Duration>,
    /// `@`.
    pub at: Option<At>,
}

/// The moment after `@`.
#[derive(Debug, Clone, PartialEq)]
pub enum At {
    /// Seconds since 1970; `None` when a template variable decides it.
    Time(Option<f64>),
    /// `start()`.
    Start,
    /// `end()`.
    End,
}

/// The labels of an aggregation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// `without` instead of `by`.
    pub without: bool,
    /// The labels.
    pub labels: Vec<Name>,
}

/// A binary operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// In lower case.
    pub symbol: &'static str,
    /// Its bytes.
    pub range: Range<usize>,
}

impl Operator {
    /// Whether it compares.
    pub fn compares(&self) -> bool {
        matches!(self.symbol, "==" | "!=" | "<" | "<=" | ">" | ">=")
    }

    /// Whether it is a set operator.
    pub fn is_set(&self) -> bool {
        matches!(self.symbol, "and" | "or" | "unless")
    }
}

/// How a binary operator pairs series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matching {
    /// `bool` is present.
    pub bool_modifier: bool,
    /// `on` (true) or `ignoring` (false) with its labels.
    pub labels: Option<(bool, Vec<Name>)>,
    /// `group_left` (true) or `group_right` (false) with its labels.
    pub group: Option<(bool, Vec<Name>)>,
    /// `fill`, `fill_left` or `fill_right` is present.
    pub fill: bool,
}
