//! Files with limits by tenant, which a server reads again while it runs and does not start without.

use super::{Server, Variables};
use crate::dskit::Syntax;
use crate::parse::{Entry, Node};
use crate::source::Span;
use crate::symbol::{Lack, Origin, PathRead};
use crate::tree::{Artifact, Kind, Service, Tree, Use, path};

/// The keys of a config that name such files, each with the flag that wins over it, without dashes; the first that names any
/// counts.
pub type Places = [(&'static [&'static str], &'static str)];

/// What is said of one that is not there (grafana/dskit runtimeconfig/manager.go `starting`@00229f5b510c, @8d1c6d34bb5a).
const LACK: Lack = Lack::refused("it does not start: \"failed to load runtime config\"");

/// The files that a process with a config reads so.
pub fn reads(places: &Places, root: Option<Node<'_>>, variables: Variables<'_>) -> Vec<PathRead> {
    let read = |named: &str, span: Span| -> Vec<PathRead> {
        let files = named.split(',').map(str::trim).filter(|at| at.starts_with('/')).map(path::clean);
        files.map(|at| PathRead::new(at, Origin::Written(span), "settings by tenant").lacking(LACK)).collect()
    };
    for (keys, flag) in places {
        match variables.service.and_then(|service| service.flag(flag)) {
            Some((arg, _)) if arg.open => return Vec::new(),
            Some((arg, value)) => return read(&value, arg.span),
            None => {}
        }
        if let Some(text) = root.and_then(|root| root.at(keys)).and_then(Node::text) {
            return variables.replaced(text).map_or_else(Vec::new, |text| read(text.value(), text.whole()));
        }
    }
    Vec::new()
}

/// Where a server names them, and what they are. All are read by yaml.v3 into maps, put together from left to right, written
/// anew and then read by the server's own reader (grafana/dskit runtimeconfig/manager.go `loadConfig`@95058d37d6ef,
/// @8d1c6d34bb5a); a file that is not there or is refused ends the process at its start (`starting` there).
#[derive(Debug)]
pub struct Reloaded {
    /// What they are.
    pub kind: Kind,
    /// Where they are named.
    pub places: &'static Places,
    /// How variables are written in the config.
    pub syntax: Syntax,
}

impl Reloaded {
    /// Their paths in the container of a process with that config; `None` = not known.
    fn paths(&self, config: &Artifact, service: Option<&Service>) -> Option<Vec<String>> {
        let root = config.data()?.root()?;
        let variables = Variables { service, syntax: self.syntax };
        for (keys, flag) in self.places {
            let text = match service.and_then(|s| s.flag(flag)) {
                Some((arg, _)) if arg.open => return None,
                Some((_, value)) => value,
                None => match root.at(keys).filter(|n| !n.is_null()) {
                    Some(node) => variables.replaced(node.text()?)?.value().to_owned(),
                    None => continue,
                },
            };
            let paths = listed(&text);
            if !paths.is_empty() {
                return Some(paths);
            }
        }
        let known = |s: &Service| s.args().is_some_and(|args| args.iter().all(|a| !a.open));
        service.is_none_or(known).then(Vec::new)
    }

    /// What a process reads at a path because of its command.
    pub fn mounted(&self, server: &Server, config: Kind, service: &Service, at: &str) -> Option<Kind> {
        if server.reads(service, at) {
            return Some(config);
        }
        self.is_flagged(service, at).then_some(self.kind)
    }

    /// What a config names, for a process that has it: these files, and rules of tenants in a folder.
    pub fn names_with(
        &self,
        config: &Artifact,
        service: Option<&Service>,
        rules: Kind,
        folder: fn(&Artifact, &Service) -> Option<String>,
    ) -> Vec<(String, Kind)> {
        let rules = service.and_then(|service| folder(config, service)).map(|at| (format!("{at}/*/*"), rules));
        self.names(config, service).into_iter().chain(rules).collect()
    }

    /// What a config names, for a process that has it.
    pub fn names(&self, config: &Artifact, service: Option<&Service>) -> Vec<(String, Kind)> {
        let paths = self.paths(config, service).unwrap_or_default();
        paths.into_iter().map(|path| (path, self.kind)).collect()
    }

    /// Whether a flag of a process names a path.
    pub fn is_flagged(&self, service: &Service, at: &str) -> bool {
        let flags = self.places.iter().filter_map(|(_, flag)| service.flag(flag));
        flags.filter(|(arg, _)| !arg.open).any(|(_, value)| listed(&value).iter().any(|path| path == at))
    }

    /// Those that all processes with a config read; `None` = not all are known.
    pub fn files<'t>(&self, tree: &'t Tree, config: &Artifact) -> Option<Vec<&'t Artifact>> {
        let read = |file: &&Artifact| file.kind == self.kind && file.syntax.is_empty();
        let mut found: Vec<&Artifact> = Vec::new();
        // Who has the config and is another program (one that waits, or gives the folder to a user) reads none of them.
        let is_own = |u: &&Use| tree.service(u.service).engine == Some(self.kind.engine);
        let own = config.uses.iter().any(|u| is_own(&u));
        for used in config.uses.iter().filter(|u| !own || is_own(u)) {
            for at in self.paths(config, Some(tree.service(used.service)))? {
                let has = |file: &&Artifact| file.used_by(used.service).iter().any(|u| u.path == at);
                found.push(tree.of_kind(self.kind.name).map(|(_, file)| file).filter(read).find(has)?);
            }
        }
        if config.uses.is_empty() {
            for at in self.paths(config, None)? {
                let beside = path::join(path::folder(&config.path), path::name(&at));
                found.push(tree.at(&beside).map(|(_, file)| file).filter(read)?);
            }
        }
        found.dedup_by_key(|file| file.path.as_str());
        Some(found)
    }
}

/// The paths of a list.
fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|p| !p.is_empty()).map(|p| path::join("/", p)).collect()
}

/// The tenants of such a file that have limits.
pub fn tenants<'d>(root: Node<'d>) -> impl Iterator<Item = Entry<'d>> {
    root.get("overrides").into_iter().flat_map(Node::entries).filter(|e| e.value.is_map())
}
