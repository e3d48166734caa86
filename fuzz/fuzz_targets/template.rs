//! Templates of alerts, and quantities: any text is read without a panic, and what is wrong lies in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::lang::quantity;
use vispyr::lang::template::{self, Names};

fuzz_target!(|text: &str| {
    let names = Names { functions: &["humanize", "query", "first", "value"], variables: &["$labels", "$value"] };
    if let Err(error) = template::check(text, names) {
        assert!(text.get(error.range).is_some());
    }
    let _ = quantity::prometheus_duration(text);
});
