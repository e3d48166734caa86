//! Receivers that web pages of every origin may send to, on all interfaces of the host.

use super::exposed::{self, Named, Told};
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{Listener, Owner};
use crate::tree::Service;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-cors-wildcard",
    aliases: &[],
    summary: "receivers that let in web pages of every origin are published on all interfaces",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("cors_wildcard.md"),
};

const TOLD: Told = Told {
    rule: &RULE,
    does: [
        "lets in every web page that somebody opens who reaches this host",
        "let in every web page that somebody opens who reaches this host",
    ],
    help: "name the origins of your own pages in place of `*`",
};

/// Once per project.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let receiver = |service: &Service, _: Owner, listener: &Listener| {
        let said = listener.any_origin.map(|span| (span, "every origin is allowed here"))?;
        Some(Named { name: exposed::title(service, listener), said: Some(said) })
    };
    exposed::all(linked, &TOLD, receiver).into_iter().for_each(|d| findings.push(d));
}
