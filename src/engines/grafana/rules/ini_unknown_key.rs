//! Keys of `grafana.ini` that no Grafana looks for.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::ini::{self, Verdict};
use crate::near::Near;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-ini-unknown-key",
    aliases: &[],
    summary: "a section or key of grafana.ini that Grafana does not look for",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ini_unknown_key.md"),
};

/// Every such section and key.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    let version = ctx.artifact.version.as_ref().map(|(v, _)| *v);
    let near = Near::default();
    for section in root.own_entries() {
        if let Verdict::Unknown { meant } = ini::section(section.name(), &near) {
            let message = format!("Grafana has no section `{}`", section.name());
            let mut diagnostic = Diagnostic::new(&RULE, section.key.span(), message)
                .note("what stands in it is read and never looked for, without a word in the log");
            diagnostic.help = meant.map(|m| format!("did you mean `[{m}]`?"));
            findings.push(diagnostic);
            continue;
        }
        for entry in section.value.own_entries() {
            let Verdict::Unknown { meant } = ini::key(section.name(), entry.name(), version, &near) else { continue };
            let place = if section.name().is_empty() {
                "before the first section".to_owned()
            } else {
                format!("in `[{}]`", section.name())
            };
            let message = format!("Grafana looks for no `{}` {place}", entry.name());
            let mut diagnostic = Diagnostic::new(&RULE, entry.key.span(), message)
                .note("the setting is ignored without a word in the log");
            diagnostic.help = meant.map(|m| format!("did you mean `{m}`?"));
            findings.push(diagnostic);
        }
    }
}
