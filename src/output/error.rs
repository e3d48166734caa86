//! Why nothing was written.

use std::fmt;
use std::io;

/// Why a run wrote nothing.
#[derive(Debug)]
pub enum Error {
    /// Files that are not ours to overwrite.
    InTheWay(Vec<InTheWay>),
    /// Something that the user gave cannot be used: a missing certificate, an `.env` that is no text.
    Input(String),
    /// An operation failed.
    Io {
        /// What was being done: `write`, `rename`.
        doing: &'static str,
        /// To which path.
        path: String,
        /// Why it failed.
        error: io::Error,
        /// Whether the next run has something to finish.
        interrupted: bool,
    },
}

/// A file that is not ours to overwrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTheWay {
    /// Path below the output folder.
    pub path: String,
    /// Why.
    pub why: Why,
}

/// Why a file is not ours to overwrite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was edited since it was generated.
    Edited,
    /// vispyr did not write it.
    Foreign,
    /// Two `.env` files should hold the same value and do not.
    Differs,
    /// A folder, a link or a special file stands there.
    NotAFile,
}

impl Why {
    /// Whether `--force` takes it.
    pub fn yields(self) -> bool {
        self != Self::NotAFile
    }
}

impl fmt::Display for InTheWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Why::Edited => "was edited since it was generated",
            Why::Foreign => "was not written by vispyr",
            Why::Differs => "holds another value than the `.env` of the other host",
            Why::NotAFile => "is in the way and no regular file",
        };
        write!(f, "`{}` {why}", self.path)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InTheWay(all) => {
                let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
            Self::Input(message) => f.write_str(message),
            Self::Io { doing, path, error, interrupted: false } => write!(f, "cannot {doing} `{path}`: {error}"),
            Self::Io { doing, path, error, interrupted: true } => {
                write!(f, "cannot {doing} `{path}`: {error}; the next run of `vispyr gen` finishes what was begun")
            }
        }
    }
}

impl std::error::Error for Error {}

/// Names what was being done when an operation failed.
pub(super) fn doing<'a>(doing: &'static str, path: &'a str) -> impl FnOnce(io::Error) -> Error + use<'a> {
    move |error| Error::Io { doing, path: path.to_owned(), error, interrupted: false }
}
