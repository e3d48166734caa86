//! Two listeners on one port of a process.

use std::collections::HashMap;

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Flow, Open};
use crate::engines::alloy::program::ScopeId;
use crate::symbol::Bind;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-duplicate-listener",
    aliases: &[],
    summary: "two parts of a process listen on one port",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("duplicate_listener.md"),
};

/// So many listeners of one port are held against the next: a config with more is no mistake but an attack.
const REMEMBERED: usize = 64;

/// Every port that a process opens twice. Which of the two gets it is a matter of chance.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let mut open: HashMap<(ScopeId, bool, u16), Vec<&Open>> = HashMap::new();
    for here in flow.opened() {
        let others = open.entry((here.process, here.udp, here.port)).or_default();
        if let Some(first) = others.iter().find(|o| clash(&o.bind, &here.bind)) {
            let message = format!("{} listens on port {}, which {} has taken", here.who, here.port, first.who);
            let mut found = flow
                .found(&RULE, here.span, message)
                .label(first.span, "listens here")
                .help("give one of them another port");
            if refused(first, here) {
                found = found.note("both open it while the config is loaded, so that Alloy does not start");
                for part in [first.part, here.part].into_iter().flatten() {
                    found = flow.asleep(part, found);
                }
            } else {
                found = found.severity(Severity::Warning);
            }
            findings.push(found);
        }
        if others.len() < REMEMBERED {
            others.push(here);
        }
    }
}

/// Whether two addresses of one port exclude each other. Two that name an interface each do not, unless they are equal.
fn clash(a: &Bind, b: &Bind) -> bool {
    matches!((a, b), (Bind::All, _) | (_, Bind::All)) || a == b
}

/// Whether the second certainly fails, and the process with it.
fn refused(a: &Open, b: &Open) -> bool {
    let (Some(one), Some(other)) = (a.needs, b.needs) else { return false };
    one == other || one.is_unspecified() || other.is_unspecified()
}
