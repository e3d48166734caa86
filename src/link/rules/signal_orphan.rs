//! A signal that is sent to a receiver which takes only others.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::judge::is_taken;
use crate::link::{Fault, Finding, Linked};
use crate::symbol::{Protocol, Signal};

use super::{engine, of_url, weighed};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-signal-orphan",
    aliases: &[],
    summary: "a signal is sent to a receiver that takes only others",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("signal_orphan.md"),
};

/// Ends of paths of OTLP, by signal.
const ENDS: [(Signal, &str, &str); 3] = [
    (Signal::Traces, "/v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
    (Signal::Metrics, "/v1/metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"),
    (Signal::Logs, "/v1/logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export"),
];

/// The signal of a URL that its receiver does not take, where it takes another one in its place, with that one.
pub(super) fn orphan(finding: &Finding<'_>) -> Option<(Signal, Signal)> {
    let Fault::Path { paths, listener, .. } = &finding.fault else { return None };
    // A proxy takes whatever its config lets through, in every protocol: there a path is missing.
    let paths_of = |protocol| listener.accepts.iter().flatten().find(|a| a.protocol == protocol).map(|a| &a.paths);
    if paths_of(Protocol::Http).is_some_and(|all| Some(all) == paths_of(finding.url.protocol)) {
        return None;
    }
    let grpc = finding.url.protocol.is_grpc();
    if paths.is_empty() || !finding.url.protocol.is_otlp() {
        return None;
    }
    let asked = finding.url.paths.iter().flatten().filter(|p| !is_taken(paths, p));
    let end = |(_, http, rpc): &(Signal, &'static str, &'static str)| if grpc { *rpc } else { *http };
    for path in asked {
        let Some(own) = ENDS.iter().find(|e| path.ends_with(end(e))) else { continue };
        let base = &path[..path.len() - end(own).len()];
        let taken = ENDS.iter().find(|e| is_taken(paths, &format!("{base}{}", end(e))));
        if let Some(taken) = taken {
            return Some((own.0, taken.0));
        }
    }
    None
}

/// Every such signal.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for finding in &linked.faults {
        let (Some((sent, taken)), Fault::Path { to, listener, .. }) = (orphan(finding), &finding.fault) else {
            continue;
        };
        let target = linked.tree.service(*to);
        let message = format!(
            "{} sends {} to `{}`, where {} takes only {}",
            finding.url.sender,
            sent.name(),
            target.name,
            listener.name,
            taken.name()
        );
        let answer = if finding.url.protocol.is_grpc() { "UNIMPLEMENTED" } else { "404" };
        let (severity, note) = weighed(linked, *to, RULE.severity);
        let mut diagnostic = Diagnostic::new(&RULE, finding.url.span, message)
            .severity(severity)
            .label(listener.origin.span(), format!("{} listens here", listener.name))
            .help(format!("send {} to something that keeps them, or not at all", sent.name()))
            .note(format!(
                "{} answers each request with {answer}, and the {} are dropped",
                engine(target),
                sent.name()
            ));
        let handed = finding.url.handed.iter().find(|(signal, _)| *signal == sent);
        if let Some((_, place)) = handed {
            diagnostic = diagnostic.label(*place, "handed on here");
        }
        diagnostic.notes.extend(note);
        findings.push(of_url(linked, finding, diagnostic));
    }
}
