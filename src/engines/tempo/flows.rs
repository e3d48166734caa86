//! What happens to spans inside of Tempo: receivers → blocks, and the generator that makes series of them.

use super::overrides::{Limits, processors};
use super::symbols::{read, writers};
use crate::engine::{Instance, Say};
use crate::source::Span;
use crate::symbol::{Entry, Role, Signal, Stage};

/// Says it for an instance.
pub(super) fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    let file = read(instance);
    let place = instance.service.map(|(_, s)| s.image_span());
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
    let Some((_, config)) = file else { return };
    let Some(root) = config.data().and_then(|d| d.root()) else { return };
    let known = processors(instance.tree, config);
    let on = known.as_ref().and_then(|all| all.iter().find(|n| n.items().len() > 0)).map(|n| n.span());
    let written = Limits::defaults(root).and_then(|l| l.processors()).map(|n| n.span());
    let writer = writers(root).first().map(|w| w.span());
    let Some(span) = on.or(written).or(writer) else { return };
    let generator = Stage {
        name: "Tempo's metrics generator".to_owned(),
        role: Role::Convert,
        signals: vec![Signal::Metrics],
        span,
        entries: Vec::new(),
    };
    let generator = say.stage(id, generator);
    // Without a processor it makes nothing.
    if known.is_none() || on.is_some() {
        say.passage(store, generator, Some(Signal::Traces), span);
    }
}
