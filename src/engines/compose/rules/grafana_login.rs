//! Who may log in to a Grafana, as its service and its ini file say.

use crate::source::Span;
use crate::tree::{Artifact, EnvVar, Network, Service, ServiceId, Tree};

/// A Grafana with what decides on its logins.
pub(super) struct Login<'t> {
    /// The service.
    pub(super) service: &'t Service,
    /// The ini file: `None` without one, `Some(None)` when there is one that cannot be read.
    pub(super) ini: Option<Option<&'t Artifact>>,
}

impl<'t> Login<'t> {
    /// That of a service.
    pub(super) fn of(tree: &'t Tree, id: ServiceId) -> Self {
        Self { service: tree.service(id), ini: ini(tree, id) }
    }

    /// Where a setting has a value, in the environment or else in the ini file.
    fn says(&self, name: (&str, &str, &str), wanted: &str) -> Option<Span> {
        let (env, section, key) = name;
        let (value, span) = match set(self.service, env) {
            Some(var) => (var.value.as_deref()?, var.span),
            None => setting(self.ini??, section, key)?,
        };
        let says = if wanted == "true" { TRUE.contains(&value) } else { value.eq_ignore_ascii_case(wanted) };
        says.then_some(span)
    }

    /// Whether nobody logs in with a password.
    pub(super) fn no_login(&self) -> bool {
        let names = [
            ("GF_AUTH_DISABLE_LOGIN_FORM", "auth", "disable_login_form"),
            ("GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION", "security", "disable_initial_admin_creation"),
        ];
        names.iter().any(|name| self.says(*name, "true").is_some())
    }

    /// Where everybody is let in, and made an administrator of the organisation.
    pub(super) fn anonymous_admin(&self) -> Option<(Span, Span)> {
        let enabled = ("GF_AUTH_ANONYMOUS_ENABLED", "auth.anonymous", "enabled");
        let role = ("GF_AUTH_ANONYMOUS_ORG_ROLE", "auth.anonymous", "org_role");
        Some((self.says(enabled, "true")?, self.says(role, "Admin")?))
    }
}

/// What counts as true (go-ini/ini key.go `parseBool`@0dac3e0f1572, which `grafana/grafana pkg/setting/setting.go` reads with).
const TRUE: [&str; 13] = ["1", "t", "T", "true", "TRUE", "True", "YES", "yes", "Yes", "y", "ON", "on", "On"];

/// A variable of Grafana: an empty one counts as not set (`grafana/grafana pkg/setting/setting.go`
/// `applyEnvVariableOverrides` at 12.3.3).
pub(super) fn set<'s>(service: &'s Service, name: &str) -> Option<&'s EnvVar> {
    service.env(name).filter(|var| var.value.as_deref() != Some(""))
}

/// Where it is said that others than the host itself reach it, and how.
pub(super) fn reached(service: &Service) -> Option<(Span, &'static str)> {
    let loopback = |ip: &str| ip.starts_with("127.") || ip == "::1" || ip == "localhost";
    if service.network == Network::Host {
        let own = set(service, "GF_SERVER_HTTP_ADDR").is_some_and(|var| var.value.as_deref().is_none_or(loopback));
        return (!own).then_some((service.span, "on every address of the host, whose network it is in"));
    }
    let open = service.ports.iter().any(|p| !p.host_ip.as_deref().is_some_and(loopback));
    open.then(|| (service.ports[0].span, "published here"))
}

/// The ini file of a service: `None` without one, `Some(None)` when there is one that cannot be read.
fn ini(tree: &Tree, id: ServiceId) -> Option<Option<&Artifact>> {
    let mounted = tree.of_kind("grafana-ini").map(|(_, a)| a).find(|a| !a.used_by(id).is_empty());
    if mounted.is_some() {
        return Some(mounted);
    }
    let over = |target: &str| ["/etc/grafana/grafana.ini", "/etc/grafana"].contains(&target);
    let unread = tree.service(id).mounts.iter().any(|m| over(&m.target));
    let moved = tree.service(id).env("GF_PATHS_CONFIG").is_some();
    (unread || moved || tree.service(id).mounts_open).then_some(None)
}

/// A setting of an ini file.
pub(super) fn setting<'a>(ini: &'a Artifact, section: &str, key: &str) -> Option<(&'a str, Span)> {
    let value = ini.data()?.root()?.get(section)?.get(key)?;
    Some((value.scalar()?, value.inner()))
}
