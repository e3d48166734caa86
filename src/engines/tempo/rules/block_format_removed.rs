//! `storage.trace.block.version` of another release.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-block-format-removed",
    aliases: &[],
    summary: "a block format that this version of Tempo cannot write",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("block_format_removed.md"),
};

/// Formats with the first release that cannot write them (grafana/tempo tempodb/encoding/versioned.go@v2.3.1 to v3.0.3).
const GONE: [(&str, (u16, u16)); 3] = [("vParquet", (2, 5)), ("vParquet2", (2, 10)), ("v2", (3, 0))];

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(node) = super::root(ctx).and_then(|r| r.at(&["storage", "trace", "block", "version"])) else { return };
    let Some((format, (major, minor))) = GONE.iter().find(|(f, _)| node.scalar() == Some(f)) else { return };
    let Some(version) = super::since(ctx, *major, *minor) else { return };
    let message = format!("Tempo {version} cannot write blocks of `{format}`: it is gone since {major}.{minor}");
    let found = Diagnostic::new(&RULE, node.span(), message)
        .help("delete the line, or write `vParquet4`")
        .note("blocks of that format that are left in the bucket cannot be read either: let them expire first");
    findings.push(super::weighed(ctx, found));
}
