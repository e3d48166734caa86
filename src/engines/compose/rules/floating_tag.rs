//! An engine's image without a version.

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::Image;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-floating-tag",
    aliases: &[],
    summary: "the image of an engine floats: the next pull may bring a version that refuses the config",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("floating_tag.md"),
};

/// Tags that move with every release or commit.
const FLOATING: [&str; 8] = ["latest", "main", "master", "edge", "nightly", "dev", "stable", "rolling"];

/// Once per engine's image of a file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let mut seen = Vec::new();
    for service in ctx.tree.services.iter().filter(|s| s.artifact == ctx.id) {
        let Some(image) = &service.image else { continue };
        let Some(facts) = catalogue::all().iter().find(|f| f.images.contains(&image.repository.as_str())) else {
            continue;
        };
        if !floats(image) || seen.contains(&&image.repository) {
            continue;
        }
        seen.push(&image.repository);
        let what = match &image.tag {
            Some(tag) => format!("`{}:{tag}` floats", image.repository),
            None => format!("`{}` has no tag, so `latest` is pulled", image.repository),
        };
        let pin = format!("{}:{}{}", image.repository, facts.tag_prefix, facts.default);
        let diagnostic = Diagnostic::new(&RULE, image.span, what)
            .help(format!("pin a version, such as `{pin}`"))
            .note(format!("a pull may bring a {} that refuses this configuration", facts.title));
        findings.push(diagnostic);
    }
}

/// Whether the tag names no release. A digest pins, and what a variable decides is not known.
fn floats(image: &Image) -> bool {
    if image.digest || image.open {
        return false;
    }
    image.tag.as_deref().is_none_or(|tag| {
        // `latest-alpine` moves as `latest` does; `main-1a2b3c4` is one commit.
        let (stem, rest) = tag.split_once('-').unwrap_or((tag, ""));
        let commit = rest.len() >= 7 && rest.chars().all(|c| c.is_ascii_hexdigit());
        FLOATING.contains(&stem) && !commit
    })
}
