//! Two containers of one name.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Document, Node};
use crate::source::Span;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-container-name-clash",
    aliases: &[],
    summary: "two services want the same container name",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("container_name_clash.md"),
};

/// Services of the file that may run together.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(services) = ctx.artifact.data().and_then(Document::root).and_then(|r| r.get("services")) else { return };
    let mut seen: HashMap<&str, (&str, Span)> = HashMap::new();
    for entry in services.entries() {
        // Services of profiles are most often alternatives.
        if entry.value.get("profiles").is_some() {
            continue;
        }
        let Some(name) = entry.value.get("container_name") else { continue };
        // `!reset` takes the name of another file away (compose-spec/compose-go loader/reset.go@v2.16.2).
        let Some(text) = name.scalar().filter(|t| !t.contains('$') && !name.is_tagged()) else { continue };
        match seen.get(text) {
            None => {
                seen.insert(text, (entry.name(), Node::inner(name)));
            }
            Some((other, first)) => findings.push(
                Diagnostic::new(
                    &RULE,
                    name.inner(),
                    format!("`{}` and `{other}` have one container name: `{text}`", entry.name()),
                )
                .label(*first, "the other one")
                .help("drop `container_name`: compose makes one")
                .note("Docker refuses the second container, because the name is in use"),
            ),
        }
    }
}
