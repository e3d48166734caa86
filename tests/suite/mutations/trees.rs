//! The stacks that are broken: both presets at two versions of each engine, and drawn specs, chosen by what they have.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vispyr::check;
use vispyr::engines;
use vispyr::link::{Linked, Resolution, link};
use vispyr::source::{SourceId, Span};
use vispyr::symbol::{Listener, Owner, Symbols, Url};
use vispyr::tree::{RawTree, Service, ServiceId, Settings, Tree};

use crate::adapter::generate;
use crate::specs::spec;

/// An older release of each engine.
const OLDER: &str =
    "\n[versions]\nalloy = \"1.10.2\"\nprometheus = \"2.55.1\"\ntempo = \"2.10.8\"\npyroscope = \"1.21.1\"\n";

/// A preset with every port published at another number, open to the network.
const OPEN: &str = "[stack]\nname = \"shop\"\nlayout = \"agent-gateway\"\n[gateway]\naddress = \"obs.example.org\"\nport = 8443\n\
    [grafana]\nbind = \"0.0.0.0\"\nport = 8300\n[[scrape]]\nname = \"checkout\"\ntargets = [\"checkout:8080\", \"db:9187\"]\n";

/// What a drawn spec must have to be taken, each with a name.
const WANTED: [(&str, &[&str]); 8] = [
    ("basic, own files", &["layout = \"agent-gateway\"", "mode = \"basic\"", "mode = \"files\""]),
    ("basic, private", &["layout = \"agent-gateway\"", "mode = \"basic\"", "mode = \"private\""]),
    ("no credential", &["layout = \"agent-gateway\"", "mode = \"none\"", "[versions]"]),
    ("plain", &["layout = \"agent-gateway\"", "allow_plaintext = true", "mode = \"bearer\""]),
    ("an address", &["layout = \"agent-gateway\"", "address = \"192.0.2.7\"", "mode = \"bearer\""]),
    ("no traces", &["traces = \"off\"", "profiles = \"pyroscope\"", "[versions]"]),
    ("no profiles", &["profiles = \"off\"", "traces = \"tempo\"", "[[scrape]]"]),
    ("several targets", &["\", \"", "targets = [", "single-host"]),
];

/// A generated tree with what its files say.
pub(crate) struct Site {
    /// For the table of failures.
    pub(crate) name: String,
    /// Paths with texts, secrets included as `gen` would put them on disk.
    pub(crate) files: Vec<(String, String)>,
    /// The tree.
    pub(crate) tree: Tree,
    /// What its files say.
    pub(crate) symbols: Symbols,
    /// What was planned: sender, receiver, port dialled.
    pub(crate) planned: BTreeSet<(String, String, u16)>,
}

impl Site {
    fn new(name: &str, text: &str, secrets: bool) -> Self {
        let (stack, files) = generate(text);
        let mut files: Vec<(String, String)> = files.into_iter().map(|f| (f.path, f.content)).collect();
        files.extend(stack.secret_files.iter().map(|f| (f.path.clone(), "not read by anybody here\n".to_owned())));
        if secrets {
            for host in &stack.hosts {
                let mut dotenv = String::new();
                for secret in stack.secrets.iter().filter(|s| s.folders.contains(&host.folder)) {
                    let _ = writeln!(dotenv, "{}=drawn-for-{}", secret.variable, secret.variable);
                }
                files.push((host.path(".env"), dotenv));
            }
        }
        let raw = RawTree::from_texts(files.iter().map(|(p, t)| (p.as_str(), t.as_str())));
        let tree = engines::tree(raw, &Settings::default());
        let symbols = check::symbols(&tree);
        let planned = stack.routes.into_iter().map(|r| (r.route.from, r.route.to, r.route.port)).collect();
        Self { name: name.to_owned(), files, tree, symbols, planned }
    }

    /// The links between its files.
    pub(crate) fn linked(&self) -> Linked<'_> {
        link(&self.tree, &self.symbols)
    }

    /// The text of a source.
    pub(crate) fn text(&self, source: SourceId) -> &str {
        self.tree.sources.text(source)
    }

    /// The text at a place.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.tree.sources.slice(span)
    }
}

/// All trees.
pub(crate) fn all() -> Vec<Site> {
    let mut sites = Vec::new();
    for (name, text) in vispyr::spec::presets() {
        sites.push(Site::new(&format!("{name}, pinned"), text, true));
        sites.push(Site::new(&format!("{name}, older"), &format!("{text}{OLDER}"), false));
    }
    sites.push(Site::new("agent-gateway, open", OPEN, false));
    for (at, (name, marks)) in WANTED.iter().enumerate() {
        let drawn = (1..20_000_u64).map(drawn).find(|text| marks.iter().all(|m| text.contains(m)));
        sites.push(Site::new(name, &drawn.unwrap_or_else(|| panic!("no drawn spec is `{name}`")), at % 2 == 0));
    }
    sites
}

/// The spec of a seed.
fn drawn(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u16
    };
    let tape: Vec<u16> = (0..220).map(|_| draw()).collect();
    spec(&tape)
}

/// A way inside of the tree: who dials, and what listens there.
pub(crate) struct Way<'a> {
    pub(crate) owner: Owner,
    pub(crate) url: &'a Url,
    pub(crate) to: ServiceId,
    pub(crate) listener: &'a Listener,
    /// Over a published port, from another host.
    pub(crate) across: bool,
}

/// Every import of a URL that somebody in the tree serves. Worked out here from names and ports alone, so that the rules
/// are not asked about themselves.
pub(crate) fn ways<'a>(linked: &Linked<'a>) -> Vec<Way<'a>> {
    let mut ways = Vec::new();
    for (owner, url, resolution) in &linked.urls {
        let (services, across) = match resolution {
            Resolution::Services(services) => (services, false),
            Resolution::Published(services) => (services, true),
            _ => continue,
        };
        for to in services {
            let service = linked.tree.service(*to);
            let dialled = url.port.unwrap_or_default();
            let port = if across { target(service, dialled) } else { Some(dialled) };
            let here = linked.listeners.get(to).into_iter().flatten();
            if let Some((_, listener)) = here.into_iter().find(|(_, l)| l.port.is_some() && l.port == port) {
                ways.push(Way { owner: *owner, url, to: *to, listener, across });
            }
        }
    }
    ways
}

/// The port in the container behind a published one.
fn target(service: &Service, published: u16) -> Option<u16> {
    let ports = service.ports.iter().filter_map(|p| p.published.zip(p.target));
    ports
        .into_iter()
        .find_map(|((first, last), (to, _))| (first..=last).contains(&published).then(|| to + published - first))
}
