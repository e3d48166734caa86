//! `[check.ignore]`: which rules are silent about which files.

use globset::{Error, Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::diagnostic::Diagnostic;
use crate::source::Spanned;

use super::model::Ignore;
use super::node::Node;
use super::read;
use super::report::Report;
use super::rules;
use super::table::Key;
use super::text::{Complaint, TextForm};

/// Globs, and ids of all of them together, beyond what anybody writes by hand.
const GLOBS: usize = 1_000;
const IDS: usize = 10_000;

/// Files below the folder of `vispyr.toml`.
pub(super) static GLOB: TextForm = TextForm {
    name: "glob",
    what: "a path or glob relative to `vispyr.toml` such as `\"legacy/**\"`",
    pattern: "^[^!/\\\\].{0,999}$",
    check: |text| {
        let below = "write it as it is seen from the folder of `vispyr.toml`, such as `legacy/**`";
        match text {
            "" => Err(Complaint::new("is empty")),
            _ if text.len() > 1_000 => Err(Complaint::new("is longer than 1000 bytes")),
            _ if text.starts_with('!') => {
                Err(Complaint::new("starts with `!`, which takes nothing back here").help("name what is to be silent"))
            }
            _ if text.contains('\\') => Err(Complaint::new("holds `\\`").help("write `/` between folders")),
            _ if text.starts_with('/') => Err(Complaint::new("starts at the root of the disk").help(below)),
            _ if text.split('/').any(|s| s == "..") => Err(Complaint::new("leads out of the folder").help(below)),
            _ => match (Globs::glob(text), Globs::glob(&format!("{text}/**"))) {
                (Ok(_), Ok(_)) => Ok(()),
                (Err(e), _) | (_, Err(e)) => Err(Complaint::new(format!("is no glob: {}", e.kind()))),
            },
        }
    },
};

/// The id of a rule, or all of them. Which ids there are only the check knows.
pub(super) static RULE: TextForm = TextForm {
    name: "rule id",
    what: "the id of a rule such as `\"compose-floating-tag\"`, or `\"*\"` for all",
    pattern: "^(\\*|[a-z0-9]+(-[a-z0-9]+)*)$",
    check: |text| {
        let fits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text == "*" || text.split('-').all(fits) {
            return Ok(());
        }
        Err(Complaint::new("is no id").help("`vispyr rules` lists them"))
    },
};

/// Reads the table.
pub(super) fn value(key: &Key, node: Node<'_>, report: &mut Report<'_>) -> Option<Vec<Ignore>> {
    let Some(entries) = node.entries() else { return read::refuse(report, read::wrong_type(key, node)) };
    let mut all = Vec::new();
    let (mut whole, mut ids) = (true, 0);
    for (glob, span, node) in entries {
        if all.len() == GLOBS || ids > IDS {
            let message = format!("`{}` has more than {GLOBS} globs or {IDS} rules", key.name);
            return read::refuse(report, Diagnostic::new(&rules::INVALID_VALUE, span, message));
        }
        let glob = match (GLOB.check)(glob) {
            Ok(()) => Some(glob.to_owned()),
            Err(_) if !report.has_room() => None,
            Err(complaint) => read::refuse(report, read::no_key(key, &GLOB, span, glob, &complaint)),
        };
        let rules = read::texts(key, &RULE, true, node, report);
        ids += rules.as_ref().map_or(0, Vec::len);
        match glob.zip(rules) {
            Some((glob, rules)) => all.push(Ignore { glob: Spanned::new(glob, span), rules }),
            None => whole = false,
        }
    }
    whole.then_some(all)
}

/// Globs, asked together. One without `/` fits at any depth; one that fits a folder fits all that lies below it.
#[derive(Debug)]
pub struct Globs(GlobSet);

impl Globs {
    /// `None` = they are too much to be compiled.
    pub fn of<'a>(globs: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut set = GlobSetBuilder::new();
        for glob in globs {
            set.add(Self::glob(glob).ok()?);
            set.add(Self::glob(&format!("{glob}/**")).ok()?);
        }
        set.build().ok().map(Self)
    }

    /// Those that a path fits, by place.
    pub fn fitting(&self, path: &str) -> Vec<usize> {
        let mut places: Vec<usize> = self.0.matches(path).into_iter().map(|at| at / 2).collect();
        places.dedup();
        places
    }

    fn glob(text: &str) -> Result<Glob, Error> {
        let text = text.trim_start_matches("./");
        let inner = text.strip_suffix("/**").unwrap_or(text).trim_end_matches('/');
        let depth = if inner.contains('/') { "" } else { "**/" };
        let below = if text.len() > inner.len() { "/**" } else { "" };
        GlobBuilder::new(&format!("{depth}{inner}{below}")).literal_separator(true).backslash_escape(false).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_fits_as_gitignore_has_it() {
        let globs = ["legacy", "a/*.yaml", "*.json", "./x/", "**", "deep/**/z.yml", "{p,q}/r", "*"];
        let set = Globs::of(globs).unwrap();
        let fits = |path: &str, glob: &str| set.fitting(path).iter().any(|at| globs[*at] == glob);
        for (path, glob, want) in [
            ("legacy/tempo.yaml", "legacy", true),
            ("b/legacy/c/tempo.yaml", "legacy", true),
            ("legacy.yaml", "legacy", false),
            ("a/b.yaml", "a/*.yaml", true),
            ("a/c/b.yaml", "a/*.yaml", false),
            ("c/a/b.yaml", "a/*.yaml", false),
            ("c/a/b.json", "*.json", true),
            ("x/y", "./x/", true),
            ("x", "./x/", false),
            ("a", "**", true),
            ("a/b", "**", true),
            ("a/b", "*", true),
            ("deep/z.yml", "deep/**/z.yml", true),
            ("deep/a/b/z.yml", "deep/**/z.yml", true),
            ("q/r/s", "{p,q}/r", true),
        ] {
            assert_eq!(fits(path, glob), want, "{path} {glob}");
        }
    }

    #[test]
    fn what_cannot_fit_is_refused() {
        for bad in ["", "/etc", "../x", "a/../b", "!a", "a\\b", "[a", "{a", "a{b"] {
            assert!((GLOB.check)(bad).is_err(), "{bad}");
        }
        for bad in ["", "A-b", "a--b", "a b", "-a"] {
            assert!((RULE.check)(bad).is_err(), "{bad}");
        }
    }
}
