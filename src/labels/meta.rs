//! The labels that a discovery gives its targets, and rules that read one which none gives.
//!
//! Only for discoveries whose names are all of their own: what a file or a server lists for `file` and `http` may be anything.

use std::collections::BTreeSet;

use super::{Action, Rule, Step};
use crate::catalogue::Discovery;
use crate::near::Near;

/// What labels of discoveries begin with.
const META: &str = "__meta_";

impl Discovery {
    /// Whether it may give such a label.
    fn gives(&self, label: &str) -> bool {
        let Some(rest) = label.strip_prefix(self.prefix) else { return false };
        self.labels.iter().any(|l| *l == rest || l.ends_with('_') && rest.starts_with(l))
    }

    /// Whether it may give a label that begins so.
    fn gives_any(&self, head: &str) -> bool {
        self.labels.iter().any(|l| {
            let label = format!("{}{l}", self.prefix);
            label.starts_with(head) || label.ends_with('_') && head.starts_with(&label)
        })
    }

    /// What else than the label it gives, in a few words; for those that give few.
    fn list(&self) -> Option<String> {
        if self.labels.len() > 14 {
            return None;
        }
        let shown = |l: &&str| if l.ends_with('_') { format!("`{l}…`") } else { format!("`{l}`") };
        let all: Vec<String> = self.labels.iter().map(shown).collect();
        Some(format!("after `{}` it sets {} alone", self.prefix, all.join(", ")))
    }
}

/// All labels that begin with `__meta_` and may be on the targets of a list.
#[derive(Debug, Clone, Default)]
pub struct Given {
    discoveries: Vec<&'static Discovery>,
    others: BTreeSet<String>,
    /// Whether there are more of these than are told apart.
    open: bool,
}

/// Labels that are written out or by rules: lists with more are left alone.
const OTHERS: usize = 64;

impl Given {
    /// Those of a discovery.
    #[must_use]
    pub fn by(discovery: &'static Discovery) -> Self {
        Self { discoveries: vec![discovery], ..Self::default() }
    }

    /// Adds one that is written out.
    pub fn add(&mut self, label: &str) {
        if label.starts_with(META) && !self.others.contains(label) {
            self.open |= self.others.len() >= OTHERS;
            if !self.open {
                self.others.insert(label.to_owned());
            }
        }
    }

    /// Adds those of another list.
    pub fn join(&mut self, other: &Self) {
        for discovery in &other.discoveries {
            if !self.discoveries.iter().any(|d| d.name == discovery.name) {
                self.discoveries.push(discovery);
            }
        }
        self.open |= other.open;
        other.others.iter().for_each(|l| self.add(l));
    }

    /// Who gives them.
    #[must_use]
    pub fn discoveries(&self) -> &[&'static Discovery] {
        &self.discoveries
    }

    /// Whether some of them has a label.
    #[must_use]
    pub fn has(&self, label: &str) -> bool {
        !label.starts_with(META) || self.others.contains(label) || self.discoveries.iter().any(|d| d.gives(label))
    }

    /// Takes down what a rule writes; `false` = it may write anything.
    fn write(&mut self, step: &Step) -> bool {
        let Step::Rule(rule) = step else { return false };
        let text = match rule.action {
            Action::Replace | Action::Lowercase | Action::Uppercase | Action::HashMod => &rule.target,
            // Names that are copied in part: what is left of `__meta_docker_container_label_app` begins otherwise.
            Action::LabelMap if rule.replacement.starts_with('$') => return rule.regex.text().starts_with(META),
            Action::LabelMap => &rule.replacement,
            _ => return true,
        };
        match text.split_once('$') {
            None => {
                self.add(text);
                true
            }
            Some((head, _)) => !head.is_empty() && !head.starts_with(META) && !META.starts_with(head),
        }
    }

    /// Takes down what the rules of a list write; `None` = they may write anything.
    #[must_use]
    pub fn after<'s>(mut self, steps: impl IntoIterator<Item = &'s Step>) -> Option<Self> {
        steps.into_iter().all(|step| self.write(step)).then_some(self)
    }

    /// The rules of a list that read labels which no target has.
    #[must_use]
    pub fn lost<'s>(&self, steps: impl IntoIterator<Item = &'s Step>) -> Vec<Lost> {
        let mut lost = Vec::new();
        if self.open {
            return lost;
        }
        let mut given = self.clone();
        for (at, step) in steps.into_iter().enumerate() {
            if let Step::Rule(rule) = step {
                given.lost_by(at, rule, &mut lost);
            }
            if !given.write(step) || given.open {
                break;
            }
        }
        lost
    }

    fn lost_by(&self, at: usize, rule: &Rule, lost: &mut Vec<Lost>) {
        if rule.action == Action::LabelMap {
            let head: String =
                rule.regex.text().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let others = |l: &String| l.starts_with(&head);
            let some = self.discoveries.iter().any(|d| d.gives_any(&head)) || self.others.iter().any(others);
            // A repetition or an alternative begins a name otherwise than it reads.
            let next = rule.regex.text()[head.len()..].chars().next();
            let plain = matches!(next, None | Some('(' | '.' | '[')) && !rule.regex.text().contains('|');
            if plain && head.len() > META.len() && head.starts_with(META) && !some {
                lost.push(Lost {
                    rule: at,
                    source: None,
                    label: head,
                    effect: "it copies nothing".into(),
                    blocks: false,
                });
            }
            return;
        }
        let all = rule.sources.iter().all(|s| !self.has(s));
        for (place, label) in rule.sources.iter().enumerate() {
            if self.has(label) || rule.sources[..place].contains(label) {
                continue;
            }
            let (effect, blocks) = effect(rule).filter(|_| all).unwrap_or_else(|| ("it reads as empty".into(), false));
            lost.push(Lost { rule: at, source: Some(place), label: label.clone(), effect, blocks });
        }
    }

    /// What to do about a label that none gives.
    #[must_use]
    pub fn advice(&self, label: &str) -> Option<String> {
        let docker = self.discoveries.iter().any(|d| d.name == "docker");
        if let Some(text) = label.strip_prefix("__meta_docker_").filter(|_| docker).and_then(docker_advice) {
            return Some(text);
        }
        let near = Near::default();
        let written = self.discoveries.iter().flat_map(|d| {
            let whole = |l: &&&str| !l.ends_with('_');
            d.labels.iter().filter(whole).map(move |l| format!("{}{l}", d.prefix))
        });
        // The beginning of a user's own name, with what the label has after as many `_`.
        let own = self.discoveries.iter().flat_map(|d| {
            let open = d.labels.iter().filter(|l| l.ends_with('_'));
            open.filter_map(move |l| {
                let head = format!("{}{l}", d.prefix);
                let parts = head.matches('_').count();
                let (end, _) = label.match_indices('_').nth(parts.checked_sub(1)?)?;
                Some(format!("{head}{}", &label[end + 1..]))
            })
        });
        let names: Vec<String> = written.chain(own).collect();
        let meant = near.nearest(label, names.iter().map(String::as_str));
        meant.map(|m| format!("did you mean `{m}`?")).or_else(|| match &self.discoveries[..] {
            [one] => one.list(),
            _ => None,
        })
    }
}

/// A label that a rule reads and no target has.
#[derive(Debug)]
pub struct Lost {
    /// The place of the rule in its list.
    pub rule: usize,
    /// The place of the label among the sources; `None` = it is the beginning of names that are copied.
    pub source: Option<usize>,
    /// The label.
    pub label: String,
    /// What comes of it, as the end of a sentence.
    pub effect: String,
    /// Whether the rule lets nothing pass.
    pub blocks: bool,
}

/// What a rule does when none of its sources has a value, and whether nothing passes it.
fn effect(rule: &Rule) -> Option<(String, bool)> {
    let value = rule.separator.repeat(rule.sources.len().saturating_sub(1));
    let matches = rule.regex.is_match(&value)?;
    let target = &rule.target;
    let text = match (rule.action, matches) {
        (Action::Keep, false) => return Some(("`keep` drops every target".into(), true)),
        (Action::Drop, true) => return Some(("`drop` drops every target".into(), true)),
        (Action::Keep, true) => "`keep` keeps every target".into(),
        (Action::Drop, false) => "`drop` drops no target".into(),
        (Action::Replace, false) => format!("`{target}` is never set"),
        (Action::Replace, true) => match rule.regex.expanded(&rule.replacement, &value)? {
            text if text.is_empty() => format!("`{target}` gets no value"),
            text if rule.replacement.contains('$') => format!("`{target}` is always `{text}`"),
            _ => format!("`{target}` is written on every target"),
        },
        (Action::Lowercase | Action::Uppercase, _) if value.is_empty() => format!("`{target}` gets no value"),
        (Action::HashMod, _) => format!("`{target}` is the same for every target"),
        _ => return None,
    };
    Some((text, false))
}

/// Names that are thought to exist, without `__meta_docker_`.
///
/// What Compose and Swarm say of a container is in labels of it, which begin with `com.docker.` (docker/compose
/// pkg/api/labels.go@078c836f; docker/docs content/reference/cli/docker/service/ps.md).
fn docker_advice(rest: &str) -> Option<String> {
    let short = rest.strip_prefix("container_").unwrap_or(rest);
    let label = |name: &str| Some(format!("did you mean `__meta_docker_container_label_{name}`?"));
    if let Some(own) = short.strip_prefix("compose_") {
        return label(&format!("com_docker_compose_{own}"));
    }
    if let Some(own) = short.strip_prefix("swarm_") {
        return label(&format!("com_docker_swarm_{own}"));
    }
    if let Some(own) = short.strip_prefix("com_docker_") {
        return label(&format!("com_docker_{own}"));
    }
    if let Some(own) = short.strip_prefix("label_").or_else(|| short.strip_prefix("labels_")) {
        return label(own);
    }
    match short {
        "service" | "service_name" => label("com_docker_compose_service"),
        "project" | "project_name" => label("com_docker_compose_project"),
        "log_stream" => Some(
            "`loki.source.docker` sets it while it reads: write the rule into a relabel whose `rules` are its `relabel_rules`"
                .into(),
        ),
        "log_path" => Some(
            "`loki.source.docker` reads the logs of these targets and needs no path; each begins at `/var/lib/docker/containers/` and `__meta_docker_container_id`"
                .into(),
        ),
        _ if short.starts_with("image") => Some(
            "what image a container is of is not known here: give it a label and read `__meta_docker_container_label_…`"
                .into(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalogue;
    use crate::labels::Regex;

    fn rule(action: Action, sources: &[&str], regex: &str, target: &str) -> Step {
        let mut rule = Rule::new(action, Arc::new(Regex::new(regex).unwrap()));
        rule.sources = sources.iter().map(|s| (*s).to_owned()).collect();
        rule.target = target.to_owned();
        Step::Rule(rule)
    }

    fn told(steps: &[Step]) -> Vec<(usize, String)> {
        let given = Given::by(catalogue::discovery("docker").unwrap());
        given.lost(steps).into_iter().map(|l| (l.rule, l.effect)).collect()
    }

    #[test]
    fn what_comes_of_a_label_that_none_gives() {
        const IMAGE: &str = "__meta_docker_container_image";
        let name = "__meta_docker_container_name";
        let cases = [
            (rule(Action::Keep, &[IMAGE], "nginx", ""), "`keep` drops every target"),
            (rule(Action::Keep, &[IMAGE], ".*", ""), "`keep` keeps every target"),
            (rule(Action::Drop, &[IMAGE], "", ""), "`drop` drops every target"),
            (rule(Action::Drop, &[IMAGE], "nginx", ""), "`drop` drops no target"),
            (rule(Action::Replace, &[IMAGE], "(.+)", "image"), "`image` is never set"),
            (rule(Action::Replace, &[IMAGE], "(.*)", "image"), "`image` gets no value"),
            (rule(Action::Replace, &[IMAGE, name], "(.*)", "image"), "it reads as empty"),
            (rule(Action::LabelMap, &[], "__meta_docker_compose_(.+)", ""), "it copies nothing"),
        ];
        for (step, effect) in cases {
            assert_eq!(told(&[step]), [(0, effect.to_owned())]);
        }
        assert!(told(&[rule(Action::Keep, &[name], "nginx", "")]).is_empty());
        assert!(told(&[rule(Action::LabelMap, &[], "__meta_docker_container_label_com_(.+)", "")]).is_empty());
        assert!(told(&[rule(Action::LabelMap, &[], "__meta_docker_c(.+)", "")]).is_empty());
    }

    #[test]
    fn what_a_rule_writes_is_there_for_the_next() {
        let write = rule(Action::Replace, &["__address__"], "(.*)", "__meta_docker_container_image");
        let read = rule(Action::Keep, &["__meta_docker_container_image"], "nginx", "");
        assert!(told(&[write, read.clone()]).is_empty());
        let any = rule(Action::Replace, &["__address__"], "(.*)", "${1}");
        assert!(told(&[any, read.clone()]).is_empty());
        let map = rule(Action::LabelMap, &[], "__meta_docker_container_label_(.+)", "");
        assert_eq!(told(&[map, read.clone()]).len(), 1);
        assert!(told(&[Step::Unknown, read]).is_empty());
    }

    #[test]
    fn lists_with_a_great_many_labels_are_left_alone() {
        let write = |n: usize| rule(Action::Replace, &["__address__"], "(.*)", &format!("__meta_{n}"));
        let read = rule(Action::Keep, &["__meta_docker_container_image"], "nginx", "");
        let told = |count: usize| told(&(0..count).map(write).chain([read.clone()]).collect::<Vec<_>>()).len();
        assert_eq!((told(OTHERS), told(OTHERS + 1)), (1, 0));
    }

    #[test]
    fn what_was_meant_is_said() {
        let docker = Given::by(catalogue::discovery("docker").unwrap());
        let meant = |label: &str| docker.advice(label).unwrap();
        assert!(meant("__meta_docker_compose_project").contains("label_com_docker_compose_project`"));
        assert!(meant("__meta_docker_container_nam").contains("`__meta_docker_container_name`"));
        assert!(meant("__meta_docker_container_status").contains("`container_id`"));
        let pods = Given::by(catalogue::discovery("kubernetes").unwrap());
        let meant = |label: &str| pods.advice(label);
        assert_eq!(
            meant("__meta_kubernetes_pod_labels_app").unwrap(),
            "did you mean `__meta_kubernetes_pod_label_app`?"
        );
        assert_eq!(
            meant("__meta_kubernetes_pod_container_nam").unwrap(),
            "did you mean `__meta_kubernetes_pod_container_name`?"
        );
    }
}
