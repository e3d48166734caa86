use super::*;
use crate::catalogue::schema;

fn changes() -> Vec<String> {
    let (old, new) = (Version::new(1, 5, 1), Version::new(1, 11, 3));
    schema("alloy").unwrap().changes(old, new).map(|c| c.to_string()).collect()
}

#[test]
fn what_went_came_and_changed_is_listed_where_a_file_has_it() {
    let all = changes();
    for expected in [
        "otelcol.connector.servicegraph database_name_attribute: removed",
        "otelcol.connector.servicegraph database_name_attributes: added",
        "prometheus.write.queue endpoint parallelism: Attribute → Block",
        "otelcol.processor.batch send_batch_size: default 8192 → 2000",
        "prometheus.remote_write endpoint enable_http2: default true → unset",
        "prometheus.exporter.oracledb custom_metrics: capsule(syntax/alloytypes.OptionalSecret) → list(string)",
        "otelcol.exporter.splunkhec: added",
        "beyla.ebpf: public-preview → generally-available",
        "beyla.ebpf discovery services: no longer required",
    ] {
        assert!(all.iter().any(|c| c == expected), "{expected}");
    }
    assert!(!all.iter().any(|c| c.starts_with("prometheus.relabel forward_to")), "the same at both");
}

#[test]
fn nothing_changes_between_a_release_and_itself() {
    let schema = schema("alloy").unwrap();
    for version in schema.versions() {
        assert_eq!(schema.changes(version, version).count(), 0, "{version}");
    }
}
