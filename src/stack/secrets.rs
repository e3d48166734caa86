//! What is drawn once and kept in `.env`.

use std::borrow::Cow;

use crate::spec::{AuthMode, Layout, Spec};

use super::{Derived, Secret};

/// User name of `[auth] mode = "basic"`.
pub const BASIC_USER: &str = "vispyr";
/// Variable of the shared token or password.
pub const TOKEN: &str = "VISPYR_GATEWAY_TOKEN";
/// Variable of the same as an HTTP Basic credential: what the proxy compares with.
pub const BASIC: &str = "VISPYR_GATEWAY_BASIC";

/// All secrets of the stack.
pub(super) fn plan(spec: &Spec) -> Vec<Secret> {
    let single = spec.stack.layout.value == Layout::SingleHost;
    let observability = if single { "" } else { "gateway" };
    let applications = if single { "" } else { "agent" };
    let drawn = |variable: &'static str, folders: &[&'static str], rotates, purpose| Secret {
        variable: Cow::Borrowed(variable),
        folders: folders.to_vec(),
        length: 40,
        rotates,
        purpose,
        derived: None,
    };
    let mut secrets = vec![
        drawn("GRAFANA_ADMIN_PASSWORD", &[observability], true, "password of Grafana's user admin, for a new database"),
        // Grafana encrypts what its database holds with this key: a new one makes the old database unreadable.
        drawn("GRAFANA_SECRET_KEY", &[observability], false, "key Grafana encrypts its database with; never change it"),
    ];
    if !single && spec.auth != AuthMode::None {
        secrets.push(drawn(
            TOKEN,
            &["agent", "gateway"],
            true,
            "what the agent shows the gateway; equal on both hosts",
        ));
    }
    if !single && spec.auth == AuthMode::Basic {
        secrets.push(Secret {
            derived: Some(Derived::Basic { user: BASIC_USER, password: TOKEN }),
            ..drawn(BASIC, &["gateway"], true, "the same as an HTTP Basic credential, for the proxy")
        });
    }
    let mut given: Vec<String> =
        spec.scrapes.iter().filter_map(|s| s.bearer.as_ref()).map(|b| b.value.clone()).collect();
    given.sort();
    given.dedup();
    secrets.extend(given.into_iter().map(|variable| Secret {
        variable: variable.into(),
        derived: Some(Derived::Given),
        ..drawn("", &[applications], false, "bearer token of a scrape target; yours to fill in")
    }));
    secrets
}
