//! Whom Prometheus scrapes.

use crate::address::{self, Client, Written};
use crate::engine::Instance;
use crate::parse::Node;
use crate::symbol::{Protocol, Signal, Url};
use crate::tree::{ArtifactId, path};

/// Whether relabelling may send a scrape elsewhere, or drop it.
pub(super) fn moves(job: Node<'_>) -> bool {
    job.get("relabel_configs").into_iter().flat_map(Node::items).any(|rule| {
        let is = |key: &str, values: &[&str]| rule.get(key).and_then(Node::scalar).is_some_and(|v| values.contains(&v));
        let harmless = rule.get("action").is_none() || is("action", &["replace", "labeldrop", "labelkeep", "hashmod"]);
        let target = rule.get("target_label").and_then(Node::scalar).unwrap_or_default();
        !harmless || target.starts_with("__") || target.contains('$')
    })
}

/// The targets that stand in a job, or in what names Alertmanagers.
pub(super) fn targets<'d>(job: Node<'d>) -> Vec<Node<'d>> {
    job.get("static_configs").into_iter().flat_map(Node::items).flat_map(plain).collect()
}

/// The targets of a group, unless its labels say where and how they are to be asked.
fn plain<'d>(group: Node<'d>) -> Vec<Node<'d>> {
    let labels = group.get("labels").into_iter().flat_map(Node::entries);
    if labels.into_iter().any(|label| label.name().starts_with("__")) {
        return Vec::new();
    }
    group.get("targets").into_iter().flat_map(Node::items).collect()
}

/// The hosts that a job, or what names Alertmanagers, asks DNS for, each with the port that all of its addresses have
/// (prometheus/prometheus discovery/dns/dns.go@v2.40.0, @v3.14.0: only SRV records, the default, bring ports of their own).
pub(super) fn named<'d>(job: Node<'d>) -> Vec<(Node<'d>, Option<Node<'d>>)> {
    let lists = job.get("dns_sd_configs").into_iter().flat_map(Node::items);
    let plain = lists.filter(|one| one.get("type").and_then(Node::scalar).is_some_and(|t| matches!(t, "A" | "AAAA")));
    let hosts =
        plain.flat_map(|one| one.get("names").into_iter().flat_map(Node::items).map(move |n| (n, one.get("port"))));
    hosts.collect()
}

/// A URL at a port that is written elsewhere.
pub(super) fn at(url: Url, port: Option<Node<'_>>) -> Url {
    let number = port.and_then(|p| p.scalar()?.parse().ok());
    Url { port: number, port_span: port.map_or(url.port_span, Node::inner), ..url }
}

/// The targets in the files that a job names, which lie where the service has them.
fn in_files<'a>(job: Node<'_>, instance: &Instance<'a>, folder: &str) -> Vec<(ArtifactId, Node<'a>)> {
    let Some((service, _)) = instance.service else { return Vec::new() };
    let lists = job.get("file_sd_configs").into_iter().flat_map(Node::items).filter_map(|l| l.get("files"));
    let patterns: Vec<String> =
        lists.flat_map(Node::items).filter_map(Node::scalar).map(|pattern| path::join(folder, pattern)).collect();
    if patterns.is_empty() {
        return Vec::new();
    }
    let named = |at: &str| {
        let same =
            |p: &String| path::folder(p) == path::folder(at) && path::fits(path::name(p), path::name(at)) == Some(true);
        patterns.iter().any(same)
    };
    let kinds = [super::FILE_SD.name, super::FILE_SD_JSON.name];
    let files = instance.files.iter().filter(|(_, a)| kinds.contains(&a.kind.name));
    let files = files.filter(|(_, a)| a.used_by(service).iter().any(|used| named(&used.path)));
    let groups = files.filter_map(|(id, a)| Some((*id, a.data()?.root()?)));
    groups.flat_map(|(id, root)| root.items().flat_map(plain).map(move |target| (id, target))).collect()
}

/// Whether TLS is spoken, and where that is written; else the `fallback`.
pub(super) fn scheme(job: Node<'_>, fallback: crate::source::Span) -> Option<(Option<bool>, crate::source::Span)> {
    Some(match job.get("scheme") {
        Some(node) => match node.scalar() {
            Some("https") => (Some(true), node.span()),
            Some("http") => (Some(false), node.span()),
            _ => (None, node.span()),
        },
        None => (Some(false), fallback),
    })
}

/// The address to which relabelling sends all scrapes of a job, as it does for exporters that are asked about others.
fn redirected<'d>(job: Node<'d>) -> Option<Node<'d>> {
    let rules = job.get("relabel_configs").into_iter().flat_map(Node::items);
    let mut last = rules.filter(|r| r.get("target_label").and_then(Node::scalar) == Some("__address__"));
    let rule = last.next().filter(|_| last.next().is_none())?;
    let replaces = rule.get("action").is_none_or(|a| a.scalar() == Some("replace"));
    // Of a rule with a pattern of its own not all are sent there.
    let all = ["source_labels", "regex"].iter().all(|key| rule.get(key).is_none());
    rule.get("replacement").filter(|r| replaces && all && r.scalar().is_some_and(|t| !t.contains(['$', '/'])))
}

/// Whom a job of the config `id` scrapes, each with the file that names it; relative paths begin in `folder`, if that is known.
pub(super) fn all(
    id: ArtifactId,
    job: Node<'_>,
    instance: &Instance<'_>,
    folder: Option<&str>,
) -> Vec<(ArtifactId, Url)> {
    let own = |urls: Vec<Url>| urls.into_iter().map(|url| (id, url)).collect();
    if let Some(to) = redirected(job) {
        return own(dialled(job, [to].into_iter()));
    }
    if moves(job) {
        return Vec::new();
    }
    let mut found: Vec<_> = own(dialled(job, targets(job).into_iter()));
    found.extend(own(named(job)
        .into_iter()
        .flat_map(|(name, port)| {
            let dialled = dialled(job, [name].into_iter());
            dialled.into_iter().map(move |url| at(url, port))
        })
        .collect()));
    for (file, target) in folder.into_iter().flat_map(|folder| in_files(job, instance, folder)) {
        found.extend(dialled(job, [target].into_iter()).into_iter().map(|url| (file, Url { listed: true, ..url })));
    }
    found
}

fn dialled<'d>(job: Node<'d>, targets: impl Iterator<Item = Node<'d>>) -> Vec<Url> {
    let name = job.get("job_name").and_then(Node::scalar).unwrap_or_default();
    let path = address::rooted(job.get("metrics_path").and_then(Node::scalar).unwrap_or("/metrics"));
    let path_span = job.get("metrics_path").map(Node::inner);
    let found = targets.filter_map(|target| {
        let text = target.text()?;
        // A target with a scheme is refused by the engine itself, and one with a path is no address.
        if text.value().contains('/') {
            return None;
        }
        let tls = scheme(job, target.inner());
        let mut client = Client::new(format!("scrape job `{name}`"), Protocol::Scrape, &[Signal::Metrics], &[]);
        client.tls = tls;
        client.credentials = address::shown(job);
        let mut url = address::url(&Written::Data(text), client)?;
        url.paths = Some(vec![path.to_owned()]);
        url.path_span = path_span.unwrap_or(url.span);
        url.unverified = address::unverified(job);
        Some(url)
    });
    found.collect()
}
