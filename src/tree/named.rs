//! Versions of engines that a script or a `Dockerfile` names otherwise than by `FROM`: the release that it fetches, the image
//! that it runs, a variable called for the engine.

use std::ops::Range;

use super::dockerfile::Base;
use super::scripts::Variables;
use crate::catalogue::{self, Facts};

/// Places of one text that are looked at.
const PLACES: usize = 200;

/// All that a text names.
pub(super) fn versions(text: &str) -> Vec<Base> {
    let mut found = Vec::new();
    let variables = Variables::of(text);
    for facts in catalogue::all() {
        let name = facts.engine.to_ascii_uppercase();
        let names = [format!("{name}_VERSION"), format!("VERSION_{name}"), format!("{name}_TAG")];
        for (_, value) in variables.known().filter(|(name, _)| names.iter().any(|n| n == name)) {
            let start = (value.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            found.extend(base(facts, value, start..start + value.len()));
        }
        let releases = format!("{}/releases/download/", facts.repository);
        let images = facts.images.iter().map(|i| format!("{i}:"));
        for marker in std::iter::once(releases).chain(images) {
            for (at, _) in text.match_indices(&marker).take(PLACES) {
                // Bounded first, so that one long line is not read to its end for each of them.
                let rest = &text[at + marker.len()..];
                let rest = rest.char_indices().nth(PLACES).map_or(rest, |(end, _)| &rest[..end]);
                let rest = rest.lines().next().unwrap_or_default();
                let filled = variables.fill(rest);
                let end = filled.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)));
                // Some repositories put a name in front: `mimir-2.9.0`.
                let tag = filled[..end.unwrap_or(filled.len())].trim_start_matches(|c: char| !c.is_ascii_digit());
                found.extend(base(facts, tag, at..at + marker.len()));
            }
        }
    }
    found
}

fn base(facts: &Facts, tag: &str, span: Range<usize>) -> Option<Base> {
    Some(Base { engine: facts.engine, version: facts.resolve(tag)?, span })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Version;

    #[test]
    fn releases_images_and_variables_are_read() {
        let one = |text: &str| versions(text).first().map(|b| (b.engine, b.version));
        let tempo = |minor, patch| Some(("tempo", Version::new(2, minor, patch)));
        assert_eq!(one(": \"${TEMPO_VERSION:=2.7.1}\""), tempo(7, 1));
        assert_eq!(one("ARG VERSION_TEMPO=2.7.1"), tempo(7, 1));
        assert_eq!(
            one("V=2.0.0\ncurl https://github.com/grafana/tempo/releases/download/v${V}/tempo.deb"),
            tempo(0, 0)
        );
        assert_eq!(one("docker run grafana/tempo:2.8.0 -x"), tempo(8, 0));
        for none in ["TEMPO_VERSION=latest", "docker run grafana/tempo:latest", "grafana/tempo:$X", "TEMPO=2.7.1"] {
            assert_eq!(one(none), None, "{none}");
        }
    }
}
