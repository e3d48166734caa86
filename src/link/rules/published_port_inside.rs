//! A URL between containers to the port that is published on the host.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Fault, Linked};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-published-port-inside",
    aliases: &[],
    summary: "a URL between containers names the port on the host, where the container has another",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("published_port_inside.md"),
};

/// Every such URL.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for finding in &linked.faults {
        let Fault::Published { to, port, inside, sure } = &finding.fault else { continue };
        let (url, target) = (finding.url, linked.tree.service(*to));
        let dialled = url.port.unwrap_or_default();
        // What its own check asks for, or a setting of its own names, is served inside, too.
        let own = format!(":{dialled}");
        let asks = |text: &str| {
            text.match_indices(&own).any(|(at, _)| !text[at + own.len()..].starts_with(|c: char| c.is_ascii_digit()))
        };
        let words = target.healthcheck.iter().flatten().chain(target.args().unwrap_or_default());
        let mut settings = words.map(|word| word.text.as_str()).chain(
            // Its address as others see it, in the browser for one, names the port of the host.
            target.environment.iter().filter_map(|v| v.value.as_deref()).filter(|v| !v.contains("localhost")),
        );
        if !sure && settings.any(|text| asks(text) || text == &own[1..]) {
            continue;
        }
        let message = format!(
            "{} {} port {dialled} of `{}`, which is its port on the host: between containers it is {inside}",
            url.sender,
            url.protocol.verb(),
            target.name
        );
        let mut diagnostic = Diagnostic::new(&RULE, url.port_span, message)
            .label(*port, format!("published here: {dialled} on the host, {inside} in the container"))
            .help(format!("write `{inside}`"));
        if !sure {
            diagnostic = diagnostic.severity(Severity::Warning);
        }
        findings.push(super::of_url(linked, finding, diagnostic));
    }
}
