//! Grafana published with a password that everybody knows.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::source::Span;
use crate::tree::{Artifact, Service, ServiceId, Tree};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "sec-default-password",
    aliases: &[],
    summary: "Grafana's admin has a password that everybody knows, and its port is published",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("default_password.md"),
};

/// Passwords that are tried first, and placeholders that were never replaced, as [`stem`] leaves them.
const KNOWN: [&str; 8] =
    ["admin", "password", "grafana", "secret", "changeme", "test", "yourpassword", "adminpassword"];

const USER: &str = "GF_SECURITY_ADMIN_USER";

const PASSWORD: &str = "GF_SECURITY_ADMIN_PASSWORD";

/// What is known of a password.
enum Found {
    /// One that everybody knows, written there.
    Known(Span, String),
    /// None set anywhere: the default stays.
    Unset,
    /// Another one, or none that can be known.
    Fine,
}

/// Each Grafana of the file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    for (id, service) in ctx.tree.declared_by(ctx.id) {
        if service.engine != Some("grafana") || service.ports.is_empty() || on_loopback(service) {
            continue;
        }
        let ini = ini(ctx.tree, id);
        if no_login(service, ini) {
            continue;
        }
        let help = format!("set `{PASSWORD}` from a variable without a default, or `{PASSWORD}__FILE` from a secret");
        match password(ctx.tree, service, ini) {
            Found::Fine => {}
            Found::Known(span, password) => findings.push(
                Diagnostic::new(&RULE, span, format!("the admin of Grafana has the password `{password}`"))
                    .label(service.ports[0].span, "published here")
                    .help(help),
            ),
            // Everybody is an administrator anyway: that is said elsewhere.
            Found::Unset if anonymous_admin(service, ini) => {}
            Found::Unset => {
                let span = service.image.as_ref().map_or(service.span, |i| i.span);
                let message = "the admin of Grafana keeps its default password `admin`";
                let diagnostic = Diagnostic::new(&RULE, span, message).label(service.ports[0].span, "published here");
                findings.push(diagnostic.help(help));
            }
        }
    }
}

/// Whether only the host itself reaches it.
fn on_loopback(service: &Service) -> bool {
    let loopback = |ip: &str| ip.starts_with("127.") || ip == "::1" || ip == "localhost";
    service.ports.iter().all(|p| p.host_ip.as_deref().is_some_and(loopback))
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

fn setting<'a>(ini: &'a Artifact, section: &str, key: &str) -> Option<(&'a str, Span)> {
    let value = ini.data()?.root()?.get(section)?.get(key)?;
    Some((value.scalar()?, value.inner()))
}

/// Whether a setting has a value, in the environment or else in the ini file.
fn says(service: &Service, ini: Option<Option<&Artifact>>, name: (&str, &str, &str), wanted: &str) -> bool {
    let (env, section, key) = name;
    let set = service.env(env).and_then(|v| v.value.clone());
    let set = set.or_else(|| setting(ini??, section, key).map(|(v, _)| v.to_owned()));
    set.is_some_and(|v| v.eq_ignore_ascii_case(wanted))
}

/// Whether nobody logs in with a password.
fn no_login(service: &Service, ini: Option<Option<&Artifact>>) -> bool {
    let names = [
        ("GF_AUTH_DISABLE_LOGIN_FORM", "auth", "disable_login_form"),
        ("GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION", "security", "disable_initial_admin_creation"),
    ];
    names.iter().any(|name| says(service, ini, *name, "true"))
}

/// Whether the stack is a demo in which everybody may do everything in the organisation.
fn anonymous_admin(service: &Service, ini: Option<Option<&Artifact>>) -> bool {
    let enabled = ("GF_AUTH_ANONYMOUS_ENABLED", "auth.anonymous", "enabled");
    let role = ("GF_AUTH_ANONYMOUS_ORG_ROLE", "auth.anonymous", "org_role");
    says(service, ini, enabled, "true") && says(service, ini, role, "Admin")
}

fn password(tree: &Tree, service: &Service, ini: Option<Option<&Artifact>>) -> Found {
    if service.env(&format!("{PASSWORD}__FILE")).is_some() {
        return Found::Fine;
    }
    if let Some(var) = service.env(PASSWORD) {
        // An example of variables is no password of anybody.
        let example = tree.sources.get(var.span.source).path.contains("example");
        return match &var.value {
            Some(value) if is_known(service, value) && !example => Found::Known(var.span, value.clone()),
            _ => Found::Fine,
        };
    }
    // `cfg:security.admin_password=…` on the command line, or variables that are not known.
    let told = service.args().is_none_or(|args| args.iter().any(|a| a.open || a.text.contains("admin_password")));
    if service.environment_open || told {
        return Found::Fine;
    }
    match ini {
        None => Found::Unset,
        Some(None) => Found::Fine,
        Some(Some(ini)) => match setting(ini, "security", "admin_password") {
            Some((value, span)) if is_known(service, value) => Found::Known(span, value.to_owned()),
            Some(_) => Found::Fine,
            None if ini.data().is_some() => Found::Unset,
            None => Found::Fine,
        },
    }
}

/// Whether a password is tried first: a well-known one, a run of digits, or the user's own name.
fn is_known(service: &Service, value: &str) -> bool {
    let stem = stem(value);
    let user = service.env(USER).and_then(|v| v.value.as_deref());
    stem.is_empty() && !value.is_empty() || KNOWN.contains(&stem.as_str()) || user == Some(value)
}

/// A password without what people add to one: capitals, signs, a number at the end.
fn stem(value: &str) -> String {
    let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase()
}
