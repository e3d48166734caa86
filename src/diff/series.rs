//! Which series a tree makes, and which of those that were made are made no more.

use std::collections::HashMap;

use super::Side;
use crate::symbol::{Export, MetricFamily};

/// The series of both sides.
pub(super) struct Series<'a> {
    before: HashMap<String, &'a MetricFamily>,
    after: HashMap<String, &'a MetricFamily>,
    /// Prefixes of which nothing is known now.
    open: Vec<&'a str>,
}

fn made<'a>(side: &Side<'a>) -> HashMap<String, &'a MetricFamily> {
    let exports = side.symbols.exports.iter();
    let families = exports.filter_map(|(_, e)| if let Export::Metric(family) = e { Some(family) } else { None });
    let names = |f: &'a MetricFamily| {
        // A native histogram has the family's own name.
        std::iter::once(f.name.clone()).chain(f.series()).map(move |name| (name, f))
    };
    families.flat_map(names).collect()
}

impl<'a> Series<'a> {
    pub(super) fn of(old: &Side<'a>, new: &Side<'a>) -> Self {
        let open = new.symbols.exports.iter().filter_map(|(_, e)| match e {
            Export::OpenMetrics { prefix } if !prefix.is_empty() => Some(prefix.as_str()),
            _ => None,
        });
        let mut open: Vec<&str> = open.collect();
        open.sort_unstable();
        open.dedup();
        Self { before: made(old), after: made(new), open }
    }

    /// Who made a series that nothing makes now.
    pub(super) fn lost(&self, name: &str) -> Option<&'a MetricFamily> {
        let before = self.before.get(name)?;
        let open = self.open.iter().any(|p| name.starts_with(p));
        (!open && !self.after.contains_key(name)).then_some(*before)
    }

    /// Whether a series is made now.
    pub(super) fn is_made(&self, name: &str) -> bool {
        self.after.contains_key(name)
    }
}
