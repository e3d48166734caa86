//! Every file that both presets become, at two versions of each engine: what a change to an emitter changes.

use std::fmt::Write as _;

use crate::adapter::generate;

/// The pins of `schemas/`, and an older release of each engine.
const OLDER: &str =
    "\n[versions]\nalloy = \"1.10.2\"\nprometheus = \"2.55.1\"\ntempo = \"2.10.8\"\npyroscope = \"1.21.1\"\n";

fn tree(preset: &str, versions: &str) -> String {
    let text = vispyr::spec::presets().iter().find(|(n, _)| *n == preset).unwrap().1;
    let mut out = String::new();
    for file in generate(&format!("{text}{versions}")).1 {
        let _ = write!(out, "=== {} ({})\n{}", file.path, file.kind, file.content);
    }
    out
}

#[test]
fn every_file_of_single_host_at_the_pinned_versions() {
    insta::assert_snapshot!("single-host pinned", tree("single-host", ""));
}

#[test]
fn every_file_of_single_host_at_older_versions() {
    insta::assert_snapshot!("single-host older", tree("single-host", OLDER));
}

#[test]
fn every_file_of_agent_gateway_at_the_pinned_versions() {
    insta::assert_snapshot!("agent-gateway pinned", tree("agent-gateway", ""));
}

#[test]
fn every_file_of_agent_gateway_at_older_versions() {
    insta::assert_snapshot!("agent-gateway older", tree("agent-gateway", OLDER));
}
