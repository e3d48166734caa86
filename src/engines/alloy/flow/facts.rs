//! Which signals pass through a component, as data (`schemas/overlay/alloy-flow/`).

use crate::catalogue::{Range, Version};
use crate::symbol::Signal;

/// Where a component stands on the way of its signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engines::alloy) enum Part {
    /// It makes signals, or takes them from outside.
    Receiver,
    /// It passes on what it takes, signal by signal.
    Processor,
    /// It makes something else of what it takes.
    Connector,
    /// It is where they leave.
    Exporter,
}

/// What is known of a component.
#[derive(Debug)]
pub(in crate::engines::alloy) struct Facts {
    name: &'static str,
    /// Where it stands.
    pub(in crate::engines::alloy) part: Part,
    /// What its `input` accepts; `None` = not known.
    pub(in crate::engines::alloy) takes: Option<&'static [Signal]>,
    /// What may be listed in its `output`; `None` = not known.
    pub(in crate::engines::alloy) gives: Option<&'static [Signal]>,
    range: Range,
}

/// The facts of a component at a version.
pub(super) fn facts(name: &str, version: Version) -> Option<&'static Facts> {
    let from = FACTS.partition_point(|f| f.name < name);
    FACTS[from..].iter().take_while(|f| f.name == name).find(|f| f.range.holds(version))
}

include!(concat!(env!("OUT_DIR"), "/alloy_flow.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::schema;

    #[test]
    fn every_component_that_is_described_exists_and_takes_or_gives_as_its_type_says() {
        let schema = schema("alloy").unwrap();
        for facts in FACTS {
            let ever = schema.versions().filter_map(|v| schema.at(v).root(facts.name)).next_back();
            let Some(root) = ever else {
                assert!(schema.root_ever(facts.name).is_none());
                continue;
            };
            let input = root.exports().is_some_and(|e| e.field("input").is_some());
            if facts.part != Part::Receiver {
                assert!(input, "{} has no `input`", facts.name);
            }
            assert_eq!(facts.takes.is_some(), facts.part != Part::Receiver, "{}", facts.name);
            let output = root.body().is_some_and(|b| b.field("output").is_some());
            assert_eq!(facts.gives.is_some(), output, "{}", facts.name);
        }
    }

    #[test]
    fn facts_are_found_by_name() {
        let version = Version::new(1, 11, 3);
        let sampler = facts("otelcol.processor.tail_sampling", version).unwrap();
        assert_eq!((sampler.part, sampler.takes), (Part::Processor, Some(&[Signal::Traces][..])));
        assert!(facts("otelcol.exporter.kafka", version).is_none());
    }
}
