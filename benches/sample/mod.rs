//! What the benches of Alloy measure, and how.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Components of the sample.
pub(crate) const COMPONENTS: usize = 10_000;
/// Rounds, of which the fastest counts.
pub(crate) const RUNS: usize = 12;
/// How often each round does it.
pub(crate) const LAPS: u32 = 6;

/// A configuration as people write them and without a fault: 10,000 components of some 200 bytes, comments and nested blocks
/// among them.
pub(crate) fn sample() -> String {
    let mut text = String::from("discovery.docker \"containers\" {\n\thost = \"unix:///var/run/docker.sock\"\n}\n\n");
    for n in 0..COMPONENTS {
        let result = match n % 4 {
            0 => write!(
                text,
                "// Where the metrics of service {n} go.\nprometheus.remote_write \"writer_{n}\" {{\n\tendpoint {{\n\t\turl = \"http://mimir-{n}.example.org:9009/api/v1/push\"\n\n\t\tbasic_auth {{\n\t\t\tusername = \"tenant-{n}\"\n\t\t\tpassword = sys.env(\"MIMIR_PASSWORD\")\n\t\t}}\n\t}}\n}}\n\n"
            ),
            1 => write!(
                text,
                "prometheus.scrape \"scrape_{n}\" {{\n\ttargets = array.concat(discovery.relabel.relabel_{}.output, [\n\t\t{{\"__address__\" = \"app-{n}:8080\", \"job\" = \"app\"}},\n\t])\n\tforward_to      = [prometheus.remote_write.writer_{}.receiver]\n\tscrape_interval = \"15s\"\n}}\n\n",
                n + 2,
                n - 1
            ),
            2 => write!(
                text,
                "otelcol.processor.batch \"batch_{n}\" {{\n\ttimeout         = \"5s\"\n\tsend_batch_size = {}\n\n\toutput {{\n\t\ttraces = [otelcol.processor.batch.batch_{}.input]\n\t\tlogs   = [] // nobody reads them\n\t}}\n}}\n\n",
                n % 1_000 + 1,
                n + 4
            ),
            _ => write!(
                text,
                "discovery.relabel \"relabel_{n}\" {{\n\ttargets = discovery.docker.containers.targets\n\n\trule {{\n\t\tsource_labels = [\"__meta_docker_container_name\"]\n\t\tregex         = \"/(.*)\"\n\t\ttarget_label  = \"container\"\n\t}}\n}}\n\n"
            ),
        };
        result.expect("a string takes everything");
    }
    let end = COMPONENTS + 2;
    let last = write!(
        text,
        "otelcol.processor.batch \"batch_{end}\" {{\n\toutput {{\n\t\ttraces = [otelcol.exporter.otlp.tempo.input]\n\t}}\n}}\n\notelcol.exporter.otlp \"tempo\" {{\n\tclient {{\n\t\tendpoint = \"tempo:4317\"\n\t}}\n}}\n\notelcol.receiver.otlp \"default\" {{\n\tgrpc {{ }}\n\n\toutput {{\n\t\ttraces = [otelcol.processor.batch.batch_2.input]\n\t}}\n}}\n"
    );
    last.expect("a string takes everything");
    text
}

/// The fastest of some rounds. Each is long enough for a clock that ticks, and counts what this thread computed where the
/// system tells, so that a busy machine disturbs less.
pub(crate) fn fastest(mut run: impl FnMut()) -> Duration {
    let mut round = || {
        let (start, wall) = (on_cpu(), Instant::now());
        for _ in 0..LAPS {
            run();
        }
        let took = match (start, on_cpu()) {
            (Some(start), Some(end)) => end.saturating_sub(start),
            _ => wall.elapsed(),
        };
        took / LAPS
    };
    (0..RUNS).map(|_| round()).min().unwrap_or_default()
}

/// How long this thread has computed so far, where the system tells.
fn on_cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
