//! Variables that a server does not read.

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::tree::{EnvVar, MountSource, Presence, Service, ServiceId};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-env-unread",
    aliases: &[],
    summary: "a variable that is named after a setting, of a server that reads settings from no variables",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("env_unread.md"),
};

/// Servers that read none of their own, with how such variables begin (grafana/tempo cmd/tempo/main.go@v2.9.0, grafana/loki
/// pkg/util/cfg/files.go@v3.5.0, grafana/mimir cmd/mimir/main.go@006f4dfe3361: `${X}` in the config alone, with
/// `-config.expand-env`).
const SILENT: [(&str, &str); 3] = [("tempo", "TEMPO_"), ("loki", "LOKI_"), ("mimir", "MIMIR_")];

/// Services of one file that are looked at: each look goes over all files.
const SERVICES: usize = 32;

/// Variables that are shown.
const SHOWN: usize = 8;

/// Once per service.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let asked = |service: &Service| {
        let (_, prefix) = SILENT.iter().find(|(engine, _)| service.engine == Some(engine))?;
        Some(*prefix).filter(|p| !service.build && service.environment.iter().any(|v| v.name.starts_with(p)))
    };
    let services = ctx.tree.declared_by(ctx.id).filter_map(|(id, s)| Some((id, s, asked(s)?)));
    for (id, service, prefix) in services.take(SERVICES) {
        let unread: Vec<&EnvVar> = service
            .environment
            .iter()
            .filter(|v| v.name.starts_with(prefix) && v.span.source == ctx.artifact.source)
            .filter(|v| !is_used(ctx, id, service, &v.name))
            .collect();
        let [first, others @ ..] = unread.as_slice() else { continue };
        let title = service.engine.and_then(catalogue::engine).map_or("it", |f| f.title);
        let message = match others.len() {
            0 => format!("{title} does not read `{}`: it has no variables of its own", first.name),
            n => format!("{title} does not read `{}` and {n} more: it has no variables of its own", first.name),
        };
        let told = Diagnostic::new(&RULE, first.span, message)
            .help("write the setting in the config, or give its flag to the command; `${X}` in the config is read with `-config.expand-env=true`");
        let label = |d: Diagnostic, v: &&EnvVar| d.label(v.span, format!("nor is `{}` read", v.name));
        findings.push(others.iter().take(SHOWN).fold(told, label));
    }
}

/// Whether something that the container has may read a variable: its command, its check, or a file.
fn is_used(ctx: &FileCtx<'_>, id: ServiceId, service: &Service, name: &str) -> bool {
    let words = [&service.entrypoint, &service.command, &service.healthcheck];
    let mut words = words.into_iter().flatten().flatten();
    // What is mounted from elsewhere may be a config that names it.
    let unknown = |source: &MountSource| match source {
        MountSource::Bind(at) => !matches!(ctx.tree.presence(at), Presence::File | Presence::Folder),
        MountSource::Unknown => true,
        _ => false,
    };
    service.mounts_open
        || service.args().is_none()
        || service.mounts.iter().any(|m| unknown(&m.source))
        || words.any(|w| w.text.contains(name) || w.open)
        || service.inline.iter().any(|i| ctx.tree.sources.slice(i.span).contains(name))
        || ctx
            .tree
            .artifacts()
            .any(|(_, a)| !a.used_by(id).is_empty() && ctx.tree.sources.text(a.source).contains(name))
}
