//! What a client shows is not what the server demands.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::{Credential, Fault, Linked};
use crate::symbol::Credentials;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-auth-mismatch",
    aliases: &[],
    summary: "a sender shows no credential, or another one than the receiver demands",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("auth_mismatch.md"),
};

/// Every such URL.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for finding in &linked.faults {
        let Fault::Auth { to, listener, what } = &finding.fault else { continue };
        let (url, target) = (finding.url, linked.tree.service(*to));
        if let Credential::UnsetThere(name) = what {
            // One fault at the server, however many senders it refuses.
            let place = listener.auth_span.unwrap_or(listener.origin.span());
            let message =
                format!("{} compares with the variable `{name}`, which its container does not have", listener.name);
            let help = format!("pass `{name}` to `{}`, or name the variable that it has", target.name);
            findings.push(Diagnostic::new(&RULE, place, message).label(url.credentials_span, "shown here").help(help));
            continue;
        }
        let demanded = listener.auth.as_ref().map_or("a credential", kind);
        let message = match what {
            Credential::Missing => {
                format!(
                    "{} shows `{}` no credential, and {} demands {demanded}",
                    url.sender, target.name, listener.name
                )
            }
            Credential::Kind => {
                let shown = url.credentials.as_ref().map_or("another kind", kind);
                format!("{} shows `{}` {shown}, and {} demands {demanded}", url.sender, target.name, listener.name)
            }
            Credential::Other => {
                format!("{} shows `{}` another credential than {} demands", url.sender, target.name, listener.name)
            }
            Credential::Unset(name) | Credential::UnsetThere(name) => {
                format!(
                    "{} shows `{}` the variable `{name}`, which its container does not have",
                    url.sender, target.name
                )
            }
        };
        let place = listener.auth_span.unwrap_or(listener.origin.span());
        let help = match what {
            Credential::Unset(name) => format!("pass `{name}` to the container, or name the variable that it has"),
            _ => "show at one end what the other demands: the same kind, from the same variable".to_owned(),
        };
        findings.push(
            Diagnostic::new(&RULE, url.credentials_span, message)
                .label(place, format!("{demanded} is demanded here"))
                .help(help),
        );
    }
}

fn kind(credentials: &Credentials) -> &'static str {
    match credentials {
        Credentials::None => "nothing",
        Credentials::Bearer(_) => "a bearer token",
        Credentials::Basic { .. } => "a user and a password",
        Credentials::Other(_) => "a credential",
    }
}
