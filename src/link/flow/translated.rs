//! What comes as OTLP, beside what is scraped.

use std::collections::{HashMap, HashSet};

use super::Flows;
use crate::labels::{Promoted, Scraped, Series, Translation};
use crate::link::{Linked, Resolution};
use crate::source::Span;
use crate::symbol::Protocol;
use crate::tree::ServiceId;

/// The makers that look at engines and exporters alone, by their place.
pub(super) fn plain(linked: &Linked<'_>, all: &[&Series]) -> HashSet<Span> {
    if all.iter().all(|s| s.translation.is_none()) {
        return HashSet::new();
    }
    let scrapes = linked.urls.iter().filter(|(_, url, _)| url.protocol == Protocol::Scrape);
    let at: HashMap<Span, &Resolution> = scrapes.map(|(_, url, to)| (url.span, to)).collect();
    let known = |id: &ServiceId| {
        let service = linked.tree.service(*id);
        let image = service.image.as_ref().map_or("", |i| i.repository.as_str());
        !service.build && (service.engine.is_some() || image.contains("exporter"))
    };
    let is_plain = |series: &&&Series| match &series.scraped {
        Scraped::Exporter(_) => true,
        Scraped::Unknown => false,
        Scraped::Addresses(targets) => targets.iter().all(|target| match at.get(target) {
            Some(Resolution::Itself) => true,
            Some(Resolution::Services(to) | Resolution::Published(to)) => !to.is_empty() && to.iter().all(known),
            _ => false,
        }),
    };
    all.iter().filter(is_plain).map(|s| s.span).collect()
}

impl<'a> Flows<'a> {
    /// All that makes series of a metric of OTLP; `None` where it is not known, or others may make them.
    pub(in crate::link) fn translations(&self, metric: &str) -> Option<Vec<&'a Translation>> {
        let mut found = Vec::new();
        for series in self.all.iter().filter(|s| s.may_hold(metric) && !self.plain.contains(&s.span)) {
            let translation = series.translation.as_deref()?;
            if translation.promoted == Promoted::Unknown {
                return None;
            }
            found.push(translation);
        }
        (!found.is_empty()).then_some(found)
    }
}
