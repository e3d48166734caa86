//! `vispyr fmt`: Alloy files in the one form that `alloy fmt` gives them.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use similar::TextDiff;
use vispyr_alloy::TokenKind;

use crate::diagnostic::Diagnostic;
use crate::engines::{self, alloy};
use crate::output;
use crate::output::fs::Disk;
use crate::report::{self, View};
use crate::source::{Source, Sources};
use crate::tree::{RawTree, SIZE_LIMIT, Settings, Tree, WalkOptions, path, walk};

use super::args::Fmt;
use super::{Exit, Failure, Streams, trouble};

/// What standard input is called.
const STDIN: &str = "<stdin>";

pub(super) fn run(args: &Fmt, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let stdin = args.paths.iter().any(|p| p == Path::new("-"));
    if stdin && args.paths.len() > 1 {
        return Err(trouble("`-` is standard input and takes no other paths beside it"));
    }
    let raw = if stdin {
        input()?
    } else {
        walk(&args.paths, &WalkOptions::default()).map_err(|e| trouble(e.to_string()))?
    };
    let named = raw.named.clone();
    // Whoever names a file says that it is Alloy.
    let settings = Settings { kind: Some(&alloy::CONFIG), ..Settings::default() };
    let tree = engines::tree(raw, &settings);
    let mut run = Run { args, stdin, streams, exit: Exit::Clean };
    run.left_alone(&tree, &named)?;
    let mut broken = Vec::new();
    let mut done = BTreeSet::new();
    for artifact in tree.artifacts.iter().filter(|a| a.kind == &alloy::CONFIG) {
        if artifact.inline {
            continue;
        }
        let is_named = named.contains(&artifact.path);
        // What an engine mounts is checked even where git ignores it; formatting it is nobody's wish.
        if !is_named && tree.is_ignored(&artifact.path) {
            continue;
        }
        if !artifact.syntax.is_empty() {
            broken.extend(artifact.syntax.iter().map(alloy::rules::syntax::diagnostic));
            continue;
        }
        // Two links may lead to one file.
        if stdin || std::fs::canonicalize(&artifact.path).is_ok_and(|real| done.insert(real)) {
            run.file(tree.sources.get(artifact.source))?;
        }
    }
    run.broken(&tree.sources, &broken)?;
    Ok(run.exit)
}

/// Standard input as a tree of one file.
fn input() -> Result<RawTree, Failure> {
    let mut bytes = Vec::new();
    let unread = |e: io::Error| trouble(format!("standard input cannot be read: {e}"));
    io::stdin().lock().take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(trouble(format!("standard input is larger than {} MiB", SIZE_LIMIT >> 20)));
    }
    let mut raw = RawTree::default();
    raw.named.insert(STDIN.to_owned());
    raw.add(STDIN.to_owned(), bytes);
    Ok(raw)
}

struct Run<'a, 's> {
    args: &'a Fmt,
    stdin: bool,
    streams: &'a mut Streams<'s>,
    exit: Exit,
}

impl Run<'_, '_> {
    /// Tells of files that could not be read as text.
    fn left_alone(&mut self, tree: &Tree, named: &BTreeSet<String>) -> Result<(), Failure> {
        for skipped in &tree.skipped {
            let shown = report::clean(&skipped.path);
            if named.contains(&skipped.path) {
                writeln!(self.streams.err, "error: `{shown}` is left as it is: {}", skipped.reason)?;
                self.exit = Exit::Found;
            } else if matches!(path::extension(&skipped.path), "alloy" | "river") {
                writeln!(self.streams.err, "info: `{shown}` is left as it is: {}", skipped.reason)?;
            }
        }
        Ok(())
    }

    /// Prints what is wrong with files that are not Alloy; they are left as they are.
    fn broken(&mut self, sources: &Sources, found: &[Diagnostic]) -> Result<(), Failure> {
        if found.is_empty() {
            return Ok(());
        }
        self.exit = Exit::Found;
        if let Some(format) = report::format("text") {
            (format.render)(&View::of_source(sources, found), &self.streams.err_style, self.streams.err)?;
        }
        Ok(())
    }

    /// Formats one file that is whole.
    fn file(&mut self, source: &Source) -> Result<(), Failure> {
        let shown = report::clean(&source.path);
        // Alloy reads UTF-8 and nothing else.
        if source.shift == 2 {
            writeln!(self.streams.err, "error: `{shown}` is left as it is: it is UTF-16, which Alloy does not read")?;
            self.exit = Exit::Found;
            return Ok(());
        }
        let new = match vispyr_alloy::format(&source.text) {
            Ok(new) => new,
            Err(errors) => {
                let why = errors.first().map_or("", |error| error.message.as_str());
                writeln!(self.streams.err, "error: `{shown}` is left as it is: {why}")?;
                self.exit = Exit::Found;
                return Ok(());
            }
        };
        // A byte order mark goes.
        let changed = source.shift > 0 || *source.text != *new;
        let harm = if changed { harm(&source.text, &new) } else { None };
        if self.args.check || self.args.diff {
            return self.preview(source, &new, changed);
        }
        if self.stdin {
            write!(self.streams.out, "{new}")?;
        }
        match harm {
            Some(Harm::Broken) if !self.stdin => {
                writeln!(self.streams.err, "error: `{shown}` is left as it is: {}", Harm::Broken.text())?;
                self.exit = Exit::Found;
                return Ok(());
            }
            Some(harm) => writeln!(self.streams.err, "warning: `{shown}`: {}", harm.text())?,
            None => {}
        }
        if changed && !self.stdin {
            output::replace(&Disk, &PathBuf::from(&source.path), new.as_bytes())
                .map_err(|e| trouble(format!("`{shown}` cannot be written: {e}")))?;
            writeln!(self.streams.err, "formatted `{shown}`")?;
        }
        Ok(())
    }

    /// Says what would change.
    fn preview(&mut self, source: &Source, new: &str, changed: bool) -> Result<(), Failure> {
        if !changed {
            return Ok(());
        }
        self.exit = Exit::Found;
        let shown = report::clean(&source.path);
        if !self.args.diff {
            writeln!(self.streams.out, "{shown}")?;
            return Ok(());
        }
        let old: Arc<str> = match source.shift {
            0 => Arc::clone(&source.text),
            _ => format!("\u{feff}{}", source.text).into(),
        };
        let text = TextDiff::from_lines(&*old, new);
        let headed =
            text.unified_diff().context_radius(3).header(&format!("a/{shown}"), &format!("b/{shown}")).to_string();
        write!(self.streams.out, "{headed}")?;
        Ok(())
    }
}

/// What the canonical form does to a text besides its layout. All are faults of upstream's printer, which decides what the
/// form is; nobody should find out later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// It says something else or does not parse any more: behind a `//` inside a value the next words may land on its line, a
    /// call without arguments over two lines gets a lone comma, and a form feed in a string or comment becomes a line end
    /// (grafana/alloy syntax/printer/{walker,printer}.go@v1.19.0-rc.3).
    Broken,
    /// Tabs in strings, and ends of lines in raw ones, are aligned as if they stood between words, and escapes in the names
    /// of fields are escaped once more (grafana/alloy syntax/printer/{printer,walker}.go@v1.19.0-rc.3).
    Value,
}

impl Harm {
    fn text(self) -> &'static str {
        match self {
            Self::Broken => {
                "the form that `alloy fmt` gives it says something else; write no comments inside values, calls without arguments on one line, and no form feeds"
            }
            Self::Value => {
                "the form that `alloy fmt` gives it changes blanks inside a string or escapes in the name of a field; look at the difference"
            }
        }
    }
}

/// Compares the words of a text with those of its canonical form.
fn harm(old: &str, new: &str) -> Option<Harm> {
    let (before, after) = (words(old), words(new));
    let alike =
        |(a, b): (&(TokenKind, &str), &(TokenKind, &str))| a.0 == b.0 && (a.0 == TokenKind::String || a.1 == b.1);
    if before.len() != after.len()
        || !before.iter().zip(&after).all(alike)
        || !vispyr_alloy::parse(new).errors.is_empty()
    {
        return Some(Harm::Broken);
    }
    (before != after).then_some(Harm::Value)
}

/// The words of a text, without what the canonical form may add, leave out or write otherwise: commas, empty labels, quotes.
fn words(text: &str) -> Vec<(TokenKind, &str)> {
    let laid_out = |kind| matches!(kind, TokenKind::Terminator | TokenKind::Comment | TokenKind::Comma);
    let tokens: Vec<_> = vispyr_alloy::tokens(text).0.into_iter().filter(|token| !laid_out(token.kind)).collect();
    let mut words = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let written = text.get(token.start as usize..token.end as usize).unwrap_or_default();
        if token.kind != TokenKind::String {
            words.push((token.kind, written));
        } else if written != "\"\"" || tokens.get(at + 1).is_none_or(|next| next.kind != TokenKind::LCurly) {
            words.push((token.kind, written.trim_matches(['"', '`'])));
        }
    }
    words
}
