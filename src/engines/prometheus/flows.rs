//! What happens to samples inside of Prometheus: jobs and receivers → database → remote write, alerts.

use super::symbols::{features, read};
use crate::engine::{Instance, Say};
use crate::parse::Node;
use crate::source::Span;
use crate::symbol::{Entry, Role, Signal, Stage, StageId};

/// Says it for an instance.
pub(super) fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    let configs = read(instance);
    let place = instance.service.map(|(_, s)| s.image_span());
    let Some(span) = place.or_else(|| configs.first().map(|(_, a)| Span::file(a.source))) else { return };
    // An agent keeps nothing for queries (prometheus/prometheus cmd/prometheus/main.go@v3.14.0).
    let agent =
        instance.service.is_some_and(|(_, s)| s.flag("agent").is_some() || features(s).iter().any(|f| f == "agent"));
    let role = if agent { Role::Pass } else { Role::Store };
    let store = say.stage(None, Stage { entries: vec![Entry::Any], ..stage("Prometheus", role, span) });
    for (id, artifact) in configs {
        let Some(root) = artifact.data().and_then(|d| d.root()) else { continue };
        for job in root.get("scrape_configs").into_iter().flat_map(Node::items) {
            let Some(name) = job.get("job_name") else { continue };
            let title = format!("scrape job `{}`", name.scalar().unwrap_or_default());
            let job = say.stage(Some(id), stage(&title, Role::Source, name.inner()));
            say.passage(job, store, Some(Signal::Metrics), name.inner());
        }
        let mut leave = |key: &[&str], name: &str, role: Role, signal: Option<Signal>| -> Option<StageId> {
            let entry = root.at(key)?.items().next()?;
            let at = entry.get("url").map_or(entry.span(), Node::inner);
            let to = say.stage(Some(id), stage(name, role, at));
            say.passage(store, to, signal, at);
            Some(to)
        };
        leave(&["remote_write"], "Prometheus' `remote_write`", Role::Send, Some(Signal::Metrics));
        leave(&["alerting", "alertmanagers"], "Prometheus' alerting", Role::Convert, Some(Signal::Metrics));
    }
}

fn stage(name: &str, role: Role, span: Span) -> Stage {
    Stage { name: name.to_owned(), role, signals: vec![Signal::Metrics], span, entries: Vec::new() }
}
