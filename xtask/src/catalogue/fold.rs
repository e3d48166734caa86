//! Equal records of neighbouring versions become one record with a range.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A record, ready to print: its members in no particular order, and its range.
pub(crate) type Record = Map<String, Value>;

/// A run of versions, as indices: from the first up to the one after the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run {
    from: usize,
    to: usize,
}

/// One record over the versions: the same text for as long as it did not change.
type Runs<'a> = Vec<(Run, &'a Record)>;

/// The records of one section over all versions, sorted by name and then by range. A body that went and came back is two
/// records, or just one: where types name bodies, a name must mean one record at all versions.
pub(crate) fn section(versions: &[&str], snapshots: &[Value], section: &str, one: bool) -> Vec<Record> {
    let whole = Run { from: 0, to: versions.len() };
    let by_version = snapshots.iter().map(|s| list(s.get(section))).collect::<Vec<_>>();
    if section == "bodies" {
        return bodies(versions, &by_version, one);
    }
    fold(versions, whole, &by_version)
}

fn list(value: Option<&Value>) -> Vec<&Map<String, Value>> {
    value.and_then(Value::as_array).map(|a| a.iter().filter_map(Value::as_object).collect()).unwrap_or_default()
}

fn name(record: &Map<String, Value>) -> &str {
    record.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Folds records that are whole in themselves. A record that holds throughout `within` needs no range.
fn fold(versions: &[&str], within: Run, by_version: &[Vec<&Map<String, Value>>]) -> Vec<Record> {
    let mut open: BTreeMap<&str, Runs> = BTreeMap::new();
    for at in within.from..within.to {
        for &record in by_version.get(at).into_iter().flatten() {
            let runs = open.entry(name(record)).or_default();
            match runs.last_mut() {
                Some((run, last)) if run.to == at && *last == record => run.to = at + 1,
                _ => runs.push((Run { from: at, to: at + 1 }, record)),
            }
        }
    }
    let runs = open.into_values().flatten();
    runs.map(|(run, record)| ranged(versions, within, run, record.clone())).collect()
}

/// A record with the bounds that are not those of what holds it.
fn ranged(versions: &[&str], within: Run, run: Run, mut record: Record) -> Record {
    if let (true, Some(since)) = (run.from > within.from, versions.get(run.from)) {
        record.insert("since".to_owned(), Value::from(*since));
    }
    if let (true, Some(until)) = (run.to < within.to, versions.get(run.to)) {
        record.insert("until".to_owned(), Value::from(*until));
    }
    record
}

/// Bodies: one record for every run of versions that has the struct, its fields and hashes folded within that run.
fn bodies(versions: &[&str], by_version: &[Vec<&Map<String, Value>>], one: bool) -> Vec<Record> {
    let mut by_name: BTreeMap<&str, BTreeMap<usize, &Map<String, Value>>> = BTreeMap::new();
    for (at, records) in by_version.iter().enumerate() {
        for &record in records {
            by_name.entry(name(record)).or_default().insert(at, record);
        }
    }
    let mut out = Vec::new();
    for (name, at) in by_name {
        let mut stretches = runs(at.keys().copied());
        if let (true, Some(first), Some(last)) = (one, stretches.first().copied(), stretches.last().copied()) {
            stretches = vec![Run { from: first.from, to: last.to }];
        }
        for run in stretches {
            let mut record = Record::new();
            record.insert("name".to_owned(), Value::from(name));
            for key in ["validate", "defaults"] {
                let hashes = hashes(versions, run, &at, key);
                if !hashes.is_empty() {
                    record.insert(key.to_owned(), hashes.into_iter().map(Value::Object).collect());
                }
            }
            let fields: Vec<_> = (0..run.to).map(|v| list(at.get(&v).and_then(|b| b.get("fields")))).collect();
            let fields = fold(versions, run, &fields);
            record.insert("fields".to_owned(), fields.into_iter().map(Value::Object).collect());
            out.push(ranged(versions, Run { from: 0, to: versions.len() }, run, record));
        }
    }
    out
}

/// The versions in which a body's method had which text.
fn hashes(versions: &[&str], within: Run, at: &BTreeMap<usize, &Map<String, Value>>, key: &str) -> Vec<Record> {
    let mut found: Vec<(Run, &Value)> = Vec::new();
    for v in within.from..within.to {
        let Some(hash) = at.get(&v).and_then(|b| b.get(key)) else { continue };
        match found.last_mut() {
            Some((run, last)) if run.to == v && *last == hash => run.to = v + 1,
            _ => found.push((Run { from: v, to: v + 1 }, hash)),
        }
    }
    let record = |hash: &Value| Record::from_iter([("hash".to_owned(), hash.clone())]);
    found.into_iter().map(|(run, hash)| ranged(versions, within, run, record(hash))).collect()
}

fn runs(indices: impl Iterator<Item = usize>) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    for at in indices {
        match out.last_mut() {
            Some(run) if run.to == at => run.to = at + 1,
            _ => out.push(Run { from: at, to: at + 1 }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_that_went_and_came_back_is_two() {
        let there = json!({"types": [{"name": "a"}, {"name": "b", "open": true}]});
        let gone = json!({"types": [{"name": "b", "open": true}]});
        let snapshots = [there.clone(), gone, there];
        let folded = section(&["1.0.0", "1.1.0", "1.2.0"], &snapshots, "types", false);
        let want =
            json!([{"name": "a", "until": "1.1.0"}, {"name": "a", "since": "1.2.0"}, {"name": "b", "open": true}]);
        assert_eq!(json!(folded), want);
    }

    #[test]
    fn a_body_that_types_name_is_one_record() {
        let there = json!({"bodies": [{"name": "a", "fields": [{"name": "f"}]}]});
        let snapshots = [there.clone(), json!({"bodies": []}), there];
        let folded = section(&["1.0.0", "1.1.0", "1.2.0"], &snapshots, "bodies", true);
        let want = json!([{"name": "a", "fields": [{"name": "f", "until": "1.1.0"}, {"name": "f", "since": "1.2.0"}]}]);
        assert_eq!(json!(folded), want);
    }

    #[test]
    fn fields_need_no_range_when_their_body_has_it() {
        let body = |default: u32| json!({"bodies": [{"name": "b", "validate": "aa", "fields": [{"name": "f", "default": default}, {"name": "g"}]}]});
        let snapshots = [json!({"bodies": []}), body(1), body(2)];
        let folded = section(&["1.0.0", "1.1.0", "1.2.0"], &snapshots, "bodies", false);
        let want = json!([{"name": "b", "since": "1.1.0", "validate": [{"hash": "aa"}], "fields": [
            {"name": "f", "default": 1, "until": "1.2.0"}, {"name": "f", "default": 2, "since": "1.2.0"}, {"name": "g"},
        ]}]);
        assert_eq!(json!(folded), want);
    }
}
