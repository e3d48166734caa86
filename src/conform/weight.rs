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
    match from {
        VersionFrom::Image(span) | VersionFrom::Spec(span) | VersionFrom::Comment(span) => {
            found.label(*span, format!("{title} {version}"))
        }
        VersionFrom::Neighbour(span) => found
            .label(*span, format!("{title} {version}"))
            .note(format!("nothing here mounts the file: {title} {version}, which runs beside it, is assumed")),
        VersionFrom::Option => found.note(format!("{title} {version} was asked for")),
        VersionFrom::Newest => {
            found.note(format!("no version is named: {title} {version}, the newest that is known, is assumed"))
        }
    }
}
