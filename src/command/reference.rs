//! The reference page of the command line, written from its types.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory};

use super::args::Args;

/// `docs/cli.md`.
pub fn reference() -> String {
    let mut out = String::from(
        "# The command line\n\n\
         Generated from its types; `vispyr COMMAND --help` prints the same.\n\n\
         Exit codes: 0 clean; 1 findings of severity error, an error in `vispyr.toml`, drift, or an edited file in the way; 2 wrong \
         usage, unreadable input, or a write that failed.\n",
    );
    let mut root = Args::command();
    // Gives every command its full name and its usage line.
    root.build();
    for command in root.get_subcommands().filter(|c| !c.is_hide_set()) {
        one(&mut out, command);
    }
    out
}

fn one(out: &mut String, command: &Command) {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim_end();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = write!(out, "\n## `vispyr {}`\n\n{about}.\n\n```text\n{usage}\n```\n", command.get_name());
    let shown = |a: &&Arg| !a.is_hide_set() && a.get_id() != "help" && a.get_id() != "version";
    let mut args = command.get_arguments().filter(shown).peekable();
    if args.peek().is_none() {
        return;
    }
    out.push_str("\n| argument | default | what it says |\n|---|---|---|\n");
    for arg in args {
        let default: Vec<_> = arg.get_default_values().iter().map(|v| format!("`{}`", v.to_string_lossy())).collect();
        // A flag's default is that it is not there.
        let default = if arg.get_action().takes_values() { default.join(" ") } else { String::new() };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(out, "| `{}` | {default} | {} |", name(arg), help.replace('|', "\\|"));
    }
}

/// `-o, --output <DIR>`, or `<PATH>...`.
fn name(arg: &Arg) -> String {
    let dashed = [arg.get_short().map(|s| format!("-{s}")), arg.get_long().map(|l| format!("--{l}"))];
    let dashed: Vec<String> = dashed.into_iter().flatten().collect();
    let values =
        arg.get_value_names().unwrap_or_default().iter().map(|v| format!("<{v}>")).collect::<Vec<_>>().join(" ");
    match (dashed.is_empty(), arg.get_action().takes_values()) {
        (true, _) => values,
        (false, true) => format!("{} {values}", dashed.join(", ")),
        (false, false) => dashed.join(", "),
    }
}
