//! Tags of a link from spans that are written in the older form.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Node, NodeKind};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-traces-tags-shape",
    aliases: &[],
    summary: "tags of a link from traces are names where objects with `key` are read, so they are dropped",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("traces_tags_shape.md"),
};

/// Links whose tags are objects (npm `@grafana/o11y-ds-frontend` 13, `TraceToLogsOptionsV2`, `TraceToMetricsOptions`,
/// `TraceToProfilesOptions`).
const LINKS: [&str; 3] = ["tracesToLogsV2", "tracesToMetrics", "tracesToProfiles"];

/// Every list of such tags.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        for link in LINKS {
            // A query of the user's own takes tags where it asks for them.
            let own = source.at(&["jsonData", link, "customQuery"]).and_then(Node::as_bool) == Some(true);
            let query = source.at(&["jsonData", link, "query"]).and_then(Node::scalar).unwrap_or_default();
            if own && !query.contains("__tags") {
                continue;
            }
            let mut tags = source.at(&["jsonData", link, "tags"]).into_iter().flat_map(Node::items);
            let Some(tag) = tags.find(|t| t.kind() == NodeKind::Scalar) else { continue };
            let text = tag.scalar().unwrap_or_default();
            let message = format!("a tag of `{link}` is an object with `key`, not a name");
            let diagnostic = Diagnostic::new(&RULE, tag.span(), message)
                .note("Grafana finds no key in it, so the tag is not part of the query that the link makes")
                .help(format!("write `{{ key: {text} }}`, and `value:` where the label has another name"));
            findings.push(diagnostic);
        }
    }
}
