//! Image references.

use super::interpolate::{Env, Expanded, interpolate, interpolate_copied};
use super::value::Text;
use crate::source::Span;
use crate::tree::Image;

/// Reads `[registry/]repository[:tag][@digest]`.
pub(super) fn read(text: &Text<'_>) -> Image {
    of(&text.expanded, text.span)
}

/// The same, of who copies the example of an env file that is not there: what such a file pins is what is run.
pub(super) fn read_copied(text: &Text<'_>, env: &Env) -> Image {
    if !text.raw.contains('$') {
        return read(text);
    }
    let mut left = LONGEST;
    of(&interpolate_copied(&text.raw, env, &mut left), text.span)
}

/// The same, of a text without variables.
pub(super) fn written(text: &str, span: Span) -> Image {
    of(&interpolate(text, &Env::default(), &mut 0), span)
}

/// Bytes that variables may bring into a reference.
const LONGEST: usize = 4096;

fn of(text: &Expanded, span: Span) -> Image {
    let whole = text.text.as_str();
    let (name, digest) = match whole.split_once('@') {
        Some((name, _)) => (name, true),
        None => (whole, false),
    };
    let fields = text.fields(':');
    // The last colon separates the tag, unless a slash follows: then it is a registry's port.
    let colon = fields.last().filter(|f| fields.len() > 1 && f.start <= name.len()).map(|f| f.start - 1);
    let colon = if digest { name.rfind(':') } else { colon };
    let (repository, tag) = match colon {
        Some(at) if !name[at..].contains('/') => (&name[..at], Some(name[at + 1..].to_owned())),
        _ => (name, None),
    };
    Image { repository: Image::short(repository).to_owned(), tag, digest, open: text.open(), span }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        for (text, repository, tag, digest) in [
            ("grafana/tempo:2.9.1", "grafana/tempo", Some("2.9.1"), false),
            ("grafana/tempo", "grafana/tempo", None, false),
            ("docker.io/library/caddy:2", "caddy", Some("2"), false),
            ("localhost:5000/tempo", "localhost:5000/tempo", None, false),
            ("localhost:5000/tempo:1", "localhost:5000/tempo", Some("1"), false),
            ("registry.example.com/hub/grafana/tempo:2.9.1", "grafana/tempo", Some("2.9.1"), false),
            ("mirror.gcr.io/prom/prometheus", "prom/prometheus", None, false),
            ("ghcr.io/somebody/tempo:1", "ghcr.io/somebody/tempo", Some("1"), false),
            ("a/b@sha256:abc", "a/b", None, true),
            ("a/b:1@sha256:abc", "a/b", Some("1"), true),
        ] {
            let image = read(&Text::plain(text));
            assert_eq!((image.repository.as_str(), image.tag.as_deref(), image.digest), (repository, tag, digest));
        }
    }

    #[test]
    fn an_open_variable_is_kept_apart() {
        let image = read(&Text::plain("a/b:${TAG:?set it}"));
        assert_eq!((image.repository.as_str(), image.tag.as_deref()), ("a/b", Some("${TAG:?set it}")));
        assert!(image.open);
    }
}
