//! `vispyr graph`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::engines;
use crate::report::graph::{FORMATS, Picture, format};
use crate::tree::{Settings, WalkOptions, walk};

use super::args::Graph;
use super::{Exit, Failure, Streams, did_you_mean, trace, trouble};

pub(super) fn run(args: &Graph, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let format = format(&args.format).ok_or_else(|| {
        let near = did_you_mean(&args.format, FORMATS.iter().map(|f| f.name));
        trouble(format!("there is no format `{}`{near}", args.format))
    })?;
    let raw = walk(&args.paths, &WalkOptions::default()).map_err(|e| trouble(e.to_string()))?;
    let tree = engines::tree(raw, &Settings::default());
    let title = args.paths.first().map_or(String::new(), |p| name(p));
    let (picture, failed) = trace::seen(&tree, |topology| {
        let failed = topology.edges.iter().any(|e| topology.is_error(e));
        Ok((Picture::of(topology, &title), failed))
    })?;
    match &args.output {
        None => (format.render)(&picture, streams.out)?,
        Some(path) => {
            let shown = path.display();
            let file = File::create(path).map_err(|e| trouble(format!("`{shown}` cannot be written: {e}")))?;
            let mut file = BufWriter::new(file);
            let written = (format.render)(&picture, &mut file).and_then(|()| file.flush());
            written.map_err(|e| trouble(format!("`{shown}` cannot be written: {e}")))?;
        }
    }
    Ok(if failed { Exit::Found } else { Exit::Clean })
}

/// What a folder is called.
fn name(path: &Path) -> String {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    whole.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
