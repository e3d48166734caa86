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

/// The table of an engine with two roots, as `build/schema.rs` lays it out.
fn small() -> Schema {
    let always = 1 << 16;
    let sections: [Vec<u32>; 11] = [
        vec![1, 2, 3],
        vec![0, 2, 1, 0, always, 1, 3, 2, 0, always],
        vec![2, 0, 0, 0, 0, 0, always, 1, 0, 1, 0, 0, 0, always],
        vec![3, 0, 0, 0, 0, 0, 0, 0, 0, always],
        vec![],
        vec![2, 0],
        vec![],
        vec![],
        vec![],
        vec![],
        vec![0, 6, 11, 22, 33],
    ];
    let mut words = Vec::new();
    let mut at = sections.len() as u32 + 1;
    for section in &sections {
        words.push(at);
        at += section.len() as u32;
    }
    words.push(at);
    words.extend(sections.into_iter().flatten());
    let words: Vec<[u8; 4]> = words.into_iter().map(u32::to_le_bytes).collect();
    Schema { words: words.leak(), texts: "configflagsfile.Configconfig.test" }
}

#[test]
fn a_file_and_the_command_line_are_roots_of_their_own_kind() {
    let at = small().at(Version::new(1, 2, 3));
    assert_eq!(at.root("config").map(Root::kind), Some(RootKind::File));
    assert_eq!(at.root("flags").map(Root::kind), Some(RootKind::Flags));
    assert_eq!(at.file("config").map(Body::name), Some("file.Config"));
    assert!(at.file("flags").is_none() && at.file("rules").is_none());
    assert!(at.flags().unwrap().field("config.test").is_some());
    assert!(!at.roots().any(Root::is_component));
    assert!(schema("alloy").unwrap().newest().flags().is_none());
}
