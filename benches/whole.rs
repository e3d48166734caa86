//! Whole processes, as a user waits for them: `gen` of a preset into a folder and `check` of what it wrote.
//!
//! Prints wall times and peak memory; gates nothing, since shared machines are noisy. `cargo bench` runs it.

#![allow(clippy::expect_used, clippy::print_stdout)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 40;

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
