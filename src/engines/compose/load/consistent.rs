//! What compose checks of a whole project (`loader/validate.go`, `graph/cycle.go`, `types/project.go` of
//! compose-spec/compose-go@v2.13.0 and @v2.16.2): references, exclusive settings, cycles, env files.

use std::collections::{HashMap, HashSet};

use super::model::{Entry, Item, Kind, Map};
use super::{Fault, Faults, scalar};
use crate::near::Near;
use crate::source::Span;
use crate::tree::{Presence, Tree};

/// What is known beside the merged files.
pub(super) struct Known<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// Whether files of the project are not known.
    pub open: bool,
    /// Services that extend what is not known.
    pub services: &'a HashSet<String>,
    /// Active profiles.
    pub profiles: Vec<String>,
}

/// A service that another one waits for.
struct Edge<'a> {
    name: &'a str,
    at: Span,
    required: bool,
}

struct Check<'a> {
    dict: &'a Map,
    known: &'a Known<'a>,
    faults: &'a mut Faults,
    near: Near,
    enabled: HashMap<&'a str, (&'a Entry, &'a Map)>,
}

/// Checks the services that no profile disables.
pub(super) fn check(dict: &Map, known: &Known<'_>, faults: &mut Faults) {
    let mut enabled = HashMap::new();
    for (name, entry) in dict.map("services").into_iter().flat_map(|m| &m.entries) {
        if let Kind::Map(map) = &entry.item.kind
            && is_enabled(map, known)
        {
            enabled.insert(name.as_str(), (entry, map));
        }
    }
    let mut check = Check { dict, known, faults, near: Near::default(), enabled };
    for (name, entry) in dict.map("services").into_iter().flat_map(|m| &m.entries) {
        if matches!(entry.item.kind, Kind::Null) {
            let fault = Fault::new(entry.key, format!("service `{name}` has neither `image` nor `build`"));
            check.faults.push(fault);
        }
        if let Some((entry, map)) = check.enabled.get(name.as_str()).copied() {
            check.service(name, entry, map);
        }
    }
    check.secrets();
    if check.faults.is_empty() {
        check.cycles();
    }
    if check.faults.is_empty() {
        check.files();
    }
}

fn is_enabled(map: &Map, known: &Known<'_>) -> bool {
    let Some(profiles) = map.get("profiles").and_then(Item::list).filter(|p| !p.is_empty()) else {
        return map.get("profiles").is_none_or(|p| !p.is_open());
    };
    let wanted = |p: &Item| p.text().is_some_and(|p| known.profiles.iter().any(|k| k == p || k == "*"));
    profiles.iter().any(wanted)
}

impl<'a> Check<'a> {
    fn service(&mut self, name: &str, entry: &'a Entry, map: &'a Map) {
        let open = self.known.services.contains(name);
        let image = map.get("image").is_some_and(|i| i.is_open() || i.text().is_some_and(|t| !t.is_empty()));
        if !image && map.get("build").is_none() && map.get("provider").is_none() && !open {
            let fault = Fault::new(entry.key, format!("service `{name}` has neither `image` nor `build`"));
            let mut fault = fault.help("give it one of the two");
            fault.wants = Some(("services", name.to_owned()));
            self.faults.push(fault);
        }
        self.build(name, map);
        self.networks(name, map);
        self.healthcheck(map);
        for edge in edges(map) {
            self.depends(name, &edge);
        }
        self.mounts(name, map);
        self.references(name, map);
        self.amounts(name, map);
        self.scale(name, entry, map);
        self.watch(name, map);
    }

    fn build(&mut self, name: &str, map: &'a Map) {
        let Some(build) = map.map("build") else { return };
        let set = |key: &str| build.text(key).is_some_and(|t| !t.is_empty());
        if set("dockerfile") && set("dockerfile_inline") {
            let at = build.entries.get("dockerfile_inline").map(|e| e.key);
            let message = format!("service `{name}` has both `dockerfile` and `dockerfile_inline`");
            self.faults.extend(at.map(|at| Fault::new(at, message)));
        }
        if let (Some(platforms), Some(platform)) = (build.get("platforms").and_then(Item::list), map.get("platform"))
            && let Some(own) = platform.text().filter(|p| !p.is_empty())
            && !platforms.is_empty()
            && !platforms.iter().any(|p| p.is_open() || p.text() == Some(own))
        {
            let message = format!("`{own}` is none of the platforms that service `{name}` is built for");
            self.faults.push(Fault::new(platform.span, message));
        }
        self.contexts(name, build);
        self.named(name, build.get("secrets"), "secrets", "secret");
    }

    fn contexts(&mut self, name: &str, build: &'a Map) {
        let Some(contexts) = build.get("additional_contexts") else { return };
        let pairs: Vec<(&str, Span)> = match &contexts.kind {
            Kind::Map(map) => map.entries.values().filter_map(|e| Some((e.item.text()?, e.item.span))).collect(),
            Kind::List(items) => items.iter().filter_map(|i| Some((i.text()?.split_once('=')?.1, i.span))).collect(),
            _ => return,
        };
        for (context, at) in pairs {
            let Some(target) = context.strip_prefix("service:") else { continue };
            let service = self.dict.map("services").and_then(|m| m.get(target));
            match service.map(|s| &s.kind) {
                None if !self.known.open => {
                    let fault =
                        Fault::new(at, format!("service `{name}` is built from `{target}`, which is no service"));
                    self.undefined(fault, "services", target);
                }
                Some(Kind::Map(map)) if map.get("build").is_none() && !self.known.services.contains(target) => {
                    let message = format!("service `{name}` is built from `{target}`, which is not built itself");
                    self.faults.push(Fault::new(at, message));
                }
                _ => {}
            }
        }
    }

    fn networks(&mut self, name: &str, map: &'a Map) {
        let networks: Vec<(&str, Span)> = match map.get("networks").map(|n| &n.kind) {
            Some(Kind::Map(all)) => all.entries.iter().map(|(n, e)| (n.as_str(), e.key)).collect(),
            Some(Kind::List(items)) => items.iter().filter_map(|i| Some((i.text()?, i.span))).collect(),
            _ => Vec::new(),
        };
        let mode = map.get("network_mode");
        if let (Some(mode), Some((_, at))) =
            (mode.filter(|m| m.text().is_some_and(|t| !t.is_empty())), networks.first())
        {
            let fault = Fault::new(*at, format!("service `{name}` has both `networks` and `network_mode`"));
            self.faults.push(fault.label(mode.span, "the other one").help("keep one of the two"));
        }
        for (network, at) in networks {
            let declared = self.dict.map("networks").is_some_and(|m| m.entries.contains_key(network));
            if network != "default" && !declared && !self.known.open {
                let fault =
                    Fault::new(at, format!("service `{name}` joins network `{network}`, which is not declared"));
                self.undefined(fault, "networks", network);
            }
        }
        if let Some(mode) = mode
            && let Some(target) = mode.text().and_then(|t| t.strip_prefix("service:"))
        {
            let edge = Edge { name: target, at: mode.span, required: true };
            self.depends(name, &edge);
        }
    }

    fn healthcheck(&mut self, map: &'a Map) {
        let test = map.map("healthcheck").and_then(|h| h.get("test")).and_then(Item::list);
        if let Some(first) = test.and_then(<[Item]>::first)
            && let Some(text) = first.text().filter(|t| !["CMD", "CMD-SHELL", "NONE"].contains(t))
        {
            let message =
                format!("a list under `healthcheck.test` starts with `CMD`, `CMD-SHELL` or `NONE`, not `{text}`");
            self.faults.push(Fault::new(first.span, message).help("put `CMD` in front"));
        }
    }

    /// A dependency on a service that is not there, or not enabled.
    fn depends(&mut self, name: &str, edge: &Edge<'_>) {
        if self.enabled.contains_key(edge.name) || self.known.open {
            return;
        }
        let declared = self.dict.map("services").and_then(|m| m.entries.get(edge.name));
        match declared {
            Some(entry) => {
                if edge.required && entry.item.map().is_some_and(|m| !is_open(m)) {
                    let message =
                        format!("service `{name}` needs `{}`, which its profiles leave out by default", edge.name);
                    let mut fault = Fault::new(edge.at, message).label(entry.key, "declared here");
                    // Whoever sets the variable chooses a profile as well.
                    fault.doubtful = self.known.tree.sources.slice(edge.at).contains('$');
                    self.faults.push(fault.help("give both the same profiles, or set `required: false`"));
                }
            }
            None => {
                let fault = Fault::new(edge.at, format!("service `{name}` needs `{}`, which is no service", edge.name));
                self.undefined(fault, "services", edge.name);
            }
        }
    }

    fn mounts(&mut self, name: &str, map: &'a Map) {
        let mut targets: HashMap<String, Span> = HashMap::new();
        let list = |key: &str| map.get(key).map(|i| i.list().unwrap_or(std::slice::from_ref(i))).unwrap_or_default();
        let mut twice = |target: String, at: Span, faults: &mut Faults| {
            if let Some(first) = targets.insert(target.clone(), at) {
                let fault = Fault::new(at, format!("service `{name}` mounts twice at `{target}`"));
                faults.push(fault.label(first, "first here"));
            }
        };
        for item in list("tmpfs") {
            if let Some(text) = item.text() {
                twice(text.split(':').next().unwrap_or_default().to_owned(), item.span, self.faults);
            }
        }
        for item in list("volumes") {
            let (target, source) = match &item.kind {
                Kind::Text(text) => match scalar::volume(text) {
                    Ok(v) if v.is_bind() || v.source.is_empty() => (Some(v.target), None),
                    Ok(v) => (Some(v.target), Some((v.source, item.span))),
                    Err(_) => continue,
                },
                Kind::Map(map) => {
                    let named = map.text("type") == Some("volume");
                    let source = map.get("source").filter(|_| named);
                    let source = source.and_then(|s| Some((s.text().filter(|t| !t.is_empty())?.to_owned(), s.span)));
                    (map.text("target").map(scalar::clean), source)
                }
                _ => continue,
            };
            if let Some(target) = target {
                twice(target, item.span, self.faults);
            }
            let Some((volume, at)) = source else { continue };
            let declared = self.dict.map("volumes").is_some_and(|m| m.entries.contains_key(&volume));
            if !declared && !self.known.open {
                let mut fault =
                    Fault::new(at, format!("service `{name}` mounts volume `{volume}`, which is not declared"));
                if volume.contains('/') {
                    fault.help = Some(format!("a path of the host starts with `./`: `./{volume}`"));
                    self.faults.push(fault);
                } else {
                    self.undefined(fault, "volumes", &volume);
                }
            }
        }
    }

    fn references(&mut self, name: &str, map: &'a Map) {
        self.named(name, map.get("configs"), "configs", "config");
        self.named(name, map.get("secrets"), "secrets", "secret");
        let models: Vec<(&str, Span)> = match map.get("models").map(|n| &n.kind) {
            Some(Kind::Map(all)) => all.entries.iter().map(|(n, e)| (n.as_str(), e.key)).collect(),
            Some(Kind::List(items)) => items.iter().filter_map(|i| Some((i.text()?, i.span))).collect(),
            _ => Vec::new(),
        };
        for (model, at) in models {
            if self.dict.map("models").is_none_or(|m| !m.entries.contains_key(model)) && !self.known.open {
                let fault = Fault::new(at, format!("service `{name}` uses model `{model}`, which is not declared"));
                self.undefined(fault, "models", model);
            }
        }
    }

    /// Configs or secrets that are mounted.
    fn named(&mut self, name: &str, list: Option<&'a Item>, section: &'static str, what: &str) {
        for item in list.and_then(Item::list).unwrap_or_default() {
            let (wanted, at) = match &item.kind {
                Kind::Text(text) => (text.as_str(), item.span),
                Kind::Map(map) => match map.get("source") {
                    Some(source) => match source.text() {
                        Some(text) => (text, source.span),
                        None => continue,
                    },
                    None => ("", item.span),
                },
                _ => continue,
            };
            if self.dict.map(section).is_none_or(|m| !m.entries.contains_key(wanted)) && !self.known.open {
                let fault = Fault::new(at, format!("service `{name}` uses {what} `{wanted}`, which is not declared"));
                self.undefined(fault, section, wanted);
            }
        }
    }

    /// Tells of a name that nothing declares, with the one that was meant.
    fn undefined(&mut self, mut fault: Fault, section: &'static str, name: &str) {
        let names = self.dict.map(section).into_iter().flat_map(|m| m.entries.keys());
        let near = names.filter(|n| *n != name);
        let near = near.filter_map(|n| Some((self.near.distance(n, name, 2)?, n))).min();
        fault.help = Some(match near {
            Some((_, near)) => format!("did you mean `{near}`?"),
            None => format!("declare it under `{section}` at the top of the file"),
        });
        fault.wants = Some((section, name.to_owned()));
        self.faults.push(fault);
    }

    /// Settings that stand in two places and must agree.
    fn amounts(&mut self, name: &str, map: &'a Map) {
        let resources = map.map("deploy").and_then(|d| d.map("resources"));
        let part = |which: &str| resources.and_then(|r| r.map(which));
        let (limits, reservations) = (part("limits"), part("reservations"));
        let rows = [
            ("cpus", limits, "deploy.resources.limits", "cpus"),
            ("mem_limit", limits, "deploy.resources.limits", "memory"),
            ("mem_reservation", reservations, "deploy.resources.reservations", "memory"),
            ("pids_limit", limits, "deploy.resources.limits", "pids"),
        ];
        for (own, other, place, key) in rows {
            let Some(item) = map.get(own) else { continue };
            let (Some(value), Some(other)) = (amount(own, item), other) else { continue };
            if other.get(key).is_some_and(Item::is_open) || value == 0.0 {
                continue;
            }
            let there = other.get(key).and_then(|i| amount(own, i)).unwrap_or(0.0);
            if (value as f32) != (there as f32) {
                let fault = Fault::new(
                    item.span,
                    format!("service `{name}` has one `{own}` here and another in `{place}.{key}`"),
                );
                self.faults.push(match other.get(key) {
                    Some(second) => fault.label(second.span, "the other one"),
                    None => fault.help(format!("`{place}` is there, so the value belongs there")),
                });
            }
        }
    }

    fn scale(&mut self, name: &str, entry: &Entry, map: &'a Map) {
        let replicas = map.map("deploy").and_then(|d| d.get("replicas"));
        let value = |item: &Item| if let Kind::Int(n) = item.kind { Some(n) } else { None };
        let (scale, deployed) = (map.get("scale"), replicas);
        if let (Some(scale), Some(deployed)) = (scale, deployed)
            && let (Some(a), Some(b)) = (value(scale), value(deployed))
            && a != b
        {
            let fault =
                Fault::new(scale.span, format!("service `{name}` has one `scale` and another `deploy.replicas`"));
            self.faults.push(fault.label(deployed.span, "the other one"));
        }
        for (item, what) in [(scale, "scale"), (deployed, "deploy.replicas")] {
            if let Some(item) = item.filter(|i| value(i).is_some_and(|n| n < 0)) {
                self.faults.push(Fault::new(item.span, format!("`{what}` of service `{name}` must be at least 0")));
            }
        }
        if let Some(count) = scale.or(deployed).filter(|i| value(i).is_some_and(|n| n > 1))
            && let Some(own) = map.get("container_name").filter(|c| c.text().is_some_and(|t| !t.is_empty()))
        {
            let message = format!("service `{name}` has a `container_name` and more than one container");
            let fault = Fault::new(own.span, message).label(count.span, "as many are wanted");
            self.faults.push(fault.help("drop `container_name`"));
        }
        let _ = entry;
    }

    fn watch(&mut self, name: &str, map: &'a Map) {
        let watch = map.map("develop").and_then(|d| d.get("watch")).and_then(Item::list).unwrap_or_default();
        for rule in watch {
            let Kind::Map(rule_map) = &rule.kind else { continue };
            let target = rule_map.get("target").is_some_and(|t| t.is_open() || t.text().is_some_and(|t| !t.is_empty()));
            if !target && !matches!(rule_map.text("action"), Some("rebuild" | "restart") | None) {
                self.faults
                    .push(Fault::new(rule.span, format!("`develop.watch` of service `{name}` needs `target` here")));
            }
        }
    }

    fn secrets(&mut self) {
        for (name, entry) in self.dict.map("secrets").into_iter().flat_map(|m| &m.entries) {
            let Kind::Map(map) = &entry.item.kind else { continue };
            let external = map.get("external").is_some_and(|e| !matches!(e.kind, Kind::Bool(false)));
            let given =
                |key: &str| map.get(key).is_some_and(|i| i.is_open() || i.text().is_some_and(|t| !t.is_empty()));
            if !external && !given("file") && !given("environment") {
                self.faults
                    .push(Fault::new(entry.key, format!("secret `{name}` has neither `file` nor `environment`")));
            }
        }
    }

    /// Services that wait for each other in a circle: each circle is told once.
    fn cycles(&mut self) {
        let mut names: Vec<&str> = self.enabled.keys().copied().collect();
        names.sort_unstable();
        // 1 = on the way, 2 = done.
        let mut state: HashMap<&str, u8> = HashMap::new();
        for name in names {
            if state.contains_key(name) {
                continue;
            }
            let mut stack: Vec<(&str, std::vec::IntoIter<Edge<'a>>)> = vec![(name, self.waits(name))];
            state.insert(name, 1);
            while let Some((at, edges)) = stack.last_mut() {
                let Some(edge) = edges.next() else {
                    state.insert(at, 2);
                    stack.pop();
                    continue;
                };
                match state.get(edge.name) {
                    None => {
                        state.insert(edge.name, 1);
                        stack.push((edge.name, self.waits(edge.name)));
                    }
                    Some(1) => {
                        let from = stack.iter().position(|(n, _)| *n == edge.name).unwrap_or_default();
                        let mut circle: Vec<String> = stack[from..].iter().map(|(n, _)| format!("`{n}`")).collect();
                        circle.push(format!("`{}`", edge.name));
                        let message = format!("services wait for each other: {}", circle.join(" → "));
                        self.faults.push(Fault::new(edge.at, message));
                    }
                    Some(_) => {}
                }
            }
        }
    }

    /// What a service waits for, among those that are enabled.
    fn waits(&self, name: &str) -> std::vec::IntoIter<Edge<'a>> {
        let Some((_, map)) = self.enabled.get(name).copied() else { return Vec::new().into_iter() };
        let mut all = edges(map);
        if let Some(mode) = map.get("network_mode")
            && let Some(target) = mode.text().and_then(|t| t.strip_prefix("service:"))
        {
            all.push(Edge { name: target, at: mode.span, required: true });
        }
        all.retain(|e| self.enabled.contains_key(e.name));
        all.into_iter()
    }

    /// Env files and label files that are not there.
    fn files(&mut self) {
        let mut names: Vec<&str> = self.enabled.keys().copied().collect();
        names.sort_unstable();
        for name in names {
            let Some((_, map)) = self.enabled.get(name).copied() else { continue };
            for (key, what) in [("env_file", "env file"), ("label_file", "label file")] {
                let Some(item) = map.get(key) else { continue };
                for item in item.list().unwrap_or(std::slice::from_ref(item)) {
                    let (path, required) = match &item.kind {
                        Kind::Text(_) => (Some(item), true),
                        Kind::Map(map) => {
                            let optional = map.get("required").is_some_and(|r| match &r.kind {
                                Kind::Bool(b) => !b,
                                Kind::Text(t) => super::cast::truth(t) != Some(true),
                                _ => true,
                            });
                            (map.get("path"), !optional)
                        }
                        _ => (None, true),
                    };
                    let Some(path) = path.filter(|_| required) else { continue };
                    let Some(text) = path.text().filter(|t| !t.is_empty()) else { continue };
                    if self.known.tree.presence(text) == Presence::Absent {
                        let mut fault =
                            Fault::new(path.span, format!("{what} `{text}` of service `{name}` does not exist"));
                        fault.file = Some(text.to_owned());
                        self.faults.push(fault);
                    }
                }
            }
        }
    }
}

fn is_open(map: &Map) -> bool {
    map.get("profiles").is_some_and(|p| p.is_open() || p.list().is_some_and(|l| l.iter().any(Item::is_open)))
}

/// What a service waits for by `depends_on`, links, shared namespaces and volumes.
fn edges(map: &Map) -> Vec<Edge<'_>> {
    let mut all = Vec::new();
    match map.get("depends_on").map(|d| &d.kind) {
        Some(Kind::Map(depends)) => {
            for (name, entry) in &depends.entries {
                let required = entry.item.map().and_then(|m| m.get("required"));
                let required = required.is_none_or(|r| matches!(r.kind, Kind::Bool(true)));
                all.push(Edge { name, at: entry.key, required });
            }
        }
        Some(Kind::List(items)) => {
            all.extend(items.iter().filter_map(|i| Some(Edge { name: i.text()?, at: i.span, required: true })));
        }
        _ => {}
    }
    let list = |key: &str| map.get(key).and_then(Item::list).unwrap_or_default();
    for item in list("links") {
        let Some(text) = item.text() else { continue };
        let parts: Vec<&str> = text.split(':').collect();
        let name = if parts.len() == 2 { parts[0] } else { text };
        all.push(Edge { name, at: item.span, required: true });
    }
    for key in ["ipc", "pid", "uts", "cgroup"] {
        if let Some(item) = map.get(key)
            && let Some(name) = item.text().and_then(|t| t.strip_prefix("service:"))
        {
            all.push(Edge { name, at: item.span, required: true });
        }
    }
    for item in list("volumes_from") {
        let Some(text) = item.text().filter(|t| !t.starts_with("container:")) else { continue };
        all.push(Edge { name: text.split(':').next().unwrap_or_default(), at: item.span, required: true });
    }
    all
}

/// A number, or the bytes of a size.
fn amount(own: &str, item: &Item) -> Option<f64> {
    match &item.kind {
        Kind::Int(n) => Some(*n as f64),
        // Sizes that are fractions are not read.
        Kind::Float(n) => Some(if own == "cpus" { *n } else { 0.0 }),
        Kind::Text(text) if own == "cpus" || own == "pids_limit" => scalar::go_float(text),
        Kind::Text(text) => scalar::bytes(text).map(|n| n as f64),
        _ => None,
    }
}
