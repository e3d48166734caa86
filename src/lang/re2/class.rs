//! Character classes, as far as the shape of an expression depends on what they hold.
//!
//! A class of one character is a literal, and alternatives that begin with equal classes share them: both move the
//! limits on depth and size. Nothing else needs the characters, so a class beyond the explicit ones is only a name.

/// What a class holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Set {
    /// These ranges, sorted and apart from each other once [`Set::clean`] was called.
    Ranges(Vec<(u32, u32)>),
    /// Something with a number of its own; equal numbers hold the same.
    Opaque(u32),
}

const LAST: u32 = 0x0010_FFFF;

impl Set {
    /// Sorts and joins.
    pub(super) fn clean(&mut self) {
        let Self::Ranges(ranges) = self else { return };
        ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for &(low, high) in ranges.iter() {
            match out.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => out.push((low, high)),
            }
        }
        *ranges = out;
    }

    /// Everything else.
    pub(super) fn negate(&mut self) {
        self.clean();
        if let Self::Ranges(ranges) = self {
            *ranges = negated(ranges);
        }
    }

    /// Whether it holds a line end; not known means no, which only moves a limit.
    pub(super) fn has_line_end(&self) -> bool {
        matches!(self, Self::Ranges(r) if r.iter().any(|r| r.0 <= 10 && 10 <= r.1))
    }

    /// All characters, or all but the line end.
    pub(super) fn is_any(&self) -> Option<bool> {
        match self {
            Self::Ranges(r) if r.as_slice() == [(0, LAST)] => Some(true),
            Self::Ranges(r) if r.as_slice() == [(0, 9), (11, LAST)] => Some(false),
            _ => None,
        }
    }

    /// The one character it holds, and whether it holds it in both cases.
    pub(super) fn single(&self) -> Option<(u32, bool)> {
        let Self::Ranges(ranges) = self else { return None };
        match ranges.as_slice() {
            [(low, high)] if low == high => Some((*low, false)),
            [(low, high)] if low + 1 == *high && pair(*low, *high) => Some((*low, true)),
            [(a, b), (c, d)] if a == b && c == d && pair(*a, *c) => Some((*a, true)),
            _ => None,
        }
    }
}

/// Whether these two are each other's only other case.
fn pair(a: u32, b: u32) -> bool {
    // The long s and the Kelvin sign are further cases of `s` and `k`.
    if matches!(a, 0x4B | 0x53) {
        return false;
    }
    let (Some(a), Some(b)) = (char::from_u32(a), char::from_u32(b)) else { return false };
    a.to_lowercase().eq([b]) && b.to_uppercase().eq([a])
}

pub(super) fn negated(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut out = Vec::with_capacity(ranges.len() + 1);
    let mut next = 0;
    for &(low, high) in ranges {
        if next < low {
            out.push((next, low - 1));
        }
        next = high + 1;
    }
    if next <= LAST {
        out.push((next, LAST));
    }
    out
}

/// A range in both cases; `None` where that takes tables.
pub(super) fn folded(low: u32, high: u32, out: &mut Vec<(u32, u32)>) -> bool {
    out.push((low, high));
    if low <= 0x41 && high >= 0x1_E943 {
        return true;
    }
    if high >= 0x80 {
        return false;
    }
    for (from, to, other) in [(0x41, 0x5A, 0x61), (0x61, 0x7A, 0x41)] {
        let (low, high) = (low.max(from), high.min(to));
        if low <= high {
            out.push((low - from + other, high - from + other));
            for (letter, third) in [(0x0B, 0x212A), (0x13, 0x17F)] {
                if low - from <= letter && letter <= high - from {
                    out.push((third, third));
                }
            }
        }
    }
    true
}

/// `\d`, `\s` and `\w`.
pub(super) fn perl(letter: char) -> Option<&'static [(u32, u32)]> {
    Some(match letter.to_ascii_lowercase() {
        'd' => &[(0x30, 0x39)],
        's' => &[(0x9, 0xA), (0xC, 0xD), (0x20, 0x20)],
        'w' => &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
        _ => return None,
    })
}

/// `[:name:]`.
pub(super) fn posix(name: &str) -> Option<&'static [(u32, u32)]> {
    Some(match name {
        "alnum" => &[(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        "alpha" => &[(0x41, 0x5A), (0x61, 0x7A)],
        "ascii" => &[(0, 0x7F)],
        "blank" => &[(0x9, 0x9), (0x20, 0x20)],
        "cntrl" => &[(0, 0x1F), (0x7F, 0x7F)],
        "digit" => &[(0x30, 0x39)],
        "graph" => &[(0x21, 0x7E)],
        "lower" => &[(0x61, 0x7A)],
        "print" => &[(0x20, 0x7E)],
        "punct" => &[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        "space" => &[(0x9, 0xD), (0x20, 0x20)],
        "upper" => &[(0x41, 0x5A)],
        "word" => &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
        "xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return None,
    })
}
