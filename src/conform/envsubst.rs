//! A whole text with its variables replaced, as drone/envsubst does before a reader sees it (template.go, parse/parse.go,
//! parse/scan.go, funcs.go@v1.0.3): comments too, for it knows nothing of YAML.

use std::ops::Range;

use crate::source::Span;

/// Variables in variables deeper than this, and texts that become longer, are not read.
const DEEPEST: usize = 64;
pub(super) const LONGEST: usize = 16 << 20;

/// What becomes of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// What stands there is no variable, and nothing of the text is read.
    Broken(Range<usize>, &'static str),
    /// It hangs on something unknown.
    Unknown,
    /// It is read like this.
    Text(Replaced),
}

/// A text after variables were replaced.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replaced {
    /// The text.
    pub(super) text: String,
    /// Where a stretch begins, what it stands for, and whether it stands there as it is.
    pieces: Vec<(usize, Range<usize>, bool)>,
}

impl Replaced {
    /// The place of a part of it in the text as it is written.
    pub(super) fn place(&self, span: Span) -> Span {
        let at = |offset: usize, end: bool| {
            let after = self.pieces.partition_point(|p| if end { p.0 < offset } else { p.0 <= offset });
            match self.pieces.get(after.wrapping_sub(1)) {
                Some((from, range, true)) => (range.start + offset - from).min(range.end),
                Some((_, range, false)) if end => range.end,
                Some((_, range, false)) => range.start,
                None => offset,
            }
        };
        let start = at(span.start as usize, false);
        Span::new(span.source, start..at(span.end as usize, true).max(start))
    }

    /// Whether a part of it stands there as it is.
    pub(super) fn is_kept(&self, span: Span) -> bool {
        let place = self.place(span);
        let touched =
            |p: &(usize, Range<usize>, bool)| !p.2 && p.1.start < place.end as usize && p.1.end > place.start as usize;
        !self.pieces.iter().any(touched)
    }

    /// Whether a variable is nothing in it: what is not set here may be set by whoever starts the process.
    pub(super) fn has_nothing(&self) -> bool {
        let ends = self.pieces.iter().skip(1).map(|p| p.0).chain([self.text.len()]);
        self.pieces.iter().zip(ends).any(|((start, _, kept), end)| !kept && *start == end)
    }

    pub(super) fn push(&mut self, text: &str, from: Range<usize>, kept: bool) {
        if !text.is_empty() || !kept {
            self.pieces.push((self.text.len(), from, kept));
            self.text.push_str(text);
        }
    }
}

/// Replaces the variables of a text. `value` says what one is set to, empty where it is not set; `None` = unknown.
pub(super) fn replace<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> Outcome {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let (mut replaced, mut known) = (Replaced::default(), true);
    while !reader.rest().is_empty() {
        if replaced.text.len() > LONGEST {
            return Outcome::Unknown;
        }
        let from = reader.at;
        if reader.eat("${") {
            match reader.variable(&value) {
                Ok(Some(found)) => replaced.push(&found, from..reader.at, false),
                Ok(None) => known = false,
                Err(TOO_MUCH) => return Outcome::Unknown,
                Err(why) => {
                    let line = text[from..].find('\n').map_or(text.len(), |n| from + n);
                    return Outcome::Broken(from..line, why);
                }
            }
            continue;
        }
        // The first of the two goes, and the second is not looked at again.
        let pair = ["$$", "\\\\", "\\/"].into_iter().find(|pair| reader.eat(pair));
        let from = if pair.is_some() { from + 1 } else { from };
        if pair.is_none() {
            let plain = reader.rest().char_indices().skip(1).find(|(_, c)| ['$', '\\'].contains(c));
            reader.at += plain.map_or(reader.rest().len(), |(at, _)| at);
        }
        replaced.push(&text[from..reader.at], from..reader.at, true);
    }
    if known { Outcome::Text(replaced) } else { Outcome::Unknown }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Variables around the one at hand.
    depth: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// The longest stretch of such characters, `most` bytes at most.
    fn while_(&mut self, most: usize, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.char_indices().find(|(at, c)| *at >= most || !fits(*c)).map_or(rest.len(), |(at, _)| at);
        self.at += end;
        &rest[..end]
    }

    fn name(&mut self) -> &'t str {
        self.while_(usize::MAX, |c| c.is_alphanumeric() || c == '_')
    }

    fn close(&mut self) -> Result<(), &'static str> {
        if self.eat("}") { Ok(()) } else { Err(BAD) }
    }

    /// A variable behind its `${`; `None` = what stands for it is not known.
    fn variable<'v>(&mut self, value: &impl Fn(&str) -> Option<&'v str>) -> Result<Option<String>, &'static str> {
        if self.eat("#") {
            let name = self.name();
            if name.is_empty() {
                return Err(BAD);
            }
            self.close()?;
            return Ok(value(name).map(|v| v.len().to_string()));
        }
        let name = self.name();
        if name.is_empty() {
            return Err("a name of letters, digits and `_` must stand behind `${`");
        }
        let set = value(name);
        let rest = self.rest();
        let mark = [":=", ":-", ":?", ":+", "="].into_iter().find(|mark| rest.starts_with(mark));
        if let Some(mark) = mark {
            self.at += mark.len();
            let mut default = Some(String::new());
            while !self.rest().starts_with('}') {
                default = default.zip(self.part(value, |c| c != '}')?).map(|(all, part)| all + &part);
                if default.as_ref().is_some_and(|all| all.len() > LONGEST) {
                    return Err(TOO_MUCH);
                }
            }
            self.close()?;
            return Ok(set.and_then(|set| if set.is_empty() { default } else { Some(set.to_owned()) }));
        }
        match rest.chars().next() {
            Some(',' | '^') => {
                let case = self.while_(2, |c| c == ',' || c == '^');
                self.close()?;
                Ok(set.and_then(|set| cased(set, case)))
            }
            Some(':') => {
                self.at += 1;
                let mut parts = vec![self.part(value, |c| c != ':' && c != '}')?];
                if !self.eat("}") {
                    if self.while_(usize::MAX, |c| c == ':').is_empty() {
                        return Err(BAD);
                    }
                    parts.push(self.part(value, |c| c != '}')?);
                    self.close()?;
                }
                let parts: Option<Vec<String>> = parts.into_iter().collect();
                Ok(set.zip(parts).and_then(|(set, parts)| cut(set, &parts)))
            }
            Some(mark @ ('#' | '%')) => {
                self.while_(2, |c| c == mark);
                self.part(value, |c| c != '}')?;
                self.close()?;
                Ok(None)
            }
            Some('/') => {
                self.at += 1;
                let way = self.while_(1, |c| ['/', '#', '%'].contains(&c));
                let old = self.part(value, |c| c != '/')?;
                if self.while_(usize::MAX, |c| c == '/').is_empty() {
                    return Err(BAD);
                }
                let bare = self.rest().starts_with('}');
                let new = if bare { Some(String::new()) } else { self.part(value, |c| c != '}')? };
                self.close()?;
                let count = match way {
                    "" => 1,
                    "/" => usize::MAX,
                    _ => return Ok(None),
                };
                // Each letter may be replaced, and what is empty stands before each.
                let most = |set: &str, new: &str| set.len().saturating_add(1).saturating_mul(new.len());
                match set.zip(old.zip(new)) {
                    Some((set, (_, new))) if most(set, &new) > LONGEST => Err(TOO_MUCH),
                    known => Ok(known.map(|(set, (old, new))| set.replacen(old.as_str(), &new, count))),
                }
            }
            Some('}') => {
                self.at += 1;
                Ok(set.map(str::to_owned))
            }
            _ => Err("a `}` is missing behind its name"),
        }
    }

    /// A text, or a variable, inside another one.
    fn part<'v>(
        &mut self,
        value: &impl Fn(&str) -> Option<&'v str>,
        fits: impl Fn(char) -> bool,
    ) -> Result<Option<String>, &'static str> {
        if self.eat("${") {
            if self.depth == DEEPEST {
                return Err(TOO_MUCH);
            }
            self.depth += 1;
            let found = self.variable(value);
            self.depth -= 1;
            return found;
        }
        let rest = self.rest();
        let text = self.while_(usize::MAX, fits);
        let text = text.find("${").map_or(text, |inner| &text[..inner]);
        self.at = self.text.len() - rest.len() + text.len();
        if text.is_empty() { Err("a `}` is missing behind what stands for it") } else { Ok(Some(text.to_owned())) }
    }
}

const BAD: &str = "it is written in no way that is known";

/// The text is no fault, but more than is read.
const TOO_MUCH: &str = "it holds too much";

/// A part of a text from an offset on, and no longer than a length; one that is no number leaves the text whole.
fn cut(text: &str, parts: &[String]) -> Option<String> {
    let Ok(offset) = parts.first()?.parse::<isize>() else { return Some(text.to_owned()) };
    let from = if offset < 0 { text.len().saturating_add_signed(offset) } else { offset.unsigned_abs() };
    let to = match parts.get(1).map(|length| length.parse::<usize>()) {
        None => text.len(),
        Some(Ok(length)) => from.saturating_add(length).min(text.len()),
        Some(Err(_)) => return None,
    };
    if from >= text.len() { Some(String::new()) } else { text.get(from..to).map(str::to_owned) }
}

fn cased(text: &str, case: &str) -> Option<String> {
    let mut chars = text.chars();
    let first = |head: String, rest: &str| head + rest;
    Some(match case {
        ",," => text.to_lowercase(),
        "^^" => text.to_uppercase(),
        "," => chars.next().map_or(String::new(), |c| first(c.to_lowercase().to_string(), chars.as_str())),
        "^" => chars.next().map_or(String::new(), |c| first(c.to_uppercase().to_string(), chars.as_str())),
        _ => text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn read(text: &str) -> String {
        let value = |name: &str| match name {
            "X" => Some("Abc"),
            "OPEN" => None,
            _ => Some(""),
        };
        match replace(text, value) {
            Outcome::Text(found) => found.text,
            Outcome::Unknown => "unknown".to_owned(),
            Outcome::Broken(range, why) => format!("{}: {why}", &text[range]),
        }
    }

    #[test]
    fn variables_are_replaced_as_the_library_does() {
        for (text, read_as) in [
            ("a: ${X}\n", "a: Abc\n"),
            ("${Y}|${Y:-d}|${Y=d}|${Y:?d}|${X:-d}", "|d|d|d|Abc"),
            ("${Y:-${X}e}", "Abce"),
            ("${X^^} ${X,,} ${X,} ${#X}", "ABC abc abc 3"),
            ("$X $${X} a\\\\b \\n \\/", "$X ${X} a\\b \\n /"),
            ("${X:1} ${X:1:1} ${X: -1} ${X:9}.", "bc b Abc ."),
            ("${X/b/d} ${X//c/} ${Y/a/b}.", "Adc Ab ."),
            ("${OPEN}", "unknown"),
            ("${X##A}", "unknown"),
            ("# é ${X}", "# é Abc"),
        ] {
            assert_eq!(read(text), read_as, "{text}");
        }
    }

    #[test]
    fn what_is_no_variable_is_told_where_it_stands() {
        for text in ["${X", "${}", "${ X }", "${X-d}", "${X:-d", "${X:}", "${X/a}", "${X^a}", "${#}"] {
            assert!(read(&format!("a: 1\nb: {text}\nc: 2")).starts_with(text), "{text}: {}", read(text));
        }
    }

    #[test]
    fn what_grows_without_end_is_not_read() {
        let long = "x".repeat(1 << 20);
        let value = |_: &str| Some(long.as_str());
        assert_eq!(replace(&"${X}".repeat(1_000), value), Outcome::Unknown);
        assert_eq!(replace(&"${X/x/${X/x/${X}}}".repeat(10), value), Outcome::Unknown);
        assert_eq!(replace(&"${X:-".repeat(100_000), value), Outcome::Unknown);
    }

    #[test]
    fn places_lead_back() {
        let value = |_: &str| Some("12345");
        let Outcome::Text(found) = replace("a: ${X}\nb: $$c d\n", value) else { panic!() };
        assert_eq!(found.text, "a: 12345\nb: $c d\n");
        let place = |range: Range<usize>| found.place(Span::new(SourceId(0), range)).range();
        assert_eq!((place(3..8), place(0..1), place(9..10)), (3..7, 0..1, 8..9));
        assert_eq!((place(12..13), place(13..16)), (12..13, 13..16));
        assert!(!found.is_kept(Span::new(SourceId(0), 3..8)) && found.is_kept(Span::new(SourceId(0), 9..10)));
    }
}
