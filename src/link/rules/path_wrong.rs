//! A URL to a path that the engine behind it does not serve.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Fault, Finding, Linked, is_taken};
use crate::symbol::Protocol;

use super::{ds_type_mismatch, engine, of_url, sdk_endpoint, signal_orphan, weighed};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-path-wrong",
    aliases: &[],
    summary: "a URL names a path that the engine behind it does not take such data at",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("path_wrong.md"),
};

/// Every such URL.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mismatched = ds_type_mismatch::told(linked);
    let told = |f: &Finding<'_>| {
        sdk_endpoint::tells(linked, f) || signal_orphan::orphan(f).is_some() || mismatched.contains(&f.url.span)
    };
    for finding in linked.faults.iter().filter(|f| !told(f)) {
        let Fault::Path { to, listener, paths } = &finding.fault else { continue };
        let (url, target) = (finding.url, linked.tree.service(*to));
        let mut lost = url.paths.iter().flatten().filter(|p| !is_taken(paths, p)).map(|p| format!("`{p}`"));
        let first = lost.next().unwrap_or_else(|| "`/`".to_owned());
        let asked = lost.fold(first, |all, path| format!("{all} and {path}"));
        let title = engine(target);
        let (verb, what) = (url.protocol.verb(), url.protocol.title());
        let message = if paths.is_empty() {
            format!("{} {verb} `{}`, and {} takes no {what}", url.sender, target.name, listener.name)
        } else {
            format!("{} {verb} {asked} of `{}`, where {} takes no {what}", url.sender, target.name, listener.name)
        };
        let (severity, note) = weighed(linked, *to, RULE.severity);
        let mut diagnostic = Diagnostic::new(&RULE, url.path_span, message)
            .severity(severity)
            .label(listener.origin.span(), format!("{} listens here", listener.name));
        let known: Vec<String> = paths.iter().take(6).map(|p| format!("`{p}`")).collect();
        diagnostic.help = Some(match (known.len(), url.protocol) {
            (0, _) => format!("send it to something that takes {what}: {title} does not"),
            (1, Protocol::RemoteWrite | Protocol::Scrape) => format!("write the path {}", known[0]),
            _ => format!("the paths it takes are {}; what the sender appends counts", known.join(", ")),
        });
        diagnostic.notes.extend(note);
        findings.push(of_url(linked, finding, diagnostic));
    }
}
