//! The data sources of the Grafanas that load a dashboard, by which names are understood that come without a type.

use crate::engines::grafana::symbols::{self, BUILT_IN};
use crate::tree::{Artifact, ServiceId, Tree};

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

/// Those of each Grafana.
#[derive(Debug, Default)]
pub(in crate::engines::grafana) struct Known(Vec<Vec<Source>>);

impl Known {
    /// Of all that load the dashboard.
    pub(in crate::engines::grafana) fn of(tree: &Tree, artifact: &Artifact) -> Self {
        let mut services: Vec<ServiceId> = load::loaders(tree, artifact).into_iter().map(|l| l.service).collect();
        services.dedup();
        Self(services.into_iter().map(|id| symbols::provisioned(tree, id)).collect())
    }

    /// Of all that read a file of provisioning.
    pub(in crate::engines::grafana) fn of_users(tree: &Tree, artifact: &Artifact) -> Self {
        let mut services: Vec<ServiceId> = artifact.uses.iter().map(|u| u.service).collect();
        services.dedup();
        services.retain(|id| tree.service(*id).engine == Some("grafana"));
        Self(services.into_iter().map(|id| symbols::provisioned(tree, id)).collect())
    }

    /// Of one Grafana.
    pub(in crate::engines::grafana) fn at(tree: &Tree, service: ServiceId) -> Self {
        Self(vec![symbols::provisioned(tree, service)])
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
        self.agreed(|all| {
            let by_uid = all.iter().find(|s| s.uid == text);
            by_uid.or_else(|| all.iter().find(|s| s.name == text))
        })
    }

    /// The plugin of the source that has that uid: what names none asks by it alone.
    pub(in crate::engines::grafana) fn uid(&self, uid: &str) -> Option<&str> {
        self.agreed(|all| all.iter().find(|s| s.uid == uid && !uid.is_empty()))
    }

    /// The plugin of the default source.
    pub(in crate::engines::grafana) fn default_kind(&self) -> Option<&str> {
        self.agreed(|all| {
            let mut marked = all.iter().filter(|s| s.default);
            marked.next().filter(|_| marked.next().is_none())
        })
    }

    fn agreed<'s>(&'s self, find: impl Fn(&'s [Source]) -> Option<&'s Source>) -> Option<&'s str> {
        let mut found = self.0.iter().map(|all| {
            // Names are there once in an organisation, and which one a dashboard is of is not looked at.
            let one = all.windows(2).all(|pair| pair[0].org == pair[1].org);
            let source = find(all).filter(|s| one && !s.kind.is_empty())?;
            Some(source.kind.as_str())
        });
        let first = found.next()??;
        found.all(|other| other == Some(first)).then_some(first)
    }
}
