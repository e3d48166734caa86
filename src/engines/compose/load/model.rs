//! A compose file as compose's loader holds it: plain values, each with its place. Variables are replaced, and texts at
//! places that hold numbers or truth values are cast, as `loader/interpolate.go@v2.13.0` does.

use std::hash::{DefaultHasher, Hash, Hasher};

use indexmap::IndexMap;

use super::cast;
use super::{Fault, Faults};
use crate::engines::compose::interpolate::{Env, Fault as Reference, What, interpolate};
use crate::parse::{Node, NodeKind, Type};
use crate::source::Span;

/// Nodes of one file beyond this are not known: aliases can make a small file describe a giant one.
const NODE_LIMIT: usize = 100_000;

/// Nesting beyond this is not known.
const DEPTH_LIMIT: usize = 64;

/// Bytes that variables may add to one file.
const GROWTH_LIMIT: usize = 8 << 20;

/// A value.
#[derive(Debug, Clone)]
pub(in crate::engines::compose) struct Item {
    /// What.
    pub kind: Kind,
    /// Where.
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(in crate::engines::compose) enum Kind {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text.
    Text(String),
    /// Depends on what is not in the tree.
    Open,
    /// A list.
    List(Vec<Item>),
    /// A mapping.
    Map(Map),
}

/// A mapping.
#[derive(Debug, Clone, Default)]
pub(in crate::engines::compose) struct Map {
    /// In the order of the text.
    pub entries: IndexMap<String, Entry>,
}

/// A value under its key.
#[derive(Debug, Clone)]
pub(in crate::engines::compose) struct Entry {
    /// Where the key is written.
    pub key: Span,
    /// The value.
    pub item: Item,
}

impl Kind {
    /// In the words of YAML.
    pub(super) fn says(&self) -> &'static str {
        match self {
            Self::Null => "empty",
            Self::Bool(_) => "a truth value",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Open => "unknown",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl Item {
    /// As text.
    pub(in crate::engines::compose) fn text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    /// As a mapping.
    pub(in crate::engines::compose) fn map(&self) -> Option<&Map> {
        if let Kind::Map(map) = &self.kind { Some(map) } else { None }
    }

    /// As a list.
    pub(in crate::engines::compose) fn list(&self) -> Option<&[Item]> {
        if let Kind::List(items) = &self.kind { Some(items) } else { None }
    }

    /// Whether nothing is known of it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.kind, Kind::Open)
    }

    /// What Go's `fmt.Sprint` makes of it, for a scalar.
    pub(super) fn printed(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Int(n) => Some(n.to_string()),
            Kind::Float(n) => Some(n.to_string()),
            Kind::Bool(b) => Some(b.to_string()),
            Kind::Null => Some(String::new()),
            _ => None,
        }
    }

    /// Whether the two are the same value.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Bool(a), Kind::Bool(b)) => a == b,
            (Kind::Int(a), Kind::Int(b)) => a == b,
            (Kind::Float(a), Kind::Float(b)) => a == b,
            (Kind::Text(a), Kind::Text(b)) => a == b,
            (Kind::List(a), Kind::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Kind::Map(a), Kind::Map(b)) => {
                a.entries.len() == b.entries.len()
                    && a.entries.iter().all(|(k, v)| b.get(k).is_some_and(|o| v.item.same(o)))
            }
            _ => false,
        }
    }

    fn digest(&self, hasher: &mut DefaultHasher) {
        std::mem::discriminant(&self.kind).hash(hasher);
        match &self.kind {
            Kind::Bool(b) => b.hash(hasher),
            Kind::Int(n) => n.hash(hasher),
            Kind::Float(n) => n.to_bits().hash(hasher),
            Kind::Text(text) => text.hash(hasher),
            Kind::List(items) => items.len().hash(hasher),
            Kind::Map(map) => map.entries.len().hash(hasher),
            Kind::Null | Kind::Open => {}
        }
    }
}

impl Map {
    /// The value of a key.
    pub(in crate::engines::compose) fn get(&self, key: &str) -> Option<&Item> {
        // Nearly all mappings are so small that looking at each key costs less than a digest.
        if self.entries.len() <= 8 {
            return self.entries.iter().find(|(k, _)| k.as_str() == key).map(|(_, e)| &e.item);
        }
        self.entries.get(key).map(|e| &e.item)
    }

    /// The value of a key that is not null.
    pub(super) fn some(&self, key: &str) -> Option<&Item> {
        self.get(key).filter(|i| !matches!(i.kind, Kind::Null))
    }

    /// The text of a key.
    pub(in crate::engines::compose) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The mapping of a key.
    pub(in crate::engines::compose) fn map(&self, key: &str) -> Option<&Map> {
        self.get(key)?.map()
    }
}

/// Two equal items of a list: where the first stands, and the second.
pub(super) fn twice(items: &[Item]) -> Option<(Span, Span)> {
    let mut seen: std::collections::HashMap<u64, Vec<&Item>> = std::collections::HashMap::new();
    for item in items.iter().filter(|i| !i.is_open()) {
        let mut hasher = DefaultHasher::new();
        item.digest(&mut hasher);
        let alike = seen.entry(hasher.finish()).or_default();
        // Collections of one size are alike by their digest: few of them are compared.
        if let Some(first) = alike.iter().take(64).find(|i| i.same(item)) {
            return Some((first.span, item.span));
        }
        alike.push(item);
    }
    None
}

/// A file, read.
#[derive(Debug, Default)]
pub(in crate::engines::compose) struct Read {
    /// Its documents, each with the paths that it resets or overrides.
    pub documents: Vec<Document>,
    /// References to variables that are wrong, with the path of the value.
    pub references: Vec<(Span, What, Vec<String>)>,
}

/// One document of a file.
#[derive(Debug)]
pub(in crate::engines::compose) struct Document {
    /// Its value.
    pub root: Item,
    /// Paths under `!reset` or `!override`.
    pub resets: Vec<Vec<String>>,
}

/// Reads all documents of a file with the variables of its project.
pub(in crate::engines::compose) fn read<'d>(
    roots: impl Iterator<Item = Node<'d>>,
    env: &Env,
    faults: &mut Faults,
) -> Read {
    let mut reader = Reader {
        env,
        faults,
        left: NODE_LIMIT,
        growth: GROWTH_LIMIT,
        path: Vec::new(),
        resets: Vec::new(),
        references: Vec::new(),
    };
    let mut documents = Vec::new();
    for root in roots {
        let item = reader.item(root);
        documents.push(Document { root: item, resets: std::mem::take(&mut reader.resets) });
    }
    Read { documents, references: reader.references }
}

struct Reader<'a> {
    env: &'a Env,
    faults: &'a mut Faults,
    left: usize,
    growth: usize,
    path: Vec<String>,
    resets: Vec<Vec<String>>,
    references: Vec<(Span, What, Vec<String>)>,
}

impl Reader<'_> {
    fn item(&mut self, node: Node<'_>) -> Item {
        let span = node.span();
        let open = |kind| Item { kind, span };
        if self.left == 0 || self.path.len() > DEPTH_LIMIT {
            return open(Kind::Open);
        }
        self.left -= 1;
        match node.kind() {
            NodeKind::Map => open(Kind::Map(self.map(node))),
            NodeKind::Seq => {
                let mut items = Vec::new();
                self.path.push("[]".to_owned());
                for item in node.items() {
                    if item.tag() != Some("!reset") {
                        items.push(self.item(item));
                    }
                }
                self.path.pop();
                open(Kind::List(items))
            }
            NodeKind::Null => open(Kind::Null),
            NodeKind::Scalar => open(self.scalar(node)),
        }
    }

    fn map(&mut self, node: Node<'_>) -> Map {
        let mut map = Map::default();
        for entry in node.entries() {
            if entry.key.value_type() != Type::String {
                let at = entry.key.span();
                let message = "a key must be a string".to_owned();
                self.faults.push(Fault::new(at, message).help("put it in quotes"));
            }
            let key = match entry.key.value_type() {
                Type::Null => entry.key.text().map_or(String::new(), |t| t.value().to_owned()),
                _ => entry.name().to_owned(),
            };
            self.path.push(key.clone());
            match entry.value.tag() {
                Some("!reset") => self.resets.push(self.path.clone()),
                tag => {
                    if tag == Some("!override") {
                        self.resets.push(self.path.clone());
                    }
                    let item = self.item(entry.value);
                    map.entries.insert(key, Entry { key: entry.key.span(), item });
                }
            }
            self.path.pop();
        }
        map
    }

    fn scalar(&mut self, node: Node<'_>) -> Kind {
        let text = node.scalar().unwrap_or_default();
        match node.value_type() {
            Type::Bool => Kind::Bool(node.as_bool().unwrap_or_default()),
            Type::Int => node.as_i64().map_or(Kind::Float(node.as_f64().unwrap_or_default()), Kind::Int),
            Type::Float => node.as_f64().map_or(Kind::Open, Kind::Float),
            Type::Time => {
                // A value of a mapping is printed again, an item of a list is not.
                if self.path.last().is_some_and(|p| p == "[]") {
                    let message = "a date is no text here, and compose refuses it".to_owned();
                    self.faults.push(Fault::new(node.span(), message).help("put it in quotes"));
                }
                Kind::Text(text.to_owned())
            }
            Type::String => self.text(text, node),
            _ => Kind::Null,
        }
    }

    fn text(&mut self, text: &str, node: Node<'_>) -> Kind {
        let mut value = text;
        let expanded;
        if text.contains('$') {
            expanded = interpolate(text, self.env, &mut self.growth);
            for fault in &expanded.faults {
                self.reference(fault, node);
            }
            if expanded.open() {
                return Kind::Open;
            }
            value = &expanded.text;
        }
        match cast::of(&self.path) {
            Some(cast) => match cast.read(value) {
                Some(kind) => kind,
                None => {
                    let path = self.path.join(".").replace(".[]", "[]");
                    let message = format!("`{path}` must be {}, not `{value}`", cast.says());
                    self.faults.push(Fault::new(node.span(), message));
                    Kind::Open
                }
            },
            None => Kind::Text(value.to_owned()),
        }
    }

    fn reference(&mut self, fault: &Reference, node: Node<'_>) {
        let span = node.text().map_or(node.span(), |t| t.span(fault.at.clone()));
        let says = match fault.what {
            What::Invalid => "this is no reference to a variable, and compose refuses it",
            What::InvalidDefault => {
                "this is no reference to a variable: compose refuses it where the one before it is not set"
            }
            _ => "",
        };
        if !says.is_empty() {
            let doubtful = fault.what == What::InvalidDefault;
            self.faults.push(Fault { doubtful, ..Fault::new(span, says).help("write `$$` for a dollar sign") });
        }
        self.references.push((span, fault.what.clone(), self.path.clone()));
    }
}
