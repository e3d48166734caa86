//! Docker's socket, in the hands of a user that may not use it.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::PathRead;

use super::kept::{image, title};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-socket-denied",
    aliases: &[],
    summary: "an engine asks Docker over its socket, and the image's user may not",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("socket_denied.md"),
};

/// Every service that asks over a socket which a mount brings, and runs as the image's own user, who is neither root nor in
/// another group: Docker gives its socket to root and one group (moby/moby daemon/listeners/listeners_linux.go@09de87ebbeac).
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for (id, service) in linked.tree.services() {
        if service.build || service.mounts_open || service.user.is_some() || service.has_groups {
            continue;
        }
        let Some(user) = image(service).and_then(|i| i.user) else { continue };
        let asked = linked.index.reads(id).iter().find(|read| read.what == PathRead::CONTAINERS);
        let Some(read) = asked else { continue };
        let Some(mount) = service.mounts.iter().find(|mount| mount.brings(&read.path)) else { continue };
        let title = title(service);
        let message = format!("{title} runs as user {user}, which may not use `{}`", read.path);
        let diagnostic = Diagnostic::new(&RULE, read.origin.span(), message)
            .label(mount.span, "mounted here, for root and the group `docker`")
            .label(service.span, "runs as the image's user")
            .help("give it the group that owns the socket (`group_add`), or run it as `user: root`; a proxy of the socket needs neither")
            .note("\"permission denied while trying to connect to the Docker daemon socket\": it finds no containers");
        findings.push(diagnostic);
    }
}
