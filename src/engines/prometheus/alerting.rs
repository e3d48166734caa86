//! Alerts, and who hears of them.

use super::RULES as RULE_FILES;
use super::rules::alertmanager_unlinked;
use crate::conform::{Judge, When};
use crate::engine::Instance;
use crate::parse::Node;
use crate::source::Span;
use crate::tree::{Service, path};

/// Alert rules that are loaded, and an Alertmanager beside them of which the config says nothing. Without one in the project the
/// alerts may be there to be looked at.
pub(super) fn unlinked(
    judge: &mut Judge<'_>,
    instance: &Instance<'_>,
    service: &Service,
    folder: &str,
    root: Node<'_>,
) {
    if sends(root) {
        return;
    }
    let beside = |s: &&Service| s.project == service.project && s.engine == Some("alertmanager");
    let Some(manager) = instance.tree.services.iter().find(beside) else { return };
    let Some(alert) = alert(instance, folder, root) else { return };
    let place = match (root.at(&["alerting", "alertmanagers"]), root.entry("rule_files")) {
        (Some(managers), _) => managers.span(),
        (None, Some(files)) => files.key.span(),
        (None, None) => return,
    };
    let name = &manager.name;
    let message = format!("no alert reaches `{name}`: the config names no Alertmanager, and Prometheus looks for none");
    judge
        .fact(&alertmanager_unlinked::RULE, place, When::Always, message)
        .label(alert, "fires, and nobody is told")
        .label(manager.span, "waits for alerts")
        .help(format!("add `alerting: {{alertmanagers: [{{static_configs: [{{targets: [\"{name}:9093\"]}}]}}]}}`"));
}

/// Whether a config names those who are told of alerts, or may do so.
fn sends(root: Node<'_>) -> bool {
    let Some(alerting) = root.get("alerting").filter(|a| !a.is_null()) else { return false };
    let Some(managers) = alerting.get("alertmanagers").filter(|m| !m.is_null()) else { return !alerting.is_map() };
    let named =
        |group: Node<'_>| group.get("targets").is_none_or(|t| t.items().next().is_some() || t.scalar().is_some());
    let one = |manager: Node<'_>| {
        let entries = manager.entries();
        !manager.is_map()
            || entries.iter().any(|e| e.name().ends_with("_sd_configs"))
            || entries.iter().any(|e| e.name() == "static_configs" && e.value.items().any(named))
    };
    !managers.is_seq() && !managers.is_map() || managers.items().any(one)
}

/// The first alert of a rule file that the config loads and nobody else evaluates.
fn alert(instance: &Instance<'_>, folder: &str, root: Node<'_>) -> Option<Span> {
    let (id, _) = instance.service?;
    let patterns = root.get("rule_files").into_iter().flat_map(Node::items).filter_map(Node::scalar);
    let patterns: Vec<String> = patterns.map(|p| path::join(folder, p)).collect();
    let read = |at: &str| {
        let reads =
            |p: &String| path::folder(p) == path::folder(at) && path::fits(path::name(p), path::name(at)) == Some(true);
        patterns.iter().any(reads)
    };
    let rules = instance.files.iter().map(|(_, a)| a).filter(|a| *a.kind == RULE_FILES);
    // A ruler of another kind that reads the same file may tell of its alerts.
    let mut own =
        rules.filter(|a| a.uses.iter().all(|u| instance.tree.service(u.service).engine == Some("prometheus")));
    own.find_map(|file| {
        file.used_by(id).iter().any(|u| read(&u.path)).then_some(())?;
        let groups = file.data()?.root()?.get("groups")?.items();
        let rules = groups.filter_map(|g| g.get("rules")).flat_map(Node::items);
        rules.filter_map(|r| r.entry("alert")).map(|e| e.value.span()).next()
    })
}
