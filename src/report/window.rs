//! Which lines of a file a finding needs: the renderer's cost grows with the text handed to it, so a finding in a big
//! file hands over only the lines around its labels, and only a part of a line that is very long.

use std::ops::Range;

use crate::source::LineIndex;

/// Lines shown around a label at most; the renderer folds what it finds superfluous.
const AROUND: usize = 2;
/// Two labels closer than this share a window; the renderer folds the lines between them.
const JOIN: usize = 60;
/// Bytes of one line before and after a label that are handed over: minified JSON has lines of megabytes.
const LINE: usize = 400;

/// A piece of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Its bytes in the file.
    pub(super) bytes: Range<usize>,
    /// 1-based number of its first line.
    pub(super) line: usize,
    /// Whether it starts inside of a line, so that columns cannot be counted in it.
    pub(super) cut: bool,
    /// Which of the given ranges lie in it.
    pub(super) members: Vec<usize>,
}

/// The windows of `text` that hold `ranges`, in the order of the first range in each.
pub(super) fn windows(text: &str, lines: &LineIndex, ranges: &[Range<usize>]) -> Vec<Window> {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_by_key(|i| ranges[*i].start);
    let mut windows: Vec<Window> = Vec::new();
    for i in order {
        let range = fit(text, &ranges[i]);
        let wanted = around(text, &range);
        match windows.last_mut() {
            Some(last) if joins(text, &last.bytes, &wanted) => {
                last.bytes.end = last.bytes.end.max(wanted.end);
                last.members.push(i);
            }
            _ => windows.push(Window {
                line: lines.line(wanted.start as u32) as usize,
                cut: wanted.start > 0 && text.as_bytes()[wanted.start - 1] != b'\n',
                bytes: wanted,
                members: vec![i],
            }),
        }
    }
    windows.sort_by_key(|w| w.members.iter().min().copied());
    windows
}

/// The range inside of the text and on character boundaries, whatever was given.
pub(super) fn fit(text: &str, range: &Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start);
    start..floor(range.end).max(start)
}

/// A range grown to whole lines around it, each at most [`LINE`] bytes beyond it.
fn around(text: &str, range: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut start = range.start;
    for left in (0..=AROUND).rev() {
        let limit = range.start.saturating_sub(LINE * (AROUND + 1 - left));
        // Not before the limit: a line may be megabytes long.
        let from = limit.saturating_sub(1).min(start);
        let line = match bytes[from..start].iter().rposition(|b| *b == b'\n') {
            Some(n) => from + n + 1,
            None => from,
        };
        if line < limit {
            // A long line: only the part beside the label, and nothing above it.
            start = if left == AROUND { limit } else { start };
            break;
        }
        start = line;
        if left == 0 || line == 0 {
            break;
        }
        start = line - 1;
    }
    if start < range.start && bytes.get(start) == Some(&b'\n') {
        start += 1;
    }
    // A label over many lines or over a very long one is shown by its head.
    let head = range.end.min(range.start + 10 * LINE);
    let mut end = head;
    for _ in 0..=AROUND {
        let limit = (head + LINE).min(bytes.len());
        match bytes[end..limit].iter().position(|b| *b == b'\n') {
            Some(n) => end = end + n + 1,
            None => {
                end = limit;
                break;
            }
        }
    }
    fit(text, &(start..end))
}

fn joins(text: &str, last: &Range<usize>, next: &Range<usize>) -> bool {
    if next.start <= last.end {
        return true;
    }
    let between = &text.as_bytes()[last.end..next.start];
    between.len() <= JOIN * LINE && between.iter().filter(|b| **b == b'\n').count() <= JOIN
}

#[cfg(test)]
mod tests {
    #![allow(clippy::single_range_in_vec_init)] // One label is the usual case.

    use super::*;

    #[test]
    fn a_window_is_whole_lines_around_the_label() {
        let text = (1..=200).map(|n| format!("line {n}\n")).collect::<String>();
        let at = text.find("line 100").unwrap_or_default();
        let found = windows(&text, &LineIndex::new(&text), &[at..at + 4]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].cut), (98, false));
        assert!(text[found[0].bytes.clone()].starts_with("line 98\n"));
        assert!(text[found[0].bytes.clone()].ends_with("line 102\n"));
    }

    #[test]
    fn labels_far_apart_get_windows_of_their_own_and_near_ones_share() {
        let text = (1..=2000).map(|n| format!("line {n}\n")).collect::<String>();
        let at = |s: &str| {
            let at = text.find(s).unwrap_or_default();
            at..at + 4
        };
        let found = windows(&text, &LineIndex::new(&text), &[at("line 1900"), at("line 10\n"), at("line 20\n")]);
        assert_eq!(found.iter().map(|w| w.members.clone()).collect::<Vec<_>>(), [vec![0], vec![1, 2]]);
    }

    #[test]
    fn one_line_of_megabytes_is_cut_on_character_boundaries() {
        let text = "ü".repeat(1 << 20);
        let found = windows(&text, &LineIndex::new(&text), &[1 << 20..(1 << 20) + 3]);
        assert!(found[0].cut && found[0].bytes.len() < 4000, "{:?}", found[0].bytes);
        assert!(text.get(found[0].bytes.clone()).is_some());
    }

    #[test]
    fn ranges_beyond_the_text_and_empty_texts_are_held() {
        for text in ["", "a", "\n", "a\n", "\n\n\n\n\n\n", "ü"] {
            for start in 0..5 {
                for end in start..6 {
                    let found = windows(text, &LineIndex::new(text), &[start..end]);
                    assert!(text.get(found[0].bytes.clone()).is_some(), "{text:?} {start}..{end}");
                    let fitted = fit(text, &(start..end));
                    assert!(found[0].bytes.start <= fitted.start && fitted.end <= found[0].bytes.end.max(fitted.end));
                }
            }
        }
    }
}
