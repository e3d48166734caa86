//! What Alertmanager loads against its own loader: the configs on our case pages, or in a folder, and accidents made of them
//! by chance.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use vispyr::catalogue::Version;
use vispyr::diagnostic::{Severity, Tier};
use vispyr::tree::{RawTree, Settings};

use super::Tools;
use super::samples::{Chance, blocks, mutate, texts};

/// How many texts are made by chance.
pub(super) const COUNT: usize = 3_000;

/// How many disagreements are shown.
const SHOWN: usize = 20;

/// Values that stand in the place of others.
const VALUES: [&str; 26] = [
    "",
    "[a]",
    "{a: b}",
    "[{a: b}]",
    "abc",
    "12",
    "0",
    "0s",
    "-5",
    "1.5",
    "true",
    "\"\"",
    "5x",
    "1h1d",
    "'('",
    "['a=~\"(\"']",
    "['a.b=c', 'x']",
    "['...', a]",
    "[a, a]",
    "http://",
    "ftp://a/b",
    "http://a.b:80/c",
    "a:25",
    "monday:friday",
    "friday:monday",
    "'{{ .x }}'",
];

/// Lines that are put in.
const LINES: [&str; 36] = [
    "receiver: nobody",
    "continue: true",
    "match: {a: b}",
    "match: {a-b: c}",
    "match_re: {a: '('}",
    "match_re: {a: }",
    "matchers: ['a=b']",
    "matchers: ['a']",
    "matchers: ['{a=\"b\",c=~\"d|e\"}']",
    "matchers: ['\"a b\"=c']",
    "matchers: ['a=\"b']",
    "group_by: [a, a]",
    "group_by: ['...', a]",
    "group_by: [a.b]",
    "group_interval: 0s",
    "repeat_interval: 0s",
    "mute_time_intervals: [never]",
    "active_time_intervals: [never]",
    "equal: [a, b-c]",
    "source_matchers: [a=b]",
    "api_url_file: /a",
    "url_file: /a",
    "webhook_url_file: /a",
    "routing_key_file: /a",
    "service_key_file: /a",
    "bot_token_file: /a",
    "http_config: {basic_auth: {username: a, password: b, password_file: c}}",
    "http_config: {bearer_token: a, basic_auth: {username: a}}",
    "http_config: {tls_config: {cert_file: a}}",
    "http_config: {oauth2: {client_id: a}}",
    "webhook_configs: [null]",
    "slack_configs: [null]",
    "slack_api_url_file: /a",
    "smtp_smarthost: a",
    "name: a",
    "x: 1",
];

/// Compares; with a folder its files are the texts.
pub(super) fn compare(folder: Option<&Path>, count: usize) -> Result<String> {
    let mut texts = match folder {
        Some(folder) => texts(folder)?,
        None => blocks("src/engines/alertmanager/rules", |path| path == "alertmanager.yml")?,
    };
    ensure!(!texts.is_empty(), "there is no config of Alertmanager");
    let loaders = Tools::alertmanagers()?;
    // An accident in what is broken already shows nothing: one more cannot be told from the first.
    let mut whole = Vec::new();
    for (_, loader) in &loaders {
        whole.extend(
            texts.iter().zip(load(loader, &texts)?).filter(|(_, said)| said.is_empty()).map(|(t, _)| t.clone()),
        );
    }
    ensure!(!whole.is_empty(), "no config loads");
    let given = texts.len();
    let mut chance = Chance(23);
    while texts.len() < given + count {
        let base = &whole[chance.below(whole.len())];
        let text = mutate(base, &mut chance, &VALUES, &LINES);
        if text != *base {
            texts.push(text);
        }
    }
    let mut said = Vec::new();
    for (version, loader) in loaders {
        said.push(at(&loader, version, &texts)?);
    }
    Ok(said.join("; "))
}

fn at(loader: &Path, name: &str, texts: &[String]) -> Result<String> {
    let version = Version::exact(name).context("version")?;
    let theirs = load(loader, texts)?;
    let (mut accepted, mut refused, mut missed, mut alarms) = (0, 0, Vec::new(), Vec::new());
    for (text, theirs) in texts.iter().zip(theirs) {
        let Some(ours) = ours(text, version)? else { continue };
        match (theirs.is_empty(), ours) {
            (true, None) => accepted += 1,
            (true, Some(message)) => {
                accepted += 1;
                alarms.push(format!("{message}\n{text}"));
            }
            (false, Some(_)) => refused += 1,
            (false, None) => {
                refused += 1;
                missed.push(format!("{theirs}\n{text}"));
            }
        }
    }
    for alarm in alarms.iter().take(SHOWN) {
        println!("  false alarm at {version}: {alarm}");
    }
    for line in missed.iter().take(SHOWN) {
        println!("  missed at {version}: {line}");
    }
    ensure!(alarms.is_empty(), "{} false alarms at {version}", alarms.len());
    let rate = 100.0 * (refused - missed.len()) as f64 / refused.max(1) as f64;
    ensure!(rate >= 99.0, "only {rate:.2} % of what Alertmanager refuses at {version} is refused");
    Ok(format!("{version}: {accepted} accepted without an error, {rate:.2} % of {refused} refused"))
}

/// What a loader says of each text: nothing where it loads, or the reason. A text at which it dies has a reason as well.
fn load(loader: &Path, texts: &[String]) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let mut said: Vec<String> = Vec::new();
    let path = |n: usize| folder.path().join(format!("{n}.yml"));
    for (n, text) in texts.iter().enumerate() {
        fs::write(path(n), text)?;
    }
    while said.len() < texts.len() {
        let mut child =
            Command::new(loader).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let list: String = (said.len()..texts.len()).map(|n| format!("{}\n", path(n).display())).collect();
        let mut input = child.stdin.take().context("standard input")?;
        // It may be gone before all is written.
        let writer = std::thread::spawn(move || input.write_all(list.as_bytes()).is_ok());
        let output = child.wait_with_output()?;
        writer.join().ok().context("writing")?;
        said.extend(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned));
        if said.len() < texts.len() {
            ensure!(!output.status.success(), "the loader said too little");
            said.push("it dies".to_owned());
        }
    }
    Ok(said)
}

/// The first error of tiers A and B, if there is one; `None` = the text is left alone, as a template.
fn ours(text: &str, version: Version) -> Result<Option<Option<String>>> {
    let kind = vispyr::engines::ALL.iter().flat_map(|e| e.kinds).find(|k| k.name == "alertmanager-config");
    let settings =
        Settings { kind: Some(kind.context("kind")?), engines: [("alertmanager".to_owned(), version)].into() };
    let mut raw = RawTree::from_texts([("alertmanager.yml", text)]);
    raw.named.insert("alertmanager.yml".to_owned());
    let tree = vispyr::engines::tree(raw, &settings);
    if tree.artifacts.is_empty() {
        return Ok(None);
    }
    let report = vispyr::check::check(&tree, &vispyr::check::Options::default());
    let error = report.diagnostics.iter().find(|d| d.severity == Severity::Error && d.rule.tier != Tier::C);
    Ok(Some(error.map(|d| format!("{}: {}", d.rule.id, d.message))))
}
