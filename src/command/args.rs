//! The command line as types.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Generates, checks and links a whole observability stack from one `vispyr.toml`.
#[derive(Debug, Parser)]
#[command(name = "vispyr", version, about, disable_help_subcommand = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check files and folders, each by itself and all against each other
    Check(Check),
    /// Print the completions of a shell
    Completions(Completions),
    /// Tell what differs in effect between two folders, or two revisions of git
    ///
    /// Exit code 1: something is lost (a signal that no longer arrives, a panel that goes empty, an alert that can no longer
    /// fire) or an error is new. 2: one of the two cannot be read.
    Diff(Diff),
    /// Print the page of a rule
    Explain(Explain),
    /// Give Alloy files the form that `alloy fmt` gives them
    Fmt(Fmt),
    /// Write the stack of a `vispyr.toml`
    Gen(Gen),
    /// Draw who passes which signal to whom, with what is broken
    Graph(Graph),
    /// Write a commented `vispyr.toml`
    Init(Init),
    /// Make a symbol file of what a running program shows: a page of metrics, OTLP, a list of series
    Learn(Learn),
    /// List all rules
    Rules(Rules),
    /// Print a JSON Schema for editors: of `vispyr.toml`, of symbol files, or of an engine's files
    Schema(Schema),
    /// Print what files and folders offer and need, as a file that other repositories are checked against
    Symbols(Symbols),
    /// Follow a signal, a metric or an address hop by hop, and say where it ends
    Trace(Trace),
    /// Carry the files of an engine to another version
    Upgrade(Upgrade),
}

#[derive(Debug, ClapArgs)]
pub(super) struct Schema {
    /// The engine, and its version where that is not the newest pinned one: `tempo`, `tempo@2.9`; `symbols`; none = `vispyr.toml`
    #[arg(value_name = "ENGINE[@VERSION]")]
    pub(super) target: Option<String>,
    /// Which of its files
    #[arg(long, value_name = "KIND", default_value = "config", requires = "target")]
    pub(super) file: String,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Graph {
    /// Files and folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// How to draw it: `mermaid`, `dot`, `json`, `svg`, or `html`, one page that needs nothing else
    #[arg(long, value_name = "FORMAT", default_value = "mermaid")]
    pub(super) format: String,
    /// Write it into a file
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Trace {
    /// `traces`, `metrics`, `profiles`, `logs`, the name of a metric, a URL or `HOST:PORT`
    #[arg(value_name = "WHAT")]
    pub(super) what: String,
    /// Files and folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: ListFormat,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Upgrade {
    /// Files and folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Where to: `alloy=1.12`, the newest known patch of that line
    #[arg(long, value_name = "ENGINE=VERSION")]
    pub(super) to: String,
    /// The version that files were written for, where neither an image nor a comment says so: `alloy=1.5`
    #[arg(long, value_name = "ENGINE=VERSION", value_delimiter = ',')]
    pub(super) engine: Vec<String>,
    /// Write all files, or none
    #[arg(long)]
    pub(super) write: bool,
    /// Print nothing but the differences
    #[arg(long, conflicts_with = "format")]
    pub(super) diff: bool,
    /// Mend what can be mended though something is left to do by hand; versions stay
    #[arg(long)]
    pub(super) partial: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: ListFormat,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Symbols {
    /// Files and folders; places are told as seen from the folder, where one is named
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// The version of an engine: `tempo=2.9`
    #[arg(long, value_name = "ENGINE=VERSION", value_delimiter = ',')]
    pub(super) engine: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Diff {
    /// A folder, or a revision of git; `OLD..NEW` names both revisions
    #[arg(value_name = "OLD")]
    pub(super) old: String,
    /// What it is compared with; a revision alone is compared with the current folder
    #[arg(value_name = "NEW")]
    pub(super) new: Option<String>,
    /// The folder that is meant of revisions [default: the current one]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<String>,
    /// How to print it; `markdown` is for a pull request
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: DiffFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    Text,
    Json,
    Markdown,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Learn {
    /// The text; `-` reads standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(super) file: PathBuf,
    /// How it is written, where its content does not tell: `prometheus`, `openmetrics`, `otlp`, `series` or `api`
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<String>,
    /// What makes these metrics, for messages
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// All metrics under this prefix are there: whoever reads another one reads nothing; alone: these are all there are, and of spans
    /// all attributes
    #[arg(long, value_name = "PREFIX", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(super) complete: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Init {
    /// The folder to write into
    #[arg(default_value = ".")]
    pub(super) dir: PathBuf,
    /// The stack to start from
    #[arg(long, default_value = "single-host")]
    pub(super) preset: String,
    /// Overwrite a `vispyr.toml` that is there
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Fmt {
    /// Files, and folders whose Alloy files are meant; `-` reads standard input and writes standard output
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Write nothing; list the files that would change, and exit 1 if any would
    #[arg(long)]
    pub(super) check: bool,
    /// Write nothing; print what would change, and exit 1 if anything would
    #[arg(long)]
    pub(super) diff: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Gen {
    /// The `vispyr.toml` to read
    #[arg(short, long, value_name = "FILE", conflicts_with = "preset")]
    pub(super) config: Option<PathBuf>,
    /// The folder to write into [default: that of `vispyr.toml`]
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Start from a preset: its `vispyr.toml` is written into the folder first
    #[arg(long)]
    pub(super) preset: Option<String>,
    /// Write nothing; exit 1 if a file is not as it would be written
    #[arg(long)]
    pub(super) check: bool,
    /// Write nothing; print what would change, and exit 1 if anything would
    #[arg(long)]
    pub(super) diff: bool,
    /// Write nothing; list what would be written and removed
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Only files of this kind; removes nothing
    #[arg(long, value_name = "KIND")]
    pub(super) only: Option<String>,
    /// `json`: write nothing; print all files with their content, secrets left out
    #[arg(long, value_name = "FORMAT", conflicts_with_all = ["check", "diff", "dry_run"])]
    pub(super) format: Option<GenFormat>,
    /// Overwrite files that were edited or that vispyr did not write
    #[arg(long)]
    pub(super) force: bool,
    /// Make new secrets where that is safe
    #[arg(long, conflicts_with_all = ["check", "diff", "dry_run", "format"])]
    pub(super) rotate_secrets: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GenFormat {
    Json,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Check {
    /// Files and folders; `-` reads one file from standard input
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// How to print findings: `text`, `json`, `sarif`, `github` or `junit`
    #[arg(long, default_value = "text")]
    pub(super) format: String,
    /// What the named files are
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<String>,
    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// All but these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// The version of an engine: `tempo=2.9`
    #[arg(long, value_name = "ENGINE=VERSION", value_delimiter = ',')]
    pub(super) engine: Vec<String>,
    /// A symbol file of another repository, to link with: what `vispyr symbols` or `vispyr learn` wrote
    #[arg(long, value_name = "FILE")]
    pub(super) with: Vec<PathBuf>,
    /// Findings that make the run fail besides errors
    #[arg(long, value_name = "WEIGHT")]
    pub(super) deny: Option<Deny>,
    /// Write the safe fixes into the files, all or none, and check again
    #[arg(long)]
    pub(super) fix: bool,
    /// Write nothing; print what `--fix` would change, and exit 1 if anything would
    #[arg(long, conflicts_with_all = ["format", "write_baseline"])]
    pub(super) diff: bool,
    /// Be silent about the findings that this file knows
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    pub(super) baseline: Option<PathBuf>,
    /// Write the findings into a file that `--baseline` takes, and print none
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// The name that standard input has
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_filename: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Deny {
    Warnings,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Rules {
    /// How to print them
    #[arg(long, default_value = "text")]
    pub(super) format: ListFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Text,
    Json,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Explain {
    /// The id of a rule
    pub(super) rule: String,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Completions {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}
