//! The bounds of buckets: `le` and `quantile` as scrapes store them since 3.0 (model/textparse/promparse.go
//! `normalizeFloatsInLabelValues`@v3.0.0), and queries that lose them.

use std::collections::HashSet;

use super::ast::{MatchOp, Matcher, NodeId, NodeKind, Query};

/// The label of a bucket's bound: that of Prometheus, and that of VictoriaMetrics' own histograms
/// (VictoriaMetrics/VictoriaMetrics app/vmselect/promql/transform.go `vmrangeBucketsToLE`@v1.150.0).
const BOUNDS: [&str; 2] = ["le", "vmrange"];

/// A matcher that holds a bound to a whole number.
#[derive(Debug)]
pub struct Whole<'q> {
    /// The metric; empty where it is not named.
    pub metric: &'q str,
    /// The matcher.
    pub matcher: &'q Matcher,
    /// The number.
    pub value: &'q str,
    /// Whether it is one of the alternatives of a pattern.
    pub several: bool,
    /// What is stored.
    pub stored: String,
}

/// The matchers of a query that look for a bound written as a whole number: alone, or as one of several.
pub fn whole(query: &Query) -> Vec<Whole<'_>> {
    let mut found = Vec::new();
    query.selections(|selection| {
        let metric = selection.metric().filter(|m| !m.dynamic).map_or("", |m| m.value.as_str());
        for matcher in &selection.selector.matchers {
            let label = matcher.label.value.as_str();
            // Only buckets have `le`; what a label of that name is elsewhere is anybody's.
            // What a rule records has whatever quantiles its query gives it.
            let quantile = label == "quantile" && !metric.contains(':');
            let bound = label == "le" && metric.ends_with("_bucket") || quantile;
            let plain = !matcher.label.dynamic && !matcher.value.dynamic;
            if !bound || !plain {
                continue;
            }
            let text = matcher.value.value.as_str();
            let several = matches!(matcher.op, MatchOp::Regex | MatchOp::NotRegex);
            if several && !text.bytes().all(|b| b.is_ascii_digit() || b"|.[]\\+eEInf".contains(&b)) {
                continue;
            }
            let all: Vec<&str> = if several { text.split('|').collect() } else { vec![text] };
            // What a pattern has in its new form as well is meant.
            let has: HashSet<String> = all.iter().map(|a| a.replace(['\\', '[', ']'], "")).collect();
            let missing = |value: &&str| stored(value).filter(|s| !has.contains(s));
            found.extend(
                all.iter().find_map(|value| Some(Whole { metric, matcher, value, several, stored: missing(value)? })),
            );
        }
    });
    found
}

/// A whole number as it is stored; `None` = it is none, or is stored as it is written.
fn stored(text: &str) -> Option<String> {
    let digits = text.len() <= 15 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = text.parse().ok().filter(|_| digits)?;
    if number < 1_000_000 {
        return Some(format!("{number}.0"));
    }
    // Go's shortest form with an exponent of two digits.
    let plain = number.to_string();
    let (first, rest) = plain.split_at(1);
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { String::new() } else { format!(".{rest}") };
    Some(format!("{first}{point}e+{:02}", plain.len() - 1))
}

/// The aggregations that drop `le` of classic buckets of which a quantile is taken: nothing comes of that.
pub fn lost(query: &Query) -> impl Iterator<Item = NodeId> {
    query.nodes().filter_map(|(_, node)| {
        let NodeKind::Call { function, args } = &node.kind else { return None };
        let inner = args.get(1).filter(|_| function.value == "histogram_quantile")?;
        dropping(query, *inner)
    })
}

/// The aggregation that drops `le` of classic buckets.
fn dropping(query: &Query, mut at: NodeId) -> Option<NodeId> {
    while let NodeKind::Paren(inner) = &query[at].kind {
        at = *inner;
    }
    let NodeKind::Aggregation { grouping, inner, operator, .. } = &query[at].kind else { return None };
    if !matches!(operator.value.as_str(), "sum" | "avg" | "max" | "min") || operator.dynamic {
        return None;
    }
    let kept = match grouping {
        None => false,
        Some(grouping) if grouping.labels.iter().any(|l| l.dynamic) => true,
        Some(grouping) => grouping.labels.iter().any(|l| BOUNDS.contains(&l.value.as_str())) != grouping.without,
    };
    (!kept && has_buckets(query, *inner)).then_some(at)
}

/// Whether all that is selected below are classic buckets: native histograms have no `le`.
fn has_buckets(query: &Query, root: NodeId) -> bool {
    let (mut waiting, mut found) = (vec![root], false);
    while let Some(id) = waiting.pop() {
        match &query[id].kind {
            NodeKind::Selector(selector) => match &selector.name {
                Some(name) if !name.dynamic && name.value.ends_with("_bucket") => found = true,
                _ => return false,
            },
            // An aggregation inside may have made the label anew.
            NodeKind::Call { function, .. } if function.value.starts_with("label_") => return false,
            kind => waiting.extend(kind.children()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_stored_with_a_point_or_an_exponent() {
        let same = |text: &str, stored_as: &str| assert_eq!(stored(text).as_deref(), Some(stored_as), "{text}");
        same("1", "1.0");
        same("10", "10.0");
        same("0", "0.0");
        same("250000", "250000.0");
        same("1000000", "1e+06");
        same("2500000", "2.5e+06");
        same("10000000000", "1e+10");
        for text in ["0.5", "+Inf", "1.0", "1e3", "", "-1", "a"] {
            assert!(stored(text).is_none(), "{text}");
        }
    }
}
