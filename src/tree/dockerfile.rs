//! Images that no compose file names: the engine that a `Dockerfile` starts from, for the configs that it copies, and those
//! of manifests beside a config.

use std::collections::HashMap;
use std::ops::Range;

use super::{Image, path};
use crate::catalogue::{self, Version};

/// Lines of one file that are looked at.
const LINES: usize = 2_000;

/// A word of an instruction with its place in the file.
pub(super) type Token<'t> = (&'t str, Range<usize>);

/// An engine that an image is built on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    /// `tempo`.
    pub engine: &'static str,
    /// Of its tag.
    pub version: Version,
    /// The reference in the text.
    pub span: Range<usize>,
}

/// Whether a file of that name says how an image is built.
pub(super) fn is_one(name: &str) -> bool {
    let stem = |n: &str| matches!(n.to_ascii_lowercase().as_str(), "dockerfile" | "containerfile");
    let (first, last) = (name.split('.').next().unwrap_or_default(), path::extension(name));
    stem(first) || stem(last)
}

/// The engines of the stages of one, in their order. What an `ARG` without a default decides is not known.
pub(super) fn bases(text: &str) -> Vec<Base> {
    let all = instructions(text);
    let mut arguments: HashMap<&str, &str> = HashMap::new();
    let mut found = Vec::new();
    for words in &all {
        let Some(((instruction, _), rest)) = words.split_first() else { continue };
        if instruction.eq_ignore_ascii_case("ARG") {
            for (name, value) in rest.iter().filter_map(|(w, _)| w.split_once('=')) {
                arguments.insert(name, value.trim_matches(['"', '\'']));
            }
        } else if instruction.eq_ignore_ascii_case("FROM")
            && let Some((written, span)) = rest.iter().find(|(w, _)| !w.starts_with("--"))
            && let Some((engine, version)) = engine(&filled(written, &arguments))
        {
            found.push(Base { engine, version, span: span.clone() });
        }
    }
    found
}

/// The words of each instruction: a backslash at the end of a line goes on, and comments between lines are none.
pub(super) fn instructions(text: &str) -> Vec<Vec<Token<'_>>> {
    let mut all = Vec::new();
    let mut words: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim_start().starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let content = line.trim_end();
        let (content, more) = content.strip_suffix('\\').map_or((content, false), |c| (c, true));
        words.extend(content.split_whitespace().map(|word| {
            let from = start + (word.as_ptr() as usize - line.as_ptr() as usize);
            (word, from..from + word.len())
        }));
        if !more {
            all.push(std::mem::take(&mut words));
            if all.len() > LINES {
                break;
            }
        }
    }
    all.push(words);
    all.retain(|words| !words.is_empty());
    all
}

/// The engines of the images that a manifest of another platform (`kind: StatefulSet`) runs.
pub(super) fn images(text: &str) -> Vec<Base> {
    let mut found = Vec::new();
    // Most files are none. The template of a compose file is not read otherwise.
    let is_template = || text.contains("{{") && text.lines().any(|l| l.starts_with("services:"));
    if !text.contains("image:") || !(text.lines().any(|l| l.starts_with("kind:")) || is_template()) {
        return found;
    }
    for (at, _) in text.match_indices("image:").take(LINES) {
        let line = text[at + "image:".len()..].lines().next().unwrap_or_default();
        let written = line.trim().trim_matches(['"', '\'']);
        if let Some((engine, version)) = engine(written) {
            let start = at + "image:".len() + line.find(written).unwrap_or_default();
            found.push(Base { engine, version, span: start..start + written.len() });
        }
    }
    found
}

/// A reference with its arguments filled in, as far as they have defaults.
pub(super) fn filled(written: &str, arguments: &HashMap<&str, &str>) -> String {
    let mut out = String::new();
    let mut rest = written;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        let (name, default, end) = match after.strip_prefix('{') {
            Some(inner) => {
                let Some(close) = inner.find('}') else { return String::new() };
                let (name, default) = inner[..close].split_once(":-").unwrap_or((&inner[..close], ""));
                (name, default, close + 2)
            }
            None => {
                let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
                (&after[..end], "", end)
            }
        };
        out.push_str(arguments.get(name).copied().filter(|v| !v.is_empty()).unwrap_or(default));
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

/// The engine and the version of an image reference.
fn engine(reference: &str) -> Option<(&'static str, Version)> {
    let name = reference.split('@').next()?;
    let (repository, tag) = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))?;
    let repository = Image::short(repository);
    let facts = catalogue::all().iter().find(|f| f.images.contains(&repository))?;
    Some((facts.engine, facts.resolve(tag)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_with_the_defaults_of_their_arguments() {
        let text = "# syntax=docker/dockerfile:1\nARG TAG=2.6.1\nFROM golang:1.24 AS build\nfrom --platform=linux/amd64 docker.io/grafana/tempo:${TAG}\nFROM grafana/loki:$NONE\nFROM grafana/loki:${NONE:-3.5.0}\n";
        let found: Vec<_> =
            bases(text).into_iter().map(|b| (b.engine, b.version, text[b.span.clone()].to_owned())).collect();
        assert_eq!(
            found,
            [
                ("tempo", Version::new(2, 6, 1), "docker.io/grafana/tempo:${TAG}".to_owned()),
                ("loki", Version::new(3, 5, 0), "grafana/loki:${NONE:-3.5.0}".to_owned()),
            ]
        );
        assert_eq!(bases("FROM grafana/tempo:latest\nFROM grafana/tempo\nFROM ${A\nFROM"), []);
    }

    #[test]
    fn manifests_name_images() {
        let text = "kind: StatefulSet\nspec:\n  - image: \"grafana/tempo:1.5.0\"\n  - image: busybox:1\n";
        let found: Vec<_> = images(text).into_iter().map(|b| (b.version, &text[b.span])).collect();
        assert_eq!(found, [(Version::new(1, 5, 0), "grafana/tempo:1.5.0")]);
        assert_eq!(images("services:\n  a:\n    image: grafana/tempo:1.5.0"), []);
    }

    #[test]
    fn names_tell_them() {
        for name in ["Dockerfile", "Dockerfile.tempo", "tempo.Dockerfile", "Containerfile", "tempo.dockerfile"] {
            assert!(is_one(name), "{name}");
        }
        assert!(!is_one("dockerfiles.yaml") && !is_one("compose.yaml"));
    }
}
