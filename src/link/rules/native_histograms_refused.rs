//! Native histograms that are sent to a Prometheus which refuses them.

use super::{engine, features, reached, weighed};
use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::Extra;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-native-histograms-refused",
    aliases: &[],
    summary: "native histograms are sent to a Prometheus that refuses them, with all that is in the same request",
    tier: Tier::C,
    severity: Severity::Warning,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("native_histograms_refused.md"),
};

/// Since then they are always taken (prometheus/prometheus tsdb/head_append.go@v3.8.0). Before, one of them makes the whole
/// request fail with status 500, which is sent again for ever (storage/remote/write_handler.go `ServeHTTP`, tsdb/head_append.go
/// `AppendHistogram`@v2.40.0, @v3.7.3).
const ALWAYS: Version = Version::new(3, 8, 0);

/// Every Prometheus that refuses what a config says it is sent.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for (to, senders) in reached(linked, Extra::NativeHistograms, &["prometheus"]) {
        let service = linked.tree.service(to);
        let old = service.version.is_some_and(|v| v < ALWAYS);
        if !old || features::has(service, features::NATIVE) != Some(false) {
            continue;
        }
        let Some((sender, place)) = senders.first().copied() else { continue };
        let message = format!(
            "{sender} sends native histograms, and {} runs without the feature `{}`: a request with one of them is refused \
             as a whole, and sent again for ever",
            engine(service),
            features::NATIVE
        );
        let mut found = Diagnostic::new(&RULE, place, message).label(service.command_span(), "its command");
        for (sender, place) in senders.iter().skip(1).take(8) {
            found = found.label(*place, format!("so does {sender}"));
        }
        let (severity, note) = weighed(linked, to, RULE.severity);
        found.notes.extend(note);
        let (flag, name) = (features::NATIVE, &service.name);
        let help = format!("add `--enable-feature={flag}` to the command of `{name}`, or take Prometheus 3.8 or newer");
        findings.push(found.severity(severity).help(help));
    }
}
