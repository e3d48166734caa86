//! Presets: commented specs that `vispyr init` writes as they are.

include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// Every preset by name, with its text; its first line is a comment that sums it up.
pub fn presets() -> &'static [(&'static str, &'static str)] {
    PRESETS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;
    use crate::spec::{Layout, decode};

    #[test]
    fn presets_decode_without_findings_and_start_with_a_summary() {
        assert!(presets().iter().map(|(n, _)| *n).eq(["agent-gateway", "single-host"]));
        for (name, text) in presets() {
            let (spec, found) = decode(SourceId(0), text);
            assert!(found.is_empty(), "{name}: {found:?}");
            let layout = spec.map(|s| s.stack.layout.value);
            assert_eq!(layout, Some(if *name == "single-host" { Layout::SingleHost } else { Layout::AgentGateway }));
            let first = text.lines().next().unwrap_or_default();
            assert!(first.starts_with("# ") && !first.starts_with("#:"), "{name}: {first}");
        }
    }
}
