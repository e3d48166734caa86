//! Labels of targets that no discovery sets.

use foldhash::HashMap;
use vispyr_alloy::{Body, Expr, ExprKind};

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::{Carries, Flow, Part, PartId};
use crate::engines::alloy::relabel::step;
use crate::labels::{Given, Lost, Step};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-meta-label-unknown",
    aliases: &[],
    summary: "a relabelling rule reads a label that the discovery of its targets never sets",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("meta_label_unknown.md"),
};

/// What `loki.source.docker` adds before its rules (grafana/alloy internal/component/loki/source/docker/internal/dockertarget/target.go
/// `getStreamLabels`@v1.0.0, @v1.11.3, tailer.go@v1.18.1).
const LOG_STREAM: &str = "__meta_docker_container_log_stream";

/// Who hands labels of targets to rules of others.
const READER: &str = "loki.source.docker";

/// A longer way from a discovery is not followed.
const DEEP: usize = 64;

/// Rules of parts that relabel targets, or hand their rules to who reads targets.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let mut known = Known { flow, of: HashMap::default() };
    for (id, part) in flow.components() {
        if !matches!(part.name, "discovery.relabel" | "loki.relabel") || part.blurred || flow.is_broken(id) {
            continue;
        }
        let Some((given, hands)) = known.arriving(id, part) else { continue };
        if given.discoveries().is_empty() || part.body().blocks("rule").all(|b| reads_given(b.body(), &given)) {
            continue;
        }
        let steps = steps(part);
        for lost in given.lost(&steps) {
            findings.push(told(flow, id, part, &given, &lost, hands));
        }
    }
}

/// Whether a rule reads labels that are all given; seen without reading its expression.
fn reads_given(rule: Body<'_>, given: &Given) -> bool {
    let Some(sources) = rule.attr("source_labels") else { return rule.attr("action").is_none() };
    let ExprKind::Array(items) = sources.value().unparen().kind() else { return false };
    items.iter().all(|item| item.as_str().is_some_and(|label| given.has(&label)))
}

/// The rules of a part.
fn steps(part: &Part<'_, '_>) -> Vec<Step> {
    part.body().blocks("rule").map(|b| step(b.body())).collect()
}

fn told(flow: &Flow<'_, '_>, id: PartId, part: &Part<'_, '_>, given: &Given, lost: &Lost, hands: bool) -> Diagnostic {
    let block = part.body().blocks("rule").nth(lost.rule);
    let list = block.and_then(|b| b.body().attr(if lost.source.is_some() { "source_labels" } else { "regex" }));
    let place = match (list.map(|a| a.value().unparen().kind()), lost.source) {
        (Some(ExprKind::Array(items)), Some(at)) => items.get(at),
        _ => list.map(|a| a.value()),
    };
    let span = place.map_or_else(|| flow.header(id), |p| flow.file(id).span(p.range()));
    let who: Vec<String> = given.discoveries().iter().map(|d| format!("`discovery.{}`", d.name)).collect();
    // What such rules drop is sent on all the same, without labels (tailer.go `getStreamLabels`@v1.18.1).
    let effect = if lost.blocks && hands { "no line keeps a label" } else { &lost.effect };
    let label = &lost.label;
    let what = if lost.source.is_some() { format!("`{label}`") } else { format!("a label that begins with `{label}`") };
    let message = format!("no target has {what}, which {} never sets: {effect}", who.join(" or "));
    let found = flow.found(&RULE, span, message);
    match given.advice(label) {
        Some(advice) => found.help(advice),
        None => found,
    }
}

/// What is known of the labels of targets.
struct Known<'f, 'p, 'a> {
    flow: &'f Flow<'p, 'a>,
    /// Of those that a part offers.
    of: HashMap<PartId, Option<Given>>,
}

impl<'a> Known<'_, '_, 'a> {
    /// All labels that arrive at the rules of a part, and whether only those that hand them over bring some; `None` = others
    /// may arrive.
    fn arriving(&mut self, id: PartId, part: &Part<'_, 'a>) -> Option<(Given, bool)> {
        let mut all = Given::default();
        if part.name == "discovery.relabel" {
            all.join(&self.targets(id, DEEP)?);
        }
        let own = !all.discoveries().is_empty();
        for edge in self.flow.used_by(id) {
            let text = self.flow.instance.tree.sources.slice(edge.span);
            match edge.carries {
                Carries::Targets => continue,
                Carries::Value if text.ends_with(".rules") => {}
                _ => return None,
            }
            let user = self.flow.part(edge.user);
            if user.name != READER || !user.is_component() {
                return None;
            }
            all.join(&self.targets(edge.user, DEEP)?);
            all.add(LOG_STREAM);
            if let Some(labels) = user.body().attr("labels") {
                let ExprKind::Object(fields) = labels.value().unparen().kind() else { return None };
                fields.iter().for_each(|f| all.add(f.name()));
            }
        }
        Some((all, !own))
    }

    /// Those that a part takes.
    fn targets(&mut self, id: PartId, deep: usize) -> Option<Given> {
        let list = self.flow.part(id).body().attr("targets")?;
        self.listed(id, list.value(), deep)
    }

    fn listed(&mut self, id: PartId, expr: Expr<'a>, deep: usize) -> Option<Given> {
        let deep = deep.checked_sub(1)?;
        if let Some(reference) = expr.as_reference() {
            let span = self.flow.file(id).span(reference.range());
            let edge = self.flow.uses(id).iter().find(|e| e.span == span && e.carries == Carries::Targets)?;
            return self.offered(edge.used, deep);
        }
        let mut all = Given::default();
        match expr.unparen().kind() {
            ExprKind::Call { callee, args } => {
                let name = callee.as_reference()?.path();
                if !matches!(&*name, "array.concat" | "concat") {
                    return None;
                }
                for arg in args.iter() {
                    all.join(&self.listed(id, arg, deep)?);
                }
            }
            ExprKind::Array(items) => {
                for item in items.iter() {
                    let ExprKind::Object(fields) = item.unparen().kind() else { return None };
                    fields.iter().for_each(|f| all.add(f.name()));
                }
            }
            _ => return None,
        }
        Some(all)
    }

    /// Those that a part offers.
    fn offered(&mut self, id: PartId, deep: usize) -> Option<Given> {
        if let Some(known) = self.of.get(&id) {
            return known.clone();
        }
        // A part that waits for itself is told elsewhere.
        self.of.insert(id, None);
        let part = self.flow.part(id);
        let given = match part.name {
            _ if !part.is_component() || self.flow.is_broken(id) => None,
            "discovery.relabel" => {
                let given = self.targets(id, deep);
                given.and_then(|given| given.after(&steps(self.flow.part(id))))
            }
            name => name.strip_prefix("discovery.").and_then(catalogue::discovery).map(Given::by),
        };
        self.of.insert(id, given.clone());
        given
    }
}
