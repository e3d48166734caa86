//! Its stores, each of which takes from `common` what its own section leaves out.

use super::rules::{bucket_shared, invalid_value};
use crate::conform::bounds::{Bound, Limit};
use crate::conform::{Judge, Setting, Settings, When};

/// A field and the flag beside it.
pub(super) type Field = (&'static [&'static str], &'static str);

/// A store: its section, its flags, and the folders below its own that it uses.
pub(super) struct Store {
    pub(super) section: &'static str,
    pub(super) flags: &'static str,
    pub(super) local: Option<Field>,
    pub(super) below: &'static [&'static str],
}

pub(super) const BLOCKS: Store = Store { section: "blocks_storage", flags: "blocks-storage", local: None, below: &[] };
pub(super) const RULER: Store = Store {
    section: "ruler_storage",
    flags: "ruler-storage",
    local: Some((&["ruler_storage", "local", "directory"], "ruler-storage.local.directory")),
    below: &["rules"],
};
pub(super) const ALERTS: Store = Store {
    section: "alertmanager_storage",
    flags: "alertmanager-storage",
    local: Some((&["alertmanager_storage", "local", "path"], "alertmanager-storage.local.path")),
    below: &["alerts", "alertmanager"],
};

impl Store {
    /// A field of it, and whether `common` says it.
    pub(super) fn get<'a>(&self, settings: &Settings<'a>, path: &[&str], flag: &str) -> (Setting<'a>, bool) {
        // Flags of `common` go before the sections of the file.
        if settings.has(&format!("common.storage.{flag}")) {
            return (Setting::Unknown, false);
        }
        match settings.get(&[&[self.section][..], path].concat(), &format!("{}.{flag}", self.flags)) {
            Setting::Default => (settings.written(&[&["common", "storage"][..], path].concat()), true),
            found => (found, false),
        }
    }
}

/// Classes of objects in a bucket, of all libraries (grafana/mimir vendor/github.com/aws/aws-sdk-go/service/s3/api.go@mimir-2.10.0,
/// vendor/github.com/aws/aws-sdk-go-v2/service/s3/types/enums.go@mimir-3.0.2; grafana/loki has the same of a newer one@v3.7.6).
const CLASSES: &[&str] = &[
    "",
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "GLACIER",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "GLACIER_IR",
    "SNOW",
    "EXPRESS_ONEZONE",
    "FSX_OPENZFS",
    "FSX_ONTAP",
];

/// What each store is held to (grafana/mimir pkg/storage/bucket/client.go `StorageBackendConfig.Validate`, pkg/storage/bucket/s3/config.go
/// `Validate`@mimir-2.10.0, mimir-3.0.2), a path below the section and its flag.
const FIELDS: [(&[&str], &str, Limit); 3] = [
    (&["s3", "signature_version"], "s3.signature-version", Limit::Words(&["v4", "v2"])),
    (&["s3", "storage_class"], "s3.storage-class", Limit::Words(CLASSES)),
    (&["s3", "sse", "type"], "s3.sse.type", Limit::Words(&["", "SSE-KMS", "SSE-S3"])),
];

/// Looks at what they are held to, each and together.
pub(super) fn validate(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    for store in [&BLOCKS, &RULER, &ALERTS] {
        let (backend, common) = store.get(settings, &["backend"], "backend");
        let section = if common { "common.storage" } else { store.section };
        let words: &[&str] = match store.local {
            Some(_) => &["s3", "gcs", "azure", "swift", "filesystem", "local"],
            None => &["s3", "gcs", "azure", "swift", "filesystem"],
        };
        let path = [section, "backend"];
        held(judge, settings, backend, &path, Limit::Words(words));
        if backend.text() == Some("s3") {
            for (field, flag, limit) in FIELDS {
                let (setting, common) = store.get(settings, field, flag);
                let path = [&[if common { "common.storage" } else { store.section }], field].concat();
                held(judge, settings, setting, &path, limit);
            }
            endpoint(judge, settings, store);
        }
        prefix(judge, settings, store);
    }
    shared(judge, settings);
}

/// Holds one to its limit.
fn held(judge: &mut Judge<'_>, settings: &Settings<'_>, setting: Setting<'_>, path: &[&str], limit: Limit) {
    let bound = Bound { path: &[], flag: "", held: &[], limit };
    bound.check(judge, &invalid_value::RULE, setting, path, settings.known());
}

/// The name of the bucket is no part of the endpoint.
fn endpoint(judge: &mut Judge<'_>, settings: &Settings<'_>, store: &Store) {
    let (endpoint, _) = store.get(settings, &["s3", "endpoint"], "s3.endpoint");
    let (bucket, _) = store.get(settings, &["s3", "bucket_name"], "s3.bucket-name");
    let (Some(text), Some(span), Some(name)) = (endpoint.text(), endpoint.span(), bucket.text()) else { return };
    if !name.is_empty() && text.split('.').next() == Some(name) {
        judge
            .tell(
                &invalid_value::RULE,
                span,
                When::Always,
                format!("the endpoint begins with the bucket's name, `{name}`"),
            )
            .help("write the endpoint without it: Mimir puts the bucket there itself")
            .sure(settings.known());
    }
}

/// Of letters and digits alone (pkg/storage/bucket/client.go `validPrefixCharactersRegex`@mimir-2.10.0, mimir-3.0.2).
fn prefix(judge: &mut Judge<'_>, settings: &Settings<'_>, store: &Store) {
    let own = settings.get(&[store.section, "storage_prefix"], &format!("{}.storage-prefix", store.flags));
    let (Some(text), Some(span)) = (own.text(), own.span()) else { return };
    if !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let message = format!("`{}.storage_prefix` takes letters and digits alone, and is `{text}`", store.section);
        judge.tell(&invalid_value::RULE, span, When::Always, message).sure(settings.known());
    }
}

/// What makes two buckets one, by backend: its fields and their flags.
const SAME: [(&str, &[Field]); 4] = [
    ("s3", &[(&["s3", "bucket_name"], "s3.bucket-name")]),
    ("gcs", &[(&["gcs", "bucket_name"], "gcs.bucket-name")]),
    (
        "azure",
        &[(&["azure", "container_name"], "azure.container-name"), (&["azure", "account_name"], "azure.account-name")],
    ),
    (
        "swift",
        &[(&["swift", "container_name"], "swift.container-name"), (&["swift", "project_name"], "swift.project-name")],
    ),
];

/// Rules and alerts share no bucket with blocks (pkg/mimir/mimir.go `validateBucketConfigs`@mimir-2.10.0, mimir-3.0.2).
fn shared(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let Some(target) = settings.get(&["target"], "target").or("all") else { return };
    let on = |names: &[&str]| target.split(',').any(|t| names.contains(&t.trim()));
    for (store, runs) in [(&RULER, on(&["all", "ruler"])), (&ALERTS, on(&["alertmanager"]))] {
        if !runs {
            continue;
        }
        let both = |path: &[&str], flag: &str| {
            let (one, two) = (BLOCKS.get(settings, path, flag).0, store.get(settings, path, flag).0);
            one.or("").zip(two.or("")).filter(|(one, two)| one == two).map(|(one, _)| one)
        };
        let Some((_, fields)) = both(&["backend"], "backend").and_then(|b| SAME.iter().find(|s| s.0 == b)) else {
            continue;
        };
        let prefix =
            |s: &Store| settings.get(&[s.section, "storage_prefix"], &format!("{}.storage-prefix", s.flags)).or("");
        if prefix(&BLOCKS).is_none()
            || prefix(&BLOCKS) != prefix(store)
            || fields.iter().any(|f| both(f.0, f.1).is_none())
        {
            continue;
        }
        let (field, flag) = fields[0];
        let (place, blocks) = (store.get(settings, field, flag).0, BLOCKS.get(settings, field, flag).0);
        let Some(span) = place.span().or(store.get(settings, &["backend"], "backend").0.span()) else { continue };
        let name = place.text().unwrap_or_default();
        let message = format!("`{}` and `blocks_storage` share the bucket `{name}`", store.section);
        let told = judge
            .tell(&bucket_shared::RULE, span, When::Always, message)
            .help(format!("write `storage_prefix: blocks` in `blocks_storage`, or give `{}` a bucket of its own", store.section))
            .note("Mimir does not start: \"bucket name and storage prefix cannot be the same as the one used in blocks storage config\"")
            .sure(settings.known());
        if let Some(other) = blocks.span().filter(|other| *other != span) {
            told.label(other, "the blocks");
        }
    }
}
