//! Commands that leave the data outside of the volume.

use crate::catalogue;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;
use crate::tree::path;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-command-lost-defaults",
    aliases: &[],
    summary: "a command replaces that of the image and loses its `--storage.path`",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("command_lost_defaults.md"),
};

/// Where Alloy keeps data without the flag (grafana/alloy internal/alloycli/cmd_run.go@v1.0.0, @v1.19.0-rc.3).
const DEFAULT: &str = "data-alloy/";

/// A mount over the folder of the image, and a command that keeps data elsewhere.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|s| !s.build) else { return };
    let Some(args) = service.args().filter(|args| args.first().is_some_and(|a| a.text == "run")) else { return };
    if args.iter().any(|a| a.open) || service.flag("storage.path").is_some() {
        return;
    }
    let Some(image) = catalogue::engine("alloy").and_then(|f| f.image(flow.version, "")) else { return };
    // The command of the image keeps data in a folder of that one.
    let inside = path::join(image.data, "data");
    let Some(mount) = service.mounts.iter().find(|m| !m.read_only && (m.target == image.data || m.target == inside))
    else {
        return;
    };
    let Some(first) = service.command.iter().flatten().chain(service.entrypoint.iter().flatten()).next() else {
        return;
    };
    let message = format!("this command lacks `--storage.path`: data goes to `{DEFAULT}`, not to the volume");
    let found = flow
        .found(&RULE, first.span, message)
        .label(mount.target_span, "stays empty")
        .note("positions of files and what is not yet written are lost with the container")
        .help(format!("add `--storage.path={inside}` to the command"));
    findings.push(found);
}
