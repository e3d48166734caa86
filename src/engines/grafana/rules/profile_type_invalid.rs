//! A profile type that Pyroscope cannot read.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{Board, KINDS};
use crate::parse::{Node, Text};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "pyro-profile-type-invalid",
    aliases: &[],
    summary: "the id of a profile type does not have the parts that Pyroscope asks for",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("profile_type_invalid.md"),
};

/// Every such id in a dashboard, and in what leads from traces to profiles.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let mut tell = |by: &str, text: Text<'_>| {
        let value = text.value();
        if value.contains('$') || value.contains("[[") || is_good(value) {
            return;
        }
        let message = format!(
            "{by} asks for `{value}`, which is no type of profiles: it has the form `name:sample:unit:period:unit`"
        );
        findings.report(&RULE, text.whole(), message);
    };
    if KINDS.contains(&ctx.artifact.kind.name) {
        let Some(board) = Board::loaded(ctx.tree, ctx.artifact) else { return };
        for ask in board.asks().into_iter().filter(|a| a.kind.as_deref() == Some("grafana-pyroscope-datasource")) {
            ask.text("profileTypeId").into_iter().for_each(|text| tell(&ask.by, text));
        }
        return;
    }
    let root = ctx.artifact.data().and_then(|d| d.root());
    for source in root.and_then(|r| r.get("datasources")).into_iter().flat_map(Node::items) {
        let id = source.at(&["jsonData", "tracesToProfiles", "profileTypeId"]).and_then(Node::text);
        let by = format!("data source `{}`", source.get("name").and_then(Node::scalar).unwrap_or_default());
        id.into_iter().filter(|id| !id.value().is_empty()).for_each(|text| tell(&by, text));
    }
}

/// Five parts, and a sixth where the values are differences (grafana/pyroscope pkg/model/profile.go
/// `ParseProfileTypeSelector`@v1.13.0).
fn is_good(id: &str) -> bool {
    matches!(id.split(':').count(), 5 | 6)
}
