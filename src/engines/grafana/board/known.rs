//! The data sources of the Grafanas that load a dashboard, by which names are understood that come without a type.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engines::grafana::symbols::{self, BUILT_IN};
use crate::parse::Node;
use crate::tree::{Artifact, ServiceId, Tree, path};

use super::load;

/// A data source that is provisioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engines::grafana) struct Source {
    /// Its uid: written, or the one Grafana derives from the name.
    pub(in crate::engines::grafana) uid: String,
    /// Name.
    pub(in crate::engines::grafana) name: String,
    /// Plugin id.
    pub(in crate::engines::grafana) kind: String,
    /// Organisation.
    pub(in crate::engines::grafana) org: i64,
    /// Whether it is asked where none is named.
    pub(in crate::engines::grafana) default: bool,
}

/// Those of one Grafana, as they are looked up.
#[derive(Debug)]
struct Provisioned {
    all: Vec<Source>,
    /// Places in `all`: of several the first.
    by_uid: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// The only default one.
    default: Option<usize>,
}

impl Provisioned {
    fn of(tree: &Tree, service: ServiceId) -> Arc<Self> {
        tree.worked(service, || Self::new(symbols::provisioned(tree, service)))
    }

    fn new(mut all: Vec<Source>) -> Self {
        // Names are there once in an organisation, and which one a dashboard is of is not looked at.
        if all.windows(2).any(|pair| pair[0].org != pair[1].org) {
            all.clear();
        }
        let (mut by_uid, mut by_name) = (HashMap::new(), HashMap::new());
        for (at, source) in all.iter().enumerate() {
            by_uid.entry(source.uid.clone()).or_insert(at);
            by_name.entry(source.name.clone()).or_insert(at);
        }
        let mut marked = all.iter().enumerate().filter(|(_, s)| s.default).map(|(at, _)| at);
        let default = marked.next().filter(|_| marked.next().is_none());
        Self { all, by_uid, by_name, default }
    }
}

/// The sources that files of the same provisioning list as they stand, each with a uid of its own.
fn beside(tree: &Tree, artifact: &Artifact) -> Vec<Source> {
    fn home(artifact: &Artifact) -> Option<&str> {
        path::parent(path::folder(&artifact.path))
    }
    let Some(own) = home(artifact) else { return Vec::new() };
    let files = tree.of_kind("grafana-datasources").map(|(_, a)| a).filter(|a| home(a) == Some(own));
    let roots = files.filter_map(|a| a.data()?.root());
    let all = roots.filter_map(|root| root.get("datasources")).flat_map(Node::items);
    let source = |node: Node<'_>| {
        let text = |key: &str| node.get(key).and_then(Node::scalar).filter(|t| !t.contains('$')).map(str::to_owned);
        let (uid, name, kind) = (text("uid")?, text("name")?, text("type")?);
        let org = node.get("orgId").and_then(Node::as_i64).unwrap_or(1).max(1);
        Some(Source { uid, name, kind, org, default: node.get("isDefault").and_then(Node::as_bool) == Some(true) })
    };
    all.filter_map(source).collect()
}

/// Those of each Grafana.
#[derive(Debug, Default)]
pub(in crate::engines::grafana) struct Known(Vec<Arc<Provisioned>>);

impl Known {
    /// Of all that load the dashboard.
    pub(in crate::engines::grafana) fn of(tree: &Tree, artifact: &Artifact) -> Self {
        let mut services: Vec<ServiceId> = load::loaders(tree, artifact).into_iter().map(|l| l.service).collect();
        services.dedup();
        Self(services.into_iter().map(|id| Provisioned::of(tree, id)).collect())
    }

    /// Of all that read a file of provisioning; of one that nobody here reads, those in the folder beside it.
    pub(in crate::engines::grafana) fn of_users(tree: &Tree, artifact: &Artifact) -> Self {
        let mut services: Vec<ServiceId> = artifact.uses.iter().map(|u| u.service).collect();
        services.dedup();
        services.retain(|id| tree.service(*id).engine == Some("grafana"));
        if artifact.uses.is_empty() {
            return Self(vec![Arc::new(Provisioned::new(beside(tree, artifact)))]);
        }
        Self(services.into_iter().map(|id| Provisioned::of(tree, id)).collect())
    }

    /// Of one Grafana.
    pub(in crate::engines::grafana) fn at(tree: &Tree, service: ServiceId) -> Self {
        Self(vec![Provisioned::of(tree, service)])
    }

    /// The plugin of the source that a name means: by uid, else by name, and `default` is the default one (`grafana/grafana
    /// public/app/features/plugins/datasource_srv.ts@00b324aaa57d `getInstanceSettings`); `None` where it is not known, or is not the
    /// same in each Grafana.
    pub(in crate::engines::grafana) fn kind(&self, text: &str) -> Option<&str> {
        if text == "default" {
            return self.default_kind();
        }
        if text.is_empty() || text.contains('$') || text.contains("[[") || BUILT_IN.contains(&text) {
            return None;
        }
        self.agreed(|known| known.by_uid.get(text).or_else(|| known.by_name.get(text)))
    }

    /// The plugin of the source that has that uid: what names none asks by it alone.
    pub(in crate::engines::grafana) fn uid(&self, uid: &str) -> Option<&str> {
        self.agreed(|known| known.by_uid.get(uid).filter(|_| !uid.is_empty()))
    }

    /// The plugin of the default source.
    pub(in crate::engines::grafana) fn default_kind(&self) -> Option<&str> {
        self.agreed(|known| known.default.as_ref())
    }

    fn agreed<'s>(&'s self, find: impl Fn(&'s Provisioned) -> Option<&'s usize>) -> Option<&'s str> {
        let mut found = self.0.iter().map(|known| {
            let source = known.all.get(*find(known)?)?;
            (!source.kind.is_empty()).then_some(source.kind.as_str())
        });
        let first = found.next()??;
        found.all(|other| other == Some(first)).then_some(first)
    }
}
