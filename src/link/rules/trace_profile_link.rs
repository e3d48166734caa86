//! A link from traces to profiles that leads to no store of profiles.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;

use super::ds_link_type::{Link, misled};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-trace-profile-link",
    aliases: &[],
    summary: "traces link to profiles in a data source that holds none",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("trace_profile_link.md"),
};

/// The link.
const LINK: Link = Link {
    key: "tracesToProfiles.datasourceUid",
    leads: "traces link to profiles in",
    lacks: "holds none",
    without: &["prometheus", "loki", "tempo", "jaeger", "zipkin", "alertmanager"],
    right: "grafana-pyroscope-datasource",
};

/// Every such link.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    findings.all.extend(misled(linked, &RULE, &LINK));
}
