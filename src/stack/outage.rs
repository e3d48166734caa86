//! How long each signal survives a store that does not answer, and the queue settings that make it so.

use crate::symbol::Signal;

use super::Stack;

/// Requests that wait in memory for an OTLP endpoint.
pub const QUEUE_REQUESTS: u32 = 600;
/// Spans or data points per request at most.
pub const BATCH_ITEMS: u32 = 2000;
/// Seconds between requests while there is little to send.
pub const BATCH_SECONDS: u32 = 1;
/// Seconds for which a request is retried: what the queue holds at one request per [`BATCH_SECONDS`].
pub const RETRY_SECONDS: u32 = QUEUE_REQUESTS * BATCH_SECONDS;
/// Hours that remote write keeps on disk: the write-ahead log is truncated that often
/// (`grafana/alloy internal/component/prometheus/remotewrite/types.go@v1.18.1`, `wal.truncate_frequency`).
const WAL_HOURS: u32 = 2;
/// Minutes that a profile is retried: ten tries from half a second, doubling up to five minutes
/// (`grafana/alloy internal/component/pyroscope/write/write.go@v1.18.1`).
const PROFILE_MINUTES: u32 = 4;

/// One sentence per signal: the longest outage of a store that loses nothing.
pub fn outage(stack: &Stack) -> Vec<(Signal, String)> {
    let queue = format!(
        "{} minutes at up to {BATCH_ITEMS} items a second (in memory: a restart of the collector loses them)",
        RETRY_SECONDS / 60
    );
    let mut out = vec![(Signal::Metrics, format!("{WAL_HOURS} hours (on disk)"))];
    if stack.node(super::Role::Traces).is_some() {
        out.push((Signal::Traces, queue));
    }
    if stack.node(super::Role::Profiles).is_some() {
        out.push((Signal::Profiles, format!("{PROFILE_MINUTES} minutes")));
    }
    out
}
