//! Tempo's server for agents on all interfaces of the host.

use super::exposed::{self, Named, Told};
use crate::address;
use crate::catalogue::{Transport, Version};
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::source::Span;
use crate::symbol::{Listener, Owner};
use crate::tree::Service;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-mcp-enabled",
    aliases: &[],
    summary: "Tempo answers agents on a port that is published on all interfaces",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("mcp_enabled.md"),
};

/// Since then it can be turned on (grafana/tempo modules/frontend/config.go `MCPServerConfig`@v2.9.0, @v3.0.3; absent
/// @v2.8.2). It answers at `/api/mcp` of the HTTP port (pkg/api/http.go@v2.9.0, @v3.0.3).
const SINCE: Version = Version::new(2, 9, 0);

const TOLD: Told = Told {
    rule: &RULE,
    does: [
        "lets the agents of everybody who reaches this host search its traces, at `/api/mcp`",
        "let the agents of everybody who reaches this host search their traces, at `/api/mcp`",
    ],
    help: "write `127.0.0.1:` before the port, or turn off `query_frontend.mcp_server` where no agent asks",
};

/// Once per project.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let asked = |service: &Service, owner: Owner, listener: &Listener| {
        let http = service.engine == Some("tempo") && listener.name == "Tempo" && listener.transport != Transport::Grpc;
        let new = service.version.is_none_or(|v| v >= SINCE);
        let said =
            enabled(linked, owner).filter(|_| http && new && asks(service)).map(|span| (span, "turned on here"))?;
        Some(Named { name: "Tempo".to_owned(), said: Some(said) })
    };
    exposed::all(linked, &TOLD, asked).into_iter().for_each(|d| findings.push(d));
}

/// Whether the process has the part that answers queries (grafana/tempo cmd/tempo/app/modules.go@v2.9.0, @v3.0.3).
fn asks(service: &Service) -> bool {
    let named = |target: &str| matches!(target.trim(), "" | "all" | "query-frontend" | "scalable-single-binary");
    service.flag("target").is_none_or(|(arg, value)| !arg.open && value.split(',').any(named))
}

fn enabled(linked: &Linked<'_>, owner: Owner) -> Option<Span> {
    let root = linked.tree.artifact(owner.artifact?).data()?.root()?;
    address::on(root.at(&["query_frontend", "mcp_server"])?, "enabled")
}
