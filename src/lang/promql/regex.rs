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
                '(' => self.open()?,
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
                '\\' => self.escape()?,
                _ => self.item(Some(false)),
            }
        }
        if self.stack.len() > 1 { Err("missing closing `)`") } else { Ok(()) }
    }

    /// After a backslash outside of a class.
    fn escape(&mut self) -> Result<(), &'static str> {
        let empty = match self.rest.chars().next() {
            Some('A' | 'z' | 'B') => Some(true),
            Some('b' | 'd' | 'D' | 's' | 'S' | 'w' | 'W') => Some(false),
            Some('Q') => {
                // Literal text with rules of its own.
                self.unsure = true;
                self.rest = self.rest.split_once("\\E").map_or("", |(_, tail)| tail);
                self.item(None);
                return Ok(());
            }
            _ => {
                self.character()?;
                self.item(Some(false));
                return Ok(());
            }
        };
        self.take();
        self.item(empty);
        Ok(())
    }

    /// An escaped character or Unicode class.
    fn character(&mut self) -> Result<(), &'static str> {
        const UNKNOWN: &str = "invalid escape sequence";
        match self.take().ok_or("trailing backslash")? {
            'a' | 'f' | 'n' | 'r' | 't' | 'v' | '0' => Ok(()),
            // One digit would refer back to a group, which RE2 does not do; two are an octal number.
            '1'..='7' if self.rest.starts_with(|c: char| ('0'..='7').contains(&c)) => Ok(()),
            'p' | 'P' | 'x' => {
                if self.rest.starts_with('{') {
                    self.rest = self.rest.split_once('}').ok_or(UNKNOWN)?.1;
                }
                Ok(())
            }
            c if c.is_ascii_punctuation() || (c.is_ascii() && !c.is_ascii_alphanumeric()) => Ok(()),
            _ => Err(UNKNOWN),
        }
    }

    /// A group: plain, named, or with flags.
    fn open(&mut self) -> Result<(), &'static str> {
        const UNKNOWN: &str = "invalid or unsupported group after `(?`";
        if let Some(rest) = self.rest.strip_prefix('?') {
            let named = rest.strip_prefix("P<").or_else(|| rest.strip_prefix('<'));
            if let Some(name) = named {
                let (name, tail) = name.split_once('>').ok_or(UNKNOWN)?;
                if name.is_empty() || !name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') {
                    return Err(UNKNOWN);
                }
                self.rest = tail;
            } else {
                let tail = rest.trim_start_matches(['i', 'm', 's', 'U', '-']);
                if let Some(tail) = tail.strip_prefix(')') {
                    self.rest = tail;
                    return Ok(());
                }
                self.rest = tail.strip_prefix(':').ok_or(UNKNOWN)?;
            }
        }
        self.stack.push(Branch::default());
        Ok(())
    }

    fn class(&mut self) -> Result<(), &'static str> {
        const OPEN: &str = "missing closing `]`";
        self.rest = self.rest.strip_prefix('^').unwrap_or(self.rest);
        let mut first = true;
        loop {
            match self.take().ok_or(OPEN)? {
                ']' if !first => return Ok(()),
                '\\' if self.rest.starts_with(['d', 'D', 's', 'S', 'w', 'W']) => {
                    self.take();
                }
                '\\' => self.character()?,
                '[' => {
                    let name = self.rest.bytes().take_while(|c| *c == b':' || *c == b'^' || c.is_ascii_lowercase());
                    let length = name.take(16).count();
                    if self.rest.starts_with(':') && self.rest[..length].ends_with(':') && length > 1 {
                        self.rest = self.rest[length..].strip_prefix(']').unwrap_or(self.rest);
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
        let length = self.rest.bytes().take_while(|c| c.is_ascii_digit() || *c == b',').count();
        let (inner, tail) = self.rest.split_at(length);
        let Some(tail) = tail.strip_prefix('}') else {
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
        // Numbers too long to be read are too large as well.
        let count = |s: &str| s.parse::<u32>().unwrap_or(u32::MAX);
        if count(low) > 1000 || (!high.is_empty() && (count(high) > 1000 || count(high) < count(low))) {
            return Err("invalid repeat count");
        }
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
        for pattern in
            ["[a", "a)", "(a", "*a", "a**", "(|*)", "a\\", "(?=a)", "\\h", "\\1", "a{2,1}", "a{1001}", "(?P<a.b>c)"]
        {
            assert!(matches!(judge(pattern), Verdict::Broken(_)), "{pattern}");
        }
    }
}
