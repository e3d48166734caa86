//! Contact points that send mail, in a Grafana that sends none.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::engines::grafana::symbols;
use crate::parse::Node;

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-smtp-disabled",
    aliases: &[],
    summary: "a contact point sends mail, and Grafana is not told to send any",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("smtp_disabled.md"),
};

/// Once per Grafana, where all of its settings are known.
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some((_, service)) = instance.service else { return };
    let points = symbols::alerting(instance);
    let roots = points.iter().filter_map(|(_, a)| a.data()?.root()?.get("contactPoints")).flat_map(Node::items);
    let receivers = roots.filter_map(|p| p.get("receivers")).flat_map(Node::items);
    let mut mail = receivers.filter_map(|r| r.get("type")).filter(|t| t.scalar() == Some("email"));
    let Some(first) = mail.next() else { return };
    let said = match symbols::setting(instance, "smtp", "enabled") {
        symbols::Setting::Unknown => return,
        symbols::Setting::Absent => None,
        symbols::Setting::Given(value, _) if value.trim().parse() != Ok(false) => return,
        symbols::Setting::Given(_, span) => Some(span),
    };
    let message = "this contact point sends mail, and Grafana sends none: `enabled` of `smtp` is not set";
    let mut told = Diagnostic::new(&RULE, first.inner(), message)
        .note("each notification fails: \"SMTP not configured\"")
        .help("set `GF_SMTP_ENABLED=true`, `GF_SMTP_HOST` and what the server asks for");
    told = match said {
        Some(span) => told.label(span, "turned off here"),
        None => told.label(service.span, "this Grafana"),
    };
    for other in mail.take(3) {
        told = told.label(other.inner(), "so does this one");
    }
    findings.push(told);
}
