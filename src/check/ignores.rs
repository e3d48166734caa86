//! Applies `[check.ignore]` of every `vispyr.toml`, and finds what in it silences nothing. What `[check] symbols` names was
//! read before, as far as it can be.

use std::collections::{BTreeMap, HashMap};

use super::Options;
use super::suppress::{self, UNUSED};
use super::symbols;
use crate::diagnostic::{Diagnostic, Fix, Rule};
use crate::near::Near;
use crate::source::{Edit, SourceId, Span, Spanned};
use crate::spec::{self, CheckSection, Globs, Ignore};
use crate::tree::{SPEC, Tree, path};

/// The word for every rule.
const EVERY: &str = "*";

/// What one `vispyr.toml` says about the files below its folder.
struct Said<'a> {
    folder: &'a str,
    entries: Vec<Entry>,
    globs: Globs,
}

/// One line of `[check.ignore]`.
struct Entry {
    glob: Spanned<String>,
    rules: Vec<Silent>,
}

/// One rule of a line.
struct Silent {
    /// As written.
    id: Spanned<String>,
    /// `None` = every rule.
    rule: Option<&'static Rule>,
    /// Whether it silenced something.
    used: bool,
}

/// The `[check.ignore]` of a tree.
pub(super) struct Ignores<'a> {
    said: Vec<Said<'a>>,
    /// For each file that has findings, the entries that speak of it.
    of_file: HashMap<SourceId, Vec<(usize, usize)>>,
}

impl<'a> Ignores<'a> {
    /// Reads those of every `vispyr.toml` of a tree; the findings are those on these files.
    pub(super) fn of(tree: &'a Tree) -> (Self, Vec<Diagnostic>) {
        let mut found = Vec::new();
        let mut said = Vec::new();
        if tree.of_kind(SPEC.name).next().is_none() {
            return (Self { said, of_file: HashMap::new() }, found);
        }
        let rules = super::rules();
        let near = Near::default();
        for artifact in tree.of_kind(SPEC.name).map(|(_, a)| a) {
            let (said_here, more) = spec::of_check(artifact.source, tree.sources.text(artifact.source));
            let CheckSection { ignore, symbols } = said_here;
            found.extend(more);
            let folder = path::folder(&artifact.path);
            found.extend(symbols.iter().filter_map(|file| symbols::fault(tree, folder, file)));
            if ignore.is_empty() {
                continue;
            }
            match Globs::of(ignore.iter().map(|i| i.glob.value.as_str())) {
                Some(globs) => {
                    let names = rules.iter().flat_map(|r| std::iter::once(&r.id).chain(r.aliases).map(|n| (*n, *r)));
                    let names = names.collect();
                    let unknown = |id: &Spanned<String>| {
                        found.push(suppress::unknown(&spec::INVALID_VALUE, id.span, &id.value, &rules, &near));
                    };
                    let entries = Entry::all(ignore, &names, unknown);
                    said.push(Said { folder, entries, globs });
                }
                None => {
                    let message = "the globs of `ignore` are too many and too long to be compiled";
                    found.push(Diagnostic::new(&spec::INVALID_VALUE, ignore[0].glob.span, message));
                }
            }
        }
        (Self { said, of_file: HashMap::new() }, found)
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Whether a finding is to be silent. Every entry that says so counts as used.
    pub(super) fn silence(&mut self, tree: &Tree, diagnostic: &Diagnostic) -> bool {
        let source = diagnostic.primary.span.source;
        let speak = || {
            let path = &tree.sources.get(source).path;
            let all = self.said.iter().enumerate();
            all.flat_map(|(at, s)| s.speak_of(tree, path).into_iter().map(move |entry| (at, entry))).collect()
        };
        let entries: &Vec<_> = match self.of_file.entry(source) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => new.insert(speak()),
        };
        let mut hit = false;
        for (said, entry) in entries {
            let rules = &mut self.said[*said].entries[*entry].rules;
            for silent in rules.iter_mut().filter(|s| s.rule.is_none_or(|r| r.id == diagnostic.rule.id)) {
                silent.used = true;
                hit = true;
            }
        }
        hit
    }

    /// A finding for each id that silenced nothing, in files of which everything below is known.
    pub(super) fn unused(&self, tree: &Tree, options: &Options) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for said in self.said.iter().filter(|s| tree.is_listed(s.folder)) {
            // In a file that cannot be read no rule had its say.
            let mut fits: BTreeMap<usize, bool> = BTreeMap::new();
            for (_, artifact) in tree.below(said.folder) {
                for entry in said.speak_of(tree, &artifact.path) {
                    *fits.entry(entry).or_default() |= !artifact.syntax.is_empty();
                }
            }
            for (at, entry) in said.entries.iter().enumerate() {
                match fits.get(&at) {
                    Some(true) => {}
                    Some(false) => entry.unused(options, &mut found),
                    None if entry.rules.iter().all(|s| s.is_judged(options)) => {
                        let message = format!("`{}` fits no file that is checked", entry.glob.value);
                        let help = "remove the line, or name files that there are: the glob is relative to the folder of this file";
                        found.push(Diagnostic::new(&UNUSED, entry.glob.span, message).help(help));
                    }
                    None => {}
                }
            }
        }
        found
    }
}

impl Silent {
    /// Whether its rule, or every rule, had its say in this run.
    fn is_judged(&self, options: &Options) -> bool {
        match self.rule {
            Some(rule) => options.wants(rule),
            None => options.select.is_empty() && options.ignore.is_empty(),
        }
    }
}

impl Said<'_> {
    fn speak_of(&self, tree: &Tree, file: &str) -> Vec<usize> {
        tree.seen_from(self.folder, file).map(|rest| self.globs.fitting(&rest)).unwrap_or_default()
    }
}

impl Entry {
    fn all(
        ignore: Vec<Ignore>,
        names: &HashMap<&str, &'static Rule>,
        mut unknown: impl FnMut(&Spanned<String>),
    ) -> Vec<Self> {
        let mut silent = |id: Spanned<String>| {
            let rule = names.get(id.value.as_str()).copied();
            if rule.is_none() && id.value != EVERY {
                unknown(&id);
                return None;
            }
            Some(Silent { id, rule, used: false })
        };
        let entry = |i: Ignore| Self { glob: i.glob, rules: i.rules.into_iter().filter_map(&mut silent).collect() };
        ignore.into_iter().map(entry).collect()
    }

    fn unused(&self, options: &Options, found: &mut Vec<Diagnostic>) {
        let idle = |s: &Silent| !s.used && s.is_judged(options);
        let spans: Vec<Span> = self.rules.iter().map(|s| s.id.span).collect();
        let stays = self.rules.iter().position(|s| !idle(s));
        for (at, silent) in self.rules.iter().enumerate().filter(|(_, s)| idle(s)) {
            let broken = silent.rule.map_or("a rule".to_owned(), |r| format!("`{}`", r.id));
            let message = format!("nothing that `{}` fits breaks {broken}", self.glob.value);
            let diagnostic = Diagnostic::new(&UNUSED, silent.id.span, message);
            found.push(match stays {
                // How much of the text the line is, a person sees better.
                None => diagnostic.help("remove the line"),
                Some(first) => {
                    let edits = vec![Edit { span: suppress::with_comma(&spans, at, first), text: String::new() }];
                    let title = format!("remove `{}` from the list", silent.id.value);
                    diagnostic.help("remove the id from the list").fix(Fix { title, safe: true, edits })
                }
            });
        }
    }
}
