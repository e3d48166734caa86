//! Values that the reader of a provisioning file cannot convert.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Node, NodeKind};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-invalid-value",
    aliases: &[],
    summary: "a value of a provisioning file that Grafana cannot read, so it does not start",
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
    let version = root.get("apiVersion").filter(|v| !v.is_null());
    // The version is read before all else, and variables in it are not replaced (…/datasources/config_reader.go@07b920c55a6c).
    // A kind of resource is none of these files.
    let written = version.filter(|v| v.as_i64().is_none()).and_then(Node::scalar);
    if let Some(text) = written.filter(|t| !t.contains('/')) {
        let message = format!("Grafana does not read `{text}` as the version of this file, and does not start");
        let span = version.map_or_else(|| root.span(), Node::span);
        findings.push(Diagnostic::new(&RULE, span, message).here("`apiVersion`").help("write `1`, without quotes"));
    }
    if version.and_then(Node::as_i64).is_none_or(|v| v < 1) {
        return;
    }
    for source in root.get("datasources").into_iter().flat_map(Node::items) {
        check(source, SOURCE.0, SOURCE.1, findings);
    }
    for provider in root.get("providers").into_iter().flat_map(Node::items) {
        check(provider, PROVIDER.0, PROVIDER.1, findings);
        reader(provider, findings);
    }
}

/// What makes a reader of files (…/dashboards/dashboard.go `getFileReaders`@0246080c71a9, file_reader.go `NewDashboardFileReader`@005556632f32).
fn reader(provider: Node<'_>, findings: &mut Findings) {
    if !provider.is_map() {
        return;
    }
    let kind = provider.get("type").filter(|t| !t.is_null());
    let kind = kind.and_then(|n| Some((n, n.scalar()?)));
    if let Some((node, text)) = kind.filter(|(_, t)| !t.contains('$') && !t.is_empty() && *t != "file") {
        let message = format!("Grafana has no provider of type `{text}`, and does not start");
        findings.push(Diagnostic::new(&RULE, node.span(), message).here("`type`").help("write `file`"));
        return;
    }
    let options = provider.get("options").filter(|o| o.is_map());
    let path = options.and_then(|o| o.get("path").or_else(|| o.get("folder"))).filter(|p| !p.is_null());
    if path.is_none() && options.is_none_or(|o| o.get("<<").is_none()) {
        let near = options.and_then(|o| o.entries().into_iter().find(|e| e.name().contains("path")));
        let place = near.map_or_else(|| options.unwrap_or(provider).span(), |e| e.key.span());
        let told = Diagnostic::new(&RULE, place, "this provider has no `options.path`, and Grafana does not start");
        let help = match near {
            Some(near) => format!("`{}` is written `path`", near.name()),
            None => "write `options.path`, the folder of the dashboards in the container".to_owned(),
        };
        findings.push(told.help(help));
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
