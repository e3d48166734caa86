//! Whether Go's regular expressions refuse a pattern.

use super::facts::Release;
use crate::lang::re2::{Go, parse};

/// Why the pattern cannot be compiled, and what to do. Newer compilers accept more, so the newest that any Alloy with this release is
/// built with decides.
pub(super) fn broken(pattern: &str, release: Release) -> Option<(String, Option<String>)> {
    let error = parse(pattern, Go::of_alloy(release.newest_alloy())).err()?;
    Some((error.message, error.help))
}
