//! Patterns where a component reads one file.

use vispyr_alloy::ExprKind;

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-file-glob",
    aliases: &[],
    summary: "`loki.source.file` is given a pattern, which it takes for the name of one file",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("file_glob.md"),
};

/// Every pattern in targets that are written out, unless `file_match` has them expanded (grafana/alloy
/// internal/component/loki/source/file/file.go@v1.0.0, @v1.11.3, resolver.go@v1.19.0-rc.3).
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    for (id, part) in flow.components().filter(|(_, p)| p.name == "loki.source.file") {
        if part.body().block("file_match").is_some() {
            continue;
        }
        let Some(targets) = part.body().attr("targets") else { continue };
        let ExprKind::Array(targets) = targets.value().unparen().kind() else { continue };
        for target in targets.iter() {
            let ExprKind::Object(fields) = target.unparen().kind() else { continue };
            let Some(path) = fields.iter().find(|f| f.name() == "__path__") else { continue };
            let Some(text) = path.value().as_str().filter(|t| is_pattern(t)) else { continue };
            let message = format!("{} takes `{text}` for the name of one file: it reads nothing", flow.title(id));
            let found = flow
                .found(&RULE, flow.file(id).span(path.value().range()), message)
                .help("let `local.file_match` expand it: `path_targets` there, and its `targets` here");
            findings.push(flow.asleep(id, found));
        }
    }
}

/// Whether a path is more than one name. Brackets are part of some.
fn is_pattern(path: &str) -> bool {
    path.contains('*') || path.contains('{') && path.contains(',')
}
