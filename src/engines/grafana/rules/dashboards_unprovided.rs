//! Dashboards that lie in Grafana's container, and that no provider loads.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::engines::grafana::board::{KINDS, load};
use crate::engines::grafana::{PROVIDER, ini, mounted, provisioning};
use crate::parse::Node;
use crate::source::Span;
use crate::tree::{Mount, MountSource, Presence, Service, path};

/// The rule.
pub(in crate::engines::grafana) static RULE: Rule = Rule {
    id: "gf-dashboards-unprovided",
    aliases: &[],
    summary: "dashboards are mounted, and no provider tells Grafana to load them",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("dashboards_unprovided.md"),
};

/// Folders whose dashboards belong to the image, or to a plugin that brings them.
const OWN: [&str; 2] = ["/var/lib/grafana/plugins", "/usr/share/grafana"];

/// Once for each mount that brings dashboards.
pub(in crate::engines::grafana) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some((id, service)) = instance.service else { return };
    let tree = instance.tree;
    // A script, or what the image holds, may load them otherwise.
    if service.args().is_none() || service.mounts_open || service.build || !service.inline.is_empty() {
        return;
    }
    let Some(at) = provisioning(service).map(|folder| format!("{folder}/dashboards")) else { return };
    // What else lies where providers are read is not known: a volume, or a file that is none of ours.
    let known = |mount: &Mount| match &mount.source {
        MountSource::Bind(source) => {
            let skipped = tree.skipped.iter().any(|s| path::below(&s.path, source).is_some());
            matches!(tree.presence(source), Presence::File | Presence::Folder) && !skipped
        }
        _ => false,
    };
    let around =
        |mount: &&Mount| path::below(&at, &mount.target).is_some() || path::below(&mount.target, &at).is_some();
    if !service.mounts.iter().filter(around).all(known) {
        return;
    }
    let mut loaded = false;
    let mut hidden: Option<(Span, &Mount)> = None;
    for (_, file) in tree.of_kind(PROVIDER.name) {
        for used in file.used_by(id).iter().filter(|u| mounted(service, &u.path).is_some_and(|k| *k == PROVIDER)) {
            let mut all = load::providers(file).peekable();
            // A mount further down takes its place.
            let top = deepest(service, &used.path);
            let brings = |m: &Mount| matches!(&m.source, MountSource::Bind(s) if path::below(&file.path, s).is_some());
            if let Some(top) = top.filter(|m| !brings(m)) {
                hidden = hidden.or(all.peek().map(|p| (p.span(), top)));
                continue;
            }
            for provider in all {
                // One whose folder is not known may load any.
                if load::folder(provider).is_none() {
                    return;
                }
                loaded = true;
            }
        }
    }
    // Where others are loaded, what lies elsewhere may be there for another reason.
    if loaded {
        return;
    }
    let mut lost: BTreeMap<Span, (&Mount, Vec<&str>)> = BTreeMap::new();
    for (_, board) in KINDS.iter().flat_map(|kind| tree.of_kind(kind)) {
        for used in board.used_by(id) {
            let own = OWN.iter().any(|at| path::below(&used.path, at).is_some());
            if own || is_home(instance, &used.path) {
                continue;
            }
            if let Some(mount) = deepest(service, &used.path) {
                let root = board.data().and_then(|d| d.root());
                let title =
                    root.and_then(|r| r.get("title").or_else(|| r.at(&["spec", "title"]))).and_then(Node::scalar);
                let title = title.filter(|t| !t.is_empty()).unwrap_or_else(|| path::name(&board.path));
                lost.entry(mount.span).or_insert((mount, Vec::new())).1.push(title);
            }
        }
    }
    for (span, (mount, titles)) in lost {
        let what = match titles[..] {
            [only] => format!("the dashboard `{only}` is"),
            [one, other] => format!("the dashboards `{one}` and `{other}` are"),
            _ => format!("`{}` and {} other dashboards are", titles[0], titles.len() - 1),
        };
        let mut diagnostic = Diagnostic::new(&RULE, span, format!("{what} loaded by nobody: Grafana has no provider"));
        diagnostic = match hidden {
            Some((provider, over)) => diagnostic
                .label(provider, "a provider that is not seen")
                .label(over.target_span, "this mount lies over it")
                .help(format!("mount the dashboards elsewhere, and name that folder in `options.path`, or add the provider to what is mounted at `{at}`")),
            None => diagnostic.help(format!(
                "add a file to `{at}` with a provider of `type: file` and `options.path: {}`",
                mount.target
            )),
        };
        findings.push(diagnostic.note("Grafana reads only `.yaml` and `.yml` there, and logs nothing of other files"));
    }
}

/// Whether a file is the home dashboard, which needs no provider.
fn is_home(instance: &Instance<'_>, at: &str) -> bool {
    let Some((_, service)) = instance.service else { return false };
    let variable = service.env("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH");
    let files = || instance.tree.of_kind("grafana-ini").filter_map(|(_, a)| a.data()?.root());
    let set = |root: Node<'_>| {
        let node = ini::setting(root, "dashboards", "default_home_dashboard_path");
        node.and_then(Node::scalar).is_some_and(|t| t == at)
    };
    variable.is_some_and(|v| v.value.as_deref().is_none_or(|v| v == at)) || files().any(set)
}

/// The mount that brings what the process sees at a path.
fn deepest<'s>(service: &'s Service, at: &str) -> Option<&'s Mount> {
    let all = service.mounts.iter().filter(|m| path::below(at, &m.target).is_some());
    all.max_by_key(|m| m.target.len())
}
