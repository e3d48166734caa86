use super::*;

fn at(version: Version) -> At {
    schema("alloy").unwrap().at(version)
}

#[test]
fn a_name_is_found_at_the_releases_that_have_it() {
    let old = at(Version::new(1, 5, 1));
    assert!(old.root("otelcol.receiver.opencensus").is_some());
    assert!(at(Version::new(1, 19, 0)).root("otelcol.receiver.opencensus").is_none());
    let held = old.schema().root_ever("otelcol.receiver.opencensus").unwrap();
    assert_eq!(held.since(), None);
    assert!(held.until().is_some_and(|v| v > Version::new(1, 11, 3)));
    assert!(old.root("no.such.component").is_none());
    assert!(schema("no-engine").is_none());
}

#[test]
fn a_body_tells_its_fields_with_types_and_defaults() {
    let scrape = at(Version::new(1, 11, 3)).root("prometheus.scrape").unwrap().body().unwrap();
    let interval = scrape.field("scrape_interval").unwrap();
    assert_eq!(interval.kind(), FieldKind::Attribute);
    assert!(matches!(interval.ty().kind(), TypeKind::Duration));
    assert_eq!(interval.default(), Some("\"1m0s\""));
    let targets = scrape.field("targets").unwrap();
    assert!(targets.required());
    let TypeKind::List(element) = targets.ty().kind() else { panic!("{:?}", targets.ty()) };
    assert!(matches!(element.kind(), TypeKind::Capsule("component/discovery.Target")));
    assert!(scrape.field("scrape_intervall").is_none());
    assert!(scrape.fields().count() > 30);
}

#[test]
fn a_field_that_moved_is_told_by_its_releases() {
    let kafka = at(Version::new(1, 19, 0)).root("otelcol.receiver.kafka").unwrap().body().unwrap();
    assert!(kafka.field("topic").is_none());
    assert!(kafka.field_ever("topic").is_some_and(|h| h.until().is_some()));
}

#[test]
fn every_word_of_the_table_points_into_it() {
    let schema = schema("alloy").unwrap();
    for version in schema.versions() {
        let at = schema.at(version);
        assert!(at.exact());
        for root in at.roots() {
            assert!(!root.name().is_empty());
            let bodies = root.body().into_iter().chain(root.exports());
            let mut open: Vec<_> = bodies.collect();
            let mut seen = std::collections::HashSet::new();
            while let Some(body) = open.pop() {
                if !seen.insert(body.number()) {
                    continue;
                }
                assert!(!body.name().is_empty());
                for field in body.fields() {
                    assert_eq!(field.name().is_empty(), field.kind() == FieldKind::Label, "{}", body.name());
                    let block = matches!(field.kind(), FieldKind::Block | FieldKind::Enum);
                    assert_eq!(field.body().is_some(), block, "{}.{}", body.name(), field.name());
                    open.extend(field.body());
                    if let Some(default) = field.default() {
                        assert!(serde_json::from_str::<serde_json::Value>(default).is_ok(), "{default}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_version_that_was_not_read_says_so() {
    let schema = schema("alloy").unwrap();
    assert!(!schema.at(Version::new(9, 0, 0)).exact());
    assert!(!schema.at(Version::new(0, 1, 0)).exact());
    assert_eq!(schema.at(Version::new(0, 1, 0)).version(), schema.versions().next().unwrap());
}

#[test]
fn a_file_and_the_command_line_are_roots_of_their_own_kind() {
    let at = schema("tempo").unwrap().newest();
    assert_eq!(at.root("config").map(Root::kind), Some(RootKind::File));
    assert!(
        at.file("config").is_some()
            && at.flags().unwrap().field("config.expand-env").is_some()
            && at.file("rules").is_none()
    );
    assert!(!at.roots().any(Root::is_component));
    assert!(schema("alloy").unwrap().newest().flags().is_none());
}
