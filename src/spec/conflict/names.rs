//! Things that are named twice.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;
use crate::spec::read::{Got, Table, Value, Values};
use crate::spec::report::Report;
use crate::spec::rules;
use crate::spec::text::{printable, target};

use super::{conflict, idle};

pub(super) fn check(values: &Values, report: &mut Report<'_>) {
    services(values, report);
    scrape_names(values, report);
    targets(values, report);
    dimensions(values, report);
}

fn text<'a>(table: &'a Table, key: &str) -> Option<(&'a str, Span)> {
    match table.get(key) {
        Got::Written(value, _) => match &value.value {
            Value::Text(text) => Some((text, value.span)),
            _ => None,
        },
        _ => None,
    }
}

/// Two services of one name in one namespace are one to every store.
fn services(values: &Values, report: &mut Report<'_>) {
    let mut seen: HashMap<(&str, &str), Span> = HashMap::new();
    for table in values.all("services") {
        let Some((name, span)) = text(table, "name") else { continue };
        if matches!(table.get("namespace"), Got::Broken) {
            continue;
        }
        let namespace = text(table, "namespace").map_or("", |(n, _)| n);
        match seen.get(&(namespace, name)) {
            Some(first) => report.push(
                conflict(span, format!("service `{}` is named twice", printable(name)))
                    .label(*first, "first named here")
                    .help("remove one, or give them different namespaces"),
            ),
            None => {
                seen.insert((namespace, name), span);
            }
        }
    }
}

/// Names of jobs become parts of names in the collector's configuration, where `-` is `_`.
fn scrape_names(values: &Values, report: &mut Report<'_>) {
    let mut seen: HashMap<String, (&str, Span)> = HashMap::new();
    for table in values.all("scrape") {
        let Some((name, span)) = text(table, "name") else { continue };
        match seen.get(&name.replace('-', "_")) {
            Some((first, at)) if *first == name => report.push(
                conflict(span, format!("scrape `{name}` is named twice"))
                    .label(*at, "first named here")
                    .help("give it another name, or add its targets to the first"),
            ),
            Some((first, at)) => report.push(
                conflict(span, format!("scrapes `{first}` and `{name}` differ only in `-` and `_`"))
                    .label(*at, "first named here")
                    .help("give one another name"),
            ),
            None => {
                seen.insert(name.replace('-', "_"), (name, span));
            }
        }
    }
}

fn targets(values: &Values, report: &mut Report<'_>) {
    let mut seen: HashMap<(&str, &str, &str), (usize, Span)> = HashMap::new();
    for (index, table) in values.all("scrape").enumerate() {
        let Got::Written(list, _) = table.get("targets") else { continue };
        let Value::Texts(list) = &list.value else { continue };
        let path = match table.get("path") {
            Got::Written(..) => text(table, "path").map_or("", |(p, _)| p),
            Got::Absent => super::default("scrape", "path").unwrap_or_default(),
            Got::Broken => continue,
        };
        let scheme = match table.get("scheme") {
            Got::Written(value, _) => match value.value {
                Value::Word(word) => word,
                _ => continue,
            },
            Got::Absent => super::default("scrape", "scheme").unwrap_or_default(),
            Got::Broken => continue,
        };
        for item in list {
            let key = (item.value.as_str(), path, scheme);
            match seen.get(&key) {
                Some((first, at)) if *first == index => report.push(
                    conflict(item.span, format!("target `{}` is listed twice", printable(&item.value)))
                        .label(*at, "first listed here")
                        .help("remove one"),
                ),
                Some((_, at)) => report.push(
                    idle(item.span, format!("target `{}` is scraped twice", printable(&item.value)))
                        .label(*at, "first listed here")
                        .help("remove it from one of the scrapes"),
                ),
                None => {
                    seen.insert(key, (index, item.span));
                }
            }
            if let Ok((host, _)) = target(&item.value)
                && (host.eq_ignore_ascii_case("localhost") || is_loopback(host))
            {
                let message = format!("`{}` is the collector's own container", printable(&item.value));
                let found = Diagnostic::new(&rules::INVALID_VALUE, item.span, message).severity(Severity::Warning);
                report.push(found.help("name the container of the target, or an address of its host"));
            }
        }
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn dimensions(values: &Values, report: &mut Report<'_>) {
    let Got::Written(list, _) = values.get("collector", "dimensions") else { return };
    let Value::Texts(list) = &list.value else { return };
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for item in list {
        match seen.get(item.value.as_str()) {
            Some(first) => report.push(
                conflict(item.span, format!("dimension `{}` is listed twice", printable(&item.value)))
                    .label(*first, "first listed here")
                    .help("remove one"),
            ),
            None => {
                seen.insert(&item.value, item.span);
            }
        }
    }
}
