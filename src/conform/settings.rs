//! One value of a config, wherever it is from: flags of the command line win over the file, and what neither says has its
//! default. Null is left to the walk: readers differ in what it does.

use super::Expand;
use super::filled::Filled;
use super::flags::{self, Given};
use crate::catalogue;
use crate::engine::Instance;
use crate::parse::Node;
use crate::source::Span;

/// Where a value is from.
#[derive(Debug, Clone, Copy)]
pub enum Setting<'a> {
    /// Nobody says it.
    Default,
    /// The file does.
    Written(Node<'a>),
    /// The command line does.
    Flag(&'a str, Span),
    /// It cannot be known.
    Unknown,
}

impl<'a> Setting<'a> {
    /// Its text, where it has one that is known.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Written(node) => node.scalar(),
            Self::Flag(text, _) => Some(text),
            Self::Default | Self::Unknown => None,
        }
    }

    /// Where it is said.
    pub fn span(self) -> Option<Span> {
        match self {
            Self::Written(node) => Some(node.span()),
            Self::Flag(_, span) => Some(span),
            Self::Default | Self::Unknown => None,
        }
    }

    /// As a switch; what nobody says is `default`. `None` = unknown.
    pub fn truth(self, default: bool) -> Option<bool> {
        match self {
            Self::Default => Some(default),
            Self::Unknown => None,
            Self::Written(node) => node.as_bool(),
            Self::Flag(text, _) => match text {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
                _ => None,
            },
        }
    }

    /// As a text; what nobody says is `default`. `None` = unknown.
    pub fn or(self, default: &'a str) -> Option<&'a str> {
        match self {
            Self::Default => Some(default),
            _ => self.text(),
        }
    }

    /// As a whole number; what nobody says is `default`. `None` = unknown.
    pub fn number(self, default: i64) -> Option<i64> {
        match self {
            Self::Default => Some(default),
            Self::Written(node) => node.as_i64(),
            Self::Flag(text, _) => text.parse().ok(),
            Self::Unknown => None,
        }
    }
}

/// The settings of one file and of the process that reads it.
#[derive(Debug)]
pub struct Settings<'a> {
    /// The file.
    pub root: Node<'a>,
    given: Vec<Given<'a>>,
    /// Whether no flag can be hidden. A file that nobody is known to read is judged alone, without flags.
    known: bool,
    filled: Filled,
    /// Whether null takes the defaults of what it stands for away.
    zeroes: bool,
}

impl<'a> Settings<'a> {
    /// Of a file that an instance reads.
    pub fn new(engine: &str, root: Node<'a>, instance: &Instance<'a>, dialect: flags::Dialect, expand: Expand) -> Self {
        let mut settings = Self { root, given: Vec::new(), known: true, filled: expand.of(instance), zeroes: false };
        let Some((_, service)) = instance.service else { return settings };
        let version = instance.version.as_ref().map(|(v, _)| *v);
        let line = catalogue::engine(engine)
            .zip(version)
            .and_then(|(facts, version)| flags::read(service, facts, version, dialect));
        settings.known = line.is_some() && service.args().is_some_and(|args| args.iter().all(|a| !a.open));
        settings.given = line.map(|l| l.given).unwrap_or_default();
        settings
    }

    /// For a reader that takes defaults away with null, or leaves them.
    pub fn zeroing(self, zeroes: bool) -> Self {
        Self { zeroes, ..self }
    }

    /// The null that takes the default of a field away, which stands for it or for what it is part of, and how many of its keys
    /// lead there. Yaml.v2 does so (go-yaml/yaml decode.go `scalar`@v2.4.0).
    pub fn zeroed(&self, path: &[&str]) -> Option<(Node<'a>, usize)> {
        if !self.zeroes {
            return None;
        }
        let mut node = self.root;
        for (depth, key) in path.iter().enumerate() {
            node = node.get(key)?;
            if node.is_null() {
                return (!node.is_tagged() && !self.is_open(node)).then_some((node, depth + 1));
            }
        }
        None
    }

    /// Whether every flag of the process is known.
    pub fn known(&self) -> bool {
        self.known
    }

    /// Whether a text is replaced before it is read.
    pub fn is_open(&self, node: Node<'_>) -> bool {
        node.scalar().is_some_and(|text| self.filled.replaces(text))
    }

    /// Whether `${X}` may be replaced in the file.
    pub fn is_expanded(&self) -> bool {
        !matches!(self.filled, Filled::Never | Filled::Told)
    }

    /// The value of a field that a flag can set; `flag` is without dashes, and empty where there is none.
    pub fn get(&self, path: &[&str], flag: &str) -> Setting<'a> {
        if !flag.is_empty() {
            // The last one wins (golang/go src/flag/flag.go@go1.26.0 `parseOne`).
            if let Some(given) = self.given.iter().rev().find(|g| g.name == flag) {
                return match (given.open, given.value) {
                    (true, _) => Setting::Unknown,
                    (false, Some(value)) => Setting::Flag(value, given.arg.span),
                    (false, None) => Setting::Flag("true", given.arg.span),
                };
            }
        }
        self.written(path)
    }

    /// Whether a flag is given.
    pub fn has(&self, flag: &str) -> bool {
        self.given.iter().any(|g| g.name == flag)
    }

    /// The flags that begin so, with their values where those are known.
    pub fn below(&self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let given = self.given.iter().filter(move |g| g.name.starts_with(prefix) && !g.open);
        given.filter_map(|g| Some((g.name, g.value?)))
    }

    /// Where a flag is given.
    pub fn place(&self, flag: &str) -> Option<Span> {
        self.given.iter().rev().find(|g| g.name == flag).map(|g| g.arg.span)
    }

    /// The value of a flag, where it is given and known.
    pub fn flag(&self, flag: &str) -> Option<&'a str> {
        self.given.iter().rev().find(|g| g.name == flag && !g.open)?.value
    }

    /// The value of a field that the file alone sets.
    pub fn written(&self, path: &[&str]) -> Setting<'a> {
        let mut node = self.root;
        for key in path {
            // What null does to a section and its defaults differs between readers.
            if node.is_null() {
                return Setting::Unknown;
            }
            let Some(inner) = node.get(key) else { return Setting::Default };
            node = inner;
        }
        if node.is_null() || node.is_tagged() || self.is_open(node) {
            return Setting::Unknown;
        }
        Setting::Written(node)
    }

    /// Whether null stands in the place of a field. Yaml.v2 takes its default away with it (go-yaml/yaml decode.go `scalar`@v2.4.0),
    /// yaml.v3 leaves all but maps and lists alone.
    pub fn is_nothing(&self, path: &[&str]) -> bool {
        self.root.at(path).is_some_and(|node| node.is_null() && !node.is_tagged())
    }

    /// The text of a field below a node; `None` = it is not known. What is absent is `default`.
    pub fn text_in(&self, node: Node<'a>, key: &str, default: &'a str) -> Option<&'a str> {
        match node.get(key) {
            None => Some(default),
            Some(value) if self.zeroes && value.is_null() && !value.is_tagged() && !self.is_open(value) => Some(""),
            Some(value) if value.is_null() || value.is_tagged() || self.is_open(value) => None,
            Some(value) => value.scalar(),
        }
    }
}
