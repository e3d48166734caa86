//! What happens inside of a process: which of its stages passes which signal to which, and who reads what is kept.
//!
//! Names join the two worlds: a listener whose name is that of a stage of the same process leads into it, and a URL whose
//! sender has its name leaves from it.

use super::Signal;
use crate::source::Span;

/// Index of a stage in [`super::Symbols::stages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StageId(pub u32);

/// What a stage does with what reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It finds whom others ask, and takes no data itself.
    Discover,
    /// It makes data, or takes them from outside.
    Source,
    /// It passes on what it takes, signal by signal.
    Pass,
    /// It makes something else of what it takes.
    Convert,
    /// It sends what it takes elsewhere.
    Send,
    /// It keeps what it takes, and answers queries.
    Store,
    /// What it does is not known.
    Open,
}

impl Role {
    /// As a machine reads it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Discover => "discovery",
            Self::Source => "source",
            Self::Pass => "processor",
            Self::Convert => "connector",
            Self::Send => "exporter",
            Self::Store => "store",
            Self::Open => "unknown",
        }
    }
}

/// By which listeners data reach a stage, beside those of its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// By every listener of the process.
    Any,
    /// By one of that name, for requests of these paths; `None` = for all.
    Listener {
        /// [`super::Listener::name`].
        name: String,
        /// Paths as in [`super::Accepts`].
        paths: Option<Vec<String>>,
    },
}

/// A stop of data inside of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// For messages: "`otelcol.processor.batch.default`", "Tempo's metrics generator".
    pub name: String,
    /// What it does.
    pub role: Role,
    /// Signals that it keeps, or makes; empty = whatever comes.
    pub signals: Vec<Signal>,
    /// Where it is configured.
    pub span: Span,
    /// By what it is entered.
    pub entries: Vec<Entry>,
}

/// A hop from one stage of a process to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// Who passes on.
    pub from: StageId,
    /// To whom.
    pub to: StageId,
    /// What; `None` = whatever comes.
    pub signal: Option<Signal>,
    /// Where that is written.
    pub span: Span,
}

/// The data source that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedSource {
    /// By uid or name.
    Named(String),
    /// Any of that plugin: a variable chooses.
    Plugin(String),
    /// The default one.
    Default,
}

/// Something that asks a data source: a panel, a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The dashboard or group that it belongs to: its title.
    pub group: String,
    /// Who: "panel `Requests`".
    pub by: String,
    /// What is asked.
    pub asked: AskedSource,
    /// Where.
    pub span: Span,
}
