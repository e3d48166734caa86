//! Grafana published with a password that everybody knows.

use super::grafana_login::{Login, reached, set, setting};
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::source::Span;
use crate::tree::{Service, Tree, path};

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
        let Some((place, how)) = reached(service).filter(|_| service.engine == Some("grafana")) else { continue };
        let login = Login::of(ctx.tree, id);
        if login.no_login() {
            continue;
        }
        let help = format!("set `{PASSWORD}` from a variable without a default, or `{PASSWORD}__FILE` from a secret");
        match password(ctx.tree, &login) {
            Found::Fine => {}
            Found::Known(span, password) => findings.push(
                Diagnostic::new(&RULE, span, format!("the admin of Grafana has the password `{password}`"))
                    .label(place, how)
                    .help(help),
            ),
            // Everybody is an administrator anyway: that is said elsewhere.
            Found::Unset if login.anonymous_admin().is_some() => {}
            Found::Unset => {
                let span = service.image_span();
                let message = "the admin of Grafana keeps its default password `admin`";
                let diagnostic = Diagnostic::new(&RULE, span, message).label(place, how);
                findings.push(diagnostic.help(help));
            }
        }
    }
}

fn password(tree: &Tree, login: &Login<'_>) -> Found {
    let service = login.service;
    if service.env(&format!("{PASSWORD}__FILE")).is_some() {
        return Found::Fine;
    }
    if let Some(var) = set(service, PASSWORD) {
        // An example of variables is no password of anybody.
        let example = path::name(&tree.sources.get(var.span.source).path).contains("example");
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
    match login.ini {
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
