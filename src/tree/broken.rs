//! What a text was meant to be that does not parse.

use std::sync::Arc;

use super::read::{self, Reading};
use super::{Format, Kind, Sniff, has_marks, path, template};
use crate::source::SourceId;

/// Lines that are left out to find that out.
const LINES: usize = 4;

/// Longest text for which it is tried.
const BYTES: usize = 256 << 10;

/// Folders of files that are broken on purpose.
const FOLDERS: [&str; 4] = ["testdata", "fixtures", "test", "tests"];

/// Words in the names of files that others are made of, or that are broken on purpose.
const NAMES: [&str; 6] = ["example", "sample", "template", "dist", "bad", "invalid"];

/// A text that does not parse.
pub(super) struct Broken<'a> {
    pub(super) path: &'a str,
    pub(super) source: SourceId,
    pub(super) text: &'a Arc<str>,
}

impl Broken<'_> {
    /// The kind that it would convince of without the lines that break it.
    pub(super) fn kind(
        &self,
        format: Format,
        reading: &Reading,
        convinced: impl Fn(&Sniff<'_>) -> Option<Kind>,
    ) -> Option<Kind> {
        if !matches!(format, Format::Yaml(_)) || self.text.len() > BYTES || self.is_on_purpose() {
            return None;
        }
        let mut text = self.text.to_string();
        let mut at = reading.errors.first()?.span.start as usize;
        for _ in 0..LINES {
            let start = text.get(..at)?.rfind('\n').map_or(0, |n| n + 1);
            let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
            if start == end {
                return None;
            }
            text.replace_range(start..end, "");
            let whole: Arc<str> = text.as_str().into();
            let reading = read::read(format, self.source, &whole);
            match reading.errors.first() {
                Some(error) => at = error.span.start as usize,
                None => {
                    let name = path::name(self.path);
                    return convinced(&Sniff { path: self.path, name, text: &whole, document: reading.document() });
                }
            }
        }
        None
    }

    /// Whether it may well be no YAML by intention.
    fn is_on_purpose(&self) -> bool {
        let name = path::name(self.path).to_ascii_lowercase();
        path::folder(self.path).split('/').any(|s| FOLDERS.contains(&s))
            || NAMES.iter().any(|word| name.contains(word))
            || template::is_template(self.text)
            || has_marks(self.text)
    }
}
