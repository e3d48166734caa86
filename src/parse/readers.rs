//! The readers against recorded verdicts of Go's own (`tests/readers`).

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::source::SourceId;

/// Where we knowingly differ: input, dialects, reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("yaml-tricky/026-utf16le.yaml", "v2 v3 v4", "bytes are decoded before they come here"),
    ("yaml-tricky/027-latin1.yaml", "v2 v3 v4", "bytes are decoded before they come here"),
    (
        "yaml-tricky/009-dupkey-intstr.yaml",
        "v2",
        "`1` and `0x1` are one key of a map, but no engine's map has numbers as keys",
    ),
    ("yaml-tricky/030-del.yaml", "v4", "the event reader refuses DEL, which only v4 takes"),
    ("yaml-tricky/033-nel-ls.yaml", "v2 v3 v4", "raw U+0085, U+2028 and U+2029 break lines in Go only"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/readers")
}

fn dialects() -> [(&'static str, Dialect); 3] {
    [("v2", Dialect::V2), ("v3", Dialect::V3), ("v4", Dialect::V4)]
}

fn inputs() -> Vec<(String, Vec<String>, Option<String>)> {
    let table = fs::read_to_string(folder().join("verdicts.tsv")).unwrap();
    let rows = table.lines().map(|line| {
        let mut cells = line.split('\t').map(str::to_owned);
        let name = cells.next().unwrap();
        let text = String::from_utf8(fs::read(folder().join(&name)).unwrap()).ok();
        // What decoding does with a byte order mark.
        let text = text.map(|t| t.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(t));
        (name, cells.collect(), text)
    });
    rows.collect()
}

/// Whether a strict reader that reads the first document takes the text.
fn accepts(text: &Arc<str>, dialect: Dialect) -> bool {
    let (doc, errors) = yaml(SourceId(0), text, dialect);
    let first = doc.roots().nth(1).map_or(u32::MAX, |root| root.span().start);
    // v2 compares resolved keys and refuses what a merge overrides when the target is a map.
    let merged = dialect == Dialect::V2
        && doc.nodes().any(|n| {
            n.own_entries().any(|e| {
                e.name() == "<<" && e.key.style() == Style::Plain && {
                    let own: Vec<&str> = n.own_entries().map(|e| e.name()).collect();
                    let sources = if e.value.is_seq() { e.value.items().collect() } else { vec![e.value] };
                    let mut names: Vec<&str> = sources.iter().flat_map(|s| s.entries()).map(|e| e.name()).collect();
                    names.sort_unstable();
                    names.iter().any(|k| own.contains(k)) || names.windows(2).any(|w| w[0] == w[1])
                }
            })
        });
    !merged && errors.iter().all(|e| e.span.start >= first) && doc.duplicates().iter().all(|d| d.span.start >= first)
}

#[test]
fn every_recorded_verdict_is_ours() {
    let mut wrong = Vec::new();
    for (name, verdicts, text) in inputs() {
        for (at, (label, dialect)) in dialects().into_iter().enumerate() {
            let excepted = EXCEPTIONS.iter().any(|e| e.0 == name && e.1.contains(label));
            let theirs = verdicts[at] == "ok";
            let ours = text.as_ref().map(|t| accepts(&Arc::from(t.as_str()), dialect));
            if (ours == Some(theirs)) == excepted {
                wrong.push(format!("{name} {label}: Go {theirs}, we {ours:?}; {}", verdicts[4]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// A tree in the notation of the recorded ones: all scalars as strings, `∅` for null, `*` for an alias.
fn shape(node: Node<'_>, out: &mut String) {
    if node.is_alias() {
        out.push('*');
        return;
    }
    match node.kind() {
        // The recorded trees keep the word, because a v3 node does.
        NodeKind::Null => match node.text().map_or("", |t| t.value()) {
            "" | "~" => out.push('∅'),
            word => quote(word, out),
        },
        NodeKind::Scalar => quote(node.scalar().unwrap_or_default(), out),
        NodeKind::Seq => {
            out.push('[');
            for (at, item) in node.items().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                shape(item, out);
            }
            out.push(']');
        }
        NodeKind::Map => {
            out.push('{');
            for (at, entry) in node.own_entries().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                shape(entry.key, out);
                out.push(':');
                shape(entry.value, out);
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if (c as u32) < 0x20 => write!(out, "\\u{:04x}", c as u32).unwrap(),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[test]
fn every_recorded_tree_is_ours() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (name, verdicts, text) in inputs() {
        let excepted = EXCEPTIONS.iter().any(|e| e.0 == name && e.1.contains("v3"));
        let usable = !excepted && verdicts[3] == "ok" && verdicts[4] != "-";
        let Some(text) = text.filter(|_| usable) else { continue };
        let theirs = verdicts[4].replace("\\\\", "\\").replace("\\u003c", "<").replace("\\u003e", ">");
        let (doc, _) = yaml(SourceId(0), &Arc::from(text.as_str()), Dialect::V3);
        let mut ours = String::new();
        for (at, root) in doc.roots().enumerate() {
            ours.push_str(if at > 0 { " | " } else { "" });
            shape(root, &mut ours);
        }
        compared += 1;
        // What an excessive or a cyclic alias leads to is cut, so its shape is still that of an alias.
        if ours != theirs {
            wrong.push(format!("{name}\n  Go {theirs}\n  we {ours}"));
        }
    }
    assert!(compared > 60, "{compared}");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Source, dialect, then what Go makes of it in `any`, bool, int, float, string.
#[test]
fn every_recorded_scalar_has_our_type() {
    let table = fs::read_to_string(folder().join("typed.tsv")).unwrap();
    let mut wrong = Vec::new();
    for line in table.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        if (cells[0], cells[1]) == ("<<", "v4") {
            // A lone merge sign as a value is null there: nobody writes it.
            continue;
        }
        let dialect = dialects().into_iter().find(|d| d.0 == cells[1]).unwrap().1;
        let (doc, errors) = yaml(SourceId(0), &Arc::from(format!("a: {}\n", cells[0])), dialect);
        let Some(node) = doc.root().and_then(|r| r.get("a")).filter(|_| errors.is_empty()) else {
            if cells[2] != "✗" {
                wrong.push(format!("{line}: refused"));
            }
            continue;
        };
        let theirs = cells[2].split(' ').next().unwrap();
        let ours = match node.value_type() {
            Type::Null => "<nil>",
            Type::Bool => "bool",
            Type::Int if node.as_i64().is_none() => "uint64",
            Type::Int => "int",
            Type::Float => "float64",
            Type::String => "string",
            Type::Time => "time.Time",
            Type::Seq => "[]interface",
            Type::Map => "map",
            Type::Broken => "broken",
        };
        if !theirs.starts_with(ours) {
            wrong.push(format!("{line}: {ours}"));
        }
        // Null leaves a target's zero value; we say that it is null.
        if node.is_null() {
            continue;
        }
        let none = |cell: &str| cell == "✗";
        let bool = node.as_bool().map_or("✗".to_owned(), |b| b.to_string());
        let int = node.as_i64().map_or("✗".to_owned(), |n| n.to_string());
        if bool != cells[3] || int != cells[4] {
            wrong.push(format!("{line}: bool {bool}, int {int}"));
        }
        let float = node.as_f64();
        let same = match float {
            None => none(cells[5]),
            Some(f) if f.is_infinite() => cells[5] == "+Inf",
            Some(f) => cells[5].parse() == Ok(f),
        };
        if !same {
            wrong.push(format!("{line}: float {float:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every span lies in the text on character boundaries; every stretch of a scalar that was not decoded stands at its
/// place.
fn sound(text: &str, doc: &Document, errors: &[ParseError]) {
    for (span, _) in doc.comments() {
        assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    }
    for duplicate in doc.duplicates() {
        assert!(text.get(duplicate.span.range()).is_some() && text.get(duplicate.first.range()).is_some());
    }
    for node in doc.nodes() {
        for span in [node.span(), node.inner()] {
            assert!(span.start <= span.end && text.get(span.range()).is_some(), "{span:?} of {text:?}");
        }
        // Nothing but a map has entries.
        assert!(node.is_map() || node.get("a").is_none());
        let Some(value) = node.text() else { continue };
        let mut last = 0;
        for (at, c) in value.value().char_indices() {
            let part = value.span(at..at + c.len_utf8());
            let slice = text.get(part.range());
            assert!(slice.is_some() && part.start <= part.end, "{part:?} of {text:?}");
            assert!(part.start >= last, "{:?} goes back in {text:?}", value.value());
            last = part.start;
            // A character of a word stands there as it is, unless an escape stands for it.
            let slice = slice.unwrap_or_default();
            // In a broken text the whole scalar may be the best answer.
            let coarse = !errors.is_empty() && part == value.whole();
            if !coarse && !c.is_whitespace() && c != '\'' && !slice.starts_with('\\') {
                assert_eq!(slice, c.to_string(), "at {at} of {:?} in {text:?}", value.value());
            }
        }
    }
}

fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<String> = inputs().into_iter().filter_map(|i| i.2).filter(|t| t.len() < 2000).collect();
    let cut = (any::<prop::sample::Index>(), 0..4_usize, "[-:?&*|>!%#,\"'\\\\{}\\[\\] \t\n\r~<a1é\u{85}]{0,4}");
    (prop::sample::select(texts), prop::collection::vec(cut, 0..4)).prop_map(|(text, cuts)| {
        let mut chars: Vec<char> = text.chars().collect();
        for (at, gone, new) in cuts {
            let at = at.index(chars.len() + 1);
            let to = (at + gone).min(chars.len());
            chars.splice(at..to, new.chars());
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_inputs_are_read_soundly(text in mutated()) {
        let shared: Arc<str> = Arc::from(text.as_str());
        for (_, dialect) in dialects() {
            let (doc, errors) = yaml(SourceId(0), &shared, dialect);
            sound(&text, &doc, &errors);
            for error in errors {
                prop_assert!(text.get(error.span.range()).is_some(), "{:?} of {:?}", error, text);
            }
            for node in doc.nodes() {
                for entry in node.entries() {
                    prop_assert!(node.get(entry.name()).is_some() || entry.name().is_empty());
                }
            }
        }
        for (doc, errors) in [json(SourceId(0), &shared), ini(SourceId(0), &shared), dotenv(SourceId(0), &shared)] {
            sound(&text, &doc, &errors);
        }
    }
}
