//! Secrets that stand in the text.

use std::collections::BTreeMap;

use vispyr_alloy::{Attribute, Expr, ExprKind};

use crate::catalogue::schema::{Type, TypeKind};
use crate::conform::is_placeholder;
use crate::diagnostic::{FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::alloy::flow::Flow;
use crate::engines::alloy::met::Secret;
use crate::source::Span;

/// The rule.
pub(in crate::engines::alloy) static RULE: Rule = Rule {
    id: "alloy-literal-secret",
    aliases: &[],
    summary: "a password or token stands in the file",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("literal_secret.md"),
};

/// The type of secrets.
const SECRET: &str = "syntax/alloytypes.Secret";

/// Headers that carry one; others of the same type are names of tenants and the like.
const HEADERS: [&str; 6] = ["auth", "cookie", "credential", "key", "secret", "token"];

/// Attributes that hold an address with a password in it, perhaps.
const ADDRESSES: [&str; 4] = ["connection_string", "data_source_name", "data_source_names", "mongodb_uri"];

/// Places of secrets that are shown for one file.
const SHOWN: usize = 8;

/// All literal secrets of a file, as one finding.
pub(in crate::engines::alloy) fn run(flow: &Flow<'_, '_>, findings: &mut Findings) {
    let mut found: BTreeMap<u32, Vec<(Span, &str)>> = BTreeMap::new();
    // Attributes of custom components take what their modules say.
    for (id, Secret { attribute, ty, .. }) in flow.secrets().filter(|(id, _)| flow.part(*id).root.is_some()) {
        let name = attribute.name().name();
        secrets(*attribute, *ty, |expr| {
            found.entry(flow.part(id).node.file).or_default().push((flow.file(id).span(expr.range()), name));
        });
    }
    for mut places in found.into_values() {
        places.sort_by_key(|(span, _)| span.start);
        let secrets = places.iter().map(|(span, _)| *span).collect();
        let mut places = places.into_iter();
        let Some((span, name)) = places.next() else { continue };
        let message = format!("`{name}` stands in the file: whoever reads it has the secret");
        let mut diagnostic = flow.found(&RULE, span, message);
        for (span, _) in places.take(SHOWN) {
            diagnostic = diagnostic.label(span, "another one");
        }
        diagnostic.secrets = secrets;
        findings
            .push(diagnostic.help("read it with `sys.env(\"…\")`, or from a file with `local.file` and `is_secret`"));
    }
}

/// Whether values of a type may be secrets that stand in the text.
pub(in crate::engines::alloy) fn takes_secrets(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::Capsule(SECRET) => true,
        TypeKind::List(inner) => is_of(inner),
        TypeKind::Map(inner) => is_of(inner) || listed(inner),
        _ => false,
    }
}

/// Literal secrets in an attribute of that type.
fn secrets<'a>(attribute: Attribute<'a>, ty: Type, mut tell: impl FnMut(Expr<'a>)) {
    let name = attribute.name().name();
    let mut check = |expr: Expr<'a>| {
        if expr.as_str().is_some_and(|t| is_secret(name, &t)) {
            tell(expr);
        }
    };
    let expr = attribute.value().unparen();
    match (ty.kind(), expr.kind()) {
        (TypeKind::Capsule(SECRET), _) => check(expr),
        (TypeKind::List(inner), ExprKind::Array(items)) if is_of(inner) => items.iter().for_each(check),
        (TypeKind::Map(inner), ExprKind::Object(fields)) if is_of(inner) || listed(inner) => {
            let secret = |key: &str| HEADERS.iter().any(|h| key.to_ascii_lowercase().contains(h));
            for field in fields.iter().filter(|f| secret(f.name())) {
                match field.value().unparen().kind() {
                    ExprKind::Array(items) => items.iter().for_each(&mut check),
                    _ => check(field.value()),
                }
            }
        }
        _ => {}
    }
}

fn is_of(ty: Type) -> bool {
    matches!(ty.kind(), TypeKind::Capsule(SECRET))
}

fn listed(ty: Type) -> bool {
    matches!(ty.kind(), TypeKind::List(inner) if is_of(inner))
}

/// Whether a text is a secret: not empty, and no place that something else fills in.
fn is_secret(name: &str, text: &str) -> bool {
    let text = text.trim();
    if ADDRESSES.contains(&name) {
        return password(text).is_some_and(|p| is_secret("password", p));
    }
    !text.is_empty() && !is_placeholder(text)
}

/// The password of an address: `user:password@host`, `password=…`.
fn password(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    for key in ["password=", "pwd="] {
        if let Some(at) = lower.find(key) {
            let rest = text.get(at + key.len()..)?;
            return Some(rest.split([';', ' ', '&']).next().unwrap_or(rest));
        }
    }
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let user = rest.rsplit_once('@')?.0;
    Some(user.split_once(':')?.1)
}
