//! A panel that asks for a series which nothing in the stack makes.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Linked, Resolution};
use crate::symbol::{Export, Import, MetricFamily, Protocol};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-metric-unknown",
    aliases: &[],
    summary: "a panel asks for a series of a family that the stack makes under other names",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("metric_unknown.md"),
};

/// Every such query.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let families: Vec<&MetricFamily> = linked
        .symbols
        .exports
        .iter()
        .filter_map(|(_, e)| if let Export::Metric(family) = e { Some(family) } else { None })
        .collect();
    let mut seen = std::collections::HashSet::new();
    // Many makers of one family are told as one.
    let families: Vec<&MetricFamily> = families.into_iter().filter(|f| seen.insert(f.name.as_str())).collect();
    // A prefix of its own: that of a maker whose names are not all known.
    let open: Vec<&str> = linked
        .symbols
        .exports
        .iter()
        .filter_map(|(_, e)| if let Export::OpenMetrics { prefix } = e { Some(prefix.as_str()) } else { None })
        .filter(|p| !p.is_empty())
        .collect();
    if families.len() > NAMED || from_elsewhere(linked) {
        return;
    }
    let made = |name: &str| families.iter().any(|f| is_of(f, name));
    for (_, import) in &linked.symbols.imports {
        let Import::Metric(asked) = import else { continue };
        // Only names that nothing but makers of this kind use can be called unknown: applications name theirs freely.
        let owned = families.iter().any(|f| f.namespace.as_deref().is_some_and(|n| asked.name.starts_with(n)));
        let covered = open.iter().any(|p| asked.name.starts_with(p));
        if !owned || covered || made(&asked.name) || asked.alternatives.iter().any(|a| !owns(&families, a) || made(a)) {
            continue;
        }
        let message = format!("{} asks for `{}`, and nothing in the stack makes it", asked.by, asked.name);
        let mut diagnostic = Diagnostic::new(&RULE, asked.span, message);
        let series: Vec<(String, &MetricFamily)> =
            families.iter().flat_map(|f| names(f).into_iter().map(move |n| (n, *f))).collect();
        let near = series.iter().min_by_key(|(n, _)| strsim::damerau_levenshtein(n, &asked.name));
        if let Some((name, family)) = near {
            diagnostic = diagnostic
                .label(family.span, format!("{} makes `{name}`", family.producer))
                .help(format!("did you mean `{name}`, which {} makes?", family.producer));
        }
        findings.push(diagnostic);
    }
}

/// Whether a collector that is not read here may write series of the same families: one of an unknown kind in the tree, or
/// one elsewhere that a published port lets write.
fn from_elsewhere(linked: &Linked<'_>) -> bool {
    let collectors = ["collector", "agent", "lgtm", "vector", "beyla"];
    let foreign = linked.tree.services.iter().filter(|s| s.engine.is_none()).filter_map(|s| s.image.as_ref());
    if foreign.into_iter().any(|i| collectors.iter().any(|c| i.repository.contains(c))) {
        return true;
    }
    linked.symbols.listeners().any(|(owner, listener)| {
        let Some(id) = owner.service else { return false };
        let writes =
            listener.accepts.iter().flatten().any(|a| a.protocol == Protocol::RemoteWrite && a.missing_flag.is_none());
        let public = linked.tree.service(id).ports.iter().any(|p| {
            let local = p.host_ip.as_deref().is_some_and(crate::address::is_loopback);
            !local && listener.port.is_some_and(|port| p.target.is_none_or(|(a, b)| (a..=b).contains(&port)))
        });
        // Where the tree holds who writes there, they are known.
        let known = || linked.urls.iter().any(|(.., r)| matches!(r, Resolution::Published(to) if to.contains(&id)));
        writes && public && !known()
    })
}

/// More families than this are not told apart: no stack makes so many.
const NAMED: usize = 64;

fn owns(families: &[&MetricFamily], name: &str) -> bool {
    families.iter().any(|f| f.namespace.as_deref().is_some_and(|n| name.starts_with(n)))
}

/// The series of a family.
fn names(family: &MetricFamily) -> Vec<String> {
    if family.histogram {
        ["_bucket", "_sum", "_count"].iter().map(|s| format!("{}{s}", family.name)).collect()
    } else {
        vec![family.name.clone()]
    }
}

/// Whether a series belongs to a family. A native histogram has the family's own name.
fn is_of(family: &MetricFamily, name: &str) -> bool {
    match name.strip_prefix(family.name.as_str()) {
        Some("") => true,
        Some(rest) => family.histogram && matches!(rest, "_bucket" | "_sum" | "_count"),
        None => false,
    }
}
