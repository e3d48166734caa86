//! What an unchanged file does differently: defaults that moved under what is not written.

use super::{Spot, Way};
use crate::catalogue::Behaviour;
use crate::catalogue::schema::{Field, FieldKind, TypeKind};
use crate::engine::StepKind;
use crate::source::{Edit, Span};

impl<'a> Way<'a> {
    /// Says what moved in a block, `written` left out.
    pub(super) fn silent(&mut self, spot: &Spot<'a>, written: &[String]) {
        let (Some(old), Some(block)) = (spot.old, spot.block) else { return };
        let at = block.header_range();
        for behaviour in self.about(spot, None) {
            self.note(at.clone(), spot.root.to_owned(), behaviour.text.to_owned());
        }
        for field in spot.new.fields().filter(|f| !written.iter().any(|w| w == f.name())) {
            let before = old.field(field.name());
            if self.keep(spot, field) {
                continue;
            }
            let moved = match (before, field.kind()) {
                (Some(before), FieldKind::Attribute) if before.kind() == FieldKind::Attribute => {
                    let values = (spot.given.0.of(before), spot.given.1.of(field));
                    let known = !before.dynamic() && !field.dynamic();
                    (known && values.0 != values.1)
                        .then(|| (shown(before, values.0), shown(field, values.1)))
                        .map(|(old, new)| format!("`{old}` → `{new}` where it is not written"))
                }
                (Some(before), FieldKind::Block) => absent(before, field),
                _ => None,
            };
            let why = self.about(spot, Some(field)).into_iter().find(|b| b.keep.is_none()).map(|b| b.text);
            let text = match (moved, why) {
                (Some(moved), Some(why)) => format!("{moved}: {why}"),
                (Some(text), None) => text,
                // Not to be seen in the schema: a field that is new, a default that code sets.
                (None, Some(why)) => why.to_owned(),
                (None, None) => continue,
            };
            self.note(at.clone(), spot.subject(field.name()), text);
        }
    }

    /// Writes an old default out where the new one is refused beside what is written.
    fn keep(&mut self, spot: &Spot<'a>, field: Field) -> bool {
        let all = self.about(spot, Some(field));
        let refused = all.into_iter().find_map(|b| {
            let keep = b.keep?;
            let beside = spot.body.attr(keep.beside)?;
            (beside.value().as_i64()? > keep.above).then_some((b, keep, beside))
        });
        let Some((behaviour, keep, beside)) = refused else { return false };
        let at = beside.range().start as usize;
        let text = self.page.before(beside.range(), &format!("{} = {}", field.name(), keep.value));
        let edit = Edit { span: Span::new(self.source, at..at), text };
        let said = format!("the old default `{}` is written out: {}", keep.value, behaviour.text);
        self.say(StepKind::Edit, beside.range(), spot.subject(field.name()), said, vec![edit]);
        true
    }

    /// What is recorded of a field that is not written; of the component itself for `None`.
    fn about(&self, spot: &Spot<'a>, field: Option<Field>) -> Vec<&'static Behaviour> {
        let path = field.map(|f| spot.at(f.name()));
        let fits = |b: &&&'static Behaviour| match &path {
            Some(path) => !b.written && b.is_about(spot.root, path),
            None => spot.path.is_empty() && b.path().is_empty() && b.of(spot.root),
        };
        self.behaviours.iter().filter(fits).copied().collect()
    }
}

fn shown(field: Field, value: Option<String>) -> String {
    let zero = if matches!(field.ty().kind(), TypeKind::Bool) { "false" } else { "unset" };
    value.unwrap_or_else(|| zero.to_owned())
}

/// What holds where a block is not written, if that moved.
fn absent(old: Field, new: Field) -> Option<String> {
    if old.active() != new.active() {
        return Some(format!("{} where it is not written", if new.active() { "on" } else { "off" }));
    }
    let values = |f: Field| f.when_absent().and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok());
    let (before, after) = (values(old)?, values(new)?);
    let (before, after) = (before.as_object()?, after.as_object()?);
    let moved = after.iter().filter_map(|(name, value)| {
        let old = before.get(name).filter(|old| *old != value)?;
        Some(format!("`{name}` `{old}` → `{value}`"))
    });
    let moved: Vec<String> = moved.collect();
    (!moved.is_empty()).then(|| format!("{} where it is not written", moved.join(", ")))
}
