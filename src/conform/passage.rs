//! Command lines on their way to another version.

use std::collections::HashSet;

use super::{flags, words};
use crate::catalogue::schema::{self, TypeKind};
use crate::catalogue::{self, Mend, successor};
use crate::engine::{Crossing, Step, StepKind};
use crate::source::Edit;
use crate::tree::{Arg, Service};

/// What the command lines of an engine's services need: flags that are gone.
pub fn command(engine: &'static str, dialect: flags::Dialect, crossing: &Crossing<'_>) -> Vec<Step> {
    let Some(facts) = catalogue::engine(engine) else { return Vec::new() };
    let mut steps = Vec::new();
    // One command may serve several services.
    let mut seen = HashSet::new();
    for (_, service) in &crossing.services {
        if service.version.is_some_and(|from| from >= crossing.to) {
            continue;
        }
        let Some(line) = flags::read(service, facts, crossing.to, dialect) else { continue };
        for given in line.given.iter().filter(|g| seen.insert(g.arg.span)) {
            let others = line.given.iter().map(|g| g.name);
            steps.extend(gone(engine, crossing, service, given, &others.collect::<Vec<_>>()));
        }
    }
    steps
}

fn gone(
    engine: &'static str,
    crossing: &Crossing<'_>,
    service: &Service,
    given: &flags::Given<'_>,
    others: &[&str],
) -> Option<Step> {
    let schema = schema::schema(engine)?;
    let new = schema.at(crossing.to).flags()?;
    if new.field(given.name).is_some() {
        return None;
    }
    let held = new.field_ever(given.name)?;
    let until = held.until().filter(|until| *until <= crossing.to)?;
    let dashes = &given.arg.text[..given.arg.text.len() - given.arg.text.trim_start_matches('-').len()];
    let subject = format!("{dashes}{}", given.name);
    let step =
        |kind, text: String, edits| Some(Step { kind, span: given.arg.span, subject: subject.clone(), text, edits });
    let Some(by) = successor(engine, "flags", &[given.name], crossing.to) else {
        let text = format!("gone since {until}, and what replaces it is not recorded: read its release notes");
        return step(StepKind::Hand, text, Vec::new());
    };
    let text = format!("gone since {}; {}", by.version(), by.help());
    let taken = |name: &str| others.contains(&name);
    let edits = match by.mend {
        Mend::Rename(to) if !taken(to) => {
            words::replace(&crossing.tree.sources, given.arg, given.name, to).map(|edit| vec![edit])
        }
        Mend::Rename(_) | Mend::Delete => {
            let last = new.field_last(given.name);
            let switch = last.is_some_and(|f| matches!(f.ty().kind(), TypeKind::Bool));
            removed(crossing, service, given.arg, switch)
        }
        _ => None,
    };
    match edits {
        Some(edits) => step(StepKind::Edit, text, edits),
        None => step(StepKind::Hand, text, Vec::new()),
    }
}

/// Takes a flag out, with the word behind it that is its value.
fn removed(crossing: &Crossing<'_>, service: &Service, arg: &Arg, switch: bool) -> Option<Vec<Edit>> {
    let args = service.args()?;
    // A list without items means something else than one with some.
    if args.len() < 2 {
        return None;
    }
    let mut edits = vec![words::remove(&crossing.tree.sources, arg)?];
    if !switch && !arg.text.contains('=') {
        let at = args.iter().position(|a| a.span == arg.span)?;
        if let Some(value) = args.get(at + 1).filter(|v| !v.text.starts_with('-')) {
            edits.push(words::remove(&crossing.tree.sources, value)?);
        }
    }
    Some(edits)
}
