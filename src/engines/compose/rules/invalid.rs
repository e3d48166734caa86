//! What `docker compose config` refuses.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Diagnostic, Fix, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::compose::load::{self, Fault};
use crate::engines::compose::project;
use crate::parse::{Document, Node};
use crate::source::Edit;
use crate::tree::{Artifact, Presence, Tree, has_marks, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-invalid",
    aliases: &[],
    summary: "docker compose refuses the file",
    tier: Tier::A,
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    since: "0.1.0",
    page: include_str!("invalid.md"),
};

/// Findings of one file beyond this are echoes, or a file made to have many.
const LIMIT: usize = 50;

/// Other files that are looked into for a name that none declares.
const COMPARED: usize = 200;

/// Files that people copy to the one that is read.
const SAMPLES: [&str; 6] = ["example", "sample", "template", "dist", "default", "tmpl"];

/// Loads the files that are read together with this one, and tells of those faults that lie in it.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    // Of a file whose name says what it is, this is told elsewhere.
    for twice in ctx.artifact.data().into_iter().flat_map(Document::duplicates).filter(|_| !ctx.artifact.certain) {
        let diagnostic = Diagnostic::new(&RULE, twice.span, "this key stands twice, and compose refuses that");
        findings.push(diagnostic.label(twice.first, "first here").help("remove one of the two"));
    }
    let env = project::environment_of(ctx.tree, ctx.artifact);
    let mut best: Option<(project::Together, Vec<Fault>)> = None;
    for set in project::ways_of(ctx.tree, ctx.id) {
        // Files that compose reads together are told of together, once.
        if set.default && set.files.first() != Some(&ctx.id) {
            return;
        }
        let own = |fault: &Fault| {
            let source = fault.span.source;
            source == ctx.artifact.source
                || set.default && set.files.iter().any(|f| ctx.tree.artifact(*f).source == source)
        };
        let mut faults = load::load(ctx.tree, &set, &env).faults;
        faults.retain(own);
        // Of several ways to run it one is enough.
        if best.as_ref().is_none_or(|(_, known)| faults.len() < known.len()) {
            best = Some((set, faults));
        }
    }
    let Some((set, faults)) = best else { return };
    let elsewhere = Cell::new(None);
    // Another program reads it, which refuses less.
    let podman = path::name(&ctx.artifact.path).contains("podman");
    // What a script fills in is loaded elsewhere, with other files beside it.
    let marked = has_marks(ctx.tree.sources.text(ctx.artifact.source));
    // A file that many services name is told of once.
    let mut same: HashMap<&str, usize> = HashMap::new();
    for file in faults.iter().filter_map(|f| f.file.as_deref()) {
        *same.entry(file).or_default() += 1;
    }
    let mut seen = HashSet::new();
    let told = faults.iter().filter(|fault| fault.file.as_deref().is_none_or(|f| seen.insert(f)));
    for fault in told.take(LIMIT) {
        let Some(severity) = weight(ctx, fault, set.default, &elsewhere) else { continue };
        if fault.file.is_some() && marked {
            continue;
        }
        let severity = if podman || marked { severity.max(Severity::Warning) } else { severity };
        let mut diagnostic = Diagnostic::new(&RULE, fault.span, fault.message.clone()).severity(severity);
        diagnostic.help.clone_from(&fault.help);
        if let Some((span, text)) = &fault.label {
            diagnostic = diagnostic.label(*span, text.clone());
        }
        if let Some(name) = fault.rename {
            let edit = Edit { span: fault.span, text: name.to_owned() };
            diagnostic = diagnostic.fix(Fix { title: format!("write `{name}`"), safe: false, edits: vec![edit] });
        }
        if let Some(file) = &fault.file {
            diagnostic.help = Some(match sample(ctx.tree, file) {
                Some(sample) => format!("copy `{sample}` to it, or set `required: false`"),
                None => "create it, mend the path, or set `required: false`".to_owned(),
            });
        }
        if let Some(others) = fault.file.as_deref().and_then(|f| same.get(f)).map(|n| n - 1).filter(|n| *n > 0) {
            let word = if others == 1 { "place names" } else { "places name" };
            diagnostic = diagnostic.note(format!("{others} other {word} it in what is loaded here"));
        }
        diagnostic = diagnostic.note(match severity {
            _ if podman => "read by podman-compose, it may pass; `docker compose config` stops here".to_owned(),
            _ => format!("`docker compose config` stops here (compose-go {})", load::newest()),
        });
        findings.push(diagnostic);
    }
}

/// How much a fault weighs; `None` = nothing, because other files may make it good.
fn weight(ctx: &FileCtx<'_>, fault: &Fault, default: bool, elsewhere: &Cell<Option<bool>>) -> Option<Severity> {
    if fault.doubtful {
        return Some(Severity::Warning);
    }
    if let Some(file) = &fault.file {
        // What git ignores is made where it is used, and what a script writes before it is used.
        if ctx.tree.is_ignored(file) || ctx.tree.makes(file) || ctx.tree.presence(file) != Presence::Absent {
            return None;
        }
        let lighter = sample(ctx.tree, file).is_some() || ctx.tree.is_moved(&ctx.artifact.path);
        return Some(if lighter { Severity::Warning } else { Severity::Error });
    }
    let Some((section, name)) = &fault.wants else { return Some(Severity::Error) };
    if is_override_alone(ctx) {
        // It lies over a file that stands where it is copied to.
        return None;
    }
    if ctx.tree.is_extended(&ctx.artifact.path) {
        // Compose looks at what comes of it, not at the base.
        return None;
    }
    let others = || ctx.tree.of_kind(ctx.artifact.kind.name).filter(|(id, _)| *id != ctx.id).map(|(_, a)| a);
    let declares = |other: &Artifact| root(other).is_some_and(|r| r.at(&[section, name]).is_some());
    if others().any(|o| declares(o) && !repeats(o, ctx.artifact)) {
        // Read with `-f` one after the other, or included, they are right.
        return None;
    }
    let with = |path: &String| ctx.tree.at(path).is_some_and(|(_, other)| declares(other));
    if ctx.tree.together(&ctx.artifact.path).iter().any(|way| way.open || way.files.iter().any(with)) {
        return None;
    }
    if !default && *section == "networks" && others().take(COMPARED).any(|o| joins(o, name)) {
        // Files that run only with `-f`, and share a network that none declares: whoever runs them brings it.
        return None;
    }
    // A file that others name is no project by itself.
    let named = elsewhere.get().unwrap_or_else(|| {
        let own = path::name(&ctx.artifact.path);
        let is = |node: Node<'_>| !node.is_alias() && node.as_str().is_some_and(|t| path::name(t) == own);
        others().filter_map(Artifact::data).any(|d| d.nodes().any(is))
    });
    elsewhere.set(Some(named));
    if named && !default { None } else { Some(Severity::Error) }
}

/// Whether a file is called what compose reads over another one, and no such file stands beside it.
fn is_override_alone(ctx: &FileCtx<'_>) -> bool {
    let (folder, name) = (path::folder(&ctx.artifact.path), path::name(&ctx.artifact.path));
    let beside = |base: &str| ctx.tree.presence(&path::join(folder, base)) != Presence::Absent;
    project::OVERRIDES.contains(&name) && !project::DEFAULTS.iter().any(|base| beside(base))
}

fn root(artifact: &Artifact) -> Option<Node<'_>> {
    artifact.data().and_then(Document::root)
}

/// Whether a file is another edition of a whole project: one that lies over it would not say most of its images again.
fn repeats(other: &Artifact, own: &Artifact) -> bool {
    let services = |a| root(a).and_then(|r: Node<'_>| r.get("services"));
    let (Some(theirs), Some(ours)) = (services(other), services(own)) else { return false };
    let image = |service: Node<'_>| service.get("image").and_then(Node::scalar).map(str::to_owned);
    let own: Vec<(&str, String)> = ours.entries().iter().filter_map(|e| Some((e.name(), image(e.value)?))).collect();
    let same = own.iter().filter(|(name, own)| theirs.get(name).and_then(image).as_ref() == Some(own)).count();
    same * 2 > own.len()
}

/// Whether a service of a file joins a network that the file does not declare.
fn joins(other: &Artifact, network: &str) -> bool {
    let root = root(other);
    let declared = root.is_some_and(|r| r.at(&["networks", network]).is_some());
    let services = root.and_then(|r| r.get("services")).map(Node::entries).unwrap_or_default();
    let joins =
        |networks: Node<'_>| networks.get(network).is_some() || networks.items().any(|n| n.as_str() == Some(network));
    !declared && services.iter().filter_map(|s| s.value.get("networks")).any(joins)
}

/// An example of a file that is not there.
pub(super) fn sample(tree: &Tree, file: &str) -> Option<String> {
    let (folder, name) = (path::folder(file), path::name(file));
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let stem = name.trim_start_matches('.').split('.').next().unwrap_or_default();
    let files = tree.paths.range(prefix.clone()..).take_while(|(p, _)| p.starts_with(&prefix));
    let mut all = files.filter(|(p, kind)| **kind == Presence::File && path::folder(p) == folder).map(|(p, _)| p);
    let found = all.find(|p| {
        let other = path::name(p);
        SAMPLES.iter().any(|s| other.contains(s)) && other.contains(stem)
    });
    // One of exactly that name may lie higher up.
    let above = || {
        let mut folders = std::iter::successors(path::parent(folder), |at| path::parent(at));
        folders.find_map(|at| {
            let mut names = SAMPLES.iter().map(|s| path::join(at, &format!("{name}.{s}")));
            names.find(|p| tree.presence(p) == Presence::File)
        })
    };
    found.cloned().or_else(above)
}
