//! An existing `.env`, changed line by line: comments, order, quoting and variables of the user survive.

/// A `.env` as lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Dotenv {
    entries: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// As written, line ends included; a quoted value may span several lines.
    text: String,
    /// What it sets.
    set: Option<(String, String)>,
}

impl Dotenv {
    /// Reads the dialect of compose: `KEY=value`, `export KEY=value`, quotes, comments.
    pub(super) fn read(text: &str) -> Self {
        let mut entries = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (length, set) = statement(rest);
            let (line, after) = rest.split_at(length);
            entries.push(Line { text: line.to_owned(), set });
            rest = after;
        }
        Self { entries }
    }

    /// The value that holds: the last one.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().rev().filter_map(|l| l.set.as_ref()).find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Sets a value where the key stands already (everywhere), else at the end below a comment.
    pub(super) fn set(&mut self, key: &str, value: &str, purpose: &str) {
        let mut found = false;
        for line in self.entries.iter_mut().filter(|l| l.set.as_ref().is_some_and(|(k, _)| k == key)) {
            let end = if line.text.ends_with("\r\n") { "\r\n" } else { "\n" };
            let export = if line.text.trim_start().starts_with("export ") { "export " } else { "" };
            *line = Line { text: format!("{export}{key}={value}{end}"), set: Some((key.into(), value.into())) };
            found = true;
        }
        if !found {
            self.append(&format!("# {purpose}\n{key}={value}\n"));
        }
    }

    /// Leaves room for a value that only the user knows, unless there is room already.
    pub(super) fn leave_room(&mut self, key: &str, purpose: &str) {
        let room = format!("# {key}=");
        if !self.entries.iter().any(|l| l.text.trim_end() == room) {
            self.append(&format!("# {purpose}\n{room}\n"));
        }
    }

    fn append(&mut self, text: &str) {
        if let Some(last) = self.entries.last_mut()
            && !last.text.ends_with('\n')
        {
            last.text.push('\n');
        }
        self.entries.extend(Self::read(text).entries);
    }

    /// The whole text.
    pub(super) fn text(&self) -> String {
        self.entries.iter().map(|l| l.text.as_str()).collect()
    }
}

/// Length of the first statement of `text` with its line end, and what it sets.
fn statement(text: &str) -> (usize, Option<(String, String)>) {
    let line_end = text.find('\n').map_or(text.len(), |n| n + 1);
    let line = &text[..line_end];
    let start = line.trim_start_matches(['\u{feff}', ' ', '\t']);
    let start = start.strip_prefix("export ").map_or(start, str::trim_start);
    let Some((key, value)) = start.split_once('=') else { return (line_end, None) };
    let key = key.trim_end();
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) {
        return (line_end, None);
    }
    let value = value.trim_start_matches([' ', '\t']);
    let at = line.len() - value.len();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inner = &text[at + 1..];
        let mut escaped = false;
        for (n, c) in inner.char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                let after = at + 1 + n + 1;
                let end = text[after..].find('\n').map_or(text.len(), |e| after + e + 1);
                return (end, Some((key.to_owned(), inner[..n].to_owned())));
            }
        }
        // Never closed: the engine would refuse it; it ends with its line here.
    }
    let plain = value.split(" #").next().unwrap_or_default().trim_end();
    (line_end, Some((key.to_owned(), plain.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back_byte_for_byte() {
        for text in
            ["", "A=1", "A=1\r\n# c\n\nexport B = 'x\ny' # z\nC=\"a\\\"b\"\nD=\"open\nE=2\n", "=\n\n\u{feff}A=1\n"]
        {
            assert_eq!(Dotenv::read(text).text(), text);
        }
    }

    #[test]
    fn values_are_read_as_compose_reads_them() {
        let env = Dotenv::read("A=1 # one\nexport B = 'x\nC=no\ny'\nD=\"a\"\nA=2\n# E=3\nF=\nG=a#b\n");
        assert_eq!(env.get("A"), Some("2"));
        assert_eq!(env.get("B"), Some("x\nC=no\ny"));
        assert_eq!((env.get("C"), env.get("E"), env.get("F")), (None, None, Some("")));
        assert_eq!((env.get("D"), env.get("G")), (Some("a"), Some("a#b")));
    }

    #[test]
    fn setting_keeps_what_the_user_wrote() {
        let mut env = Dotenv::read("# mine\nexport A='old' # why\nMINE=1");
        env.set("A", "new", "unused");
        env.set("B", "b", "what b is for");
        env.leave_room("X", "yours");
        env.leave_room("X", "yours");
        assert_eq!(env.text(), "# mine\nexport A=new\nMINE=1\n# what b is for\nB=b\n# yours\n# X=\n");
    }
}
