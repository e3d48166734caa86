//! What must be known about a matcher's regular expression to judge a selector: whether it is surely broken
//! and whether it matches the empty value. Everything that this small reader does not know is "unknown".

/// Verdict on one expression.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// RE2 refuses it for this reason.
    Broken(&'static str),
    /// Whether it matches the empty string; `None` when not known.
    Reads(Option<bool>),
}

/// Reads `pattern` as RE2 does, as far as groups, classes and repetitions go.
pub(super) fn judge(pattern: &str) -> Verdict {
    let mut reader = Reader { rest: pattern, stack: vec![Branch::default()], unsure: false };
    match reader.run() {
        Err(reason) => Verdict::Broken(reason),
        Ok(()) if reader.unsure => Verdict::Reads(None),
        Ok(()) => Verdict::Reads(reader.stack.pop().and_then(|b| or(b.other, b.empty))),
    }
}

/// An alternation under construction.
struct Branch {
    /// Whether the alternatives before this one match the empty string.
    other: Option<bool>,
    /// Whether this alternative does so far.
    empty: Option<bool>,
    /// The last item, which a repetition would change.
    last: Last,
}

impl Default for Branch {
    fn default() -> Self {
        Self { other: Some(false), empty: Some(true), last: Last::Nothing }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    /// Whether the branch before the item matched the empty string, and whether the item does.
    Item(Option<bool>, Option<bool>),
    Repeated,
}

struct Reader<'p> {
    rest: &'p str,
    stack: Vec<Branch>,
    unsure: bool,
}

impl Reader<'_> {
    fn take(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn top(&mut self) -> Option<&mut Branch> {
        self.stack.last_mut()
    }

    fn item(&mut self, empty: Option<bool>) {
        if let Some(top) = self.top() {
            top.last = Last::Item(top.empty, empty);
            top.empty = and(top.empty, empty);
        }
    }

    fn run(&mut self) -> Result<(), &'static str> {
        while let Some(c) = self.take() {
            match c {
                '(' => self.open(),
                ')' => {
                    let done = self.stack.pop();
                    if self.stack.is_empty() {
                        return Err("unexpected `)`");
                    }
                    self.item(done.and_then(|b| or(b.other, b.empty)));
                }
                '|' => {
                    if let Some(top) = self.top() {
                        let other = or(top.other, top.empty);
                        *top = Branch { other, ..Branch::default() };
                    }
                }
                '[' => {
                    self.class()?;
                    self.item(Some(false));
                }
                '*' | '?' => self.repeat(Some(true))?,
                '+' => self.repeat(None)?,
                '{' => self.counted()?,
                '^' | '$' => self.item(Some(true)),
                '\\' => match self.take() {
                    None => return Err("trailing backslash"),
                    Some('A' | 'z' | 'B') => self.item(Some(true)),
                    Some('b') => self.item(Some(false)),
                    // Literal text with rules of its own.
                    Some('Q') => {
                        self.unsure = true;
                        self.rest = self.rest.split_once("\\E").map_or("", |(_, tail)| tail);
                        self.item(None);
                    }
                    Some('p' | 'P' | 'x') => {
                        if self.rest.starts_with('{') {
                            self.rest = self.rest.split_once('}').map_or("", |(_, tail)| tail);
                        }
                        self.item(Some(false));
                    }
                    Some(_) => self.item(Some(false)),
                },
                _ => self.item(Some(false)),
            }
        }
        if self.stack.len() > 1 { Err("missing closing `)`") } else { Ok(()) }
    }

    fn open(&mut self) {
        if let Some(flags) = self.rest.strip_prefix('?') {
            // Names and flags have a grammar of their own, which is not judged here.
            let end = flags.find([':', ')', '>']).unwrap_or(flags.len());
            let closed = flags[end..].starts_with(')');
            self.rest = flags.get(end + 1..).unwrap_or_default();
            if closed {
                return;
            }
        }
        self.stack.push(Branch::default());
    }

    fn class(&mut self) -> Result<(), &'static str> {
        const OPEN: &str = "missing closing `]`";
        self.rest = self.rest.strip_prefix('^').unwrap_or(self.rest);
        let mut first = true;
        loop {
            match self.take().ok_or(OPEN)? {
                ']' if !first => return Ok(()),
                '\\' => {
                    self.take().ok_or("trailing backslash")?;
                }
                '[' => {
                    if let Some(tail) = self.rest.strip_prefix(':').and_then(|r| r.split_once(":]")) {
                        self.rest = tail.1;
                    }
                }
                _ => {}
            }
            first = false;
        }
    }

    fn repeat(&mut self, empty: Option<bool>) -> Result<(), &'static str> {
        self.rest = self.rest.strip_prefix('?').unwrap_or(self.rest);
        let Some(top) = self.top() else { return Ok(()) };
        match top.last {
            Last::Nothing => return Err("missing argument to a repetition"),
            Last::Repeated => return Err("a repetition of a repetition"),
            Last::Item(before, item) => top.empty = and(before, or(empty.or(Some(false)), item)),
        }
        top.last = Last::Repeated;
        Ok(())
    }

    /// `{n}`, `{n,}` and `{n,m}`; anything else after a brace is literal text.
    fn counted(&mut self) -> Result<(), &'static str> {
        let Some((inner, tail)) = self.rest.split_once('}') else {
            self.item(Some(false));
            return Ok(());
        };
        let (low, high) = inner.split_once(',').unwrap_or((inner, inner));
        let number = |s: &str| !s.is_empty() && s.bytes().all(|c| c.is_ascii_digit());
        if !number(low) || !(number(high) || (high.is_empty() && inner.contains(','))) {
            self.item(Some(false));
            return Ok(());
        }
        self.rest = tail;
        let zero = low.bytes().all(|c| c == b'0');
        self.repeat(if zero { Some(true) } else { None })
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};

    #[test]
    fn knows_what_matches_nothing() {
        for (pattern, empty) in [
            (".*", true),
            (".+", false),
            ("", true),
            ("a|", true),
            ("a|b", false),
            ("(a?)", true),
            ("(?:a|b)*", true),
            ("a*b", false),
            ("(?i)x", false),
            ("x{0,3}", true),
            ("[^/]+", false),
            ("^$", true),
            ("a{", false),
        ] {
            assert_eq!(judge(pattern), Verdict::Reads(Some(empty)), "{pattern}");
        }
        assert_eq!(judge(r"\Qa*"), Verdict::Reads(None));
    }

    #[test]
    fn finds_what_re2_refuses() {
        for pattern in ["[a", "a)", "(a", "*a", "a**", "(|*)", "a\\"] {
            assert!(matches!(judge(pattern), Verdict::Broken(_)), "{pattern}");
        }
    }
}
