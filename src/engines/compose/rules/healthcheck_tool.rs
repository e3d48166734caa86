//! A health check that calls what its image does not hold.

use super::super::image_tools::{self, Tools};
use super::super::shell;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{Arg, Mount, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-healthcheck-tool",
    aliases: &[],
    summary: "a health check calls a program that the image does not hold",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("healthcheck_tool.md"),
};

/// Programs that images without any do not hold either.
const OTHERS: [&str; 5] = ["python", "python3", "node", "perl", "jq"];

/// Programs whose presence is known of every image here.
const KNOWN: [&str; 6] = ["sh", "ash", "bash", "curl", "wget", "nc"];

/// Every service with a check of its own and an image that is known.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    for (_, service) in ctx.tree.declared_by(ctx.id) {
        let (Some(test), Some(image)) = (&service.healthcheck, &service.image) else { continue };
        if service.build {
            continue;
        }
        let Some((tools, exact)) = image_tools::of(image) else { continue };
        let Some((word, tool)) = missing(test, tools) else { continue };
        // What is mounted or copied in may bring it.
        let brings = |m: &Mount| path::name(&m.target) == tool || path::name(&m.target) == "bin";
        if service.mounts.iter().any(brings) {
            continue;
        }
        let shown = match &image.tag {
            Some(tag) => format!("{}:{tag}", image.repository),
            None => image.repository.clone(),
        };
        let message = format!("the health check of `{}` calls `{tool}`, which `{shown}` does not hold", service.name);
        let help = match tools.instead {
            [] => "drop the check, and wait for the service with `condition: service_started`".to_owned(),
            words => {
                let words: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
                format!("use `test: [{}]`", words.join(", "))
            }
        };
        let help = match KNOWN.iter().find(|t| ["wget", "bash"].contains(t) && tools.tools.contains(t)) {
            Some(other) if tools.instead.is_empty() => format!("use `{other}`, which is there"),
            _ => help,
        };
        let mut diagnostic = Diagnostic::new(&RULE, word.span, message)
            .label(image.span, format!("the image of {}", tools.title))
            .help(help)
            .note("the container is unhealthy for ever, and what waits for its health never starts");
        if !exact {
            diagnostic = diagnostic
                .severity(Severity::Warning)
                .note("the tag leaves the version open: the newest one that is known is meant");
        }
        findings.push(diagnostic);
    }
}

/// The word of a test that calls a program which is not there, and the program.
fn missing<'t>(test: &'t [Arg], tools: &Tools) -> Option<(&'t Arg, String)> {
    let none = tools.tools.is_empty();
    let known = |program: &str| KNOWN.contains(&program) || none && OTHERS.contains(&program);
    let absent = |program: &str| known(program) && !tools.tools.contains(&program);
    let (kind, rest) = test.split_first()?;
    let first = rest.first().filter(|w| !w.open)?;
    match kind.text.as_str() {
        "CMD" => {
            let program = path::name(&first.text);
            if absent(program) {
                return Some((first, program.to_owned()));
            }
            let inner = shell::program(rest.iter().map(|w| w.text.as_str()))?;
            if let Some(word) = rest.iter().find(|w| w.text == inner && !w.open).filter(|_| absent(path::name(inner))) {
                return Some((word, path::name(inner).to_owned()));
            }
            let script = ["sh", "ash", "bash"].contains(&program) && rest.get(1).is_some_and(|w| w.text == "-c");
            let script = rest.get(2).filter(|w| script && !w.open)?;
            called(&script.text, &absent).map(|tool| (script, tool))
        }
        "CMD-SHELL" => {
            if !tools.tools.contains(&"sh") {
                return Some((first, "sh".to_owned()));
            }
            called(&first.text, &absent).map(|tool| (first, tool))
        }
        _ => None,
    }
}

/// The first program that a script calls and that is not there, where no other one may stand in for it.
fn called(script: &str, absent: &dyn Fn(&str) -> bool) -> Option<String> {
    // A script that looks for its programs knows what to do without them.
    if ["command -v", "which ", "type ", "hash "].iter().any(|look| script.contains(look)) {
        return None;
    }
    let programs: Vec<&str> = shell::programs(script).into_iter().map(path::name).collect();
    let missing = programs.iter().copied().find(|p| absent(p))?;
    // `curl … || wget …` finds one of the two.
    let other = programs.iter().any(|p| *p != missing && ["curl", "wget", "nc"].contains(p));
    (!other).then(|| missing.to_owned())
}
