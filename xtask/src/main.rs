//! Chores of the repository: `cargo xtask TASK`.

#![forbid(unsafe_code)]
// A chore talks to the one who runs it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod catalogue;
mod chores;
mod conformance;
mod new_rule;
#[path = "../../tests/suite/page.rs"]
mod page;
// Its strategy is for the suite; here tapes are drawn with a fixed seed.
#[allow(dead_code)]
#[path = "../../tests/suite/specs.rs"]
mod specs;
mod verdicts;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask TASK

  bless                 write the `findings` and `fixed` blocks of every case page as they are now
  docs                  write the generated pages of docs/
  changes ENGINE A B    print what changed between two releases, by component
  new rule SCOPE STEM   write the two files of a rule and print the lines that register it
  catalogue alloy CHECKOUT [--out FILE]
                        write schemas/alloy.json from the release tags of a clone or mirror (needs Go)
  catalogue metrics ENGINE CHECKOUT [--mirror MODULE=CHECKOUT]…
                        write schemas/metrics/ENGINE.json, the names of the metrics that it has of itself (needs Go)
  catalogue grafana-ini VERSION=ORIGIN=FOLDER…
                        write schemas/grafana/ini.json from what folders hold of releases of Grafana: conf/*.ini, the
                        documentation, the source
  catalogue compose CHECKOUT [--out FILE]
                        write schemas/compose/spec.json from the release tags of compose-spec/compose-go, and from the
                        releases of its Go module that are newer (needs Go)
  conformance           hold what `vispyr gen` writes against the engines' own code (needs Go)
  conformance language [FOLDER [MUTATIONS]]
                        only the Alloy language: all files of a folder (else those of this repository), and texts made of
                        them by chance, against Alloy's own parser and printer (needs Go)
  conformance compose [FOLDER [MUTATIONS]]
                        only compose files: the stacks of a folder (else the cases of this repository), and mutations of
                        them, against compose's own loader (needs Go)
  conformance prometheus [FOLDER [COUNT]]
                        only what Prometheus loads: the files of its case pages, or of a folder, and accidents made of them,
                        against promtool 2.55 and 3.14 (needs Go)
  conformance alertmanager [FOLDER [COUNT]]
                        only what Alertmanager loads: the files of its case pages, or of a folder, and accidents made of
                        them, against its loader of 0.26 and 0.34 (needs Go)
  conformance regexp [COUNT]
                        only regular expressions, made by chance, against Go's own `regexp` (needs Go)
  conformance relabel [COUNT]
                        only relabelling, of sets and rules made by chance, against Prometheus' own code (needs Go)
  conformance silence   only silent failures: stacks that deliver on the real Prometheus, and the same ones broken, which must
                        start, deliver nothing and be told (needs Go)
  verdicts              record what real programs say to the cases that name them (needs Go)
  verdicts --engines DIR
                        record what the `alloy-VERSION` binaries of a folder say to the cases of Alloy's rules (needs
                        user namespaces)";

/// The repository.
fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["bless"] => chores::suite("every_case"),
        ["docs"] => chores::suite("docs::"),
        ["new", "rule", scope, stem] => new_rule::run(scope, stem),
        ["catalogue", rest @ ..] => catalogue::run(rest),
        ["conformance"] => conformance::run(),
        ["conformance", "language", of @ ..] => conformance::language(of),
        ["conformance", "compose", of @ ..] => conformance::composes(of),
        ["conformance", "prometheus", of @ ..] => conformance::prometheus(of),
        ["conformance", "alertmanager", of @ ..] => conformance::alertmanager(of),
        ["conformance", "regexp", of @ ..] => conformance::regexps(of),
        ["conformance", "relabel", of @ ..] => conformance::relabel(of),
        ["conformance", "silence"] => conformance::silence(),
        ["verdicts"] => verdicts::run(),
        ["verdicts", "--engines", folder] => verdicts::engines(Path::new(folder)),
        ["changes", engine, from, to] => chores::changes(engine, from, to),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
