//! Text that is not Alloy.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "alloy-syntax",
    aliases: &[],
    summary: "text that Alloy's parser refuses",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("syntax.md"),
};

/// Reports every error: the parser recovers, so each is a mistake of its own.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    if ctx.artifact.certain {
        for error in &ctx.artifact.syntax {
            findings.report(&RULE, error.span, error.message.clone());
        }
    }
}
