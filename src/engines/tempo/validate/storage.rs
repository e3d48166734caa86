//! The store that traces are kept in, as it is opened when the process starts
//! (grafana/tempo tempodb/tempodb.go `New`, tempodb/config.go `validateConfig`, tempodb/wal/wal.go, tempodb/backend/s3/s3.go@v2.3.1 to
//! v3.0.3).

use super::super::rules::{invalid_value, storage_invalid};
use crate::conform::{Judge, Settings, When};
use crate::engine::Instance;
use crate::parse::Node;
use crate::source::Span;

const BACKENDS: [&str; 4] = ["local", "s3", "gcs", "azure"];

/// Targets with a store in every release that has them (cmd/tempo/app/modules.go@v2.3.1 to v3.0.3).
pub(super) const STORING: [&str; 7] =
    ["all", "all-3.0", "scalable-single-binary", "querier", "query-frontend", "compactor", "block-builder"];

/// Looks at it.
pub(super) fn open(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    if nothing(judge, settings) || !settings.get(&["target"], "target").or("all").is_some_and(|t| STORING.contains(&t))
    {
        return;
    }
    let backend = settings.get(&["storage", "trace", "backend"], "storage.trace.backend");
    let empty = |key: &str| {
        let path = ["storage", "trace", key];
        settings.root.at(&path).filter(|_| settings.is_nothing(&path) && !settings.has(&path.join("."))).map(Node::span)
    };
    let none = empty("backend");
    let Some(name) = backend.or("").or(none.map(|_| "")) else { return };
    if !BACKENDS.contains(&name) {
        // A file that nobody is known to read may be a part of one.
        if let Some(span) = none.or(backend.span()).or_else(|| instance.service.and_then(|_| beginning(settings))) {
            let message = match name {
                "" => "`storage.trace.backend` is not set: Tempo has nowhere to keep traces".to_owned(),
                _ => format!("`storage.trace.backend` cannot be `{name}`"),
            };
            tell(judge, settings, span, message, "write `local`, `s3`, `gcs` or `azure`");
        }
        return;
    }
    let section = |key: &str| settings.root.at(&["storage", "trace", key]);
    for key in ["wal", name] {
        if let Some(empty) = section(key).filter(|n| n.is_null() && matches!(key, "wal" | "local")) {
            let message = format!("`storage.trace.{key}` holds nothing, and takes the defaults away");
            tell(judge, settings, empty.span(), message, "write what it is to hold, or delete it");
        }
    }
    let path = settings.get(&["storage", "trace", "wal", "path"], "storage.trace.wal.path");
    let null = settings.root.at(&["storage", "trace", "wal", "path"]).filter(|n| n.is_null() && path.span().is_none());
    if let Some(span) = path.span().filter(|_| path.text() == Some("")).or(null.map(Node::span)) {
        tell(judge, settings, span, "`storage.trace.wal.path` is empty".to_owned(), "name a folder on a volume");
    }
    for key in ["bucket", "endpoint"] {
        let setting = settings.get(&["storage", "trace", "s3", key], &format!("storage.trace.s3.{key}"));
        if name == "s3" && setting.or("") == Some("") {
            let span = setting.span().or(backend.span());
            let message = format!("`storage.trace.s3.{key}` is not set");
            span.into_iter().for_each(|span| tell(judge, settings, span, message.clone(), "write it, or use `local`"));
            return;
        }
    }
}

/// Sections that hold nothing where the config is looked at before anything starts: the process ends in a panic
/// (cmd/tempo/app/config.go `CheckConfig`@v2.3.1 to v3.0.3).
fn nothing(judge: &mut Judge<'_>, settings: &Settings<'_>) -> bool {
    let sections: [&[&str]; 4] =
        [&["storage"], &["storage", "trace"], &["storage", "trace", "block"], &["storage", "trace", "s3"]];
    for path in sections {
        let Some(empty) = settings.root.at(path).filter(|n| n.is_null()) else { continue };
        let name = path.join(".");
        let backend = settings.get(&["storage", "trace", "backend"], "storage.trace.backend").text();
        if path.last() == Some(&"s3") && backend != Some("s3") {
            continue;
        }
        let message = format!("`{name}` holds nothing, and takes the defaults away");
        judge
            .tell(&invalid_value::RULE, empty.span(), When::Always, message)
            .help("write what it is to hold, or delete it")
            .note("Tempo ends in a panic")
            .sure(settings.known());
        return true;
    }
    false
}

/// Tells that nothing in a config names a backend.
pub(super) fn lacking(judge: &mut Judge<'_>, start: Span) {
    judge
        .tell(
            &storage_invalid::RULE,
            start,
            When::Always,
            "there is nothing in this config: Tempo has nowhere to keep traces",
        )
        .help("write `storage.trace.backend: local`, and where")
        .note("Tempo does not start with it, and `-config.verify` does not say so");
}

/// Where a missing backend is told of.
fn beginning(settings: &Settings<'_>) -> Option<Span> {
    let key = |path: &[&str], key| settings.root.at(path)?.entry(key).map(|e| e.key.span());
    let first = || settings.root.own_entries().next().map(|e| e.key.span());
    key(&["storage"], "trace").or_else(|| key(&[], "storage")).or_else(first)
}

fn tell(judge: &mut Judge<'_>, settings: &Settings<'_>, span: Span, message: String, help: &str) {
    judge
        .tell(&storage_invalid::RULE, span, When::Always, message)
        .help(help)
        .note("Tempo does not start with it, and `-config.verify` does not say so")
        .sure(settings.known());
}
