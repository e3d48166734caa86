//! Variables that the service does not pass.

use std::collections::BTreeMap;

use vispyr_alloy::{Expr, ExprKind};

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;
use crate::source::Span;
use crate::tree::Service;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-env-unset",
    aliases: &[],
    summary: "a variable that the service does not pass is read",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_unset.md"),
};

/// Whether a container has a variable without being told: of every runtime, and of the image (grafana/alloy
/// Dockerfile@v1.0.0, @v1.19.0-rc.3).
pub(in crate::engines::alloy) fn is_present(name: &str) -> bool {
    name == "ALLOY_DEPLOY_MODE" || Service::has_of_itself(name)
}

/// Calls in one expression that are looked at.
const CALLS: usize = 50;

/// Every variable that is read as it is, once.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|s| flow.program.run && !s.build && !s.environment_open) else { return };
    // A shell may set what it likes.
    if service.args().is_none() {
        return;
    }
    let mut read: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for (id, part) in flow.parts().filter(|(id, _)| flow.runs(*id)) {
        let blocks = part.body().descendant_blocks();
        for attribute in blocks.iter().map(|b| b.body()).chain([part.body()]).flat_map(|b| b.attrs()) {
            let calls = attribute.value().env_calls();
            // Each is looked for in the whole expression: one with more was not written by hand.
            let calls = calls.into_iter().take(CALLS);
            for call in calls.filter(|c| is_needed(attribute.value(), c.call)) {
                let name = call.variable.value().into_owned();
                read.entry(name).or_default().push(flow.file(id).span(call.call.range()));
            }
        }
    }
    for (name, spans) in read {
        if is_present(&name) || service.env(&name).is_some() {
            continue;
        }
        let Some((first, rest)) = spans.split_first() else { continue };
        let message = format!("`{}` passes no `{name}`: the empty string is read", service.name);
        let mut found = flow.found(&RULE, *first, message).label(service.span, "runs it");
        for span in rest.iter().take(7) {
            found = found.label(*span, "read here, too");
        }
        findings.push(found.help(format!("add `{name}` to its `environment`")));
    }
}

/// Whether an empty value is a loss: not where it is compared, has a default, or is handed to a function.
fn is_needed(whole: Expr<'_>, call: Expr<'_>) -> bool {
    let inside = |e: &Expr<'_>| {
        let (outer, inner) = (e.range(), call.range());
        outer != inner && outer.start <= inner.start && inner.end <= outer.end
    };
    !whole.descendants().filter(inside).any(|e| match e.kind() {
        ExprKind::Call { callee, .. } => {
            !callee.as_reference().is_some_and(|r| matches!(&*r.path(), "convert.nonsensitive" | "nonsensitive"))
        }
        ExprKind::Binary { op, .. } => op != vispyr_alloy::TokenKind::Add,
        _ => false,
    })
}
