//! Series on their way through `prometheus.*` components (grafana/alloy internal/component/prometheus/scrape/scrape.go,
//! relabel/relabel.go, remotewrite/convert.go, internal/component/common/relabel/relabel.go,
//! internal/component/otelcol/exporter/prometheus/internal/convert/convert.go@v1.19.0-rc.3).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use vispyr_alloy::{Body, Expr, ExprKind};

use super::{Component, Config};
use crate::engine::Say;
use crate::engines::alloy::relabel::step;
use crate::labels::{
    End, Fate, Pace, Promoted, Scraped, Series, Set, Stage, Step, Translation, Value, apply, scraped, targeted,
};
use crate::lang::quantity::go_duration;
use crate::source::Span;

/// More ways from one maker than this are not told apart.
const WAYS: usize = 64;

/// What a component does with series that it takes.
struct Passage<'a> {
    stage: Option<Arc<Stage>>,
    /// To whom they go on.
    next: Vec<Expr<'a>>,
    /// Where they leave, with what happens to them before.
    ends: Vec<(Arc<Stage>, End)>,
}

/// All series of a config; of one that nobody runs nothing is known but that there may be some.
pub(super) fn config(whole: &Config<'_>, runs: bool, say: &mut Say<'_>) {
    if !runs {
        let first = whole.components.first();
        let open = |c: &Component<'_>| Series::open("Alloy", c.span(c.block.header_range()), Vec::new(), End::Unknown);
        first.into_iter().for_each(|c| say.series(Some(c.id), open(c)));
        return;
    }
    let mut passages: HashMap<String, Passage<'_>> = HashMap::new();
    for component in &whole.components {
        if let Some(passage) = passage(component) {
            passages.insert(format!("{}.{}", component.name, component.label()), passage);
        }
    }
    if let Some(first) = whole.components.first().filter(|_| whole.is_open()) {
        let span = first.span(first.block.header_range());
        say.series(Some(first.id), Series::open("a component that is not known here", span, Vec::new(), End::Unknown));
    }
    for component in whole.components.iter().filter(|c| c.name != "prometheus.relabel") {
        let receivers = receivers(component);
        if receivers.is_empty() {
            continue;
        }
        let span = component.span(component.block.header_range());
        if component.name == "otelcol.exporter.prometheus" {
            let translation = Arc::new(translation(component, whole));
            for (stages, end) in ways(&receivers, &passages) {
                say.series(Some(component.id), Series::translated(translation.clone(), stages, end));
            }
            continue;
        }
        let pace = pace(component).filter(|_| !whole.is_paced);
        let (target, labels) = match &*component.name {
            "prometheus.scrape" => {
                let target = target(component, whole);
                let honors = component.body().attr("honor_labels").is_some_and(|a| a.value().as_bool() != Some(false));
                let labels = scraped(&target, honors);
                (target, labels)
            }
            _ => (Set::open(), Set::open()),
        };
        for (stages, end) in ways(&receivers, &passages) {
            let (target, labels) = (target.clone(), labels.clone());
            let scraped = looked_at(component);
            let series = Series { target, labels, pace, scraped, ..Series::open(component.title(), span, stages, end) };
            say.series(Some(component.id), series);
        }
    }
}

/// The `prometheus.*` receivers that a component names anywhere.
fn receivers<'a>(component: &Component<'a>) -> Vec<Expr<'a>> {
    let nested = component.body().descendant_blocks().into_iter().map(|b| b.body());
    let attrs = std::iter::once(component.body()).chain(nested).flat_map(|b| b.attrs().collect::<Vec<_>>());
    let named = attrs.flat_map(|a| a.value().references());
    let receiver = |p: &str| p.starts_with("prometheus.") && p.ends_with(".receiver");
    named.filter(|r| receiver(&r.path())).map(|r| r.expr()).collect()
}

/// Components that give no sample of a metric another attribute: all others may.
const KEEPING: [&str; 16] = [
    "otelcol.receiver.otlp",
    "otelcol.receiver.jaeger",
    "otelcol.receiver.zipkin",
    "otelcol.processor.batch",
    "otelcol.processor.memory_limiter",
    "otelcol.processor.resourcedetection",
    "otelcol.processor.k8sattributes",
    "otelcol.processor.tail_sampling",
    "otelcol.processor.probabilistic_sampler",
    "otelcol.processor.filter",
    "otelcol.processor.interval",
    "otelcol.processor.cumulativetodelta",
    "otelcol.processor.deltatocumulative",
    "otelcol.connector.spanlogs",
    "otelcol.connector.spanmetrics",
    "otelcol.connector.servicegraph",
];

/// What `otelcol.exporter.prometheus` makes of what it takes.
fn translation(component: &Component<'_>, whole: &Config<'_>) -> Translation {
    let given = |key: &str, default: bool| component.body().attr(key).map_or(Some(default), |a| a.value().as_bool());
    let ends = |name: &str| name.starts_with("otelcol.exporter.") || name.starts_with("otelcol.auth.");
    let keeps = |c: &Component<'_>| !c.name.starts_with("otelcol.") || ends(&c.name) || KEEPING.contains(&&*c.name);
    let known = !whole.is_open() && whole.components.iter().all(keeps);
    let promoted = match given("resource_to_telemetry_conversion", false) {
        Some(true) if known => Promoted::All(BTreeSet::new()),
        Some(false) if known => Promoted::Only(BTreeSet::new()),
        _ => Promoted::Unknown,
    };
    let suffixes = given("add_metric_suffixes", true);
    Translation {
        title: component.title(),
        span: component.span(component.block.header_range()),
        suffixes: suffixes != Some(false),
        escapes: true,
        promoted: if suffixes.is_none() { Promoted::Unknown } else { promoted },
        promotes: "`resource_to_telemetry_conversion = true`",
    }
}

/// What a component scrapes.
fn looked_at(component: &Component<'_>) -> Scraped {
    let Some(targets) = component.body().attr("targets").map(|a| a.value()) else { return Scraped::Unknown };
    if let Some(path) = targets.as_reference().map(|r| r.path().into_owned()) {
        let parts: Vec<&str> = path.split('.').collect();
        return match parts[..] {
            ["prometheus", "exporter", kind, ..] => Scraped::Exporter(format!("prometheus.exporter.{kind}")),
            _ => Scraped::Unknown,
        };
    }
    let ExprKind::Array(items) = targets.unparen().kind() else { return Scraped::Unknown };
    let address = |item: Expr<'_>| match item.unparen().kind() {
        ExprKind::Object(fields) => component.written(fields.get("__address__")?).map(|t| t.whole()),
        _ => None,
    };
    let all: Option<Vec<Span>> = items.iter().map(address).collect();
    all.map_or(Scraped::Unknown, Scraped::Addresses)
}

/// How often a component scrapes: every minute where nothing is written (grafana/alloy
/// internal/component/prometheus/scrape/scrape.go `SetToDefault`@v1.0.0, @v1.19.0-rc.3).
fn pace(component: &Component<'_>) -> Option<Pace> {
    if component.name != "prometheus.scrape" {
        return None;
    }
    let Some(attr) = component.body().attr("scrape_interval") else {
        let span = component.span(component.block.header_range());
        return Some(Pace { millis: 60_000, span, written: false });
    };
    let nanos = go_duration(&attr.value().as_str()?).ok().filter(|n| *n >= 1e6)?;
    Some(Pace { millis: (nanos / 1e6) as u64, span: component.value_span(attr.value()), written: true })
}

/// All ways from receivers to where series end.
fn ways(from: &[Expr<'_>], passages: &HashMap<String, Passage<'_>>) -> Vec<(Vec<Arc<Stage>>, End)> {
    let mut found = Vec::new();
    let mut todo: Vec<(Expr<'_>, Vec<Arc<Stage>>)> = from.iter().map(|e| (*e, Vec::new())).collect();
    while let Some((expr, mut stages)) = todo.pop() {
        if found.len() + todo.len() > WAYS || stages.len() > WAYS {
            found.push((Vec::new(), End::Unknown));
            return found;
        }
        let path = expr.as_reference().map(|r| r.path().into_owned()).unwrap_or_default();
        let Some(passage) = path.strip_suffix(".receiver").and_then(|p| passages.get(p)) else {
            found.push((stages, End::Unknown));
            continue;
        };
        stages.extend(passage.stage.clone());
        for (stage, end) in &passage.ends {
            found.push((stages.iter().cloned().chain([stage.clone()]).collect(), *end));
        }
        todo.extend(passage.next.iter().map(|next| (*next, stages.clone())));
    }
    found
}

fn passage<'a>(component: &Component<'a>) -> Option<Passage<'a>> {
    let body = component.body();
    let span = component.span(component.block.header_range());
    match &*component.name {
        "prometheus.relabel" => {
            let stage = Stage {
                title: component.title(),
                span,
                adds: Vec::new(),
                steps: rules(component, body, "rule"),
                reports: true,
            };
            Some(Passage { stage: Some(Arc::new(stage)), next: receivers(component), ends: Vec::new() })
        }
        "prometheus.remote_write" => {
            let external = body.attr("external_labels").map(|a| a.value());
            let adds = match external.map(|e| (e.unparen().kind(), e)) {
                None => Vec::new(),
                Some((ExprKind::Object(fields), _)) => {
                    fields.iter().map(|f| (f.name().to_owned(), value(f.value()))).collect()
                }
                // Which labels these are is not known.
                Some(_) => return None,
            };
            let ends = body.blocks("endpoint").map(|block| {
                let inner = block.body();
                let url = inner.attr("url").and_then(|a| component.written(a.value()));
                let end = url.map_or(End::Unknown, |w| End::Url(w.whole()));
                let title = format!("`write_relabel_config` of {}", component.title());
                let steps = rules(component, inner, "write_relabel_config");
                (Arc::new(Stage { title, span, adds: adds.clone(), steps, reports: true }), end)
            });
            Some(Passage { stage: None, next: Vec::new(), ends: ends.collect() })
        }
        _ => None,
    }
}

fn value(expr: Expr<'_>) -> Value {
    expr.as_str().map_or(Value::Any, |t| Value::is(t.into_owned()))
}

/// The rules in blocks of that name, with their places.
fn rules<'a>(component: &Component<'a>, body: Body<'a>, name: &str) -> Vec<(Step, Span)> {
    body.blocks(name).map(|b| (step(b.body()), component.span(b.range()))).collect()
}

/// The labels that the targets of a scrape have in the end.
fn target(component: &Component<'_>, whole: &Config<'_>) -> Set {
    let body = component.body();
    let job = match body.attr("job_name") {
        Some(attr) => value(attr.value()),
        None => Value::is(format!("{}.{}", component.name, component.label())),
    };
    let mut kept: Option<Set> = None;
    for mut set in body.attr("targets").map_or_else(Vec::new, |a| targets(a.value(), whole)) {
        let there = set.get("job");
        if !there.is_filled() {
            set.put("job", if there.is_absent() { job.clone() } else { there.filled().or(job.clone()) });
        }
        let set = targeted(set, true);
        kept = Some(match kept {
            Some(all) => all.or(set),
            None => set,
        });
    }
    kept.unwrap_or_else(Set::open)
}

/// The targets of an expression: those that are written, those that `discovery.relabel` makes of written ones, else any.
fn targets(expr: Expr<'_>, whole: &Config<'_>) -> Vec<Set> {
    if let ExprKind::Array(items) = expr.unparen().kind() {
        return items.iter().map(literal).collect();
    }
    let relabel = whole.referred(expr).filter(|c| c.name == "discovery.relabel");
    let Some(relabel) = relabel else { return vec![Set::open()] };
    let list = relabel.body().attr("targets").map(|a| a.value());
    let sets = match list.map(|e| e.unparen().kind()) {
        Some(ExprKind::Array(items)) => items.iter().map(literal).collect(),
        _ => vec![Set::open()],
    };
    let rules = rules(relabel, relabel.body(), "rule");
    let pass = |mut set: Set| rules.iter().all(|(s, _)| apply(s, &mut set) != Fate::Dropped).then_some(set);
    sets.into_iter().filter_map(pass).collect()
}

fn literal(expr: Expr<'_>) -> Set {
    let ExprKind::Object(fields) = expr.unparen().kind() else { return Set::open() };
    let mut set = Set::empty();
    for field in fields.iter() {
        set.put(field.name().to_owned(), value(field.value()));
    }
    set
}
