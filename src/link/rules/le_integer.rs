//! A query that looks for a bucket, or a quantile, by a whole number, which scrapes of Prometheus 3 store otherwise.

use crate::catalogue::{self, Facts, Version};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines;
use crate::lang::promql;
use crate::link::Linked;
use crate::link::flow::Flows;
use crate::tree::{Service, has_word};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "prom-le-integer",
    aliases: &[],
    summary: "a query looks for `le=\"1\"` or `quantile=\"1\"`, which Prometheus 3 stores as `1.0`",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("le_integer.md"),
};

/// The first release that does (CHANGELOG.md@v3.0.0).
const SINCE: Version = Version::new(3, 0, 0);

/// Every such query, where the only store of the tree is a Prometheus, of metrics that nobody writes to it.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let tree = linked.tree;
    let mut stores = tree.services().filter(|(_, s)| s.engine == Some("prometheus"));
    let Some((id, store)) = stores.next() else { return };
    // What lies over its file is no other one.
    if stores.any(|(_, s)| (s.project, &s.name) != (store.project, &store.name)) {
        return;
    }
    // What floats is the newest sooner or later.
    let newest = || store.image.as_ref().filter(|i| i.floats()).and(catalogue::engine("prometheus")).map(Facts::newest);
    let Some(version) = store.version.or_else(newest).filter(|v| *v >= SINCE && !store.build) else { return };
    // What is written to it is stored as it comes.
    let written = is_written_to(store);
    let flows = Flows::of_some(linked).filter(|flows| written && flows.is_closed());
    if written && flows.is_none() {
        return;
    }
    let scraped = |metric: &str| flows.as_ref().is_none_or(|flows| flows.is_only_scraped(metric));
    // Beside another store only its own rules are known to ask it.
    let alone = !tree.services.iter().any(|s| s.engine == Some("mimir") || is_other(s));
    let bounds = |text: &str| ["_bucket", "quantile"].iter().any(|b| text.contains(b));
    for (file, asked) in engines::asked_in(tree, bounds) {
        // Tests of rules make up their own series.
        let artifact = tree.artifact(file);
        let test = artifact.kind.name == "prometheus-rule-tests";
        let own = || {
            artifact.kind.name == "prometheus-rules"
                && artifact.uses.iter().all(|u| u.service == id)
                && !artifact.uses.is_empty()
        };
        if test || !(alone || own()) || !bounds(asked.query()) {
            continue;
        }
        let Some(query) = asked.parse() else { continue };
        for found in promql::bounds::whole(&query).into_iter().filter(|f| scraped(f.metric)) {
            let (label, value) = (&found.matcher.label.value, found.value);
            let message =
                format!("no scrape of Prometheus {version} stores `{label}=\"{value}\"`: it is `{}`", found.stored);
            let (severity, note) = super::weighed(linked, id, RULE.severity);
            let at = store.image_span();
            let mut told = Diagnostic::new(&RULE, asked.span(found.matcher.range.clone()), message)
                .severity(severity)
                .label(at, format!("this is {version}"))
                .help(help(label, &found));
            if let Some(note) = note {
                told = told.note(note);
            }
            findings.push(told);
        }
    }
}

/// What finds what earlier releases stored as well.
fn help(label: &str, found: &promql::bounds::Whole<'_>) -> String {
    let stored = found.stored.replace('+', "[+]");
    match found.several {
        true => format!("add `|{stored}` to the alternatives"),
        false => {
            format!("write `{label}=~\"{}|{stored}\"`, which finds what earlier releases stored as well", found.value)
        }
    }
}

/// Whether others may write to a Prometheus, or that is not known.
fn is_written_to(store: &Service) -> bool {
    let Some(args) = store.args() else { return true };
    args.iter().any(|a| a.open || a.text.contains("receiver"))
}

/// Whether a service may be a store that is not known here.
fn is_other(service: &Service) -> bool {
    let image = service.image.as_ref().map_or("", |i| i.repository.as_str());
    has_word(image, &["thanos", "cortex", "victoria", "mimir", "lgtm"])
}
