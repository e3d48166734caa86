//! `vispyr gen --check | --diff | --dry-run`: what a run would do, without doing it.

use similar::TextDiff;

use crate::output::{Change, Preview, State};

use super::args::Gen;
use super::{Exit, Failure, Streams};

pub(super) fn run(args: &Gen, preview: &Preview<'_>, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    if args.diff {
        for change in &preview.comparison.changes {
            diff(change, streams)?;
        }
        for (path, _) in &preview.comparison.obsolete {
            writeln!(streams.out, "removed: {path}")?;
        }
    } else {
        list(preview, streams)?;
    }
    if preview.interrupted {
        writeln!(streams.err, "an interrupted run waits: `vispyr gen` undoes or finishes it")?;
    }
    let blocked = !args.force && !preview.comparison.in_the_way().is_empty();
    let drifts = (args.check || args.diff) && preview.drifts();
    Ok(if drifts || blocked { Exit::Found } else { Exit::Clean })
}

fn list(preview: &Preview<'_>, streams: &mut Streams<'_>) -> Result<(), Failure> {
    for change in &preview.comparison.changes {
        let word = match change.state {
            State::New => "new",
            State::Changed => "changed",
            State::Mode | State::Same => continue,
            State::InTheWay(crate::output::Why::Edited) => "edited",
            State::InTheWay(_) => "foreign",
        };
        writeln!(streams.out, "{word:8} {}", change.file.path)?;
    }
    for (path, _) in &preview.comparison.obsolete {
        writeln!(streams.out, "{:8} {path}", "removed")?;
    }
    for path in &preview.comparison.abandoned {
        writeln!(streams.out, "{:8} {path}", "kept")?;
    }
    let changes = preview.comparison.drifts();
    if preview.manifest_drifts && !changes {
        writeln!(streams.out, "{:8} {}", "changed", crate::output::manifest::PATH)?;
    }
    Ok(())
}

fn diff(change: &Change<'_>, streams: &mut Streams<'_>) -> Result<(), Failure> {
    let path = &change.file.path;
    let old = match (&change.state, &change.old) {
        (State::Same | State::Mode, _) => return Ok(()),
        (State::New, _) => "",
        (_, Some(old)) => old.as_str(),
        (_, None) => {
            writeln!(streams.out, "binary file {path} differs")?;
            return Ok(());
        }
    };
    let before = if change.state == State::New { "/dev/null".to_owned() } else { format!("a/{path}") };
    let text = TextDiff::from_lines(old, change.file.content.as_str());
    write!(streams.out, "{}", text.unified_diff().context_radius(3).header(&before, &format!("b/{path}")))?;
    Ok(())
}
