//! How fast configs of Alloy are checked, and how much memory that takes: in this process, and whole processes as a user
//! waits for them.
//!
//! Prints figures and gates nothing, since shared machines are noisy. `cargo bench --bench alloy_check` runs it.

#![allow(clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Instant;

use vispyr::check::{self, Options};
use vispyr::engines;
use vispyr::tree::{RawTree, Settings, Tree};

mod sample;

use sample::{COMPONENTS, RUNS, fastest, sample};

/// Whole processes that are timed.
const PROCESSES: usize = 40;

fn main() {
    let text = sample();
    let mb = text.len() as f64 / 1e6;
    println!("{COMPONENTS} components, {mb:.2} MB");
    let parse = fastest(|| drop(black_box(vispyr_alloy::parse(&text))));
    let read = fastest(|| drop(black_box(tree(&text))));
    let both = fastest(|| drop(black_box(check::check(&tree(&text), &Options::default()))));
    let found = check::check(&tree(&text), &Options::default()).diagnostics;
    for diagnostic in found.iter().take(3) {
        println!("the sample is meant to be clean: {}", diagnostic.message);
    }
    for (what, took) in [("parse (goal 200 MB/s)", parse), ("read", read), ("parse and check (goal 100 MB/s)", both)] {
        let seconds = took.as_secs_f64();
        println!("{what}: fastest of {RUNS} {:.2} ms, {:.0} MB/s", seconds * 1e3, mb / seconds);
    }
    let scratch = tempfile::tempdir().expect("a temporary folder");
    for (what, text) in [("all of it", text.as_str()), ("one ordinary config (goal 2 ms)", ORDINARY)] {
        let file = scratch.path().join("config.alloy");
        std::fs::write(&file, text).expect("a temporary file");
        let mut times: Vec<f64> = (0..PROCESSES)
            .map(|_| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_vispyr"));
                command.arg("check").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                let start = Instant::now();
                command.status().expect("vispyr runs");
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!("process on {what}: median {:.1} ms, fastest {:.1} ms", times[PROCESSES / 2], times[0]);
    }
}

fn tree(text: &str) -> Tree {
    let mut settings = Settings::default();
    settings.engines.insert("alloy".to_owned(), vispyr::catalogue::Version::new(1, 11, 3));
    engines::tree(RawTree::from_texts([("config.alloy", text)]), &settings)
}

/// What a host runs: containers' logs, its metrics, and traces of applications.
const ORDINARY: &str = r#"logging {
	level  = "info"
	format = "logfmt"
}

discovery.docker "containers" {
	host = "unix:///var/run/docker.sock"
}

discovery.relabel "containers" {
	targets = discovery.docker.containers.targets

	rule {
		source_labels = ["__meta_docker_container_name"]
		regex         = "/(.*)"
		target_label  = "container"
	}
}

loki.source.docker "containers" {
	host       = "unix:///var/run/docker.sock"
	targets    = discovery.relabel.containers.output
	forward_to = [loki.process.containers.receiver]
}

loki.process "containers" {
	forward_to = [loki.write.default.receiver]

	stage.json {
		expressions = { level = "level", msg = "message" }
	}

	stage.labels {
		values = { level = "" }
	}
}

loki.write "default" {
	endpoint {
		url = "http://loki:3100/loki/api/v1/push"
	}
}

prometheus.exporter.unix "host" {
	set_collectors = ["cpu", "meminfo", "filesystem"]
}

prometheus.scrape "host" {
	targets         = prometheus.exporter.unix.host.targets
	forward_to      = [prometheus.remote_write.default.receiver]
	scrape_interval = "15s"
}

prometheus.remote_write "default" {
	endpoint {
		url = "http://prometheus:9090/api/v1/write"
	}
}

otelcol.receiver.otlp "default" {
	grpc {
		endpoint = "0.0.0.0:4317"
	}

	http {
		endpoint = "0.0.0.0:4318"
	}

	output {
		metrics = [otelcol.processor.batch.default.input]
		logs    = [otelcol.processor.batch.default.input]
		traces  = [otelcol.processor.batch.default.input]
	}
}

otelcol.processor.batch "default" {
	output {
		metrics = [otelcol.exporter.prometheus.default.input]
		logs    = [otelcol.exporter.loki.default.input]
		traces  = [otelcol.exporter.otlp.tempo.input]
	}
}

otelcol.exporter.prometheus "default" {
	forward_to = [prometheus.remote_write.default.receiver]
}

otelcol.exporter.loki "default" {
	forward_to = [loki.write.default.receiver]
}

otelcol.exporter.otlp "tempo" {
	client {
		endpoint = "tempo:4317"

		tls {
			insecure = true
		}
	}
}
"#;
