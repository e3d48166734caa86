//! Rules on one file, and those on a service with its files.

mod alert_not_reduced;
mod alert_query_invalid;
mod alert_template;
mod alert_zero_normal;
mod alerting_invalid;
pub(super) mod alerting_ref;
mod dash_title_duplicate;
mod dash_uid_duplicate;
pub(super) mod dashboards_unprovided;
pub(super) mod delete_datasource_orphan;
mod dollar_unescaped;
pub(super) mod ds_absent;
mod ds_key_unknown;
pub(super) mod ds_name_duplicate;
pub(super) mod ds_uid_duplicate;
mod ds_uid_invalid;
pub(super) mod env_file;
pub(super) mod env_unknown;
mod env_unset;
mod ini_unknown_key;
pub(super) mod ini_unreadable;
mod ini_value_cut;
mod inputs;
mod invalid_json;
mod invalid_value;
mod le_label_missing;
mod link_empty;
mod plugin_not_installed;
mod plugin_removed;
mod profile_type_invalid;
mod providers_overlap;
mod providers_same_name;
mod provisioning_key_unknown;
mod provisioning_no_version;
pub(super) mod provisioning_unread;
mod query_invalid;
mod schema_too_new;
mod secret_literal;
mod secure_in_json;
pub(super) mod smtp_disabled;
mod traces_key_old;
mod traces_tags_shape;
mod variable_undefined;

use super::board::KINDS as BOARDS;
use crate::diagnostic::Rule;
use crate::engine::FileRule;

const SOURCES: &[&str] = &["grafana-datasources"];

const PROVISIONED: &[&str] = &["grafana-datasources", "grafana-dashboard-provider"];

const PROVIDERS: &[&str] = &["grafana-dashboard-provider"];

const INI: &[&str] = &["grafana-ini"];

const ALERTING: &[&str] = &["grafana-alerting"];

const EXPANDED: &[&str] = &["grafana-datasources", "grafana-alerting"];

const KEYED: &[&str] = &["grafana-datasources", "grafana-dashboard-provider", "grafana-alerting", "grafana-plugins"];

const CLASSIC: &[&str] = &["grafana-dashboard", "grafana-dashboard-wrapped"];

const TYPED: &[&str] = &["grafana-dashboard", "grafana-dashboard-v2", "grafana-datasources"];

/// All, by id.
pub static ALL: &[FileRule] = &[
    FileRule { rule: &inputs::RULE, kinds: BOARDS, run: inputs::run },
    FileRule { rule: &invalid_json::RULE, kinds: CLASSIC, run: invalid_json::run },
    FileRule { rule: &le_label_missing::RULE, kinds: BOARDS, run: le_label_missing::run },
    FileRule { rule: &query_invalid::RULE, kinds: BOARDS, run: query_invalid::run },
    FileRule { rule: &schema_too_new::RULE, kinds: BOARDS, run: schema_too_new::run },
    FileRule { rule: &variable_undefined::RULE, kinds: BOARDS, run: variable_undefined::run },
    FileRule { rule: &alert_not_reduced::RULE, kinds: ALERTING, run: alert_not_reduced::run },
    FileRule { rule: &alert_query_invalid::RULE, kinds: ALERTING, run: alert_query_invalid::run },
    FileRule { rule: &alert_template::RULE, kinds: ALERTING, run: alert_template::run },
    FileRule { rule: &alert_zero_normal::RULE, kinds: ALERTING, run: alert_zero_normal::run },
    FileRule { rule: &alerting_invalid::RULE, kinds: ALERTING, run: alerting_invalid::run },
    FileRule { rule: &dash_title_duplicate::RULE, kinds: BOARDS, run: dash_title_duplicate::run },
    FileRule { rule: &dash_uid_duplicate::RULE, kinds: BOARDS, run: dash_uid_duplicate::run },
    FileRule { rule: &dollar_unescaped::RULE, kinds: EXPANDED, run: dollar_unescaped::run },
    FileRule { rule: &ds_key_unknown::RULE, kinds: SOURCES, run: ds_key_unknown::run },
    FileRule { rule: &ds_uid_invalid::RULE, kinds: SOURCES, run: ds_uid_invalid::run },
    FileRule { rule: &env_unset::RULE, kinds: EXPANDED, run: env_unset::run },
    FileRule { rule: &ini_unknown_key::RULE, kinds: INI, run: ini_unknown_key::run },
    FileRule { rule: &ini_value_cut::RULE, kinds: INI, run: ini_value_cut::run },
    FileRule { rule: &invalid_value::RULE, kinds: PROVISIONED, run: invalid_value::run },
    FileRule { rule: &link_empty::RULE, kinds: SOURCES, run: link_empty::run },
    FileRule { rule: &plugin_not_installed::RULE, kinds: TYPED, run: plugin_not_installed::run },
    FileRule { rule: &plugin_removed::RULE, kinds: TYPED, run: plugin_removed::run },
    FileRule { rule: &providers_overlap::RULE, kinds: PROVIDERS, run: providers_overlap::run },
    FileRule { rule: &providers_same_name::RULE, kinds: PROVIDERS, run: providers_same_name::run },
    FileRule { rule: &provisioning_key_unknown::RULE, kinds: KEYED, run: provisioning_key_unknown::run },
    FileRule { rule: &provisioning_no_version::RULE, kinds: PROVISIONED, run: provisioning_no_version::run },
    FileRule { rule: &secret_literal::RULE, kinds: SOURCES, run: secret_literal::run },
    FileRule { rule: &secure_in_json::RULE, kinds: SOURCES, run: secure_in_json::run },
    FileRule { rule: &traces_key_old::RULE, kinds: SOURCES, run: traces_key_old::run },
    FileRule { rule: &traces_tags_shape::RULE, kinds: SOURCES, run: traces_tags_shape::run },
    FileRule { rule: &profile_type_invalid::RULE, kinds: TYPED, run: profile_type_invalid::run },
];

/// Those that look at a service with its files, by id.
pub static WHOLE: &[&Rule] = &[
    &ds_absent::RULE,
    &alerting_ref::RULE,
    &dashboards_unprovided::RULE,
    &delete_datasource_orphan::RULE,
    &ds_name_duplicate::RULE,
    &ds_uid_duplicate::RULE,
    &env_file::RULE,
    &env_unknown::RULE,
    &ini_unreadable::RULE,
    &provisioning_unread::RULE,
    &smtp_disabled::RULE,
];
