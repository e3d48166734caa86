//! Services whose image is built on one of an engine, by a `Dockerfile` of the tree whose every step is known: they are what
//! runs that image with files copied in.

use super::dotenv::BYTES_OF_A_VALUE;
use super::image;
use super::service::Part;
use super::value::{Map, Text, Value};
use crate::catalogue;
use crate::source::{SourceId, Span, Spanned};
use crate::tree::{Arg, BuiltFrom, Copied, EnvVar, Image, Mount, MountSource, Presence, Recipe, Tree, Word, path};

/// What such an image brings.
#[derive(Default)]
pub(super) struct Built {
    /// The engine's image that it starts from.
    pub image: Option<Image>,
    /// `ENTRYPOINT`.
    pub entrypoint: Option<Vec<Arg>>,
    /// `CMD`.
    pub command: Option<Vec<Arg>>,
    /// `ENV`.
    pub environment: Vec<EnvVar>,
    /// What is copied in.
    pub mounts: Vec<Mount>,
    /// Whether more may lie in it.
    pub open: bool,
    /// `USER`.
    pub user: Option<String>,
    /// `HEALTHCHECK`.
    pub healthcheck: Option<Vec<Arg>>,
    /// `WORKDIR`.
    pub folder: Option<String>,
}

/// What the image of a service is built from, where that is a path of the tree.
pub(super) fn from(part: &Part<'_>) -> Option<BuiltFrom> {
    let [(layer, value)] = part.chain("build")[..] else { return None };
    let folder = &layer.file.folder;
    let (context, dockerfile) = match value {
        Value::Text(context) => (Some(context), None),
        Value::Map(map) if map.get("dockerfile_inline").is_none() => (map.text("context"), map.text("dockerfile")),
        _ => return None,
    };
    let local = |text: &Text<'_>| {
        let written = text.as_str();
        let remote = written.contains(':') || ["git@", "github.com/", "~"].iter().any(|p| written.starts_with(p));
        (!text.open() && !remote && !written.is_empty()).then(|| path::slashed(written).into_owned())
    };
    let context = match context {
        Some(text) => Spanned::new(local(text)?, text.span),
        None => Spanned::new(".".to_owned(), dockerfile?.span),
    };
    let file = match dockerfile {
        Some(text) => Some(Spanned::new(local(text)?, text.span)),
        None => None,
    };
    // Who runs it from a folder above means what lies there.
    let known = |at: &str| matches!(part.tree.presence(at), Presence::File | Presence::Folder);
    let leads = |base: &str| {
        let context = path::join(base, &context.value);
        known(&context) && file.as_ref().is_none_or(|file| known(&path::join(&context, &file.value)))
    };
    let mut above = std::iter::successors(path::parent(folder), |f| path::parent(f));
    if !leads(folder) && above.any(leads) {
        return None;
    }
    let context = context.map(|written| path::join(folder, &written));
    let dockerfile = file.map(|file| file.map(|written| path::join(&context.value, &written)));
    Some(BuiltFrom { context, dockerfile, is_named: !part.chain("image").is_empty() })
}

/// Reads `build:` of a service; `None` where a step of it is not known, or no engine runs.
pub(super) fn read(part: &Part<'_>) -> Option<Built> {
    let [(layer, value)] = part.chain("build")[..] else { return None };
    let plain = |text: &Text<'_>| (!text.open()).then(|| text.as_str().to_owned());
    let (context, dockerfile, target, arguments) = match value {
        Value::Text(context) => (plain(context)?, None, None, Vec::new()),
        Value::Map(map) if !["dockerfile_inline", "additional_contexts"].iter().any(|k| map.get(k).is_some()) => {
            let text = |key: &str| map.text(key).map(plain);
            let known = |value: Option<Option<String>>| value.map_or(Some(None), |v| v.map(Some));
            let context = known(text("context"))?.unwrap_or_else(|| ".".to_owned());
            (context, known(text("dockerfile"))?, known(text("target"))?, arguments(map)?)
        }
        _ => return None,
    };
    let context = path::join(&layer.file.folder, &path::slashed(&context));
    let at = path::join(&context, &path::slashed(dockerfile.as_deref().unwrap_or("Dockerfile")));
    let source = part.tree.dockerfile(&at)?;
    let text = part.tree.sources.text(source);
    part.borrowed.set(part.borrowed.get().checked_sub(text.len() / BYTES_OF_A_VALUE + 1)?);
    let recipe = Recipe::read(text, target.as_deref(), &arguments)?;
    of(part.tree, source, &context, recipe)
}

/// `args:`, where all of them are known.
fn arguments(build: &Map<'_>) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    match build.get("args") {
        None | Some(Value::Null) => {}
        Some(Value::Map(map)) => {
            for entry in &map.entries {
                let value = entry.value.text().filter(|t| !t.open())?;
                found.push((entry.key.clone(), value.as_str().to_owned()));
            }
        }
        Some(list) => {
            for text in list.items() {
                let (name, value) = text.text().filter(|t| !t.open())?.as_str().split_once('=')?;
                found.push((name.to_owned(), value.to_owned()));
            }
        }
    }
    Some(found)
}

fn of(tree: &Tree, source: SourceId, context: &str, recipe: Recipe) -> Option<Built> {
    let (reference, range) = &recipe.image;
    let image = image::written(reference, Span::new(source, range.clone()));
    let facts = catalogue::all().iter().find(|f| f.images.contains(&image.repository.as_str()))?;
    // A program that is put in the place of the engine's own is another one.
    let program = |at: &str| facts.image.iter().any(|i| i.entrypoint.first() == Some(&at));
    if image.tag.as_deref() == Some("") || recipe.copies.iter().any(|c| program(&c.target)) {
        return None;
    }
    let arg = |(text, range): Word| Arg { text, open: false, span: Span::new(source, range) };
    let args = |words: Option<Vec<Word>>| words.map(|w| w.into_iter().map(arg).collect::<Vec<_>>());
    let variable = |(name, (value, range)): (String, Word)| EnvVar {
        name,
        raw: value.clone(),
        value: Some(value),
        span: Span::new(source, range),
    };
    let mut built = Built {
        image: Some(image),
        entrypoint: args(recipe.entrypoint),
        command: args(recipe.command),
        environment: recipe.environment.into_iter().map(variable).collect(),
        user: recipe.user,
        healthcheck: args(recipe.healthcheck),
        folder: recipe.folder,
        ..Built::default()
    };
    for copied in recipe.copies {
        let mount = mount(tree, source, context, copied);
        built.open |= mount.source == MountSource::Unknown;
        built.mounts.push(mount);
    }
    Some(built)
}

/// Whether a file is what a path of the context leads to, or was meant to be: none that git ignores or a script makes, and no
/// pattern.
fn is_file(tree: &Tree, presence: Presence, at: &str) -> bool {
    let made = || tree.is_ignored(at) || tree.makes(at);
    match presence {
        Presence::File | Presence::Closed => true,
        Presence::Absent => !path::extension(at).is_empty() && !at.contains(['*', '?', '[']) && !made(),
        Presence::Folder | Presence::Unknown => false,
    }
}

/// What is copied lies there as if it were mounted. A folder gives what it holds; a file goes into a folder where it is
/// written as one, and is not known to where the target may be either.
fn mount(tree: &Tree, source: SourceId, context: &str, copied: Copied) -> Mount {
    let from = copied.source.map(|s| path::join(context, &s));
    let named = !path::extension(&copied.target).is_empty();
    let (source_of, target) = match from.map(|from| (tree.presence(&from), from)) {
        Some((Presence::Folder, from)) => (MountSource::Bind(from), copied.target),
        // A file that is surely not there is told of, and meant to be where it is copied to.
        Some((presence, from)) if is_file(tree, presence, &from) && (copied.into || named) => {
            let inside = path::join(&copied.target, path::name(&from));
            (MountSource::Bind(from), if copied.into { inside } else { copied.target })
        }
        _ => (MountSource::Unknown, copied.target),
    };
    Mount {
        source: source_of,
        target,
        read_only: true,
        span: Span::new(source, copied.source_range),
        target_span: Span::new(source, copied.target_range),
    }
}
