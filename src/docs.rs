//! Pages about vispyr, written from what is registered. Knows nothing by itself.

use std::fmt::Write as _;

use crate::diagnostic::{FixKind, Rule, Severity, Tier};

/// `docs/rules.md`: every rule, one row each.
pub fn rules(all: &[&Rule]) -> String {
    let mut out = String::from(
        "# Rules\n\n\
         Generated from the rules themselves; `vispyr explain RULE` prints the page of one.\n\n\
         **Tier**: whose knowledge a rule stands for. A: the engine's own checker reports it. B: only a start of the engine does. \
         C: nobody does.\n\n\
         | rule | tier | severity | fix | since | what it finds |\n|---|---|---|---|---|---|\n",
    );
    for rule in all {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} |",
            rule.id,
            tier(rule.tier),
            severity(rule.severity),
            fix(rule.fix),
            rule.since,
            rule.summary.replace('|', "\\|")
        );
    }
    out
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::A => "A",
        Tier::B => "B",
        Tier::C => "C",
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn fix(fix: FixKind) -> &'static str {
    match fix {
        FixKind::None => "",
        FixKind::Safe => "safe",
        FixKind::Unsafe => "unsafe",
    }
}
