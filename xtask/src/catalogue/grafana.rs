//! `schemas/grafana/ini.json`: sections and keys of `grafana.ini`, from the files that a release carries.
//!
//! A folder holds what could be had of one release: `conf/defaults.ini`, `conf/sample.ini`, or both, and where they are there the
//! pages of the documentation, and the source. Keys that stand in a comment are keys, too. Names alone are kept.
//!
//! The releases are those that public repositories carry whole or in part: the server's own repository cannot be had here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::root;

const USAGE: &str = "usage: cargo xtask catalogue grafana-ini VERSION=ORIGIN=FOLDER…";

/// Keys before the first section.
const DEFAULT: &str = "DEFAULT";

#[derive(Default)]
struct Facts {
    sections: BTreeMap<String, BTreeSet<String>>,
    /// Sections that a `defaults.ini` has without any key, or with examples alone: what stands there is up to the user.
    open: BTreeSet<String>,
    /// In how many `defaults.ini` a section stands.
    seen: BTreeMap<String, usize>,
    /// Keys that the source asks for, of whatever section.
    read: BTreeSet<String>,
}

/// Writes the file.
pub(super) fn run(sources: &[&str]) -> Result<()> {
    let mut facts = Facts::default();
    let mut read = Vec::new();
    for source in sources {
        let mut parts = source.splitn(3, '=');
        let (Some(version), Some(origin), Some(folder)) = (parts.next(), parts.next(), parts.next()) else {
            bail!(USAGE)
        };
        let folder = Path::new(folder);
        let files = ["conf/defaults.ini", "conf/sample.ini"].map(|name| text(&folder.join(name)).ok());
        let [defaults, sample] = files;
        if defaults.is_none() && sample.is_none() {
            bail!("{} has no ini file", folder.display());
        }
        defaults.iter().for_each(|text| facts.defaults(text));
        if let Some(sample) = sample {
            facts.ini(&sample);
        }
        let pages = folder.join("docs/sources/setup-grafana/configure-grafana");
        for page in below(&pages, "md")? {
            facts.page(&text(&page)?);
        }
        for file in below(&folder.join("pkg"), "go")? {
            if !file.to_string_lossy().ends_with("_test.go") {
                facts.source(&text(&file)?);
            }
        }
        read.push(json!([version, origin]));
    }
    let sections: Vec<String> = facts
        .sections
        .iter()
        .map(|(name, keys)| {
            let example = |key: &String| ["example", "foo"].iter().any(|e| key.to_ascii_lowercase().starts_with(e));
            let open = facts.open.contains(name) || keys.is_empty() || keys.iter().all(example);
            // What one release alone has may have more in the next one.
            let kind = match facts.seen.get(name) {
                _ if open || name.starts_with("plugin.") => "open",
                Some(2..) => "closed",
                _ => "loose",
            };
            json!({ "name": name, "kind": kind, "keys": keys }).to_string()
        })
        .collect();
    let out = format!(
        "{{\n\"engine\": \"grafana\",\n\"path\": \"conf/defaults.ini\",\n\"read\": {},\n\"asked\": {},\n\"sections\": [\n{}\n]\n}}\n",
        json!(read),
        json!(facts.read),
        sections.join(",\n")
    );
    let file = root().join("schemas/grafana/ini.json");
    let same = fs::read_to_string(&file).is_ok_and(|before| before == out);
    fs::create_dir_all(file.parent().context("no folder")?)?;
    fs::write(&file, &out).with_context(|| file.display().to_string())?;
    let state = if same { "unchanged" } else { "written" };
    let keys: usize = facts.sections.values().map(BTreeSet::len).sum();
    println!("{} {state}: {} sections, {keys} keys", file.display(), facts.sections.len());
    Ok(())
}

fn text(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The files with that extension below a folder that may be missing.
fn below(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let (mut waiting, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_name(text: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty()
        && !text.ends_with('.')
        && text.chars().all(sign)
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

impl Facts {
    fn section(&mut self, name: &str) -> &mut BTreeSet<String> {
        self.sections.entry(name.to_owned()).or_default()
    }

    /// A `defaults.ini`, in which a section without a key is one that users fill.
    fn defaults(&mut self, text: &str) {
        for (name, keys) in self.ini(text) {
            *self.seen.entry(name.clone()).or_default() += 1;
            if keys == 0 {
                self.open.insert(name);
            }
        }
    }

    /// The sections of an ini file with the number of their keys.
    fn ini(&mut self, text: &str) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::from([(DEFAULT.to_owned(), 1)]);
        let mut section = DEFAULT.to_owned();
        for line in text.lines().map(str::trim) {
            let (commented, line) = match line.strip_prefix([';', '#']) {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let header = line.strip_prefix('[').and_then(|l| l.split_once(']')).map(|(name, _)| name);
            if let Some(name) = header.filter(|n| is_name(n)) {
                // A section in a comment is most often the one that the next keys in comments belong to.
                section = name.to_owned();
                self.section(name);
                counts.entry(section.clone()).or_default();
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            let key = key.trim();
            // Of comments only what looks like a setting: prose has blanks around, and no name alone before the sign.
            if is_name(key) && !(commented && value.starts_with('=')) {
                self.section(&section.clone()).insert(key.to_owned());
                *counts.entry(section.clone()).or_default() += 1;
            }
        }
        counts
    }

    /// A page of the documentation: headings name sections and keys.
    fn page(&mut self, text: &str) {
        let mut section: Option<(usize, String)> = Some((0, DEFAULT.to_owned()));
        let mut fenced = false;
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            let level = line.bytes().take_while(|b| *b == b'#').count();
            if fenced || level < 2 {
                continue;
            }
            let title = line[level..].trim().replace('`', "");
            if let Some(name) = title.strip_prefix('[').and_then(|t| t.strip_suffix(']')).filter(|n| is_name(n)) {
                self.section(name);
                section = Some((level, name.to_owned()));
            } else if section.as_ref().is_some_and(|(at, _)| level <= *at) {
                section = None;
            } else if let Some((_, section)) = section.as_ref().filter(|_| is_name(&title) && title.contains('_')) {
                let section = section.clone();
                self.section(&section).insert(title);
            }
        }
    }

    /// What the source asks an ini file for, line by line: which section a variable holds is known where it gets it, and what a
    /// variable that comes from elsewhere is asked for may stand anywhere.
    fn source(&mut self, text: &str) {
        let mut held: BTreeMap<&str, &str> = BTreeMap::new();
        for line in text.lines() {
            if line.starts_with("func ") {
                held.clear();
            }
            for opener in ["Section(\"", "SectionWithEnvOverrides(\""] {
                for (at, _) in line.match_indices(opener) {
                    let rest = &line[at + opener.len()..];
                    let Some(name) = rest.split('"').next().filter(|n| is_name(n)) else { continue };
                    self.section(name);
                    if let Some((variable, _)) = line[..at].split_once('=') {
                        held.insert(variable.trim_end_matches(':').trim(), name);
                    }
                    let key = rest[name.len()..].strip_prefix("\").Key(\"").and_then(|r| r.split('"').next());
                    if let Some(key) = key.filter(|k| is_name(k)) {
                        self.section(name).insert(key.to_owned());
                    }
                }
            }
            for (at, _) in line.match_indices(".Key(\"") {
                let variable = line[..at].rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next();
                self.asked(&held, variable.unwrap_or_default(), line[at + 6..].split('"').next());
            }
            for (at, _) in line.match_indices("valueAs") {
                let Some((_, arguments)) = line[at..].split_once('(') else { continue };
                let Some((variable, rest)) = arguments.split_once(',') else { continue };
                self.asked(
                    &held,
                    variable.trim(),
                    rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next()),
                );
            }
        }
    }

    fn asked(&mut self, held: &BTreeMap<&str, &str>, variable: &str, key: Option<&str>) {
        let Some(key) = key.filter(|k| is_name(k)) else { return };
        match held.get(variable) {
            Some(section) => self.section(section).insert(key.to_owned()),
            // A section that is asked where it is got stands there.
            None if variable.is_empty() => false,
            None => self.read.insert(key.to_owned()),
        };
    }
}
