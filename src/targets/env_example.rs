//! `.env.example` of one host: the names of its secrets and what each is for, never a value.

use std::fmt::Write as _;

use crate::emitter::{Emitted, Mode, header};
use crate::stack::{Derived, Host, Stack};

/// Writes it; a host without secrets has none.
pub fn emit(stack: &Stack, host: &Host, _: &dyn Fn(&str) -> String) -> Vec<Emitted> {
    let here = || stack.secrets.iter().filter(|s| s.folders.contains(&host.folder));
    if here().next().is_none() {
        return Vec::new();
    }
    let mut content = header("#");
    content.push_str("#\n# What `.env` holds. `vispyr gen` fills in what is missing there and keeps what it finds.\n");
    for secret in here() {
        let from = match secret.derived {
            Some(Derived::Given) => "; not generated",
            Some(Derived::Basic { .. }) => "; made from the other",
            None => "",
        };
        // Writing into a string cannot fail.
        let _ = write!(content, "\n# {}{from}\n{}=\n", secret.purpose, secret.variable);
    }
    vec![Emitted { path: host.path(".env.example"), kind: "env-example", engine: None, mode: Mode::Public, content }]
}
