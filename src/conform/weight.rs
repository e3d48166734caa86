//! What a finding that rests on a version weighs, and how it says where that version is from.

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, Severity};
use crate::tree::VersionFrom;

/// Makes an error a warning.
pub fn lighter(found: Diagnostic) -> Diagnostic {
    if found.severity == Severity::Error { found.severity(Severity::Warning) } else { found }
}

/// Says which version of an engine (by its title) a finding is about. One that another version would not have, `by_version`,
/// is lighter where nobody named the version.
pub fn weighed(found: Diagnostic, title: &str, version: &(Version, VersionFrom), by_version: bool) -> Diagnostic {
    let (version, from) = version;
    let mut found = if by_version && from.is_assumed() { lighter(found) } else { found };
    found.guessed |= by_version && *from == VersionFrom::Newest;
    found.moot |= by_version && matches!(from, VersionFrom::Unknown(_));
    if let Some(note) = assumption(title, *version, from) {
        found = found.note(note);
    }
    match from {
        VersionFrom::Image(span) | VersionFrom::Spec(span) | VersionFrom::Comment(span) => {
            found.label(*span, format!("{title} {version}"))
        }
        VersionFrom::Neighbour(span) | VersionFrom::Several(span) => found.label(*span, format!("{title} {version}")),
        VersionFrom::Unknown(span) => found.label(*span, "this names no version"),
        VersionFrom::Option => found.note(format!("{title} {version} was asked for")),
        VersionFrom::Newest => found,
    }
}

/// Why a version that nobody named for a file is held to be its own.
pub fn assumption(title: &str, version: Version, from: &VersionFrom) -> Option<String> {
    let said = format!("{title} {version}");
    match from {
        VersionFrom::Neighbour(_) => {
            Some(format!("nothing here mounts the file: {said}, which runs beside it, is assumed"))
        }
        VersionFrom::Several(_) => Some(format!("several versions are named: {said}, the newest of them, is assumed")),
        VersionFrom::Unknown(_) => {
            Some(format!("the version is not known: {said}, the newest that is known, is assumed"))
        }
        VersionFrom::Newest => Some(format!("no version is named: {said}, the newest that is known, is assumed")),
        _ => None,
    }
}
