//! What is known by its name alone.

use crate::source::Span;

/// A kind of thing whose name is all that others say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thing {
    /// A dashboard of Grafana, by its uid.
    Dashboard,
    /// Whom Grafana's alerts go to.
    ContactPoint,
    /// A type of profiles, by its id: `process_cpu:cpu:nanoseconds:cpu:nanoseconds`.
    ProfileType,
    /// An attribute of a resource in OpenTelemetry, by its key.
    ResourceAttribute,
    /// An attribute of a span, by its key.
    SpanAttribute,
    /// An attribute of the one or the other: who names one need not say whose.
    Attribute,
}

impl Thing {
    /// All, with their names in symbol files.
    pub const ALL: [(&'static str, Self); 6] = [
        ("dashboard", Self::Dashboard),
        ("contact-point", Self::ContactPoint),
        ("profile-type", Self::ProfileType),
        ("resource-attribute", Self::ResourceAttribute),
        ("span-attribute", Self::SpanAttribute),
        ("attribute", Self::Attribute),
    ];

    /// The kind of that name in symbol files.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, thing)| *thing)
    }

    /// Its name in symbol files.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, thing)| *thing == self).map_or("", |(name, _)| name)
    }
}

/// Something that is there under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What.
    pub thing: Thing,
    /// Its name.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// Something that is asked for by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRef {
    /// What.
    pub thing: Thing,
    /// Its name; never one with a variable.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Who asks, for messages: "panel `Slow spans`".
    pub by: String,
}
