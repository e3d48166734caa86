//! The contract of emitters: what they are asked, what they answer, and how their texts begin. Contains no emitter.

use crate::catalogue::Version;
use crate::stack::{Host, Node, Stack};

/// File modes that `gen` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// 0644: a function of the spec and the vispyr version alone.
    Public,
    /// 0600: holds a secret; left out of `--check`, `--diff` and hashes.
    Secret,
}

/// One file of a generated stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emitted {
    /// Path below the output folder, `/`-separated.
    pub path: String,
    /// Name of its kind.
    pub kind: &'static str,
    /// Engine that reads it and the version it was written for.
    pub engine: Option<(&'static str, Version)>,
    /// Mode.
    pub mode: Mode,
    /// Content.
    pub content: String,
}

/// What an engine's emitter is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The whole plan.
    pub stack: &'a Stack,
    /// The host it runs on.
    pub host: &'a Host,
    /// The node whose files are wanted.
    pub node: &'a Node,
}

impl Place<'_> {
    /// A file of this node, below the host's folder.
    pub fn file(&self, path: &str, kind: &'static str, content: String) -> Emitted {
        Emitted {
            path: self.host.path(path),
            kind,
            engine: Some((self.node.engine, self.node.version)),
            mode: Mode::Public,
            content,
        }
    }
}

/// Writes the files of one node.
pub type EngineEmitter = fn(&Place<'_>) -> Vec<Emitted>;

/// Writes the files of one host that belong to no engine (compose file, `.gitignore`, snippets). `hashes` gives the
/// digest of all files below a folder of the host.
pub type HostEmitter = fn(stack: &Stack, host: &Host, hashes: &dyn Fn(&str) -> String) -> Vec<Emitted>;

/// The first lines of a generated file in a language whose comments start with `mark`.
pub fn header(mark: &str) -> String {
    format!(
        "{mark} Written by vispyr from vispyr.toml. Change that file and run `vispyr gen`;\n{mark} an edit made here is kept, and named, until `vispyr gen --force`.\n"
    )
}

/// A value as YAML: block style, lists indented, long strings on one line.
pub fn yaml<T: serde::Serialize>(value: &T) -> String {
    let options = serde_saphyr::ser_options! { compact_list_indent: false, folded_wrap_chars: 10_000 };
    let body = serde_saphyr::to_string_with_options(value, options);
    // Serialising plain structs of strings, numbers, lists and maps into a String cannot fail.
    format!("{}{}", header("#"), body.unwrap_or_default())
}
