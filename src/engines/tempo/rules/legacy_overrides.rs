//! Overrides in the old, flat format.

use crate::catalogue;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};

/// The rule.
pub(in crate::engines::tempo) static RULE: Rule = Rule {
    id: "tempo-legacy-overrides",
    aliases: &[],
    summary: "flat overrides, which Tempo 3 takes only when it is told to",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("legacy_overrides.md"),
};

/// Keys of `overrides` in the format of today (grafana/tempo modules/overrides/config.go@v2.3.1, v3.0.3).
pub(in crate::engines::tempo) const SCOPED: [&str; 6] = [
    "defaults",
    "per_tenant_override_config",
    "per_tenant_override_period",
    "user_configurable_overrides",
    "enable_legacy_overrides",
    // Of the log of what was overridden, never a limit.
    "config_type",
];

/// Whether the flat format has a key of that name: any other is a key of neither.
fn is_flat(name: &str) -> bool {
    let body = catalogue::schema("tempo").and_then(|s| s.newest().body("modules/overrides.LegacyOverrides"));
    body.is_none_or(|body| body.field_ever(name).is_some())
}

/// The first flat key tells for all of them.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = super::root(ctx) else { return };
    let Some(flat) = root
        .get("overrides")
        .map(|o| o.entries())
        .and_then(|all| all.into_iter().find(|e| !SCOPED.contains(&e.name()) && is_flat(e.name())))
    else {
        return;
    };
    let Some(version) = super::since(ctx, 3, 0) else { return };
    // A flag asks for it as well (grafana/tempo modules/overrides/config.go@v3.0.3).
    let asked = root.at(&["overrides", "enable_legacy_overrides"]).is_some_and(|n| n.as_bool() != Some(false));
    if asked || super::may_have_flag(ctx, "config.enable-legacy-overrides") {
        return;
    }
    let message = format!("`overrides.{}` is of the flat format, which Tempo {version} refuses", flat.name());
    findings.push(
        super::weighed(ctx, Diagnostic::new(&RULE, flat.key.span(), message))
            .help("nest it under `overrides.defaults`, or set `overrides.enable_legacy_overrides: true`")
            .note("Tempo 3.0 starts with the scoped format only"),
    );
}
