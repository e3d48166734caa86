use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::source::{SourceId, Sources};

fn read(text: &str) -> (Document, Vec<ParseError>) {
    yaml(SourceId(0), &Arc::from(text), Dialect::V2)
}

fn slice(text: &str, span: Span) -> &str {
    &text[span.range()]
}

#[test]
fn a_path_of_keys_leads_to_a_value_with_its_span() {
    let text = "a:\n  b: [1, \"two\"] # why\n  c: yes\n";
    let (doc, errors) = read(text);
    assert_eq!(errors, []);
    let root = doc.root().unwrap();
    let two = root.at(&["a", "b"]).unwrap().items().nth(1).unwrap();
    assert_eq!(two.as_str(), Some("two"));
    assert_eq!(slice(text, two.span()), "\"two\"");
    assert_eq!(slice(text, two.inner()), "two");
    assert_eq!(slice(text, root.at(&["a", "b"]).unwrap().span()), "[1, \"two\"]");
    assert_eq!(root.at(&["a", "c"]).unwrap().as_bool(), Some(true));
    assert_eq!(doc.comments().map(|c| c.1.trim().to_owned()).collect::<Vec<_>>(), ["why"]);
    assert_eq!(slice(text, root.get("a").unwrap().span()), "b: [1, \"two\"] # why\n  c: yes");
}

#[test]
fn merges_come_after_own_keys_and_aliases_are_followed() {
    let (doc, errors) = read("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz: *x\n");
    assert_eq!(errors, []);
    let root = doc.root().unwrap();
    let y = root.get("y").unwrap();
    assert_eq!(y.get("a").unwrap().as_i64(), Some(1));
    assert_eq!(y.get("b").unwrap().as_i64(), Some(3));
    assert_eq!(y.entries().iter().map(|e| e.name()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(root.at(&["z", "b"]).unwrap().as_i64(), Some(2));
}

#[test]
fn anchors_on_scalars_and_empty_collections_are_found() {
    let (doc, errors) = read("a: &i grafana/tempo\nb: *i\nc: &e []\nd: *e\n");
    assert_eq!(errors, []);
    let root = doc.root().unwrap();
    assert_eq!(root.get("b").unwrap().as_str(), Some("grafana/tempo"));
    assert!(root.get("d").unwrap().is_seq());
}

#[test]
fn broken_text_is_read_up_to_its_fault() {
    let (doc, errors) = read("a: 1\nb: [1, 2\nc: }\n");
    assert_eq!(errors.len(), 1);
    assert_eq!(doc.root().unwrap().get("a").unwrap().as_i64(), Some(1));
    let (doc, errors) = read("a: *nobody\n");
    assert_eq!(errors[0].message, "unknown anchor `nobody`");
    assert!(doc.root().unwrap().get("a").unwrap().is_null());
    let (_, errors) = read("a: &a [*a]\n");
    assert_eq!(errors[0].message, "anchor `a` contains itself");
}

#[test]
fn keys_that_stand_twice_are_listed() {
    let text = "a: 1\nb: 2\na: 3\n";
    let (doc, _) = read(text);
    assert_eq!(doc.duplicates().len(), 1);
    assert_eq!(doc.duplicates()[0].span.start, 10);
    assert_eq!(doc.root().unwrap().get("a").unwrap().as_i64(), Some(3));
}

#[test]
fn a_part_of_a_decoded_text_has_its_span() {
    for (text, part) in [
        ("a: |\n  sum(\n    rate(x[5m])\n  )\n", "rate(x[5m])"),
        ("a: >-\n  sum(\n  rate(x[5m])\n  )\n", "rate(x[5m])"),
        ("a: \"tab\\t \\u0041 rate(x)\"\n", "rate(x)"),
        ("a: 'it''s rate(x)'\n", "rate(x)"),
        ("a: plain\n  over rate(x)\n  lines\n", "rate(x)"),
        ("a: verbatim rate(x)\n", "rate(x)"),
    ] {
        let (doc, errors) = read(text);
        assert_eq!(errors, [], "{text}");
        let value = doc.root().unwrap().get("a").unwrap().text().unwrap();
        let at = value.value().find(part).unwrap();
        assert_eq!(slice(text, value.span(at..at + part.len())), part, "{text}");
    }
    let text = r#"{"a": "x \"q\" é \u00e9 rate(y)"}"#;
    let (doc, errors) = json(SourceId(0), &Arc::from(text));
    assert_eq!(errors, []);
    let value = doc.root().unwrap().get("a").unwrap().text().unwrap();
    assert_eq!(value.value(), "x \"q\" é é rate(y)");
    let at = value.value().find("rate").unwrap();
    assert_eq!(slice(text, value.span(at..at + 7)), "rate(y)");
    assert_eq!(slice(text, value.span(2..3)), "\\\"");
}

#[test]
fn json_is_as_strict_as_gos() {
    for good in ["{}", "[]", "null", "-0.5e+3", r#"{"a":[1,{"b":"\ud83d\ude00"}]}"#, " true "] {
        assert_eq!(json(SourceId(0), &Arc::from(good)).1, [], "{good}");
    }
    for bad in ["", "{", "[1,]", "{\"a\":1,}", "01", "1.", "'a'", "{a:1}", "\"\t\"", "\"\\x\"", "[1 2]", "{} {}", "nul"]
    {
        assert_eq!(json(SourceId(0), &Arc::from(bad)).1.len(), 1, "{bad}");
    }
}

#[test]
fn sections_and_variables_are_maps() {
    let text = "; c\n[security]\nadmin_password = secret\n\n[auth.anonymous]\nenabled=true\n";
    let (doc, errors) = ini(SourceId(0), &Arc::from(text));
    assert_eq!(errors, []);
    let root = doc.root().unwrap();
    assert_eq!(root.at(&["security", "admin_password"]).unwrap().scalar(), Some("secret"));
    assert_eq!(root.at(&["auth.anonymous", "enabled"]).unwrap().as_bool(), Some(true));
    read_as_ini_v1_does();
    let text = "# c\nexport A=1\nB=\"x\\ny\" # d\nC='$raw'\nD=a b # e\nE=\nF: g\n";
    let (doc, errors) = dotenv(SourceId(0), &Arc::from(text));
    assert_eq!(errors, []);
    let root = doc.root().unwrap();
    let value = |name: &str| root.get(name).and_then(|n| n.scalar()).map(str::to_owned);
    assert_eq!(value("A").as_deref(), Some("1"));
    assert_eq!(value("B").as_deref(), Some("x\ny"));
    assert_eq!(value("C").as_deref(), Some("$raw"));
    assert_eq!(value("D").as_deref(), Some("a b"));
    assert_eq!(value("E").as_deref(), Some(""));
    assert_eq!(value("F").as_deref(), Some("g"));
}

/// What `gopkg.in/ini.v1@v1.67.0` makes of each text, asked of it.
fn read_as_ini_v1_does() {
    type Setting = (&'static str, &'static str, &'static str);
    let cases: [(&str, &[Setting]); 14] = [
        ("a = b#c\n", &[("", "a", "b")]),
        ("a = \"b;c\"\n", &[("", "a", "\"b")]),
        ("a = \"\"\"b#c\"\"\"\n", &[("", "a", "b#c")]),
        ("a = `b\nc;d` x\ne=f\n", &[("", "a", "b\nc;d"), ("", "e", "f")]),
        ("a = b\\\n  c # d\n[x]\nk: v\n", &[("", "a", "bc # d"), ("x", "k", "v")]),
        ("[x] y\n'k'=1\n\"k=2\"=3\n", &[("x", "'k'", "1"), ("x", "k=2", "3")]),
        ("a=\n b = 'c'\n", &[("", "a", ""), ("", "b", "c")]),
        ("a = \"b\" c\n", &[("", "a", "\"b\" c")]),
        ("a = \"\"\"\nb\n\"\"\"\n", &[("", "a", "\nb\n")]),
        ("a = \"b\"c\"\n", &[("", "a", "\"b\"c\"")]),
        ("a = b \\\n\nc=d\n", &[("", "a", "b "), ("", "c", "d")]),
        ("a = x ; y\n", &[("", "a", "x")]),
        ("`k` = 1\n", &[("", "k", "1")]),
        ("[s]\r\na = 1\r\n", &[("s", "a", "1")]),
    ];
    for (text, wanted) in cases {
        let (doc, errors) = ini(SourceId(0), &Arc::from(text));
        assert_eq!(errors, [], "{text:?}");
        let mut found = Vec::new();
        for section in doc.root().unwrap().own_entries() {
            found.extend(section.value.own_entries().map(|e| (section.name(), e.name(), e.value.scalar().unwrap())));
        }
        assert_eq!(found, wanted, "{text:?}");
    }
    for refused in ["a\n", "=b\n", "[x\n", "a = \"\"\"x\n", "\"a = b\n"] {
        assert_eq!(ini(SourceId(0), &Arc::from(refused)).1.len(), 1, "{refused:?}");
    }
}

#[test]
fn deep_nesting_and_alias_bombs_are_harmless() {
    let deep = "[".repeat(100_000);
    assert_eq!(json(SourceId(0), &Arc::from(deep.as_str())).1.len(), 1);
    assert!(!read(&deep).1.is_empty());
    let mut bomb = String::from("a0: &a0 {x: 1}\n");
    for i in 1..40 {
        bomb.push_str(&format!("a{i}: &a{i}\n  <<: [*a{0}, *a{0}, *a{0}]\n  k{i}: 1\n", i - 1));
    }
    let (doc, errors) = read(&bomb);
    assert_eq!(errors[0].message, "the document contains excessive aliasing");
    let last = doc.root().unwrap().get("a39").unwrap();
    assert_eq!(last.get("k39").unwrap().as_i64(), Some(1));
    assert!(last.entries().len() <= 10_000);
}

#[test]
fn merges_follow_the_order_of_the_dialect() {
    let text = "x: &x {a: 1, b: 2, c: 9}\nz: &z {c: 3}\ny:\n  b: 3\n  <<: [*z, *x]\n  \"<<\": 5\n";
    for (dialect, b) in [(Dialect::V2, 2), (Dialect::V3, 3), (Dialect::V4, 3)] {
        let (doc, errors) = yaml(SourceId(0), &Arc::from(text), dialect);
        assert_eq!(errors, []);
        let y = doc.root().unwrap().get("y").unwrap();
        let of = |key: &str| y.get(key).and_then(|n| n.as_i64());
        assert_eq!((of("a"), of("b"), of("c"), of("<<")), (Some(1), Some(b), Some(3), Some(5)), "{dialect:?}");
        let mut names: Vec<(&str, Option<i64>)> = y.entries().iter().map(|e| (e.name(), e.value.as_i64())).collect();
        names.sort_unstable();
        assert_eq!(names, [("<<", Some(5)), ("a", Some(1)), ("b", Some(b)), ("c", Some(3))], "{dialect:?}");
    }
}

#[test]
fn a_block_spans_from_its_header_to_its_last_line() {
    for (text, block, part) in [
        ("a:\n  b: |+ # why | not\n\n    x\n     y\n\n  c: 1\n", "|+ # why | not\n\n    x\n     y", "y"),
        (
            "a:\n  b: >-\n    one\n    two\n\n      more\n    end\n  c: 1\n",
            ">-\n    one\n    two\n\n      more\n    end",
            "more",
        ),
        ("a:\r\n  b: |\r\n    one  \r\n    two\r\n  c: 1\r\n", "|\r\n    one  \r\n    two", "two"),
        ("a:\n  b: |2\n      \n    y\n  c: 1\n", "|2\n      \n    y", "y"),
    ] {
        let (doc, errors) = read(text);
        assert_eq!(errors, [], "{text:?}");
        let node = doc.root().unwrap().at(&["a", "b"]).unwrap();
        assert_eq!(slice(text, node.span()), block);
        let value = node.text().unwrap();
        let at = value.value().find(part).unwrap();
        assert_eq!(slice(text, value.span(at..at + part.len())), part);
        assert_eq!(doc.root().unwrap().at(&["a", "c"]).unwrap().as_i64(), Some(1));
    }
}

#[test]
fn a_value_that_is_not_written_stands_after_its_key() {
    let text = "a:\n\n\nb: 1\n";
    let (doc, _) = read(text);
    let span = doc.root().unwrap().get("a").unwrap().span();
    assert_eq!((span.start, span.end), (2, 2));
}

#[test]
fn a_big_map_is_looked_up_by_every_key() {
    let mut text = String::new();
    for i in 0..20_000 {
        text.push_str(&format!("key{}: {i}\n", i % 19_999));
    }
    let (doc, errors) = read(&text);
    assert_eq!(errors, []);
    assert_eq!(doc.duplicates().len(), 1);
    let root = doc.root().unwrap();
    assert_eq!(root.get("key0").unwrap().as_i64(), Some(19_999));
    for i in 1..19_999 {
        assert_eq!(root.get(&format!("key{i}")).unwrap().as_i64(), Some(i));
    }
}

#[test]
fn a_broken_document_costs_one_error_and_leaves_the_next_whole() {
    let text = "a: 1\nb: [1, }\n\tc: %\n---\nd: 2\n---\ne: @\n";
    let (doc, errors) = read(text);
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(doc.roots().map(|r| r.entries().len()).collect::<Vec<_>>()[..2], [2, 1]);
    assert_eq!(doc.roots().nth(1).unwrap().get("d").unwrap().as_i64(), Some(2));
}

/// Every node's span lies in the text and every scalar's parts do.
fn sound(text: &str, doc: &Document) {
    let mut stack: Vec<Node<'_>> = doc.roots().collect();
    while let Some(node) = stack.pop() {
        let span = node.span();
        assert!(span.start <= span.end && text.get(span.range()).is_some(), "{span:?} of {text:?}");
        if let Some(value) = node.text() {
            for (i, c) in value.value().char_indices() {
                let part = value.span(i..i + c.len_utf8());
                assert!(part.start <= part.end && text.get(part.range()).is_some(), "{part:?} of {text:?}");
            }
        }
        if !node.is_alias() {
            stack.extend(node.items());
            stack.extend(node.entries().iter().flat_map(|e| [e.key, e.value]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_without_a_panic(text in "[a-c:\\-\\[\\]{}\"'\\\\ \n#&*|>,!%@é\t<0-9u~=;]{0,80}") {
        let shared: Arc<str> = Arc::from(text.as_str());
        for dialect in [Dialect::V2, Dialect::V3, Dialect::V4] {
            sound(&text, &yaml(SourceId(0), &shared, dialect).0);
        }
        sound(&text, &json(SourceId(0), &shared).0);
        sound(&text, &ini(SourceId(0), &shared).0);
        sound(&text, &dotenv(SourceId(0), &shared).0);
    }
}

#[test]
fn sources_share_their_text() {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", "a: 1\n");
    let (doc, _) = yaml(id, sources.shared(id), Dialect::V2);
    assert_eq!(sources.slice(doc.root().unwrap().get("a").unwrap().span()), "1");
}

#[test]
fn a_colon_that_no_blank_follows_is_part_of_a_word() {
    // As `gopkg.in/yaml.v2@v2.4.0`, `gopkg.in/yaml.v3@v3.0.1` and `go.yaml.in/yaml/v4@v4.0.0-rc.4` read them.
    let words = |text: &str, dialect| {
        let (doc, errors) = yaml(SourceId(0), &Arc::from(text), dialect);
        assert_eq!(errors, [], "{text}");
        let root = doc.root().unwrap();
        let list = if root.is_seq() { root } else { root.get("x").unwrap() };
        let shown = |n: Node<'_>| match n.scalar() {
            Some(word) => format!("{word}|{}", slice(text, n.span())),
            None => format!("{:?}", n.kind()),
        };
        list.items().map(shown).collect::<Vec<_>>()
    };
    for dialect in [Dialect::V2, Dialect::V3, Dialect::V4] {
        let words = |text| words(text, dialect);
        assert_eq!(words("[80:, x]"), ["80:|80:", "x|x"]);
        assert_eq!(words("{x: [80:, 81:]}"), ["80:|80:", "81:|81:"]);
        assert_eq!(words("x: [http://x:, a b:]"), ["http://x:|http://x:", "a b:|a b:"]);
        assert_eq!(words("[a:]"), ["a:|a:"]);
        assert_eq!(words("[a: , [b:], {c:}, d:]"), ["Map", "Seq", "Map", "d:|d:"]);
        assert_eq!(words("['a':, a: b]"), ["Map", "Map"]);
        let (doc, errors) = yaml(SourceId(0), &Arc::from("{a:, b: 1, c: {d:}}"), dialect);
        assert_eq!(errors, []);
        let root = doc.root().unwrap();
        assert_eq!(root.entries().iter().map(|e| e.name()).collect::<Vec<_>>(), ["a:", "b", "c"]);
        assert!(root.get("a:").unwrap().is_null() && root.at(&["c", "d:"]).unwrap().is_null());
    }
    assert_eq!(words("[x, ::, :]", Dialect::V4), ["x|x", "::|::", ":|:"]);
}

/// Each was given to go-yaml v2.4.0, v3.0.1 and v4.0.0-rc.6.
#[test]
fn what_go_takes_and_the_specification_does_not_is_read() {
    let value = |text: &str, key: &str| {
        let (doc, errors) = read(text);
        assert_eq!(errors, [], "{text}");
        doc.root().unwrap().get(key).unwrap().as_str().unwrap().to_owned()
    };
    assert_eq!(value("a: \"it\\'s \\'\\\\'\"\n", "a"), "it's '\\'");
    assert_eq!(value("a: \"x\"#c\nb: z\n", "b"), "z");
    assert_eq!(value("a: [\"x\",# c\n  y]#d\nb: z\n", "b"), "z");
    assert_eq!(value("a: {\n\t\"b\": 1,\n\t\"c\": 2\n  }\nd: e\n", "d"), "e");
    let (doc, _) = read("a: \"x\"#c\nb: z # d\n");
    assert_eq!(doc.comments().map(|c| c.1.trim().to_owned()).collect::<Vec<_>>(), ["c", "d"]);
    for (dialect, takes) in [(Dialect::V2, false), (Dialect::V3, true), (Dialect::V4, true)] {
        let (_, errors) = yaml(SourceId(0), &Arc::from("a: |# c\n  x\n"), dialect);
        assert_eq!(errors.is_empty(), takes, "{dialect:?}");
    }
}

/// The same readers.
#[test]
fn what_go_refuses_and_the_specification_does_not_is_told() {
    for text in ["a: \"\\ud83d\\ude00\"\n", "a: |\n  \tx\n", "a: \"\\q\"\n", "a: 1\n\tb: 2\n"] {
        assert_eq!(read(text).1.len(), 1, "{text}");
    }
    for text in ["a: \"\\u00e9\"\n", "a: |2\n  \tx\n", "a: |\n  x\n  \ty\n"] {
        assert_eq!(read(text).1, [], "{text}");
    }
}

/// Each place that only Go takes is found by reading again.
#[test]
fn very_many_places_that_only_go_takes_end() {
    let text = "- \"\\'\"\n".repeat(30_000);
    let (doc, errors) = read(&text);
    assert!(doc.root().is_some());
    assert_eq!(errors.len(), 1);
}
