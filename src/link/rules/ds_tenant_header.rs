//! A data source without a tenant, of a store that demands one.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::parse::{Entry, Node};
use crate::source::Span;
use crate::tree::ServiceId;

use super::{engine, sources};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-ds-tenant-header",
    aliases: &[],
    summary: "a data source names no tenant, and its store answers nobody without one",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ds_tenant_header.md"),
};

/// The header that names a tenant to all of them (`grafana/dskit user/http.go`).
pub(super) const HEADER: &str = "X-Scope-OrgID";

/// Stores that may demand one: the kind of their config, its key, the flag that wins over it, and what holds without both
/// (`grafana/loki pkg/loki/loki.go@v3.5.0`; `grafana/tempo cmd/tempo/app/config.go@v3.0.3`; `grafana/mimir pkg/mimir/mimir.go@mimir-2.10.0, mimir-3.0.2`).
const STORES: [(&str, &str, &str, &str, bool); 4] = [
    ("loki", "loki-config", "auth_enabled", "auth.enabled", true),
    ("mimir", "mimir-config", "multitenancy_enabled", "auth.multitenancy-enabled", true),
    ("tempo", "tempo-config", "multitenancy_enabled", "multitenancy.enabled", false),
    // The old name of the same: one of both is enough (`MultitenancyIsEnabled` there, @v2.3.1, v2.10.1, v3.0.3).
    ("tempo", "tempo-config", "auth_enabled", "auth.enabled", false),
];

/// Every such data source.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for asked in sources::asked(linked) {
        if names_tenant(asked.node) {
            continue;
        }
        let Some((at, how)) = demanded(linked, asked.to) else { continue };
        let empty = header(asked.node);
        let service = linked.tree.service(asked.to);
        let message = format!(
            "data source `{}` sends no `{HEADER}`, and {} answers every request without one with 401",
            asked.name(),
            engine(service)
        );
        let diagnostic = Diagnostic::new(&RULE, asked.url.span, message).label(at, how).help(format!(
            "write `httpHeaderName1: {HEADER}` below `jsonData` and `httpHeaderValue1` below `secureJsonData`, or turn tenants off"
        ));
        findings.push(match empty {
            Some((entry, number)) => diagnostic
                .severity(Severity::Warning)
                .label(entry.value.span(), format!("`secureJsonData` has no `{VALUE}{number}`: it is left out"))
                .help(format!("write `{VALUE}{number}` below `secureJsonData`")),
            None => diagnostic,
        });
    }
}

/// The keys of a header, each with its number (grafana/grafana pkg/services/datasources/service/datasource.go@001e0d7688f2 `getCustomHeaders`).
const NAME: &str = "httpHeaderName";
const VALUE: &str = "httpHeaderValue";

/// The header that names a tenant, where it has no value: a header without one is not sent.
fn header(node: Node<'_>) -> Option<(Entry<'_>, String)> {
    let mut headers = node.get("jsonData").map(|d| d.entries()).unwrap_or_default().into_iter();
    headers.find_map(|e| {
        let number = e.name().strip_prefix(NAME)?.to_owned();
        e.value.scalar().filter(|name| name.eq_ignore_ascii_case(HEADER))?;
        Some((e, number))
    })
}

/// Whether a source names a tenant, or may.
fn names_tenant(node: Node<'_>) -> bool {
    let headers = node.get("jsonData").map(|d| d.entries()).unwrap_or_default();
    let valued = |number: &str| node.at(&["secureJsonData", &format!("{VALUE}{number}")]).is_some();
    headers.iter().filter_map(|e| Some((e, e.name().strip_prefix(NAME)?))).any(|(e, number)| {
        let name = e.value.scalar();
        name.is_none_or(|n| n.contains('$') || n.eq_ignore_ascii_case(HEADER) && valued(number))
    })
}

/// Where a store says that it wants a tenant.
pub(super) fn demanded(linked: &Linked<'_>, id: ServiceId) -> Option<(Span, String)> {
    let service = linked.tree.service(id);
    let mut settings = STORES.iter().filter(|s| service.engine == Some(s.0));
    settings.find_map(|(_, kind, key, flag, default)| wanted(linked, id, (kind, key, flag), *default))
}

/// Where one of its settings says so.
fn wanted(
    linked: &Linked<'_>,
    id: ServiceId,
    (kind, key, flag): (&str, &str, &str),
    default: bool,
) -> Option<(Span, String)> {
    let service = linked.tree.service(id);
    let args = service.args()?;
    if service.build || args.iter().any(|a| a.open) {
        return None;
    }
    if let Some((arg, value)) = service.flag(flag) {
        return matches!(value.as_str(), "" | "true").then(|| (arg.span, format!("`{flag}` is on")));
    }
    let files = linked.index.files(id).iter().map(|id| linked.tree.artifact(*id));
    let mut configs = files.filter(|a| a.kind.name == kind);
    let (Some(config), None) = (configs.next(), configs.next()) else { return None };
    let root = config.data().and_then(|d| d.root()).filter(|r| r.is_map())?;
    match root.entry(key) {
        Some(entry) => {
            let on = entry.value.as_bool() == Some(true);
            on.then(|| (entry.key.span().to(entry.value.span()), "it wants a tenant".to_owned()))
        }
        None => {
            let first = root.entries().first().map(|e| e.key.span())?;
            default.then(|| (first, format!("`{key}` is not written here, and is `true` then")))
        }
    }
}
