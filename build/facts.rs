//! `schemas/overlay/*.toml` → one constant table of facts per engine.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    engine: String,
    title: String,
    repository: String,
    images: Vec<String>,
    tag_prefix: String,
    default: String,
    dated: String,
    #[serde(default)]
    release: Vec<Release>,
    #[serde(default)]
    image: Vec<Image>,
    #[serde(default)]
    listener: Vec<Listener>,
    #[serde(default)]
    endpoint: Vec<Endpoint>,
    #[serde(default)]
    flag: Vec<Flag>,
    #[serde(default)]
    key: Vec<Key>,
    #[serde(default)]
    metric: Vec<Metric>,
    #[serde(default)]
    ended: Vec<Ended>,
}

/// An image repository that gets no release any more, from `until` on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    image: String,
    until: String,
    instead: String,
    #[allow(dead_code)] // A fact without a source is refused.
    evidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    version: String,
}

macro_rules! entry {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $(#[serde(default)] $field: $type,)*
            since: Option<String>,
            until: Option<String>,
            #[allow(dead_code)] // Demanded by the shape: a fact without a source is refused.
            evidence: String,
        }
    };
}

entry!(Image { user: Option<u32>, group: Option<u32>, entrypoint: Vec<String>, command: Vec<String>, config: String, data: String, health: Vec<String>, suffixes: Vec<String> });
entry!(Listener {
    name: String,
    port: u16,
    bind: String,
    transport: String,
    flag: String,
    key: String,
    always: bool,
    fallback: bool
});
entry!(Endpoint { listener: String, protocol: String, paths: Vec<String>, flag: String, feature: String });
entry!(Flag { name: String, instead: String });
entry!(Key { path: String, instead: String, default: String });
entry!(Metric { name: String, r#type: String, source: String });

/// A version as the code that makes it.
pub(crate) fn version(text: &str) -> String {
    let numbers: Vec<u16> =
        text.split('.').map(|n| n.parse().unwrap_or_else(|_| panic!("`{text}` is no version"))).collect();
    assert_eq!(numbers.len(), 3, "`{text}` must name major, minor and patch");
    format!("Version::new({}, {}, {})", numbers[0], numbers[1], numbers[2])
}

pub(crate) fn range(since: &Option<String>, until: &Option<String>) -> String {
    let side = |v: &Option<String>| v.as_deref().map_or("None".to_owned(), |v| format!("Some({})", version(v)));
    format!("Range {{ since: {}, until: {} }}", side(since), side(until))
}

fn table(overlay: &Overlay) -> String {
    let mut out = String::new();
    let mut releases: Vec<&str> = overlay.release.iter().map(|r| r.version.as_str()).collect();
    releases.sort_by_key(|v| v.split('.').map(|n| n.parse::<u16>().unwrap_or(0)).collect::<Vec<_>>());
    let releases: Vec<String> = releases.into_iter().map(version).collect();
    let _ = write!(
        out,
        "Facts {{ engine: {:?}, title: {:?}, repository: {:?}, images: &{:?}, tag_prefix: {:?}, default: {}, dated: {:?}, releases: &[{}],",
        overlay.engine,
        overlay.title,
        overlay.repository,
        overlay.images,
        overlay.tag_prefix,
        version(&overlay.default),
        overlay.dated,
        releases.join(", ")
    );
    out.push_str("image: &[");
    for i in &overlay.image {
        let _ = write!(
            out,
            "Image {{ user: {:?}, group: {:?}, entrypoint: &{:?}, command: &{:?}, config: {:?}, data: {:?}, health: &{:?}, suffixes: &{:?}, range: {} }},",
            i.user,
            i.group,
            i.entrypoint,
            i.command,
            i.config,
            i.data,
            i.health,
            i.suffixes,
            range(&i.since, &i.until)
        );
    }
    out.push_str("], listeners: &[");
    for l in &overlay.listener {
        let transport = match l.transport.as_str() {
            "http" => "Http",
            "grpc" => "Grpc",
            "http+grpc" => "HttpGrpc",
            other => panic!("{}: `{other}` is no transport", overlay.engine),
        };
        let loopback = match l.bind.as_str() {
            "all" => false,
            "loopback" => true,
            other => panic!("{}: `{other}` is no bind", overlay.engine),
        };
        let _ = write!(
            out,
            "Listener {{ name: {:?}, port: {}, loopback: {loopback}, transport: Transport::{transport}, flag: {:?}, key: {:?}, always: {}, fallback: {}, range: {} }},",
            l.name,
            l.port,
            l.flag,
            l.key,
            l.always,
            l.fallback,
            range(&l.since, &l.until)
        );
    }
    out.push_str("], endpoints: &[");
    for e in &overlay.endpoint {
        assert!(
            overlay.listener.iter().any(|l| l.name == e.listener),
            "{}: endpoint of unknown listener `{}`",
            overlay.engine,
            e.listener
        );
        let _ = write!(
            out,
            "Endpoint {{ listener: {:?}, protocol: {:?}, paths: &{:?}, flag: {:?}, feature: {:?}, range: {} }},",
            e.listener,
            e.protocol,
            e.paths,
            e.flag,
            e.feature,
            range(&e.since, &e.until)
        );
    }
    out.push_str("], flags: &[");
    for f in &overlay.flag {
        let _ = write!(
            out,
            "Flag {{ name: {:?}, instead: {:?}, range: {} }},",
            f.name,
            f.instead,
            range(&f.since, &f.until)
        );
    }
    out.push_str("], keys: &[");
    for k in &overlay.key {
        let _ = write!(
            out,
            "Key {{ path: {:?}, instead: {:?}, default: {:?}, range: {} }},",
            k.path,
            k.instead,
            k.default,
            range(&k.since, &k.until)
        );
    }
    out.push_str("], metrics: &[");
    for m in &overlay.metric {
        let _ = write!(
            out,
            "Metric {{ name: {:?}, kind: {:?}, source: {:?}, range: {} }},",
            m.name,
            m.r#type,
            m.source,
            range(&m.since, &m.until)
        );
    }
    out.push_str("], ended: &[");
    for e in &overlay.ended {
        assert!(
            overlay.images.contains(&e.image) && overlay.images.contains(&e.instead),
            "{}: `{}`",
            overlay.engine,
            e.image
        );
        let _ =
            write!(out, "Ended {{ image: {:?}, until: {}, instead: {:?} }},", e.image, version(&e.until), e.instead);
    }
    out.push_str("] },\n");
    out
}

/// Compiles every file of `schemas/overlay` and writes `facts.rs`.
pub(crate) fn compile() {
    println!("cargo::rerun-if-changed=schemas/overlay");
    let mut out = String::from("static FACTS: &[Facts] = &[\n");
    for file in super::files(Path::new("schemas/overlay"), "toml") {
        let others = ["-successors.toml", "-metrics.toml", super::exporters::FILE];
        if others.iter().any(|s| file.to_string_lossy().ends_with(s)) {
            continue; // `successors`, `renames` and `exporters` read those.
        }
        let text = fs::read_to_string(&file).expect("a schema file is readable");
        let overlay: Overlay = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(
            file.file_stem().and_then(|s| s.to_str()),
            Some(overlay.engine.as_str()),
            "the file is named for its engine"
        );
        out.push_str(&table(&overlay));
    }
    out.push_str("];\n");
    super::write("facts.rs", &out);
}
