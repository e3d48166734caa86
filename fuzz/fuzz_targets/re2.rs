//! Any expression is read or refused, with ranges inside it, and a newer Go names the same groups.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::lang::re2::{Go, parse, parse_anchored};

fuzz_target!(|text: &str| {
    for go in [Go(21), Go(22), Go::NEWEST] {
        match parse(text, go) {
            Ok(info) => {
                for group in info.groups.iter().flatten() {
                    assert_eq!(text.get(group.span.clone()), Some(group.name.as_str()));
                }
            }
            Err(error) => assert!(text.get(error.span).is_some()),
        }
        if let Err(error) = parse_anchored(text, go) {
            assert!(text.get(error.span).is_some());
        }
    }
});
