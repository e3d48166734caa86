//! Compose files against compose's own loader: what it takes gets no error, what it refuses gets one.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use vispyr::check::{self, Options};
use vispyr::diagnostic::Severity;
use vispyr::parse::{self, Dialect, Node, NodeKind};
use vispyr::source::SourceId;
use vispyr::tree::{RawTree, Settings, Tree, WalkOptions, walk};

use super::samples::{Chance, pages};
use crate::page::{Block, Info};
use crate::root;

/// How many disagreements are shown.
const SHOWN: usize = 12;

/// Rules that stand for what the loader refuses.
const RULES: [&str; 2] = ["compose-invalid", "gen-yaml-unreadable"];

/// How many mutations are made in a full run.
pub(crate) const COUNT: usize = 1_500;

/// The cases of our own pages and the examples.
pub(crate) fn own(loaders: &Path, count: usize) -> Result<String> {
    let folder = tempfile::Builder::new().prefix("vispyr-compose-").tempdir()?;
    let mut number = 0;
    for at in ["src/engines/compose/rules", "src/link/rules"] {
        for page in pages(at)? {
            for case in page.cases {
                let yaml = |name: &str| name.ends_with(".yaml") || name.ends_with(".yml");
                let compose = |b: &Block| {
                    let services = b.body.lines().any(|line| line.starts_with("services:"));
                    matches!(&b.info, Info::File(name) if yaml(name) && (services || name.contains("compose")))
                };
                let parts = |i: &Info| matches!(i, Info::File(name) if yaml(name) && name.contains('/'));
                // Parts of a project are judged with it, never alone, which is how the loader reads them here.
                if case.blocks.iter().filter(|b| compose(b)).count() > 1 || case.blocks.iter().any(|b| parts(&b.info)) {
                    continue;
                }
                number += 1;
                for block in case.blocks {
                    if let Info::File(name) = block.info {
                        let to = folder.path().join(format!("case-{number}")).join(name);
                        fs::create_dir_all(to.parent().context("no folder")?)?;
                        fs::write(to, block.body)?;
                    }
                }
            }
        }
    }
    copy(&root().join("examples"), &folder.path().join("examples"))?;
    ensure!(number > 30, "the pages are not where they were");
    compare(loaders, folder.path(), count)
}

/// The stacks of a folder: each of its folders is one.
pub(crate) fn folder(loaders: &Path, from: &Path, count: usize) -> Result<String> {
    let folder = tempfile::Builder::new().prefix("vispyr-compose-").tempdir()?;
    copy(from, folder.path())?;
    compare(loaders, folder.path(), count)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())?.flatten() {
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Compose's loader, waiting for questions.
struct Loader {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Loader {
    fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("compose-batch").env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self { child, input, output })
    }

    /// Why it refuses a project; `None` = it does not.
    fn ask(&mut self, project: &Project) -> Result<Option<String>> {
        let folder = project.file.parent().context("no folder")?;
        let files: Vec<&Path> = if project.default { Vec::new() } else { vec![&project.file] };
        writeln!(self.input, "{}", serde_json::json!({"folder": folder, "files": files}))?;
        self.input.flush()?;
        let mut line = String::new();
        ensure!(self.output.read_line(&mut line)? > 0, "the loader broke off");
        let line = line.trim();
        Ok(if line == "ok" { None } else { Some(line.trim_start_matches("no ").to_owned()) })
    }
}

/// One file that is read first.
struct Project {
    /// On disk.
    file: PathBuf,
    /// The same, as the tree has it.
    path: String,
    /// Whether compose reads it without being told.
    default: bool,
    text: String,
    /// The stack that it belongs to.
    stack: usize,
}

const DEFAULTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

#[derive(Default)]
struct Score {
    accepted: usize,
    refused: usize,
    /// Refused there because of a variable that nothing sets, and told as such.
    unset: usize,
    alarms: Vec<String>,
    missed: Vec<String>,
    same_line: usize,
    with_line: usize,
    other_line: Vec<String>,
}

fn compare(program: &Path, folder: &Path, count: usize) -> Result<String> {
    let mut loader = Loader::start(program)?;
    let mut stacks = Vec::new();
    let mut projects = Vec::new();
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    for stack in folders {
        let raw = walk(&[stack], &WalkOptions::default()).map_err(|e| anyhow::anyhow!("{e}"))?;
        let (raw, found) = only_compose(raw)?;
        for mut project in found {
            project.stack = stacks.len();
            projects.push(project);
        }
        stacks.push(raw);
    }
    ensure!(!projects.is_empty(), "no compose file in {}", folder.display());
    let mut plain = Score::default();
    let mut bases = Vec::new();
    for project in &projects {
        if judge(&mut loader, project, &stacks[project.stack], None, &mut plain)? {
            bases.push(project);
        }
    }
    let mut mutated = Score::default();
    let mut chance = Chance(11);
    for _ in 0..count {
        let Some(project) = bases.get(chance.below(bases.len())) else { break };
        let Some(text) = mutate(&project.text, &mut chance) else { continue };
        judge(&mut loader, project, &stacks[project.stack], Some(&text), &mut mutated)?;
    }
    drop(loader.input);
    loader.child.wait()?;
    let said = format!("{} files: {}; mutations: {}", projects.len(), plain.says(), mutated.says());
    if let Ok(file) = std::env::var("VISPYR_DISAGREEMENTS") {
        let all = [&plain.alarms, &plain.missed, &mutated.alarms, &mutated.missed, &mutated.other_line];
        let text: String = all.iter().flat_map(|list| list.iter()).map(|s| format!("{s}\n")).collect();
        fs::write(file, text)?;
    }
    let missed = plain.missed.len() + mutated.missed.len();
    let refused = plain.refused + mutated.refused;
    if !plain.alarms.is_empty() || !mutated.alarms.is_empty() || missed * 100 > refused {
        for line in plain.alarms.iter().chain(&mutated.alarms).chain(&plain.missed).chain(&mutated.missed).take(SHOWN) {
            println!("{line}");
        }
        bail!("{said}");
    }
    Ok(said)
}

impl Score {
    fn says(&self) -> String {
        format!(
            "{} accepted with {} alarms, {} refused of which {} are missed, {} more for want of a variable; of {} refusals \
             with a place {} are told on its line",
            self.accepted,
            self.alarms.len(),
            self.refused,
            self.missed.len(),
            self.unset,
            self.with_line,
            self.same_line
        )
    }
}

/// The compose and env files of a tree, and which of them are read first.
fn only_compose(mut raw: RawTree) -> Result<(RawTree, Vec<Project>)> {
    let texts: BTreeMap<String, Vec<u8>> = raw.files.clone();
    let again = RawTree { files: std::mem::take(&mut raw.files), paths: raw.paths.clone(), ..RawTree::default() };
    let tree: Tree = vispyr::engines::tree(again, &Settings::default());
    let kept = |path: &str| tree.at(path).is_some_and(|(_, a)| matches!(a.kind.name, "compose" | "dotenv"));
    raw.files = texts.into_iter().filter(|(path, _)| kept(path)).collect();
    let mut projects = Vec::new();
    for artifact in tree.artifacts.iter().filter(|a| a.kind.name == "compose") {
        let file = PathBuf::from(&artifact.path);
        let name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.contains(".override.") {
            continue;
        }
        let beside = |other: &str| raw.files.contains_key(&file.with_file_name(other).display().to_string());
        let first = DEFAULTS.iter().find(|n| beside(n)).copied();
        let text = fs::read_to_string(&file).with_context(|| artifact.path.clone())?;
        projects.push(Project { path: artifact.path.clone(), default: first == Some(name), file, text, stack: 0 });
    }
    Ok((raw, projects))
}

/// Asks both of a project, whose file may have another text; says whether it is accepted.
fn judge(loader: &mut Loader, project: &Project, raw: &RawTree, text: Option<&str>, score: &mut Score) -> Result<bool> {
    if let Some(text) = text {
        fs::write(&project.file, text)?;
    }
    let theirs = loader.ask(project);
    if text.is_some() {
        fs::write(&project.file, &project.text)?;
    }
    let theirs = theirs?;
    let mut files = raw.files.clone();
    if let Some(text) = text {
        files.insert(project.path.clone(), text.as_bytes().to_vec());
    }
    let raw = RawTree { files, paths: raw.paths.clone(), ignored: raw.ignored.clone(), ..RawTree::default() };
    let tree = vispyr::engines::tree(raw, &Settings::default());
    let select = RULES.iter().chain(&["compose-var-unset"]).map(|r| (*r).to_owned()).collect();
    let report = check::check(&tree, &Options { select, ignore: Vec::new() });
    let folder = project.path.rsplit_once('/').map_or("", |(f, _)| f);
    let ours: Vec<_> = report
        .diagnostics
        .iter()
        .filter(|d| RULES.contains(&d.rule.id) && d.severity == Severity::Error)
        .filter(|d| {
            let path = &tree.sources.get(d.primary.span.source).path;
            // A default file is read with its override.
            *path == project.path || project.default && path.starts_with(folder) && path.contains(".override.")
        })
        .collect();
    let first = ours.first().map(|d| {
        let source = tree.sources.get(d.primary.span.source);
        let line = source.text[..d.primary.span.start as usize].matches('\n').count() + 1;
        (line, source.text.lines().nth(line - 1).unwrap_or_default().to_owned(), d.message.clone())
    });
    let shown = |what: &str, theirs: &str, ours: &str| {
        let change = text.map_or(String::new(), |t| difference(&project.text, t));
        format!("{what} {}\n    compose: {theirs}\n    vispyr: {ours}\n{change}", project.path)
    };
    match (&theirs, &first) {
        (None, None) => score.accepted += 1,
        (None, Some((line, _, message))) => {
            score.accepted += 1;
            score.alarms.push(shown("ALARM", "takes it", &format!("{line}: {message}")));
        }
        (Some(why), None) => {
            // An empty variable is a warning of its own here: whether the shell sets it is not known.
            let variable = why.contains("required variable")
                || report.diagnostics.iter().any(|d| d.rule.id == "compose-var-unset");
            if variable {
                score.unset += 1;
            } else {
                score.refused += 1;
                score.missed.push(shown("MISSED", why, "takes it"));
            }
        }
        (Some(why), Some(_)) => {
            score.refused += 1;
            let lines: Vec<(usize, String)> = ours
                .iter()
                .map(|d| {
                    let source = tree.sources.get(d.primary.span.source);
                    let line = source.text[..d.primary.span.start as usize].matches('\n').count() + 1;
                    (line, source.text.lines().nth(line - 1).unwrap_or_default().to_owned())
                })
                .collect();
            if let Some(at) = place(why) {
                score.with_line += 1;
                let on = |(line, text): &(usize, String)| match &at {
                    Place::Line(n) => n == line,
                    Place::Word(word) => text.contains(word.as_str()),
                };
                if lines.iter().any(on) {
                    score.same_line += 1;
                } else {
                    let (line, _, message) = first.clone().unwrap_or_default();
                    score.other_line.push(shown("ELSEWHERE", why, &format!("{line}: {message}")));
                }
            }
        }
    }
    Ok(theirs.is_none())
}

/// Where the loader says that the fault is.
enum Place {
    Line(usize),
    /// A word that stands there.
    Word(String),
}

fn place(why: &str) -> Option<Place> {
    let before = why.split(": mapping key").next().unwrap_or_default();
    if let Some((_, rest)) = before.rsplit_once("line ") {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(line) = digits.parse() {
            return Some(Place::Line(line));
        }
    }
    let quoted = |text: &str, mark: char| {
        let (_, rest) = text.split_once(mark)?;
        Some(rest.split_once(mark)?.0.to_owned())
    };
    if let Some((_, rest)) = why.split_once("additional properties ") {
        return quoted(rest, '\'').map(Place::Word);
    }
    for mark in
        ["undefined service ", "undefined network ", "undefined volume ", "undefined config ", "undefined secret "]
    {
        if let Some((_, rest)) = why.split_once(mark) {
            let word = rest.split([':', ' ']).next().unwrap_or_default();
            return Some(Place::Word(word.trim_matches('"').to_owned()));
        }
    }
    None
}

/// Lines that differ, for people.
fn difference(before: &str, after: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let tail = a[same..].iter().rev().zip(b[same..].iter().rev()).take_while(|(a, b)| a == b).count();
    let mut out = String::new();
    for line in a[same..a.len() - tail].iter().take(4) {
        out.push_str(&format!("    {}- {line}\n", same + 1));
    }
    for line in b[same..b.len() - tail].iter().take(4) {
        out.push_str(&format!("    {}+ {line}\n", same + 1));
    }
    out
}

/// Values that are wrong somewhere.
const VALUES: [&str; 43] = [
    "12",
    "-1",
    "1.5",
    "true",
    "yes",
    "null",
    "[]",
    "{}",
    "[a]",
    "{a: b}",
    "\"\"",
    "text",
    "10x",
    "30s",
    "1m30",
    "512mb",
    "1gg",
    "80:80",
    "99999:1",
    "1.2.3.4:80:80",
    "80-82:80",
    "80/http",
    "./a:/b",
    "a:/b:c:d",
    "::",
    "/b",
    "named:/data",
    "service:web",
    "service:nowhere",
    "host",
    "on",
    "\"3\"",
    "\"a b\"",
    "${X:-5}",
    "${X",
    "${a.b}",
    "$$x",
    "always",
    "0x1f",
    "2024-01-01",
    "a=b",
    "'it'",
    "~",
];

/// Lines that mean something in a service.
const LINES: [&str; 26] = [
    "container_name: twin",
    "scale: 2",
    "deploy: {replicas: 3}",
    "network_mode: host",
    "network_mode: service:nowhere",
    "networks: [nowhere]",
    "volumes: [nowhere:/data]",
    "volumes: ['./a:/a', './b:/a']",
    "secrets: [nowhere]",
    "configs: [{source: nowhere, target: /x}]",
    "depends_on: [nowhere]",
    "depends_on: {nowhere: {condition: service_started, required: false}}",
    "links: ['nowhere:alias']",
    "env_file: nowhere.env",
    "env_file: [{path: nowhere.env, required: false}]",
    "extends: {service: nowhere}",
    "healthcheck: {test: [curl, localhost], interval: 10s}",
    "healthcheck: {test: curl localhost, interval: 10}",
    "mem_limit: 1q",
    "stop_grace_period: 1d",
    "unknown_key: 1",
    "x-known: 1",
    "ports: ['80', 80, {target: 80, published: 8080}]",
    "profiles: [never]",
    "command: echo 'open",
    "restart: 5",
];

/// A text with one accident; `None` when none could happen.
fn mutate(text: &str, chance: &mut Chance) -> Option<String> {
    let shared: Arc<str> = Arc::from(text);
    let (document, errors) = parse::yaml(SourceId(0), &shared, Dialect::V4);
    if !errors.is_empty() {
        return None;
    }
    let maps: Vec<Node<'_>> = document.nodes().filter(|n| n.is_map() && !n.is_alias()).collect();
    let entries: Vec<_> = maps.iter().flat_map(|m| m.own_entries()).collect();
    let scalars: Vec<Node<'_>> = document.nodes().filter(|n| n.kind() == NodeKind::Scalar && !n.is_alias()).collect();
    let entry = *entries.get(chance.below(entries.len()))?;
    let replace = |range: std::ops::Range<usize>, with: &str| {
        let mut out = text.to_owned();
        out.replace_range(range, with);
        out
    };
    let line_of = |at: usize| text[..at].rfind('\n').map_or(0, |n| n + 1);
    let indent = |at: usize| " ".repeat(at - line_of(at));
    match chance.below(9) {
        // A key with a slip of the pen.
        0 => {
            let range = entry.key.inner().range();
            let name = &text[range.clone()];
            let slip = match chance.below(4) {
                0 if name.len() > 1 => name[..name.len() - 1].to_owned(),
                1 => format!("{name}s"),
                2 => name.replace('_', "-"),
                _ => {
                    let mut chars: Vec<char> = name.chars().collect();
                    if chars.len() > 2 {
                        chars.swap(1, 2);
                    }
                    chars.into_iter().collect()
                }
            };
            Some(replace(range, &slip))
        }
        // A scalar of another kind.
        1 | 2 => {
            let node = scalars.get(chance.below(scalars.len()))?;
            Some(replace(node.span().range(), chance.of(&VALUES)))
        }
        // A whole value of another kind.
        3 => {
            let range = entry.value.span().range();
            Some(replace(range, chance.of(&VALUES)))
        }
        // An entry gone.
        4 => {
            let from = line_of(entry.key.span().start as usize);
            let end = entry.value.span().range().end.max(entry.key.span().range().end);
            let to = text[end..].find('\n').map_or(text.len(), |n| end + n + 1);
            Some(replace(from..to, ""))
        }
        // A line twice.
        5 => {
            let from = line_of(chance.below(text.len()).min(text.len()).max(1) - 1);
            let line = text.get(from..)?.split_inclusive('\n').next()?.to_owned();
            Some(replace(from..from, &line))
        }
        // A line more in a service.
        6 | 7 => {
            let services = document.root()?.get("services")?;
            let all = services.entries();
            let service = all.get(chance.below(all.len()))?.value;
            let first = service.own_entries().next()?.key.span().start as usize;
            if service.is_alias() || text[line_of(first)..first].trim() != "" {
                return None;
            }
            let line = format!("{}\n{}", chance.of(&LINES), indent(first));
            Some(replace(first..first, &line))
        }
        // Two values changed for each other.
        _ => {
            let (a, b) = (scalars.get(chance.below(scalars.len()))?, scalars.get(chance.below(scalars.len()))?);
            let (a, b) = if a.span().start <= b.span().start { (a, b) } else { (b, a) };
            let (first, second) = (a.span().range(), b.span().range());
            if first.end > second.start {
                return None;
            }
            let (x, y) = (text[first.clone()].to_owned(), text[second.clone()].to_owned());
            let mut out = text.to_owned();
            out.replace_range(second, &x);
            out.replace_range(first, &y);
            Some(out)
        }
    }
}
