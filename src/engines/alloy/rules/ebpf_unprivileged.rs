//! Components that load programs into the kernel, in a container that may not.

use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-ebpf-unprivileged",
    aliases: &[],
    summary: "a component loads eBPF programs, and its container has no right to",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("ebpf_unprivileged.md"),
};

/// Components that do (grafana/alloy internal/component/pyroscope/ebpf, internal/component/beyla/ebpf@v1.5.1, @v1.18.1).
const LOADING: [&str; 2] = ["beyla.ebpf", "pyroscope.ebpf"];

/// Every such component. A container has no capability for it unless it is given one (moby/moby
/// oci/caps/defaults.go@10866714412a), and its seccomp profile refuses `bpf` without one.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|s| !s.is_privileged) else { return };
    let loading = flow.components().filter(|(id, part)| flow.runs(*id) && LOADING.contains(&part.name));
    for (id, part) in loading {
        let message = format!("`{}` loads programs into the kernel, and `{}` has no right to", part.name, service.name);
        let found = flow
            .found(&RULE, flow.header(id), message)
            .label(service.span, "runs it, with the rights of every container")
            .note("it fails at start (`operation not permitted`), and the rest of the config runs on without it")
            .help(format!("give `{}` `privileged: true` and `pid: host`", service.name));
        findings.push(found);
    }
}
