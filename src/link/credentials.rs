//! Whether what a client shows is what a server demands.

use crate::symbol::{Credentials, SecretSource};
use crate::tree::Service;

/// A secret as far as it can be followed.
#[derive(Debug, PartialEq, Eq)]
enum Known {
    /// Its text.
    Text(String),
    /// A variable of the deployment, whatever its value.
    Variable(String),
    /// Nothing at all: the process has no variable of that name.
    Unset(String),
    Unknown,
}

/// What is wrong between the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// The client shows nothing.
    Missing,
    /// It shows another kind: `Basic` where `Bearer` is demanded.
    Kind,
    /// It shows another secret.
    Other,
    /// The variable that it reads is not set in its container.
    Unset(String),
    /// The variable that the server compares with is not set in the server's container.
    UnsetThere(String),
}

fn follow(secret: &SecretSource, service: Option<&Service>) -> Known {
    match secret {
        SecretSource::Literal(text) => Known::Text(text.clone()),
        SecretSource::File(_) | SecretSource::Unknown => Known::Unknown,
        SecretSource::Env(name) => {
            let Some(service) = service else { return Known::Unknown };
            match service.env(name) {
                Some(var) => match (&var.value, variable(&var.raw)) {
                    // `${TOKEN:?}` says more than a value that only one of two hosts has.
                    (_, Some(inner)) => Known::Variable(inner.to_owned()),
                    (Some(value), None) => Known::Text(value.clone()),
                    (None, None) => Known::Unknown,
                },
                // A proxy or process may have its variables from an env file, or from its image.
                None if service.environment_open || service.build => Known::Unknown,
                None => Known::Unset(name.clone()),
            }
        }
    }
}

/// The variable of `${NAME…}` or `$NAME`, when it is the whole text.
fn variable(raw: &str) -> Option<&str> {
    let rest = raw.strip_prefix('$')?;
    if let Some(inner) = rest.strip_prefix('{').and_then(|r| r.strip_suffix('}')) {
        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        return (end > 0 && !inner[end..].contains('$')).then(|| &inner[..end]);
    }
    rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_').then_some(rest).filter(|r| !r.is_empty())
}

/// What is wrong; `None` = nothing, or not known.
pub(super) fn compare(
    shown: (&Credentials, Option<&Service>),
    demanded: (&Credentials, Option<&Service>),
) -> Option<Credential> {
    let secret = |c: &Credentials| match c {
        Credentials::Bearer(s) | Credentials::Basic { password: s, .. } => Some(s.clone()),
        _ => None,
    };
    match (shown.0, demanded.0) {
        // What nobody demands is ignored by the server.
        (_, Credentials::None) | (Credentials::Other(_), _) | (_, Credentials::Other(_)) => None,
        (Credentials::None, _) => Some(Credential::Missing),
        (Credentials::Bearer(_), Credentials::Basic { .. }) | (Credentials::Basic { .. }, Credentials::Bearer(_)) => {
            Some(Credential::Kind)
        }
        (a, b) => {
            let (mine, theirs) = (follow(&secret(a)?, shown.1), follow(&secret(b)?, demanded.1));
            match (mine, theirs) {
                (Known::Unset(name), _) => Some(Credential::Unset(name)),
                (_, Known::Unset(name)) => Some(Credential::UnsetThere(name)),
                (Known::Text(a), Known::Text(b)) if a != b => Some(Credential::Other),
                (Known::Variable(a), Known::Variable(b)) if a != b => Some(Credential::Other),
                _ => users(a, b),
            }
        }
    }
}

fn users(a: &Credentials, b: &Credentials) -> Option<Credential> {
    match (a, b) {
        (Credentials::Basic { user: Some(a), .. }, Credentials::Basic { user: Some(b), .. }) if a != b => {
            Some(Credential::Other)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_only_when_it_is_all() {
        assert_eq!(variable("${TOKEN:?set it}"), Some("TOKEN"));
        assert_eq!(variable("$TOKEN"), Some("TOKEN"));
        assert_eq!(variable("x$TOKEN"), None);
        assert_eq!(variable("${A}${B}"), None);
        assert_eq!(variable("plain"), None);
    }

    #[test]
    fn what_nobody_demands_is_never_wrong() {
        let bearer = Credentials::Bearer(SecretSource::Literal("a".into()));
        let other = Credentials::Bearer(SecretSource::Literal("b".into()));
        assert_eq!(compare((&bearer, None), (&Credentials::None, None)), None);
        assert_eq!(compare((&Credentials::None, None), (&bearer, None)), Some(Credential::Missing));
        assert_eq!(compare((&bearer, None), (&other, None)), Some(Credential::Other));
        assert_eq!(compare((&bearer, None), (&bearer.clone(), None)), None);
    }
}
