//! `storage.trace.block.version` of another release.

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::near::Near;

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

/// The numbers of a release: major and minor.
type Release = (u16, u16);

/// Formats with the first release that writes them, and the first one that does so no more (grafana/tempo
/// tempodb/encoding/versioned.go@v2.3.1 to v3.0.3).
const FORMATS: [(&str, Release, Option<Release>); 6] = [
    ("v2", (0, 0), Some((3, 0))),
    ("vParquet", (0, 0), Some((2, 5))),
    ("vParquet2", (0, 0), Some((2, 10))),
    ("vParquet3", (0, 0), None),
    ("vParquet4", (2, 5), None),
    ("vParquet5", (2, 10), None),
];

/// How the names begin of formats that were tried out (`VersionString`, tempodb/encoding/vparquet5/encoding.go@v2.9.5).
const TRIED: &str = "vParquet5-preview";

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let storage = super::root(ctx).and_then(|r| r.at(&["storage", "trace"]));
    for part in ["block", "wal"] {
        let Some(node) = storage.and_then(|s| s.at(&[part, "version"])) else { continue };
        let Some(name) = node.scalar().filter(|name| !name.contains('$') && !name.starts_with(TRIED)) else { continue };
        // Without one, the log has that of blocks (tempodb/config.go `validateConfig`@v2.3.1).
        if name.is_empty() || node.is_tagged() {
            continue;
        }
        let known = FORMATS.iter().find(|(format, ..)| *format == name);
        let gone = known.and_then(|k| k.2).and_then(|(major, minor)| super::since(ctx, major, minor));
        let early = known.filter(|(_, (major, minor), _)| (*major, *minor) != (0, 0)).and_then(|k| before(ctx, k.1));
        let message = match (known, gone, early) {
            (Some((_, _, Some((major, minor)))), Some(version), _) => {
                format!("Tempo {version} cannot write blocks of `{name}`: it is gone since {major}.{minor}")
            }
            (Some((_, (major, minor), _)), _, Some(version)) => {
                format!("Tempo {version} cannot write blocks of `{name}`: it comes with {major}.{minor}")
            }
            (None, ..) if !node.is_null() => format!("`{name}` is no format of blocks"),
            _ => continue,
        };
        let found =
            Diagnostic::new(&RULE, node.span(), message).help(match Near::default().nearest(name, NAMES.into_iter()) {
                Some(near) if known.is_none() => format!("did you mean `{near}`?"),
                _ => "delete the line, or write `vParquet4`".to_owned(),
            });
        let found = if known.is_some() { super::weighed(ctx, found) } else { found };
        findings.push(if gone.is_some() {
            found.note("blocks of that format that are left in the bucket cannot be read either: let them expire first")
        } else {
            found.note("Tempo does not start with it")
        });
    }
}

const NAMES: [&str; 3] = ["vParquet3", "vParquet4", "vParquet5"];

/// The version that reads the file, when it is older than a release.
fn before(ctx: &FileCtx<'_>, (major, minor): (u16, u16)) -> Option<Version> {
    let (version, _) = ctx.artifact.version.as_ref()?;
    (*version < Version::new(major, minor, 0)).then_some(*version)
}
