//! Connectors whose `output` lists a signal that they do not make.

use crate::catalogue::Version;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, Position, lists_nobody, signal_of};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-signal-unsupported",
    aliases: &[],
    summary: "the `output` of a connector lists a signal that it does not make",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("signal_unsupported.md"),
};

/// A connector that the wrapper does not build, and that listens to nobody's mistakes (grafana/alloy
/// internal/component/otelcol/connector/spanlogs/spanlogs.go@v1.0.0, @v1.19.0-rc.3).
const LENIENT: &str = "otelcol.connector.spanlogs";

/// From here on a connector that sends to nobody is refused, and one that lists what it does not make no longer is: its
/// kinds are numbered one by one and tested bit by bit, and every number that is in use passes every test (grafana/alloy
/// internal/component/otelcol/connector/connector.go `outputsToTraces`@v1.13.0, @v1.19.0-rc.3, absent @v1.12.2).
const NEEDS_OUTPUT: Version = Version::new(1, 13, 0);

/// Looks at every connector (grafana/alloy internal/component/otelcol/connector/connector.go `Update`@v1.0.0, @v1.5.1,
/// @v1.11.3, @v1.19.0-rc.3).
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components() {
        let Some(facts) = part.facts.filter(|f| f.part == Position::Connector) else { continue };
        let (Some(gives), Some(output)) = (facts.gives, part.body().block("output")) else { continue };
        if flow.is_broken(id) || part.name == LENIENT {
            continue;
        }
        let makes = gives.iter().map(|s| s.name()).collect::<Vec<_>>().join(" and ");
        for attribute in output.body().attrs().filter(|a| !lists_nobody(Some(*a))) {
            let Some(signal) = signal_of(attribute.name().name()).filter(|s| !gives.contains(s)) else { continue };
            // A list that is computed may be empty.
            let literal = matches!(attribute.value().unparen().kind(), vispyr_alloy::ExprKind::Array(_));
            let certain = literal && flow.version < NEEDS_OUTPUT;
            let message = format!("{} makes {makes}, no {}", flow.title(id), signal.name());
            let help = format!("move it to `{makes}`, or remove it");
            let found = flow.found(&RULE, flow.file(id).span(attribute.range()), message).help(help);
            let found = if certain { found } else { found.severity(Severity::Warning) };
            findings.push(flow.asleep(id, found));
        }
        if flow.version >= NEEDS_OUTPUT && gives.iter().all(|s| lists_nobody(output.body().attr(s.name()))) {
            let message = format!("the `output` of {} lists nobody who takes {makes}", flow.title(id));
            let found =
                flow.found(&RULE, flow.block(id, &output), message).help(format!("list somebody under `{makes}`"));
            findings.push(flow.asleep(id, flow.weighed(found)));
        }
    }
}
