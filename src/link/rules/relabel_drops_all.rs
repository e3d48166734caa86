//! A scrape job whose rules drop all of its targets.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "prom-relabel-drops-all",
    aliases: &[],
    summary: "the rules of a scrape job drop every target that it has",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("relabel_drops_all.md"),
};

pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for idle in &linked.symbols.idle {
        let all = if idle.count == 1 { "the only target".to_owned() } else { format!("all {} targets", idle.count) };
        let message = format!("{} scrapes nothing: its rules drop {all}", idle.maker);
        let diagnostic = Diagnostic::new(&RULE, idle.rule, message)
            .label(idle.span, "the job")
            .help("an expression must match the whole value, and `keep` drops what has none: look at what the targets' labels are");
        findings.push(diagnostic);
    }
}
