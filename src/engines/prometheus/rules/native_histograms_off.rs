//! `prom-native-histograms-off`.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-native-histograms-off",
    aliases: &[],
    summary: "native histograms are asked for by a feature that does nothing any more",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("native_histograms_off.md"),
};
