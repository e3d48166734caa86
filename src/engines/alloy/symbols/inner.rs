//! What stands inside of custom components and of templates: the components there dial like any other
//! (grafana/alloy internal/runtime/internal/controller/node_config_declare.go, node_config_foreach.go@v1.18.1).

use vispyr_alloy::Body;

use super::{Component, Config};
use crate::engine::Instance;
use crate::source::SourceId;
use crate::tree::{ArtifactId, path};

/// So many of one process are followed, each one level deep.
const FOLLOWED: usize = 1_000;

/// The body of a `declare`, and where it stands.
type Declared<'a> = (ArtifactId, SourceId, Body<'a>);

/// The components inside of each custom component that the process has, with the arguments that it is given, and of each
/// template.
pub(super) fn configs<'a>(instance: &Instance<'a>, whole: &Config<'a>) -> Vec<Config<'a>> {
    let inner = whole.components.iter().filter_map(|component| of(component, instance, whole));
    inner.take(FOLLOWED).collect()
}

fn of<'a>(component: &Component<'a>, instance: &Instance<'a>, whole: &Config<'a>) -> Option<Config<'a>> {
    let (version, service) = (whole.version, component.service);
    if component.name == "foreach" {
        let template = component.body().blocks("template").next_back()?;
        return Some(Config::new(&[(component.id, component.source, template.body())], version, service));
    }
    let found = match component.name.split_once('.') {
        None => {
            let own = |c: &&Component<'_>| c.name == "declare" && c.label() == component.name;
            whole.components.iter().find(own).map(|c| (c.id, c.source, c.body()))?
        }
        Some((from, name)) => imported(instance, whole, from, name)?,
    };
    let mut config = Config::new(&[found], version, service);
    let given = (component.block, component.source);
    config.components.iter_mut().for_each(|inner| inner.given = Some(given));
    Some(config)
}

/// The `declare` of a module in a file that the process imports under a name.
fn imported<'a>(instance: &Instance<'a>, whole: &Config<'a>, from: &str, name: &str) -> Option<Declared<'a>> {
    let (service, _) = instance.service?;
    let import = whole.components.iter().find(|c| c.name == "import.file" && c.label() == from)?;
    let file = path::join("/", &import.text(import.body().attr("filename")?.value())?);
    let (id, artifact) =
        instance.files.iter().find(|(_, a)| a.used_by(service).iter().any(|used| used.path == file))?;
    let body = artifact.alloy()?.file.body();
    let declare = body.blocks("declare").find(|block| block.label().is_some_and(|label| label.name() == name))?;
    Some((*id, artifact.source, declare.body()))
}
