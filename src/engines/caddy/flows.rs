//! What happens to requests inside of Caddy: a site's paths → the directive that passes them on.

use std::rc::Rc;

use super::caddyfile::Segment;
use super::symbols::{PATH_LIMIT, Site, matched, sites};
use crate::engine::{Instance, Say};
use crate::source::Span;
use crate::symbol::{Entry, Role, Stage};

/// Paths of requests; `None` = any, or not known.
type Paths = Option<Rc<Vec<String>>>;

/// Says it for an instance.
pub(super) fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    if instance.service.is_none() {
        return;
    }
    for (id, source, segments) in sites(instance) {
        for segment in &segments {
            let site = Site::new(id, source, segment, &segments, instance);
            for (directive, paths) in site.as_ref().map(proxies).unwrap_or_default() {
                let name = "Caddy's `reverse_proxy`".to_owned();
                let span = Span::new(source, range(directive));
                let size = paths.as_ref().map_or(1, |p| p.len()).saturating_mul(segment.words.len());
                let entry = |word: &super::caddyfile::Token| Entry::Listener {
                    name: format!("Caddy's site `{}`", word.text.trim_end_matches(',')),
                    paths: paths.as_deref().cloned(),
                };
                let entries = segment.words.iter().filter(|_| size <= PATH_LIMIT).map(entry).collect();
                say.stage(Some(id), Stage { name, role: Role::Pass, signals: Vec::new(), span, entries });
            }
        }
    }
}

/// The directives of a site that pass requests on, each with the paths that reach it.
fn proxies<'s>(site: &'s Site<'s>) -> Vec<(&'s Segment, Paths)> {
    let matchers = site.matchers();
    let own = |segment: &Segment| -> Paths {
        let first = segment.args().first().map(|a| a.text.as_str())?;
        match first.strip_prefix('@') {
            Some(_) => matchers.get(first).and_then(|m| matched(m)).map(Rc::new),
            None => first.starts_with('/').then(|| Rc::new(vec![first.to_owned()])),
        }
    };
    let mut found = Vec::new();
    let mut waiting: Vec<(&Segment, Paths)> = site.segment.block.iter().flatten().rev().map(|s| (s, None)).collect();
    while let Some((segment, around)) = waiting.pop() {
        let paths = own(segment).or(around);
        if segment.name() == "reverse_proxy" {
            found.push((segment, paths));
        } else {
            waiting.extend(segment.block.iter().flatten().rev().map(|s| (s, paths.clone())));
        }
    }
    found
}

/// The bytes of a directive with its block.
fn range(segment: &Segment) -> std::ops::Range<usize> {
    let mut whole = segment.words.first().map_or(0..0, |w| w.range.clone());
    let mut waiting = vec![segment];
    while let Some(segment) = waiting.pop() {
        whole.end = segment.words.iter().map(|w| w.range.end).fold(whole.end, usize::max);
        waiting.extend(segment.block.iter().flatten());
    }
    whole
}
