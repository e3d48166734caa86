//! What stands inside of custom components and of templates: the components there dial like any other (grafana/alloy
//! internal/runtime/internal/controller/custom_component_registry.go, node_custom_component.go, node_config_foreach.go@v1.18.1).

use std::collections::HashMap;

use vispyr_alloy::Body;

use super::{Component, Config};
use crate::engine::Instance;
use crate::source::SourceId;
use crate::tree::ArtifactId;

/// So many of one process are followed, each one level deep.
const FOLLOWED: usize = 1_000;

/// The body of a `declare`, and where it stands.
type Declared<'a> = (ArtifactId, SourceId, Body<'a>);

/// The components inside of each custom component that the process has, with the arguments that it is given, and of each
/// template.
pub(super) fn configs<'a>(instance: &Instance<'a>, whole: &Config<'a>) -> Vec<Config<'a>> {
    let (mut own, mut imported) = (HashMap::new(), HashMap::new());
    for component in &whole.components {
        match &*component.name {
            "declare" => _ = own.entry(component.label()).or_insert((component.id, component.source, component.body())),
            "import.file" => imported.extend(module(component, instance)),
            _ => {}
        }
    }
    let of = |component: &Component<'a>| {
        if component.name == "foreach" {
            let template = component.body().blocks("template").next_back()?;
            return Some((None, (component.id, component.source, template.body())));
        }
        let found = match component.name.split_once('.') {
            None => own.get(&*component.name),
            Some(name) => imported.get(&name),
        };
        Some((Some((component.block, component.source)), *found?))
    };
    let inner = whole.components.iter().filter_map(|component| {
        let (given, body) = of(component)?;
        let mut config = Config::new(&[body], whole.version, component.service);
        config.components.iter_mut().for_each(|inner| inner.given = given);
        Some(config)
    });
    inner.take(FOLLOWED).collect()
}

/// What a module in a file declares, by the name of the import and its own.
fn module<'a>(import: &Component<'a>, instance: &Instance<'a>) -> Vec<((&'a str, &'a str), Declared<'a>)> {
    let written = import.body().attr("filename").and_then(|a| import.text(a.value()));
    let Some(((service, running), written)) = instance.service.zip(written) else { return Vec::new() };
    let file = running.path("/", &written);
    let found = instance.files.iter().find(|(_, a)| a.used_by(service).iter().any(|used| used.path == file));
    let Some((id, artifact, parse)) = found.and_then(|(id, a)| Some((*id, *a, a.alloy()?))) else { return Vec::new() };
    let declares = parse.file.body().blocks("declare");
    declares.filter_map(|d| Some(((import.label(), d.label()?.name()), (id, artifact.source, d.body())))).collect()
}
