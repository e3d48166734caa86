//! Any `vispyr.toml` is decoded or refused; what decodes can be planned and emitted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vispyr::source::SourceId;

fuzz_target!(|text: &str| {
    if let (Some(spec), _) = vispyr::spec::decode(SourceId(0), text) {
        let stack = vispyr::stack::plan(&spec);
        let _ = vispyr::emit::emit(&stack, &vispyr::engines::emitter, vispyr::targets::EMITTERS);
    }
});
