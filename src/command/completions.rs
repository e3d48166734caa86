//! `vispyr completions`.

use clap::CommandFactory;

use super::args::{Args, Completions};
use super::{Exit, Failure, Streams};

pub(super) fn run(args: &Completions, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    // The generator panics when its stream fails, so it gets one that cannot.
    clap_complete::generate(args.shell, &mut Args::command(), "vispyr", &mut text);
    streams.out.write_all(&text)?;
    Ok(Exit::Clean)
}
