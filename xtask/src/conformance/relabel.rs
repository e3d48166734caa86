//! Relabelling against Prometheus' own code: of sets that are known the same must come out, of sets that are half known
//! something that holds what comes out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value as Json, json};
use vispyr::labels::{Fate, Set, Step, apply, steps};
use vispyr::parse::{Dialect, yaml};
use vispyr::source::SourceId;

use super::samples::Chance;

/// How many lists of rules are made in a full run.
pub(crate) const COUNT: usize = 60_000;

/// How many disagreements are shown.
const SHOWN: usize = 10;

const ACTIONS: [&str; 14] = [
    "replace",
    "replace",
    "replace",
    "keep",
    "drop",
    "keepequal",
    "dropequal",
    "hashmod",
    "labelmap",
    "labeldrop",
    "labelkeep",
    "Lowercase",
    "uppercase",
    "labelmap",
];
const NAMES: [&str; 10] =
    ["a", "b", "job", "instance", "__name__", "__address__", "__meta_x_app", "__meta_x_pod", "__tmp", "exported_job"];
const VALUES: [&str; 15] = [
    "",
    "x",
    "y",
    "Xy",
    "foo",
    "foo-bar",
    "foo:80",
    "a.b.c:9100",
    "/name-1",
    "node_cpu_seconds_total",
    "x;y",
    "é",
    "$1",
    "a b",
    "10",
];
const REGEXES: [&str; 38] = [
    "(.*)",
    "(.+)",
    ".*",
    "x",
    "x|y",
    "(x|y)",
    "",
    "foo",
    "(foo)-(bar)",
    "foo.*",
    "[^:]+",
    "([^:]+)(?::\\d+)?",
    "/(.*)",
    "/?([a-z]+)(-(\\d))?",
    "(?i)xy",
    "(?i:X)(?P<rest>.*)",
    "([a-z]*)(.*?)",
    "(a|ab)(c|bcd)?.*",
    "(.*?)(o*)(.*)",
    "(x*)*",
    "(?:(a)|b|(x))*y?",
    "node_(cpu|disk)_.*",
    "__meta_x_(.+)",
    "(.+)_(.+)",
    "__.*",
    "[ab]",
    "a|b|job",
    "job|instance",
    "exported_(.*)",
    "\\w+",
    "\\W*",
    "^x$",
    "(x|)(y|)",
    "(.)(.)?",
    ".{2,3}",
    "(?U)(.+)(.*)",
    "x{0,2}y?",
    "(;)?(.*);(.*)",
];
const TEMPLATES: [&str; 17] = [
    "$1",
    "${1}",
    "x",
    "",
    "$2",
    "$1-$2",
    "p_$1",
    "${1}_s",
    "$0",
    "$$",
    "$",
    "${rest}",
    "$1x",
    "${1}x${2}",
    "$3",
    "${9}",
    "a",
];

/// A list of rules, as YAML (which JSON is), and two sets: one that is known, and what of it is told.
struct Case {
    rules: String,
    labels: BTreeMap<String, String>,
    hidden: Vec<&'static str>,
}

fn case(chance: &mut Chance) -> Case {
    let rules: Vec<Json> = (0..=chance.below(3)).map(|_| Json::Object(rule(chance))).collect();
    let some = |chance: &mut Chance| (NAMES[chance.below(NAMES.len())], VALUES[chance.below(VALUES.len())]);
    let labels = (0..chance.below(7)).map(|_| some(chance)).filter(|(_, v)| !v.is_empty());
    let labels = labels.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let hidden = (0..chance.below(4)).map(|_| NAMES[chance.below(NAMES.len())]).collect();
    Case { rules: Json::Array(rules).to_string(), labels, hidden }
}

fn rule(chance: &mut Chance) -> Map<String, Json> {
    let mut rule = Map::new();
    let action = chance.of(&ACTIONS);
    let mut put = |key: &str, value: Json| rule.insert(key.to_owned(), value);
    if action != "replace" || chance.below(2) == 0 {
        put("action", json!(action));
    }
    let lower = action.to_lowercase();
    let equal = lower.ends_with("equal");
    if lower != "labeldrop" && lower != "labelkeep" {
        let sources: Vec<&str> = (0..chance.below(4)).map(|_| chance.of(&NAMES)).collect();
        put("source_labels", json!(sources));
        if !equal && chance.below(4) == 0 {
            put("separator", json!(chance.of(&["", "-", ":", "é"])));
        }
        if !matches!(lower.as_str(), "keep" | "drop" | "labelmap") {
            let target = if lower == "replace" && chance.below(4) == 0 {
                chance.of(&["p_$1", "${1}", "$1_x", "a$2"])
            } else {
                chance.of(&NAMES)
            };
            put("target_label", json!(target));
        }
        if lower == "hashmod" {
            put("modulus", json!(1 + chance.below(3)));
        }
        if matches!(lower.as_str(), "replace" | "labelmap") && chance.below(2) == 0 {
            put("replacement", json!(chance.of(&TEMPLATES)));
        }
    }
    if !equal && chance.below(4) > 0 {
        put("regex", json!(chance.of(&REGEXES)));
    }
    rule
}

/// What we make of a set.
fn run(rules: &[Step], mut set: Set) -> (Fate, Set) {
    let mut fate = Fate::Kept;
    for step in rules {
        match apply(step, &mut set) {
            Fate::Kept => {}
            Fate::Unknown => fate = Fate::Unknown,
            Fate::Dropped => return (Fate::Dropped, set),
        }
    }
    (fate, set)
}

/// Whether what we say of the result holds of it; the second is whether we say all of it.
fn holds(fate: Fate, set: &Set, theirs: Option<&BTreeMap<String, String>>) -> (bool, bool) {
    let Some(theirs) = theirs else { return (fate != Fate::Kept, fate == Fate::Dropped) };
    let value = |name: &str| theirs.get(name).map(String::as_str).unwrap_or_default();
    let holds = set.listed().all(|(name, v)| v.may_be(value(name))) && theirs.iter().all(|(n, v)| set.get(n).may_be(v));
    let exact = !set.is_open() && set.listed().all(|(_, v)| v.only().is_some());
    (holds && fate != Fate::Dropped, exact && fate == Fate::Kept)
}

/// Compares that many lists of rules, the same ones at every run.
pub(crate) fn compare(program: &Path, count: usize) -> Result<String> {
    let mut chance = Chance(7);
    let cases: Vec<Case> = (0..count).map(|_| case(&mut chance)).collect();
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("no standard input")?;
    let task = |(at, c): (usize, &Case)| json!({"labels": c.labels, "rules": c.rules, "utf8": at % 2 == 0}).to_string();
    let lines = cases.iter().enumerate().map(task).collect::<Vec<_>>().join("\n") + "\n";
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output()?;
    ensure!(output.status.success() && writer.join().is_ok_and(|w| w.is_ok()), "{} failed", program.display());
    let said = String::from_utf8(output.stdout)?;
    ensure!(said.lines().count() == count, "{} answers on {count} lists", said.lines().count());
    let (mut refused, mut exact, mut half, mut wrong) = (0, 0, 0, Vec::new());
    for (at, (case, answer)) in cases.iter().zip(said.lines()).enumerate() {
        if answer == "refused" {
            refused += 1;
            continue;
        }
        let theirs: Option<BTreeMap<String, String>> =
            if answer == "dropped" { None } else { Some(serde_json::from_str(answer)?) };
        let text: Arc<str> = Arc::from(case.rules.as_str());
        let document = yaml(SourceId(0), &text, Dialect::V2).0;
        let rules: Vec<Step> = steps(document.root(), Some(at % 2 == 0)).into_iter().map(|(s, _)| s).collect();
        let known = Set::closed(case.labels.clone());
        let (fate, set) = run(&rules, known.clone());
        let (right, all) = holds(fate, &set, theirs.as_ref());
        // A digest is not computed, and of several labels that are copied to one name any may win.
        let vague = case.rules.contains("hashmod") || case.rules.contains("labelmap") || rules.iter().any(is_unknown);
        let non_ascii = case.labels.values().any(|v| !v.is_ascii()) || !case.rules.is_ascii();
        if !right || !(all || vague || non_ascii) {
            wrong.push((case, answer, format!("{fate:?} {set:?}")));
            continue;
        }
        exact += usize::from(all);
        // The same without some of the labels told.
        let mut told = Set::open();
        for name in NAMES {
            if !case.hidden.contains(&name) {
                told.put(name, known.get(name));
            }
        }
        let (fate, set) = run(&rules, told);
        if !holds(fate, &set, theirs.as_ref()).0 {
            wrong.push((case, answer, format!("without {:?}: {fate:?} {set:?}", case.hidden)));
        }
        half += 1;
    }
    for (case, theirs, ours) in wrong.iter().take(SHOWN) {
        println!("--- {}\n    {:?}\n    upstream: {theirs}\n    vispyr:   {ours}", case.rules, case.labels);
    }
    let said = format!(
        "{count} lists of rules, {refused} of them refused: {exact} sets just as Prometheus makes them, {half} half known \
         ones that hold what it makes"
    );
    if !wrong.is_empty() {
        bail!("{said}; {} otherwise than by Prometheus", wrong.len());
    }
    Ok(said)
}

fn is_unknown(step: &Step) -> bool {
    matches!(step, Step::Unknown)
}
