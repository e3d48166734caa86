//! A health check that asks at a port which nothing in the container opens.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Linked, judge};
use crate::tree::Arg;

use super::{engine, weighed};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-healthcheck-port",
    aliases: &[],
    summary: "a health check asks a port of its container that nothing listens on",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("healthcheck_port.md"),
};

/// Names of the container itself.
const OWN: [&str; 4] = ["localhost:", "127.0.0.1:", "[::1]:", "0.0.0.0:"];

/// The check of every service whose listeners are all known.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for (id, service) in linked.tree.services().filter(|(_, s)| s.engine.is_some() && !s.build) {
        let namespace = linked.index.namespace(id);
        if !namespace.is_complete() || judge::shared(linked, id) {
            continue;
        }
        let asked = service.healthcheck.iter().flatten().filter(|word| !word.open).find_map(asked);
        let Some((port, word, from)) = asked.filter(|(port, ..)| namespace.at(id, *port, "").is_none()) else {
            continue;
        };
        let span = word.place(from..from + port.to_string().len());
        let (severity, note) = weighed(linked, id, RULE.severity);
        let message =
            format!("the check asks port {port}, where {} does not listen: it fails for ever", engine(service));
        let open: Vec<String> = linked.open_ports(id).iter().map(u16::to_string).collect();
        let mut found = Diagnostic::new(&RULE, span, message)
            .severity(severity)
            .help(format!("ask a port that is open: {}", open.join(", ")));
        if let Some((_, listener)) = linked.listeners.get(&id).and_then(|all| all.first()) {
            found = found.label(listener.origin.span(), format!("{} listens here", listener.name));
        }
        // Who waits for it does not start.
        let waits = linked.tree.services.iter().filter(|s| s.project == service.project).find_map(|s| {
            let waits = |d: &&crate::tree::Depends| d.service.value == service.name && d.condition == "service_healthy";
            s.depends_on.iter().find(waits)
        });
        if let Some(depends) = waits {
            found = found.label(depends.service.span, "waits for it, and never starts");
        }
        found.notes.extend(note);
        findings.push(found);
    }
}

/// The first port of the container itself that a word asks, and where it stands in it.
fn asked(word: &Arg) -> Option<(u16, &Arg, usize)> {
    OWN.iter().find_map(|own| {
        let at = word.text.find(own)? + own.len();
        let digits = word.text[at..].bytes().take_while(u8::is_ascii_digit).count();
        Some((word.text[at..at + digits].parse().ok()?, word, at))
    })
}
