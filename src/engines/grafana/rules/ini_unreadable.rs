//! An ini file that Grafana cannot read.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-ini-unreadable",
    aliases: &[],
    summary: "a line of grafana.ini that its reader refuses, so Grafana does not start",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ini_unreadable.md"),
};

/// The first such line of each file that a service reads (`go-ini/ini parser.go@v1.67.0`, asked; `grafana/grafana
/// pkg/setting/setting.go` `loadConfiguration` at 12.3.3).
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some((_, service)) = instance.service else { return };
    for (_, artifact) in instance.files.iter().filter(|(_, a)| a.kind.name == "grafana-ini" && a.certain) {
        let Some(error) = artifact.syntax.first() else { continue };
        let diagnostic = Diagnostic::new(&RULE, error.span, format!("Grafana does not start: {}", error.message))
            .label(service.span, "reads this file");
        findings.push(diagnostic.note("its reader refuses the whole file for one such line"));
    }
}
