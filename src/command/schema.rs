//! `vispyr schema`.

use crate::catalogue::schema::RootKind;
use crate::catalogue::{self, Facts};
use crate::dskit::EXPAND_FLAG;

use super::args::Schema;
use super::{Exit, Failure, Streams, did_you_mean, trouble};

/// What stands for symbol files where an engine is named.
const SYMBOLS: &str = "symbols";

pub(super) fn run(args: &Schema, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let Some(target) = &args.target else {
        writeln!(streams.out, "{}", crate::spec::schema().trim_end())?;
        return Ok(Exit::Clean);
    };
    if target == SYMBOLS {
        writeln!(streams.out, "{}", crate::vsym::schema().trim_end())?;
        return Ok(Exit::Clean);
    }
    let (name, version) = target.split_once('@').map_or((target.as_str(), None), |(n, v)| (n, Some(v)));
    // Alloy's files are no data: its catalogue says nothing to an editor of YAML.
    let able = || catalogue::all().iter().filter(|f| kinds(f).next().is_some());
    let Some(facts) = able().find(|f| f.engine == name) else {
        let names = || able().map(|f| f.engine).chain([SYMBOLS]);
        let list = names().collect::<Vec<_>>().join("`, `");
        let meant = did_you_mean(name, names());
        return Err(trouble(format!("there is no schema of `{name}`{meant}: `{list}` have one")));
    };
    let version = match version {
        Some(text) => facts.resolve(text).ok_or_else(|| trouble(format!("`{text}` is no version of `{name}`")))?,
        None => facts.default,
    };
    let Some(schema) = catalogue::schema(name) else { return Err(trouble(format!("there is no schema of `{name}`"))) };
    let at = schema.at(version);
    if at.is_draft() {
        writeln!(streams.err, "info: of `{name}` {} a commit on the way to it was read", at.version())?;
    } else if !at.exact() {
        writeln!(streams.err, "info: of `{name}` {version} nothing was read: {} is taken for it", at.version())?;
    }
    let of: Vec<&str> = kinds(facts).collect();
    if !of.contains(&args.file.as_str()) {
        let meant = did_you_mean(&args.file, of.iter().copied());
        return Err(trouble(format!("`{name}` has no file `{}`{meant}: `{}` it has", args.file, of.join("`, `"))));
    }
    let title = format!("{} {}: {}", facts.title, at.version(), args.file);
    let expands = at.flags().is_some_and(|f| f.field(EXPAND_FLAG).is_some());
    let Some(text) = catalogue::editor_schema(&title, at, &args.file, expands) else {
        return Err(trouble(format!("`{name}` {} has no file `{}`", at.version(), args.file)));
    };
    writeln!(streams.out, "{text:#}")?;
    Ok(Exit::Clean)
}

/// The kinds of files that an engine's catalogue describes.
fn kinds(facts: &Facts) -> impl Iterator<Item = &'static str> {
    let roots = catalogue::schema(facts.engine).into_iter().flat_map(|s| s.newest().roots());
    roots.filter(|r| r.kind() == RootKind::File).map(|r| r.name())
}
