//! A YAML file on its way to another version: every key is held against what both versions take.

use super::edit::{Insertion, Page};
use super::history::{History, field, history};
use super::{Reader, verify};
use crate::catalogue::schema::{self, At, Body, Field, Schema, Type, TypeKind};
use crate::catalogue::{Behaviour, Change, Mend, Successor, Version, behaviours, successor};
use crate::engine::{Passage, Step, StepKind};
use crate::parse::{Entry, Node};
use crate::source::{Edit, Span};
use crate::tree::Format;

/// The body that a place has in one version; `None` = it has none, or that is not known.
type Place = Option<Body>;

/// What is to be done to one file.
pub(super) fn steps(engine: &'static str, reader: &Reader, passage: &Passage<'_>) -> Vec<Step> {
    let artifact = passage.artifact;
    let (Some(schema), Some(document)) = (schema::schema(engine), artifact.data()) else { return Vec::new() };
    if !artifact.syntax.is_empty() {
        let text = "the file cannot be read: mend its syntax first".to_owned();
        let span = Span::file(artifact.source);
        return vec![Step { kind: StepKind::Hand, span, subject: artifact.path.clone(), text, edits: Vec::new() }];
    }
    let body = |at: At| at.root(reader.root).and_then(|r| r.body());
    let (Some(root), Some(new)) = (document.root(), body(schema.at(passage.to))) else { return Vec::new() };
    let from = passage.from.filter(|from| *from < passage.to);
    let mut way = Way {
        engine,
        schema,
        root: reader.root,
        page: Page { text: document.source_text(), source: artifact.source },
        top: root,
        to: passage.to,
        moving: Vec::new(),
        placed: Vec::new(),
        removed: Vec::new(),
        steps: Vec::new(),
        behaviours: from
            .map_or(Vec::new(), |from| behaviours(engine, from, passage.to).filter(|b| b.of(reader.root)).collect()),
    };
    way.map(root, new, from.and_then(|v| body(schema.at(v))));
    way.put(root);
    way.tidy(root);
    let Format::Yaml(dialect) = artifact.kind.format else { return Vec::new() };
    if !verify::holds(dialect, document, &way.steps, &way.placed) {
        way.give_up("the edits would not come out as they are meant");
    }
    way.steps.sort_by_key(|s| (s.span.start, s.kind, s.span.end));
    way.steps
}

struct Way<'d> {
    engine: &'static str,
    schema: Schema,
    root: &'static str,
    page: Page<'d>,
    /// The map at the top.
    top: Node<'d>,
    to: Version,
    /// Entries that stand elsewhere afterwards, with the step that takes them out.
    moving: Vec<(usize, Insertion<'d>)>,
    /// The places where they stand then.
    placed: Vec<Vec<String>>,
    /// Entries that are taken out.
    removed: Vec<Removed<'d>>,
    steps: Vec<Step>,
    /// What an unchanged file does differently, until it is told: once.
    behaviours: Vec<&'static Behaviour>,
}

/// An entry that is taken out.
#[derive(Clone)]
struct Removed<'d> {
    /// The keys above it.
    above: Vec<&'d str>,
    key: Span,
    /// The step that takes it out.
    step: Span,
}

/// A map of the file with its keys from the top.
struct Visit<'d> {
    node: Node<'d>,
    new: Body,
    old: Place,
    path: Vec<&'d str>,
}

impl<'d> Way<'d> {
    fn map(&mut self, root: Node<'d>, new: Body, old: Place) {
        let mut stack = vec![Visit { node: root, new, old, path: Vec::new() }];
        while let Some(visit) = stack.pop() {
            let mut written = Vec::new();
            for entry in visit.node.own_entries().filter(|e| e.name() != "<<" && !e.value.is_alias()) {
                let name = entry.name();
                written.push(name);
                let path: Vec<&str> = visit.path.iter().copied().chain([name]).collect();
                let old = visit.old.and_then(|b| field(b, name));
                match field(visit.new, name) {
                    Some(new) => {
                        self.values(entry, &path);
                        below(entry.value, new.ty(), old.map(Field::ty), &path, &mut stack);
                    }
                    None => self.gone(entry, &path),
                }
            }
            self.silent(&visit, &written);
            self.told(&visit, &written);
        }
    }

    /// What this map makes the new version do differently.
    fn told(&mut self, visit: &Visit<'d>, written: &[&str]) {
        let mut left = Vec::new();
        for behaviour in std::mem::take(&mut self.behaviours) {
            let (path, here) = (behaviour.path(), visit.path.len());
            let fits = path.len() > here && path.starts_with(&visit.path) || path.is_empty() && here == 0;
            let key = path.get(here).copied().unwrap_or_default();
            let last = path.len() <= here + 1;
            let at = if !fits {
                None
            } else if behaviour.written {
                let entry = visit.node.own_entries().find(|e| e.name() == key);
                let value = |e: &Entry<'_>| behaviour.value.is_none_or(|v| e.value.scalar() == Some(v));
                entry.filter(|e| last && value(e)).map(|e| e.key.span())
            } else {
                // A block that is left out has its defaults; of a list there is nothing then.
                let block = visit.new.field(key).is_some_and(|f| matches!(f.ty().kind(), TypeKind::Object(_)));
                let absent = !written.contains(&key) && (last || block);
                absent.then(|| visit.node.own_entries().next().map_or(visit.node.span(), |e| e.key.span()))
            };
            match at {
                Some(span) => {
                    let subject = if path.is_empty() { self.engine.to_owned() } else { path.join(".") };
                    let text = behaviour.text.to_owned();
                    self.steps.push(Step { kind: StepKind::Note, span, subject, text, edits: Vec::new() });
                }
                None => left.push(behaviour),
            }
        }
        self.behaviours = left;
    }

    /// A key that the new version does not know.
    fn gone(&mut self, entry: Entry<'d>, path: &[&'d str]) {
        let keys = &path[..path.len() - 1];
        let History::Removed(since) = history(self.schema, self.root, keys, entry.name(), self.to) else {
            // No earlier version has it: that is for `check` to tell.
            return;
        };
        let Some(entry_of) = successor(self.engine, self.root, path, self.to) else {
            let text = format!("gone since {since}, and what replaces it is not recorded: read its release notes");
            return self.say(StepKind::Hand, entry, path, text, Vec::new());
        };
        let text = format!("gone since {}; {}", entry_of.version(), entry_of.help());
        if entry_of.mend == Mend::Hand || !self.page.stands_alone(entry) {
            return self.say(StepKind::Hand, entry, path, text, Vec::new());
        }
        self.mend(entry, entry_of, path, text);
    }

    fn mend(&mut self, entry: Entry<'d>, by: &'static Successor, path: &[&'d str], text: String) {
        match by.mend {
            Mend::Rename(to) => {
                let edit = Edit { span: entry.key.inner(), text: to.to_owned() };
                self.say(StepKind::Edit, entry, path, text, vec![edit]);
            }
            Mend::Words(to, words) => {
                let new = entry.value.scalar().and_then(|v| words.iter().find(|(old, _)| *old == v));
                let mut edits = vec![Edit { span: entry.key.inner(), text: to.to_owned() }];
                edits.extend(new.map(|(_, new)| Edit { span: entry.value.inner(), text: (*new).to_owned() }));
                self.say(StepKind::Edit, entry, path, text, edits);
            }
            Mend::Move(to) => {
                self.take(entry, path, text, true);
                self.moves(entry, to);
            }
            Mend::Delete => {
                let (moved, kept) = self.inner_moves(entry, path);
                let mut text = text;
                for name in &moved {
                    text.push_str(&format!("; `{name}` moves"));
                }
                if kept.is_empty() {
                    self.take(entry, path, text, false);
                } else {
                    let kept = kept.join("`, `");
                    self.say(StepKind::Hand, entry, path, format!("{text}; see to `{kept}` first"), Vec::new());
                }
                for step in &mut self.moving {
                    step.0 = step.0.min(self.steps.len() - 1);
                }
            }
            _ => self.say(StepKind::Hand, entry, path, text, Vec::new()),
        }
    }

    /// What moves out of a block that goes, and what of it needs a hand.
    fn inner_moves(&mut self, entry: Entry<'d>, path: &[&'d str]) -> (Vec<String>, Vec<String>) {
        let (mut moved, mut kept) = (Vec::new(), Vec::new());
        let mut stack = vec![(entry.value, path.to_vec())];
        while let Some((node, path)) = stack.pop() {
            for inner in node.own_entries() {
                let path: Vec<&str> = path.iter().copied().chain([inner.name()]).collect();
                match successor(self.engine, self.root, &path, self.to).map(|s| s.mend) {
                    Some(Mend::Move(to)) if self.page.stands_alone(inner) => {
                        self.moves(inner, to);
                        moved.push(path.join("."));
                    }
                    Some(Mend::Hand | Mend::Move(_)) => kept.push(path.join(".")),
                    _ => stack.push((inner.value, path)),
                }
            }
        }
        moved.sort();
        (moved, kept)
    }

    fn moves(&mut self, entry: Entry<'d>, to: &[&str]) {
        let step = self.steps.len().saturating_sub(1);
        for place in to {
            let path: Vec<&str> = place.split('.').collect();
            let mut lines = self.page.lines(entry);
            // What the list may hold no more at its new place stays behind.
            if let Some(Mend::Items(words)) = successor(self.engine, self.root, &path, self.to).map(|s| s.mend) {
                let gone = |i: &Node<'_>| words.iter().any(|(old, new)| new.is_empty() && i.scalar() == Some(*old));
                let (gone, kept): (Vec<_>, Vec<_>) = entry.value.items().partition(gone);
                let names: Vec<_> = gone.iter().filter_map(|i| i.scalar()).collect();
                if let (Some(said), false) = (self.steps.get_mut(step), names.is_empty()) {
                    said.text.push_str(&format!("; `{}` is gone", names.join("`, `")));
                }
                if kept.is_empty() && !gone.is_empty() {
                    continue;
                }
                let edits = gone.into_iter().filter_map(|item| self.page.remove_item(entry.value, item));
                lines.leave_out(edits.map(|e| e.span).collect(), entry.key.span().end);
            }
            self.moving.push((step, Insertion { path: path.into_iter().map(str::to_owned).collect(), lines }));
        }
    }

    /// A word that the new version takes no more.
    fn values(&mut self, entry: Entry<'d>, path: &[&'d str]) {
        let Some(by) = successor(self.engine, self.root, path, self.to) else { return };
        if let Mend::Words(to, words) = by.mend
            && path.last() == Some(&to)
            && let Some((old, new)) = entry.value.scalar().and_then(|v| words.iter().find(|(old, _)| *old == v))
        {
            let text = format!("`{old}` is gone since {}, write `{new}`: {}", by.version(), by.why);
            let edits = vec![Edit { span: entry.value.inner(), text: (*new).to_owned() }];
            self.steps.push(Step {
                kind: StepKind::Edit,
                span: entry.value.span(),
                subject: path.join("."),
                text,
                edits,
            });
            return;
        }
        if let (Mend::Move(to), Change::Retyped(since)) = (by.mend, by.change) {
            if asked(self.top, by.unless) {
                return;
            }
            let text = format!("not taken since {since}; {}", by.help());
            if !self.page.stands_alone(entry) {
                return self.say(StepKind::Hand, entry, path, text, Vec::new());
            }
            self.take(entry, path, text, true);
            return self.moves(entry, to);
        }
        let Mend::Items(words) = by.mend else { return };
        for item in entry.value.items() {
            let Some((_, new)) = item.scalar().and_then(|v| words.iter().find(|(old, _)| *old == v)) else { continue };
            let text = format!("`{}` is gone since {}; {}", item.scalar().unwrap_or_default(), by.version(), by.why);
            let edit = if new.is_empty() {
                self.page.remove_item(entry.value, item).or_else(|| self.page.empty(entry, item))
            } else {
                Some(Edit { span: item.inner(), text: (*new).to_owned() })
            };
            let (kind, edits) = match edit {
                Some(edit) => (StepKind::Edit, vec![edit]),
                None => (StepKind::Hand, Vec::new()),
            };
            self.steps.push(Step { kind, span: item.span(), subject: path.join("."), text, edits });
        }
    }

    /// Defaults that moved under a map that is written, of keys that are not.
    fn silent(&mut self, visit: &Visit<'d>, written: &[&str]) {
        let Some(old) = visit.old else { return };
        for field in visit.new.fields().filter(|f| !written.contains(&f.name())) {
            let Some(before) = old.field(field.name()) else { continue };
            let (Some(was), Some(is)) = (before.default(), field.default()) else { continue };
            if was != is && !before.dynamic() && !field.dynamic() {
                let at = visit.node.own_entries().next().map_or(visit.node.span(), |e| e.key.span());
                let subject = visit.path.iter().copied().chain([field.name()]).collect::<Vec<_>>().join(".");
                let mut text = format!("`{was}` → `{is}` where it is not written");
                // What that brings about is one note with it.
                let path = || visit.path.iter().copied().chain([field.name()]);
                let about = |b: &Behaviour| !b.written && b.path().iter().copied().eq(path());
                if let Some(at) = self.behaviours.iter().position(|b| about(b)) {
                    text = format!("{text}: {}", self.behaviours.remove(at).text);
                }
                self.steps.push(Step { kind: StepKind::Note, span: at, subject, text, edits: Vec::new() });
            }
        }
    }

    /// Puts what moves to its places, with the steps that took it out.
    fn put(&mut self, root: Node<'d>) {
        if self.moving.is_empty() {
            return;
        }
        let taken = |path: &[String]| root.at(&path.iter().map(String::as_str).collect::<Vec<_>>()).is_some();
        let moving = std::mem::take(&mut self.moving);
        let step = moving[0].0;
        let (there, fresh): (Vec<_>, Vec<_>) = moving.into_iter().partition(|(_, i)| taken(&i.path));
        for (at, insertion) in there {
            self.steps[at].text.push_str(&format!("; `{}` is written already", insertion.path.join(".")));
        }
        let mut fresh: Vec<Insertion<'_>> = fresh.into_iter().map(|(_, i)| i).collect();
        fresh.sort_by(|a, b| a.path.cmp(&b.path));
        // What is written now has no default.
        let written = |step: &Step| fresh.iter().any(|i| i.path.join(".") == step.subject);
        let edited = self.steps[step].span;
        self.steps.retain(|s| s.kind != StepKind::Note || !written(s));
        let Some(step) = self.steps.iter().position(|s| s.span == edited) else { return };
        match self.page.insert(root, &fresh) {
            Some(edits) => {
                self.steps[step].edits.extend(edits);
                self.placed = fresh.into_iter().map(|i| i.path).collect();
            }
            None => self.give_up("a map that keys move to is not written line by line"),
        }
    }

    /// Takes out blocks that lost all that they held: nothing under a key is null, and null takes a block's defaults away where
    /// yaml.v2 reads it.
    fn tidy(&mut self, root: Node<'d>) {
        let mut at = 0;
        while let Some(Removed { above, key, step }) = self.removed.get(at).cloned() {
            at += 1;
            let Some((name, outer)) = above.split_last() else { continue };
            let Some(block) = root.at(outer).and_then(|map| map.own_entries().find(|e| e.name() == *name)) else {
                continue;
            };
            let gone = |e: Entry<'_>| self.removed.iter().any(|r| r.key == e.key.span());
            let kept =
                self.placed.iter().any(|p| p.iter().map(String::as_str).take(above.len()).eq(above.iter().copied()));
            let holds = block.value.own_entries().any(|e| e.key.span() == key);
            if kept || !holds || gone(block) || !self.page.stands_alone(block) || !block.value.own_entries().all(gone) {
                continue;
            }
            if let Some(its) = self.steps.iter_mut().find(|s| s.kind == StepKind::Edit && s.span == step) {
                its.edits.push(self.page.remove_key(block));
                self.removed.push(Removed { above: outer.to_vec(), key: block.key.span(), step });
            }
        }
    }

    /// Leaves to a person what would be edited.
    fn give_up(&mut self, why: &str) {
        for step in self.steps.iter_mut().filter(|s| s.kind == StepKind::Edit) {
            step.kind = StepKind::Hand;
            step.text.push_str(&format!("; do it by hand: {why}"));
            step.edits.clear();
        }
    }

    /// Takes an entry out; with the comments above it when it moves.
    fn take(&mut self, entry: Entry<'d>, path: &[&'d str], text: String, moves: bool) {
        self.say(StepKind::Edit, entry, path, text, vec![self.page.remove(entry, moves)]);
        let key = entry.key.span();
        self.removed.push(Removed { above: path[..path.len() - 1].to_vec(), key, step: key });
    }

    fn say(&mut self, kind: StepKind, entry: Entry<'_>, path: &[&str], text: String, edits: Vec<Edit>) {
        self.steps.push(Step { kind, span: entry.key.span(), subject: path.join("."), text, edits });
    }
}

/// Whether a dotted key of a file is true.
fn asked(root: Node<'_>, key: &str) -> bool {
    let path: Vec<&str> = key.split('.').collect();
    !key.is_empty() && root.at(&path).is_some_and(|n| n.as_bool() != Some(false))
}

/// The maps below a value.
fn below<'d>(value: Node<'d>, new: Type, old: Option<Type>, path: &[&'d str], stack: &mut Vec<Visit<'d>>) {
    let mut pending = vec![(value, new, old, path.to_vec())];
    while let Some((node, new, old, path)) = pending.pop() {
        match new.kind() {
            TypeKind::Object(body) if node.is_map() => {
                let old = match old.map(Type::kind) {
                    Some(TypeKind::Object(old)) => Some(old),
                    _ => None,
                };
                stack.push(Visit { node, new: body, old, path });
            }
            TypeKind::List(inner) => {
                let old = old.and_then(Type::inner);
                pending.extend(node.items().filter(|i| !i.is_alias()).map(|i| (i, inner, old, path.clone())));
            }
            TypeKind::Map(inner) => {
                let old = old.and_then(Type::inner);
                let entries = node.own_entries().filter(|e| e.name() != "<<" && !e.value.is_alias());
                pending.extend(
                    entries.map(|e| (e.value, inner, old, path.iter().copied().chain([e.name()]).collect::<Vec<_>>())),
                );
            }
            _ => {}
        }
    }
}
