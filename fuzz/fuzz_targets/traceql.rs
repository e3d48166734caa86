//! Any query is read or refused, with ranges inside it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::lang::traceql::{Release, parse};

fuzz_target!(|text: &str| {
    for release in [Release::NEWEST, Release(2, 3)] {
        match parse(text, release) {
            Ok(query) => assert!(query.attributes.iter().all(|a| text.get(a.span.clone()) == Some(&a.text))),
            Err(error) => assert!(text.get(error.span).is_some()),
        }
    }
});
