//! Variables that become empty.

use std::collections::HashSet;

use super::super::variables::{Elsewhere, Unset};
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

/// Variables of one file that are told of one by one; of more it is told together, for then they come from elsewhere.
const FEW: usize = 4;

/// Variables of one file that are looked for elsewhere.
const LIMIT: usize = 200;

/// Names and places that one message shows.
const SHOWN: usize = 6;

/// Once per variable, or once for all of a file.
pub(in crate::engines::compose) fn tell(ctx: &FileCtx<'_>, unset: &[Unset], findings: &mut Findings) {
    let mut seen = HashSet::new();
    let own = unset.iter().filter(|one| !dollar_unescaped::meant_inside(ctx, one) && seen.insert(one.name.as_str()));
    let elsewhere = Elsewhere::of(ctx);
    let all = own.take(LIMIT).filter(|one| !elsewhere.may_set(&one.name));
    let (must, may): (Vec<&Unset>, Vec<&Unset>) = all.partition(|one| one.required);
    findings.all.extend(must.iter().take(SHOWN).map(|one| {
        Diagnostic::new(&RULE, one.span, format!("nothing here sets `{}`, which must be set", one.name))
            .severity(Severity::Info)
            .help("set it in `.env`, or in the environment of docker compose")
            .note("without it docker compose refuses the file")
    }));
    match may.as_slice() {
        [] => {}
        few if few.len() <= FEW => findings.all.extend(few.iter().map(|one| single(one))),
        [first, others @ ..] => findings.push(together(first, others)),
    }
}

fn single(one: &Unset) -> Diagnostic {
    let image = one.path.last().is_some_and(|p| p == "image");
    let note = if image {
        "it becomes empty, and the image has no tag or no name then"
    } else {
        "docker compose warns, and it becomes empty"
    };
    let help = format!("set it in `.env`, or write `${{{0}:-default}}`, or `${{{0}:?why}}` to be told", one.name);
    Diagnostic::new(&RULE, one.span, format!("nothing here sets `{}`", one.name)).help(help).note(note)
}

fn together(first: &Unset, others: &[&Unset]) -> Diagnostic {
    let mut names: Vec<String> = others.iter().take(SHOWN).map(|one| format!("`{}`", one.name)).collect();
    if others.len() > SHOWN {
        names.push(format!("{} others", others.len() - SHOWN));
    }
    let last = names.pop().unwrap_or_default();
    let list = if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) };
    let diagnostic = Diagnostic::new(&RULE, first.span, format!("nothing here sets `{}`, {list}", first.name))
        .help(format!("set them in `.env`, or write a default: `${{{}:-default}}`", first.name))
        .note("docker compose warns, and they become empty");
    others.iter().take(SHOWN).fold(diagnostic, |d, one| d.label(one.span, "nor this one"))
}
