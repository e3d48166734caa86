//! How fast the Alloy language is read and written, and how much memory its tree takes, beside the parser and the printer of
//! Alloy itself (its `syntax` Go module, in the same run) where Go is there.
//!
//! Prints figures and gates nothing, since shared machines are noisy. `cargo bench -p vispyr-alloy` runs it.

#![allow(clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

mod sample;

use sample::{COMPONENTS, LAPS, RUNS, fastest, sample};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, flag, what, file] = args.as_slice()
        && flag == "--peak"
    {
        println!("{}", peak(what, file));
        return;
    }
    let text = sample();
    println!("{COMPONENTS} components, {:.2} MB", text.len() as f64 / 1e6);
    let mut tokens = 0;
    let lex = fastest(|| tokens = black_box(vispyr_alloy::tokens(&text)).0.len());
    speed(&format!("lex ({tokens} tokens)"), &text, lex);
    let parse = fastest(|| drop(black_box(vispyr_alloy::parse(&text))));
    speed("parse (goal 200 MB/s)", &text, parse);
    let file = vispyr_alloy::parse(&text).file;
    let print = fastest(|| drop(black_box(vispyr_alloy::print(&file))));
    speed("print", &text, print);
    let format = fastest(|| drop(black_box(vispyr_alloy::format(&text))));
    speed("format", &text, format);

    let scratch = tempfile();
    std::fs::write(&scratch, &text).expect("a temporary file");
    memory(&text, &scratch);
    upstream(&scratch, parse, print);
    std::fs::remove_file(&scratch).expect("the temporary file");
}

fn tempfile() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("vispyr-bench-{}.alloy", std::process::id()))
}

fn speed(what: &str, text: &str, took: Duration) {
    let rate = text.len() as f64 / 1e6 / took.as_secs_f64();
    println!("{what}: fastest of {RUNS} {:.2} ms, {rate:.0} MB/s", took.as_secs_f64() * 1e3);
}

/// Peak memory of a process that only reads the file, and of one that also parses it and holds the tree.
fn memory(text: &str, file: &Path) {
    let own = std::env::current_exe().expect("the path of this program");
    let ask = |what: &str| -> Option<f64> {
        let output = Command::new(&own).args(["--peak", what]).arg(file).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    match (ask("read"), ask("parse"), ask("format")) {
        (Some(read), Some(parse), Some(format)) if read > 0.0 => {
            let size = text.len() as f64;
            println!(
                "memory beside the text: parse {:.1} × the source (goal 8), format {:.1} ×",
                (parse - read) / size,
                (format - read) / size
            );
        }
        _ => println!("memory: not measured, this system does not tell a process its peak"),
    }
}

/// The peak of this process in bytes after it did that; 0 where the system does not say.
fn peak(what: &str, file: &str) -> u64 {
    let text = std::fs::read_to_string(file).expect("the file of the bench");
    match what {
        "parse" => drop(black_box(vispyr_alloy::parse(&text))),
        "format" => drop(black_box(vispyr_alloy::format(&text))),
        _ => drop(black_box(text)),
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).map_or(0, |kib| kib << 10)
}

/// The same file through Alloy's own parser and printer.
fn upstream(file: &Path, parse: Duration, print: Duration) {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/conformance/loaders");
    let output = Command::new("go")
        .args(["run", "-mod=readonly", "-buildvcs=false", ".", "alloy-speed"])
        .arg(file)
        .args([RUNS.to_string(), LAPS.to_string()])
        .current_dir(module)
        .env("GOWORK", "off")
        .output();
    let output = match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => {
            println!("upstream: left out, it does not run: {}", String::from_utf8_lossy(&output.stderr).trim());
            return;
        }
        Err(_) => {
            println!("upstream: left out, there is no `go` on the PATH");
            return;
        }
    };
    let times: Vec<f64> = output.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [their_parse, their_print] = times[..] else {
        println!("upstream: left out, it said {output:?}");
        return;
    };
    let ms = |ns: f64| ns / 1e6;
    println!(
        "upstream (syntax v0.1.1): parse {:.1} ms, print {:.1} ms: vispyr parses {:.1} × and prints {:.1} × as fast",
        ms(their_parse),
        ms(their_print),
        their_parse / 1e9 / parse.as_secs_f64(),
        their_print / 1e9 / print.as_secs_f64()
    );
}
