//! Stack → files. Runs the emitters it is handed, in a fixed order; decides nothing and names no engine.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::emitter::{Emitted, EngineEmitter, HostEmitter, Place};
use crate::stack::Stack;

/// All files of a stack, by path.
pub fn emit(stack: &Stack, engines: &dyn Fn(&str) -> Option<EngineEmitter>, hosts: &[HostEmitter]) -> Vec<Emitted> {
    let mut files: BTreeMap<String, Emitted> = BTreeMap::new();
    for host in &stack.hosts {
        for node in &host.nodes {
            let written = engines(node.engine).map(|emit| emit(&Place { stack, host, node }));
            files.extend(written.into_iter().flatten().map(|f| (f.path.clone(), f)));
        }
        let done = files.clone();
        let hashes = |folder: &str| digest(&done, &host.path(folder));
        for emit in hosts {
            files.extend(emit(stack, host, &hashes).into_iter().map(|f| (f.path.clone(), f)));
        }
    }
    files.into_values().collect()
}

/// SHA-256 over the paths and contents below a folder: changes when any of them does.
fn digest(files: &BTreeMap<String, Emitted>, folder: &str) -> String {
    let mut hash = Sha256::new();
    for file in files.values().filter(|f| f.path.strip_prefix(folder).is_some_and(|r| r.starts_with('/'))) {
        hash.update(file.path.as_bytes());
        hash.update([0]);
        hash.update(file.content.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
