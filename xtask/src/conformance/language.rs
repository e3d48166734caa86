//! The Alloy language against Alloy's own parser and printer: verdict and formatted bytes of every text must be the same.

use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use super::samples::Chance;
use crate::root;

/// What is put into texts: words that change how the rest is read.
const PIECES: [&str; 47] = [
    "=",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ".",
    "\n",
    "\n\n",
    " ",
    "\t",
    "\"",
    "`",
    "'",
    "\\",
    "//",
    "/*",
    "*/",
    "// c\n",
    "/* c */",
    "/* c\nd */",
    "\r\n",
    "true,",
    "null",
    "1",
    "08",
    "1.",
    ".5",
    "1e3",
    "-",
    "!",
    "^",
    "&&",
    "==",
    "a.b",
    "\"x\"",
    "é",
    "\u{feff}",
    "x {",
    "y = 1\n",
    "\x0c",
    "\x0b",
    "\\n",
    "\\u00e9",
    "€",
];

/// What changes how a text looks and seldom what it says.
const HARMLESS: [&str; 14] = [
    "\n",
    "\n\n\n",
    " ",
    "\t",
    "\r\n",
    "// c\n",
    "/* c */",
    "/* c\nd */",
    "\n// c\n\n",
    "/**/",
    " // é\n",
    "\n\t/* a\r\n b */\n",
    ",\n",
    "+\n",
];

/// How many disagreements are shown.
const SHOWN: usize = 10;

/// The texts of this repository.
pub(crate) fn own(loaders: &Path, mutations: usize) -> Result<String> {
    let mut texts: Vec<String> = Vec::new();
    let cases = fs::read_to_string(root().join("crates/vispyr-alloy/tests/suite/format_cases.txt"))?;
    texts.extend(cases.split("\n=== ").filter_map(|case| {
        let (_, rest) = case.split_once('\n')?;
        Some(rest.split_once("\n--- formatted\n")?.0.to_owned())
    }));
    ensure!(texts.len() > 20, "the cases of the printer are not where they were");
    let alloy = |path: &Path| path.extension().is_some_and(|e| e == "alloy");
    texts.extend(files(&root().join("examples"), alloy)?.into_iter().map(|(_, text)| text));
    for folder in ["src/engines/alloy", "src/link/rules", "tests/cases"] {
        pages(&root().join(folder), &mut texts)?;
    }
    compare(loaders, texts, mutations)
}

/// All files of a folder.
pub(crate) fn folder(loaders: &Path, folder: &Path, mutations: usize) -> Result<String> {
    let texts: Vec<String> = files(folder, |_| true)?.into_iter().map(|(_, text)| text).collect();
    ensure!(!texts.is_empty(), "there is no text in {}", folder.display());
    compare(loaders, texts, mutations)
}

/// The texts below a folder whose names are wanted, in order.
fn files(folder: &Path, wanted: fn(&Path) -> bool) -> Result<Vec<(PathBuf, String)>> {
    let (mut found, mut pending) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if wanted(&path) {
                // What is not UTF-8 is no Alloy; here it is read with replacements, by both.
                found.push((path.clone(), String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The fenced Alloy files of all pages below a folder.
fn pages(folder: &Path, texts: &mut Vec<String>) -> Result<()> {
    for (_, page) in files(folder, |path| path.extension().is_some_and(|e| e == "md"))? {
        let mut rest = page.as_str();
        while let Some((_, after)) = rest.split_once("```alloy ") {
            let Some((block, after)) = after.split_once("\n```") else { break };
            texts.extend(block.split_once('\n').map(|(_, text)| format!("{text}\n")));
            rest = after;
        }
    }
    Ok(())
}

/// A text of the list with one to four accidents.
fn mutate(texts: &[String], chance: &mut Chance) -> String {
    let mut text = texts[chance.below(texts.len())].clone();
    // Long texts are cut down to some statements, so that the accidents meet something else every time.
    if text.len() > 4_000 {
        let from = chance.place(&text);
        let from = text[from..].find("\n\n").map_or(0, |at| from + at + 2);
        let rest = &text[from..];
        let end = rest.match_indices("\n}\n").map(|(at, _)| at + 3).find(|&at| at > 1_500).unwrap_or(rest.len());
        text = rest[..end].to_owned();
    }
    let harmless = chance.below(3) > 0;
    for _ in 0..=chance.below(4) {
        let at = chance.place(&text);
        if harmless {
            // Between two words, where it is harmless more often.
            let tokens = vispyr_alloy::tokens(&text).0;
            let at = tokens[chance.below(tokens.len())].start as usize;
            text.insert_str(at, HARMLESS[chance.below(HARMLESS.len())]);
            continue;
        }
        match chance.below(6) {
            0 | 1 => text.insert_str(at, PIECES[chance.below(PIECES.len())]),
            2 => {
                if at < text.len() {
                    text.remove(at);
                }
            }
            3 => {
                let mut end = (at + chance.below(12)).min(text.len());
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.replace_range(at..end.max(at), "");
            }
            4 => {
                // A token in place of another.
                let tokens = vispyr_alloy::tokens(&text).0;
                let token = tokens[chance.below(tokens.len())];
                text.replace_range(token.start as usize..token.end as usize, PIECES[chance.below(PIECES.len())]);
            }
            _ => {
                // A line of its own or of another text, once more.
                let other = if chance.below(2) == 0 { text.clone() } else { texts[chance.below(texts.len())].clone() };
                let lines: Vec<&str> = other.split_inclusive('\n').collect();
                if let Some(line) = lines.get(chance.below(lines.len())) {
                    let at = text[..at].rfind('\n').map_or(0, |at| at + 1);
                    text.insert_str(at, line);
                }
            }
        }
    }
    text
}

fn compare(loaders: &Path, mut texts: Vec<String>, mutations: usize) -> Result<String> {
    let given = texts.len();
    let mut chance = Chance(10);
    let made: Vec<String> = (0..mutations).map(|_| mutate(&texts, &mut chance)).collect();
    texts.extend(made);
    let answers = ask(loaders, &texts)?;
    let (mut accepted, mut unprinted, mut unlike) = (0, 0, Vec::new());
    for (text, theirs) in texts.iter().zip(&answers) {
        let ours = match vispyr_alloy::format(text) {
            Ok(formatted) => format!("ok {}", vispyr::emit::hex(&Sha256::digest(formatted))),
            Err(errors) => format!("no {}", errors.first().map_or("", |error| &error.message)),
        };
        let word = |said: &str| said.split(' ').next().unwrap_or_default().to_owned();
        let agree = match word(theirs).as_str() {
            "ok" => *theirs == ours,
            // Upstream's printer gives up; there are no bytes to compare.
            "unprinted" => word(&ours) == "ok",
            _ => word(&ours) == "no",
        };
        accepted += usize::from(word(theirs) == "ok");
        unprinted += usize::from(word(theirs) == "unprinted");
        if !agree {
            unlike.push((text, theirs, ours));
        }
    }
    for (text, theirs, ours) in unlike.iter().take(SHOWN) {
        println!("--- upstream: {theirs}\n--- vispyr:   {ours}\n{text:?}");
    }
    let said = format!(
        "{given} texts and {mutations} mutations, verdict and formatted bytes: {} accepted, {} refused, {unprinted} that \
         upstream cannot print",
        accepted,
        texts.len() - accepted - unprinted
    );
    if !unlike.is_empty() {
        bail!("{said}; {} of them otherwise than by Alloy", unlike.len());
    }
    Ok(said)
}

/// What Alloy's parser and printer say of each text.
fn ask(loaders: &Path, texts: &[String]) -> Result<Vec<String>> {
    let mut program = Command::new(loaders).arg("alloy-batch").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let input = program.stdin.take().context("no input")?;
    let output = program.stdout.take().context("no output")?;
    // Written from beside: both pipes are finite.
    let answers = std::thread::scope(|scope| {
        let writer = scope.spawn(move || -> std::io::Result<()> {
            let mut input = BufWriter::new(input);
            for text in texts {
                writeln!(input, "{}", text.len())?;
                input.write_all(text.as_bytes())?;
            }
            input.flush()
        });
        let answers: std::io::Result<Vec<String>> = BufReader::new(output).lines().collect();
        writer.join().map_err(|_| anyhow::anyhow!("the writer broke off"))??;
        anyhow::Ok(answers?)
    })?;
    ensure!(program.wait()?.success(), "the loader failed");
    ensure!(answers.len() == texts.len(), "{} texts, {} answers", texts.len(), answers.len());
    Ok(answers)
}
