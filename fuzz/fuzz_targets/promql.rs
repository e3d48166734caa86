//! Any text is parsed or refused, with ranges inside it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::lang::promql::{Options, parse, parse_template};

fuzz_target!(|text: &str| {
    for options in [Options::default(), Options::EXPERIMENTAL] {
        if let Err(errors) = parse(text, options) {
            for error in errors {
                assert!(text.get(error.range).is_some());
            }
        }
    }
    let _ = parse_template(text, Options::default());
});
