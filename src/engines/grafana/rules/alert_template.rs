//! A template of a provisioned alert rule that does not parse.

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::alerts;
use crate::lang::template::{self, Names};
use crate::parse::{Entry, Node};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-alert-template",
    aliases: &[],
    summary: "a template in a label or an annotation of a provisioned alert rule does not parse, so its text is sent as it stands",
    tier: Tier::B,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("alert_template.md"),
};

/// Those of Prometheus (`prometheus/prometheus template/template.go`@v3.14.0), and Grafana's own (`grafana/grafana
/// pkg/services/ngalert/state/template/funcs.go`@1d10d3064293). Later ones are not known, and nothing is said of them.
const FUNCTIONS: [&str; 35] = [
    "args",
    "externalURL",
    "filterLabels",
    "filterLabelsRe",
    "first",
    "graphLink",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "label",
    "match",
    "mergeLabelValues",
    "now",
    "parseDuration",
    "pathPrefix",
    "query",
    "reReplaceAll",
    "removeLabels",
    "removeLabelsRe",
    "safeHtml",
    "sortByLabel",
    "stripDomain",
    "stripPort",
    "strvalue",
    "tableLink",
    "title",
    "tmpl",
    "toDuration",
    "toLower",
    "toTime",
    "toUpper",
    "urlQueryEscape",
    "value",
];

/// What is declared before the text (`template.go` beside it @000e0f760886).
const VARIABLES: [&str; 3] = ["$labels", "$values", "$value"];

/// Releases that take annotations as they stand (grafana/grafana#54975, in 9.1.4); what a later one makes of `$$` was not read.
const AS_THEY_STAND: [Version; 2] = [Version::new(9, 1, 4), Version::new(13, 0, 0)];

/// Every such template.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    // What compose holds it expands itself.
    if ctx.tree.sources.get(ctx.artifact.source).path != ctx.artifact.path {
        return;
    }
    let version = ctx.artifact.version.as_ref().filter(|(_, from)| !from.is_assumed()).map(|(version, _)| *version);
    let stands = version.is_some_and(|v| AS_THEY_STAND[0] <= v && v < AS_THEY_STAND[1]);
    for rule in alerts::rules(ctx.artifact) {
        for entry in rule.get("annotations").map(Node::entries).unwrap_or_default() {
            annotation(&entry, stands, findings);
        }
        for entry in rule.get("labels").map(Node::entries).unwrap_or_default() {
            label(&entry, findings);
        }
    }
}

/// Why Grafana cannot read a template.
fn broken(text: &str) -> Option<template::Error> {
    if !text.contains("{{") {
        return None;
    }
    let error = template::check(text, Names { functions: &[&FUNCTIONS], variables: &VARIABLES }).err()?;
    let variable = |name: &String| name.starts_with('$');
    (error.unknown.is_none() || error.unknown.as_ref().is_some_and(variable)).then_some(error)
}

fn annotation(entry: &Entry<'_>, stands: bool, findings: &mut Findings) {
    let Some(text) = entry.value.as_str().and_then(|_| entry.value.text()) else { return };
    let value = text.value();
    // With a variable of the environment it may become another text.
    let Some(error) = broken(value).filter(|_| !value.contains("${") && !value.contains("$__")) else { return };
    let doubled = value.contains("$$");
    let single = broken(&value.replace("$$", "$"));
    if doubled && !stands && single.is_none() {
        return;
    }
    let at = if error.range.is_empty() { entry.value.inner() } else { text.span(error.range) };
    let (message, help) = match single {
        None => {
            let message = "`$$` is no variable: annotations are taken as they stand".to_owned();
            (message, Some("write `$`: only in labels it is doubled".to_owned()))
        }
        Some(error) => (error.message, None),
    };
    findings.push(told(entry, at, &message, help));
}

/// Labels are expanded first: each `$` that is not doubled is told of by another rule.
fn label(entry: &Entry<'_>, findings: &mut Findings) {
    let Some(value) = entry.value.as_str() else { return };
    if value.split("$$").any(|part| part.contains('$')) {
        return;
    }
    if let Some(error) = broken(&value.replace("$$", "$")) {
        findings.push(told(entry, entry.value.inner(), &error.message, None));
    }
}

fn told(entry: &Entry<'_>, at: crate::source::Span, why: &str, help: Option<String>) -> Diagnostic {
    let message = format!("the template of `{}` is broken: {why}", entry.name());
    let mut diagnostic =
        Diagnostic::new(&RULE, at, message).note("Grafana logs it, and sends the text of the template in its place");
    diagnostic.help = help;
    diagnostic
}
