//! Containers with all rights over the host.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::{Document, Node};
use crate::source::Span;
use crate::tree::{Artifact, Mount, MountSource, Service, ServiceId};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-privileged",
    aliases: &[],
    summary: "containers run with all rights, or may write to the whole disk of the host",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("privileged.md"),
};

/// Containers that one finding shows.
const PLACES: usize = 8;

/// Words in names of services, images and variables of what cannot do with less: they load programs into the kernel, or run containers.
const NEED_ALL: [&str; 9] = ["beyla", "ebpf", "parca-agent", "falco", "tetragon", "cilium", "dind", "coroot", "sysdig"];

/// Once per file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(Document::root) else { return };
    let mut found: Vec<(ServiceId, &str, Span, &str)> = Vec::new();
    for (id, service) in ctx.tree.declared_by(ctx.id).filter(|(_, s)| !needs_all(s)) {
        let place = place(root, service).filter(|(span, _)| found.iter().all(|(.., known, _)| known != span));
        found.extend(place.map(|(span, what)| (id, service.name.as_str(), span, what)));
    }
    if found.is_empty() {
        return;
    }
    // Alloy's own programs of that kind are components of its config; one of them puts a library into other processes.
    let loads = |a: &Artifact| {
        let text = ctx.tree.sources.text(a.source);
        text.contains(".ebpf") || text.contains("pyroscope.java")
    };
    let loading: Vec<&Artifact> = ctx.tree.of_kind("alloy").map(|(_, a)| a).filter(|a| loads(a)).collect();
    found.retain(|(id, ..)| loading.iter().all(|a| a.used_by(*id).is_empty()));
    let Some(((_, name, span, what), rest)) = found.split_first() else { return };
    let mut diagnostic = Diagnostic::new(&RULE, *span, format!("`{name}` {what}: who breaks into it has the host"))
        .help("give it the capabilities, devices and folders that it needs, the latter with `:ro`");
    for (_, name, span, what) in rest.iter().take(PLACES) {
        diagnostic = diagnostic.label(*span, format!("`{name}` {what} too"));
    }
    findings.push(diagnostic);
}

fn needs_all(service: &Service) -> bool {
    let image = service.image.iter().flat_map(|i| [Some(i.repository.as_str()), i.tag.as_deref()]);
    let variables = service.environment.iter().map(|e| Some(e.name.as_str()));
    let mut names = image.chain(variables).chain([Some(service.name.as_str())]).flatten().map(str::to_ascii_lowercase);
    // OpenTelemetry's eBPF instrumentation goes by three letters, which other words hold as well.
    let short = |name: &str| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "obi");
    names.any(|name| short(&name) || NEED_ALL.iter().any(|n| name.contains(n)))
}

/// Where a service is given all rights, and how.
fn place(root: Node<'_>, service: &Service) -> Option<(Span, &'static str)> {
    let privileged = root.at(&["services", &service.name]).and_then(|s| s.entry("privileged"));
    if let Some(entry) = privileged.filter(|e| e.value.as_bool() == Some(true)) {
        return Some((entry.key.span().to(entry.value.span()), "runs with all rights over the host"));
    }
    let disk = |m: &&Mount| matches!(&m.source, MountSource::Bind(p) if p == "/") && !m.read_only;
    service.mounts.iter().find(disk).map(|m| (m.span, "may write to the whole disk of the host"))
}
