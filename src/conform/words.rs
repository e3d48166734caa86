//! Surgery on the words of a command line where they are written: items of a list, in lines or in brackets, or words of one
//! text. Everything else keeps its bytes.

use crate::source::{Edit, Sources, Span};
use crate::tree::Arg;

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `- word`.
    Item,
    /// `[word, …]`.
    Flow,
    /// A part of a text.
    Word,
}

/// A word with what stands around it on its line.
#[derive(Debug, Clone)]
struct Written<'s> {
    text: &'s str,
    span: Span,
    /// The word, its quotes included.
    start: usize,
    end: usize,
    /// Its quote.
    quote: &'static str,
    form: Form,
}

impl<'s> Written<'s> {
    fn of(sources: &'s Sources, arg: &Arg) -> Self {
        let text = sources.text(arg.span.source);
        let (mut start, mut end) = (arg.span.start as usize, arg.span.end as usize);
        let mut quote = "";
        for mark in ["\"", "'"] {
            let inside = text[start..end].len() > 1 && text[start..end].starts_with(mark);
            let around = text[..start].ends_with(mark) && text[end..].starts_with(mark);
            if inside || around {
                quote = mark;
            }
            if around && !inside {
                (start, end) = (start - 1, end + 1);
            }
        }
        let mut written = Self { text, span: arg.span, start, end, quote, form: Form::Word };
        let (before, after) = (written.before().trim_end(), written.after().trim_start());
        let above = text[..written.line()].trim_end();
        written.form = if before.trim_start() == "-" {
            Form::Item
        } else if before.ends_with(['[', ','])
            || before.is_empty() && above.ends_with(['[', ','])
            || (after.starts_with([',', ']']) && before.contains('['))
        {
            Form::Flow
        } else {
            Form::Word
        };
        written
    }

    fn line(&self) -> usize {
        self.text[..self.start].rfind('\n').map_or(0, |n| n + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.end..].find('\n').map_or(self.text.len(), |n| self.end + n + 1)
    }

    /// What stands before the word on its line.
    fn before(&self) -> &'s str {
        &self.text[self.line()..self.start]
    }

    /// What stands behind it, without the line break.
    fn after(&self) -> &'s str {
        self.text[self.end..self.line_end()].trim_end_matches(['\n', '\r'])
    }

    fn edit(&self, range: std::ops::Range<usize>, text: String) -> Edit {
        Edit { span: Span::new(self.span.source, range), text }
    }

    /// Whether nothing else stands on its line, a comment or the mark of a continued line left aside.
    fn is_alone(&self) -> bool {
        let after = self.after().trim();
        let before = self.before().trim();
        let bare = before.is_empty() || (self.form == Form::Item && before == "-");
        bare && (after.is_empty() || after == "\\" || after == "," || after.starts_with('#'))
    }

    fn remove(&self) -> Edit {
        if self.is_alone() {
            return self.edit(self.line()..self.line_end(), String::new());
        }
        let behind = &self.text[self.end..];
        let gap = |text: &str| text.len() - text.trim_start_matches(' ').len();
        if self.form == Form::Flow {
            if let Some(rest) = behind.trim_start_matches(' ').strip_prefix(',') {
                let end = self.text.len() - rest.len() + gap(rest);
                return self.edit(self.start..end, String::new());
            }
            let before = self.text[..self.start].trim_end_matches(' ');
            let start = before.strip_suffix(',').map_or(self.start, str::len);
            return self.edit(start..self.end, String::new());
        }
        let before = self.before();
        if before.ends_with(' ') && !before.trim_end().ends_with([':', '|', '>', '-']) && !before.trim().is_empty() {
            let start = self.start - (before.len() - before.trim_end_matches(' ').len());
            return self.edit(start..self.end, String::new());
        }
        self.edit(self.start..self.end + gap(behind), String::new())
    }

    fn append(&self, words: &[String]) -> Edit {
        let quoted = |w: &String| match self.quote {
            "" if w.contains(',') && self.form == Form::Flow => format!("\"{w}\""),
            quote => format!("{quote}{w}{quote}"),
        };
        match self.form {
            Form::Item => {
                let (at, before) = (self.line_end(), self.before());
                let lines: String = words.iter().map(|w| format!("{before}{}\n", quoted(w))).collect();
                // A file may end without a line break.
                let open = !self.text[..at].ends_with('\n');
                let lines = if open { format!("\n{}", lines.trim_end_matches('\n')) } else { lines };
                self.edit(at..at, lines)
            }
            Form::Flow => {
                let more: String = words.iter().map(|w| format!(", {}", quoted(w))).collect();
                self.edit(self.end..self.end, more)
            }
            Form::Word if self.is_alone() && !self.before().is_empty() => {
                let (at, before, after) = (self.line_end(), self.before(), self.after());
                let lines: String = words.iter().map(|w| format!("{before}{w}{after}\n")).collect();
                let open = !self.text[..at].ends_with('\n');
                let lines = if open { format!("\n{}", lines.trim_end_matches('\n')) } else { lines };
                self.edit(at..at, lines)
            }
            Form::Word => {
                // Inside the quotes of a whole text its last word ends before them.
                let at = self.span.end as usize;
                let more: String = words.iter().map(|w| format!(" {w}")).collect();
                self.edit(at..at, more)
            }
        }
    }
}

/// Writes a part of a word anew; `None` = that part is not written as it reaches the process.
pub fn replace(sources: &Sources, arg: &Arg, old: &str, new: &str) -> Option<Edit> {
    let at = sources.slice(arg.span).find(old)?;
    Some(Edit { span: arg.span.slice(at..at + old.len()), text: new.to_owned() })
}

/// Takes a word out; `None` = it is not written as it reaches the process.
pub fn remove(sources: &Sources, arg: &Arg) -> Option<Edit> {
    let whole = !arg.open && sources.slice(arg.span).contains(&arg.text);
    whole.then(|| Written::of(sources, arg).remove())
}

/// Puts words behind one.
pub fn append(sources: &Sources, arg: &Arg, words: &[String]) -> Option<Edit> {
    (!words.is_empty()).then(|| Written::of(sources, arg).append(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The edits of one word of a text, applied.
    fn after(text: &str, word: &str, edit: impl Fn(&Sources, &Arg) -> Option<Edit>) -> String {
        let mut sources = Sources::new();
        let source = sources.add("compose.yaml", text.to_owned());
        let start = text.find(word).unwrap();
        let arg = Arg { text: word.to_owned(), open: false, span: Span::new(source, start..start + word.len()) };
        let edit = edit(&sources, &arg).unwrap();
        let range = edit.span.range();
        format!("{}{}{}", &text[..range.start], edit.text, &text[range.end..])
    }

    #[test]
    fn a_word_goes_however_it_is_written() {
        let items = "command:\n  - --a=1 # one\n  - '--b=2'\n";
        assert_eq!(after(items, "--a=1", remove), "command:\n  - '--b=2'\n");
        assert_eq!(after(items, "--b=2", remove), "command:\n  - --a=1 # one\n");
        let flow = "command: [\"--a=1\", \"--b=2\", \"--c\"]\n";
        assert_eq!(after(flow, "--a=1", remove), "command: [\"--b=2\", \"--c\"]\n");
        assert_eq!(after(flow, "--b=2", remove), "command: [\"--a=1\", \"--c\"]\n");
        assert_eq!(after(flow, "--c", remove), "command: [\"--a=1\", \"--b=2\"]\n");
        let lines = "command: [\n  --a=1,\n  --b=2\n]\n";
        assert_eq!(after(lines, "--a=1", remove), "command: [\n  --b=2\n]\n");
        let text = "command: --a=1 --b=2 --c\n";
        assert_eq!(after(text, "--a=1", remove), "command: --b=2 --c\n");
        assert_eq!(after(text, "--b=2", remove), "command: --a=1 --c\n");
        assert_eq!(after(text, "--c", remove), "command: --a=1 --b=2\n");
        let folded = "command: >\n  --a=1\n  --b=2\n";
        assert_eq!(after(folded, "--a=1", remove), "command: >\n  --b=2\n");
        assert_eq!(after("command: \"--a --b\"\n", "--b", remove), "command: \"--a\"\n");
    }

    #[test]
    fn words_follow_another_in_its_form() {
        let more = |s: &Sources, a: &Arg| append(s, a, &["--d".to_owned(), "--e=1,2".to_owned()]);
        assert_eq!(
            after("command:\n  - \"--a\" # one\nx: 1\n", "--a", more),
            "command:\n  - \"--a\" # one\n  - \"--d\"\n  - \"--e=1,2\"\nx: 1\n"
        );
        assert_eq!(after("command:\n  - --a", "--a", more), "command:\n  - --a\n  - --d\n  - --e=1,2");
        assert_eq!(after("command: [--a, --b]\n", "--a", more), "command: [--a, --d, \"--e=1,2\", --b]\n");
        assert_eq!(after("command: --a --b\n", "--b", more), "command: --a --b --d --e=1,2\n");
        assert_eq!(after("command: \"--a --b\"\n", "--b", more), "command: \"--a --b --d --e=1,2\"\n");
        assert_eq!(after("command: >\n  --a\n  --b\n", "--a", more), "command: >\n  --a\n  --d\n  --e=1,2\n  --b\n");
    }
}
