//! Alloy: its configuration language's files.

mod check;
pub mod conditions;
pub mod emit;
mod flow;
mod met;
mod program;
mod relabel;
pub mod rules;
pub mod symbols;
mod types;
mod upgrade;

use crate::engine::{Engine, InstanceCheck};
use crate::tree::{Format, Kind, KindDef, Service, Sniff, path};

/// The engine.
pub static ENGINE: Engine = Engine {
    name: "alloy",
    kinds: &[&CONFIG],
    mounted,
    names: None,
    services: None,
    symbols: symbols::symbols,
    flows: Some(flow::flows),
    rules: rules::ALL,
    check: Some(&InstanceCheck { rules: rules::WHOLE, run: check::check }),
    emit: Some(emit::emit),
    upgrade: Some(&upgrade::UPGRADE),
};

/// A file of its language.
pub static CONFIG: KindDef = KindDef { name: "alloy", engine: "alloy", format: Format::Alloy, sniff };

/// `alloy run PATH`: a file, or a folder of which the `.alloy` files are read, not those of its folders
/// (grafana/alloy internal/alloycli/cmd_run.go@v1.10.0). Without arguments the image runs its own config path.
fn mounted(service: &Service, at: &str) -> Option<Kind> {
    let args = service.args().unwrap_or_default();
    let words: Vec<_> = args.iter().filter(|a| !a.text.starts_with('-')).collect();
    // `alloy otel` reads a Collector's file, and converters read other engines'.
    let foreign = args.iter().any(|a| a.text.starts_with("--config.format") && !a.text.ends_with("alloy"));
    if foreign || words.first().is_some_and(|w| w.text != "run") {
        return None;
    }
    let config = match words.get(1) {
        Some(arg) if arg.open => return None,
        // A flag's value may stand between `run` and the path: all words are tried.
        Some(_) => words[1..].iter().map(|a| path::clean(&a.text)).collect(),
        None => vec!["/etc/alloy/config.alloy".to_owned()],
    };
    let reads = |c: &String| c == at || path::folder(at) == c && path::extension(at) == "alloy";
    config.iter().any(reads).then_some(&CONFIG)
}

/// The extension says so, but for Kubernetes manifests and `Dockerfile.alloy`, which borrow it. `.river` is what the files
/// were called before the language left Grafana Agent for Alloy; other languages and projects have that name too, so there
/// the content must agree.
fn sniff(sniff: &Sniff<'_>) -> u8 {
    let legacy = sniff.extension() == "river";
    if sniff.extension() != "alloy" && !legacy
        || sniff.name.starts_with("Dockerfile")
        || sniff.line_starts("apiVersion")
        || sniff.line_starts("kind")
    {
        return 0;
    }
    if legacy && !reads_as_alloy(sniff.text) { 0 } else { 100 }
}

/// Whether the text is of the language, or has a component in it: a file with a mistake is still to be told of the mistake.
fn reads_as_alloy(text: &str) -> bool {
    let parse = vispyr_alloy::parse(text);
    let body = parse.file.body();
    parse.errors.is_empty() && !body.is_empty() || body.all_blocks().any(|block| block.segments().count() > 1)
}
