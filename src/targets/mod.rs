//! Where a stack runs: each target writes down how the plan is deployed.

pub mod compose;
pub mod env_example;
pub mod instrumentation;

use crate::emit::HostEmitter;

/// What writes the files of a host that belong to no engine, in order.
pub static ALL: &[HostEmitter] = &[compose::emit, env_example::emit, instrumentation::emit];
