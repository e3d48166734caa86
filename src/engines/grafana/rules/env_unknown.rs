//! Variables of the environment that set nothing.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::engines::grafana::ini::{self, Verdict};
use crate::near::Near;

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-env-unknown",
    aliases: &[],
    summary: "a variable `GF_…` of a Grafana service that stands for no setting",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_unknown.md"),
};

/// Every such variable.
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some((_, service)) = instance.service else { return };
    let version = instance.version.as_ref().map(|(v, _)| *v);
    let files = instance.files.iter().filter(|(_, a)| a.kind.name == "grafana-ini");
    let roots = files.filter_map(|(_, a)| a.data()?.root());
    let written: HashSet<String> = roots.flat_map(ini::written).collect();
    let near = Near::default();
    for variable in &service.environment {
        let Verdict::Unknown { meant } = ini::environment(&variable.name, &written, version, &near) else { continue };
        let message = format!("`{}` stands for no setting of Grafana", variable.name);
        let mut diagnostic = Diagnostic::new(&RULE, variable.span, message)
            .label(service.span, "set for this service")
            .note("Grafana looks for one variable for each setting that it knows, and for no others");
        diagnostic.help = meant.map(|m| format!("did you mean `{m}`?"));
        findings.push(diagnostic);
    }
}
