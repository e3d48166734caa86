//! Where a stack runs: each target writes down how the plan is deployed.

pub mod compose;
pub mod env_example;
pub mod instrumentation;

use crate::emitter::HostEmitter;

/// Who writes the files of a host, in order.
pub static EMITTERS: &[HostEmitter] = &[instrumentation::emit, env_example::emit, compose::emit];
