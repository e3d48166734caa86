//! What Pyroscope says to others: its ports and what it takes there.

use crate::dskit::{Server, Syntax};
use crate::engine::{Instance, Say};
use crate::symbol::Signal;

/// Its config path is that of the image (grafana/pyroscope cmd/pyroscope/Dockerfile@v2.2.1).
pub(super) static SERVER: Server = Server {
    engine: "pyroscope",
    kind: "pyroscope-config",
    config: Some("/etc/pyroscope/config.yaml"),
    // pkg/pyroscope/modules.go@v1.21.1, v2.2.1
    limits: Some(&[(&["runtime_config", "file"], "runtime-config.file")]),
    prefixes: &[&["api", "base-url"], &["server", "http_path_prefix"]],
    // pkg/cfg/files.go@v1.7.0, v2.2.1
    syntax: Syntax::Envsubst,
    config_behind_words: false,
};

/// Reads the symbols of an instance.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    SERVER.symbols(instance, say);
}

/// What happens to profiles inside.
pub fn flows(instance: &Instance<'_>, say: &mut Say<'_>) {
    SERVER.flows(instance, Signal::Profiles, say);
}
