//! Its command line (cmd/prometheus/main.go@v2.40.7 to v3.14.0).

use super::ENGINE;
use super::rules::{feature_unknown, flag_unknown, native_histograms_off, retention_flag_deprecated};
use super::symbols;
use crate::catalogue::Version;
use crate::conform::flags::{self, Dialect, Given};
use crate::conform::{Judge, When};
use crate::near::Near;
use crate::parse::Node;
use crate::source::Span;
use crate::tree::Service;

/// Flags that only a server takes, by their beginning (`serverOnlyFlag`).
const SERVER: [&str; 6] = ["storage.tsdb.", "storage.remote.read-", "rules.", "alertmanager.", "query.", "web.search."];

/// Flags that only an agent takes (`agentOnlyFlag`).
const AGENT: &str = "storage.agent.";

/// A value of `--enable-feature`: its name, the first version that knows it, the first that does not, what replaces it.
struct Feature(&'static str, Version, Version, &'static str);

const fn v(major: u16, minor: u16) -> Version {
    Version::new(major, minor, 0)
}

/// Before all that were read, and after.
const OLD: Version = v(0, 0);
const NEW: Version = v(u16::MAX, 0);
const THREE: Version = v(3, 0);

/// The cases of `setFeatureListOptions` at the newest patch of each minor line.
#[rustfmt::skip]
static FEATURES: [Feature; 38] = [
    Feature("agent", OLD, THREE, "`--agent`"),
    Feature("auto-gomaxprocs", OLD, THREE, "nothing: it is the default"),
    Feature("auto-gomemlimit", v(2, 50), THREE, "nothing: it is the default"),
    Feature("auto-reload-config", THREE, NEW, ""),
    Feature("concurrent-rule-eval", v(2, 51), NEW, ""),
    Feature("created-timestamp-zero-ingestion", v(2, 50), NEW, ""),
    Feature("delayed-compaction", v(2, 55), NEW, ""),
    Feature("exemplar-storage", OLD, NEW, ""),
    Feature("expand-external-labels", OLD, THREE, "nothing: it is the default"),
    Feature("extra-scrape-metrics", OLD, NEW, ""),
    Feature("fast-startup", v(3, 11), NEW, ""),
    Feature("histograms-st-encoding", v(3, 14), NEW, ""),
    Feature("memory-snapshot-on-shutdown", OLD, NEW, ""),
    Feature("metadata-wal-records", v(2, 54), NEW, ""),
    Feature("native-histograms", OLD, v(3, 9), "`scrape_native_histograms: true` in `global`, for those that are scraped"),
    Feature("new-service-discovery-manager", OLD, THREE, "nothing: it is the default"),
    Feature("no-default-scrape-port", OLD, THREE, "nothing: it is the default"),
    Feature("old-ui", THREE, NEW, ""),
    Feature("ooo-native-histograms", THREE, v(3, 4), "nothing: it is the default"),
    Feature("otlp-deltatocumulative", v(3, 2), NEW, ""),
    Feature("otlp-native-delta-ingestion", v(3, 4), NEW, ""),
    Feature("otlp-write-receiver", v(2, 47), THREE, "`--web.enable-otlp-receiver`"),
    Feature("promql-at-modifier", OLD, THREE, "nothing: it is the default"),
    Feature("promql-binop-fill-modifiers", v(3, 10), NEW, ""),
    Feature("promql-delayed-name-removal", v(2, 55), NEW, ""),
    Feature("promql-duration-expr", v(3, 4), v(3, 14), "nothing: it is the default"),
    Feature("promql-experimental-functions", v(2, 49), NEW, ""),
    Feature("promql-extended-range-selectors", v(3, 7), NEW, ""),
    Feature("promql-negative-offset", OLD, THREE, "nothing: it is the default"),
    Feature("promql-per-step-stats", OLD, NEW, ""),
    Feature("remote-write-receiver", OLD, THREE, "`--web.enable-remote-write-receiver`"),
    Feature("search-api", v(3, 13), NEW, ""),
    Feature("st-storage", v(3, 10), NEW, ""),
    Feature("st-synthesis", v(3, 12), NEW, ""),
    Feature("type-and-unit-labels", v(3, 5), NEW, ""),
    Feature("use-start-timestamps", v(3, 12), NEW, ""),
    Feature("use-uncached-io", v(3, 5), NEW, ""),
    Feature("utf8-names", v(2, 55), THREE, "nothing: it is the default"),
];

/// Features of 3.11 and later that came between two minor lines.
const XOR2: Feature = Feature("xor2-encoding", v(3, 11), NEW, "");

/// The first version that does not know a feature, of one that an earlier one knew.
pub(super) fn gone(name: &str) -> Option<Version> {
    FEATURES.iter().chain([&XOR2]).find(|f| f.0 == name).map(|f| f.2).filter(|until| *until < NEW)
}

/// Looks at the command of a service; `config` is the config that it reads, where that is known.
pub(super) fn command(judge: &mut Judge<'_>, service: &Service, config: Option<Node<'_>>) {
    let Some(facts) = ENGINE.facts() else { return };
    let Some(line) = flags::read(service, facts, judge.version, Dialect::Kingpin) else { return };
    for fault in line.faults {
        let when = if fault.by_version { When::Sometimes } else { When::Always };
        let told = judge.tell(&flag_unknown::RULE, fault.span, when, fault.message);
        if let Some(help) = fault.help {
            told.help(help);
        }
    }
    let agent = if judge.since(3, 0) {
        line.given.iter().find(|g| g.name == "agent" && g.value != Some("false") && !g.arg.text.starts_with("--no-"))
    } else {
        line.given
            .iter()
            .find(|g| g.name == "enable-feature" && g.value.is_some_and(|v| v.split(',').any(|f| f == "agent")))
    };
    for given in &line.given {
        modes(judge, given, agent);
        if given.name == "enable-feature" && !given.open {
            if !receives(&line.given) {
                native(judge, given, config);
            }
            features(judge, given);
        }
        if ["storage.tsdb.retention.time", "storage.tsdb.retention.size"].contains(&given.name) && judge.since(3, 8) {
            retention(judge, given, config);
        }
    }
}

fn modes(judge: &mut Judge<'_>, given: &Given<'_>, agent: Option<&Given<'_>>) {
    let server_only = SERVER.iter().any(|s| given.name.starts_with(s));
    match agent {
        Some(agent) if server_only => {
            judge
                .tell(
                    &flag_unknown::RULE,
                    given.arg.span,
                    When::Always,
                    format!("`--{}` is no flag of an agent", given.name),
                )
                .label(agent.arg.span, "an agent")
                .help("delete it: an agent keeps nothing and evaluates nothing");
        }
        None if given.name.starts_with(AGENT) => {
            judge
                .tell(
                    &flag_unknown::RULE,
                    given.arg.span,
                    When::Always,
                    format!("`--{}` is a flag of agents only", given.name),
                )
                .help("delete it, or write `--agent`");
        }
        _ => {}
    }
}

/// Where a name of a list stands in a word; the word where it is written otherwise than it reaches the process.
fn at(given: &Given<'_>, name: &str) -> Span {
    let (text, span) = (&given.arg.text, given.arg.span);
    let from = text.find('=').map_or(0, |n| n + 1);
    let mut start = from;
    let found = text[from..].split(',').find_map(|part| {
        let here = start;
        start += part.len() + 1;
        (part == name).then_some(here)
    });
    let quotes = (span.range().len() as isize) - (text.len() as isize);
    match (found, quotes) {
        (Some(start), 0) => span.slice(start..start + name.len()),
        (Some(start), 2) => span.slice(start + 1..start + 1 + name.len()),
        _ => span,
    }
}

/// Whether others write to it: what they write is stored with native histograms and all (docs/feature_flags.md@v3.9.0).
fn receives(given: &[Given<'_>]) -> bool {
    given.iter().any(|g| g.name.contains("receiver") || g.name == "enable-feature" && g.arg.text.contains("receiver"))
}

/// A feature that asked for native histograms until 3.9, and a config that does not.
fn native(judge: &mut Judge<'_>, given: &Given<'_>, config: Option<Node<'_>>) {
    let Some(root) = config.filter(|_| judge.since(3, 9)) else { return };
    let asked = given.value.unwrap_or_default().split(',').any(|f| f == "native-histograms");
    let key = "scrape_native_histograms";
    let jobs = root.get("scrape_configs").into_iter().flat_map(Node::items);
    let set = root.at(&["global", key]).is_some() || jobs.into_iter().any(|j| j.get(key).is_some());
    if !asked || set || root.get("scrape_config_files").is_some() || root.get("scrape_configs").is_none() {
        return;
    }
    judge
        .tell(
            &native_histograms_off::RULE,
            at(given, "native-histograms"),
            When::Sometimes,
            "no native histogram is scraped: the feature `native-histograms` does nothing since Prometheus 3.9",
        )
        .label(root.entry("global").map_or(root.span(), |e| e.key.span()), "this config does not ask for them")
        .help("write `scrape_native_histograms: true` in `global`, and delete the feature");
}

fn features(judge: &mut Judge<'_>, given: &Given<'_>) {
    for name in given.value.unwrap_or_default().split(',').filter(|n| !n.is_empty()) {
        let found = FEATURES.iter().chain([&XOR2]).find(|f| f.0 == name);
        let (message, help) = match found {
            Some(Feature(_, since, until, _)) if *since <= judge.version && judge.version < *until => continue,
            Some(Feature(_, since, ..)) if judge.version < *since => {
                let message =
                    format!("the feature `{name}` came with Prometheus {}.{}: it is ignored", since.major, since.minor);
                (message, Some(format!("run a version that has it; this is {}", judge.version)))
            }
            Some(Feature(_, _, until, instead)) => {
                let message =
                    format!("the feature `{name}` does nothing since Prometheus {}.{}", until.major, until.minor);
                (
                    message,
                    Some(format!("delete it, and write {instead}")).map(|h| h.replace(", and write nothing:", ":")),
                )
            }
            None => {
                let near = Near::default();
                let near = near.nearest(name, FEATURES.iter().map(|f| f.0)).map(|n| format!("did you mean `{n}`?"));
                (format!("there is no feature `{name}`: it is ignored"), near)
            }
        };
        let told = judge.tell(&feature_unknown::RULE, at(given, name), When::Sometimes, message);
        if let Some(help) = help {
            told.help(help);
        }
    }
}

fn retention(judge: &mut Judge<'_>, given: &Given<'_>, config: Option<Node<'_>>) {
    let key = given.name.rsplit('.').next().unwrap_or_default();
    let set = config.and_then(|root| root.at(&["storage", "tsdb", "retention", key]));
    let message = match set {
        Some(_) => format!("`--{}` is not looked at: the config sets it too", given.name),
        None => format!("`--{}` is deprecated: the config has a key for it", given.name),
    };
    let told = judge
        .tell(&retention_flag_deprecated::RULE, given.arg.span, When::Sometimes, message)
        .help(format!("write `storage.tsdb.retention.{key}` in the config, and delete the flag"));
    if let Some(set) = set {
        told.label(set.span(), "this one counts");
    }
}

/// Whether the process is an agent for certain.
pub(super) fn is_agent(service: &Service, version: Version) -> bool {
    if version >= THREE {
        service.flag("agent").is_some_and(|(arg, _)| !arg.open)
    } else {
        symbols::features(service).iter().any(|f| f == "agent")
    }
}
