//! What happens to spans inside of Tempo: receivers → blocks, and the generator that makes series of them.

use super::series::by_tenants;
use super::symbols::{processors, read, writers};
use crate::engine::{Instance, Say};
use crate::source::Span;
use crate::symbol::{Entry, Role, Signal, Stage};

/// Says it for an instance.
pub(super) fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    let file = read(instance);
    let place = instance.service.map(|(_, s)| s.image.as_ref().map_or(s.span, |i| i.span));
    let Some(span) = place.or_else(|| file.map(|(_, a)| Span::file(a.source))) else { return };
    let id = file.map(|(id, _)| id);
    let store = Stage {
        name: "Tempo".to_owned(),
        role: Role::Store,
        signals: vec![Signal::Traces],
        span,
        entries: vec![Entry::Any],
    };
    let store = say.stage(id, store);
    let Some(root) = file.and_then(|(_, a)| a.data()).and_then(|d| d.root()) else { return };
    let on = processors(root);
    let writer = writers(root).first().map(|w| w.span());
    let Some(span) = on.map(|n| n.span()).or(writer) else { return };
    let generator = Stage {
        name: "Tempo's metrics generator".to_owned(),
        role: Role::Convert,
        signals: vec![Signal::Metrics],
        span,
        entries: Vec::new(),
    };
    let generator = say.stage(id, generator);
    // Without a processor it makes nothing, unless a tenant has one.
    if by_tenants(root) || on.is_some_and(|n| n.items().len() > 0) {
        say.passage(store, generator, Some(Signal::Traces), span);
    }
}
