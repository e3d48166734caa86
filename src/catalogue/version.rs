//! Versions as image tags and specs write them.

use std::fmt;

/// A release of an engine: three numbers. Suffixes of tags (`-alpine`) are not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Major.
    pub major: u16,
    /// Minor.
    pub minor: u16,
    /// Patch.
    pub patch: u16,
}

impl Version {
    /// Patch of a version that names none, where no release of its line is known: above all that there may be.
    pub const NEWEST_PATCH: u16 = u16::MAX;

    /// A version from its numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `3.14.0`, `v3.14.0` or `3.14.0-distroless`; nothing that leaves the patch open.
    pub fn exact(text: &str) -> Option<Self> {
        let (numbers, _) = Self::split(text)?;
        match numbers[..] {
            [major, minor, patch] => Some(Self { major, minor, patch }),
            _ => None,
        }
    }

    /// Reads a version line: `2.9`, `v2.9`, `3`, or an exact version; open parts are `None`.
    pub fn line(text: &str) -> Option<(u16, Option<u16>, Option<u16>)> {
        let (numbers, _) = Self::split(text)?;
        match numbers[..] {
            [major] => Some((major, None, None)),
            [major, minor] => Some((major, Some(minor), None)),
            [major, minor, patch] => Some((major, Some(minor), Some(patch))),
            _ => None,
        }
    }

    /// The suffix of a tag: `-distroless` of `v3.14.0-distroless`, else empty.
    pub fn suffix(text: &str) -> &str {
        Self::split(text).map_or("", |(_, rest)| rest)
    }

    fn split(text: &str) -> Option<(Vec<u16>, &str)> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (numbers, rest) = text.split_at(end);
        if !(rest.is_empty() || rest.starts_with(['-', '+', '_'])) {
            return None;
        }
        let numbers: Option<Vec<u16>> = numbers.split('.').map(|n| n.parse().ok()).collect();
        numbers.filter(|n| (1..=3).contains(&n.len())).map(|n| (n, rest))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch == Self::NEWEST_PATCH { Ok(()) } else { write!(f, ".{}", self.patch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_versions_only_when_they_are() {
        assert_eq!(Version::new(2, 37, Version::NEWEST_PATCH).to_string(), "2.37");
        assert_eq!(Version::exact("v3.14.0"), Some(Version::new(3, 14, 0)));
        assert_eq!(Version::exact("2.9.1-alpine"), Some(Version::new(2, 9, 1)));
        assert_eq!(Version::exact("2.9"), None);
        assert_eq!(Version::line("2.9"), Some((2, Some(9), None)));
        for other in ["latest", "main-abc123", "", "r182-1f2e", "2.x", "1.2.3.4", "2024-01-02T00", "99999.1.1"] {
            assert_eq!(Version::exact(other), None, "{other}");
        }
        assert_eq!(Version::suffix("v3.14.0-distroless"), "-distroless");
    }
}
