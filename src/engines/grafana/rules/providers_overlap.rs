//! Two providers of one Grafana that load the same files.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::grafana::board::{KINDS, load};
use crate::engines::grafana::{PROVIDER, mounted};
use crate::parse::Node;
use crate::tree::{Artifact, ServiceId, Use, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "gf-providers-overlap",
    aliases: &[],
    summary: "two providers load the same dashboards, so Grafana stops updating them",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("providers_overlap.md"),
};

/// Files before it that one file is held against: the work for all of them stays bounded.
const BEFORE: usize = 100;

/// Providers of a file that are held against each other.
const PROVIDERS: usize = 256;

/// Services that are looked at: one file means the same to most of them.
const SERVICES: usize = 8;

/// A provider of a file.
pub(super) struct Provider<'a> {
    pub(super) node: Node<'a>,
    path: Node<'a>,
    pub(super) folder: String,
}

/// Every provider that an earlier one of the same service meets.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let found = each(ctx, meet, |service, first, provider| {
        let deeper = if first.folder.len() > provider.folder.len() { first } else { provider };
        let (count, more) = match boards(ctx, service, deeper).count() {
            0 => return None,
            1 => ("a dashboard".to_owned(), "has"),
            n => (format!("{n} dashboards"), "have"),
        };
        let how = match first.folder.len().cmp(&provider.folder.len()) {
            std::cmp::Ordering::Equal => "is the folder of",
            std::cmp::Ordering::Less => "lies in the folder of",
            std::cmp::Ordering::Greater => "holds the folder of",
        };
        let by = first.node.get("name").and_then(Node::scalar);
        let by = by.map_or("another provider".to_owned(), |name| format!("the provider `{name}`"));
        let message = format!("`{}` {how} {by}, too: {count} {more} two providers", provider.folder);
        let found = Diagnostic::new(&RULE, provider.path.inner(), message)
                .label(first.path.inner(), "the other one")
                .note("Grafana finds each uid twice, and takes the right to write from both: until it starts again, changed and new files are not loaded")
                .help("delete one of the two, or give each a folder that the other does not hold");
        Some(found)
    });
    findings.all.extend(found);
}

/// What is to be told of every provider of a file and the first one before it, of the same service, that it is held against.
pub(super) fn each<'a>(
    ctx: &FileCtx<'a>,
    against: fn(&Provider<'_>, &Provider<'_>) -> bool,
    tell: impl Fn(ServiceId, &Provider<'a>, &Provider<'a>) -> Option<Diagnostic>,
) -> Vec<Diagnostic> {
    let own = providers(ctx.artifact);
    let (mut told, mut found) = (HashSet::new(), Vec::new());
    for used in ctx.artifact.uses.iter().filter(|u| is_read(ctx, u)).take(SERVICES) {
        let files = ctx.tree.of_kind(PROVIDER.name).take_while(|(id, _)| *id < ctx.id).take(BEFORE);
        let read = |a: &Artifact| a.used_by(used.service).iter().any(|u| u.path != used.path && is_read(ctx, u));
        let before: Vec<_> = files.filter(|(_, a)| read(a)).flat_map(|(_, a)| providers(a)).collect();
        for (at, provider) in own.iter().enumerate() {
            let first = before.iter().chain(&own[..at]).find(|p| against(p, provider));
            let Some(first) = first.filter(|_| !told.contains(&at)) else { continue };
            if let Some(diagnostic) = tell(used.service, first, provider) {
                told.insert(at);
                found.push(diagnostic);
            }
        }
    }
    found
}

/// The dashboards in the folder of a provider.
pub(super) fn boards<'a>(
    ctx: &FileCtx<'a>,
    service: ServiceId,
    provider: &'a Provider<'_>,
) -> impl Iterator<Item = &'a Artifact> {
    let all = KINDS.iter().flat_map(|kind| ctx.tree.of_kind(kind)).map(|(_, a)| a);
    all.filter(move |a| {
        let there = |u: &Use| path::below(&u.path, &provider.folder).is_some_and(|rest| !rest.is_empty());
        a.data().and_then(|d| d.root()?.get("uid")).is_some() && a.used_by(service).iter().any(there)
    })
}

/// Whether Grafana reads providers of a file where the service has it.
fn is_read(ctx: &FileCtx<'_>, used: &Use) -> bool {
    let service = ctx.tree.service(used.service);
    service.engine == Some("grafana") && mounted(service, &used.path).is_some_and(|kind| *kind == PROVIDER)
}

/// Those that read files, with a path that is known.
fn providers(file: &Artifact) -> Vec<Provider<'_>> {
    let known = load::providers(file).filter(|p| p.get("type").is_none_or(|t| t.scalar() == Some("file")));
    let read = known.filter_map(|node| load::folder(node).map(|(path, folder)| Provider { node, path, folder }));
    read.take(PROVIDERS).collect()
}

/// Whether two of one organisation load the same files: a provider walks all that lies below its folder (grafana/grafana
/// pkg/services/provisioning/dashboards/file_reader.go `createWalkFn`, validator.go `takeAwayWritePermissions`).
pub(super) fn meet(one: &Provider<'_>, two: &Provider<'_>) -> bool {
    let nested = path::below(&one.folder, &two.folder).is_some() || path::below(&two.folder, &one.folder).is_some();
    nested && are_of_one(one, two)
}

/// Whether two are of one organisation.
pub(super) fn are_of_one(one: &Provider<'_>, two: &Provider<'_>) -> bool {
    let org = |p: &Provider<'_>| p.node.get("orgId").map_or(Some(1), Node::as_i64).map(|n| n.max(1));
    org(one).is_some() && org(one) == org(two)
}
