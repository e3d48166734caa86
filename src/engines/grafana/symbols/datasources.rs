//! Provisioned data sources: their uids, the links between them and the servers they ask.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::dashboards::{BUILT_IN, metrics_of};
use crate::address::{self, Client, Joined, Written};
use crate::catalogue::Version;
use crate::engine::Say;
use crate::engines::grafana::alerts;
use crate::engines::grafana::board::known::{Known, Source};
use crate::parse::{Node, Text};
use crate::symbol::{
    Credentials, Datasource, DatasourceRef, DatasourceUse, Export, Import, Protocol, SecretSource, Url,
};
use crate::tree::{Artifact, ArtifactId, EnvVar, Service};

/// Keys of `jsonData` whose `datasourceUid` names another source, each with the plugin that is mostly meant: of an object, or
/// of the objects of a list (npm `@grafana/o11y-ds-frontend`, `@grafana/prometheus` 13;
/// `grafana/grafana public/app/plugins/datasource/loki/types.ts`).
const LINKS: [(&str, &str); 8] = [
    ("serviceMap", "prometheus"),
    ("tracesToLogs", "loki"),
    ("tracesToLogsV2", "loki"),
    ("tracesToMetrics", "prometheus"),
    ("tracesToProfiles", "grafana-pyroscope-datasource"),
    ("lokiSearch", "loki"),
    ("exemplarTraceIdDestinations", "tempo"),
    ("derivedFields", "tempo"),
];

/// Fields that are found in log lines.
const DERIVED: &str = "derivedFields";

/// Whether a name or a pattern is of ids of traces or spans.
fn is_of_traces(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("trace") || text.contains("span")
}

/// The link that later releases do not read (grafana/grafana#84346, in 11.0.0).
const SEARCH: (&str, Version) = ("lokiSearch", Version::new(11, 0, 0));

/// Plugins that ask an address of HTTP of which nothing but the host is known here.
const OTHERS: [&str; 12] = [
    "alertmanager",
    "jaeger",
    "zipkin",
    "influxdb",
    "elasticsearch",
    "grafana-opensearch-datasource",
    "graphite",
    "opentsdb",
    "parca",
    "vertamedia-clickhouse-datasource",
    "victoriametrics-metrics-datasource",
    "victoriametrics-logs-datasource",
];

/// Plugins whose `url` is `host:port` without a scheme (`grafana/grafana
/// pkg/tsdb/grafana-postgresql-datasource/connection_string.go@522d9d000042, and its like beside it).
const SQL: [&str; 4] = ["postgres", "grafana-postgresql-datasource", "mysql", "mssql"];

/// Reads all files of one Grafana.
pub(super) fn read(
    files: &[(ArtifactId, &Artifact)],
    service: Option<&Service>,
    version: Option<Version>,
    say: &mut Say<'_>,
) {
    for (id, artifact) in files {
        let Some(root) = artifact.data().and_then(|d| d.root()) else { continue };
        for node in root.get("datasources").into_iter().flat_map(Node::items) {
            source(*id, node, service, version, say);
        }
    }
}

/// A part of a text after Grafana's own expansion.
enum Piece<'t> {
    /// It stands there.
    Written(Range<usize>),
    /// The value of a variable.
    Of(&'t EnvVar),
}

/// The parts of a text; `None` when a variable of it is not known
/// (`grafana/grafana pkg/services/provisioning/values/values.go`).
fn pieces<'t>(text: &str, service: Option<&'t Service>) -> Option<Vec<Piece<'t>>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|found| at + found) {
        let tail = &text[dollar + 1..];
        if tail.starts_with('$') {
            // Of two of them the first stays.
            pieces.push(Piece::Written(at..dollar + 1));
            at = dollar + 2;
            continue;
        }
        pieces.push(Piece::Written(at..dollar));
        let (name, after) = match tail.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => {
                let end = tail.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(tail.len());
                tail.split_at(end)
            }
        };
        pieces.push(Piece::Of(service?.env(name).filter(|variable| variable.value.is_some())?));
        at = text.len() - after.len();
    }
    pieces.push(Piece::Written(at..text.len()));
    Some(pieces)
}

/// A text after Grafana's own expansion.
fn expanded(text: &str, service: Option<&Service>) -> Option<String> {
    let pieces = pieces(text, service)?;
    let of = |piece: &Piece<'_>| match piece {
        Piece::Written(range) => text[range.clone()].to_owned(),
        Piece::Of(variable) => variable.value.clone().unwrap_or_default(),
    };
    Some(pieces.iter().map(of).collect())
}

/// The same with the place of each part: that of a variable is where the service sets it.
fn joined(text: &Text<'_>, service: Option<&Service>) -> Option<Joined> {
    let mut joined = Joined::new(text.whole());
    for piece in pieces(text.value(), service)? {
        match piece {
            Piece::Written(range) => joined.push(&text.value()[range.clone()], text.span(range))?,
            Piece::Of(variable) => joined.push(variable.value.as_deref()?, variable.span)?,
        }
    }
    Some(joined)
}

/// The uid that Grafana makes of a name (`grafana/grafana pkg/services/provisioning/datasources/types.go`,
/// `safeUIDFromName`): `P` and the first half of SHA-256 in capitals.
pub(super) fn derived_uid(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let half: String = digest.iter().take(8).map(|b| format!("{b:02X}")).collect();
    format!("P{half}")
}

/// The data sources of some files whose name and uid are known.
pub(super) fn listed(files: &[(ArtifactId, &Artifact)], service: &Service) -> Vec<Source> {
    let roots = files.iter().filter_map(|(_, a)| a.data()?.root());
    let nodes = roots.flat_map(|r| r.get("datasources").into_iter().flat_map(Node::items));
    let known = nodes.filter_map(|node| {
        let text = |key: &str| expanded(node.get(key)?.scalar()?, Some(service));
        let name = text("name").filter(|t| !t.is_empty())?;
        let uid = node.get("uid").and_then(Node::scalar).filter(|t| !t.is_empty());
        let uid = if uid.is_some() { text("uid")? } else { derived_uid(&name) };
        Some(Source {
            uid,
            name,
            kind: text("type").unwrap_or_default(),
            org: node.get("orgId").and_then(Node::as_i64).unwrap_or(1).max(1),
            default: node.get("isDefault").and_then(Node::as_bool) == Some(true),
        })
    });
    known.collect()
}

fn source(id: ArtifactId, node: Node<'_>, service: Option<&Service>, version: Option<Version>, say: &mut Say<'_>) {
    let text = |key: &str| {
        let node = node.get(key)?;
        Some((node, expanded(node.scalar()?, service)))
    };
    let Some((name_node, name)) = text("name") else { return };
    let uid = text("uid").filter(|(_, u)| u.as_deref() != Some(""));
    // A name or uid made of something unknown may be any.
    let (Some(name), false) = (name, matches!(uid, Some((_, None)))) else {
        say.export(Some(id), Export::OpenDatasources);
        return;
    };
    let kind = text("type").and_then(|(_, t)| t).unwrap_or_default();
    let default = node.entry("isDefault").filter(|e| e.value.as_bool() == Some(true));
    let org = node.get("orgId").and_then(Node::as_i64).unwrap_or(1);
    let span = uid.as_ref().map_or(name_node.inner(), |(n, _)| n.inner());
    let uid_written = uid.is_some();
    let uid = uid.and_then(|(_, u)| u).unwrap_or_else(|| derived_uid(&name));
    if let Some(url) = dial(node, &name, &kind, service) {
        say.import(Some(id), Import::Url(url));
    }
    links(id, node, service, version, say);
    for (query, source) in correlated(node) {
        let by = format!("a query of data source `{name}`");
        metrics_of(id, &query, 0..query.value().len(), (source, &by), say);
    }
    say.export(
        Some(id),
        Export::Datasource(Datasource {
            uid,
            uid_written,
            name,
            kind,
            // Grafana treats 0 as the first organisation.
            org: org.max(1),
            default: default.map(|e| e.key.span().to(e.value.span())),
            span,
        }),
    );
}

/// The queries of metrics that a source of traces shows beside a span, each with the data source that it asks (npm
/// `@grafana/o11y-ds-frontend` 13, `TraceToMetricsSettings`).
fn correlated<'d>(node: Node<'d>) -> Vec<(Text<'d>, Option<String>)> {
    let Some(beside) = node.at(&["jsonData", "tracesToMetrics"]) else { return Vec::new() };
    let source = beside.get("datasourceUid").and_then(Node::scalar).filter(|t| !t.contains('$')).map(str::to_owned);
    let queries = beside.get("queries").into_iter().flat_map(Node::items);
    queries.filter_map(|q| Some((q.get("query")?.text()?, source.clone()))).collect()
}

/// The server that a source asks.
fn dial(node: Node<'_>, name: &str, kind: &str, service: Option<&Service>) -> Option<Url> {
    // `direct` is asked by the browser, which sees other names.
    if node.get("access").and_then(Node::scalar).is_some_and(|a| matches!(a, "direct" | "browser")) {
        return None;
    }
    let (protocol, appended): (_, &[&str]) = match kind {
        "prometheus" => (Protocol::PrometheusQuery, &["/api/v1/query"]),
        "tempo" => (Protocol::TempoQuery, &["/api/search"]),
        // Its name before 10.0 is an alias (`grafana/grafana` …/grafana-pyroscope-datasource/plugin.json, `aliasIDs`).
        "grafana-pyroscope-datasource" | "phlare" => {
            (Protocol::PyroscopeQuery, &["/querier.v1.QuerierService/ProfileTypes"])
        }
        // `grafana/grafana pkg/tsdb/loki/api.go@0065cb3c3147`.
        "loki" => (Protocol::LogQuery, &["/loki/api/v1/query_range"]),
        kind if OTHERS.contains(&kind) || SQL.contains(&kind) => (Protocol::Http, &[]),
        _ => return None,
    };
    let sql = SQL.contains(&kind);
    let written = node.get("url")?.text()?;
    // A socket of the same machine.
    if sql && written.value().starts_with('/') {
        return None;
    }
    let whole = written.whole();
    let text = if written.value().contains('$') {
        Written::Joined(joined(&written, service)?)
    } else {
        Written::Data(written)
    };
    let mut client = Client::new(format!("data source `{name}`"), protocol, &[], appended);
    client.credentials = credentials(node);
    if sql {
        client.tls = Some((None, whole));
    }
    let mut url = address::url(&text, client)?;
    url.unverified = node.get("jsonData").and_then(|data| address::on(data, "tlsSkipVerify"));
    Some(url)
}

fn credentials(node: Node<'_>) -> (Option<Credentials>, Option<crate::source::Span>) {
    let data = node.get("jsonData");
    let header = |n: Node<'_>| n.entries().iter().any(|e| e.name().starts_with("httpHeaderName"));
    let other = ["oauthPassThru", "sigV4Auth", "azureCredentials"];
    if data.is_some_and(|d| header(d) || other.iter().any(|k| d.get(k).is_some())) {
        return (None, None);
    }
    if node.get("basicAuth").and_then(Node::as_bool) != Some(true) {
        return (Some(Credentials::None), None);
    }
    let user = node.get("basicAuthUser").and_then(Node::scalar).map(str::to_owned);
    let secret = node.get("secureJsonData").and_then(|s| s.get("basicAuthPassword"));
    let password = match secret.and_then(Node::scalar) {
        Some(text) if text.starts_with('$') && !text.starts_with("$$") => {
            SecretSource::Env(text.trim_start_matches('$').trim_matches(['{', '}']).to_owned())
        }
        Some(text) => SecretSource::Literal(text.to_owned()),
        None => SecretSource::Unknown,
    };
    (Some(Credentials::Basic { user, password }), secret.map(Node::span))
}

fn links(id: ArtifactId, node: Node<'_>, service: Option<&Service>, version: Option<Version>, say: &mut Say<'_>) {
    if let Some(data) = node.get("jsonData") {
        super::names::tags(id, data, say);
    }
    let mut link = |node: Node<'_>, key: String, kind: Option<&str>| {
        let text = node.scalar().and_then(|t| expanded(t, service)).filter(|t| !t.is_empty());
        let Some(uid) = text.filter(|t| !t.contains('$')) else { return };
        let (by, kind) = (DatasourceUse::Link(key), kind.map(str::to_owned));
        say.import(Some(id), Import::Datasource(DatasourceRef { uid, span: node.inner(), by, kind }));
    };
    // Grafana does not start with one whose target is not there (grafana/grafana
    // pkg/services/provisioning/datasources/datasources.go@032967e66899 `provisionCorrelations`).
    for target in node.get("correlations").into_iter().flat_map(Node::items).filter_map(|c| c.get("targetUID")) {
        link(target, "correlations.targetUID".to_owned(), None);
    }
    let Some(data) = node.get("jsonData") else { return };
    // Of sources with alert rules (npm `@grafana/data` 13.2.3, `types/datasource.d.ts`).
    if let Some(uid) = data.get("alertmanagerUid") {
        link(uid, "alertmanagerUid".to_owned(), Some("alertmanager"));
    }
    for (key, kind) in LINKS {
        if key == SEARCH.0 && version.is_none_or(|version| version >= SEARCH.1) {
            continue;
        }
        let Some(value) = data.get(key) else { continue };
        let ends: Vec<Node<'_>> = if value.is_seq() { value.items().collect() } else { vec![value] };
        for end in ends {
            let Some(uid) = end.get("datasourceUid") else { continue };
            // A field of log lines leads wherever its name says.
            let of_traces = ["name", "matcherRegex"].iter().filter_map(|k| end.get(k)?.scalar()).any(is_of_traces);
            link(uid, format!("{key}.datasourceUid"), Some(kind).filter(|_| key != DERIVED || of_traces));
        }
    }
}

/// The sources that provisioned alert rules ask (`grafana/grafana pkg/services/provisioning/alerting/rules_types.go`, `QueryV1`).
pub(super) fn alerting(files: &[(ArtifactId, &Artifact)], known: &Known, say: &mut Say<'_>) {
    for (id, artifact) in files {
        let queries = alerts::rules(artifact).flat_map(|r| {
            let title = r.get("title").and_then(Node::scalar).unwrap_or_default();
            r.get("data").into_iter().flat_map(Node::items).map(move |query| (title, query))
        });
        for (title, query) in queries {
            let Some(node) = query.get("datasourceUid") else { continue };
            let text = node.scalar().filter(|t| !t.is_empty() && !t.contains('$') && !BUILT_IN.contains(t));
            let Some(text) = text else { continue };
            let asked = alerts::expression(query).filter(|_| alerts::kind(query, known) == Some("prometheus"));
            if let Some(asked) = asked {
                let by = format!("alert `{title}`");
                metrics_of(*id, &asked, 0..asked.value().len(), (Some(text.to_owned()), &by), say);
            }
            let by = DatasourceUse::Link("datasourceUid".to_owned());
            let reference = DatasourceRef { uid: text.to_owned(), span: node.inner(), by, kind: None };
            say.import(Some(*id), Import::Datasource(reference));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_derived_as_grafana_does() {
        // Known from dashboards of many public repositories.
        assert_eq!(derived_uid("Prometheus"), "PBFA97CFB590B2093");
        assert_eq!(derived_uid("Loki"), "P8E80F9AEF21F6940");
    }

    #[test]
    fn expansion_knows_escapes_and_stops_at_what_it_cannot_know() {
        assert_eq!(expanded("a$$b", None).as_deref(), Some("a$b"));
        assert_eq!(expanded("http://$HOST", None), None);
    }
}
