//! What scripts say of the files beside them: the folder from which a compose file is run, and the variables that are set.
//!
//! They are not run, nor read as programs: a name that is assigned anywhere may be set, a file that is named after another
//! (`-f a.yaml -f b/c.yaml`), or copied elsewhere, may be read from there, and one that a command writes may be there. All
//! of it only makes checks say less.

mod compose;
mod line;
mod made;

pub use compose::Together;
pub(super) use line::Variables;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use self::compose::Compose;
use self::made::Made;
use super::path;

/// Folders above a script from which its paths are tried.
const ABOVE: usize = 8;

/// Bytes of scripts that are looked at.
const BYTES: usize = 32 << 20;

/// Lines longer than this are no commands of a person.
const LINE: usize = 1 << 14;

/// Files of a tree with their texts.
type Files = BTreeMap<String, (Arc<str>, u32)>;

/// What all scripts of a tree say.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    names: HashSet<String>,
    compose: Compose,
    made: Made,
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
                scripts.data(files, at, text);
                continue;
            }
            match left.checked_sub(text.len()) {
                Some(rest) => left = rest,
                None => break,
            }
            scripts.names(text, pipeline);
            let tells = |line: &str| {
                let words = [
                    ".y",
                    "--env-file",
                    ">",
                    "cp ",
                    "mv ",
                    "ln ",
                    "tee ",
                    "install ",
                    "chown ",
                    "chmod ",
                    "opy",
                    "sed ",
                    "envsubst",
                ];
                line.len() < LINE && words.iter().any(|w| line.contains(w))
            };
            let variables = Variables::of(text);
            // A pipeline runs in the root of its repository.
            let folder = if pipeline { root_of(at) } else { path::folder(at) };
            // Windows' scripts continue lines with other signs.
            let joined = text.replace("\\\n", " ").replace("\\\r\n", " ");
            for line in joined.lines() {
                let line = if line.contains('$') { &variables.fill(line) } else { line };
                if tells(line) {
                    if line.contains("compose") {
                        scripts.compose.line(files, folder, line);
                    }
                    scripts.made.line(files, folder, line);
                }
            }
        }
        for (at, home) in std::mem::take(&mut scripts.made.copied) {
            scripts.compose.homes.entry(at).or_insert(home);
        }
        scripts
    }

    /// Env files that scripts name, and compose files that are run with others.
    pub(super) fn named(&self) -> (HashSet<&str>, HashSet<&str>) {
        let env_files = self.compose.env_files.values().flatten().map(String::as_str);
        let together = self.compose.together.values().flatten().flat_map(|t| &t.files).map(String::as_str);
        let extended = self.compose.extended.iter().map(String::as_str);
        (env_files.filter(|f| !f.is_empty()).collect(), together.chain(extended).collect())
    }

    /// Whether one may fill a file in: reads it, or what it is copied to, with a program for that.
    pub(super) fn fill(&self, file: &str) -> bool {
        self.made.fills(file)
    }

    /// What files that are no scripts say of how compose files are run.
    fn data(&mut self, files: &Files, at: &str, text: &str) {
        if is_yaml(at) && text.contains("extends:") {
            self.compose.extends(files, path::folder(at), text);
        }
        if path::name(at) == ".env" {
            self.compose.variables(files, path::folder(at), text);
        } else if path::name(at).ends_with("devcontainer.json") {
            self.compose.devcontainer(files, at, text);
        } else if is_yaml(at) && text.contains(" -f ") {
            let comments = text.lines().filter(|l| l.len() < LINE).filter_map(|l| l.trim_start().strip_prefix('#'));
            let mut before = String::new();
            for line in comments {
                before.push_str(line.trim_end().trim_end_matches('\\'));
                if line.trim_end().ends_with('\\') && before.len() < LINE {
                    continue;
                }
                if before.contains("compose") && before.contains(" -f ") {
                    self.compose.line(files, path::folder(at), &before);
                }
                before.clear();
            }
        }
    }

    /// Whether a variable of that name is set by one.
    pub(super) fn set(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The folder from which a compose file is run, where a script names another than its own.
    pub(super) fn home(&self, file: &str) -> Option<&str> {
        self.compose.homes.get(file).map(String::as_str)
    }

    /// With which others a compose file is run, in each way that is known.
    pub(super) fn together(&self, file: &str) -> &[Together] {
        self.compose.together.get(file).map_or(&[], Vec::as_slice)
    }

    /// Whether another compose file extends services of one.
    pub(super) fn extend(&self, file: &str) -> bool {
        self.compose.extended.contains(file)
    }

    /// Whether one copies a compose file to where the tree has nothing.
    pub(super) fn moves(&self, file: &str) -> bool {
        self.made.moved.contains(file)
    }

    /// Whether one may make a file.
    pub(super) fn make(&self, file: &str) -> bool {
        self.made.makes(file)
    }

    /// Whether they give a folder to a user.
    pub(super) fn give(&self, folder: &str, user: &str) -> bool {
        self.made.gives(folder, user)
    }

    /// The env files that a compose file, or those of a folder, are run with; empty where a variable names one.
    pub(super) fn env_files(&self, run: &str) -> &[String] {
        self.compose.env_files.get(run).map_or(&[], Vec::as_slice)
    }

    /// Names in capitals that are assigned: `NAME=`, `NAME ?= `, `NAME := `; in pipelines `NAME: `; `read NAME`.
    fn names(&mut self, text: &str, pipeline: bool) {
        for line in text.lines() {
            let asks = line.trim_start().starts_with("read ");
            if let Some(exported) = line.trim_start().strip_prefix("export ") {
                let names = exported.split_whitespace().map(|w| w.split('=').next().unwrap_or(w));
                let names = names.take_while(|n| n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
                self.names.extend(names.filter(|n| !n.is_empty()).map(str::to_owned));
            }
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
}

/// The root of the repository that a pipeline belongs to.
fn root_of(at: &str) -> &str {
    let hidden = [".github/", ".circleci/"].iter().find_map(|f| at.find(f));
    hidden.map_or(path::folder(at), |start| at[..start].trim_end_matches('/'))
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
