//! Positions and write-ahead logs that go with the container.

use crate::catalogue;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;
use crate::tree::{Mount, MountSource, path};

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-data-not-persisted",
    aliases: &[],
    summary: "what Alloy has read and what it has not sent lies on no volume, while the data of others does",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("data_not_persisted.md"),
};

/// Components that keep something below the storage path, and what is lost with it (grafana/alloy
/// internal/component/loki/source/file/file.go, …/docker/docker.go, …/journal/journal.go,
/// internal/component/prometheus/remotewrite/remote_write.go@v1.0.0, @v1.18.1).
const KEEPING: [(&str, &str, &str); 4] = [
    ("loki.source.docker", "keeps how far it has read", "logs are read again from their beginning"),
    ("loki.source.file", "keeps how far it has read", "files are read again from their beginning"),
    ("loki.source.journal", "keeps how far it has read", "the journal is read again, as far back as `max_age` says"),
    ("prometheus.remote_write", "keeps what is not yet sent", "samples that are not yet sent are lost"),
];

/// Once per config, where another service of the same file has a volume.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let Some(service) = flow.service().filter(|s| !s.build && !s.mounts_open) else { return };
    let Some(args) = service.args().filter(|args| args.iter().all(|a| !a.open)) else { return };
    if args.first().is_some_and(|a| a.text != "run") || service.entrypoint.is_some() {
        return;
    }
    let Some(image) = catalogue::engine("alloy").and_then(|f| f.image(flow.version, "")) else { return };
    let inside = path::join(image.data, "data");
    let given = service.flag("storage.path");
    let at = match (&given, &service.command) {
        (Some((_, at)), _) => path::clean(at),
        (None, None) => inside.clone(),
        // In the working directory, which the image leaves at the root (grafana/alloy Dockerfile@v1.0.0, @v1.18.1).
        (None, Some(_)) => "/data-alloy".to_owned(),
    };
    // A volume in the image's folder is meant for it: a command that leads elsewhere is a fault of its own.
    let kept = |m: &Mount| {
        let holds = |at: &str| path::below(at, &m.target).is_some() || path::below(&m.target, at).is_some();
        holds(&at) || given.is_none() && holds(image.data)
    };
    if !at.starts_with('/') || service.mounts.iter().any(kept) {
        return;
    }
    let mut keeping = flow.components().filter(|(id, _)| flow.runs(*id));
    let first = keeping.find_map(|(id, part)| Some((id, KEEPING.iter().find(|(name, ..)| part.name == *name)?)));
    let Some((id, (_, keeps, lost))) = first else { return };
    let others = flow.instance.tree.declared_by(service.artifact);
    let volume = others.flat_map(|(_, s)| &s.mounts).find(|m| matches!(m.source, MountSource::Volume(_)));
    let Some(volume) = volume else { return };
    let place = service.image_span();
    let message = format!("{} {keeps} in `{at}`, which is on no volume", flow.title(id));
    let mut found = flow.found(&RULE, place, message).label(flow.header(id), "this one");
    if let Some((arg, _)) = &given {
        found = found.label(arg.span, "the path is given here");
    }
    let mend = match (given.is_some(), &service.command) {
        (false, Some(_)) => format!("add `--storage.path={inside}` to the command, and mount a named volume there"),
        _ => format!("mount a named volume at `{at}`"),
    };
    findings.push(
        found
            .label(volume.span, "other data is kept")
            .help(mend)
            .note(format!("in a new container {lost}, as after `docker compose down` or a new version")),
    );
}
