//! `vispyr learn`.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::learn::{self, Format};
use crate::symbol::Thing;
use crate::tree::SIZE_LIMIT;

use super::args::Learn;
use super::{Exit, Failure, Streams, did_you_mean, trouble};

/// A store lists a million series in less.
const LARGEST: u64 = 512 << 20;

pub(super) fn run(args: &Learn, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let forced = args.format.as_deref().map(format).transpose()?;
    let (shown, text) = read(&args.file)?;
    let Some(format) = forced.or_else(|| Format::of(&text)) else {
        return Err(trouble(format!("{shown} is empty: nothing can be learnt from it")));
    };
    let mut contents = learn::learn(&text, format, args.name.as_deref())
        .map_err(|e| trouble(format!("{shown} cannot be read as {}: {e}", name(format))))?;
    contents.complete.clone_from(&args.complete);
    if contents.metrics.is_empty() && contents.names.is_empty() {
        return Err(trouble(format!("{shown}, read as {}, holds no metrics and no attributes", name(format))));
    }
    let (count, attributes) = (contents.metrics.len(), contents.names.len());
    // Where these are all metrics that there are, so are the attributes.
    if attributes > 0 && args.complete.iter().any(String::is_empty) {
        let kinds = [Thing::ResourceAttribute, Thing::SpanAttribute];
        contents.complete_names = kinds.map(|kind| kind.name().to_owned()).to_vec();
        // Of metrics nothing was said where there were spans alone.
        contents.complete.retain(|prefix| count > 0 || !prefix.is_empty());
    }
    let text = contents.text();
    if text.len() as u64 > SIZE_LIMIT {
        return Err(trouble(format!(
            "{count} metrics and {attributes} attributes make a symbol file of more than {} MiB, which `check` does not take: learn fewer",
            SIZE_LIMIT >> 20
        )));
    }
    streams.out.write_all(text.as_bytes())?;
    let told = [(count, "metrics"), (attributes, "attributes")];
    let told: Vec<String> = told.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    writeln!(streams.err, "info: read as {}: {}", name(format), told.join(", "))?;
    Ok(Exit::Clean)
}

fn format(given: &str) -> Result<Format, Failure> {
    let found = Format::ALL.iter().find(|(name, _)| *name == given);
    found.map(|(_, format)| *format).ok_or_else(|| {
        let near = did_you_mean(given, Format::ALL.iter().map(|(name, _)| *name));
        trouble(format!("there is no format `{given}`{near}"))
    })
}

fn name(format: Format) -> String {
    Format::ALL.iter().find(|(_, f)| *f == format).map_or(String::new(), |(name, _)| format!("`{name}`"))
}

/// What is read is called, and its text.
fn read(file: &Path) -> Result<(String, String), Failure> {
    let stdin = file == Path::new("-");
    let shown = if stdin { "standard input".to_owned() } else { format!("`{}`", file.display()) };
    let unread = |e: io::Error| trouble(format!("{shown} cannot be read: {e}"));
    let mut bytes = Vec::new();
    let limited = |reader: &mut dyn io::Read, bytes: &mut Vec<u8>| reader.take(LARGEST + 1).read_to_end(bytes);
    if stdin {
        limited(&mut io::stdin().lock(), &mut bytes).map_err(unread)?;
    } else {
        if std::fs::metadata(file).map_err(unread)?.is_dir() {
            return Err(trouble(format!("{shown} is a folder, not a file")));
        }
        limited(&mut File::open(file).map_err(unread)?, &mut bytes).map_err(unread)?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(trouble(format!("{shown} is larger than {} MiB", LARGEST >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|_| trouble(format!("{shown} is not UTF-8 text")))?;
    Ok((shown, text))
}
