//! Values of an ini file that end where a comment begins.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-ini-value-cut",
    aliases: &[],
    summary: "a value of grafana.ini ends at a `#` or `;` that was meant as a part of it",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ini_value_cut.md"),
};

/// Every such value: its comment begins in the middle of a word, and there is more of the word behind.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(document) = ctx.artifact.data() else { return };
    let text = document.source_text();
    for (span, _) in document.comments() {
        let (before, after) = text.split_at(span.range().start);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let glued = line.chars().next_back().is_some_and(|c| !c.is_whitespace());
        let goes_on = after.chars().nth(1).is_some_and(|c| !c.is_whitespace());
        let Some((key, value)) = line.split_once(['=', ':']).filter(|_| glued && goes_on) else { continue };
        if value.trim().is_empty() {
            continue;
        }
        let sign = after.chars().next().unwrap_or('#');
        let message = format!("the value of `{}` ends before this `{sign}`", key.trim());
        let diagnostic = Diagnostic::new(&RULE, span, message)
            .note("`#` and `;` begin a comment anywhere in a value, even between plain quotes")
            .help("write the value between three quotes, or between backticks");
        findings.push(diagnostic);
    }
}
