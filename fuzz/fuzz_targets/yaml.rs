//! Any text is read, and every span lies in it.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use vispyr::parse::{Dialect, Node, dotenv, ini, json, yaml};
use vispyr::source::SourceId;

fn walk(text: &str, root: Option<Node<'_>>) {
    let mut stack: Vec<Node<'_>> = root.into_iter().collect();
    while let Some(node) = stack.pop() {
        assert!(text.get(node.span().range()).is_some());
        if let Some(value) = node.text() {
            assert!(text.get(value.span(0..value.value().len()).range()).is_some());
        }
        if !node.is_alias() {
            stack.extend(node.items());
            stack.extend(node.entries().iter().flat_map(|e| [e.key, e.value]));
        }
    }
}

fuzz_target!(|text: &str| {
    let shared: Arc<str> = Arc::from(text);
    for dialect in [Dialect::V2, Dialect::V3, Dialect::V4] {
        walk(text, yaml(SourceId(0), &shared, dialect).0.root());
    }
    walk(text, json(SourceId(0), &shared).0.root());
    walk(text, ini(SourceId(0), &shared).0.root());
    walk(text, dotenv(SourceId(0), &shared).0.root());
});
