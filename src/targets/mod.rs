//! Where a stack runs: each target writes down how the plan is deployed.

pub mod compose;
pub mod instrumentation;
