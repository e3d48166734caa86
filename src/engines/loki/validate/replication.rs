//! How many copies of a line are wanted, and how many Lokis there are.

use crate::conform::{Judge, Settings, When};
use crate::engine::Instance;

use crate::engines::loki::rules::replication_single::RULE;

/// Three copies are the default of what all rings have in common, which the ring of ingesters takes unless it says otherwise itself
/// (grafana/loki pkg/loki/common/common.go, pkg/loki/config_wrapper.go `applyIngesterReplicationFactor`@v2.9.2, @v3.5.0, @v3.7.6; its
/// own flag is `distributor.replication-factor`).
const COPIES: i64 = 3;

/// One process takes one copy, and a push needs more than half of them (grafana/dskit ring/replication_strategy.go).
pub(super) fn single(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    let Some((_, service)) = instance.service.filter(|_| settings.known()) else { return };
    let alone = instance.tree.services().filter(|(_, s)| s.project == service.project && s.engine == Some("loki"));
    let several = service.replicas.as_ref().is_some_and(|r| r.value != 1) || alone.count() != 1;
    if several || settings.get(&["target"], "target").or("all") != Some("all") {
        return;
    }
    let ring =
        settings.get(&["ingester", "lifecycler", "ring", "replication_factor"], "distributor.replication-factor");
    let common = settings.get(&["common", "replication_factor"], "");
    let copies = if ring.span().is_some() { ring } else { common };
    if let Some(count) = copies.number(COPIES).filter(|n| *n > 1) {
        let place = copies.span().or_else(|| settings.root.own_entries().next().map(|e| e.key.span()));
        let message = format!("this Loki is alone, and `replication_factor` is {count}");
        judge
            .fact(&RULE, place.unwrap_or(settings.root.span()), When::Always, message)
            .help("write `common: {replication_factor: 1}`")
            .note(format!("every push fails: \"at least {} live replicas required\"", count / 2 + 1));
    }
}
