//! One file per subcommand: arguments in, exit code out. The only room besides the walk and the writer that does I/O.

mod args;
mod baseline;
mod check;
mod completions;
mod diff;
mod explain;
mod fmt;
mod generate;
mod graph;
mod init;
mod input;
mod learn;
mod mend;
mod pipeline;
mod preview;
mod reference;
mod rules;
mod schema;
mod summary;
mod symbols;
mod trace;
mod upgrade;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::report::Style;
pub use reference::reference;

use args::{Args, Command};

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Nothing heavy was found.
    Clean,
    /// Findings, drift, or a file that is not ours.
    Found,
    /// Usage, unreadable input or an operation that failed.
    Trouble,
}

/// Why a command could not do its work.
#[derive(Debug)]
enum Failure {
    /// One message for the user.
    Message(Exit, String),
    /// A stream could not be written.
    Stream(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

/// Trouble with one message.
fn trouble(message: impl Into<String>) -> Failure {
    Failure::Message(Exit::Trouble, message.into())
}

/// A fault in what the user wrote, with one message.
fn found(message: impl Into<String>) -> Failure {
    Failure::Message(Exit::Found, message.into())
}

/// The streams of a run: data goes out, everything else is said.
struct Streams<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    out_style: Style,
    err_style: Style,
}

/// Standard error: what cannot be said must not change how the run ends.
struct Heard<W>(W);

impl<W: Write> Write for Heard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

/// Runs the command line.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let (out_style, err_style) = (style(stdout.is_terminal()), style(stderr.is_terminal()));
    let mut out = io::BufWriter::new(stdout.lock());
    let mut err = Heard(stderr.lock());
    let mut streams = Streams { out: &mut out, err: &mut err, out_style, err_style };
    let result = match Args::try_parse_from(args) {
        Ok(args) => run(args.command, &mut streams),
        Err(usage) => parsed(&usage, &mut streams),
    };
    let result = result.and_then(|exit| streams.out.flush().map(|()| exit).map_err(Failure::from));
    ExitCode::from(match result {
        Ok(Exit::Clean) => 0,
        Ok(Exit::Found) => 1,
        Ok(Exit::Trouble) => 2,
        Err(Failure::Message(exit, message)) => {
            // Nobody is left to tell when this fails too.
            let _ = streams.out.flush();
            // It may name a file as that file names itself.
            let message: Vec<String> = message.lines().map(crate::report::clean).collect();
            let _ = writeln!(streams.err, "error: {}", message.join("\n"));
            if exit == Exit::Found { 1 } else { 2 }
        }
        // The reader had enough: `vispyr rules | head`.
        Err(Failure::Stream(e)) if e.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(Failure::Stream(e)) => {
            let _ = writeln!(streams.err, "error: cannot write the output: {e}");
            2
        }
    })
}

fn run(command: Command, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(&args, streams),
        Command::Completions(args) => completions::run(&args, streams),
        Command::Diff(args) => diff::run(&args, streams),
        Command::Explain(args) => explain::run(&args, streams),
        Command::Fmt(args) => fmt::run(&args, streams),
        Command::Gen(args) => generate::run(&args, streams),
        Command::Graph(args) => graph::run(&args, streams),
        Command::Init(args) => init::run(&args, streams),
        Command::Learn(args) => learn::run(&args, streams),
        Command::Rules(args) => rules::run(&args, streams),
        Command::Schema(args) => schema::run(&args, streams),
        Command::Symbols(args) => symbols::run(&args, streams),
        Command::Trace(args) => trace::run(&args, streams),
        Command::Upgrade(args) => upgrade::run(&args, streams),
    }
}

/// Help and version are data; everything else that the parser says is trouble.
fn parsed(usage: &clap::Error, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let stream: &mut dyn Write = if usage.use_stderr() { streams.err } else { streams.out };
    let color = if usage.use_stderr() { streams.err_style.color } else { streams.out_style.color };
    let text = usage.render();
    if color {
        write!(stream, "{}", text.ansi())?
    } else {
        write!(stream, "{text}")?
    }
    Ok(if usage.use_stderr() { Exit::Trouble } else { Exit::Clean })
}

fn style(terminal: bool) -> Style {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
    Style { color: terminal && !set("NO_COLOR") && !dumb }
}

/// `, did you mean `x`?` or nothing.
fn did_you_mean<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    crate::spec::nearest(word, names).map_or(String::new(), |n| format!(", did you mean `{n}`?"))
}
