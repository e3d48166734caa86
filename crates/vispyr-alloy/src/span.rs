//! Byte ranges inside one text.

use std::ops::Range;

/// A half-open byte range that is cheap to copy; the public interface speaks `Range<u32>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    pub(crate) fn range(self) -> Range<u32> {
        self.start..self.end
    }

    pub(crate) fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether that is what stands there; most that do not are of another length.
    #[inline]
    pub(crate) fn is(self, name: &str, text: &str) -> bool {
        self.len() as usize == name.len() && self.of(text) == name
    }

    /// The bytes of `text` that the span covers; empty if the span does not fit.
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}
