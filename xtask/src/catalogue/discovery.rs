//! `schemas/lang/discovery.json`: the labels that service discoveries of Prometheus give their targets.
//!
//! A label is written as a sum of texts: of literals, of constants, of what a function is given. Every sum of a discovery's
//! files is added up; one that ends in something that only a target knows stands for all labels that begin so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::git::show;
use super::tags;
use crate::root;

/// Discoveries whose labels all begin with their own name, and the files that write them. What a release has not is passed over.
const DISCOVERIES: [(&str, &[&str]); 6] = [
    ("consul", &["consul/consul.go"]),
    ("dns", &["dns/dns.go"]),
    ("docker", &["moby/docker.go", "moby/network.go"]),
    ("dockerswarm", &["moby/dockerswarm.go", "moby/network.go", "moby/nodes.go", "moby/services.go", "moby/tasks.go"]),
    ("ec2", &["aws/ec2.go"]),
    (
        "kubernetes",
        &[
            "kubernetes/endpoints.go",
            "kubernetes/endpointslice.go",
            "kubernetes/ingress.go",
            "kubernetes/kubernetes.go",
            "kubernetes/node.go",
            "kubernetes/pod.go",
            "kubernetes/service.go",
        ],
    ),
];

/// What labels of targets begin with (prometheus/common model/labels.go `MetaLabelPrefix`).
const META: (&str, &str) = ("model.MetaLabelPrefix", "__meta_");

/// Deeper sums of sums are none.
const DEPTH: u32 = 8;

/// Writes the file: the labels of all releases.
pub(super) fn run(checkout: &Path, out: Option<&str>) -> Result<()> {
    let releases = tags::releases(checkout, (2, 40))?;
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for release in &releases {
        for (name, files) in DISCOVERIES {
            let texts: Vec<String> =
                files.iter().filter_map(|f| show(checkout, &release.tag, &format!("discovery/{f}"))).collect();
            let labels = Package::new(&texts.concat()).labels(&format!("{}{name}_", META.1));
            ensure!(!labels.is_empty(), "{} writes the labels of {name} elsewhere", release.tag);
            found.entry(name).or_default().extend(labels);
        }
    }
    let versions: Vec<&str> = releases.iter().map(|r| r.version.as_str()).collect();
    let one = |(name, labels): (&&str, &BTreeSet<String>)| {
        let labels: Vec<String> = labels.iter().map(|l| json!(l).to_string()).collect();
        format!("{}: [\n{}\n]", json!(name), labels.join(",\n"))
    };
    let discoveries: Vec<String> = found.iter().map(one).collect();
    let text = format!(
        "{{\n\"repository\": \"prometheus/prometheus\",\n\"path\": \"discovery\",\n\"versions\": {},\n\"discoveries\": {{\n{}\n}}\n}}\n",
        json!(versions),
        discoveries.join(",\n")
    );
    let out = out.map_or_else(|| root().join("schemas/lang/discovery.json"), PathBuf::from);
    fs::write(&out, &text).with_context(|| out.display().to_string())?;
    println!("{}: {} labels", out.display(), found.values().map(BTreeSet::len).sum::<usize>());
    Ok(())
}

/// The part of a Go package that makes texts.
#[derive(Default)]
struct Package {
    /// Texts by the names of their constants, as they are written.
    constants: BTreeMap<String, String>,
    functions: Vec<Function>,
}

#[derive(Default)]
struct Function {
    name: String,
    parameters: Vec<String>,
    body: String,
}

/// A text, and whether more follows that is not known.
type Text = (String, bool);

impl Package {
    fn new(text: &str) -> Self {
        let mut package = Self::default();
        let mut open: Option<Function> = None;
        for line in text.lines() {
            let line = line.split("//").next().unwrap_or_default();
            match &mut open {
                Some(_) if line.starts_with('}') => package.functions.extend(open.take()),
                Some(function) => {
                    function.body.push_str(line);
                    function.body.push('\n');
                }
                None => match line.strip_prefix("func ") {
                    // One on a single line makes nothing of interest.
                    Some(head) if line.ends_with('{') => open = Function::of(head),
                    Some(_) => {}
                    None => {
                        if let Some((name, value)) = line.split_once(" = ")
                            && let Some(name) = name.trim().trim_start_matches("const ").split_whitespace().next()
                        {
                            package.constants.insert(name.to_owned(), value.trim().to_owned());
                        }
                    }
                },
            }
        }
        package
    }

    /// All labels that begin so, without the beginning.
    fn labels(&self, head: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for function in &self.functions {
            for sum in sums(&function.body) {
                for (text, more) in self.texts(sum, Some(function), DEPTH) {
                    let Some(rest) = text.strip_prefix(head).filter(|r| !r.is_empty()) else { continue };
                    // A name that ends so is whole only with what follows.
                    if more == rest.ends_with('_') {
                        found.insert(rest.to_owned());
                    }
                }
            }
        }
        found
    }

    /// What a sum may come to.
    fn texts(&self, sum: &str, within: Option<&Function>, depth: u32) -> Vec<Text> {
        let mut all = vec![(String::new(), false)];
        for term in pieces(sum, '+') {
            let next = self.term(term.trim(), within, depth);
            all = all
                .into_iter()
                .flat_map(|(head, more)| match more {
                    true => vec![(head, more)],
                    false => next.iter().map(|(tail, more)| (format!("{head}{tail}"), *more)).collect(),
                })
                .collect();
        }
        all
    }

    fn term(&self, term: &str, within: Option<&Function>, depth: u32) -> Vec<Text> {
        let unknown = vec![(String::new(), true)];
        let conversion = ["string(", "model.LabelName("].iter().find_map(|c| term.strip_prefix(c));
        if let Some(inner) = conversion.and_then(|t| t.strip_suffix(')')) {
            return self.texts(inner, within, depth);
        }
        if let Some(text) = term.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
            return vec![(text.to_owned(), false)];
        }
        if term == META.0 {
            return vec![(META.1.to_owned(), false)];
        }
        let Some(depth) = depth.checked_sub(1) else { return unknown };
        let parameter = within.and_then(|f| Some((f, f.parameters.iter().position(|p| p == term)?)));
        if let Some((function, at)) = parameter {
            let of_call = |(from, arguments): (&Function, Vec<&str>)| match arguments.get(at) {
                Some(argument) => self.texts(argument.trim(), Some(from), depth),
                None => unknown.clone(),
            };
            let given: Vec<Text> = self.calls(&function.name).into_iter().flat_map(of_call).collect();
            return if given.is_empty() { unknown } else { given };
        }
        match self.constants.get(term) {
            Some(value) => self.texts(value, None, depth),
            None => unknown,
        }
    }

    /// Calls of a function: where they stand, and what they give it.
    fn calls(&self, name: &str) -> Vec<(&Function, Vec<&str>)> {
        let call = format!("{name}(");
        let mut all = Vec::new();
        for function in &self.functions {
            for (at, _) in function.body.match_indices(&call) {
                let (before, rest) = function.body.split_at(at);
                if !before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    all.push((function, pieces(inside(&rest[call.len()..]), ',')));
                }
            }
        }
        all
    }
}

impl Function {
    /// By its first line, without `func`.
    fn of(head: &str) -> Option<Self> {
        // A receiver stands in front.
        let head = match head.strip_prefix('(') {
            Some(receiver) => receiver.split_once(") ")?.1,
            None => head,
        };
        let (name, rest) = head.split_once('(')?;
        let parameters = pieces(inside(rest), ',');
        let name_of = |p: &str| p.split_whitespace().next().map(str::to_owned);
        Some(Self {
            name: name.to_owned(),
            parameters: parameters.into_iter().filter_map(name_of).collect(),
            body: String::new(),
        })
    }
}

/// What stands before the bracket that closes.
fn inside(text: &str) -> &str {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return &text[..at],
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    text
}

/// The parts of a text between separators that stand in no bracket.
fn pieces(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut from, mut all) = (0_i32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            c if c == separator && depth == 0 => {
                all.push(&text[from..at]);
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    all.push(&text[from..]);
    all
}

/// Everything in a body that may be a sum: the longest runs of terms, each within one line.
fn sums(body: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for line in body.lines() {
        let mut stack = vec![line];
        while let Some(part) = stack.pop() {
            for piece in part.split([',', ';', '=', ':', '{', '}', '!', '<', '>', '&', '|']) {
                all.push(piece.trim());
                // And what stands in its brackets.
                for (at, _) in piece.match_indices(['(', '[']) {
                    stack.push(inside(&piece[at + 1..]));
                }
            }
        }
    }
    all.retain(|s| !s.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_constants_and_arguments_are_added_up() {
        let package = Package::new(
            r#"
const (
	head      = model.MetaLabelPrefix + "x_"
	nameLabel = head + "name"
	tagPrefix = head + "tag_" // for users
	unused    = head + "unused"
	RoleA Role = "a"
)

func (d *Discovery) refresh(ctx context.Context) error {
	ls := model.LabelSet{
		nameLabel: lv(n),
	}
	ls[tagPrefix+model.LabelName(strutil.SanitizeLabelName(k))] = v
	add(ls, RoleA)
	networks(ctx, head)
}

func add(ls model.LabelSet, role Role) {
	ls[model.LabelName(head+string(role)+"_label_"+ln)] = v
	other(ls, string(role))
}

func other(ls model.LabelSet, s string) {
	ls[model.LabelName(head+s+"_id")] = v
}

func networks(ctx context.Context, prefix string) {
	return map[string]string{prefix + "network": n}
}
"#,
        );
        let labels: Vec<String> = package.labels("__meta_x_").into_iter().collect();
        assert_eq!(labels, ["a_id", "a_label_", "name", "network", "tag_"]);
    }
}
