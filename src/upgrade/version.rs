//! Where the version of an engine is written, and what stands there for another one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::catalogue::Version;
use crate::engine::{Engine, Step, StepKind};
use crate::parse::Node;
use crate::source::{Edit, Span};
use crate::tree::{Image, SPEC, Service, Tree, VersionFrom, path};

/// A place where the version is written.
pub(super) struct Moved {
    /// What is to be done to it.
    pub(super) step: Step,
    /// Whether nothing may be written before a person has seen to it: the version that runs is known to stay else.
    pub(super) holds: bool,
}

impl From<Step> for Moved {
    fn from(step: Step) -> Self {
        Self { step, holds: false }
    }
}

/// Where the version is written: comments, image tags, what a `Dockerfile` starts from, `[versions]`. Each place once, however
/// many services share it.
pub(super) fn versions(tree: &Tree, engine: &Engine, to: Version, generated: &BTreeSet<String>) -> Vec<Moved> {
    let mut found: BTreeMap<Span, Moved> = BTreeMap::new();
    for artifact in tree.artifacts.iter().filter(|a| a.kind.engine == engine.name && !generated.contains(&a.path)) {
        if let Some((from, VersionFrom::Comment(span))) = &artifact.version
            && *from < to
        {
            found.insert(*span, moved(*span, format!("{}@{to}", engine.name), *from, to).into());
        }
    }
    for service in tree.services.iter().filter(|s| s.engine == Some(engine.name)) {
        if generated.contains(&tree.artifact(service.artifact).path) {
            continue;
        }
        if let Some(moved) = tag(tree, service, to) {
            // Several may share one image; the first names it.
            found.entry(moved.step.span).or_insert(moved);
        }
    }
    let images: HashSet<Span> = tree.services.iter().filter_map(|s| Some(s.image.as_ref()?.span)).collect();
    for artifact in tree.artifacts.iter().filter(|a| a.kind.engine == engine.name && !generated.contains(&a.path)) {
        let Some((from, VersionFrom::Image(span) | VersionFrom::Neighbour(span))) = artifact.version else { continue };
        // Those of services were looked at.
        if from < to && !images.contains(&span) && !found.contains_key(&span) {
            found.insert(span, base(tree, engine, span, from, to));
        }
    }
    for (_, name, from, span) in tree.pins() {
        if name == engine.name && from < to {
            found.insert(span, moved(span, format!("\"{to}\""), from, to).into());
        }
    }
    // What is generated follows its `vispyr.toml`; one that pins nothing follows vispyr.
    for artifact in tree.artifacts.iter().filter(|a| a.kind.name == SPEC.name) {
        let folder = path::folder(&artifact.path);
        let of_it = tree.artifacts.iter().any(|a| {
            a.kind.engine == engine.name && generated.contains(&a.path) && path::below(&a.path, folder).is_some()
        });
        let pinned = tree.pins().iter().any(|(f, name, ..)| f == folder && name == engine.name);
        if of_it && !pinned {
            let text = format!("write `{} = \"{to}\"` under `[versions]`, then run `vispyr gen`", engine.name);
            let span = Span::file(artifact.source);
            let subject = "versions".to_owned();
            found.insert(span, Step { kind: StepKind::Hand, span, subject, text, edits: Vec::new() }.into());
        }
    }
    found.into_values().collect()
}

fn moved(span: Span, text: String, from: Version, to: Version) -> Step {
    let said = format!("{from} → {to}");
    Step { kind: StepKind::Edit, span, subject: "version".to_owned(), text: said, edits: vec![Edit { span, text }] }
}

/// What stands for a version in a tag, with what is around it there.
fn retagged(tag: &str, to: Version) -> String {
    let prefix = if tag.starts_with('v') { "v" } else { "" };
    format!("{prefix}{to}{}", Version::suffix(tag))
}

/// The image that something else than a service of ours runs or is built on.
fn base(tree: &Tree, engine: &Engine, span: Span, from: Version, to: Version) -> Moved {
    let written = tree.sources.slice(span);
    let subject = format!("image of {}", engine.name);
    // A digest would pin the old one, and an argument decides elsewhere.
    let tag =
        written.rsplit_once(':').map(|(_, tag)| tag).filter(|t| !t.contains('/') && !written.contains(['@', '$']));
    let Some(tag) = tag.filter(|t| t.strip_prefix('v').unwrap_or(t).starts_with(&from.to_string())) else {
        let text = format!("`{written}` is {from}: write {to} there, or where its tag is decided");
        return Moved { step: Step { kind: StepKind::Hand, span, subject, text, edits: Vec::new() }, holds: true };
    };
    let edit = Edit { span: span.slice(written.len() - tag.len()..written.len()), text: retagged(tag, to) };
    Step { subject, edits: vec![edit], ..moved(span, String::new(), from, to) }.into()
}

/// The tag of a service's image. What a digest decides is left to a person, as is a variable that is set elsewhere.
fn tag(tree: &Tree, service: &Service, to: Version) -> Option<Moved> {
    let image = service.image.as_ref()?;
    let subject = format!("image of `{}`", service.name);
    let hand = |text: String, holds: bool| {
        let step = Step { kind: StepKind::Hand, span: image.span, subject: subject.clone(), text, edits: Vec::new() };
        Some(Moved { step, holds })
    };
    let written = tree.sources.slice(image.span);
    let variable = || format!("`{}` is decided by a variable: set it to the tag of {to}", inside(written));
    if image.open {
        return hand(variable(), false);
    }
    let from = service.version.filter(|from| *from < to)?;
    let tag = image.tag.as_deref()?;
    if image.digest {
        return hand(format!("a digest pins it: write the one of {to}"), true);
    }
    match place(tree, service, image, tag) {
        Some(span) => {
            // Of a tag that stands elsewhere, that is the place to show.
            let at = if image.span.contains(span) { image.span } else { span };
            let edits = vec![Edit { span, text: retagged(tag, to) }];
            Some(Step { subject, edits, ..moved(at, String::new(), from, to) }.into())
        }
        None => hand(variable(), true),
    }
}

/// Where the tag of an image is written: in it, at the anchor that it refers to, as the default of its variable, or in the
/// `.env` beside the file that sets this.
fn place(tree: &Tree, service: &Service, image: &Image, tag: &str) -> Option<Span> {
    let written = tree.sources.slice(image.span);
    let bare = inside(written);
    let start = written.find(bare)?;
    let ends = |before: &&str| before.ends_with(':');
    if let Some(before) = bare.strip_suffix(tag).filter(ends) {
        let at = start + before.len();
        return Some(image.span.slice(at..at + tag.len()));
    }
    let source = image.span.source;
    if let Some(name) = bare.strip_prefix('*') {
        let text = tree.sources.text(source);
        let (at, anchor) = text.match_indices(&format!("&{name} ")).next()?;
        let value = text[at + anchor.len()..].lines().next()?.split(" #").next()?.trim();
        let before = inside(value).strip_suffix(tag).filter(ends)?;
        let value_at = inside(value).as_ptr() as usize - text.as_ptr() as usize;
        let from = value_at + before.len();
        return Some(Span::new(source, from..from + tag.len()));
    }
    let (before, expression) = bare.split_at(bare.find('$')?);
    let name_of = expression.trim_start_matches(['$', '{']);
    let end = name_of.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name_of.len());
    let (name, rest) = name_of.split_at(end);
    // Nothing but one variable stands behind the colon.
    let default = match (expression.starts_with("${"), rest) {
        (false, "") | (true, "}") => None,
        (true, rest) => Some(rest.strip_suffix('}').filter(|r| !r.contains(['$', '{', '}']))?),
        (false, _) => return None,
    };
    if !before.ends_with(':') {
        return None;
    }
    let folder = path::folder(&tree.artifact(service.artifact).path);
    let file = if folder.is_empty() { ".env".to_owned() } else { format!("{folder}/.env") };
    let set = tree.at(&file).and_then(|(_, a)| a.data()?.root()?.get(name)).map(Node::inner);
    if let Some(span) = set {
        return (tree.sources.slice(span) == tag).then_some(span);
    }
    let word = default?.strip_prefix(":-").or_else(|| default?.strip_prefix('-')).filter(|w| *w == tag)?;
    let at = start + bare.len() - 1 - word.len();
    Some(image.span.slice(at..at + word.len()))
}

/// A YAML scalar without its quotes.
fn inside(written: &str) -> &str {
    let written = written.trim();
    let quoted = |q: char| written.strip_prefix(q).and_then(|w| w.strip_suffix(q));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(written)
}
