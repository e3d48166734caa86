//! Scrape jobs (config/config.go `ScrapeConfig.UnmarshalYAML` and `Validate`).

use std::collections::HashMap;

use super::client::client;
use super::discovery::discoveries;
use super::{Global, escaping, longer, protocols, relabel, scheme, utf8};
use crate::conform::read::{duration, filled, first, items, word};
use crate::conform::{Judge, When};
use crate::engines::prometheus::rules::invalid_value::RULE;
use crate::engines::prometheus::rules::meta_label_unknown;
use crate::parse::Node;

/// All jobs of a file.
pub(super) fn jobs(judge: &mut Judge<'_>, root: Node<'_>, global: Global) {
    let mut names: HashMap<&str, Node<'_>> = HashMap::new();
    for job in items(root, "scrape_configs") {
        if job.is_null() {
            judge
                .tell(&RULE, job.span(), When::Always, "an item of `scrape_configs` is empty")
                .help("delete the item, or write a job");
            continue;
        }
        if !job.is_map() {
            continue;
        }
        match (word(job, "job_name", ""), job.get("job_name")) {
            (Some(""), node) => {
                let at = node.filter(|n| !n.is_null()).map_or_else(|| first(job), Node::span);
                judge
                    .tell(&RULE, at, When::Always, "this job has no `job_name`")
                    .help("write `job_name:` and a name that no other job has");
            }
            (Some(name), Some(node)) => {
                if let Some(before) = names.insert(name, node) {
                    judge
                        .tell(&RULE, node.span(), When::Always, format!("two jobs are named `{name}`"))
                        .label(before.span(), "the first one")
                        .help("give each its own `job_name`, or put their targets into one job");
                }
            }
            _ => {}
        }
        one(judge, job, global);
    }
}

fn one(judge: &mut Judge<'_>, job: Node<'_>, global: Global) {
    let own = duration(job, "scrape_interval");
    let interval = own.and_then(|own| if own == 0 { global.interval } else { Some(own) });
    if let (Some(timeout), Some(interval)) = (duration(job, "scrape_timeout"), interval)
        && timeout > interval
    {
        longer(judge, job, "of `global`");
    }
    client(judge, job);
    protocols(judge, job);
    let names = match word(job, "metric_name_validation_scheme", "") {
        Some("") => global.names,
        Some("utf8") => Some("utf8"),
        Some("legacy") => Some("legacy"),
        _ => None,
    };
    if judge.since(3, 4) {
        scheme(judge, job);
    }
    escaping(judge, job);
    let own = filled(job, "metric_name_escaping_scheme");
    // What is inherited is the global one, but for a job with a scheme of names of its own.
    let inherited = global.allows.filter(|_| word(job, "metric_name_validation_scheme", "") == Some(""));
    let allows = match own {
        Some(node) => (node.scalar() == Some("allow-utf-8")).then(|| node.span()),
        None => inherited,
    };
    if let Some(at) = allows.filter(|_| names == Some("legacy")) {
        let message = "`allow-utf-8` asks for names that are not taken: `metric_name_validation_scheme` is `legacy`";
        judge
            .tell(&RULE, at, When::Sometimes, message)
            .help("write `metric_name_validation_scheme: utf8`, or another escaping scheme");
    }
    discoveries(judge, job);
    let utf8 = utf8(judge, names);
    relabel::rules(judge, job, "relabel_configs", utf8);
    meta_label_unknown::run(judge, job, utf8);
    relabel::rules(judge, job, "metric_relabel_configs", utf8);
}
