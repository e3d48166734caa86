//! What scripts say of the files beside them: the folder from which a compose file is run, and the variables that are set.
//!
//! They are not run, nor read as programs: a name that is assigned anywhere may be set, and a file that is named after
//! another (`-f a.yaml -f b/c.yaml`), or copied elsewhere, may be read from there. Both only make checks say less.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::path;

/// Folders above a script from which its paths are tried.
const ABOVE: usize = 8;

/// Bytes of scripts that are looked at.
const BYTES: usize = 32 << 20;

/// Files of a tree with their texts.
type Files = BTreeMap<String, (Arc<str>, u32)>;

/// What all scripts of a tree say.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    names: HashSet<String>,
    homes: HashMap<String, String>,
}

/// Whether a file of that name is a script and nothing else.
pub(super) fn is_one(name: &str) -> bool {
    const NAMES: [&str; 6] = ["makefile", "gnumakefile", "justfile", "jenkinsfile", ".envrc", "vagrantfile"];
    const EXTENSIONS: [&str; 8] = ["sh", "bash", "zsh", "mk", "just", "ps1", "bat", "cmd"];
    EXTENSIONS.contains(&path::extension(name)) || NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a YAML file is one of a service that runs scripts.
fn is_pipeline(at: &str) -> bool {
    let name = path::name(at).to_ascii_lowercase();
    at.contains(".github/workflows/")
        || at.contains(".circleci/")
        || [".gitlab-ci", ".travis", "azure-pipelines", "bitbucket-pipelines", "taskfile", ".drone"]
            .iter()
            .any(|start| name.starts_with(start))
}

impl Scripts {
    /// Reads all that are there.
    pub(super) fn of(files: &Files) -> Self {
        let mut scripts = Self::default();
        let mut left = BYTES;
        for (at, (text, _)) in files {
            let pipeline = is_pipeline(at);
            if !pipeline && !is_one(path::name(at)) {
                continue;
            }
            match left.checked_sub(text.len()) {
                Some(rest) => left = rest,
                None => break,
            }
            scripts.names(text, pipeline);
            if !text.contains(".y") {
                continue;
            }
            // Windows' scripts continue lines with other signs.
            for line in text.replace("\\\n", " ").replace("\\\r\n", " ").lines().filter(|l| l.contains(".y")) {
                scripts.homes(files, path::folder(at), line);
            }
        }
        scripts
    }

    /// Whether a variable of that name is set by one.
    pub(super) fn set(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The folder from which a compose file is run, where a script names another than its own.
    pub(super) fn home(&self, file: &str) -> Option<&str> {
        self.homes.get(file).map(String::as_str)
    }

    /// Names in capitals that are assigned: `NAME=`, `NAME ?= `, `NAME := `; in pipelines `NAME: `; `read NAME`.
    fn names(&mut self, text: &str, pipeline: bool) {
        for line in text.lines() {
            let asks = line.trim_start().starts_with("read ");
            let mut before = ' ';
            let mut rest = line;
            while let Some(start) = rest.find(|c: char| c.is_ascii_uppercase()) {
                before = rest[..start].chars().next_back().unwrap_or(before);
                let word = &rest[start..];
                let end = word
                    .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
                    .unwrap_or(word.len());
                let (name, after) = word.split_at(end);
                let next = after.trim_start_matches([' ', '\t']);
                let assigned = next.strip_prefix("::").or_else(|| next.strip_prefix([':', '?', '+'])).unwrap_or(next);
                let is_set = assigned.starts_with('=') && !assigned.starts_with("==")
                    || pipeline && after.starts_with(':')
                    || asks;
                if is_set && name.len() > 1 && !(before.is_ascii_alphanumeric() || before == '_') {
                    self.names.insert(name.to_owned());
                }
                before = name.chars().next_back().unwrap_or(' ');
                rest = after;
            }
        }
    }

    /// The files that one line names: behind `-f`, or copied.
    fn homes(&mut self, files: &Files, folder: &str, line: &str) {
        let unquoted = |word: &str| word.trim_matches(['"', '\'', ';']).to_owned();
        let words: Vec<String> = line.split_whitespace().map(unquoted).collect();
        let mut named: Vec<String> = Vec::new();
        let mut project = None;
        let mut words_left = words.iter();
        let mut before: Option<&String> = None;
        while let Some(word) = words_left.next() {
            let last = before.replace(word);
            if word == "-f" || word == "--file" {
                // A list may be kept in a variable, behind the first of these.
                named.extend(last.filter(|l| named.is_empty() && is_yaml(l)).cloned());
                named.extend(words_left.next().cloned());
            } else if let Some(file) = word.strip_prefix("--file=") {
                named.push(file.to_owned());
            } else if word == "--project-directory" {
                project = words_left.next().cloned();
            } else if let Some(at) = word.strip_prefix("--project-directory=") {
                project = Some(at.to_owned());
            } else if word == "cp" {
                let mut ends = words_left.by_ref().filter(|w| !w.starts_with('-'));
                if let (Some(from), Some(to)) = (ends.next(), ends.next()) {
                    self.copied(files, folder, from, to);
                }
            }
        }
        let Some(first) = named.first().filter(|_| line.contains("compose")) else { return };
        let Some(base) = base(files, folder, first) else { return };
        let home = project
            .map_or_else(|| path::folder(&path::join(base, first)).to_owned(), |project| path::join(base, &project));
        for file in &named {
            let at = path::join(base, file);
            if files.contains_key(&at) && path::folder(&at) != home {
                self.homes.entry(at).or_insert_with(|| home.clone());
            }
        }
    }

    fn copied(&mut self, files: &Files, folder: &str, from: &str, to: &str) {
        if !is_yaml(from) || to.contains('$') {
            return;
        }
        let Some(base) = base(files, folder, from) else { return };
        let to = path::join(base, to);
        let home = if is_yaml(&to) { path::folder(&to) } else { to.as_str() };
        self.homes.entry(path::join(base, from)).or_insert_with(|| home.to_owned());
    }
}

fn is_yaml(file: &str) -> bool {
    matches!(path::extension(file), "yaml" | "yml")
}

/// The folder from which a path leads to a file: the script's own, or one above.
fn base<'f>(files: &Files, folder: &'f str, file: &str) -> Option<&'f str> {
    let mut above = std::iter::successors(Some(folder), |f| path::parent(f)).take(ABOVE);
    above.find(|f| files.contains_key(&path::join(f, file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[(&str, &str)]) -> Scripts {
        Scripts::of(&texts.iter().map(|(at, text)| ((*at).to_owned(), (Arc::from(*text), 0))).collect())
    }

    #[test]
    fn assigned_names_are_set() {
        let scripts = read(&[
            ("Makefile", "TAG ?= 1\nOTHER:=2\nrun:\n\tFIRST=1 docker compose up -e SECOND=2 $(NOT) $${NEITHER}\n"),
            ("a/run.sh", "export THIRD=x; if [ \"$NO\" == 1 ]; then\n  read -r ASKED\nfi\nxNO=1"),
            (".github/workflows/ci.yml", "env:\n  CI_TAG: x\n"),
            ("b.yaml", "PLAIN: x"),
        ]);
        for name in ["TAG", "OTHER", "FIRST", "SECOND", "THIRD", "ASKED", "CI_TAG"] {
            assert!(scripts.set(name), "{name}");
        }
        for name in ["NOT", "NEITHER", "NO", "PLAIN", "X"] {
            assert!(!scripts.set(name), "{name}");
        }
    }

    #[test]
    fn files_are_run_from_the_folder_of_the_first() {
        let scripts = read(&[
            ("top/Makefile", "up:\n\tdocker compose -f compose.yaml \\\n\t  -f loki/compose.yaml up\n"),
            ("top/dev/dev.sh", "cp ./dev/compose.dev.yml ./docker-compose.yml\n"),
            ("top/list.mk", "FILES := compose.yaml -f y/compose.yaml -f x/other.yaml\n"),
            ("top/y/compose.yaml", ""),
            ("top/x/other.yaml", ""),
            ("top/run.sh", "docker compose --project-directory . -f 'x/compose.yaml' up"),
            ("top/compose.yaml", ""),
            ("top/loki/compose.yaml", ""),
            ("top/dev/compose.dev.yml", ""),
            ("top/x/compose.yaml", ""),
        ]);
        assert_eq!(scripts.home("top/loki/compose.yaml"), Some("top"));
        assert_eq!(scripts.home("top/dev/compose.dev.yml"), Some("top"));
        assert_eq!(scripts.home("top/x/compose.yaml"), Some("top"));
        assert_eq!(scripts.home("top/y/compose.yaml"), Some("top"));
        assert_eq!(scripts.home("top/x/other.yaml"), Some("top"));
        assert_eq!(scripts.home("top/compose.yaml"), None);
    }
}
