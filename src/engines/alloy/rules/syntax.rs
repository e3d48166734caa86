//! Text that is not Alloy.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::ParseError;
use crate::source::Span;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
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
        utf16(ctx, findings);
        for error in &ctx.artifact.syntax {
            findings.push(diagnostic(error));
        }
    }
}

/// Alloy reads UTF-8 alone (grafana/alloy internal/static/config/encoder/encoder.go `EnsureUTF8`@v1.0.0, @v1.19.0-rc.3).
fn utf16(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let source = ctx.artifact.source;
    // Only marks of UTF-16 are two bytes long.
    if ctx.tree.sources.get(source).shift == 2 {
        let span = Span { source, start: 0, end: 0 };
        let found = Diagnostic::new(&RULE, span, "this file is UTF-16, and Alloy reads UTF-8 alone");
        findings.push(found.help("save it as UTF-8"));
    }
}
