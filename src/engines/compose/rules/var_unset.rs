//! Variables that become empty.

use std::collections::HashSet;

use super::super::variables::{self, Unset};
use super::dollar_unescaped;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-var-unset",
    aliases: &[],
    summary: "a variable that nothing sets becomes empty",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("var_unset.md"),
};

/// Findings of one file beyond this tell nothing new: the variables come from elsewhere.
const LIMIT: usize = 30;

/// Once per variable.
pub(in crate::engines::compose) fn tell(ctx: &FileCtx<'_>, unset: &[Unset], findings: &mut Findings) {
    let mut seen = HashSet::new();
    for one in unset {
        if dollar_unescaped::meant_inside(ctx, one) || !seen.insert(one.name.as_str()) || seen.len() > LIMIT {
            continue;
        }
        if variables::elsewhere(ctx, &one.name) {
            continue;
        }
        let image = one.path.last().is_some_and(|p| p == "image");
        let (message, note) = if one.required {
            (
                format!("nothing here sets `{}`, which must be set", one.name),
                "without it docker compose refuses the file",
            )
        } else if image {
            (format!("nothing here sets `{}`", one.name), "it becomes empty, and the image has no tag or no name then")
        } else {
            (format!("nothing here sets `{}`", one.name), "docker compose warns, and it becomes empty")
        };
        let help = if one.required {
            "set it in `.env`, or in the environment of docker compose".to_owned()
        } else {
            format!("set it in `.env`, or write `${{{0}:-default}}`, or `${{{0}:?why}}` to be told", one.name)
        };
        findings.push(Diagnostic::new(&RULE, one.span, message).help(help).note(note));
    }
}
