//! An Alloy file on its way to another version: every component and block is held against what both versions take.

mod mend;
mod place;
mod silent;

use std::collections::HashSet;
use std::ops::Range;

use vispyr_alloy::{Attribute, Block, File, Stmt};

use crate::catalogue::changes::{Given, lost};
use crate::catalogue::schema::{self, At, Field, FieldKind, Stability};
use crate::catalogue::{self, Behaviour, Version, successor};
use crate::engine::{Passage, Step, StepKind, Upgrade};
use crate::source::{Edit, SourceId, Span};

use mend::{Gone, Move, Outcome};
use place::Page;

/// What is known of the way.
pub(super) static UPGRADE: Upgrade = Upgrade { steps, tidy: |text| vispyr_alloy::format(text).ok(), wider: None };

const ENGINE: &str = "alloy";

/// A block of the file with what both versions know of it.
struct Spot<'a> {
    /// The component or configuration block that it belongs to.
    root: &'static str,
    /// Blocks from there, itself included.
    path: Vec<&'static str>,
    block: Option<Block<'a>>,
    body: vispyr_alloy::Body<'a>,
    new: schema::Body,
    /// At the version that the file was written for.
    old: Option<schema::Body>,
    given: (Given, Given),
    /// An attribute that an edit makes of its label.
    made: Option<&'static str>,
}

impl Spot<'_> {
    fn subject(&self, name: &str) -> String {
        let names = std::iter::once(self.root).chain(self.path.iter().copied()).chain([name]);
        names.filter(|n| !n.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn at<'n>(&self, name: &'n str) -> Vec<&'n str> {
        self.path.iter().copied().chain([name]).collect()
    }
}

fn steps(passage: &Passage<'_>) -> Vec<Step> {
    let (Some(schema), Some(parse)) = (catalogue::schema(ENGINE), passage.artifact.alloy()) else { return Vec::new() };
    // Edits rest on what was understood: in a broken file that may be anything.
    if !parse.errors.is_empty() {
        let text = "the file cannot be read: mend its syntax first".to_owned();
        let span = Span::file(passage.artifact.source);
        let subject = passage.artifact.path.clone();
        return vec![Step { kind: StepKind::Hand, span, subject, text, edits: Vec::new() }];
    }
    let from = passage.from.filter(|from| *from < passage.to);
    let behaviours = from.map_or(Vec::new(), |from| catalogue::behaviours(ENGINE, from, passage.to).collect());
    let mut way = Way {
        page: Page { text: parse.file.text() },
        source: passage.artifact.source,
        to: passage.to,
        new: schema.at(passage.to),
        old: from.map(|v| schema.at(v)),
        behaviours,
        steps: Vec::new(),
        seen: HashSet::new(),
    };
    way.functions(&parse.file);
    way.file(&parse.file);
    way.steps.sort_by_key(|s| (s.span.start, s.kind, s.span.end));
    way.steps
}

struct Way<'a> {
    page: Page<'a>,
    source: SourceId,
    to: Version,
    new: At,
    old: Option<At>,
    behaviours: Vec<&'static Behaviour>,
    steps: Vec<Step>,
    /// What was said of components of a kind: a default that moved is said once.
    seen: HashSet<(String, String)>,
}

impl<'a> Way<'a> {
    fn say(&mut self, kind: StepKind, range: Range<u32>, subject: String, text: impl Into<String>, edits: Vec<Edit>) {
        let span = Span::new(self.source, range.start as usize..range.end as usize);
        self.steps.push(Step { kind, span, subject, text: text.into(), edits });
    }

    fn note(&mut self, range: Range<u32>, subject: String, text: String) {
        if self.seen.insert((subject.clone(), text.clone())) {
            self.say(StepKind::Note, range, subject, text, Vec::new());
        }
    }

    /// Calls of functions under their short names, anywhere.
    fn functions(&mut self, file: &'a File) {
        let mut bodies = vec![file.body()];
        let blocks = file.all_blocks();
        // An import may be called like a part of the standard library.
        let taken: Vec<&str> = file.body().all_blocks().filter_map(|b| Some(b.label()?.name())).collect();
        bodies.extend(blocks.iter().map(Block::body));
        for attribute in bodies.iter().flat_map(|b| b.attrs()) {
            for call in attribute.value().references().into_iter().filter(|r| r.is_call() && r.segments().len() == 1) {
                let name = call.path();
                let Some(renamed) = catalogue::function(ENGINE, &name, self.to) else { continue };
                if self.new.function(renamed.instead).is_none() {
                    continue;
                }
                let range = call.range();
                let part = renamed.instead.split('.').next().unwrap_or_default();
                let subject = format!("{name}()");
                if taken.contains(&part) {
                    let text =
                        format!("it is deprecated, and `{part}` of `{}` is a name of this file", renamed.instead);
                    self.note(range, subject, text);
                    continue;
                }
                let span = Span::new(self.source, range.start as usize..range.end as usize);
                let edit = Edit { span, text: renamed.instead.to_owned() };
                let text = format!("its short name is deprecated since {}: `{}`", renamed.since, renamed.instead);
                self.say(StepKind::Edit, range, subject, text, vec![edit]);
            }
        }
    }

    fn file(&mut self, file: &'a File) {
        // Bodies of which every block is a component: the file, and what `declare` and `foreach` hold.
        let mut scopes = vec![file.body()];
        let mut spots = Vec::new();
        while let Some(scope) = scopes.pop() {
            for block in scope.all_blocks() {
                let name = block.name();
                match &*name {
                    "declare" => scopes.push(block.body()),
                    "foreach" => scopes.extend(block.body().blocks("template").map(|b| b.body())),
                    _ => {}
                }
                spots.extend(self.component(block, &name));
            }
        }
        while let Some(spot) = spots.pop() {
            spots.extend(self.spot(&spot));
        }
    }

    fn component(&mut self, block: Block<'a>, name: &str) -> Option<Spot<'a>> {
        let Some(root) = self.new.root(name) else {
            let went = self.new.schema().root_ever(name)?.until()?;
            let text = match successor(ENGINE, name, &[], self.to) {
                Some(entry) => format!("gone since {}; {}", entry.version(), entry.help()),
                None => format!("gone since {went}"),
            };
            self.say(StepKind::Hand, block.name_range(), name.to_owned(), text, Vec::new());
            return None;
        };
        let old = self.old.and_then(|at| at.root(name));
        if let Some(old) = old {
            self.promise(block, old, root);
        }
        Some(Spot {
            root: root.name(),
            path: Vec::new(),
            block: Some(block),
            body: block.body(),
            new: root.body()?,
            old: old.and_then(schema::Root::body),
            given: (Given::default(), Given::default()),
            made: None,
        })
    }

    /// What a component is worth.
    fn promise(&mut self, block: Block<'a>, old: schema::Root, new: schema::Root) {
        let text = if new.community() && !old.community() {
            "it runs only with `--feature.community-components.enabled` now".to_owned()
        } else if new.stability() < old.stability() {
            format!("it runs only with `--stability.level={}` now", new.stability().name())
        } else if new.stability() > old.stability() && !new.community() {
            match new.stability() {
                Stability::GenerallyAvailable => "it no longer needs `--stability.level`".to_owned(),
                other => format!("`--stability.level={}` is enough for it now", other.name()),
            }
        } else {
            return;
        };
        self.note(block.name_range(), new.name().to_owned(), text);
    }

    /// One block; what is inside it is given back.
    fn spot(&mut self, spot: &Spot<'a>) -> Vec<Spot<'a>> {
        let (mut inside, mut moves) = (Vec::new(), Vec::new());
        let mut written: Vec<String> = spot.made.into_iter().map(str::to_owned).collect();
        for statement in spot.body.stmts() {
            match statement {
                Stmt::Attribute(attribute) => {
                    let name = attribute.name().name();
                    written.push(name.to_owned());
                    match spot.new.field(name) {
                        Some(field) if field.kind() == FieldKind::Attribute => self.kept(spot, attribute, field),
                        Some(_) | None => {
                            self.gone(spot, Gone::Attribute(attribute), name, &mut moves, &mut written);
                        }
                    }
                }
                Stmt::Block(block) => {
                    let name = block.name();
                    written.push(name.clone().into_owned());
                    match inner(spot, &name) {
                        Some((path, field, body)) => {
                            let takes = field.label() || body.fields().any(|f| f.kind() == FieldKind::Label);
                            let mut made = None;
                            if block.label().is_some() && !takes {
                                let path: Vec<&str> = path.iter().copied().chain([""]).collect();
                                made = self.label(spot, block, &path);
                            }
                            let inner = self.inside(spot, block, path, field, body);
                            inside.extend(inner.map(|inner| Spot { made, ..inner }));
                        }
                        None => {
                            let to = self.gone(spot, Gone::Block(block), &name, &mut moves, &mut written);
                            let renamed = to.and_then(|to| inner(spot, to));
                            inside.extend(renamed.and_then(|(path, f, body)| self.inside(spot, block, path, f, body)));
                        }
                    }
                }
            }
        }
        let edits = spot.put(self.page, self.source, &moves);
        written.extend(moves.into_iter().map(|(block, ..)| block));
        if let Some(last) = self.steps.iter_mut().rev().find(|s| s.kind == StepKind::Edit).filter(|_| !edits.is_empty())
        {
            last.edits.extend(edits);
        }
        self.missing(spot, &written);
        self.silent(spot, &written);
        inside
    }

    fn inside(
        &self,
        spot: &Spot<'a>,
        block: Block<'a>,
        path: Vec<&'static str>,
        field: Field,
        new: schema::Body,
    ) -> Option<Spot<'a>> {
        // The same way through the old version's bodies; a block that it does not know has no past.
        let of_old = |body: schema::Body| {
            let (mut body, mut last) = (body, None);
            for name in &path[spot.path.len()..] {
                last = body.field(name);
                body = last?.body()?;
            }
            last.map(|field| (field, body))
        };
        let old = spot.old.and_then(of_old);
        let given = match old {
            Some((old, _)) => (spot.given.0.inside(old), spot.given.1.inside(field)),
            None => (Given::default(), Given::default()),
        };
        let old = old.map(|(_, body)| body);
        Some(Spot { root: spot.root, path, block: Some(block), body: block.body(), new, old, given, made: None })
    }

    /// An attribute that both versions have: it may take other values.
    fn kept(&mut self, spot: &Spot<'a>, attribute: Attribute<'a>, field: Field) {
        let name = field.name();
        let Some(old) = spot.old.and_then(|b| b.field(name)) else { return };
        let (path, subject) = (spot.at(name), spot.subject(name));
        if let Some(entry) = successor(ENGINE, spot.root, &path, self.to) {
            let from = self.old.map(At::version);
            let retyped = matches!(entry.change, catalogue::Change::Retyped(at) if from.is_some_and(|from| from < at));
            if retyped && old.ty().to_string() != field.ty().to_string() {
                let text = format!("takes other values since {}; {}", entry.version(), entry.help());
                self.say(StepKind::Hand, attribute.range(), subject.clone(), text, Vec::new());
            }
        }
        let word = attribute.value().as_str();
        if let Some(word) = word.filter(|w| lost(old, field).contains(&&**w)) {
            let text = format!("no longer takes `{word}`");
            self.say(StepKind::Hand, attribute.value().range(), subject.clone(), text, Vec::new());
        }
        if field.deprecated() && !old.deprecated() {
            self.note(attribute.range(), subject.clone(), "it is deprecated now".to_owned());
        }
        let said: Vec<_> =
            self.behaviours.iter().filter(|b| b.written && b.is_about(spot.root, &path)).copied().collect();
        for behaviour in said {
            match behaviour.value {
                None => self.note(attribute.range(), subject.clone(), behaviour.text.to_owned()),
                Some(value) if attribute.value().as_str().as_deref() == Some(value) => {
                    let text = behaviour.text.to_owned();
                    self.say(StepKind::Hand, attribute.range(), subject.clone(), text, Vec::new());
                }
                Some(_) => {}
            }
        }
    }

    /// Something that the new version does not have under its name. The new name of a block, where it only has another.
    fn gone(
        &mut self,
        spot: &Spot<'a>,
        gone: Gone<'a>,
        name: &str,
        moves: &mut Vec<Move>,
        written: &mut Vec<String>,
    ) -> Option<&'static str> {
        let (range, path) = match gone {
            Gone::Attribute(a) => (a.range(), spot.at(name)),
            Gone::Block(b) | Gone::Label(b) => (b.header_range(), spot.at(name)),
        };
        let subject = spot.subject(name);
        let Some(entry) = successor(ENGINE, spot.root, &path, self.to) else {
            let knew = spot.old.is_some_and(|b| b.field(name).is_some()) && spot.new.field(name).is_none();
            if knew {
                self.say(StepKind::Hand, range, subject, "gone, and nothing is known to replace it", Vec::new());
            }
            return None;
        };
        let since = entry.version();
        match spot.mend(self.page, self.source, gone, entry) {
            Outcome::Hand(why) => {
                let text = format!("gone since {since}; {}", why.unwrap_or_else(|| entry.help()));
                self.say(StepKind::Hand, range, subject, text, Vec::new());
                None
            }
            Outcome::Edits(edits) => {
                let text = done(entry);
                self.say(StepKind::Edit, range, subject, text, edits);
                let to = match entry.mend {
                    catalogue::Mend::Rename(to) | catalogue::Mend::Wrap(to) | catalogue::Mend::Words(to, _) => to,
                    _ => return None,
                };
                written.push(to.to_owned());
                Some(to)
            }
            Outcome::Moved(edits, to) => {
                self.say(StepKind::Edit, range, subject, done(entry), edits);
                moves.extend(to);
                None
            }
        }
    }

    /// A label that the new version does not take; the attribute that an edit makes of it.
    fn label(&mut self, spot: &Spot<'a>, block: Block<'a>, path: &[&str]) -> Option<&'static str> {
        let subject = spot.subject(&block.name());
        let entry = successor(ENGINE, spot.root, path, self.to)?;
        match (spot.mend(self.page, self.source, Gone::Label(block), entry), entry.mend) {
            (Outcome::Edits(edits), catalogue::Mend::Label(to)) => {
                self.say(StepKind::Edit, block.header_range(), subject, done(entry), edits);
                Some(to)
            }
            _ => {
                self.say(StepKind::Hand, block.header_range(), subject, entry.help(), Vec::new());
                None
            }
        }
    }

    /// What must be written now and needed not be.
    fn missing(&mut self, spot: &Spot<'a>, written: &[String]) {
        let (Some(old), Some(block)) = (spot.old, spot.block) else { return };
        for field in spot.new.fields().filter(|f| f.required() && f.kind() != FieldKind::Label) {
            let new = old.field(field.name()).is_none_or(|f| !f.required());
            if new && !written.iter().any(|w| w == field.name()) {
                let text = "must be written now".to_owned();
                self.say(StepKind::Hand, block.header_range(), spot.subject(field.name()), text, Vec::new());
            }
        }
    }
}

/// What an edit did, for people.
fn done(entry: &catalogue::Successor) -> String {
    match entry.mend {
        catalogue::Mend::Delete => format!("deleted: {}", entry.why),
        catalogue::Mend::Block(_) => format!("a block since {}: {}", entry.version(), entry.why),
        _ => format!("is `{}` since {}: {}", entry.instead, entry.version(), entry.why),
    }
}

/// The field of a block inside a body, the way there and what it takes; `stage.json` is one of the alternatives of `stage`.
fn inner(spot: &Spot<'_>, name: &str) -> Option<(Vec<&'static str>, Field, schema::Body)> {
    let way = |names: &[&'static str]| spot.path.iter().chain(names).copied().collect::<Vec<_>>();
    if let Some(field) = spot.new.field(name) {
        return (field.kind() == FieldKind::Block).then_some((way(&[field.name()]), field, field.body()?));
    }
    name.match_indices('.').find_map(|(at, _)| {
        let field = spot.new.field(&name[..at]).filter(|f| f.kind() == FieldKind::Enum)?;
        let one = field.body()?.field(&name[at + 1..])?;
        Some((way(&[field.name(), one.name()]), one, one.body()?))
    })
}
