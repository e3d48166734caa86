//! Time intervals and their names (prometheus/alertmanager config/config.go, timeinterval/timeinterval.go@v0.26.0, v0.34.0).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::super::rules::{invalid_value, time_undefined};
use crate::conform::read::{filled, first, items, word};
use crate::conform::{Judge, When};
use crate::parse::Node;
use crate::source::Span;

/// Looks at all intervals; gives their names.
pub(super) fn intervals<'d>(judge: &mut Judge<'_>, root: Node<'d>) -> BTreeMap<&'d str, Span> {
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for list in ["mute_time_intervals", "time_intervals"] {
        for interval in items(root, list).filter(|i| i.is_map()) {
            let Some(name) = filled(interval, "name") else {
                if word(interval, "name", "") == Some("") {
                    judge
                        .tell(&invalid_value::RULE, first(interval), When::Always, "this time interval has no `name`")
                        .help("write `name:` and what routes call it");
                }
                continue;
            };
            let text = name.scalar().unwrap_or_default();
            match names.entry(text) {
                Entry::Occupied(before) => {
                    let message = format!("two time intervals are named `{text}`");
                    judge
                        .tell(&time_undefined::RULE, name.span(), When::Always, message)
                        .label(*before.get(), "the other one");
                }
                Entry::Vacant(place) => {
                    place.insert(name.span());
                }
            }
            for part in items(interval, "time_intervals") {
                for range in items(part, "times").filter(|r| r.is_map()) {
                    time(judge, range);
                }
            }
        }
    }
    names
}

/// From one time of the day to a later one.
fn time(judge: &mut Judge<'_>, range: Node<'_>) {
    let mut minutes = Vec::new();
    for field in ["start_time", "end_time"] {
        let Some(text) = word(range, field, "") else { return };
        let Some(node) = filled(range, field) else {
            judge
                .tell(&invalid_value::RULE, first(range), When::Always, format!("these times lack `{field}`"))
                .help("write both `start_time: \"09:00\"` and `end_time: \"17:00\"`");
            return;
        };
        let Some(at) = minute(text) else {
            judge
                .tell(&invalid_value::RULE, node.span(), When::Always, format!("`{field}` cannot be `{text}`"))
                .help("write hours and minutes with two digits each: `09:00`");
            return;
        };
        minutes.push((at, node));
    }
    if let [(start, _), (end, node)] = minutes[..]
        && start >= end
    {
        judge
            .tell(&invalid_value::RULE, node.span(), When::Always, "`end_time` is not after `start_time`")
            .help("write two ranges where one goes over midnight");
    }
}

/// `^((([01][0-9])|(2[0-3])):[0-5][0-9])$|(^24:00$)`.
fn minute(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |t: &str| (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<u32>().ok())?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    ((hours < 24 && minutes < 60) || (hours, minutes) == (24, 0)).then_some(hours * 60 + minutes)
}
