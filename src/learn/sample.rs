//! One series as Prometheus writes it: `name{label="value"}`, `{"name", "label"="value"}`, with a value behind it or not
//! (`prometheus/prometheus model/textparse/promparse.go`, `promql/parser/lex.go` @v3.14.0).

use std::borrow::Cow;

/// A series, and what stood behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sample<'t> {
    /// Name.
    pub(super) name: Cow<'t, str>,
    /// Names of labels.
    pub(super) labels: Vec<Cow<'t, str>>,
    /// Whether a value stands behind it.
    pub(super) valued: bool,
}

/// The label that is the name.
const NAME: &str = "__name__";

/// Reads one line without blanks around it.
pub(super) fn read(line: &str) -> Result<Sample<'_>, String> {
    let mut reader = Reader { rest: line };
    let mut name: Option<Cow<'_, str>> = reader.word().map(Cow::Borrowed);
    let mut labels = Vec::new();
    if name.is_some() {
        reader.blanks();
    }
    if reader.take("{") {
        loop {
            reader.blanks();
            if reader.take("}") {
                break;
            }
            let key = match reader.quoted()? {
                Some(key) => key,
                None => Cow::Borrowed(reader.word().ok_or_else(|| reader.unexpected("the name of a label"))?),
            };
            reader.blanks();
            if reader.take("=") {
                reader.blanks();
                let value = reader.quoted()?.ok_or_else(|| reader.unexpected("a value in quotes"))?;
                if key == NAME {
                    name = Some(value);
                } else {
                    labels.push(key);
                }
            } else if name.is_none() {
                name = Some(key);
            } else {
                return Err(reader.unexpected("`=`"));
            }
            reader.blanks();
            if !reader.take(",") && !reader.rest.starts_with('}') {
                return Err(reader.unexpected("`,` or `}`"));
            }
        }
    }
    let name = name.filter(|n| !n.is_empty()).ok_or_else(|| reader.unexpected("the name of a metric"))?;
    let rest = reader.rest.trim_start();
    // An exemplar may follow the value.
    let value = rest.split_whitespace().next();
    match value {
        None => Ok(Sample { name, labels, valued: false }),
        Some(value) if is_number(value) => Ok(Sample { name, labels, valued: true }),
        Some(_) => Err(reader.unexpected("a value")),
    }
}

/// Whether Go reads a number there; native histograms stand in braces.
fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() || text.starts_with("0x") || text.starts_with('{')
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn take(&mut self, what: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(what) else { return false };
        self.rest = rest;
        true
    }

    /// A bare name.
    fn word(&mut self) -> Option<&'t str> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
        let end = self.rest.find(|c: char| !legal(c)).unwrap_or(self.rest.len());
        if end == 0 || self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(word)
    }

    /// A text in quotes.
    fn quoted(&mut self) -> Result<Option<Cow<'t, str>>, String> {
        let Some(inner) = self.rest.strip_prefix('"') else { return Ok(None) };
        let mut escaped = false;
        let mut plain = true;
        for (at, c) in inner.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => {
                    escaped = true;
                    plain = false;
                }
                '"' => {
                    let text = &inner[..at];
                    self.rest = &inner[at + 1..];
                    return Ok(Some(if plain { Cow::Borrowed(text) } else { Cow::Owned(unescaped(text)) }));
                }
                _ => {}
            }
        }
        Err("a quote is never closed".to_owned())
    }

    fn unexpected(&self, wanted: &str) -> String {
        let found: String = self.rest.chars().take(20).collect();
        match found.is_empty() {
            true => format!("it ends where {wanted} is expected"),
            false => format!("`{found}` stands where {wanted} is expected"),
        }
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}
