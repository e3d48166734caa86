//! Text that is not Alloy.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::ParseError;

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

/// An error of the language as a finding.
pub(crate) fn diagnostic(error: &ParseError) -> Diagnostic {
    let mut found = Diagnostic::new(&RULE, error.span, error.message.clone());
    if let Some((span, what)) = &error.related {
        found = found.label(*span, what.clone());
    }
    found.help = error.help.clone();
    found
}

/// Reports every error: the parser recovers, so each is a mistake of its own.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    if ctx.artifact.certain {
        for error in &ctx.artifact.syntax {
            findings.push(diagnostic(error));
        }
    }
}
