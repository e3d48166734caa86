//! `${X}` in a config that nothing replaces: Prometheus expands external labels only (config/config.go `Load`@v3.14.0, behind
//! the feature `expand-external-labels` before 3.0).

use super::judge::{Judge, When};
use super::rules::env_not_expanded::RULE;
use crate::parse::Node;

/// Keys whose text may hold `${group}`.
const GROUPS: [&str; 3] = ["replacement", "target_label", "regex"];

/// Looks at the values of a config; `mounted` when the process reads the very file.
pub(super) fn config(judge: &mut Judge<'_>, root: Node<'_>, mounted: bool, labels_too: bool) {
    let mut stack = vec![(root, false)];
    let mut visited = 0u32;
    while let Some((node, label)) = stack.pop() {
        visited += 1;
        if visited > 200_000 {
            return;
        }
        for item in node.items() {
            stack.push((item, label));
        }
        for entry in node.own_entries() {
            if GROUPS.contains(&entry.name()) {
                continue;
            }
            if !entry.value.is_alias() {
                stack.push((entry.value, label || entry.name() == "external_labels"));
            }
        }
        if label && !labels_too {
            continue;
        }
        let Some(name) = node.scalar().and_then(variable) else { continue };
        let told = judge
            .tell(&RULE, node.span(), When::Always, format!("`${{{name}}}` stays as it is: Prometheus expands no variables here"))
            .help("write the value, read it from a file (`password_file`, `credentials_file`), or fill the file in before it is mounted");
        if !mounted {
            told.unsure();
        }
    }
}

/// The name of the first `${NAME}` of a text, written as names of the environment are.
fn variable(text: &str) -> Option<&str> {
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
