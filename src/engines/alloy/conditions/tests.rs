//! Conditions over real text, with the catalogue's own bodies.

use super::decoded::Decoded;
use super::*;
use crate::catalogue::schema;
use crate::source::SourceId;

fn collect(block: &Decoded<'_>, version: Version, found: &mut Vec<Violation>) {
    if let Some(body) = block.body() {
        violations(of(body.name()), version, block, &Languages::of_alloy(version.minor), &mut |violation| {
            found.push(violation)
        });
    }
    block.written_blocks(&mut |inner| collect(inner, version, found));
}

/// What a condition waits for in a body.
fn waits(condition: &Condition, body: schema::Body) -> Wait {
    let nothing = vispyr_alloy::parse("x { }");
    let block = nothing.file.body().all_blocks().next().unwrap();
    wait(condition, &Decoded::new(SourceId(0), body, &block), &Languages::of_alloy(19))
}

/// Whether what a block of the top has in it is enough of what a condition waits for.
fn is_due(condition: &Condition, body: schema::Body, block: &vispyr_alloy::Block<'_>) -> bool {
    let wait = waits(condition, body);
    let inside = block.body();
    let is_there = |name: &&&str| {
        let called = |b: &str| b == **name || b.strip_prefix(**name).is_some_and(|rest| rest.starts_with('.'));
        inside.attr(name).is_some() || inside.all_blocks().any(|b| called(&b.name()))
    };
    wait.names.iter().filter(is_there).count() >= wait.count as usize
}

/// The conditions that a file breaks at a version.
fn broken(text: &str, version: &str) -> Vec<Violation> {
    let parse = vispyr_alloy::parse(text);
    assert!(parse.errors.is_empty(), "{:?} in {text}", parse.errors);
    let version = Version::exact(version).unwrap();
    let schema = schema("alloy").unwrap().at(version);
    let mut found = Vec::new();
    for block in parse.file.body().all_blocks() {
        let root = schema.root(&block.name()).unwrap_or_else(|| panic!("no `{}` at {version}", block.name()));
        let body = root.body().unwrap();
        let decoded = Decoded::new(SourceId(0), body, &block);
        violations(of(body.name()), version, &decoded, &Languages::of_alloy(version.minor), &mut |violation| {
            assert!(is_due(violation.condition, body, &block), "`{}` in {text}", violation.message);
        });
        collect(&decoded, version, &mut found);
    }
    found
}

/// Every name that a test looks up, in the body where it does.
fn names(test: &table::Test, body: schema::Body, list: bool, missing: &mut Vec<String>) {
    use table::{Operand, Path, Test};
    let find = |path: &Path, missing: &mut Vec<String>| {
        let mut at = Some(body);
        if list && path.steps.split('/').next() == Some("it") {
            return None;
        }
        for (index, step) in path.steps.split('/').enumerate() {
            let Some(body) = at else { break };
            let field = body.field(step).or_else(|| {
                let (head, rest) = step.split_once('.')?;
                body.field(head)?.body()?.field(rest)
            });
            let Some(field) = field else {
                missing.push(format!("{} has no `{step}`", body.name()));
                return None;
            };
            let last = index + 1 == path.steps.split('/').count();
            if last && path.block != (field.kind() != schema::FieldKind::Attribute) {
                missing.push(format!("`{step}` of {} is not what it is called", body.name()));
            }
            at = field.body();
        }
        at
    };
    match test {
        Test::And(tests) | Test::Or(tests) => tests.iter().for_each(|test| names(test, body, list, missing)),
        Test::Not(test) => names(test, body, list, missing),
        Test::Compare(_, left, right) => {
            for operand in [left, right] {
                match operand {
                    Operand::Number(_) => {}
                    Operand::Ones(tests) => tests.iter().for_each(|test| names(test, body, list, missing)),
                    Operand::Plus(one, other) => {
                        find(one, missing);
                        find(other, missing);
                    }
                    Operand::Path(path) | Operand::Count(path) | Operand::Length(path) | Operand::Minus(path, _) => {
                        find(path, missing);
                    }
                }
            }
        }
        Test::Any(path, test) if path.block => {
            if let Some(inner) = find(path, missing) {
                names(test, inner, false, missing);
            }
        }
        Test::Any(path, test) | Test::AnyKey { path, test, .. } => {
            find(path, missing);
            names(test, body, true, missing);
        }
        Test::Duplicate(path, attributes) => {
            if let Some(inner) = find(path, missing).filter(|_| path.block) {
                for attribute in attributes.iter().filter(|name| inner.field(name).is_none()) {
                    missing.push(format!("{} has no `{attribute}`", inner.name()));
                }
            }
        }
        Test::Named(path, operators) => {
            find(path, missing);
            find(operators, missing);
        }
        Test::Truthy(path)
        | Test::Written(path)
        | Test::In { path, .. }
        | Test::Prefix(path, _)
        | Test::Suffix(path, _)
        | Test::Holds(path, _)
        | Test::Valid(path, _)
        | Test::Text(path)
        | Test::Default(path, _) => {
            find(path, missing);
        }
    }
}

/// The path whose words a condition on words allows, if it is one of the body itself.
fn worded(test: &table::Test) -> Option<&table::Path> {
    match test {
        table::Test::And(tests) => tests.first().and_then(worded),
        table::Test::Not(inner) => match &**inner {
            table::Test::In { path, .. } => Some(path),
            _ => None,
        },
        _ => None,
    }
}

/// A type that is decoded from words of its own refuses others before any condition is asked: two findings of one fault.
#[test]
fn words_that_a_type_refuses_need_no_condition() {
    let schema = schema("alloy").unwrap();
    let mut wrong = Vec::new();
    for (name, conditions) in all() {
        for condition in conditions.iter().filter(|condition| condition.kind == Kind::Enum) {
            let field = worded(&condition.test).map(|path| path.steps.get());
            let Some(field) = field.filter(|field| !field.contains('/')) else { continue };
            for version in schema.versions().filter(|v| condition.range.holds(*v)) {
                let field = schema.at(version).body(name).and_then(|body| body.field(field));
                let closed = field.is_some_and(|field| match field.ty().kind() {
                    schema::TypeKind::Text(text) => !text.open(),
                    _ => false,
                });
                if closed {
                    wrong.push(format!("{version} {name}: {}", condition.message));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_condition_names_what_its_body_has_while_it_holds() {
    let schema = schema("alloy").unwrap();
    let mut wrong = Vec::new();
    for (name, conditions) in all() {
        assert!(schema.versions().any(|v| schema.at(v).body(name).is_some()), "there is no body {name}");
        for condition in conditions {
            for version in schema.versions().filter(|v| condition.range.holds(*v)) {
                let Some(body) = schema.at(version).body(name).filter(|body| body.fields().next().is_some()) else {
                    continue;
                };
                let mut missing = Vec::new();
                names(&condition.test, body, false, &mut missing);
                wrong.extend(missing.into_iter().map(|m| format!("{version}: {m} ({})", condition.message)));
            }
            assert!(condition.evidence.contains('@'), "{}", condition.message);
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text of a case, as `record.py` writes it.
fn text(base: &toml::Value, entry: &str) -> String {
    let name_of = |line: &str| {
        let (name, rest) = line.split_at(line.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(line.len()));
        (rest.starts_with(" =") || rest.starts_with(" {")).then(|| name.to_owned())
    };
    let text = |key: &str| base.get(key).and_then(|v| v.as_str()).unwrap_or_default();
    let entry = match entry.split_once(':') {
        Some((bounds, rest)) if entry.starts_with(['<', '>']) && !bounds.contains('\n') => rest.trim_start_matches(' '),
        _ => entry,
    };
    let names: Vec<String> = entry.lines().filter_map(name_of).collect();
    let (mut lines, mut depth, mut dropped) = (Vec::new(), 0, false);
    for line in text("text").lines() {
        if depth == 0 {
            dropped = name_of(line).is_some_and(|name| names.contains(&name));
        }
        depth += line.matches('{').count() as i32 - line.matches('}').count() as i32;
        if !dropped {
            lines.push(line);
        }
    }
    lines.extend(entry.lines());
    let label = base.get("label").and_then(|v| v.as_str()).unwrap_or("a");
    let label = if label.is_empty() { String::new() } else { format!(" \"{label}\"") };
    format!("{}{label} {{\n{}\n}}\n{}", text("block"), lines.join("\n"), text("extra"))
}

#[test]
fn the_real_engine_agrees() {
    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/alloy-conditions");
    let cases: toml::Value = toml::from_str(&std::fs::read_to_string(format!("{FOLDER}/cases.toml")).unwrap()).unwrap();
    let bases = cases["base"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in std::fs::read_to_string(format!("{FOLDER}/verdicts.tsv")).unwrap().lines() {
        let [version, level, block, entry, verdict] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let entry: String = serde_json::from_str(entry).unwrap();
        let base = bases.iter().find(|base| base["block"].as_str() == Some(block)).unwrap();
        let experimental = level == "experimental";
        let found: Vec<String> = broken(&text(base, &entry), version)
            .into_iter()
            .filter(|v| !(experimental && matches!(v.condition.kind, Kind::Gate(_))))
            .map(|v| v.message)
            .collect();
        count += 1;
        if found.is_empty() == (verdict == "refused") {
            wrong.push(format!("{version} {level}: {verdict}, found {found:?}\n{}", text(base, &entry)));
        }
    }
    assert!(count > 1000, "{count} verdicts only");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The messages at 1.11.3.
fn messages(text: &str) -> Vec<String> {
    broken(text, "1.11.3").into_iter().map(|v| v.message).collect()
}

fn scrape(text: &str) -> Vec<String> {
    messages(&format!("prometheus.scrape \"a\" {{\ntargets = []\nforward_to = []\n{text}\n}}"))
}

#[test]
fn what_cannot_be_known_is_silent() {
    for text in [
        "scrape_timeout = sys.env(\"A\")",
        "scrape_interval = sys.env(\"A\")\nscrape_timeout = \"9h\"",
        "bearer_token = sys.env(\"A\")\nbasic_auth {\n}",
        "bearer_token = local.file.a.content\nbearer_token_file = \"/a\"",
        "scrape_protocols = [sys.env(\"A\")]",
        "scrape_protocols = concat([\"x\"], [\"x\"])",
        "scrape_protocols = [\"PrometheusProto\", sys.env(\"A\")]\nscrape_native_histograms = true",
        "http_headers = argument.headers.value",
        "metric_name_escaping_scheme = \"allow\" + sys.env(\"X\")",
        "tls_config {\ncert_file = sys.env(\"A\")\n}",
        "proxy_from_environment = sys.env(\"A\") == \"b\"\nno_proxy = \"a\"\nproxy_url = \"http://a\"",
        // Another finding says that it is the wrong type.
        "scrape_timeout = 5",
        "scrape_timeout = \"five\"",
        "scrape_timeout = [\"2m\"]",
        "scrape_protocols = \"x\"",
    ] {
        assert_eq!(scrape(text), [""; 0], "{text}");
    }
    // Whatever the unknown one is, two others are too many.
    let text = "bearer_token = sys.env(\"A\")\nbasic_auth {\n}\nauthorization {\n}";
    assert_eq!(scrape(text).len(), 1);
    // An element that is known decides.
    assert_eq!(scrape("scrape_protocols = [sys.env(\"A\"), \"x\"]").len(), 1);
    // What the decoder demands and does not get is another finding.
    assert_eq!(messages("discovery.eureka \"a\" { }"), [""; 0]);
    assert_eq!(messages("otelcol.exporter.otlphttp \"a\" { }"), [""; 0]);
}

#[test]
fn values_are_read_as_the_engine_reads_them() {
    let rule = |text: &str| messages(&format!("discovery.relabel \"a\" {{\ntargets = []\nrule {{\n{text}\n}}\n}}"));
    // A numeric string is a number, a number a string, `null` the zero value.
    assert_eq!(rule("action = \"hashmod\"\ntarget_label = \"a\"\nmodulus = \"0\"").len(), 1);
    assert_eq!(rule("action = \"hashmod\"\ntarget_label = \"a\"\nmodulus = null").len(), 1);
    assert_eq!(rule("action = \"hashmod\"\ntarget_label = \"a\"\nmodulus = (8)"), [""; 0]);
    assert_eq!(rule("target_label = `a`"), [""; 0]);
    let lists = |text: &str| {
        messages(&format!("loki.process \"a\" {{\nforward_to = []\nstage.sampling {{\nrate = {text}\n}}\n}}"))
    };
    assert_eq!(lists("-0.1").len(), 1);
    assert_eq!(lists("\"1.5\"").len(), 1);
    assert_eq!(lists("1"), [""; 0]);
}

#[test]
fn a_finding_points_to_what_decides_and_shows_it() {
    let text = "prometheus.scrape \"a\" {\ntargets = []\nforward_to = []\nscrape_interval = \"5s\"\nscrape_timeout = \"6s\"\n}";
    let found = broken(text, "1.11.3");
    let [violation] = &found[..] else { panic!("{found:?}") };
    let at: Vec<&str> = violation.spans.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(at, ["\"6s\"", "\"5s\""]);
    assert_eq!(violation.message, "`scrape_timeout` (`6s`) is longer than `scrape_interval` (`5s`)");

    let text = "otelcol.processor.resourcedetection \"a\" {\ndetectors = [\"env\", \"ec3\"]\noutput { }\n}";
    let found = broken(text, "1.11.3");
    let [violation] = &found[..] else { panic!("{found:?}") };
    assert_eq!(violation.message, "`detectors` cannot be `ec3`");
    assert_eq!(violation.condition.kind, Kind::Enum);
    assert!(violation.condition.words.iter().any(|word| word.get() == "ec2"));
    let at: Vec<&str> = violation.spans.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(at, ["\"ec3\""]);

    // The lack of a thing has no place of its own.
    let found = broken("loki.process \"a\" {\nforward_to = []\nstage.tenant {\n}\n}", "1.11.3");
    let [violation] = &found[..] else { panic!("{found:?}") };
    assert!(violation.spans.is_empty());

    // Blocks that exclude each other are named by their headers.
    let text = "prometheus.scrape \"a\" {\ntargets = []\nforward_to = []\nbasic_auth { }\nauthorization { }\n}";
    let found = broken(text, "1.11.3");
    let at: Vec<&str> = found[0].spans.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(at, ["basic_auth", "authorization"]);
}

#[test]
fn defaults_are_those_of_the_version() {
    let text = "otelcol.processor.batch \"a\" {\nsend_batch_size = 10000\noutput { }\n}";
    assert_eq!(broken(text, "1.5.1").len(), 0);
    assert_eq!(broken(text, "1.11.3").len(), 1);
}

#[test]
fn a_stability_gate_says_what_it_needs() {
    let text = "prometheus.scrape \"a\" {\ntargets = []\nforward_to = []\nhonor_metadata = true\n}";
    let found = broken(text, "1.11.3");
    assert_eq!(found[0].condition.kind, Kind::Gate(Level::Experimental));
    assert_eq!(found[0].help, "run with `--stability.level=experimental`");
    assert_eq!(broken(text, "1.5.1").len(), 0);
}

#[test]
fn a_condition_waits_for_what_can_break_it() {
    let schema = schema("alloy").unwrap().newest();
    let of_body = |name: &str| -> Vec<Wait> {
        let body = schema.body(name).unwrap();
        let holds = of(name).iter().filter(|c| c.range.holds(schema.version()));
        holds.map(|c| waits(c, body)).collect()
    };
    let wait = |names: &[&'static str], count| Wait { names: names.to_vec(), count };
    assert_eq!(of_body("component/common/config.BasicAuth"), [wait(&["password", "password_file"], 2)]);
    let relabel = of_body("component/common/relabel.Config");
    // No other action than that of the condition is the default.
    assert_eq!(relabel[0], wait(&["action"], 1));
    // What an empty block breaks waits for nothing.
    assert_eq!(relabel[1], wait(&["action", "target_label"], 0));
    let client = of_body("component/common/config.HTTPClientConfig");
    assert_eq!(client[1], wait(&["proxy_connect_header"], 1));
}

#[test]
fn deep_values_are_not_looked_at() {
    let depth = 300;
    let list = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(scrape(&format!("scrape_protocols = {list}")), [""; 0]);
}
