//! Keys of provisioning files under a name that is almost right.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::keys;
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-provisioning-key-unknown",
    aliases: &[],
    summary: "a key of a provisioning file is almost one that Grafana reads, so it is dropped",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("provisioning_key_unknown.md"),
};

/// Every such key.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    // Without a version the file is read in another form, whose names are others.
    let versioned = root.get("apiVersion").and_then(Node::as_i64).is_some_and(|v| v >= 1);
    match ctx.artifact.kind.name {
        "grafana-datasources" if versioned => {
            check(root, keys::SOURCES, findings);
            below(root, "datasources").into_iter().for_each(|d| check(d, keys::SOURCE, findings));
        }
        "grafana-dashboard-provider" if versioned => {
            check(root, keys::PROVIDERS, findings);
            for provider in below(root, "providers") {
                check(provider, keys::PROVIDER, findings);
                provider.get("options").into_iter().for_each(|o| check(o, keys::OPTIONS, findings));
            }
        }
        "grafana-alerting" => {
            check(root, keys::ALERTING, findings);
            for group in below(root, "groups") {
                check(group, keys::GROUP, findings);
                for rule in below(group, "rules") {
                    check(rule, keys::RULE, findings);
                    below(rule, "data").into_iter().for_each(|q| check(q, keys::QUERY, findings));
                }
            }
            for point in below(root, "contactPoints") {
                check(point, keys::POINT, findings);
                below(point, "receivers").into_iter().for_each(|r| check(r, keys::RECEIVER, findings));
            }
        }
        "grafana-plugins" => {
            check(root, keys::PLUGINS, findings);
            below(root, "apps").into_iter().for_each(|a| check(a, keys::APP, findings));
        }
        _ => {}
    }
}

fn check(node: Node<'_>, known: &'static [&'static str], findings: &mut Findings) {
    for entry in node.entries() {
        let Some(meant) = keys::slip(entry.name(), known.iter().copied()) else { continue };
        let message = format!("Grafana reads no `{}` here", entry.name());
        let mut diagnostic = Diagnostic::new(&RULE, entry.key.span(), message)
            .note("keys that it does not know are dropped without an error")
            .help(format!("write `{meant}`"));
        // The first organisation is the one that it takes anyway.
        if matches!(meant, "orgId" | "org_id") && entry.value.scalar() == Some("1") {
            diagnostic = diagnostic.severity(Severity::Info);
        }
        findings.push(diagnostic);
    }
}

fn below<'d>(node: Node<'d>, key: &str) -> Vec<Node<'d>> {
    node.get(key).into_iter().flat_map(Node::items).collect()
}
