//! Configurations of exporters that stand inside of values as YAML, which their readers take strictly.

use std::sync::Arc;

use super::judge::Why;
use crate::lang::quantity::go_duration;
use crate::parse::{Dialect, Node, yaml};
use crate::source::SourceId;

/// Longer texts are not read.
const LONGEST: usize = 1 << 18;

/// Whose configuration it is, by what it may hold at the top. All are read by `yaml.v2` (grafana/alloy
/// internal/component/prometheus/exporter/blackbox/blackbox.go, snmp/snmp.go, mssql/mssql.go@v1.0.0, @v1.11.3, @v1.19.0-rc.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Embedded {
    /// prometheus/blackbox_exporter config/config.go@bd22efa1c900.
    Blackbox,
    /// prometheus/snmp_exporter config/config.go@v0.24.1, @v0.29.0.
    Snmp,
    /// burningalchemist/sql_exporter config/collector_config.go@466b38b6abc4, @9bf25f71582f.
    Mssql,
}

impl Embedded {
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Blackbox => &["modules"],
            Self::Snmp => &["auths", "modules", "version"],
            Self::Mssql => &["collector_name", "min_interval", "metrics", "queries"],
        }
    }
}

/// What a module of the blackbox exporter may hold.
const MODULE: [&str; 7] = ["prober", "timeout", "http", "tcp", "icmp", "dns", "grpc"];

/// Why a text is refused; `None` = it is not, as far as it is looked at.
pub(super) fn fault(text: &str, embedded: Embedded) -> Option<Why> {
    // Behind the first document nothing is read.
    if text.len() > LONGEST || text.contains("\n---") {
        return None;
    }
    let (document, errors) = yaml(SourceId(0), &Arc::from(text), Dialect::V2);
    if let Some(error) = errors.into_iter().next() {
        return Some(Why { message: error.message, help: error.help });
    }
    let root = document.root().filter(|root| !root.is_null())?;
    if !root.is_map() {
        return told(format!("it is no object with `{}`", embedded.keys().join("`, `")));
    }
    if let Some(why) = unknown(root, embedded.keys()) {
        return Some(why);
    }
    if embedded != Embedded::Blackbox {
        return None;
    }
    let modules = root.get("modules").into_iter().flat_map(Node::entries);
    modules.into_iter().map(|entry| entry.value).filter(|module| module.is_map()).find_map(module)
}

fn module(module: Node<'_>) -> Option<Why> {
    unknown(module, &MODULE).or_else(|| {
        let timeout = module.get("timeout").and_then(Node::scalar)?;
        let number = timeout.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let reads = go_duration(timeout).is_ok() || timeout.parse::<f64>().is_ok() || !number;
        if reads { None } else { told(format!("`timeout` is no duration: `{timeout}`")) }
    })
}

/// A key that the reader does not know.
fn unknown(map: Node<'_>, keys: &[&str]) -> Option<Why> {
    let entries = map.entries();
    let mut others = entries.iter().map(|entry| entry.name()).filter(|name| *name != "<<" && !keys.contains(name));
    let other = others.next()?;
    told(format!(
        "there is no `{other}` beside {}",
        keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
    ))
}

fn told(message: String) -> Option<Why> {
    Some(Why { message, help: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_reader_refuses() {
        use Embedded::{Blackbox, Mssql, Snmp};
        for (text, of, good) in [
            ("", Blackbox, true),
            ("{ modules: { a: { prober: http, timeout: 5s } } }", Blackbox, true),
            ("modules:\n  a:\n    prober: http\n    timeout: 5\n", Blackbox, true),
            ("{ modules: { a: { prober: http, timeout: 5x } } }", Blackbox, false),
            ("{ modules: { a: { probe: http } } }", Blackbox, false),
            ("{ module: { } }", Blackbox, false),
            ("{ modules: [", Snmp, false),
            ("modules:\n\ta: 1\n", Snmp, false),
            ("{ auths: { }, modules: { }, version: 2 }", Snmp, true),
            ("- a", Snmp, false),
            ("{ collector_name: foo", Mssql, false),
            ("collector_name: foo\nmetrics: []\n", Mssql, true),
            ("modules: {}\n---\n[", Blackbox, true),
        ] {
            assert_eq!(fault(text, of).is_none(), good, "{text}");
        }
    }
}
