//! Rules on one file.

mod alerting_invalid;
mod dash_uid_duplicate;
mod dollar_unescaped;
mod ds_uid_invalid;
mod env_unset;
mod inputs;
mod invalid_value;
mod le_label_missing;
mod profile_type_invalid;
mod provisioning_no_version;
mod query_invalid;
mod secure_in_json;
mod traces_tags_shape;
mod variable_undefined;

use super::board::KINDS as BOARDS;
use crate::engine::FileRule;

const SOURCES: &[&str] = &["grafana-datasources"];

const PROVISIONED: &[&str] = &["grafana-datasources", "grafana-dashboard-provider"];

const ALERTING: &[&str] = &["grafana-alerting"];

/// All, by id.
pub static ALL: &[FileRule] = &[
    FileRule { rule: &inputs::RULE, kinds: BOARDS, run: inputs::run },
    FileRule { rule: &le_label_missing::RULE, kinds: BOARDS, run: le_label_missing::run },
    FileRule { rule: &query_invalid::RULE, kinds: BOARDS, run: query_invalid::run },
    FileRule { rule: &variable_undefined::RULE, kinds: BOARDS, run: variable_undefined::run },
    FileRule { rule: &alerting_invalid::RULE, kinds: ALERTING, run: alerting_invalid::run },
    FileRule { rule: &dash_uid_duplicate::RULE, kinds: BOARDS, run: dash_uid_duplicate::run },
    FileRule { rule: &dollar_unescaped::RULE, kinds: SOURCES, run: dollar_unescaped::run },
    FileRule { rule: &ds_uid_invalid::RULE, kinds: SOURCES, run: ds_uid_invalid::run },
    FileRule { rule: &env_unset::RULE, kinds: SOURCES, run: env_unset::run },
    FileRule { rule: &invalid_value::RULE, kinds: PROVISIONED, run: invalid_value::run },
    FileRule { rule: &provisioning_no_version::RULE, kinds: SOURCES, run: provisioning_no_version::run },
    FileRule { rule: &secure_in_json::RULE, kinds: SOURCES, run: secure_in_json::run },
    FileRule { rule: &traces_tags_shape::RULE, kinds: SOURCES, run: traces_tags_shape::run },
    FileRule { rule: &profile_type_invalid::RULE, kinds: BOARDS, run: profile_type_invalid::run },
];
