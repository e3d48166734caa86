//! A writer without a tenant, to a store that demands one.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::ds_tenant_header::{HEADER, demanded};
use super::engine;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{Protocol, Url};
use crate::tree::{ArtifactId, ServiceId};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-tenant-missing",
    aliases: &["loki-auth-no-tenant", "mimir-no-tenant", "tempo-multitenancy-header"],
    summary: "something writes without a tenant to a store that takes nothing without one",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("tenant_missing.md"),
};

/// Kinds of configs whose writers name a tenant only where the text says so. Tempo's generator does by itself where Tempo has
/// tenants (grafana/tempo modules/generator/storage/config_util.go@v3.0.3).
const WRITERS: [&str; 3] = ["alloy", "prometheus-config", "tempo-config"];

/// Words without which no text of those names a tenant: a header, an attribute, a stage, a setting.
const WORDS: [&str; 3] = ["scope-orgid", "tenan", "auth_enabled: true"];

/// Once per store, with all who write.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut silent: HashMap<ArtifactId, bool> = HashMap::new();
    let mut names_none = |id: ArtifactId| {
        *silent.entry(id).or_insert_with(|| {
            let artifact = linked.tree.artifact(id);
            let text = linked.tree.sources.text(artifact.source).to_ascii_lowercase();
            WRITERS.contains(&artifact.kind.name) && !WORDS.iter().any(|w| text.contains(w))
        })
    };
    let mut found: IndexMap<ServiceId, Vec<&Url>> = IndexMap::new();
    for (at, (owner, url, _)) in linked.urls.iter().enumerate() {
        let writes = url.protocol.is_otlp() || matches!(url.protocol, Protocol::LogPush | Protocol::RemoteWrite);
        // Headers of its own make what it shows unknown; what does not arrive at all is told as that.
        let many = |id: ServiceId| linked.tree.service(id).flag("multitenancy.enabled").is_some();
        let known = url.credentials.is_some() && !owner.service.is_some_and(many);
        if !writes || !known || linked.fault_of[at].is_some() {
            continue;
        }
        let ([(to, _)], Some(file)) = (&linked.reached[at][..], owner.artifact) else { continue };
        if !names_none(file) {
            continue;
        }
        found.entry(*to).or_default().push(url);
    }
    for (to, urls) in found {
        let (Some((place, how)), Some((first, rest))) = (demanded(linked, to), urls.split_first()) else { continue };
        let service = linked.tree.service(to);
        let message = format!(
            "{} sends no `{HEADER}`, and {} answers every write without one with 401: all of it is lost",
            first.sender,
            engine(service)
        );
        let mut diagnostic = Diagnostic::new(&RULE, first.span, message).label(place, how);
        for url in rest.iter().take(8) {
            diagnostic = diagnostic.label(url.span, "nor is one sent from here");
        }
        let how = match first.protocol {
            Protocol::LogPush => "`tenant_id` in the endpoint",
            _ => "the header in the endpoint",
        };
        findings.push(diagnostic.help(format!("write {how}, or turn tenants off in the store")));
    }
}
