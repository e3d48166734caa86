//! Links from traces to logs in their first form.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-traces-key-old",
    aliases: &[],
    summary: "`tracesToLogs` is read in its first form, which has no query of the user's own",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("traces_key_old.md"),
};

/// Every such link; what the first form has not is lost (`getTraceToLogsOptions` of `grafana/grafana
/// packages/grafana-o11y-ds-frontend/src/TraceToLogs/TraceToLogsSettings.tsx` at 12.3.3).
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        let Some(data) = source.get("jsonData") else { continue };
        let Some(entry) = data.entry("tracesToLogs").filter(|e| e.value.is_map()) else { continue };
        let link = entry.value;
        if let Some(newer) = data.entry("tracesToLogsV2").filter(|e| !e.value.is_null()) {
            let message = "`tracesToLogs` is not read where `tracesToLogsV2` stands";
            let diagnostic = Diagnostic::new(&RULE, entry.key.span(), message).severity(Severity::Info);
            findings.push(diagnostic.label(newer.key.span(), "read instead").help("remove it"));
            continue;
        }
        let lost = ["query", "customQuery"].iter().find_map(|k| link.entry(k));
        let mapped = link.get("mapTagNamesEnabled").and_then(Node::as_bool) == Some(true);
        let object = link.get("tags").into_iter().flat_map(Node::items).find(|t| t.is_map()).filter(|_| !mapped);
        let diagnostic = if let Some(lost) = lost {
            let message = format!("`tracesToLogs` has no `{}`: Grafana drops it", lost.name());
            Diagnostic::new(&RULE, lost.key.span(), message).label(entry.key.span(), "the first form of this link")
        } else if let Some(tag) = object {
            let message = "the tags of `tracesToLogs` are names: Grafana makes no label of this one";
            Diagnostic::new(&RULE, tag.span(), message).label(entry.key.span(), "the first form of this link")
        } else {
            let message = "`tracesToLogs` is the first form of this link, which Grafana converts";
            Diagnostic::new(&RULE, entry.key.span(), message).severity(Severity::Info)
        };
        findings.push(diagnostic.help("write `tracesToLogsV2`, with `tags` as objects with `key` and `value`"));
    }
}
