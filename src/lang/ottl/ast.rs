//! What a text says: nodes in one arena, pointing at each other by number, each with its bytes.

use std::ops::Range;

/// A number of a node in its list.
pub(super) type Id = usize;

/// All nodes of one text.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) calls: Vec<Call>,
    pub(super) values: Vec<Value>,
    pub(super) sums: Vec<Sum>,
    pub(super) conditions: Vec<Condition>,
    pub(super) paths: Vec<Path>,
}

/// A call of a function.
#[derive(Debug)]
pub(super) struct Call {
    /// The name without the blanks that the engine allows in it.
    pub(super) name: String,
    pub(super) name_range: Range<usize>,
    pub(super) range: Range<usize>,
    pub(super) arguments: Vec<Given>,
    pub(super) keys: Vec<Key>,
}

/// An argument as it is given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) name: Option<(String, Range<usize>)>,
    pub(super) value: GivenValue,
}

#[derive(Debug, Clone)]
pub(super) enum GivenValue {
    Value(Id),
    /// The name of a function, not called.
    Function(String, Range<usize>),
}

#[derive(Debug)]
pub(super) struct Value {
    pub(super) range: Range<usize>,
    pub(super) kind: ValueKind,
}

#[derive(Debug)]
pub(super) enum ValueKind {
    Nil,
    Operand(Operand),
    Sum(Id),
    Bytes(usize),
    String(String),
    Bool,
    Enum,
    Map(Vec<Id>),
    List(Vec<Id>),
    /// `(x) => …`: never accepted, its body is nobody's business.
    Lambda,
}

/// What arithmetic is made of.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// A call of a lower-case function, which is an error wherever it stands.
    Editor(Id),
    Converter(Id),
    Float(f64),
    Int(i64),
    Path(Id),
}

/// Operands joined by operators, or one alone with a sign or between parentheses.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) negative: bool,
    pub(super) kind: PartKind,
}

#[derive(Debug, Clone)]
pub(super) enum PartKind {
    Operand(Operand),
    Sum(Id),
}

/// Terms joined by `and` and `or`; how they are joined is nothing to refuse.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) terms: Vec<Term>,
}

#[derive(Debug, Clone)]
pub(super) enum Term {
    Comparison(Id, Id),
    Constant,
    Converter(Id),
    Condition(Id),
}

#[derive(Debug)]
pub(super) struct Path {
    pub(super) range: Range<usize>,
    /// The first segment when it has no key and another follows.
    pub(super) context: Option<(String, Range<usize>)>,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) range: Range<usize>,
    pub(super) keys: Vec<Key>,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) range: Range<usize>,
    pub(super) kind: KeyKind,
}

#[derive(Debug, Clone)]
pub(super) enum KeyKind {
    Fixed,
    Sum(Id),
    Operand(Operand),
}

/// What a whole text is.
#[derive(Debug, Clone)]
pub(super) enum Root {
    Statement {
        call: Id,
        condition: Option<Id>,
    },
    /// A statement that begins with a converter, which is refused.
    Converter(Id),
    Condition(Id),
    Value(Id),
}
