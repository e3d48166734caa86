//! Scripts that do nothing but start one program: `sh -c "exec prometheus --web.enable-lifecycle"` is that command line.

use std::ops::Range;

/// A word of a script, as the shell takes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Without quotes.
    pub text: String,
    /// Where it stands in the script, quotes included.
    pub range: Range<usize>,
    /// Whether the shell puts something in that is not known.
    pub open: bool,
}

/// Commands that change nothing that a server reads.
pub(super) const HARMLESS: [&str; 9] = ["mkdir", "echo", "set", "sleep", "chown", "chmod", "true", "touch", ":"];

/// The words with which a script starts the one program that `runs` knows, that one first; `None` where it does anything else.
pub(super) fn started(script: &str, runs: &dyn Fn(&str) -> bool) -> Option<Vec<Word>> {
    let mut found: Option<Vec<Word>> = None;
    for mut words in commands(script)? {
        if words.first().is_some_and(|w| w.text == "exec") {
            words.remove(0);
        }
        let Some(program) = words.first() else { continue };
        if !program.open && runs(&program.text) {
            if found.is_some() {
                return None;
            }
            found = Some(words);
        } else if program.open || !HARMLESS.contains(&program.text.as_str()) {
            return None;
        }
    }
    found
}

/// The words of each command; `None` where a script redirects, branches, or nests commands.
fn commands(script: &str) -> Option<Vec<Vec<Word>>> {
    let mut all = vec![Vec::new()];
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    let mut chars = script.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        if quote.is_none() && matches!(c, ' ' | '\t' | '\n' | ';' | '&' | '|') {
            all.last_mut()?.extend(word.take());
            if !matches!(c, ' ' | '\t') {
                all.push(Vec::new());
            }
            continue;
        }
        if quote.is_none() && c == '#' && word.is_none() {
            while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            continue;
        }
        // A break behind a backslash is none.
        if c == '\\' && quote != Some('\'') && chars.next_if(|(_, c)| *c == '\n').is_some() {
            continue;
        }
        let word = word.get_or_insert(Word { text: String::new(), range: at..end, open: false });
        word.range.end = end;
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | ')' | '<' | '>' | '`') => return None,
            (None, '{' | '}') if word.text.is_empty() => return None,
            (Some('"'), '`') => return None,
            (Some('"') | None, '$') => {
                if chars.peek().is_some_and(|(_, c)| *c == '(') {
                    return None;
                }
                word.open = true;
                word.text.push(c);
            }
            (None, '*' | '?' | '[' | '~') => {
                word.open = true;
                word.text.push(c);
            }
            (Some('"') | None, '\\') => {
                // Within quotes a backslash stays unless it escapes something that means something there.
                let next = chars.next_if(|(_, c)| quote.is_none() || matches!(c, '"' | '\\' | '$' | '`'));
                word.range.end = next.map_or(end, |(at, c)| at + c.len_utf8());
                word.text.push(next.map_or(c, |(_, c)| c));
            }
            (_, c) => word.text.push(c),
        }
    }
    if quote.is_some() {
        return None;
    }
    all.last_mut()?.extend(word);
    all.retain(|words| !words.is_empty());
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(script: &str) -> Option<Vec<(String, String, bool)>> {
        let found = started(script, &|program| program.ends_with("prometheus"))?;
        Some(found.into_iter().map(|w| (w.text, script[w.range].to_owned(), w.open)).collect())
    }

    #[test]
    fn one_program_is_read_as_its_command_line() {
        let one = |text: &str, raw: &str, open| (text.to_owned(), raw.to_owned(), open);
        assert_eq!(
            words("mkdir -p /a && sleep 5; exec /bin/prometheus --a=b '--c=d e' \\\n  --f=\"$G\" # why\n"),
            Some(vec![
                one("/bin/prometheus", "/bin/prometheus", false),
                one("--a=b", "--a=b", false),
                one("--c=d e", "'--c=d e'", false),
                one("--f=$G", "--f=\"$G\"", true),
            ])
        );
        assert_eq!(words("prometheus \"a\\\"b\\n\"").unwrap()[1], one("a\"b\\n", "\"a\\\"b\\n\"", false));
    }

    #[test]
    fn what_does_more_is_not_known() {
        for script in [
            "sed s/a/b/ x > /tmp/y && prometheus --a",
            "if true; then prometheus; fi",
            "prometheus --a=$(hostname)",
            "prometheus & prometheus",
            "A=1 prometheus",
            "(prometheus)",
            "{ prometheus; }",
            "prometheus 'open",
            "$RUN prometheus",
            "cat <<EOF > /x\nEOF\nprometheus",
            "sleep 1",
            "",
        ] {
            assert_eq!(words(script), None, "{script}");
        }
    }
}
