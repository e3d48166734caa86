//! `schemas/overlay/alloy-conditions/*.toml` → one constant table. The README beside the data describes its shape.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::expression::{join, not, number, path, syntax, test};
use crate::facts::version;
use crate::pool;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    body: Vec<Body>,
}

/// Checks of bodies that share them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    names: Vec<String>,
    evidence: String,
    since: Option<String>,
    until: Option<String>,
    check: Vec<Check>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
struct Check {
    // What is checked: exactly one of these.
    at_most_one: Vec<String>,
    exactly_one: Vec<String>,
    at_least_one: Vec<String>,
    together: Vec<String>,
    required: Vec<String>,
    forbidden: Vec<String>,
    one_of: String,
    number: String,
    valid: String,
    unique: String,
    refuse: String,
    gate: String,
    // Belonging to `one_of` and `valid`.
    words: Vec<String>,
    syntax: String,
    fold: bool,
    empty: bool,
    each: bool,
    // Belonging to `number`: a number, a duration, a size or a path.
    above: String,
    min: String,
    max: String,
    below: String,
    // Belonging to all.
    when: String,
    reason: String,
    message: String,
    help: String,
    rule: String,
    since: Option<String>,
    until: Option<String>,
    evidence: String,
}

/// A check in the form that is compiled in.
struct Made {
    kind: &'static str,
    test: String,
    message: String,
    help: String,
    words: Vec<String>,
}

/// Writes the table.
pub(crate) fn compile(folder: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in super::files(Path::new(folder), "toml") {
        let text = fs::read_to_string(&file).expect("a schema file is readable");
        let read: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        for body in &read.body {
            for check in &body.check {
                for made in make(check) {
                    let code = code(body, check, &made);
                    for name in &body.names {
                        table.entry(name.clone()).or_default().push(code.clone());
                    }
                }
            }
        }
    }
    let (mut bodies, mut all) = (String::new(), String::new());
    let mut count = 0;
    for (name, conditions) in table {
        let from = count;
        count += conditions.len();
        let _ = writeln!(bodies, "({}, {from}, {count}),", pool::text(&name));
        all.push_str(&conditions.concat());
    }
    let bodies = format!("static BODIES: &[(Text, usize, usize)] = &[\n{bodies}];\n");
    let out = format!("{bodies}static CONDITIONS: &[Condition] = &[\n{all}];\n{}", pool::code());
    super::write("alloy_conditions.rs", &out);
}

fn code(body: &Body, check: &Check, made: &Made) -> String {
    let side = |own: &Option<String>, whole: &Option<String>| {
        own.as_ref().or(whole.as_ref()).map_or("None".to_owned(), |v| format!("Some({})", version(v)))
    };
    let evidence = if check.evidence.is_empty() { &body.evidence } else { &check.evidence };
    assert!(evidence.contains('@'), "`{evidence}` names no tag");
    let message = if check.message.is_empty() { &made.message } else { &check.message };
    let help = if check.help.is_empty() { &made.help } else { &check.help };
    assert!(!message.is_empty(), "a check of {:?} says nothing", body.names);
    let space = if check.reason.is_empty() { "" } else { " " };
    format!(
        "Condition {{ kind: {}, range: Range {{ since: {}, until: {} }}, test: {}, message: {}, help: {}, words: {}, evidence: {} }},\n",
        made.kind,
        side(&check.since, &body.since),
        side(&check.until, &body.until),
        made.test,
        pool::text(&format!("{message}{space}{}", check.reason)),
        pool::text(help),
        pool::words(&made.words),
        pool::text(evidence),
    )
}

/// The conditions that a check is made of.
fn make(check: &Check) -> Vec<Made> {
    let made: Vec<Vec<Made>> = vec![
        choice(&check.at_most_one, false, true),
        choice(&check.exactly_one, true, true),
        choice(&check.at_least_one, true, false),
        together(&check.together),
        check.required.iter().map(|name| required(name)).collect(),
        check.forbidden.iter().map(|name| forbidden(name)).collect(),
        some(&check.one_of, || words(check)),
        some(&check.number, || numbers(check)).into_iter().flatten().collect(),
        some(&check.valid, || valid(check)),
        some(&check.unique, || unique(&check.unique)),
        some(&check.refuse, || refuse(check)),
        some(&check.gate, || gate(check)),
    ];
    let mut made: Vec<Vec<Made>> = made.into_iter().filter(|made| !made.is_empty()).collect();
    assert!(
        made.len() == 1,
        "a check must check one thing: {:?}",
        made.iter().flatten().map(|m| &m.message).collect::<Vec<_>>()
    );
    let mut made = made.remove(0);
    if !check.when.is_empty() && check.gate.is_empty() {
        for made in &mut made {
            made.test = join("And", vec![made.test.clone(), test(&check.when)]);
        }
    }
    made
}

fn some<T>(key: &str, make: impl FnOnce() -> T) -> Vec<T> {
    if key.is_empty() { Vec::new() } else { vec![make()] }
}

fn plain(kind: &'static str, test: String) -> Made {
    Made { kind, test, message: String::new(), help: String::new(), words: Vec::new() }
}

/// `a`, `b` and `c`; blocks are called so.
fn list(names: &[String], word: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| shown(name)).collect();
    match &names[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

fn shown(name: &str) -> String {
    match name.strip_suffix('/') {
        Some(block) => format!("block `{}`", block.replace('/', " ")),
        None => format!("`{}`", name.replace('/', " ")),
    }
}

fn truthy(name: &str) -> String {
    // `written a`: a pointer, for which an empty value counts.
    match name.strip_prefix("written ") {
        Some(name) => format!("Test::Written({})", path(name)),
        None => format!("Test::Truthy({})", path(name)),
    }
}

fn names(all: &[String]) -> Vec<String> {
    all.iter().map(|name| name.strip_prefix("written ").unwrap_or(name).to_owned()).collect()
}

fn choice(all: &[String], least: bool, most: bool) -> Vec<Made> {
    if all.is_empty() {
        return Vec::new();
    }
    let ones = all.iter().map(|name| truthy(name)).collect::<Vec<_>>();
    let shown = names(all);
    let mut made = Vec::new();
    if least {
        let test = not(format!("Test::Or({})", pool::tests(ones.clone())));
        let message = format!("{} must be set", list(&shown, "or"));
        made.push(Made { message, ..plain("Kind::CrossField", test) });
    }
    if most {
        let test = format!("Test::Compare(Op::More, Operand::Ones({}), Operand::Number(1.0))", pool::tests(ones));
        let message = format!("only one of {} may be set", list(&shown, "and"));
        made.push(Made { message, help: "keep one of them".to_owned(), ..plain("Kind::CrossField", test) });
    }
    made
}

fn together(all: &[String]) -> Vec<Made> {
    if all.is_empty() {
        return Vec::new();
    }
    let ones = pool::tests(all.iter().map(|name| truthy(name)).collect());
    let both = vec![format!("Test::Or({ones})"), not(format!("Test::And({ones})"))];
    let test = format!("Test::And({})", pool::tests(both));
    let message = format!("{} must be set together", list(&names(all), "and"));
    vec![Made { message, help: "set all of them, or none".to_owned(), ..plain("Kind::CrossField", test) }]
}

fn required(name: &str) -> Made {
    let test = not(truthy(name));
    let shown = shown(name.trim_start_matches("written "));
    let message =
        if name.ends_with('/') { format!("{shown} is missing") } else { format!("{shown} must not be empty") };
    Made { message, ..plain("Kind::CrossField", test) }
}

fn forbidden(name: &str) -> Made {
    let shown = shown(name.trim_start_matches("written "));
    let help = format!("remove {shown}");
    Made { message: format!("{shown} may not be set"), help, ..plain("Kind::CrossField", truthy(name)) }
}

fn words(check: &Check) -> Made {
    let all = check.words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>();
    let mut allowed = check.words.clone();
    if check.empty {
        allowed.push(String::new());
    }
    let member = |name: &str| {
        let words = pool::words(&allowed);
        not(format!("Test::In {{ path: {}, words: {words}, fold: {} }}", path(name), check.fold))
    };
    let (test, at) = element(check, &check.one_of, member);
    Made {
        kind: "Kind::Enum",
        test,
        message: format!("{} cannot be `{{{at}}}`", shown(&check.one_of)),
        help: format!("use {}", join_words(&all)),
        words: check.words.clone(),
    }
}

/// A test of a value, or of each element of it; and how a message calls the value.
fn element(check: &Check, name: &str, test: impl Fn(&str) -> String) -> (String, String) {
    if check.each {
        return (format!("Test::Any({}, {})", path(name), pool::test(test("it"))), "it".to_owned());
    }
    (test(name), name.to_owned())
}

fn join_words(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.join(", "),
    }
}

fn numbers(check: &Check) -> Vec<Made> {
    let bounds = [
        (&check.above, "AtMost", "greater than"),
        (&check.min, "Less", "at least"),
        (&check.max, "More", "at most"),
        (&check.below, "AtLeast", "less than"),
    ];
    let (at, element) = if check.each { ("it", true) } else { (check.number.as_str(), false) };
    let value = format!("Operand::Path({})", path(at));
    let mut made = Vec::new();
    for (bound, op, words) in bounds.into_iter().filter(|(bound, ..)| !bound.is_empty()) {
        let (limit, other) = match number(bound) {
            Some(number) => (format!("Operand::Number({number:?})"), bound.clone()),
            None => (format!("Operand::Path({})", path(bound)), format!("{} (`{{{bound}}}`)", shown(bound))),
        };
        let mut test = format!("Test::Compare(Op::{op}, {value}, {limit})");
        if element {
            test = format!("Test::Any({}, {})", path(&check.number), pool::test(test));
        }
        let message = format!("{} must be {words} {other}, not `{{{at}}}`", shown(&check.number));
        made.push(Made { message, ..plain("Kind::CrossField", test) });
    }
    made
}

fn valid(check: &Check) -> Made {
    let member = |name: &str| {
        let wrong = not(format!("Test::Valid({}, {})", path(name), syntax(&check.syntax)));
        if !check.empty {
            return wrong;
        }
        join("And", vec![wrong, format!("Test::Truthy({})", path(name))])
    };
    let (test, at) = element(check, &check.valid, member);
    let kind = if check.syntax == "regex" { "Kind::Regex" } else { "Kind::CrossField" };
    let what = match check.syntax.as_str() {
        "regex" => "no regular expression that Go reads",
        "url" => "no URL",
        "http-url" => "no URL with scheme `http` or `https`",
        "absolute-url" => "no URL with scheme and host",
        "host-port" => "no address of the form `host:port`",
        "uuid" => "no UUID",
        "label" => "no name of a label: letters, digits and `_`, no digit first",
        "label-template" => "no name of a label, nor one with references such as `$1` in it",
        "octal" => "no octal number",
        "float" => "no number",
        "duration" => "no duration",
        "template" | "plain-template" => "no template that Go reads",
        "pattern" => "no pattern that Loki reads",
        "jmespath" => "no JMESPath expression",
        "logql" => "no LogQL",
        "encoding" => "no known encoding",
        "listen-address" => "no address to listen on of the form `host:port`",
        "kafka-version" | "any-kafka-version" => "no version of Kafka of the form `2.8.0`",
        "time-zone" => "no name of a time zone such as `Europe/Berlin`",
        other => panic!("there is no syntax `{other}`"),
    };
    Made { message: format!("`{{{at}}}` in {} is {what}", shown(&check.valid)), ..plain(kind, test) }
}

fn unique(name: &str) -> Made {
    let (at, attributes) = match name.rsplit_once("//") {
        Some((blocks, attributes)) => (format!("{blocks}/"), attributes.split('+').collect()),
        None => (name.to_owned(), Vec::new()),
    };
    let test = format!("Test::Duplicate({}, {})", path(&at), pool::words(&attributes));
    let message = match &*attributes {
        [] if at.ends_with('/') => format!("two blocks `{}` are the same", at.trim_end_matches('/')),
        [] => format!("{} holds the same value twice", shown(&at)),
        all => format!("two blocks `{}` have the same `{}`", at.trim_end_matches('/'), all.join("` and `")),
    };
    Made { message, ..plain("Kind::CrossField", test) }
}

fn refuse(check: &Check) -> Made {
    let kind = match check.rule.as_str() {
        "" => "Kind::CrossField",
        "enum" => "Kind::Enum",
        "regex" => "Kind::Regex",
        other => panic!("there is no rule `{other}`"),
    };
    Made { words: check.words.clone(), ..plain(kind, test(&check.refuse)) }
}

fn gate(check: &Check) -> Made {
    let kind = match check.gate.as_str() {
        "experimental" => "Kind::Gate(Level::Experimental)",
        "public-preview" => "Kind::Gate(Level::Preview)",
        other => panic!("`{other}` is no level of stability"),
    };
    Made { help: format!("run with `--stability.level={}`", check.gate), ..plain(kind, test(&check.when)) }
}
