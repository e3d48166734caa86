//! Values that the reader of a provisioning file cannot convert.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Node, NodeKind};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-invalid-value",
    aliases: &[],
    summary: "a truth value or number of a provisioning file that Grafana cannot read, so it does not start",
    tier: Tier::B,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("invalid_value.md"),
};

/// Truth values and whole numbers of data sources, of the first form that has a version
/// (`grafana/grafana pkg/services/provisioning/datasources/types.go`, `values/values.go`).
const SOURCE: (&[&str], &[&str]) = (&["basicAuth", "withCredentials", "isDefault", "editable"], &["orgId", "version"]);

/// Those of providers (`…/dashboards/types.go`).
const PROVIDER: (&[&str], &[&str]) =
    (&["disableDeletion", "editable", "allowUiUpdates"], &["orgId", "updateIntervalSeconds"]);

/// Every such value.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    if root.get("apiVersion").and_then(Node::as_i64).is_none_or(|v| v < 1) {
        return;
    }
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        check(source, SOURCE.0, SOURCE.1, findings);
    }
    for provider in root.get("providers").into_iter().flat_map(Node::items) {
        check(provider, PROVIDER.0, PROVIDER.1, findings);
    }
}

fn check(node: Node<'_>, bools: &[&str], numbers: &[&str], findings: &mut Findings) {
    let written = |key: &&str| {
        let value = node.get(key)?;
        // What a variable holds is not known; nothing at all keeps the default.
        let text = value.scalar().filter(|t| !t.contains('$') && value.kind() == NodeKind::Scalar)?;
        Some((value, text))
    };
    for key in bools {
        if let Some((value, text)) = written(key).filter(|(_, t)| !is_bool(t)) {
            let message = format!("Grafana does not read `{text}` as a truth value, and does not start");
            findings.push(
                Diagnostic::new(&RULE, value.span(), message).here(format!("`{key}`")).help("write `true` or `false`"),
            );
        }
    }
    for key in numbers {
        if let Some((value, text)) = written(key).filter(|(_, t)| t.parse::<i64>().is_err()) {
            let message = format!("Grafana does not read `{text}` as a whole number, and does not start");
            findings.push(
                Diagnostic::new(&RULE, value.span(), message)
                    .here(format!("`{key}`"))
                    .help("write a whole number in digits"),
            );
        }
    }
}

/// What Go's `strconv.ParseBool` takes.
fn is_bool(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True" | "0" | "f" | "F" | "false" | "FALSE" | "False")
}
