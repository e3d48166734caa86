//! Any query or selector is read or refused, with ranges inside it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::lang::logql::{parse, selector};
use vispyr::lang::re2::Go;

fuzz_target!(|text: &str| {
    match parse(text, Go::NEWEST) {
        Ok(query) => {
            for expr in &query.exprs {
                assert!(text.get(expr.span.clone()).is_some());
            }
            for error in &query.late {
                assert!(text.get(error.span.clone()).is_some());
            }
            for logs in query.logs() {
                assert!(text.get(logs.selector.clone()).is_some());
                assert!(logs.stages.iter().all(|s| text.get(s.span.clone()).is_some()));
            }
        }
        Err(error) => assert!(text.get(error.span).is_some()),
    }
    match selector::parse(text, Go::NEWEST) {
        Ok(selector) => assert!(!selector.matchers.is_empty()),
        Err(error) => assert!(text.get(error.span).is_some()),
    }
});
