//! What an image that is built here is made of: the steps of a `Dockerfile`, where each of them is known.
//!
//! Instructions by their names in moby/buildkit frontend/dockerfile/instructions/commands.go@0c5957812fa5.

use std::collections::HashMap;
use std::ops::Range;

use super::dockerfile::{self, Token};
use super::path;

/// Files with more instructions are not followed.
const INSTRUCTIONS: usize = 500;

/// A word of an instruction with its place in the file.
pub type Word = (String, Range<usize>);

/// What one copies into an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// A path of the context, cleaned; `None` = from another image, a URL, or an archive.
    pub source: Option<String>,
    /// Where the source is written.
    pub source_range: Range<usize>,
    /// The path in the image, absolute.
    pub target: String,
    /// Whether the target is written as a folder.
    pub into: bool,
    /// Where the target is written.
    pub target_range: Range<usize>,
}

/// The steps of the stage that becomes the image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipe {
    /// The image that it starts from.
    pub image: Word,
    /// `ENTRYPOINT`.
    pub entrypoint: Option<Vec<Word>>,
    /// `CMD`.
    pub command: Option<Vec<Word>>,
    /// `ENV`: names, and values with their places.
    pub environment: Vec<(String, Word)>,
    /// `COPY` and `ADD`.
    pub copies: Vec<Copied>,
    /// `USER`.
    pub user: Option<String>,
    /// `HEALTHCHECK`.
    pub healthcheck: Option<Vec<Word>>,
    /// `WORKDIR`; `None` = the image's own.
    pub folder: Option<String>,
}

impl Recipe {
    /// Reads a file for one of its stages, the last one where none is named, with build arguments that are known. `None` where
    /// a step runs a command, or something is decided elsewhere.
    pub fn read(text: &str, stage: Option<&str>, arguments: &[(String, String)]) -> Option<Self> {
        let mut known: HashMap<&str, &str> = HashMap::new();
        let mut stages: Vec<(Option<String>, Option<Self>)> = Vec::new();
        let all = dockerfile::instructions(text);
        if all.len() > INSTRUCTIONS {
            return None;
        }
        for words in &all {
            let [(name, _), rest @ ..] = words.as_slice() else { continue };
            match (name.to_ascii_uppercase().as_str(), stages.last_mut()) {
                ("ARG", None) => {
                    for (name, value) in rest.iter().filter_map(|(w, _)| w.split_once('=')) {
                        known.insert(name, value.trim_matches(['"', '\'']));
                    }
                    known.extend(arguments.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                }
                ("FROM", _) => {
                    let mut rest = rest.iter().filter(|(w, _)| !w.starts_with("--"));
                    let (written, range) = rest.next()?;
                    let image = dockerfile::filled(written, &known);
                    let alias = rest.nth(1).map(|(name, _)| name.to_ascii_lowercase());
                    let base = stages.iter().find(|(name, _)| name.as_deref() == Some(&image.to_ascii_lowercase()));
                    let recipe = match base {
                        Some((_, recipe)) => recipe.clone(),
                        None => (!image.is_empty()).then(|| Self { image: (image, range.clone()), ..Self::default() }),
                    };
                    stages.push((alias, recipe));
                }
                (_, None) => {}
                (name, Some((_, recipe))) => {
                    if recipe.as_mut().is_some_and(|r| r.step(text, name, rest).is_none()) {
                        *recipe = None;
                    }
                }
            }
        }
        let wanted = stage.map(str::to_ascii_lowercase);
        let chosen = match wanted {
            Some(name) => stages.into_iter().find(|(alias, _)| *alias == Some(name.clone())),
            None => stages.pop(),
        };
        chosen?.1
    }

    /// One more step; `None` = what it does is not known.
    fn step(&mut self, text: &str, name: &str, words: &[Token<'_>]) -> Option<()> {
        let plain = |w: &[Token<'_>]| w.iter().all(|(w, _)| !w.contains('$'));
        match name {
            "EXPOSE" | "LABEL" | "MAINTAINER" | "STOPSIGNAL" | "VOLUME" | "ARG" => {}
            "ENTRYPOINT" => {
                self.entrypoint = Some(line(text, words)?);
                self.command = None;
            }
            "CMD" => self.command = Some(line(text, words)?),
            "USER" if plain(words) => self.user = Some(words.first()?.0.to_owned()),
            "WORKDIR" if plain(words) => {
                let at = words.first()?.0;
                let base = self.folder.as_deref().unwrap_or_default();
                self.folder = (at.starts_with('/') || !base.is_empty()).then(|| path::join(base, at));
            }
            "HEALTHCHECK" => self.healthcheck = Some(check(text, words)?),
            "RUN" if makes_folders(words) => {}
            "ENV" if plain(words) => self.set(words)?,
            "COPY" | "ADD" if plain(words) => self.copy(text, words)?,
            _ => return None,
        }
        Some(())
    }

    /// `ENV a=b c=d`, `ENV a b c`.
    fn set(&mut self, words: &[Token<'_>]) -> Option<()> {
        let [(first, _), rest @ ..] = words else { return None };
        if !first.contains('=') {
            let (value, range) = rest.first()?;
            let one = rest.len() == 1;
            self.environment.push(((*first).to_owned(), (one.then(|| (*value).to_owned())?, range.clone())));
            return Some(());
        }
        for (word, range) in words {
            let (name, value) = word.split_once('=')?;
            // Of quoted words with blanks the ends are not known here.
            let value = match value.strip_prefix(['"', '\'']) {
                Some(inner) => inner.strip_suffix(['"', '\''])?,
                None => value,
            };
            self.environment.push((name.to_owned(), (value.to_owned(), range.start + name.len() + 1..range.end)));
        }
        Some(())
    }

    fn copy(&mut self, text: &str, words: &[Token<'_>]) -> Option<()> {
        let options = words.iter().take_while(|(w, _)| w.starts_with("--")).count();
        let foreign = words[..options].iter().any(|(w, _)| w.starts_with("--from="));
        let ends = match words.get(options)? {
            (first, _) if first.starts_with('[') => list(text, words[options].1.start..words.last()?.1.end)?,
            (first, _) if first.starts_with("<<") => return None,
            _ => words[options..].iter().map(owned).collect(),
        };
        let [sources @ .., (target, target_range)] = ends.as_slice() else { return None };
        let base = self.folder.as_deref();
        let at = if target.starts_with('/') { path::join("", target) } else { path::join(base?, target) };
        for (source, range) in sources {
            let closed = |s: &str| !foreign && !s.contains("://") && !s.contains(['*', '?', '[']) && !is_archive(s);
            self.copies.push(Copied {
                source: closed(source).then(|| path::clean(source.trim_start_matches('/'))),
                source_range: range.clone(),
                target: at.clone(),
                into: target.ends_with('/') || target == "." || sources.len() > 1,
                target_range: target_range.clone(),
            });
        }
        Some(())
    }
}

fn owned((word, range): &Token<'_>) -> Word {
    ((*word).to_owned(), range.clone())
}

fn is_archive(name: &str) -> bool {
    ["tar", "gz", "tgz", "bz2", "xz", "zip"].contains(&path::extension(name))
}

/// `HEALTHCHECK --interval=5s CMD a b`, or `CMD ["a", "b"]`.
fn check(text: &str, words: &[Token<'_>]) -> Option<Vec<Word>> {
    let from = words.iter().position(|(word, _)| !word.starts_with("--"))?;
    let (first, rest) = words[from..].split_first()?;
    if !rest.first().is_some_and(|(word, _)| word.starts_with('[')) {
        return Some(words[from..].iter().map(owned).collect());
    }
    let mut check = vec![owned(first)];
    check.extend(line(text, rest)?);
    Some(check)
}

/// Commands that change no program and no file that another one reads.
const HARMLESS: [&str; 3] = ["mkdir", "chown", "chmod"];

/// Whether a step only makes folders and gives them away.
fn makes_folders(words: &[Token<'_>]) -> bool {
    let mut starts = true;
    words.iter().all(|(word, _)| {
        let begins = std::mem::replace(&mut starts, matches!(*word, "&&" | ";"));
        let plain = !word.contains(['$', '`', '|', '>', '<', '"', '\'', '[']) && (!word.contains(';') || *word == ";");
        plain && (!begins || HARMLESS.contains(word))
    })
}

/// A command line: a list, or a text for a shell.
fn line(text: &str, words: &[Token<'_>]) -> Option<Vec<Word>> {
    let ((first, from), (_, to)) = (words.first()?, words.last()?);
    if first.starts_with('[') {
        return list(text, from.start..to.end);
    }
    let shell = ["/bin/sh", "-c"].map(|w| (w.to_owned(), from.start..from.start));
    let script = text.get(from.start..to.end)?.to_owned();
    Some(shell.into_iter().chain([(script, from.start..to.end)]).collect())
}

/// The texts of a list in JSON, as far as they hold no escape.
fn list(text: &str, range: Range<usize>) -> Option<Vec<Word>> {
    let inner = text.get(range.clone())?.strip_prefix('[')?.trim_end().strip_suffix(']')?;
    let mut found = Vec::new();
    let mut rest = inner;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == '\\');
        if rest.is_empty() {
            return Some(found);
        }
        let body = rest.strip_prefix('"')?;
        let end = body.find('"').filter(|end| !body[..*end].contains('\\'))?;
        let start = range.start + 1 + (inner.len() - body.len());
        found.push((body[..end].to_owned(), start..start + end));
        rest = &body[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_steps_of_the_last_stage_are_read() {
        let text = "ARG TAG=1.0\nFROM golang:1 AS build\nRUN make\nFROM grafana/alloy:${TAG} as base\n# why\nENV A=b \\\n  C=\"d\"\nFROM base\nLABEL x=\"a b\"\nWORKDIR /etc\nCOPY --chown=1:1 a.alloy \\\n  alloy/config.alloy\nCOPY [\"b/\", \"/x/\"]\nCOPY --from=build /bin/x /bin/x\nENTRYPOINT [\"/bin/alloy\", \"run\"]\nCMD a b\nUSER 10\n";
        let recipe = Recipe::read(text, None, &[("TAG".to_owned(), "1.5.1".to_owned())]).unwrap();
        let slice = |w: &Word| (w.0.clone(), text[w.1.clone()].to_owned());
        assert_eq!(slice(&recipe.image), ("grafana/alloy:1.5.1".into(), "grafana/alloy:${TAG}".into()));
        let environment: Vec<_> = recipe.environment.iter().map(|(n, v)| (n.as_str(), slice(v))).collect();
        assert_eq!(environment, [("A", ("b".into(), "b".into())), ("C", ("d".into(), "\"d\"".into()))]);
        let copies: Vec<_> = recipe.copies.iter().map(|c| (c.source.as_deref(), c.target.as_str(), c.into)).collect();
        assert_eq!(
            copies,
            [(Some("a.alloy"), "/etc/alloy/config.alloy", false), (Some("b"), "/x", true), (None, "/bin/x", false)]
        );
        let of = |words: &Option<Vec<Word>>| words.iter().flatten().map(slice).map(|(w, _)| w).collect::<Vec<_>>();
        assert_eq!(of(&recipe.entrypoint), ["/bin/alloy", "run"]);
        assert_eq!(of(&recipe.command), ["/bin/sh", "-c", "a b"]);
        assert_eq!(recipe.user.as_deref(), Some("10"));
        assert_eq!(Recipe::read(text, Some("BASE"), &[]).unwrap().copies, []);
    }

    #[test]
    fn checks_are_read_in_each_form_and_folders_may_be_made() {
        let check = |text: &str| -> Vec<String> {
            let recipe =
                Recipe::read(&format!("FROM grafana/alloy:v1\nRUN mkdir -p /a && chown 1:1 /a\n{text}"), None, &[]);
            recipe.unwrap().healthcheck.unwrap().into_iter().map(|(word, _)| word).collect()
        };
        assert_eq!(
            check("HEALTHCHECK --interval=5s \\\n  CMD curl a || exit 1"),
            ["CMD", "curl", "a", "||", "exit", "1"]
        );
        assert_eq!(check("HEALTHCHECK CMD [\"curl\", \"a\"]"), ["CMD", "curl", "a"]);
        assert_eq!(check("HEALTHCHECK NONE"), ["NONE"]);
    }

    #[test]
    fn what_a_step_runs_is_not_known() {
        for text in [
            "FROM grafana/alloy:v1\nRUN mkdir /a; apk add curl",
            "FROM grafana/alloy:v1\nRUN mkdir /a && echo a > /etc/alloy/config.alloy",
            "FROM grafana/alloy:v1\nRUN --mount=type=cache,target=/a mkdir /a",
            "FROM grafana/alloy:v1\nRUN sed -i s/a/b/ /etc/alloy/config.alloy",
            "FROM grafana/alloy:v1\nCOPY <<EOF /x\na\nEOF",
            "FROM grafana/alloy:v1\nCOPY $A /x",
            "FROM grafana/alloy:v1\nCOPY a x",
            "FROM grafana/alloy:v1\nENTRYPOINT [\"a\\n\"]",
            "FROM ${IMAGE}",
            "FROM",
            "",
        ] {
            assert_eq!(Recipe::read(text, None, &[]), None, "{text}");
        }
        assert_eq!(Recipe::read("FROM a", Some("b"), &[]), None);
    }
}
