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

/// Passwords that are tried first.
const KNOWN: [&str; 9] =
    ["admin", "password", "grafana", "secret", "changeme", "change-me", "admin123", "123456", "test"];

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
    for (id, service) in ctx.tree.services().filter(|(_, s)| s.artifact == ctx.id) {
        if service.engine != Some("grafana") || service.ports.is_empty() || on_loopback(service) {
            continue;
        }
        let ini = ini(ctx.tree, id);
        if no_login(ctx.tree, service, ini) {
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
    let mounted =
        tree.artifacts.iter().find(|a| a.kind.name == "grafana-ini" && a.uses.iter().any(|u| u.service == id));
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

/// Whether nobody logs in with a password: an anonymous demo, or a login form that is off.
fn no_login(tree: &Tree, service: &Service, ini: Option<Option<&Artifact>>) -> bool {
    let _ = tree;
    let says = |env: &str, section: &str, key: &str, wanted: &str| {
        let set = service.env(env).and_then(|v| v.value.clone());
        let set = set.or_else(|| setting(ini??, section, key).map(|(v, _)| v.to_owned()));
        set.is_some_and(|v| v.eq_ignore_ascii_case(wanted))
    };
    says("GF_AUTH_DISABLE_LOGIN_FORM", "auth", "disable_login_form", "true")
        || says("GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION", "security", "disable_initial_admin_creation", "true")
        || says("GF_AUTH_ANONYMOUS_ENABLED", "auth.anonymous", "enabled", "true")
            && says("GF_AUTH_ANONYMOUS_ORG_ROLE", "auth.anonymous", "org_role", "Admin")
}

fn password(tree: &Tree, service: &Service, ini: Option<Option<&Artifact>>) -> Found {
    if service.env(&format!("{PASSWORD}__FILE")).is_some() {
        return Found::Fine;
    }
    if let Some(var) = service.env(PASSWORD) {
        // An example of variables is no password of anybody.
        let example = tree.sources.get(var.span.source).path.contains("example");
        return match &var.value {
            Some(value) if is_known(value) && !example => Found::Known(var.span, value.clone()),
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
            Some((value, span)) if is_known(value) => Found::Known(span, value.to_owned()),
            Some(_) => Found::Fine,
            None if ini.data().is_some() => Found::Unset,
            None => Found::Fine,
        },
    }
}

fn is_known(value: &str) -> bool {
    KNOWN.iter().any(|k| k.eq_ignore_ascii_case(value))
}
