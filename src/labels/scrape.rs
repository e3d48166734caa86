//! What a scrape makes of the labels of a target (prometheus/prometheus scrape/target.go, scrape/scrape.go@v3.14.0).

use std::collections::BTreeSet;

use super::{Set, Value};

/// A target after relabelling: without the labels that are internal, and with an `instance`. `ports`: an address without a
/// port is given that of its scheme, as before 3.0.
#[must_use]
pub fn targeted(mut set: Set, ports: bool) -> Set {
    let address = match set.get("__address__") {
        Value::Of(values) if ports => {
            let bare = |v: &String| !v.is_empty() && !v.contains(':');
            let with: BTreeSet<String> =
                values.iter().filter(|v| bare(v)).flat_map(|v| [format!("{v}:80"), format!("{v}:443")]).collect();
            Value::of(values.into_iter().chain(with).collect())
        }
        other => other,
    };
    let instance = set.get("instance");
    if !instance.is_filled() {
        let value = if instance.is_absent() { address } else { instance.filled().or(address) };
        // Without an address there is no target.
        set.put("instance", value.filled());
    }
    set.remove_prefix("__");
    set
}

/// A series of such a target: its own labels may be any, and win only where they are honoured.
#[must_use]
pub fn scraped(target: &Set, honors: bool) -> Set {
    let mut set = Set::open();
    for (name, value) in target.listed() {
        let value = match (value.is_filled(), honors) {
            (true, false) => value.clone(),
            (true, true) => Value::Filled,
            (false, _) => Value::Any,
        };
        set.put(name, value);
    }
    set
}
