//! What a finding is, and what a rule is as pure data. Knows no rule.

use crate::source::{Edit, Span};

/// Whose knowledge a rule stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// What the engine's own checker reports.
    A,
    /// What only starting the engine reports.
    B,
    /// What nobody reports.
    C,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The engine of that version refuses it, or data certainly never arrives.
    Error,
    /// Probable loss, exposure or surprise.
    Warning,
    /// Worth knowing.
    Info,
}

/// Whether a rule's edits may be applied without looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixKind {
    /// No edit is offered.
    None,
    /// The edit changes nothing but the fault.
    Safe,
    /// The edit needs a look.
    Unsafe,
}

/// A rule as data. Its identity is its id.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case name, for ever: `tempo-removed-key`.
    pub id: &'static str,
    /// Former names: accepted everywhere, printed nowhere.
    pub aliases: &'static [&'static str],
    /// One line, lower case, no full stop.
    pub summary: &'static str,
    /// Whose knowledge it stands for.
    pub tier: Tier,
    /// Weight of its findings, unless one says otherwise.
    pub severity: Severity,
    /// What its edits are worth.
    pub fix: FixKind,
    /// The vispyr version that first had it.
    pub since: &'static str,
    /// Its page: explanation and test in one.
    pub page: &'static str,
}

/// A second place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// The evidence at that place: "listens here".
    pub text: String,
}

/// Edits that mend a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the edits do, imperative.
    pub title: String,
    /// Whether they may be applied without looking.
    pub safe: bool,
    /// They never overlap, and may touch several files.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Its weight here; at most the rule's own.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
    /// The primary place and what stands there.
    pub primary: Label,
    /// Other places, in any number of files.
    pub labels: Vec<Label>,
    /// What to do, imperative and exact.
    pub help: Option<String>,
    /// Facts that explain it: the consequence, where a version came from.
    pub notes: Vec<String>,
    /// Edits that mend it.
    pub fix: Option<Fix>,
    /// Whether it rests on the newest version because nothing names one: another one may take what is found.
    pub guessed: bool,
    /// Whether it rests on a version that is pinned and not known: it is not told.
    pub moot: bool,
    /// Places of secrets: what stands there is never shown.
    pub secrets: Vec<Span>,
}

impl Diagnostic {
    /// A finding of `rule` at `span`.
    pub fn new(rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            primary: Label { span, text: String::new() },
            labels: Vec::new(),
            help: None,
            notes: Vec::new(),
            fix: None,
            guessed: false,
            moot: false,
            secrets: Vec::new(),
        }
    }

    /// Says what stands at the primary place.
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds a second place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds a fact that explains it.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Weighs it differently from its rule.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Offers edits.
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}
