//! An engine's image without a version.

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::Image;

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

/// Tags that move with every release or commit.
const FLOATING: [&str; 8] = ["latest", "main", "master", "edge", "nightly", "dev", "stable", "rolling"];

/// Once per engine's image of a file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let mut seen = Vec::new();
    for (_, service) in ctx.tree.declared_by(ctx.id) {
        let Some(image) = &service.image else { continue };
        let repository = image.repository.as_str();
        let facts = catalogue::all().iter().find(|f| f.images.contains(&repository));
        let judged = facts.is_some() || OTHERS.contains(&repository);
        if !judged || !floats(image) || seen.contains(&&image.repository) {
            continue;
        }
        seen.push(&image.repository);
        let what = match &image.tag {
            Some(tag) => format!("`{}:{tag}` floats", image.repository),
            None => format!("`{}` has no tag, so `latest` is pulled", image.repository),
        };
        let help = match facts {
            Some(f) => format!("pin a version, such as `{repository}:{}{}`", f.tag_prefix, f.default),
            None => "pin a version: the tag of a release".to_owned(),
        };
        let title = facts.map_or_else(|| format!("`{repository}`"), |f| f.title.to_owned());
        let note = format!("the next pull may bring a version of {title} that refuses this configuration");
        findings.push(Diagnostic::new(&RULE, image.span, what).help(help).note(note));
    }
}

/// Whether the tag names no release. A digest pins, and what a variable decides is not known.
fn floats(image: &Image) -> bool {
    if image.digest || image.open {
        return false;
    }
    image.tag.as_deref().is_none_or(|tag| {
        // `latest-alpine` moves as `latest` does; `main-1a2b3c4` is one commit.
        let (stem, rest) = tag.split_once('-').unwrap_or((tag, ""));
        let commit = rest.len() >= 7 && rest.chars().all(|c| c.is_ascii_hexdigit());
        FLOATING.contains(&stem) && !commit
    })
}
