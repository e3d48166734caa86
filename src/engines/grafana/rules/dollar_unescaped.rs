//! Templates that Grafana expands before anybody reads them.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::alerts;
use crate::parse::{Node, Text};
use crate::tree::Service;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-dollar-unescaped",
    aliases: &[],
    summary: "a template in a data source, or in a label of an alert rule, is expanded to nothing, because its `$` is not doubled",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("dollar_unescaped.md"),
};

/// Expanders that Grafana has (`grafana/grafana pkg/setting/expanders.go`).
const EXPANDERS: [&str; 3] = ["__env", "__file", "__vault"];

/// Variables of the templates of alert rules (grafana/grafana pkg/services/ngalert/state/template/template.go@000e0f760886).
const DECLARED: [&str; 3] = ["labels", "value", "values"];

/// Every such template below the keys that are expanded.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    let services = ctx.artifact.uses.iter().map(|u| ctx.tree.service(u.service));
    let readers: Vec<&Service> = services.filter(|s| s.engine == Some("grafana")).collect();
    let known = !readers.is_empty() && readers.iter().all(|s| !s.environment_open && !s.build);
    // A variable of the environment, unless it is known to be none.
    let passed = |name: &str| !known || readers.iter().any(|s| s.env(name).is_some());
    // Labels are expanded, annotations and what is asked are not (grafana/grafana
    // pkg/services/provisioning/alerting/rules_types.go@0085cf867127 `mapToModel`).
    let labels = alerts::rules(ctx.artifact).filter_map(|r| r.get("labels"));
    for entry in labels.flat_map(Node::entries).filter(|e| e.value.as_str().is_some_and(|t| t.contains("{{"))) {
        if let Some(text) = entry.value.text() {
            tell(&text, "the rule has it", &|name| !DECLARED.contains(&name), findings);
        }
    }
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        let mut waiting: Vec<Node<'_>> =
            ["jsonData", "secureJsonData", "url"].iter().filter_map(|k| source.get(k)).collect();
        let mut steps = 0;
        while let Some(node) = waiting.pop() {
            steps += 1;
            if steps > 10_000 {
                break;
            }
            waiting.extend(node.items());
            waiting.extend(node.entries().into_iter().map(|e| e.value));
            if let Some(text) = node.as_str().and_then(|_| node.text()) {
                tell(&text, "the data source reads it", &passed, findings);
            }
        }
    }
}

fn tell(text: &Text<'_>, when: &str, passed: &dyn Fn(&str) -> bool, findings: &mut Findings) {
    let mut at = 0;
    for part in text.value().split("$$") {
        if let Some((start, length)) = template(part, passed) {
            let range = at + start..at + start + length;
            let written = &text.value()[range.clone()];
            let message = format!("Grafana expands `{written}` to nothing before {when}");
            let diagnostic = Diagnostic::new(&RULE, text.span(range), message)
                .note("in provisioning files `$` begins a variable of the environment")
                .help(format!("write `${written}`"));
            findings.push(diagnostic);
        }
        at += part.len() + 2;
    }
}

/// The first template of a text: `${__span.tags}`, `$__tags`, `$1`, and `${traceId}` where nothing passes that.
fn template(text: &str, passed: &dyn Fn(&str) -> bool) -> Option<(usize, usize)> {
    for (at, _) in text.match_indices('$') {
        let rest = &text[at + 1..];
        let braced = rest.starts_with('{');
        let name = rest.trim_start_matches('{');
        let word =
            name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || braced && c == '.')).unwrap_or(name.len());
        let word = &name[..word];
        let expander = !braced && EXPANDERS.contains(&word) && name[word.len()..].starts_with('{');
        let group = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_digit());
        let own = word.len() > 2 && word.starts_with(|c: char| c.is_ascii_lowercase()) && !word.contains('.');
        let closes = !braced || name[word.len()..].starts_with('}');
        if !expander && (word.starts_with("__") && word.len() > 2 || group || own && closes && !passed(word)) {
            let closed = rest.find('}').filter(|_| braced).map_or(word.len(), |end| end + 1);
            return Some((at, 1 + closed));
        }
    }
    None
}
