//! The file of overrides by tenant, which a config names (grafana/tempo modules/overrides/runtime_config_overrides.go@v2.3.1 to
//! v3.0.3). Loki and Mimir have files of that shape too: what no config names is left alone.

use super::rules::legacy_overrides;
use super::{CONFIG, ENGINE, OVERRIDES, validate};
use crate::conform::{Judge, When};
use crate::engine::{Findings, Instance};
use crate::parse::{Entry, Node};
use crate::tree::{Artifact, Sniff, path};

/// Sections of one tenant (`Overrides`, modules/overrides/config.go@v3.0.3).
const SCOPED: [&str; 7] =
    ["ingestion", "read", "compaction", "metrics_generator", "global", "storage", "cost_attribution"];

/// How limits of the flat format begin that are Tempo's alone (modules/overrides/config_legacy.go@v2.3.1, v3.0.3).
const FLAT: [&str; 5] =
    ["max_bytes_per_t", "max_traces_per_", "metrics_generator_", "block_retention", "parquet_dedicated_"];

/// The key of a config that names the file, and its flag (modules/overrides/config.go@v3.0.3).
pub(super) const NAMED: [&str; 2] = ["overrides", "per_tenant_override_config"];
pub(super) const NAMED_FLAG: &str = "config.per-user-override-config";

/// Tenants with limits that are Tempo's.
pub(super) fn sniff(sniff: &Sniff<'_>) -> u8 {
    if !sniff.is_yaml() || !sniff.line_starts("overrides") {
        return 0;
    }
    let Some(root) = sniff.root() else { return 10 };
    let own = |e: &Entry<'_>| {
        (e.value.is_map() && SCOPED.contains(&e.name())) || FLAT.iter().any(|f| e.name().starts_with(f))
    };
    let only = root.entries().iter().all(|e| e.name() == "overrides");
    if only && tenants(root).any(|t| t.value.entries().iter().any(own)) { 70 } else { 0 }
}

fn tenants(root: Node<'_>) -> impl Iterator<Item = Entry<'_>> {
    root.get("overrides").into_iter().flat_map(Node::entries)
}

/// Whether a config of the same process names the file, or the user does.
pub(super) fn is_named(instance: &Instance<'_>, file: &Artifact) -> bool {
    let by = |named: &str| match instance.service {
        Some((id, _)) => file.used_by(id).iter().any(|u| u.path == path::join("/", named)),
        None => path::name(named) == path::name(&file.path),
    };
    let flag = instance.service.and_then(|(_, service)| service.flag(NAMED_FLAG));
    let mut configs = instance.files.iter().filter(|(_, f)| *f.kind == CONFIG).filter_map(|(_, f)| f.data()?.root());
    let written = |root: Node<'_>| root.at(&NAMED).and_then(Node::scalar).is_some_and(by);
    file.certain || flag.is_some_and(|(arg, value)| !arg.open && by(&value)) || configs.any(written)
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
