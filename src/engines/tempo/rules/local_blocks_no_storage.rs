//! A processor without a place for its blocks.

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::engines::tempo::overrides;
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-local-blocks-no-storage",
    aliases: &[],
    summary: "`local-blocks` without a place for its blocks: the generator makes no series at all",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("local_blocks_no_storage.md"),
};

/// The processor is gone with this release (modules/generator/config.go@v3.0.0).
const GONE: Version = Version::new(3, 0, 0);

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = super::root(ctx) else { return };
    let on = overrides::processors(ctx.tree, ctx.artifact).unwrap_or_default();
    let Some(version) = ctx.artifact.version.as_ref().map(|(v, _)| *v) else { return };
    let Some(generator) = root.entry("metrics_generator") else { return };
    let path = generator.value.at(&["traces_storage", "path"]).filter(|path| path.scalar() != Some(""));
    let Some(blocks) = on.into_iter().flat_map(Node::items).find(|p| p.scalar() == Some("local-blocks")) else {
        return;
    };
    if version >= GONE || path.is_some() {
        return;
    }
    let message = "`local-blocks` has no `metrics_generator.traces_storage.path`, and with it no processor starts";
    let found = Diagnostic::new(&RULE, blocks.inner(), message)
        .label(generator.key.span(), "no `traces_storage` here")
        .help("write `traces_storage: {path: /var/tempo/generator/traces}` there, on a volume; or take `local-blocks` away")
        .note("\"local blocks processor requires traces wal\" for every tenant: service graphs and span metrics stay empty, too");
    findings.push(super::weighed(ctx, found));
}
