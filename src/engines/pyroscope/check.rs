//! Its config, held to the catalogue.

use super::{CONFIG, ENGINE, rules};
use crate::conform::{Conform, Expand, Reader, Rules};
use crate::engine::{Findings, Instance};
use crate::parse::Dialect;

static RULES: Rules = Rules {
    unknown: &rules::unknown_key::RULE,
    removed: &rules::removed_key::RULE,
    invalid: &rules::invalid_value::RULE,
};

/// Looks at the files of one instance.
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let (Some(facts), Some(version)) = (ENGINE.facts(), &instance.version) else { return };
    let Some(conform) = Conform::new(facts, &RULES, version) else { return };
    // With the flag the text goes through drone/envsubst first (grafana/pyroscope pkg/cfg/files.go@v2.2.1).
    let expand = Expand::by_flag(instance, "config.expand-env");
    let reader = Reader { root: "config", dialect: Dialect::V3, strict: true, expand };
    for (_, file) in instance.files.iter().filter(|(_, f)| *f.kind == CONFIG && f.syntax.is_empty()) {
        if let Some(document) = file.data() {
            conform.file(document, reader, findings);
        }
    }
}
