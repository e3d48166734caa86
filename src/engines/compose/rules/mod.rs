//! Rules on compose files.

mod anonymous_admin;
mod build_missing;
mod container_name_clash;
mod default_password;
mod docker_socket;
pub(super) mod dollar_unescaped;
mod env_no_name;
mod env_unread;
mod floating_tag;
mod grafana_login;
mod healthcheck_tool;
mod healthy_no_check;
mod invalid;
mod mount_missing;
mod mount_type;
mod network_mode_ports;
mod port_conflict;
mod privileged;
mod user_root;
pub(super) mod var_unset;
mod version_key;

use crate::diagnostic::Rule;
use crate::engine::FileRule;

const KINDS: &[&str] = &["compose"];

/// Those that look at one file, by id.
pub static ALL: &[FileRule] = &[
    FileRule { rule: &build_missing::RULE, kinds: KINDS, run: build_missing::run },
    FileRule { rule: &container_name_clash::RULE, kinds: KINDS, run: container_name_clash::run },
    FileRule { rule: &env_no_name::RULE, kinds: KINDS, run: env_no_name::run },
    FileRule { rule: &env_unread::RULE, kinds: KINDS, run: env_unread::run },
    FileRule { rule: &floating_tag::RULE, kinds: KINDS, run: floating_tag::run },
    FileRule { rule: &healthcheck_tool::RULE, kinds: KINDS, run: healthcheck_tool::run },
    FileRule { rule: &healthy_no_check::RULE, kinds: KINDS, run: healthy_no_check::run },
    FileRule { rule: &invalid::RULE, kinds: KINDS, run: invalid::run },
    FileRule { rule: &mount_missing::RULE, kinds: KINDS, run: mount_missing::run },
    FileRule { rule: &mount_type::RULE, kinds: KINDS, run: mount_type::run },
    FileRule { rule: &network_mode_ports::RULE, kinds: KINDS, run: network_mode_ports::run },
    FileRule { rule: &port_conflict::RULE, kinds: KINDS, run: port_conflict::run },
    FileRule { rule: &user_root::RULE, kinds: KINDS, run: user_root::run },
    FileRule { rule: &version_key::RULE, kinds: KINDS, run: version_key::run },
    FileRule { rule: &anonymous_admin::RULE, kinds: KINDS, run: anonymous_admin::run },
    FileRule { rule: &default_password::RULE, kinds: KINDS, run: default_password::run },
    FileRule { rule: &docker_socket::RULE, kinds: KINDS, run: docker_socket::run },
    FileRule { rule: &privileged::RULE, kinds: KINDS, run: privileged::run },
];

/// Those that one look at the variables of a file serves, by id.
pub static WHOLE: &[&Rule] = &[&dollar_unescaped::RULE, &var_unset::RULE];
