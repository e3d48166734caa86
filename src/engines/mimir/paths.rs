//! Folders of its parts: none may hold another.

use super::rules::paths_overlap::RULE;
use super::stores::{ALERTS, BLOCKS, Field, RULER, Store};
use crate::conform::{Judge, Setting, Settings, When};
use crate::engine::Instance;
use crate::source::Span;
use crate::tree::path;

/// A folder of one part, as Mimir looks at it.
struct Folder {
    /// The field that names it.
    field: String,
    /// Where.
    span: Span,
    /// Whether that is in `common`, for all stores.
    common: bool,
    /// With what the part adds, cleaned.
    whole: String,
}

const TSDB: Field = (&["blocks_storage", "tsdb", "dir"], "blocks-storage.tsdb.dir");
const SYNC: Field = (&["blocks_storage", "bucket_store", "sync_dir"], "blocks-storage.bucket-store.sync-dir");
const COMPACTOR: Field = (&["compactor", "data_dir"], "compactor.data-dir");
const RULES: Field = (&["ruler", "rule_path"], "ruler.rule-path");
const ALERTMANAGER: Field = (&["alertmanager", "data_dir"], "alertmanager.data-dir");

/// Mimir looks before it starts, since 2.3 (grafana/mimir#2828, #2947; pkg/mimir/mimir.go `validateFilesystemPaths`@0010b536a0b3).
/// Defaults are relative and differ from each other, so that only written paths meet.
///
/// Of a file that no service runs, and that does not say so itself, it is not known which parts run as one process: charts hand
/// one file to many.
pub(super) fn validate(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    let alone = instance.service.is_none() && settings.root.get("target").is_none();
    if !judge.since(2, 3) || !settings.known() || alone {
        return;
    }
    let Some(folders) = folders(settings) else { return };
    // As Mimir does, the first pair alone.
    let by_letters = !judge.since(3, 1);
    let pairs = folders.iter().enumerate().flat_map(|(at, one)| folders[at + 1..].iter().map(move |two| (one, two)));
    let mut met = pairs.filter(|(one, two)| one.field != two.field && overlap(&one.whole, &two.whole, by_letters));
    let Some((one, two)) = met.next() else { return };
    let apart = !overlap(&one.whole, &two.whole, false);
    let how = if one.whole == two.whole {
        "are one folder"
    } else if apart {
        "overlap for releases before 3.1, which compare them letter by letter"
    } else if one.whole.len() > two.whole.len() {
        "overlap: the first lies in the second"
    } else {
        "overlap: the second lies in the first"
    };
    let shown = |f: &Folder| {
        let by = if f.common { ", by `common.storage`" } else { "" };
        format!("`{}` (`{}`{by})", f.field, f.whole)
    };
    let message = format!("{} and {} {how}", shown(one), shown(two));
    let (here, there) = if two.common { (one.span, two.span) } else { (two.span, one.span) };
    let told = judge
        .fact(&RULE, here, if apart { When::Sometimes } else { When::Always }, message)
        .help("give each part a folder of its own; `blocks_storage.storage_prefix: blocks` puts the blocks into one below theirs")
        .note("Mimir refuses to start: \"cannot overlap with the configured …\"");
    if here != there {
        told.label(there, "the other one");
    }
}

/// Of the parts that run; `None` = something is not known.
fn folders(settings: &Settings<'_>) -> Option<Vec<Folder>> {
    let targets: Vec<&str> = settings.get(&["target"], "target").or("all")?.split(',').map(str::trim).collect();
    let on = |names: &[&str]| names.iter().any(|n| targets.contains(n));
    let mut found = Vec::new();
    if on(&["all", "ingester", "querier", "store-gateway", "compactor", "ruler"]) {
        let prefix = settings.get(&["blocks_storage", "storage_prefix"], "blocks-storage.storage-prefix").or("")?;
        store(settings, &BLOCKS, &[prefix], &mut found)?;
    }
    if on(&["all", "ingester"]) {
        part(settings, TSDB, &mut found)?;
    }
    if on(&["all", "store-gateway"]) {
        part(settings, SYNC, &mut found)?;
    }
    if on(&["all", "compactor"]) {
        part(settings, COMPACTOR, &mut found)?;
    }
    if on(&["all", "ruler"]) {
        part(settings, RULES, &mut found)?;
        store(settings, &RULER, RULER.below, &mut found)?;
    }
    if on(&["alertmanager"]) {
        part(settings, ALERTMANAGER, &mut found)?;
        store(settings, &ALERTS, ALERTS.below, &mut found)?;
    }
    Some(found)
}

/// The folder that a part works in.
fn part(settings: &Settings<'_>, (path, flag): Field, found: &mut Vec<Folder>) -> Option<()> {
    add(settings.get(path, flag), path.join("."), &[""], false, found)
}

/// The folders of a store on the file system. What its own section leaves out, `common` says.
fn store(settings: &Settings<'_>, store: &Store, below: &[&str], found: &mut Vec<Folder>) -> Option<()> {
    match store.get(settings, &["backend"], "backend").0.or("filesystem")? {
        "filesystem" => {
            let (dir, common) = store.get(settings, &["filesystem", "dir"], "filesystem.dir");
            add(dir, format!("{}.filesystem.dir", store.section), below, common, found)
        }
        "local" => store.local.map_or(Some(()), |field| part(settings, field, found)),
        _ => Some(()),
    }
}

/// Adds what is written: defaults are relative, and differ.
fn add(setting: Setting<'_>, field: String, below: &[&str], common: bool, found: &mut Vec<Folder>) -> Option<()> {
    let Some(span) = setting.span() else { return matches!(setting, Setting::Default).then_some(()) };
    let value = setting.text().filter(|text| !text.is_empty())?;
    let whole = below.iter().map(|b| path::clean(&format!("{value}/{b}")));
    found.extend(whole.map(|whole| Folder { field: field.clone(), span, common, whole }));
    Some(())
}

/// Whether one is the other, or lies in it. Releases before 3.1 also take `/data/ruler` for the folder of `/data/ruler-storage/rules`
/// (grafana/mimir pkg/mimir/mimir.go `isAbsPathOverlapping`@mimir-2.10.0, mimir-3.0.2, @0010b536a0b3). Where a relative path begins is
/// not known.
fn overlap(one: &str, two: &str, by_letters: bool) -> bool {
    if !one.starts_with('/') || !two.starts_with('/') {
        return false;
    }
    if !by_letters {
        return path::below(one, two).is_some() || path::below(two, one).is_some();
    }
    let split = |path| <str>::rsplit_once(path, '/').unwrap_or_default();
    let ((base, name), (other_base, other_name)) = (split(one), split(two));
    if base == other_base {
        return name == other_name || name.is_empty() || other_name.is_empty();
    }
    one.starts_with(two) || two.starts_with(one)
}
