//! The socket of the Docker daemon in a container.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{Mount, MountSource};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-docker-socket",
    aliases: &[],
    summary: "containers are given the socket of the Docker daemon",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("docker_socket.md"),
};

/// Containers that one finding shows.
const PLACES: usize = 8;

/// Once per file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let mut found: Vec<(&str, &Mount)> = Vec::new();
    for (_, service) in ctx.tree.declared_by(ctx.id) {
        let is_proxy = service.image.as_ref().is_some_and(|i| i.repository.contains("socket-proxy"));
        let socket = service.mounts.iter().find(|m| matches!(&m.source, MountSource::Bind(p) if is_socket(p)));
        if let Some(mount) = socket.filter(|_| !is_proxy)
            && found.iter().all(|(_, m)| m.span != mount.span)
        {
            found.push((&service.name, mount));
        }
    }
    let Some(((name, mount), rest)) = found.split_first() else { return };
    let who = match rest.len() {
        0 => format!("`{name}` is"),
        1 => format!("`{name}` and another container are"),
        n => format!("`{name}` and {n} other containers are"),
    };
    let message = format!("{who} given the socket of Docker, and with it the rights of root on the host");
    let mut diagnostic = Diagnostic::new(&RULE, mount.span, message)
        .help("put a proxy of the socket between them that lets only reads through, or read the files of the logs instead")
        .note("mounted `:ro` it stays the same socket: the daemon takes every request that is written to it");
    for (name, mount) in rest.iter().take(PLACES) {
        diagnostic = diagnostic.label(mount.span, format!("`{name}` too"));
    }
    findings.push(diagnostic);
}

fn is_socket(path: &str) -> bool {
    matches!(path, "/var/run/docker.sock" | "/run/docker.sock")
}
