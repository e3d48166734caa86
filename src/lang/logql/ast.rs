//! The tree of a query.

use std::ops::Range;

/// A query that Loki's parser accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// All expressions; they refer to each other by their place in this list.
    pub exprs: Vec<Expr>,
    /// Place of the whole query.
    pub root: usize,
    /// What the parser accepts and the run of the query does not: regular expressions of line filters, and the parts
    /// of a query that Loki does not check when it reads it.
    pub late: Vec<super::Error>,
}

impl Query {
    /// Every log selector, also inside of metric queries, in order of the text.
    pub fn logs(&self) -> impl Iterator<Item = &Logs> {
        self.exprs.iter().filter_map(|e| match &e.kind {
            ExprKind::Logs(logs) => Some(logs),
            ExprKind::Range(r) => Some(&r.logs),
            ExprKind::Variants { logs, .. } => Some(&logs.logs),
            _ => None,
        })
    }

    /// Whether it gives log lines rather than numbers.
    #[must_use]
    pub fn is_logs(&self) -> bool {
        self.exprs.get(self.root).is_some_and(|e| matches!(e.kind, ExprKind::Logs(_)))
    }
}

/// An expression and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Range<usize>,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Log lines.
    Logs(Logs),
    /// A number; an operation on two numbers is one as well.
    Number(f64),
    /// `vector(1)`.
    Vector(f64),
    /// `rate({…}[5m])`.
    Range(Box<RangeFunction>),
    /// `sum by (a) (…)`.
    Aggregation {
        /// Its name, in small letters.
        function: &'static str,
        /// The number of `topk(5, …)`.
        parameter: Option<u64>,
        /// Labels to keep or to drop.
        grouping: Option<Grouping>,
        /// What is aggregated.
        inner: usize,
    },
    /// `a + b`.
    Binary {
        /// The operator, in small letters.
        operator: &'static str,
        /// The left side.
        left: usize,
        /// The right side.
        right: usize,
        /// `bool`.
        bool: bool,
        /// `on (…)` or `ignoring (…)`.
        matching: Option<Matching>,
    },
    /// `label_replace(…)`.
    LabelReplace {
        /// What it changes.
        inner: usize,
        /// Destination, replacement, source and expression.
        arguments: Vec<Text>,
    },
    /// `variants(…) of (…)`.
    Variants {
        /// The metric queries.
        inner: Vec<usize>,
        /// What they share.
        logs: Box<LogRange>,
    },
}

/// Text and where its literal stands, with the quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Without quotes and escapes.
    pub value: String,
    /// With the quotes.
    pub span: Range<usize>,
}

/// A name and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is written.
    pub value: String,
    /// Where it stands.
    pub span: Range<usize>,
}

/// How a matcher compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Match {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

/// `name="value"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The label.
    pub name: Name,
    /// How it compares.
    pub operator: Match,
    /// With what.
    pub value: Text,
}

/// Streams, and what is done with their lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Logs {
    /// Between the braces.
    pub matchers: Vec<Matcher>,
    /// The braces.
    pub selector: Range<usize>,
    /// Behind them.
    pub stages: Vec<Stage>,
}

/// One step of a pipeline and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What it does.
    pub kind: StageKind,
    /// Where it stands.
    pub span: Range<usize>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum StageKind {
    /// `|= "x" or "y"`.
    Line {
        /// How the line is compared.
        operator: LineMatch,
        /// The alternatives; `true` for `ip("…")`.
        values: Vec<(Text, bool)>,
    },
    /// `| json`, with what it extracts.
    Json(Vec<Extraction>),
    /// `| logfmt`, with what it extracts.
    Logfmt(Vec<Extraction>),
    /// `| regexp "…"`.
    Regexp(Text),
    /// `| pattern "…"`.
    Pattern(Text),
    /// `| unpack`.
    Unpack,
    /// `| a > 5 and b="x"`.
    Filter(Vec<Comparison>),
    /// `| line_format "…"`, a Go template.
    LineFormat(Text),
    /// `| label_format a=b, c="…"`.
    LabelFormat(Vec<LabelFormat>),
    /// `| decolorize`.
    Decolorize,
    /// `| drop a, b="x"`.
    Drop(Vec<Picked>),
    /// `| keep a, b="x"`.
    Keep(Vec<Picked>),
}

/// How a line is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineMatch {
    /// `|=`
    Contains,
    /// `!=`
    ContainsNot,
    /// `|~`
    Regex,
    /// `!~`
    NotRegex,
    /// `|>`
    Pattern,
    /// `!>`
    NotPattern,
}

/// `name="path"`, or the name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extraction {
    /// The label that is set.
    pub name: Name,
    /// Where its value comes from.
    pub path: Option<Text>,
}

/// `name=other` or `name="template"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFormat {
    /// The label that is set.
    pub name: Name,
    /// The label it is renamed from.
    pub from: Option<Name>,
    /// The Go template of its value.
    pub template: Option<Text>,
}

/// A label to drop or keep, always or with that value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// In every case.
    Always(Name),
    /// With that value.
    Matching(Matcher),
}

/// One comparison of a label filter. How `and`, `or` and parentheses join them is not kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// With a text.
    Text(Matcher),
    /// With a number, a duration, a size or an address.
    Value {
        /// The label.
        name: Name,
        /// The operator.
        operator: &'static str,
        /// The value.
        value: Value,
    },
}

/// What a label is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number; `None` if it is one that Go cannot read, which counts as zero here.
    Number(Option<f64>),
    /// Nanoseconds.
    Duration(i64),
    /// Bytes.
    Bytes(u64),
    /// `ip("…")`.
    Ip(Text),
}

/// Log lines over a span of time.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRange {
    /// The lines.
    pub logs: Logs,
    /// Nanoseconds.
    pub range: i64,
    /// Nanoseconds of `offset`.
    pub offset: Option<i64>,
    /// `| unwrap label`.
    pub unwrap: Option<Unwrap>,
}

/// `| unwrap duration(label) | filter`.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwrap {
    /// The label.
    pub label: Name,
    /// `bytes`, `duration` or `duration_seconds`.
    pub conversion: Option<&'static str>,
    /// Filters behind it.
    pub filters: Vec<Comparison>,
}

/// A function over a range of log lines.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeFunction {
    /// Its name, in small letters.
    pub function: &'static str,
    /// The quantile.
    pub parameter: Option<f64>,
    /// The log lines.
    pub logs: Logs,
    /// Nanoseconds.
    pub range: i64,
    /// Nanoseconds of `offset`.
    pub offset: Option<i64>,
    /// `| unwrap label`.
    pub unwrap: Option<Unwrap>,
    /// Labels to keep or to drop.
    pub grouping: Option<Grouping>,
}

/// `by (a, b)` or `without (a, b)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// `without`.
    pub without: bool,
    /// The labels.
    pub labels: Vec<Name>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// `on (a) group_left (b)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// `on` rather than `ignoring`.
    pub on: bool,
    /// The labels.
    pub labels: Vec<Name>,
    /// `group_left` or `group_right`, with labels.
    pub group: Option<(&'static str, Vec<Name>)>,
}
