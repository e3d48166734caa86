//! Which tags of a repository are releases.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};

use super::git::git;

/// One version of the catalogue and the tag that it is read at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Release {
    /// Without the prefix; a line that has no release yet stands as its `x.y.0`.
    pub(crate) version: String,
    /// As the repository spells it.
    pub(crate) tag: String,
    /// The line has no release yet: this is its newest candidate.
    pub(crate) prerelease: bool,
}

/// All release tags from a line on, ascending, and the newest candidate of a line without a release.
pub(crate) fn releases(checkout: &Path, from: (u32, u32)) -> Result<Vec<Release>> {
    prefixed(checkout, V, from)
}

/// The same where tags begin with another text: a repository of several programs names the program.
pub(crate) fn prefixed(checkout: &Path, prefix: &str, from: (u32, u32)) -> Result<Vec<Release>> {
    let list = select(&git(checkout, &["tag", "--list", &format!("{prefix}*")])?, prefix, from);
    if list.is_empty() {
        bail!("{} has no release tags", checkout.display());
    }
    Ok(list)
}

/// What release tags begin with.
pub(crate) const V: &str = "v";

/// Major, minor, patch and the number of the candidate; a release counts as the last of all candidates.
type Parts = (u32, u32, u32, u32);

fn parse(tag: &str, prefix: &str) -> Option<Parts> {
    let bare = tag.strip_prefix(prefix)?;
    let (core, candidate) = match (bare.split_once("-rc."), bare.split_once("-0.")) {
        (Some((core, n)), _) => (core, n.parse().ok()?),
        // A commit on the way to a release, named as Go names those.
        (None, Some((core, _))) => (core, 0),
        (None, None) => (bare, u32::MAX),
    };
    let mut parts = core.split('.').map(str::parse);
    let parsed = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?, candidate);
    parts.next().is_none().then_some(parsed)
}

fn select(tags: &str, prefix: &str, from: (u32, u32)) -> Vec<Release> {
    let mut lines: BTreeMap<(u32, u32), Vec<(Parts, &str)>> = BTreeMap::new();
    for tag in tags.lines() {
        if let Some(parts) = parse(tag, prefix).filter(|p| (p.0, p.1) >= from) {
            lines.entry((parts.0, parts.1)).or_default().push((parts, tag));
        }
    }
    let mut list = Vec::new();
    for ((major, minor), mut tags) in lines {
        tags.sort_unstable();
        let released = tags.iter().any(|(parts, _)| parts.3 == u32::MAX);
        if !released {
            tags.drain(..tags.len() - 1);
        }
        for (parts, tag) in tags {
            let version = if released { format!("{major}.{minor}.{}", parts.2) } else { format!("{major}.{minor}.0") };
            if parts.3 == u32::MAX || !released {
                list.push(Release { version, tag: tag.to_owned(), prerelease: !released });
            }
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_count_only_where_a_line_has_no_release() {
        let list = select(
            "v1.10.0\nv1.9.0\nv1.9.0-rc.0\nv1.19.0-rc.3\nv1.19.0-rc.10\nv1.9.1\nvault\nsyntax/v0.1.0\nv1.9\nv1.8.7\n",
            "v",
            (1, 9),
        );
        let read: Vec<_> = list.iter().map(|r| (r.version.as_str(), r.tag.as_str(), r.prerelease)).collect();
        let want = [
            ("1.9.0", "v1.9.0", false),
            ("1.9.1", "v1.9.1", false),
            ("1.10.0", "v1.10.0", false),
            ("1.19.0", "v1.19.0-rc.10", true),
        ];
        assert_eq!(read, want);
    }

    #[test]
    fn a_repository_of_several_programs_names_the_program_in_its_tags() {
        let list = select("mimir-2.9.0\nmimir-2.10.0\nmimir-distributed-5.0.0\nv1.0.0\n", "mimir-", (2, 10));
        assert_eq!(list.iter().map(|r| r.version.as_str()).collect::<Vec<_>>(), ["2.10.0"]);
    }
}
