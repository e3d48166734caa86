//! `${X}` in a config that nothing replaces, for engines that do so only when a flag asks for it.

use super::judge::{Judge, When};
use crate::diagnostic::Rule;
use crate::parse::Node;

/// Keys whose text may hold `${group}` (prometheus/prometheus model/relabel/relabel.go@v3.14.0).
const GROUPS: [&str; 3] = ["replacement", "target_label", "regex"];

/// Nodes that are looked at in one file.
const NODES: u32 = 200_000;

/// Tells of variables in a config whose process is known, and known not to have the flag.
pub fn tell(judge: &mut Judge<'_>, rule: &'static Rule, root: Node<'_>, flag: &str) {
    let mut stack = vec![root];
    let mut visited = 0u32;
    while let Some(node) = stack.pop() {
        visited += 1;
        if visited > NODES {
            return;
        }
        stack.extend(node.items());
        for entry in node.own_entries() {
            if !GROUPS.contains(&entry.name()) && !entry.value.is_alias() {
                stack.push(entry.value);
            }
        }
        let Some(name) = node.scalar().and_then(variable) else { continue };
        let title = judge.title();
        judge
            .fact(
                rule,
                node.span(),
                When::Always,
                format!("`${{{name}}}` stays as it is: {title} runs without `-{flag}`"),
            )
            .help(format!("run it with `-{flag}=true`, and put `{name}` into its environment"));
    }
}

/// The name of the first `${NAME}` of a text, written as names of the environment are.
pub fn variable(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        rest = &rest[at + 2..];
        let end = rest.find(['}', ':', '-'])?;
        let name = &rest[..end];
        let fits = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if fits {
            return Some(name);
        }
    }
    None
}
