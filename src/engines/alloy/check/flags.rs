//! What the command line of the process admits.

use crate::catalogue::schema::Stability;
use crate::engine::Instance;
use crate::source::Span;

/// Flags of `alloy run` that decide what may stand in a config
/// (grafana/alloy internal/alloycli/cmd_run.go@v1.19.0-rc.3). `None` = not known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    /// `--stability.level`.
    pub(super) stability: Option<Stability>,
    /// `--feature.community-components.enabled`.
    pub(super) community: Option<bool>,
    /// Where the service is declared.
    pub(super) service: Option<Span>,
}

impl Flags {
    /// Reads those of an instance.
    pub(super) fn of(instance: &Instance<'_>) -> Self {
        let Some((_, service)) = instance.service else { return Self::default() };
        let Some(args) = service.args() else { return Self::default() };
        // A word that is not known may be any flag.
        if service.build || args.iter().any(|a| a.open && (a.text.starts_with('-') || a.text.trim().is_empty())) {
            return Self::default();
        }
        let stability = match service.flag("stability.level") {
            None => Some(Stability::GenerallyAvailable),
            Some((_, value)) => Stability::named(&value),
        };
        let community = match service.flag("feature.community-components.enabled") {
            None => Some(false),
            Some((arg, _)) if arg.open => None,
            Some((arg, value)) => match (arg.text.contains('='), value.as_str()) {
                (false, _) => Some(true),
                (true, "true" | "t" | "T" | "TRUE" | "True" | "1") => Some(true),
                (true, "false" | "f" | "F" | "FALSE" | "False" | "0") => Some(false),
                _ => None,
            },
        };
        Self { stability, community, service: Some(service.span) }
    }
}
