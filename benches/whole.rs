//! Whole processes, as a user waits for them: `gen` of a preset into a folder and `check` of what it wrote; and linking by
//! itself, over sizes, as its cost must grow with the tree and no faster.
//!
//! Prints wall times and peak memory; gates nothing, since shared machines are noisy. `cargo bench` runs it.

#![allow(clippy::expect_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vispyr::engine::Findings;
use vispyr::link::{self, rules};
use vispyr::tree::{RawTree, Settings};
use vispyr::{check, engines};

const RUNS: usize = 40;

/// Services of the trees that are linked.
const SIZES: [usize; 4] = [1_000, 2_000, 5_000, 10_000];

fn main() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    for preset in ["single-host", "agent-gateway"] {
        let folder = scratch.path().join(preset);
        let output = folder.to_str().expect("a readable path");
        report(&format!("gen {preset}, into an empty folder (goal 30 ms)"), || {
            // The folder of the run before; there is none before the first.
            let _ = std::fs::remove_dir_all(&folder);
            vispyr(&["gen", "--preset", preset, "-o", output], Path::new("."))
        });
        report(&format!("gen {preset} again, nothing to do (goal 30 ms)"), || vispyr(&["gen"], &folder));
        report(&format!("check {preset} (goal 10 ms)"), || vispyr(&["check", "."], &folder));
    }
    report("start and print the version", || vispyr(&["--version"], Path::new(".")));
    SIZES.into_iter().for_each(linking);
}

/// As many applications as asked for, each behind a collector of its own kind: one in ten is a Prometheus or a Tempo, the
/// others send to those; one Prometheus scrapes all.
fn tree(size: usize) -> Vec<(String, String)> {
    let mut compose = "services:\n".to_owned();
    let mut jobs = "scrape_configs:\n  - job_name: all\n    static_configs:\n      - targets:\n".to_owned();
    for at in 0..size {
        let next = at / 10 * 10;
        let _ = match at % 10 {
            0 => writeln!(
                compose,
                "  s{at}:\n    image: prom/prometheus:v3.14.0\n    command: [--config.file=/etc/prometheus/prometheus.yml]"
            ),
            1 => writeln!(
                compose,
                "  s{at}:\n    image: grafana/tempo:2.10.8\n    command: [-config.file=/etc/tempo.yaml]"
            ),
            _ => writeln!(
                compose,
                "  s{at}:\n    image: example.org/app:1.0.0\n    environment:\n      OTEL_EXPORTER_OTLP_ENDPOINT: http://s{next}:9090\n      OTHER_URL: http://s{}:8080",
                (at + 1) % size
            ),
        };
        let _ = writeln!(jobs, "          - s{at}:9090");
    }
    compose.push_str(
        "  all:\n    image: prom/prometheus:v3.14.0\n    volumes: [\"./all.yml:/etc/prometheus/prometheus.yml\"]\n",
    );
    vec![("compose.yaml".to_owned(), compose), ("all.yml".to_owned(), jobs)]
}

/// Symbols → routes and findings, without what comes before.
fn linking(size: usize) {
    let files = tree(size);
    let raw = RawTree::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let tree = engines::tree(raw, &Settings::default());
    let symbols = check::symbols(&tree);
    report(&format!("link {size} services (goal 150 ms for 10000)"), || {
        let start = Instant::now();
        let linked = link::link(&tree, &symbols);
        let mut findings = Findings::default();
        for rule in rules::ALL {
            (rule.run)(&linked, &mut findings);
        }
        start.elapsed()
    });
}

fn vispyr(args: &[&str], folder: &Path) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vispyr"));
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("vispyr runs");
    assert!(status.success(), "{args:?} failed");
    start.elapsed()
}

fn report(name: &str, mut run: impl FnMut() -> Duration) {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run()).collect();
    times.sort_unstable();
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!(
        "{name}: median {:.1} ms, fastest {:.1} ms, slowest {:.1} ms",
        ms(times[RUNS / 2]),
        ms(times[0]),
        ms(times[RUNS - 1])
    );
}
