//! Texts to hold against an engine: those of our case pages, those of a folder, and accidents made of them by chance.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::page::{Info, Page, parse};
use crate::root;

/// A fixed linear congruential sequence: the same texts on every machine.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    /// A number below a limit.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    /// One of a list.
    pub(super) fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// A character boundary of the text.
    pub(super) fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// The texts of a folder, by path.
pub(super) fn texts(folder: &Path) -> Result<Vec<String>> {
    Ok(files(folder)?.iter().filter_map(|p| fs::read_to_string(p).ok()).collect())
}

/// The case pages of a folder of the repository, by path.
pub(super) fn pages(folder: &str) -> Result<Vec<Page>> {
    let pages = files(&root().join(folder))?.into_iter().filter(|p| p.extension().is_some_and(|e| e == "md"));
    pages.map(|p| parse(&fs::read_to_string(&p)?).map_err(|e| anyhow!("{}: {e}", p.display()))).collect()
}

/// The files of the cases of such pages whose paths are wanted.
pub(super) fn blocks(folder: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let blocks = pages(folder)?.into_iter().flat_map(|p| p.cases).flat_map(|c| c.blocks);
    Ok(blocks.filter(|b| matches!(&b.info, Info::File(path) if wanted(path))).map(|b| b.body).collect())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    Ok(paths)
}

/// One accident.
pub(super) fn mutate(text: &str, chance: &mut Chance, values: &[&str], put: &[&str]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let keyed: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].contains(": ") || lines[*i].ends_with(':')).collect();
    if keyed.is_empty() {
        return text.to_owned();
    }
    let at = keyed[chance.below(keyed.len())];
    let line = lines[at].clone();
    let indent = line.len() - line.trim_start_matches([' ', '-']).len();
    let colon = line.find(':').unwrap_or(line.len());
    match chance.below(7) {
        // Another key.
        0 if colon > indent + 1 => lines[at].replace_range(colon - 1..colon, ""),
        0 | 1 => lines[at].insert(colon, 's'),
        // Another value.
        2 | 3 => {
            lines[at].truncate(colon + 1);
            lines[at].push(' ');
            lines[at].push_str(values[chance.below(values.len())]);
        }
        4 if !line.trim_start().starts_with('-') => lines.insert(at, line),
        4 | 5 => lines.insert(at + 1, format!("{}{}", " ".repeat(indent), put[chance.below(put.len())])),
        _ => {
            lines.remove(at);
        }
    }
    lines.join("\n") + "\n"
}
