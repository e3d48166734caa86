//! Faults in words: what RE2 does not have, and what to write instead.

use std::ops::Range;

use super::{Error, Go, Kind, names};

/// A fault with its message and help.
pub(super) fn error(text: &str, span: Range<usize>, kind: Kind, go: Go) -> Error {
    let seen = text.get(span.clone()).unwrap_or_default();
    let (message, help) = match kind {
        Kind::PerlSyntax => group(text, span.start, seen),
        Kind::GroupName => name(seen),
        Kind::Escape => escape(seen),
        Kind::NestedRepetition => nested(seen),
        Kind::ClassRange => class(seen, go),
        Kind::RepetitionCount => count(seen),
        Kind::MissingArgument => (
            format!("`{}` has nothing to repeat", short(seen)),
            Some(format!("put what is to be repeated before it, or write `\\{}` for the character", short(seen))),
        ),
        Kind::UnclosedClass => {
            ("`[` is never closed by `]`".to_owned(), Some("write `\\[` for the character".to_owned()))
        }
        Kind::UnclosedGroup => {
            ("`(` is never closed by `)`".to_owned(), Some("write `\\(` for the character".to_owned()))
        }
        Kind::UnexpectedParen => ("`)` closes nothing".to_owned(), Some("write `\\)` for the character".to_owned())),
        Kind::TrailingBackslash => (
            "the expression ends in a backslash that escapes nothing".to_owned(),
            Some("write `\\\\` for the character".to_owned()),
        ),
        Kind::TooDeep => ("the expression is nested more than 1000 levels deep".to_owned(), None),
        Kind::TooLarge => (
            "the expression is too large once its repetitions are written out".to_owned(),
            Some("repeat less: `x{100}` counts as one hundred `x`".to_owned()),
        ),
    };
    Error { span, message, help, kind }
}

type Words = (String, Option<String>);

fn words(message: impl Into<String>, help: &str) -> Words {
    (message.into(), Some(help.to_owned()))
}

/// What is quoted in a message is not longer than a line.
fn short(text: &str) -> String {
    let mut out: String = text.chars().take(40).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

fn group(text: &str, start: usize, seen: &str) -> Words {
    let after = text.get(start + 2..).unwrap_or_default();
    let starts = |any: &[&str]| any.iter().any(|p| after.starts_with(p));
    if starts(&["=", "!"]) {
        let sign = &after[..1];
        return words(
            format!("look-ahead `(?{sign}…)` does not exist in RE2"),
            "match the text itself and capture the part that is wanted, or exclude the rest in a rule or matcher of its own",
        );
    }
    if starts(&["<=", "<!"]) {
        let sign = &after[..2];
        return words(
            format!("look-behind `(?{sign}…)` does not exist in RE2"),
            "match the text before as well and capture the part that is wanted",
        );
    }
    if starts(&["P=", "P>", "&", "R", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "+", "-1", "-2", "-3"]) {
        return words(
            "references to groups do not exist in RE2",
            "write the group's expression again where it is to match again",
        );
    }
    if starts(&[">"]) {
        return words(
            "atomic groups `(?>…)` do not exist in RE2",
            "write `(?:…)`: RE2 never backtracks, so nothing is lost",
        );
    }
    if starts(&["#"]) {
        return words("comments `(?#…)` do not exist in RE2", "leave the comment out");
    }
    if starts(&["("]) {
        return words("conditions `(?(…)…)` do not exist in RE2", "write both alternatives with `|`");
    }
    if starts(&["|"]) {
        return words(
            "branch reset `(?|…)` does not exist in RE2",
            "write `(?:…)` and count the groups of every alternative",
        );
    }
    if starts(&["<", "'"]) {
        return words(format!("`{}` does not begin a group here", short(seen)), "name a group with `(?P<name>…)`");
    }
    if after.is_empty() || after.chars().all(|c| "imsU-".contains(c)) {
        return words(format!("`{}` is never closed", short(seen)), "end the flags with `)` or `:`");
    }
    let wrong = after.chars().find(|c| !"imsU-".contains(*c));
    match wrong {
        Some('x') => words("flag `x` does not exist in RE2", "write the expression without spaces and comments"),
        Some(c) if c.is_ascii_alphabetic() => words(
            format!("flag `{c}` does not exist in RE2"),
            "the flags are `i` (case does not matter), `m` (`^` and `$` at every line), `s` (`.` matches a line end) and `U` (ungreedy)",
        ),
        _ => words(
            format!("`{}` has no meaning in RE2", short(seen)),
            "write `\\(` for the character, or `(?:…)` for a group",
        ),
    }
}

fn name(seen: &str) -> Words {
    let sign = seen.get(..4).unwrap_or_default();
    if sign == "(?<=" || sign == "(?<!" {
        return words(
            format!("look-behind `{sign}…)` does not exist in RE2"),
            "match the text before as well and capture the part that is wanted",
        );
    }
    if !seen.ends_with('>') {
        return words("the name of the group is never closed by `>`", "write `(?P<name>…)`");
    }
    let name = seen.rsplit_once('<').map_or(seen, |(_, n)| n.trim_end_matches('>'));
    if name.is_empty() {
        return words("the name of the group is empty", "write `(?P<name>…)`, or `(…)` for a group without a name");
    }
    words(
        format!("`{}` is no name for a group", short(name)),
        "use letters of the English alphabet, digits and `_` only",
    )
}

fn escape(seen: &str) -> Words {
    let unknown = format!("`{}` has no meaning in RE2", short(seen));
    let mut chars = seen.chars().skip(1);
    let help = match chars.next().unwrap_or('\\') {
        '1'..='9' => {
            return words(
                format!("`{}` would refer back to a group, which RE2 cannot do", short(seen)),
                "write the group's expression again where it is to match again",
            );
        }
        'k' | 'g' => {
            return words("references to groups do not exist in RE2", "write the group's expression again");
        }
        'Z' => "write `\\z` or `$` for the end of the text",
        'G' => "write `\\A` or `^` for the begin of the text",
        'h' => "write `[ \\t]` for spaces and tabs",
        'H' => "write `[^ \\t]`",
        'R' => "write `\\r?\\n` for a line end",
        'N' => "write `[^\\n]`",
        'V' => "write `[^\\n\\v\\f\\r]`",
        'X' => "write `\\pM*` after a character for the marks that belong to it",
        'K' => "put the part that is wanted into a group",
        'C' => "RE2 matches characters; for any one write `(?s:.)`",
        'E' => "`\\E` only ends `\\Q`; remove it",
        'Q' => "inside of `[…]` escape each character by itself",
        'e' => "write `\\x1b`",
        'c' => "write the number of the control character: `\\x01` for Control-A",
        'u' | 'U' => "write `\\x{…}` with the hexadecimal number of the character",
        'o' => {
            "write `\\x{…}` with the hexadecimal number of the character, or up to three octal digits after the backslash"
        }
        'x' => "write two hexadecimal digits, or `\\x{…}` with a number up to 10FFFF",
        'b' | 'B' | 'A' | 'z' => "this stands for a place, not for a character; move it out of `[…]`",
        'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'p' | 'P' => {
            "a class cannot be the end of a range; escape the `-` before it, or put it last"
        }
        'l' | 'L' => "for lower case write `[[:lower:]]`",
        c if c.is_alphanumeric() || !c.is_ascii() => "write the character without the backslash",
        _ => return (unknown, None),
    };
    words(unknown, help)
}

fn nested(seen: &str) -> Words {
    let possessive = seen.len() > 1 && seen.ends_with('+') && !seen.ends_with("++?");
    if possessive {
        return words(
            format!("`{}` repeats a repetition; possessive repetition does not exist in RE2", short(seen)),
            "leave the last `+` out: RE2 never backtracks, so nothing is lost",
        );
    }
    words(format!("`{}` repeats a repetition", short(seen)), "put the inner repetition into a group: `(?:…)`")
}

fn class(seen: &str, go: Go) -> Words {
    if let Some(name) = seen.strip_prefix("\\p").or_else(|| seen.strip_prefix("\\P")) {
        if name.starts_with('{') && !name.ends_with('}') {
            return words(format!("`{}` is never closed by `}}`", short(seen)), "write `\\p{Name}`");
        }
        let name = name.trim_matches(['{', '}']);
        let name = name.strip_prefix('^').unwrap_or(name);
        let message = format!("Unicode class `{}` is not known", short(name));
        return match names::meant(name, go) {
            Some(meant) => (message, Some(format!("write `\\p{{{meant}}}`"))),
            None if name.contains('_') && go.loose_classes() => words(
                message,
                "Go 1.25 and later find no script of several words; write its characters as `[\\x{…}-\\x{…}]`",
            ),
            None => {
                words(message, "names are those of Unicode's general categories and scripts: `\\p{Lu}`, `\\p{Greek}`")
            }
        };
    }
    if seen.starts_with("[:") {
        return words(
            format!("class `{}` is not known", short(seen)),
            "there are alnum, alpha, ascii, blank, cntrl, digit, graph, lower, print, punct, space, upper, word and xdigit",
        );
    }
    words(
        format!("the range `{}` ends before it begins", short(seen)),
        "swap its ends, or escape the `-` if it is the character",
    )
}

fn count(seen: &str) -> Words {
    let inner = seen.trim_end_matches('?').trim_matches(['{', '}']);
    if let Some((low, high)) = inner.split_once(',')
        && let (Ok(low), Ok(high)) = (low.parse::<u64>(), high.parse::<u64>())
        && low > high
    {
        return words(format!("`{}` ends below its begin", short(seen)), "swap the numbers");
    }
    words(
        format!(
            "`{}` repeats more than 1000 times, alone or multiplied with the repetitions inside of it",
            short(seen)
        ),
        "repeat at most 1000 times, or use `*` or `+`",
    )
}
