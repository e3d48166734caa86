//! A command of Alloy without the word that starts it.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{Findings, Instance};
use crate::tree::Arg;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-command-no-run",
    aliases: &[],
    summary: "the command of Alloy lacks `run`, so that it ends at once",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("command_no_run.md"),
};

/// Flags of the program itself, which does nothing else then.
const OWN: [&str; 4] = ["-h", "--help", "-v", "--version"];

/// A command that begins with a path, or with a flag behind which there is no `run`: Alloy knows neither without a subcommand, as
/// Grafana Agent did (grafana/alloy internal/alloycli/alloycli.go `Command`@v1.0.0, @v1.18.1). Flags may stand before it: a word
/// behind one without a value of its own is taken for that (spf13/cobra command.go `stripFlags`@v1.9.1).
pub(in crate::engines::alloy) fn run(instance: &Instance<'_>, findings: &mut Findings) {
    let Some((_, service)) = instance.service.filter(|(_, s)| !s.build && !s.is_wrapped()) else { return };
    let Some(args) = service.args() else { return };
    let Some(first) = args.first().copied() else { return };
    let flag = first.text.starts_with('-') && !OWN.contains(&first.text.as_str());
    if first.open || !flag && !first.text.starts_with('/') {
        return;
    }
    if flag && args.iter().any(|a| a.open) || subcommand(&args) == Some("run") {
        return;
    }
    let what = if flag { "no such flag" } else { "no such command" };
    let message = format!("`alloy {}` is {what}: the word `run` is missing", first.text);
    findings.push(
        Diagnostic::new(&RULE, first.span, message)
            .note("Alloy prints how it is used, and ends")
            .help("write `run` before it"),
    );
}

/// The first word that is neither a flag nor the value of one.
fn subcommand<'a>(args: &[&'a Arg]) -> Option<&'a str> {
    let mut words = args.iter().map(|a| a.text.as_str());
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            return Some(word);
        }
        if !word.contains('=') && (word.starts_with("--") || word.len() == 2) {
            words.next();
        }
    }
    None
}
