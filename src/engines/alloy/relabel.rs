//! Relabelling rules as they are written here (grafana/alloy internal/component/common/relabel/relabel.go@v1.19.0-rc.3).

use std::sync::Arc;

use vispyr_alloy::{Body, ExprKind};

use crate::labels::{Action, Regex, Rule, Step};

/// The rule of a block.
pub(super) fn step(body: Body<'_>) -> Step {
    rule(body).map_or(Step::Unknown, Step::Rule)
}

fn rule(body: Body<'_>) -> Option<Rule> {
    let word = |key: &str, fallback: &str| match body.attr(key) {
        Some(attr) => attr.value().as_str().map(|t| t.into_owned()),
        None => Some(fallback.to_owned()),
    };
    let mut rule =
        Rule::new(Action::named(&word("action", "replace")?)?, Arc::new(Regex::new(&word("regex", "(.*)")?)?));
    rule.separator = word("separator", ";")?;
    rule.target = word("target_label", "")?;
    rule.replacement = word("replacement", "$1")?;
    if let Some(attr) = body.attr("modulus") {
        rule.modulus = u64::try_from(attr.value().as_i64()?).ok()?;
    }
    if let Some(attr) = body.attr("source_labels") {
        let ExprKind::Array(items) = attr.value().unparen().kind() else { return None };
        rule.sources = items.iter().map(|i| i.as_str().map(|t| t.into_owned())).collect::<Option<_>>()?;
    }
    rule.is_complete().then_some(rule)
}
