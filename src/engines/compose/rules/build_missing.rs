//! Images that are built from what is not there.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::near::Near;
use crate::source::Spanned;
use crate::tree::{Presence, Tree, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-build-missing",
    aliases: &[],
    summary: "the folder or the Dockerfile that a service is built from does not exist",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("build_missing.md"),
};

/// Letters by which a name differs from the one that was meant.
const MISSPELT: usize = 2;

/// Every service that is built from a folder that is misspelt, or by a file that is certainly not in its folder.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let tree = ctx.tree;
    let lost = |at: &str| tree.presence(at) == Presence::Absent && !tree.is_ignored(at) && !tree.makes(at);
    let all = || tree.declared_by(ctx.id).filter_map(|(_, service)| Some((service, service.built_from.as_ref()?)));
    // A path may begin in the folder of the file, wherever it is run from.
    let beside =
        |at: &str| tree.presence(&path::join(path::folder(&ctx.artifact.path), path::name(at))) == Presence::File;
    let is_in_folder = |at: &str| tree.presence(path::folder(at)) == Presence::Folder;
    // What another service is built from is meant for that one.
    let taken: BTreeSet<&str> = all().map(|(_, from)| from.context.value.as_str()).collect();
    for (service, from) in all() {
        let span = from.context.span;
        if span.source != ctx.artifact.source || tree.sources.slice(span).contains('$') {
            continue;
        }
        let (missing, near, refused) = match &from.dockerfile {
            _ if lost(&from.context.value) => {
                let near = nearest(tree, &from.context.value, Presence::Folder).filter(|at| !taken.contains(&**at));
                // Without a name that is meant it may be another repository, which is cloned to that place.
                if near.is_none() {
                    continue;
                }
                (&from.context, near, "unable to prepare context")
            }
            // A folder that is not there may come with all that it holds.
            Some(file)
                if is_in_folder(&file.value)
                    && lost(&file.value)
                    && !beside(&file.value)
                    && !is_lower(tree, &file.value) =>
            {
                (file, nearest(tree, &file.value, Presence::File), "failed to read dockerfile")
            }
            _ => continue,
        };
        let Spanned { value: at, span } = missing;
        let message = format!("`{at}`, from which `{}` is built, does not exist", service.name);
        // What has a name may be pulled, and a file may be written before.
        let sure = near.is_some() && !from.is_named;
        let diagnostic = Diagnostic::new(&RULE, *span, message)
            .severity(if sure { Severity::Error } else { Severity::Warning })
            .note(format!("the image cannot be built: \"{refused}\""))
            .help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "create the file, or mend the path".to_owned(),
            });
        findings.push(diagnostic);
    }
}

/// Whether the file is there in lower case, which is read in its place (moby/buildkit frontend/dockerui/config.go
/// `ReadEntrypoint`, vendored in docker/buildx@461836ba0fcb).
fn is_lower(tree: &Tree, at: &str) -> bool {
    let lower = path::join(path::folder(at), "dockerfile");
    path::name(at) == "Dockerfile" && tree.presence(&lower) == Presence::File
}

/// What is nearly called so in the same folder.
fn nearest(tree: &Tree, at: &str, wanted: Presence) -> Option<String> {
    let (folder, name) = (path::folder(at), path::name(at));
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let most = (name.chars().count() / 3).clamp(1, MISSPELT);
    let near = Near::default();
    let beside = tree.paths.range(prefix.clone()..).take_while(|(p, _)| p.starts_with(&prefix));
    let beside = beside.filter(|(p, presence)| **presence == wanted && path::folder(p) == folder);
    let close = beside.filter_map(|(p, _)| Some((near.distance(path::name(p), name, most)?, p)));
    close.min().map(|(_, p)| p.clone())
}
