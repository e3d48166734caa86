//! Its files, held to the catalogue.

use super::{CONFIG, RULE_TESTS, RULES as RULE_FILES, rules};
use crate::conform::{Expand, Plug, Reader, Rules};
use crate::engine::{Findings, Instance};
use crate::parse::Dialect;
use crate::tree::Kind;

/// Nothing is replaced in a text before it is read (prometheus/prometheus config/config.go, model/rulefmt/rulefmt.go,
/// cmd/promtool/unittest.go@v3.14.0).
static PLUG: Plug = Plug {
    engine: "prometheus",
    rules: Rules {
        unknown: &rules::unknown_key::RULE,
        removed: &rules::removed_key::RULE,
        invalid: &rules::invalid_value::RULE,
    },
    readers: &[
        reader(&CONFIG, "config", Dialect::V2),
        reader(&RULE_FILES, "rules", Dialect::V3),
        reader(&RULE_TESTS, "rule-test", Dialect::V2),
    ],
};

const fn reader(kind: Kind, root: &'static str, dialect: Dialect) -> Reader {
    Reader { kind, root, dialect, strict: true, expand: Expand::Never }
}

/// Looks at the files of one instance.
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings) {
    PLUG.check(instance, findings);
}
