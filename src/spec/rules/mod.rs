//! Rules about `vispyr.toml`. Each has a page beside this file: explanation and test in one.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

const fn rule(id: &'static str, severity: Severity, summary: &'static str, page: &'static str) -> Rule {
    // vispyr itself refuses the file, as an engine's own checker would.
    Rule { id, aliases: &[], summary, tier: Tier::A, severity, fix: FixKind::None, since: "0.1.0", page }
}

/// `spec-conflict`
pub(super) static CONFLICT: Rule = rule(
    "spec-conflict",
    Severity::Error,
    "two values of `vispyr.toml` contradict each other",
    include_str!("conflict.md"),
);
/// `spec-exposed`
pub(super) static EXPOSED: Rule = rule(
    "spec-exposed",
    Severity::Warning,
    "a setting of `vispyr.toml` opens a port to more than it needs",
    include_str!("exposed.md"),
);
/// `spec-floating-version`
pub(super) static FLOATING_VERSION: Rule = rule(
    "spec-floating-version",
    Severity::Error,
    "a version in `vispyr.toml` can move",
    include_str!("floating_version.md"),
);
/// `spec-invalid-value`
pub static INVALID_VALUE: Rule = rule(
    "spec-invalid-value",
    Severity::Error,
    "a value of `vispyr.toml` is not of the form of its key",
    include_str!("invalid_value.md"),
);
/// `spec-missing-key`
pub(super) static MISSING_KEY: Rule = rule(
    "spec-missing-key",
    Severity::Error,
    "a required key of `vispyr.toml` is not there",
    include_str!("missing_key.md"),
);
/// `spec-not-available`
pub(super) static NOT_AVAILABLE: Rule = rule(
    "spec-not-available",
    Severity::Error,
    "`vispyr.toml` asks for something that this version does not do",
    include_str!("not_available.md"),
);
/// `spec-syntax`
pub(super) static SYNTAX: Rule =
    rule("spec-syntax", Severity::Error, "`vispyr.toml` is not TOML", include_str!("syntax.md"));
/// `spec-unknown-key`
pub(super) static UNKNOWN_KEY: Rule = rule(
    "spec-unknown-key",
    Severity::Error,
    "`vispyr.toml` has a key that does not exist",
    include_str!("unknown_key.md"),
);
/// `spec-unknown-version`
pub(super) static UNKNOWN_VERSION: Rule = rule(
    "spec-unknown-version",
    Severity::Info,
    "a version in `vispyr.toml` is newer than those that vispyr knows",
    include_str!("unknown_version.md"),
);

/// Every rule about `vispyr.toml`, by id.
pub static RULES: &[&Rule] = &[
    &CONFLICT,
    &EXPOSED,
    &FLOATING_VERSION,
    &INVALID_VALUE,
    &MISSING_KEY,
    &NOT_AVAILABLE,
    &SYNTAX,
    &UNKNOWN_KEY,
    &UNKNOWN_VERSION,
];

#[cfg(test)]
mod tests;
