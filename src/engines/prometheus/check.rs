//! Its files, held to the catalogue.

use super::{CONFIG, ENGINE, RULE_TESTS, RULES as RULE_FILES, rules};
use crate::conform::{Conform, Expand, Reader, Rules};
use crate::engine::{Findings, Instance};
use crate::parse::Dialect;
use crate::tree::Kind;

static RULES: Rules = Rules {
    unknown: &rules::unknown_key::RULE,
    removed: &rules::removed_key::RULE,
    invalid: &rules::invalid_value::RULE,
};

/// How it reads each kind of file: nothing is replaced before (prometheus/prometheus config/config.go,
/// model/rulefmt/rulefmt.go, cmd/promtool/unittest.go@v3.14.0).
const READERS: [(Kind, Reader); 3] = [
    (&CONFIG, reader("config", Dialect::V2)),
    (&RULE_FILES, reader("rules", Dialect::V3)),
    (&RULE_TESTS, reader("rule-test", Dialect::V2)),
];

const fn reader(root: &'static str, dialect: Dialect) -> Reader {
    Reader { root, dialect, strict: true, expand: Expand::Never }
}

/// Looks at the files of one instance.
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings) {
    let (Some(facts), Some(version)) = (ENGINE.facts(), &instance.version) else { return };
    let Some(conform) = Conform::new(facts, &RULES, version) else { return };
    for (_, file) in instance.files.iter().filter(|(_, f)| f.syntax.is_empty()) {
        let reader = READERS.iter().find(|(kind, _)| *kind == file.kind);
        if let (Some((_, reader)), Some(document)) = (reader, file.data()) {
            conform.file(document, *reader, findings);
        }
    }
}
