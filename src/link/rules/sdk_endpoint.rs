//! The endpoint of an application's own OpenTelemetry library: a port of the other protocol, a path that is added twice.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::judge::is_taken;
use crate::link::{Fault, Finding, Linked, spoken};
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
    finding.url.protocol.is_otlp()
        && finding.owner.service.is_some_and(|s| linked.tree.service(s).engine.is_none())
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
                    let spoken = spoken(url, right);
                    let place = format!("{} takes {} here", right.name, spoken.title());
                    diagnostic = diagnostic.label(right.origin.span(), place).help(match spoken == url.protocol {
                        true => format!("dial port {port}"),
                        false => format!("dial port {port} for {}", spoken.title()),
                    });
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
