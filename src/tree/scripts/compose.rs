//! Which compose files are run together, from which folder, and with which env files: behind `-f` in scripts and in the
//! comments of compose files themselves, and in `devcontainer.json`.

use std::collections::{HashMap, HashSet};

use super::line::{commands, relative};
use super::{Files, base, is_yaml};
use crate::tree::path;

/// Files of one command beyond this are not followed.
const FILES: usize = 32;

/// Files that others extend beyond this are not told apart.
const EXTENDED: usize = 10_000;

/// Ways to run one file that are kept.
const WAYS: usize = 4;

/// Compose files that are run together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// Those that are in the tree, in their order.
    pub files: Vec<String>,
    /// Whether there are others: files that are not in the tree, or that a variable names.
    pub open: bool,
}

/// What is known of the ways to run compose files.
#[derive(Debug, Default)]
pub(super) struct Compose {
    /// The folder that paths of a file start from, where that is not its own.
    pub homes: HashMap<String, String>,
    /// With which others a file is run.
    pub together: HashMap<String, Vec<Together>>,
    /// Env files by what is run with them: a compose file, or the folder of the script.
    pub env_files: HashMap<String, Vec<String>>,
    /// Files whose services others extend.
    pub extended: HashSet<String>,
}

/// What one command says.
#[derive(Debug, Default)]
struct Said {
    named: Vec<String>,
    env_files: Vec<String>,
    project: Option<String>,
    /// Whether a variable among the flags may name more files.
    more: bool,
}

impl Compose {
    /// The files that one line of a script in a folder names.
    pub(super) fn line(&mut self, files: &Files, folder: &str, line: &str) {
        for words in commands(line) {
            let said = said(&words);
            if !said.named.is_empty() || !said.env_files.is_empty() {
                self.run(files, folder, &said);
            }
        }
    }

    /// `extends: {file: x.yaml, service: a}` in a compose file, on one line or below the key.
    pub(super) fn extends(&mut self, files: &Files, folder: &str, text: &str) {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some((before, after)) = line.split_once("extends:") else { continue };
            if !before.trim_matches([' ', '{', ',']).is_empty() || self.extended.len() >= EXTENDED {
                continue;
            }
            let below = lines.clone().take(2);
            let named = std::iter::once(after).chain(below).find_map(|l| l.split_once("file:"));
            let Some((_, named)) = named else { continue };
            let named = named.split([',', '}', '#']).next().unwrap_or_default().trim().trim_matches(['"', '\'']);
            let at = path::join(folder, named);
            if is_yaml(&at) && files.contains_key(&at) {
                self.extended.insert(at);
            }
        }
    }

    /// `dockerComposeFile` of a `devcontainer.json` (a list, or one), whose paths start from its own folder.
    pub(super) fn devcontainer(&mut self, files: &Files, at: &str, text: &str) {
        let Some((_, rest)) = text.split_once("\"dockerComposeFile\"") else { return };
        let rest = rest.trim_start().strip_prefix(':').map(str::trim_start).unwrap_or_default();
        let list = match rest.strip_prefix('[') {
            Some(list) => list.split(']').next().unwrap_or_default(),
            None => rest.lines().next().unwrap_or_default(),
        };
        let written = list.lines().filter(|l| !l.trim_start().starts_with("//"));
        let named = written.flat_map(|l| l.split('"').skip(1).step_by(2)).map(str::to_owned);
        let said = Said { named: named.collect(), ..Said::default() };
        self.run(files, path::folder(at), &said);
    }

    /// `COMPOSE_FILE` of a `.env`.
    pub(super) fn variables(&mut self, files: &Files, folder: &str, text: &str) {
        let value = |name: &str| text.lines().find_map(|l| l.trim().strip_prefix(name)?.strip_prefix('='));
        let unquoted = |value: &str| value.trim().trim_matches(['"', '\'']).to_owned();
        let Some(list) = value("COMPOSE_FILE").map(unquoted) else { return };
        let separator = value("COMPOSE_PATH_SEPARATOR").map(unquoted).filter(|s| !s.is_empty());
        let named = list.split(separator.as_deref().unwrap_or(":")).map(|f| f.trim().to_owned());
        self.run(files, folder, &Said { named: named.collect(), ..Said::default() });
    }

    fn run(&mut self, files: &Files, folder: &str, said: &Said) {
        let paths: Vec<Option<&str>> = said.named.iter().take(FILES).map(|n| relative(n)).collect();
        let known: Vec<&str> = paths.iter().flatten().copied().collect();
        let base = nearest(files, folder, &known);
        // Without another one compose reads that of its working directory as well (docker/compose cmd/compose/compose.go
        // `toProjectOptions`@0144eb2e7096).
        let own = base.map(|base| path::join(base, ".env")).filter(|at| files.contains_key(at));
        match own.filter(|_| said.env_files.is_empty()) {
            Some(_) => {
                self.env_files(folder, base, &known, &Said { env_files: vec![".env".to_owned()], ..Said::default() })
            }
            None => self.env_files(folder, base, &known, said),
        }
        let (Some(base), Some(first)) = (base, known.first()) else { return };
        let home = match &said.project {
            Some(project) => relative(project).map(|p| path::join(base, p)),
            None => Some(path::folder(&path::join(base, first)).to_owned()),
        };
        let there: Vec<String> = known.iter().map(|f| path::join(base, f)).filter(|f| files.contains_key(f)).collect();
        for at in &there {
            if let Some(home) = home.as_ref().filter(|h| path::folder(at) != *h) {
                self.homes.entry(at.clone()).or_insert_with(|| home.clone());
            }
        }
        let open = said.more || there.len() < said.named.len();
        if there.len() < 2 && !open {
            return;
        }
        let way = Together { files: there, open };
        for at in &way.files {
            let known = self.together.entry(at.clone()).or_default();
            if known.len() < WAYS && !known.contains(&way) {
                known.push(way.clone());
            }
        }
    }

    fn env_files(&mut self, folder: &str, base: Option<&str>, known: &[&str], said: &Said) {
        for file in said.env_files.iter().take(FILES) {
            // Of one that a variable names nothing is known, but that it is there. An example is none that people run with.
            let at = relative(file).map_or_else(String::new, |f| path::join(base.unwrap_or(folder), f));
            if ["example", "sample", "template"].iter().any(|word| path::name(&at).contains(word)) {
                continue;
            }
            let run: Vec<String> = match base {
                Some(base) => known.iter().map(|f| path::join(base, f)).collect(),
                None => vec![folder.to_owned()],
            };
            for key in run {
                let all = self.env_files.entry(key).or_default();
                if all.len() < WAYS && !all.contains(&at) {
                    all.push(at.clone());
                }
            }
        }
    }
}

fn said(words: &[&str]) -> Said {
    let mut said = Said::default();
    let mut words = words.iter();
    let mut before: Option<&str> = None;
    // A variable in front of a `-f` may hold others, but for the command's own name.
    let mut variable = false;
    let stack = words.clone().any(|w| *w == "stack");
    while let Some(word) = words.next() {
        let last = before.replace(word);
        if *word == "-f" || *word == "--file" || stack && (*word == "-c" || *word == "--compose-file") {
            // A list may be kept in a variable, behind the first of these.
            said.named.extend(last.filter(|l| said.named.is_empty() && is_yaml(l)).map(str::to_owned));
            said.named.extend(words.next().map(|w| (*w).to_owned()));
            said.more |= variable;
        } else if let Some(file) = word.strip_prefix("--file=") {
            said.named.push(file.to_owned());
            said.more |= variable;
        } else if *word == "--project-directory" {
            said.project = words.next().map(|w| (*w).to_owned());
        } else if let Some(at) = word.strip_prefix("--project-directory=") {
            said.project = Some(at.to_owned());
        } else if *word == "--env-file" {
            said.env_files.extend(words.next().map(|w| (*w).to_owned()));
        } else if let Some(at) = word.strip_prefix("--env-file=") {
            said.env_files.push(at.to_owned());
        } else if *word == "-p" || *word == "--project-name" || *word == "--profile" {
            words.next();
        } else {
            variable |= word.starts_with('$') && last.is_some();
        }
    }
    said
}

/// The folder from which most of the paths lead to a file: the nearest of the script's own and those above.
fn nearest<'f>(files: &Files, folder: &'f str, paths: &[&str]) -> Option<&'f str> {
    base(files, folder, paths.first()?).filter(|_| paths.len() == 1).or_else(|| {
        let above = std::iter::successors(Some(folder), |f| path::parent(f)).take(super::ABOVE);
        let led = above.map(|f| (paths.iter().filter(|p| files.contains_key(&path::join(f, p))).count(), f));
        led.reduce(|best, next| if next.0 > best.0 { next } else { best }).filter(|(n, _)| *n > 0).map(|(_, f)| f)
    })
}
