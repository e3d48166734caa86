//! Items of `environment:` that are the value of a variable, without a name.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-env-no-name",
    aliases: &[],
    summary: "an item of `environment` is a reference alone, so that its value is taken for a name",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_no_name.md"),
};

/// Each such item of the file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(|d| d.root()) else { return };
    for service in root.get("services").map(Node::entries).unwrap_or_default() {
        for item in service.value.get("environment").into_iter().flat_map(Node::items) {
            let Some(name) = item.as_str().and_then(referred) else { continue };
            let message =
                format!("this passes on a variable that is called like the value of `{name}`, not `{name}` itself");
            findings.push(
                Diagnostic::new(&RULE, item.inner(), message)
                    .note("an item without `=` is a name: compose looks for a variable of that name, and finds none")
                    .help(format!("write `{name}=` before it")),
            );
        }
    }
}

/// The variable that a text refers to, where it is that reference and nothing else: `${X:-value}`. Without a value it may stand for a
/// whole item.
fn referred(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let (name, value) = inner.split_once('-')?;
    let name = name.strip_suffix(':').unwrap_or(name);
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    // One behind it, as in `${A:-a}${B}`, or a whole item in the value, is another thing.
    (plain && !value.is_empty() && !value.contains(['$', '{', '}', '='])).then_some(name)
}
