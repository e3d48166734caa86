//! The series that scrape jobs make, on their way to the own store and to others (prometheus/prometheus scrape/target.go
//! `PopulateLabels`, scrape/scrape.go `mutateSampleLabels`, storage/remote/queue_manager.go@v2.55.1, @v3.14.0).

use std::sync::Arc;

use super::recorded::{self, Recorded};
use crate::catalogue::Version;
use crate::engine::{Instance, Say};
use crate::labels::{
    End, Fate, Idle, Pace, Regex, Scraped, Series, Set, Stage, Value, apply, scraped, steps, targeted,
};
use crate::lang::quantity::prometheus_duration;
use crate::parse::Node;
use crate::source::Span;
use crate::tree::ArtifactId;

/// From this version on an address without a port stays so, and any text is the name of a label.
const THREE: Version = Version::new(3, 0, 0);

/// All series of a config.
pub(super) fn config(id: ArtifactId, root: Node<'_>, instance: &Instance<'_>, rules: &[Recorded], say: &mut Say<'_>) {
    let version = instance.version.as_ref().map(|(v, _)| *v);
    let service = instance.service.map(|(_, s)| s);
    let agent = service.map(|s| s.flag("agent").is_some() || super::symbols::features(s).iter().any(|f| f == "agent"));
    let global = root.get("global");
    let mut ways: Vec<(Option<Arc<Stage>>, End)> = Vec::new();
    if agent != Some(true) {
        ways.push((None, End::Own));
    }
    let external = global.and_then(|g| g.get("external_labels"));
    for writer in items(root, "remote_write") {
        let end = writer.get("url").and_then(Node::text).map_or(End::Unknown, |t| End::Url(t.whole()));
        let list = writer.get("write_relabel_configs");
        let stage = Stage {
            title: "`write_relabel_configs` of Prometheus' `remote_write`".into(),
            span: list.map_or(writer.span(), Node::span),
            // A variable in them may be filled in, and with nothing.
            adds: pairs(external)
                .map(|(n, v)| (n, v.filter(|v| !v.contains('$')).map_or(Value::Any, Value::is)))
                .collect(),
            steps: steps(list, utf8(root, None, version)),
            reports: true,
        };
        ways.push((Some(Arc::new(stage)), end));
    }
    if let Some(files) = root.get("scrape_config_files") {
        for (stage, end) in &ways {
            let stages = stage.iter().cloned().collect();
            say.series(Some(id), Series::open("`scrape_config_files`", files.span(), stages, *end));
        }
    }
    // An agent evaluates nothing, and whom the rules of an unknown server are for is not known.
    if service.is_some() && agent != Some(true) {
        recorded::series(rules, &ways, say);
    }
    if let Some(translation) = super::otlp::translation(root, instance).filter(|_| agent == Some(false)) {
        let translation = Arc::new(translation);
        for (stage, end) in &ways {
            let stages = stage.iter().cloned().collect();
            say.series(Some(id), Series::translated(translation.clone(), stages, *end));
        }
    }
    for job in items(root, "scrape_configs").filter(|j| j.is_map()) {
        let name = job.get("job_name").and_then(Node::scalar).unwrap_or_default();
        let maker = format!("scrape job `{name}`");
        let span = job.get("job_name").map_or(job.span(), Node::inner);
        let names = utf8(root, Some(job), version);
        let interval = interval(root, job);
        let Some((target, millis)) = target(job, &maker, names, version, span, interval, say) else { continue };
        let written = interval.map(|node| node.inner());
        let pace = millis.map(|millis| Pace { millis, span: written.unwrap_or(span), written: written.is_some() });
        let addresses = addresses(job);
        let honors = job.get("honor_labels").is_some_and(|h| h.as_bool() != Some(false));
        let list = job.get("metric_relabel_configs");
        let stage = Arc::new(Stage {
            title: format!("`metric_relabel_configs` of {maker}"),
            span: list.map_or(span, Node::span),
            adds: Vec::new(),
            steps: steps(list, names),
            reports: false,
        });
        for (write, end) in &ways {
            let stages = list.iter().map(|_| stage.clone()).chain(write.clone()).collect();
            let labels = scraped(&target, honors);
            let series = Series {
                target: target.clone(),
                labels,
                pace,
                scraped: addresses.clone(),
                ..Series::open(maker.clone(), span, stages, *end)
            };
            say.series(Some(id), series);
        }
    }
}

fn items<'d>(map: Node<'d>, key: &str) -> impl Iterator<Item = Node<'d>> {
    map.get(key).into_iter().flat_map(Node::items)
}

/// Names with their texts; `None` for what is no text.
fn pairs<'d>(map: Option<Node<'d>>) -> impl Iterator<Item = (String, Option<&'d str>)> {
    let entries = map.into_iter().flat_map(Node::entries);
    entries.map(|e| (e.name().to_owned(), e.value.scalar()))
}

/// Whether any text is the name of a label.
fn utf8(root: Node<'_>, job: Option<Node<'_>>, version: Option<Version>) -> Option<bool> {
    let key = "metric_name_validation_scheme";
    let own = job.and_then(|j| j.get(key)).or_else(|| root.at(&["global", key])).and_then(Node::scalar);
    match (own, version) {
        (Some("legacy"), _) => Some(false),
        (Some("utf8"), _) => Some(true),
        (None, Some(version)) => Some(version >= THREE),
        _ => None,
    }
}

/// The addresses that a job scrapes.
fn addresses(job: Node<'_>) -> Scraped {
    if job.entries().iter().any(|e| e.name().ends_with("_sd_configs")) {
        return Scraped::Unknown;
    }
    let listed = items(job, "static_configs").flat_map(|group| items(group, "targets"));
    let all: Option<Vec<Span>> = listed.map(|t| Some(t.text()?.whole())).collect();
    all.map_or(Scraped::Unknown, Scraped::Addresses)
}

/// Where the time between two scrapes of a job is written.
fn interval<'d>(root: Node<'d>, job: Node<'d>) -> Option<Node<'d>> {
    let key = "scrape_interval";
    // Nothing, and a time of 0, stand for what is said further out.
    let given = |n: &Node<'_>| n.scalar().is_some_and(|t| !matches!(t, "" | "0" | "0s"));
    job.get(key).filter(given).or_else(|| root.at(&["global", key]).filter(given))
}

/// Milliseconds of a label that holds the time between two scrapes: of several the least; `None` = one is not known.
fn least(value: Value) -> Option<u64> {
    let Value::Of(values) = value else { return None };
    let times: Option<Vec<u64>> = values.iter().map(|v| prometheus_duration(v).ok().filter(|ms| *ms > 0)).collect();
    times?.into_iter().min()
}

/// A text that something else fills in first is not known.
fn value(text: &str) -> Value {
    if text.contains("{{") || text.contains("${") { Value::Any } else { Value::is(text) }
}

/// The labels that the targets of a job have in the end, and the milliseconds between two scrapes where they are known;
/// `None` = all are dropped.
fn target(
    job: Node<'_>,
    maker: &str,
    names: Option<bool>,
    version: Option<Version>,
    span: Span,
    interval: Option<Node<'_>>,
    say: &mut Say<'_>,
) -> Option<(Set, Option<u64>)> {
    // config/config.go `DefaultGlobalConfig`@v3.14.0; the label decides (scrape/target.go `PopulateDiscoveredLabels`).
    let often = interval.and_then(Node::scalar).map_or(Value::is("1m"), value);
    let text = |key: &str| job.get(key).and_then(Node::scalar);
    let mut defaults = vec![
        ("job".to_owned(), text("job_name").map_or(Value::Filled, value)),
        ("__scheme__".to_owned(), text("scheme").map_or(Value::is("http"), value)),
        ("__metrics_path__".to_owned(), text("metrics_path").map_or(Value::is("/metrics"), value)),
        ("__scrape_interval__".to_owned(), often.clone()),
        ("__scrape_timeout__".to_owned(), Value::Filled),
    ];
    for entry in job.get("params").map(Node::entries).unwrap_or_default() {
        let first = entry.value.items().next().and_then(Node::scalar).map_or(Value::Any, value);
        defaults.push((format!("__param_{}", entry.name()), first));
    }
    let with_defaults = |mut set: Set| {
        for (name, value) in &defaults {
            let there = set.get(name);
            if !there.is_filled() {
                set.put(name.clone(), if there.is_absent() { value.clone() } else { there.filled().or(value.clone()) });
            }
        }
        set
    };
    let mut sets = Vec::new();
    for group in items(job, "static_configs") {
        for address in items(group, "targets") {
            let mut set = Set::empty();
            for (name, text) in pairs(group.get("labels")) {
                set.put(name, text.map_or(Value::Any, value));
            }
            set.put("__address__", address.scalar().map_or(Value::Filled, value));
            sets.push(with_defaults(set));
        }
    }
    let mut discovered = false;
    for entry in job.entries() {
        if entry.name() == "static_configs" || !entry.name().ends_with("_sd_configs") {
            continue;
        }
        discovered = true;
        // Those two take any labels from where they ask; all others have names of their own.
        let any = matches!(entry.name(), "file_sd_configs" | "http_sd_configs");
        let own = Regex::new("__.*").filter(|_| !any);
        let mut set = own.map_or_else(Set::open, |names| Set::open_to(Arc::new(names)));
        set.put("__address__", Value::Filled);
        if !any {
            set.put("__scrape_interval__", often.clone());
        }
        sets.push(with_defaults(set));
    }
    let list = steps(job.get("relabel_configs"), names);
    let count = sets.len();
    let mut kept: Option<(Set, Option<u64>)> = None;
    let mut by: Option<Span> = None;
    for mut set in sets {
        let dropping = list.iter().find(|(step, _)| apply(step, &mut set) == Fate::Dropped);
        if let Some((_, rule)) = dropping {
            by = Some(*rule);
            continue;
        }
        let millis = least(set.get("__scrape_interval__"));
        let set = targeted(set, version.is_none_or(|v| v < THREE));
        kept = Some(match kept {
            Some((all, least)) => (all.or(set), least.zip(millis).map(|(a, b)| a.min(b))),
            None => (set, millis),
        });
    }
    if kept.is_none()
        && count > 0
        && !discovered
        && let Some(rule) = by
    {
        say.symbols.idle.push(Idle { maker: maker.to_owned(), span, rule, count });
    }
    kept
}
