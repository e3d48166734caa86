//! Regular expressions against Go's own `regexp`: verdict, kind of fault and names of groups must be the same.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use vispyr::lang::re2::{Go, Kind, parse};

/// What expressions are put together from.
const PIECES: [&str; 120] = [
    "a",
    "b",
    "ab",
    "abc",
    "k",
    "S",
    "é",
    "日",
    ".",
    "^",
    "$",
    "|",
    "||",
    "(",
    "(",
    ")",
    ")",
    "(?:",
    "(?i)",
    "(?i:",
    "(?s-m:",
    "(?U)",
    "(?-)",
    "(?",
    "(?P<n>",
    "(?P<n>a)",
    "(?<m>b)",
    "(?P<é>",
    "(?P<>",
    "(?P=n)",
    "(?=",
    "(?!",
    "(?<=",
    "(?>",
    "(?#",
    "(?x)",
    "*",
    "+",
    "?",
    "*?",
    "+?",
    "??",
    "++",
    "**",
    "{",
    "}",
    "{2}",
    "{2,3}",
    "{,3}",
    "{0}",
    "{01}",
    "{1000}",
    "{1001}",
    "{3,2}",
    "{2,}",
    "{500}",
    "{99999999999}",
    r"\d",
    r"\D",
    r"\s",
    r"\w",
    r"\W",
    r"\pL",
    r"\PN",
    r"\p{Greek}",
    r"\p{^Lu}",
    r"\p{Any}",
    r"\p{foo}",
    r"\p{Letter}",
    r"\p{lu}",
    r"\p{Old_Italic}",
    r"\p{Cn}",
    r"\p{",
    r"\p",
    r"\b",
    r"\B",
    r"\A",
    r"\z",
    r"\Z",
    r"\C",
    r"\Q",
    r"\E",
    r"\Qa.b\E",
    r"\1",
    r"\12",
    r"\0",
    r"\777",
    r"\x41",
    r"\x{1F600}",
    r"\x{110000}",
    r"\x{}",
    r"\x4",
    r"\n",
    r"\h",
    r"\-",
    r"\_",
    r"\é",
    r"\",
    "[a]",
    "[aA]",
    "[a-z]",
    "[^a]",
    "[]a]",
    "[a-",
    r"[a-\d]",
    r"[\w-z]",
    "[[:alpha:]]",
    "[[:foo:]]",
    "[[:",
    "[z-a]",
    "[a--b]",
    r"[\pL]",
    "[",
    "]",
    r"[^\x00-\x{10FFFF}]",
    "x{2}{3}",
    "foo|foobar",
    "(a|)",
    "-",
    ":",
];

/// How many expressions are made in a full run.
pub(crate) const COUNT: usize = 30_000;

/// How many disagreements are shown.
const SHOWN: usize = 10;

/// Compares that many expressions, the same ones at every run.
pub(crate) fn compare(program: &Path, count: usize) -> Result<String> {
    let go = Go(version()?);
    let expressions: Vec<String> = (0..count as u64).map(expression).collect();
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("no standard input")?;
    let mut lines = String::new();
    for text in &expressions {
        lines.push_str(&serde_json::to_string(text)?);
        lines.push('\n');
    }
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output()?;
    ensure!(output.status.success() && writer.join().is_ok_and(|w| w.is_ok()), "{} failed", program.display());
    let said = String::from_utf8(output.stdout)?;
    let said: Vec<&str> = said.lines().collect();
    ensure!(said.len() == expressions.len(), "{} verdicts on {} expressions", said.len(), expressions.len());
    let (mut accepted, mut wrong) = (0, Vec::new());
    for (text, said) in expressions.iter().zip(said) {
        accepted += usize::from(said.starts_with("OK"));
        let own = verdict(text, go);
        if own != said {
            wrong.push(format!("{text:?}: Go says `{said}`, vispyr `{own}`"));
        }
    }
    if !wrong.is_empty() {
        bail!(
            "{} of {count} expressions are read otherwise:\n{}",
            wrong.len(),
            wrong[..wrong.len().min(SHOWN)].join("\n")
        );
    }
    Ok(format!("{count} regular expressions, {accepted} accepted, by Go 1.{}", go.0))
}

/// In the words of `xtask/conformance/regexp`.
fn verdict(text: &str, go: Go) -> String {
    match parse(text, go) {
        Ok(info) => {
            let names: Vec<&str> = info.groups.iter().map(|g| g.as_ref().map_or("", |g| &g.name)).collect();
            format!("OK {} [{}]", names.len(), names.join(","))
        }
        Err(error) => code(error.kind).to_owned(),
    }
}

/// Go's name of a kind (golang/go src/regexp/syntax/parse.go@go1.26.8).
fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::ClassRange => "invalid character class range",
        Kind::Escape => "invalid escape sequence",
        Kind::GroupName => "invalid named capture",
        Kind::PerlSyntax => "invalid or unsupported Perl syntax",
        Kind::NestedRepetition => "invalid nested repetition operator",
        Kind::RepetitionCount => "invalid repeat count",
        Kind::UnclosedClass => "missing closing ]",
        Kind::UnclosedGroup => "missing closing )",
        Kind::UnexpectedParen => "unexpected )",
        Kind::MissingArgument => "missing argument to repetition operator",
        Kind::TrailingBackslash => "trailing backslash at end of expression",
        Kind::TooDeep => "expression nests too deeply",
        Kind::TooLarge => "expression too large",
    }
}

/// The expression of a seed; some are nested around the depth that Go allows, some large.
fn expression(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..4 {
        draw(2);
    }
    if seed.is_multiple_of(100) {
        let (open, close) = [("(", ")"), ("(?:a|", ")"), ("(?:a", ")*"), ("(?:[ab]", "){1}")][draw(4)];
        let depth = [330, 334, 498, 500, 502, 998, 999, 1000, 1001][draw(9)];
        return format!("{}x{}", open.repeat(depth), close.repeat(depth));
    }
    if seed % 100 == 50 {
        return ["a{1000}", "(?:ab|cd){1000}", "x.{999}", "(?:a*){500}"][draw(4)]
            .repeat([800, 1200, 3300, 3400, 6000][draw(5)]);
    }
    let length = 1 + draw(9);
    (0..length).map(|_| PIECES[draw(PIECES.len())]).collect()
}

/// The minor version of the Go that builds the checkers.
fn version() -> Result<u16> {
    let output = Command::new("go").args(["env", "GOVERSION"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let minor = text.trim().strip_prefix("go1.").and_then(|v| v.split(['.', 'r', 'b']).next());
    minor.and_then(|m| m.parse().ok()).with_context(|| format!("`{}` is no version of Go", text.trim()))
}
