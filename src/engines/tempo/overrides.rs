//! The limits that hold for tenants: those of the config, and those of the file that it names (grafana/tempo
//! modules/overrides/runtime_config_overrides.go@v2.3.1 to v3.0.3).

use super::rules::legacy_overrides;
use super::{CONFIG, ENGINE, OVERRIDES, RELOADED, validate};
use crate::conform::{Judge, When};
use crate::dskit::tenants;
use crate::engine::{Findings, Instance};
use crate::parse::Node;
use crate::source::Span;
use crate::tree::{Artifact, Tree};

/// How limits of the flat format begin that are Tempo's alone (modules/overrides/config_legacy.go@v2.3.1, v3.0.3).
const FLAT: [&str; 5] =
    ["max_bytes_per_t", "max_traces_per_", "metrics_generator_", "block_retention", "parquet_dedicated_"];

/// Who has the limits of every tenant without own ones (`wildcardTenant`, modules/overrides/overrides.go@v2.3.1, v3.0.3).
const EVERYONE: &str = "*";

/// The only tenant where there are no others (pkg/util/user.go `FakeTenantID`@v2.3.1, v3.0.3).
const SINGLE: &str = "single-tenant";

/// Limits, in either format.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'d> {
    /// All that is set.
    pub node: Node<'d>,
    /// Where the tenant is named; `None` = the config has them for all.
    pub tenant: Option<Span>,
}

impl<'d> Limits<'d> {
    /// Those that the config has for all.
    pub fn defaults(root: Node<'d>) -> Option<Self> {
        let overrides = root.get("overrides")?;
        Some(Self { node: overrides.get("defaults").unwrap_or(overrides), tenant: None })
    }

    /// The processors of the generator.
    pub fn processors(&self) -> Option<Node<'d>> {
        let scoped = self.node.at(&["metrics_generator", "processors"]);
        scoped.or_else(|| self.node.get("metrics_generator_processors"))
    }
}

/// The limits that a process with that config holds somebody to; `None` = not all are known. Those of a tenant take the place
/// of all others (`getOverridesForUser`).
pub fn limits<'t>(tree: &'t Tree, config: &'t Artifact) -> Option<Vec<Limits<'t>>> {
    let root = config.data()?.root()?;
    let overrides = root.get("overrides");
    // Anchors and merges were followed; an API sets what no file has.
    if overrides.is_some_and(|o| o.scalar().is_some() || o.get("user_configurable_overrides").is_some()) {
        return None;
    }
    let files = RELOADED.files(tree, config)?;
    let mut all = Vec::new();
    for file in &files {
        let root = file.data()?.root()?;
        all.extend(tenants(root).map(|t| (t.name(), Limits { node: t.value, tenant: Some(t.key.span()) })));
    }
    let named = |name: &str| all.iter().find(|(tenant, _)| *tenant == name).map(|(_, limits)| *limits);
    let defaults = Limits::defaults(root).filter(|_| named(EVERYONE).is_none());
    if !has_tenants(tree, config, root) {
        return Some(named(SINGLE).or_else(|| named(EVERYONE)).or(defaults).into_iter().collect());
    }
    Some(all.iter().map(|(_, limits)| *limits).chain(defaults).collect())
}

/// The processors that the generator has on for somebody; `None` = not all are known.
pub fn processors<'t>(tree: &'t Tree, config: &'t Artifact) -> Option<Vec<Node<'t>>> {
    Some(limits(tree, config)?.iter().filter_map(Limits::processors).collect())
}

/// Whether requests may name tenants (cmd/tempo/app/config.go `MultitenancyIsEnabled`@v2.3.1, v3.0.3).
fn has_tenants(tree: &Tree, config: &Artifact, root: Node<'_>) -> bool {
    let mut users = config.uses.iter().map(|u| tree.service(u.service));
    let flags = ["multitenancy.enabled", "auth.enabled"];
    ["multitenancy_enabled", "auth_enabled"].iter().any(|k| root.get(k).is_some_and(|n| n.as_bool() != Some(false)))
        || users.any(|s| {
            s.args().is_none_or(|args| args.iter().any(|a| a.open)) || flags.iter().any(|f| s.flag(f).is_some())
        })
}

/// What the fields of each tenant mean: a file that is refused keeps Tempo from its start (grafana/dskit
/// runtimeconfig/manager.go `starting`).
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings, first: usize) {
    let Some(version) = &instance.version else { return };
    for (_, file) in instance.files.iter().filter(|(_, f)| *f.kind == OVERRIDES && f.syntax.is_empty()) {
        let (Some(root), Some(mut judge)) =
            (file.data().and_then(|d| d.root()), Judge::new(ENGINE.name, version, findings, first))
        else {
            continue;
        };
        tell(&mut judge, root, legacy(instance));
    }
}

/// Whether the process takes the flat format where that has to be asked for; `None` = it is not known.
fn legacy(instance: &Instance<'_>) -> Option<bool> {
    let (_, service) = instance.service.filter(|(_, s)| !s.build)?;
    if service.args()?.iter().any(|a| a.open) || service.flag("config.enable-legacy-overrides").is_some() {
        return None;
    }
    let mut configs = instance.files.iter().filter(|(_, f)| *f.kind == CONFIG && f.syntax.is_empty());
    let root = configs.next()?.1.data()?.root()?;
    root.at(&["overrides", "enable_legacy_overrides"]).map_or(Some(false), Node::as_bool)
}

fn tell(judge: &mut Judge<'_>, root: Node<'_>, legacy: Option<bool>) {
    for tenant in tenants(root) {
        let all = tenant.value.entries();
        let flat = all.iter().find(|e| FLAT.iter().any(|f| e.name().starts_with(f)));
        if let (Some(flat), true, Some(false)) = (flat, judge.since(3, 0), legacy) {
            let version = judge.version;
            let message = format!("`{}` is of the flat format, which Tempo {version} refuses", flat.name());
            judge
                .tell(&legacy_overrides::RULE, flat.key.span(), When::Sometimes, message)
                .help("nest the limits as `overrides.defaults` of the config does, or set `enable_legacy_overrides: true` there")
                .note("Tempo 3.0 starts with the scoped format only");
            return;
        }
        // cmd/tempo/app/overrides_validation.go@v2.9.5, v2.10.0
        if judge.since(2, 10) {
            let generator = tenant.value.get("metrics_generator");
            let processor = generator.and_then(|g| g.get("processor"));
            for name in ["span_metrics", "service_graphs"] {
                if let Some(list) = processor.and_then(|p| p.at(&[name, "histogram_buckets"])) {
                    validate::rising(judge, list);
                }
            }
            if let Some(node) = generator.and_then(|g| g.get("native_histogram_bucket_factor")) {
                validate::factor(judge, node);
            }
        }
    }
}
