//! Features of stores of metrics that their commands and configs turn on.

use crate::source::Span;
use crate::tree::{Service, ServiceId, Tree};

/// Keeps exemplars (`prometheus/prometheus cmd/prometheus/main.go@v2.40.0, v3.14.0`).
pub(super) const EXEMPLARS: &str = "exemplar-storage";

/// Takes native histograms (`prometheus/prometheus cmd/prometheus/main.go@v2.40.0, v3.7.3`).
pub(super) const NATIVE: &str = "native-histograms";

/// Whether a Prometheus has a feature; `None` = not known.
pub(super) fn has(service: &Service, feature: &str) -> Option<bool> {
    if service.build {
        return None;
    }
    let args = service.args()?;
    let mut found = false;
    let mut next = false;
    for arg in args {
        if arg.open {
            return None;
        }
        let list = match arg.text.strip_prefix("--enable-feature") {
            Some("") => {
                next = true;
                continue;
            }
            Some(rest) => rest.trim_start_matches('='),
            None if std::mem::take(&mut next) => &arg.text,
            None => continue,
        };
        found |= list.split(',').any(|f| f.trim() == feature);
    }
    Some(found)
}

/// Why a store keeps no exemplars, and what makes it keep them.
pub(super) struct Lack {
    /// Why.
    pub(super) why: String,
    /// What to do.
    pub(super) help: String,
    /// Where it would be said.
    pub(super) place: Option<(Span, &'static str)>,
}

/// Whether a store certainly keeps no exemplars.
pub(super) fn lacks_exemplars(tree: &Tree, id: ServiceId) -> Option<Lack> {
    let service = tree.service(id);
    match service.engine {
        Some("prometheus") if has(service, EXEMPLARS) == Some(false) => Some(Lack {
            why: format!("it runs without the feature `{EXEMPLARS}`"),
            help: format!("add `--enable-feature={EXEMPLARS}` to the command of `{}`", service.name),
            place: Some((service.command_span(), "its command")),
        }),
        Some("mimir") => mimir(tree, id, service),
        _ => None,
    }
}

/// Mimir keeps them where a limit says how many, which is 0 by default (grafana/mimir pkg/util/validation/limits.go
/// `RegisterFlags`@mimir-2.10.0, mimir-3.0.2); a file of limits by tenant may say otherwise.
fn mimir(tree: &Tree, id: ServiceId, service: &Service) -> Option<Lack> {
    const FLAG: &str = "ingester.max-global-exemplars-per-user";
    if service.build || service.args()?.iter().any(|arg| arg.open) || service.flag(FLAG).is_some() {
        return None;
    }
    let mut configs = tree.of_kind("mimir-config").filter(|(_, a)| !a.used_by(id).is_empty());
    let (Some((_, config)), None) = (configs.next(), configs.next()) else { return None };
    let root = config.data().filter(|_| config.syntax.is_empty())?.root()?;
    let runtime = root.get("runtime_config").is_some() || service.flag("runtime-config.file").is_some();
    let limit = root.at(&["limits", "max_global_exemplars_per_user"]);
    let zero = limit.is_none_or(|n| n.is_null() || n.as_i64() == Some(0));
    let place = limit.map(|n| n.span()).or_else(|| Some(root.entry("limits")?.key.span()));
    (root.is_map() && zero && !runtime).then(|| Lack {
        why: "its `limits.max_global_exemplars_per_user` is 0".to_owned(),
        help: "write `limits: {max_global_exemplars_per_user: 100000}` in its config".to_owned(),
        place: place.map(|span| (span, "its limits")),
    })
}
