//! What comes as OTLP, beside what is scraped.

use super::Flows;
use crate::labels::{Promoted, Translation};

impl<'a> Flows<'a> {
    /// All that makes series of a metric of OTLP; `None` where it is not known, or others may make them.
    pub(in crate::link) fn translations(&self, metric: &str) -> Option<Vec<&'a Translation>> {
        let mut found = Vec::new();
        for series in self.all.iter().filter(|s| s.may_hold(metric) && !self.makers.are_plain(s)) {
            let translation = series.translation.as_deref()?;
            if translation.promoted == Promoted::Unknown {
                return None;
            }
            found.push(translation);
        }
        (!found.is_empty()).then_some(found)
    }
}
