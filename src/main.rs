//! The `vispyr` command: arguments → command → exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    vispyr::command::main(std::env::args_os())
}
