//! What is put into a text before the engine reads it, and so is not known here.

use super::variables;

/// Who may replace something in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// Nobody: a process reads it as it is.
    Never,
    /// Nobody, though the process could: that `${X}` stays is told once, and what follows from it is not.
    Told,
    /// The process itself, in place of what begins with this mark.
    Variables(&'static str),
    /// A script that nobody knows: no service is known to read the file as it stands.
    Perhaps,
}

impl Filled {
    /// Whether something takes the place of a text, or of a part of it.
    pub(super) fn replaces(self, text: &str) -> bool {
        match self {
            Self::Never => false,
            Self::Told => variables::variable(text).is_some(),
            Self::Variables(mark) => text.contains(mark),
            Self::Perhaps => ["${", "{{", "$("].iter().any(|mark| text.contains(mark)) || is_placeholder(text),
        }
    }
}

/// Words in capitals that say that something else is to stand there.
const WORDS: [&str; 3] = ["PLACEHOLDER", "CHANGEME", "REPLACEME"];

/// Whether a text is what people write where a value is to be put: `__PORT__`, `@PORT@`, `%PORT%`, `<port>`,
/// `SMTP_HOST`, `PORT_PLACEHOLDER`.
fn is_placeholder(text: &str) -> bool {
    let between = |open: &str, close: &str| {
        let inner = text.strip_prefix(open).and_then(|t| t.strip_suffix(close))?;
        (!inner.is_empty()).then_some(inner)
    };
    let name = |inner: &str| inner.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let marked = [("__", "__"), ("@", "@"), ("@@", "@@"), ("%", "%"), ("%%", "%%")];
    marked.iter().any(|(open, close)| between(open, close).is_some_and(name))
        || between("<", ">").is_some()
        || name(text) && WORDS.iter().any(|w| text.contains(w))
        // Several words are joined as in names of variables.
        || name(text) && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.contains('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_values() {
        for text in [
            "__CHAT_ID__",
            "@PORT@",
            "%%PORT%%",
            "<GROUP-ID>",
            "${X:-1}",
            "{{ port }}",
            "http://{{ host }}:80",
            "SMTP_HOST_PLACEHOLDER",
            "SENDER_SMTP_HOST",
        ] {
            assert!(Filled::Perhaps.replaces(text), "{text}");
        }
        for text in ["", "__", "<>", "100%", "__name__", "@", "a<b>", "$1", "10s", "a_PLACEHOLDER"] {
            assert!(!Filled::Perhaps.replaces(text), "{text}");
        }
        let variables = Filled::Variables("${");
        assert!(variables.replaces("${X}") && !variables.replaces("$X") && !variables.replaces("<x>"));
        assert!(!Filled::Never.replaces("${X}") && Filled::Told.replaces("${X}") && !Filled::Told.replaces("$1"));
    }
}
