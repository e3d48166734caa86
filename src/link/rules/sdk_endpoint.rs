//! The endpoint of an application's own OpenTelemetry library: a port of the other protocol, a path that is added twice.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::judge::is_taken;
use crate::link::{Fault, Finding, Linked, Resolution};
use crate::symbol::{Protocol, Url};

use super::{of_url, signal_orphan, weighed};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-sdk-endpoint",
    aliases: &[],
    summary: "the OTLP endpoint of an application does not fit its protocol or the receiver behind it",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("sdk_endpoint.md"),
};

/// What libraries add to a base.
const PATHS: [&str; 3] = ["/v1/traces", "/v1/metrics", "/v1/logs"];

/// Whether a finding is told here: an application's variable leads to a receiver that takes it otherwise.
pub(super) fn tells(linked: &Linked<'_>, finding: &Finding<'_>) -> bool {
    let otlp = matches!(finding.url.protocol, Protocol::OtlpGrpc | Protocol::OtlpHttp);
    otlp && finding.owner.service.is_some_and(|s| linked.tree.service(s).engine.is_none())
        && matches!(finding.fault, Fault::Path { .. } | Fault::Port { taken: Some(_), .. })
}

/// Every such variable.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for finding in linked.faults.iter().filter(|f| tells(linked, f) && signal_orphan::orphan(f).is_none()) {
        let url = finding.url;
        let (to, diagnostic) = match &finding.fault {
            Fault::Port { to, taken: Some(taken), instead, .. } => {
                let message = format!(
                    "{} speaks {} to port {} of `{}`, where {} takes no {}",
                    url.sender,
                    url.protocol.title(),
                    url.port.unwrap_or_default(),
                    linked.tree.service(*to).name,
                    taken.name,
                    url.protocol.title()
                );
                let mut diagnostic = Diagnostic::new(&RULE, url.port_span, message)
                    .label(taken.origin.span(), format!("{} listens here", taken.name));
                if let Some((right, port)) = instead.and_then(|l| Some((l, l.port?))) {
                    let place = format!("{} takes {} here", right.name, url.protocol.title());
                    diagnostic = diagnostic.label(right.origin.span(), place).help(format!("dial port {port}"));
                }
                (*to, diagnostic)
            }
            Fault::Path { to, listener, paths } => {
                let asked = url.paths.iter().flatten().find(|p| !is_taken(paths, p)).map_or("/", String::as_str);
                let message = format!(
                    "{} makes the library ask `{asked}` of `{}`, where {} takes no {}",
                    url.sender,
                    linked.tree.service(*to).name,
                    listener.name,
                    url.protocol.title()
                );
                let mut diagnostic = Diagnostic::new(&RULE, url.path_span, message)
                    .label(listener.origin.span(), format!("{} listens here", listener.name));
                diagnostic.help = Some(path_help(url, asked, paths));
                (*to, diagnostic)
            }
            _ => continue,
        };
        let (severity, note) = weighed(linked, to, RULE.severity);
        let mut diagnostic = diagnostic.severity(severity);
        diagnostic.notes.extend(note);
        findings.push(of_url(linked, finding, diagnostic));
    }
    neither(linked, findings);
    // An HTTP client cannot read an address without a scheme; gRPC takes one.
    let plain = linked.urls.iter().filter(|(owner, url, _)| {
        let program = owner.service.is_some_and(|s| linked.tree.service(s).engine.is_none());
        program && url.protocol == Protocol::OtlpHttp && url.tls.is_none()
    });
    for (_, url, _) in plain {
        let message = format!("{} has no scheme, and OTLP over HTTP needs a URL", url.sender);
        findings.push(Diagnostic::new(&RULE, url.span, message).help("write `http://` before the host"));
    }
}

/// Endpoints whose protocol is not known, at a port that takes OTLP in neither way.
fn neither(linked: &Linked<'_>, findings: &mut Findings) {
    for (owner, url, resolution) in &linked.urls {
        let program = owner.service.is_some_and(|s| linked.tree.service(s).engine.is_none());
        if !program || url.protocol != Protocol::Http || !url.sender.starts_with("`OTEL_EXPORTER_OTLP_") {
            continue;
        }
        let (Resolution::Services(services), Some(port)) = (resolution, url.port) else { continue };
        let otlp = |p: Protocol| matches!(p, Protocol::OtlpGrpc | Protocol::OtlpHttp);
        // A name may stand for several services, variants of one: any of them may take it.
        let there = services.iter().map(|to| (*to, linked.index.namespace(*to).at(*to, port, &url.host)));
        let mut refuses = Vec::new();
        for (to, listener) in there {
            let known = listener.and_then(|(_, l)| Some((l, l.accepts.as_ref()?)));
            if known.is_none_or(|(_, accepts)| accepts.is_empty() || accepts.iter().any(|a| otlp(a.protocol))) {
                refuses.clear();
                break;
            }
            refuses.extend(known.map(|(listener, _)| (to, listener)));
        }
        let Some((to, listener)) = refuses.first().copied() else { continue };
        let listeners = linked.index.namespace(to);
        let name = &linked.tree.service(to).name;
        let message = format!("{} leads to port {port} of `{name}`, where {} takes no OTLP", url.sender, listener.name);
        let mut diagnostic = Diagnostic::new(&RULE, url.port_span, message)
            .label(listener.origin.span(), format!("{} listens here", listener.name));
        let right =
            [Protocol::OtlpGrpc, Protocol::OtlpHttp].map(|p| (p, listeners.taking(p, None).and_then(|l| l.port)));
        let known: Vec<String> =
            right.iter().filter_map(|(p, port)| Some(format!("{} at port {}", p.title(), (*port)?))).collect();
        if !known.is_empty() {
            diagnostic = diagnostic.help(format!("`{name}` takes {}", known.join(", ")));
        }
        let (severity, note) = weighed(linked, to, RULE.severity);
        diagnostic.severity = severity;
        diagnostic.notes.extend(note);
        findings.push(diagnostic.note("whether the program reads this variable is not known"));
    }
}

fn path_help(url: &Url, asked: &str, taken: &[&str]) -> String {
    let doubled = PATHS.iter().any(|p| {
        asked.strip_suffix(p).is_some_and(|base| PATHS.iter().any(|other| base.trim_end_matches('/').ends_with(other)))
    });
    if doubled {
        return "write the base without the path of a signal: the library adds it".to_owned();
    }
    let known: Vec<String> = taken.iter().take(4).map(|p| format!("`{p}`")).collect();
    if url.signals.len() == 1 && url.paths.as_ref().is_some_and(|p| p.len() == 1 && asked == "/") {
        return format!("a variable of one signal is used as it is: write the path {}", known.join(" or "));
    }
    match known.len() {
        0 => format!("send {} to something that takes it", url.protocol.title()),
        _ => format!("the paths it takes are {}; what the library adds counts", known.join(", ")),
    }
}
