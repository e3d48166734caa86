//! Labels of targets that no discovery of a job sets.

use crate::catalogue;
use crate::conform::read::items;
use crate::conform::{Judge, When};
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::labels::{Given, Step, steps};
use crate::parse::Node;

/// The rule.
pub(in crate::engines::prometheus) static RULE: Rule = Rule {
    id: "prom-meta-label-unknown",
    aliases: &[],
    summary: "a relabelling rule reads a label that the discovery of its job never sets",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("meta_label_unknown.md"),
};

/// Rules of one job.
pub(in crate::engines::prometheus) fn run(judge: &mut Judge<'_>, job: Node<'_>, utf8: Option<bool>) {
    let key = "relabel_configs";
    let Some(given) = given(job) else { return };
    let found: Vec<String> = given.discoveries().iter().map(|d| format!("`{}_sd_configs`", d.name)).collect();
    let who = match found.is_empty() {
        true if job.get("static_configs").is_none() => return,
        true => vec!["`static_configs`".to_owned()],
        false => found,
    };
    let rules: Vec<Step> = steps(job.get(key), utf8).into_iter().map(|(step, _)| step).collect();
    // That targets which are written out are dropped is told as such, by `prom-relabel-drops-all`.
    let told_there = |blocks: bool| blocks && given.discoveries().is_empty();
    for lost in given.lost(&rules).into_iter().filter(|lost| !told_there(lost.blocks)) {
        let Some(rule) = items(job, key).nth(lost.rule) else { continue };
        let label = &lost.label;
        let (place, what) = match lost.source {
            Some(at) => (items(rule, "source_labels").nth(at), format!("`{label}`")),
            None => (rule.get("regex"), format!("a label that begins with `{label}`")),
        };
        let message = format!("no target has {what}, which {} never sets: {}", who.join(" or "), lost.effect);
        let told = judge.fact(&RULE, place.unwrap_or(rule).span(), When::Always, message);
        if let Some(advice) = given.advice(label) {
            told.help(advice);
        }
    }
}

/// All labels of the targets of a job that begin with `__meta_`; `None` = there may be others.
fn given(job: Node<'_>) -> Option<Given> {
    let mut all = Given::default();
    for entry in job.entries() {
        if entry.name() == "static_configs" {
            let groups = entry.value.items().filter_map(|g| g.get("labels"));
            groups.flat_map(Node::entries).for_each(|e| all.add(e.name()));
        } else if let Some(name) = entry.name().strip_suffix("_sd_configs") {
            all.join(&Given::by(catalogue::discovery(name)?));
        }
    }
    Some(all)
}
