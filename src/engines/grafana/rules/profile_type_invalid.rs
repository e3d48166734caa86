//! A profile type that Pyroscope cannot read.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::Board;

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

/// Every such id in a dashboard.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(board) = Board::loaded(ctx.tree, ctx.artifact) else { return };
    for ask in board.asks().into_iter().filter(|a| a.kind.as_deref() == Some("grafana-pyroscope-datasource")) {
        let Some(text) = ask.text("profileTypeId") else { continue };
        let value = text.value();
        if value.contains('$') || value.contains("[[") || is_good(value) {
            continue;
        }
        let message = format!(
            "{} asks for `{value}`, which is no type of profiles: it has the form `name:sample:unit:period:unit`",
            ask.by
        );
        findings.report(&RULE, text.whole(), message);
    }
}

/// Five parts, and a sixth where the values are differences (grafana/pyroscope pkg/model/profile.go
/// `ParseProfileTypeSelector`@v1.13.0).
fn is_good(id: &str) -> bool {
    matches!(id.split(':').count(), 5 | 6)
}
