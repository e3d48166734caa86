//! Alloy's own server on all interfaces of the host.

use super::exposed::{self, Told};
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{Listener, Owner, Protocol};
use crate::tree::Service;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-pprof-public",
    aliases: &[],
    summary: "Alloy's own server is published on all interfaces, with its config, profiles of itself and support bundles",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("pprof_public.md"),
};

const TOLD: Told = Told {
    rule: &RULE,
    does: [
        "shows its config to everybody who reaches this host, and lets them take profiles and support bundles",
        "show their config to everybody who reaches this host, and let them take profiles and support bundles",
    ],
    help: "write `127.0.0.1:` before the port; or turn off what is not needed: `--server.http.enable-pprof=false`, `--server.http.disable-support-bundle`",
};

/// Once per project.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let own = |service: &Service, _: Owner, listener: &Listener| {
        let scraped = listener.accepts.iter().flatten().any(|a| a.protocol == Protocol::Scrape);
        let alloy = service.engine == Some("alloy") && !listener.name.starts_with('`') && scraped;
        // A flag without a value is on (grafana/alloy internal/alloycli/cmd_run.go@v1.18.1).
        let is_on = |flag: &str| service.flag(flag).map(|(arg, value)| !arg.text.contains('=') || value != "false");
        let closed = is_on("server.http.enable-pprof") == Some(false)
            && is_on("server.http.disable-support-bundle") == Some(true);
        (alloy && !closed).then(|| "Alloy's own server".to_owned().into())
    };
    exposed::all(linked, &TOLD, own).into_iter().for_each(|d| findings.push(d));
}
