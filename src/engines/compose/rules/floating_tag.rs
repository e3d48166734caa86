//! An engine's image without a version.

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-floating-tag",
    aliases: &[],
    summary: "the image of an engine floats: the next pull may bring a version that refuses the config",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("floating_tag.md"),
};

/// Other servers of observability stacks: what they read is checked elsewhere or not yet, and it breaks in the same way.
const OTHERS: [&str; 19] = [
    "grafana/agent",
    "grafana/beyla",
    "grafana/loki",
    "grafana/mimir",
    "grafana/promtail",
    "jaegertracing/all-in-one",
    "jaegertracing/jaeger",
    "otel/opentelemetry-collector",
    "otel/opentelemetry-collector-contrib",
    "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector",
    "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib",
    "prom/alertmanager",
    "prom/blackbox-exporter",
    "prom/node-exporter",
    "prom/pushgateway",
    "quay.io/prometheus/alertmanager",
    "quay.io/prometheus/blackbox-exporter",
    "quay.io/prometheus/node-exporter",
    "victoriametrics/victoria-metrics",
];

/// Once per engine's image of a file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let mut seen = Vec::new();
    for (_, service) in ctx.tree.declared_by(ctx.id) {
        let Some(image) = &service.image else { continue };
        let repository = image.repository.as_str();
        let facts = catalogue::all().iter().find(|f| f.images.contains(&repository));
        let judged = facts.is_some() || OTHERS.contains(&repository);
        if !judged || !image.floats() || seen.contains(&&image.repository) {
            continue;
        }
        seen.push(&image.repository);
        let what = match &image.tag {
            Some(tag) => format!("`{}:{tag}` floats", image.repository),
            None => format!("`{}` has no tag, so `latest` is pulled", image.repository),
        };
        let title = facts.map_or_else(|| format!("`{repository}`"), |f| f.title.to_owned());
        let (help, note) = match facts.map(|f| (f, f.ended(repository))) {
            Some((f, Some(ended))) => (
                format!(
                    "pin a version of the repository that goes on, such as `{}:{}{}`",
                    ended.instead, f.tag_prefix, f.default
                ),
                format!("`{repository}` gets no release from {title} {} on", ended.until),
            ),
            other => (
                match other {
                    Some((f, _)) => format!("pin a version, such as `{repository}:{}{}`", f.tag_prefix, f.default),
                    None => "pin a version: the tag of a release".to_owned(),
                },
                format!("the next pull may bring a version of {title} that refuses this configuration"),
            ),
        };
        findings.push(Diagnostic::new(&RULE, image.span, what).help(help).note(note));
    }
}
