//! What can run inside of known images (`schemas/compose/images.toml`).

use crate::catalogue::Version;
use crate::tree::Image;

include!(concat!(env!("OUT_DIR"), "/compose_images.rs"));

/// One image, over some versions.
#[derive(Debug)]
pub(super) struct Tools {
    repositories: &'static [&'static str],
    /// As people call it.
    pub title: &'static str,
    since: Version,
    until: Version,
    suffixes: &'static [&'static str],
    /// Programs that a check may call.
    pub tools: &'static [&'static str],
    /// A check that works, where nothing else does.
    pub instead: &'static [&'static str],
}

/// Whether an image is known, whatever its version is; then it has no health check of its own.
pub(super) fn is_known(repository: &str) -> bool {
    IMAGES.iter().any(|i| i.repositories.contains(&repository))
}

/// What an image holds, and whether its tag says so; without a version the newest one is meant.
pub(super) fn of(image: &Image) -> Option<(&'static Tools, bool)> {
    if image.open || image.digest && image.tag.is_none() {
        return None;
    }
    let tag = image.tag.as_deref().unwrap_or("latest");
    let (version, suffix, exact) = match Version::line(tag) {
        Some((major, minor, patch)) => {
            // An open part means the newest release of the line.
            let version = Version::new(major, minor.unwrap_or(u16::MAX - 1), patch.unwrap_or(u16::MAX));
            // What is built before a release holds what that holds.
            let suffix = Version::suffix(tag);
            let candidate = ["-rc.", "-beta.", "-alpha.", "-rc"].iter().find_map(|c| suffix.strip_prefix(c));
            let number = candidate.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            (version, if number { "" } else { suffix }, true)
        }
        None => {
            let suffix = tag.strip_prefix("latest")?;
            (Version::new(u16::MAX - 1, 0, 0), suffix, false)
        }
    };
    let fits = |i: &&Tools| {
        i.repositories.contains(&image.repository.as_str())
            && i.suffixes.contains(&suffix)
            && i.since <= version
            && version < i.until
    };
    IMAGES.iter().find(fits).map(|found| (found, exact))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceId, Span};

    fn tools(repository: &str, tag: Option<&str>) -> Option<(&'static [&'static str], bool)> {
        let span = Span::file(SourceId(0));
        let tag = tag.map(str::to_owned);
        let image = Image { repository: repository.to_owned(), tag, digest: false, open: false, span };
        of(&image).map(|(t, exact)| (t.tools, exact))
    }

    #[test]
    fn tags_choose_the_row() {
        assert_eq!(tools("grafana/tempo", Some("2.9.3")), Some((&[][..], true)));
        assert!(tools("grafana/tempo", Some("2.9.2")).is_some_and(|(t, _)| t.contains(&"wget")));
        assert_eq!(tools("grafana/tempo", Some("2.9")), Some((&[][..], true)));
        assert_eq!(tools("grafana/loki", None), Some((&[][..], false)));
        assert!(tools("prom/prometheus", Some("v3.14.0")).is_some_and(|(t, _)| t.contains(&"wget")));
        assert_eq!(tools("prom/prometheus", Some("v3.14.0-distroless")), Some((&[][..], true)));
        assert_eq!(tools("prom/prometheus", Some("v3.14.0-custom")), None);
        assert_eq!(tools("prom/prometheus", Some("main")), None);
        assert_eq!(tools("web", Some("1")), None);
    }
}
