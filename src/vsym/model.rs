//! The format itself: what a symbol file holds, in the order in which it is written.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::symbol::{Protocol, Signal, Thing};

/// The only version of the format that there is.
pub const VERSION: u32 = 1;

/// All that a symbol file says. Keys of later releases are passed over; what changes the meaning of others is a new version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Contents {
    /// [`VERSION`].
    pub vsym: u32,
    /// Prefixes of names of metrics that are all here: of one that starts so and stands nowhere it is known that nobody
    /// makes it. The empty prefix: of every metric.
    #[serde(default)]
    pub complete: Vec<String>,
    /// Prefixes of names of metrics of which there may be more than stand here.
    #[serde(default)]
    pub open: Vec<String>,
    /// Kinds of things of which all are here: a name that stands nowhere is known to be nobody's.
    #[serde(default)]
    pub complete_names: Vec<String>,
    /// Whether there may be more data sources than stand here.
    #[serde(default)]
    pub open_datasources: bool,
    /// Who runs.
    #[serde(default)]
    pub services: Vec<Service>,
    /// Ports that they open.
    #[serde(default)]
    pub listeners: Vec<Listener>,
    /// Data sources of Grafana.
    #[serde(default)]
    pub datasources: Vec<Datasource>,
    /// Metric families that are made.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// URLs that are dialled.
    #[serde(default)]
    pub calls: Vec<Called>,
    /// Data sources that are named.
    #[serde(default)]
    pub asks: Vec<Asked>,
    /// Metrics that are read.
    #[serde(default)]
    pub reads: Vec<Read>,
    /// Things that are known by their names: dashboards, contact points, types of profiles, attributes.
    #[serde(default)]
    pub names: Vec<Named>,
    /// Such things that are asked for.
    #[serde(default)]
    pub wants: Vec<Wanted>,
}

/// Who runs. Several of one name are told as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Service {
    /// Name, to which it answers.
    pub name: String,
    /// Other names to which it answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Networks that it is in; none = the default one of its project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// `host`, `service:NAME` or `other` where it is in no network of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Ports that are published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// The engine that it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The version of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// A published port.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Port {
    /// First and last port on the host; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<(u16, u16)>,
    /// First and last port in the container; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<(u16, u16)>,
    /// The address on the host; absent = all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether it is UDP's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub udp: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A port that is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Listener {
    /// The service that opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What listens, for messages.
    pub name: String,
    /// The port; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `*` for every interface, `loopback`, or a name or address; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<String>,
    /// `http`, `grpc` or `http+grpc`.
    #[serde(default)]
    pub transport: Transport,
    /// Whether it ends TLS; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// The kind of credential that it demands; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// What it takes; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<Vec<Accepts>>,
    /// Where that is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// What is spoken at a port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Transport {
    /// HTTP.
    #[default]
    #[serde(rename = "http")]
    Http,
    /// gRPC alone.
    #[serde(rename = "grpc")]
    Grpc,
    /// Both.
    #[serde(rename = "http+grpc")]
    Both,
}

/// A kind of credential, never a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// None.
    None,
    /// A bearer token.
    Bearer,
    /// A user and a password.
    Basic,
    /// Another one.
    Other,
}

/// What a port takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Accepts {
    /// What is spoken.
    pub protocol: String,
    /// Paths of requests; one that ends in `/` or `*` is a prefix, none = any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// The flag that is missing for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_flag: Option<String>,
}

/// A data source of Grafana.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Datasource {
    /// Its uid.
    pub uid: String,
    /// Its name.
    pub name: String,
    /// The plugin that asks it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is provisioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// A metric family that is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Metric {
    /// As it is stored; that of a histogram or summary without `_bucket`, `_sum` and `_count`.
    pub name: String,
    /// Its type; absent = not known.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MetricType>,
    /// The names of its labels; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// A prefix that nothing uses but makers of this kind, all of whose metrics stand here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What makes it, for messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Where that is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// The type of a metric family, which decides on the names of its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricType {
    /// A sum that never falls.
    Counter,
    /// A value.
    Gauge,
    /// Series `_bucket`, `_sum` and `_count`, or one native histogram.
    Histogram,
    /// One native histogram under its own name.
    #[serde(rename = "native-histogram")]
    NativeHistogram,
    /// Quantiles under its own name, with `_sum` and `_count`.
    Summary,
}

/// A URL that is dialled.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Called {
    /// The service that dials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What in it, for messages.
    pub by: String,
    /// What is spoken.
    pub protocol: String,
    /// Host.
    pub host: String,
    /// Port; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Paths of requests, where they hold nothing but known words; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<String>>,
    /// Whether TLS is spoken; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// The kind of credential that is shown; absent = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// What travels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// A data source that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Asked {
    /// Its uid or name.
    pub datasource: String,
    /// The plugin that is expected.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The panel or variable of a dashboard, or the key of a data source that links to it.
    pub by: String,
    /// Whether a data source links to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub link: bool,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// A metric that is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Read {
    /// The series.
    pub metric: String,
    /// Who reads it.
    pub by: String,
    /// The data source that is asked; absent = the default one, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datasource: Option<String>,
    /// Series that the same query takes instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<String>,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Something that is known by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    /// What it is.
    pub thing: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Something that is asked for by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Wanted {
    /// What it is.
    pub thing: String,
    /// Its name.
    pub name: String,
    /// Who asks.
    pub by: String,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// The key that every symbol may have.
const AT: (&str, &str) = ("at", "Path and line in the tree that it comes from.");

impl Contents {
    /// Nothing, in the format of today.
    pub fn new() -> Self {
        Self { vsym: VERSION, ..Self::default() }
    }

    /// Reads a file; what is wrong with it otherwise.
    pub fn read(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        match read.vsym {
            VERSION => Ok(read),
            other => Err(format!("version {other} of symbol files is not known here")),
        }
    }

    /// The text of the file: the same symbols, in whatever order they were found, give the same bytes.
    pub fn text(mut self) -> String {
        let mut out = format!("{{\n\"vsym\": {}", self.vsym);
        let lists = [("complete", self.complete), ("open", self.open), ("complete_names", self.complete_names)];
        for (name, mut prefixes) in lists {
            prefixes.sort();
            prefixes.dedup();
            if !prefixes.is_empty() {
                let _ = write!(out, ",\n\"{name}\": {}", Value::from(prefixes));
            }
        }
        if self.open_datasources {
            out.push_str(",\n\"open_datasources\": true");
        }
        list(&mut out, "services", &mut self.services);
        list(&mut out, "listeners", &mut self.listeners);
        list(&mut out, "datasources", &mut self.datasources);
        list(&mut out, "metrics", &mut self.metrics);
        list(&mut out, "calls", &mut self.calls);
        list(&mut out, "asks", &mut self.asks);
        list(&mut out, "reads", &mut self.reads);
        list(&mut out, "names", &mut self.names);
        list(&mut out, "wants", &mut self.wants);
        out.push_str("\n}\n");
        out
    }
}

/// One symbol on each line.
fn list<T: Serialize + Ord>(out: &mut String, name: &str, all: &mut Vec<T>) {
    all.sort();
    all.dedup();
    if all.is_empty() {
        return;
    }
    let lines: Vec<String> = all.iter().filter_map(|s| serde_json::to_string(s).ok()).collect();
    let _ = write!(out, ",\n\"{name}\": [\n{}\n]", lines.join(",\n"));
}

/// JSON Schema of the format, for editors and for who writes such files.
pub fn schema() -> String {
    let text = || json!({"type": "string"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let flag = || json!({"type": "boolean"});
    let port = || json!({"type": "integer", "minimum": 0, "maximum": 65535});
    let range = || json!({"type": "array", "items": port(), "minItems": 2, "maxItems": 2});
    let one_of = |names: &[&str]| json!({ "enum": names });
    let auth = || one_of(&["none", "bearer", "basic", "other"]);
    let protocol = || one_of(&Protocol::ALL.map(|(name, _)| name));
    let signals = || json!({"type": "array", "items": one_of(&Signal::ALL.map(Signal::name))});
    let thing = || one_of(&Thing::ALL.map(|(name, _)| name));
    let list = |doc: &str, required: &[&str], keys: &[(&str, Value, &str)]| {
        let key = |(name, shape, doc): &(&str, Value, &str)| ((*name).to_owned(), described(shape.clone(), doc));
        let mut properties: serde_json::Map<String, Value> = keys.iter().map(key).collect();
        properties.insert(AT.0.to_owned(), described(text(), AT.1));
        let item = json!({"type": "object", "required": required, "properties": properties});
        json!({"type": "array", "description": doc, "items": item})
    };
    let ports = json!({"type": "array", "items": {"type": "object", "properties": {
        "host": range(), "container": range(), "address": text(), "udp": flag(),
    }}});
    let accepts = json!({"type": "array", "items": {"type": "object", "required": ["protocol"], "properties": {
        "protocol": protocol(), "paths": texts(), "missing_flag": text(),
    }}});
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vispyr symbol file",
        "type": "object",
        "required": ["vsym"],
        "properties": {
            "vsym": {"const": VERSION, "description": "Version of the format."},
            "complete": described(texts(), "Prefixes of metrics that are all here; the empty one: every metric."),
            "open": described(texts(), "Prefixes of metrics of which there may be more."),
            "complete_names": described(json!({"type": "array", "items": thing()}), "Kinds of things all of which are here."),
            "open_datasources": described(flag(), "Whether there may be more data sources."),
            "services": list("Who runs.", &["name"], &[
                ("name", text(), "Name, to which it answers."),
                ("aliases", texts(), "Other names to which it answers."),
                ("networks", texts(), "Networks that it is in; none: the default one."),
                ("network", text(), "`host`, `service:NAME` or `other`, where it is in no network of its own."),
                ("ports", ports, "Ports that are published."),
                ("engine", text(), "The engine that it runs."),
                ("version", text(), "The version of that."),
            ]),
            "listeners": list("Ports that are open.", &["name"], &[
                ("service", text(), "The service that opens it."),
                ("name", text(), "What listens, for messages."),
                ("port", port(), "The port; absent: not known."),
                ("bind", text(), "`*`, `loopback`, or a name or address; absent: not known."),
                ("transport", one_of(&["http", "grpc", "http+grpc"]), "What is spoken."),
                ("tls", flag(), "Whether it ends TLS; absent: not known."),
                ("auth", auth(), "The kind of credential that it demands; absent: not known."),
                ("accepts", accepts, "What it takes; absent: not known."),
            ]),
            "datasources": list("Data sources of Grafana.", &["uid", "name", "type"], &[
                ("uid", text(), "Its uid."),
                ("name", text(), "Its name."),
                ("type", text(), "The plugin that asks it."),
            ]),
            "metrics": list("Metric families that are made.", &["name"], &[
                ("name", text(), "As stored; of a histogram or summary without `_bucket`, `_sum`, `_count`."),
                ("type", one_of(&["counter", "gauge", "histogram", "native-histogram", "summary"]), "Its type; absent: not known."),
                ("labels", texts(), "Names of its labels; absent: not known."),
                ("namespace", text(), "A prefix that only makers of this kind use, all of whose metrics are here."),
                ("by", text(), "What makes it, for messages."),
            ]),
            "calls": list("URLs that are dialled.", &["by", "protocol", "host"], &[
                ("service", text(), "The service that dials."),
                ("by", text(), "What in it, for messages."),
                ("protocol", protocol(), "What is spoken."),
                ("host", text(), "Host."),
                ("port", port(), "Port; absent: not known."),
                ("paths", texts(), "Paths of requests; absent: not known."),
                ("tls", flag(), "Whether TLS is spoken; absent: not known."),
                ("auth", auth(), "The kind of credential that is shown; absent: not known."),
                ("signals", signals(), "What travels."),
            ]),
            "asks": list("Data sources that are named.", &["datasource", "by"], &[
                ("datasource", text(), "Its uid or name."),
                ("type", text(), "The plugin that is expected."),
                ("by", text(), "Who names it."),
                ("link", flag(), "Whether a data source links to it."),
            ]),
            "reads": list("Metrics that are read.", &["metric", "by"], &[
                ("metric", text(), "The series."),
                ("by", text(), "Who reads it."),
                ("datasource", text(), "The data source that is asked; absent: the default one, or not known."),
                ("or", texts(), "Series that the same query takes instead."),
            ]),
            "names": list("Things that are known by their names.", &["thing", "name"], &[
                ("thing", thing(), "What it is."),
                ("name", text(), "Its name: of a dashboard its uid, of a type of profiles its id, of an attribute its key."),
            ]),
            "wants": list("Things that are asked for by their names.", &["thing", "name", "by"], &[
                ("thing", thing(), "What it is."),
                ("name", text(), "Its name."),
                ("by", text(), "Who asks."),
            ]),
        },
    });
    format!("{schema:#}\n")
}

fn described(mut shape: Value, doc: &str) -> Value {
    if let Some(shape) = shape.as_object_mut() {
        shape.insert("description".to_owned(), doc.into());
    }
    shape
}
