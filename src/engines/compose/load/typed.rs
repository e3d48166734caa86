//! What the schema lets pass and the loader refuses when it makes values of texts (`transform/`, `types/`, `validation/` of
//! compose-spec/compose-go@v2.13.0 and @v2.16.2).

use super::cast::{fits, truth};
use super::model::{Entry, Item, Kind, Map};
use super::{Fault, Faults, scalar};

/// A way to look at a value; says what is wrong with it.
type Look = fn(&Item) -> Option<String>;

/// Below a service, a job, or a hook that runs before one.
const VALUES: [(&str, Look); 62] = [
    ("stop_grace_period", duration),
    ("healthcheck.interval", duration),
    ("healthcheck.timeout", duration),
    ("healthcheck.start_period", duration),
    ("healthcheck.start_interval", duration),
    ("healthcheck.retries", unsigned),
    ("deploy.update_config.delay", duration),
    ("deploy.update_config.monitor", duration),
    ("deploy.update_config.parallelism", unsigned),
    ("deploy.rollback_config.delay", duration),
    ("deploy.rollback_config.monitor", duration),
    ("deploy.rollback_config.parallelism", unsigned),
    ("deploy.restart_policy.delay", duration),
    ("deploy.restart_policy.window", duration),
    ("deploy.restart_policy.max_attempts", unsigned),
    ("deploy.placement.max_replicas_per_node", unsigned),
    ("deploy.resources.limits.cpus", number),
    ("deploy.resources.limits.memory", size),
    ("deploy.resources.limits.pids", whole),
    ("deploy.resources.reservations.cpus", number),
    ("deploy.resources.reservations.memory", size),
    ("deploy.resources.reservations.devices.*", request),
    ("deploy.resources.reservations.devices.*.count", count),
    ("deploy.resources.reservations.generic_resources.*.discrete_resource_spec.value", whole),
    ("gpus.*", request),
    ("gpus.*.count", count),
    ("mem_limit", size),
    ("mem_reservation", size),
    ("memswap_limit", size),
    ("mem_swappiness", size),
    ("shm_size", size),
    ("build.shm_size", size),
    ("blkio_config.device_read_bps.*.rate", size),
    ("blkio_config.device_read_iops.*.rate", size),
    ("blkio_config.device_write_bps.*.rate", size),
    ("blkio_config.device_write_iops.*.rate", size),
    ("blkio_config.weight", no_text),
    ("blkio_config.weight_device.*.weight", no_text),
    ("volumes.*.tmpfs.size", size),
    ("volumes.*.tmpfs.mode", no_text),
    ("attach", boolean),
    ("build.no_cache", boolean),
    ("build.pull", boolean),
    ("build.privileged", boolean),
    ("volumes.*.bind.create_host_path", boolean),
    ("env_file.*.required", boolean),
    ("post_start.*.privileged", boolean),
    ("pre_stop.*.privileged", boolean),
    ("pre_start.*.per_replica", boolean),
    ("command", command),
    ("entrypoint", command),
    ("post_start.*.command", command),
    ("pre_stop.*.command", command),
    ("ports.*", port),
    ("volumes.*", volume),
    ("devices.*", device),
    ("ulimits.*", ulimit),
    ("build.ulimits.*", ulimit),
    ("expose.*", expose),
    ("group_add.*", no_fraction),
    ("configs.*.mode", mode),
    ("secrets.*.mode", mode),
];

/// The same, for values that are collections.
const LISTS: [(&str, Look); 9] = [
    ("environment", environment),
    ("build.args", environment),
    ("post_start.*.environment", environment),
    ("pre_stop.*.environment", environment),
    ("extra_hosts", hosts),
    ("build.extra_hosts", hosts),
    ("build.additional_contexts", contexts),
    ("build.ssh", ssh),
    ("develop.watch.*.path", blank),
];

/// Holds a merged file to what the loader makes of it.
pub(super) fn check(dict: &Map, faults: &mut Faults) {
    for section in ["services", "jobs"] {
        for (name, entry) in dict.map(section).into_iter().flat_map(|m| &m.entries) {
            let path = vec![section.to_owned(), name.clone()];
            walk(&entry.item, &path, 2, faults);
        }
    }
    resources(dict, faults);
}

/// Looks at a value and at all below it.
fn walk(item: &Item, path: &[String], from: usize, faults: &mut Faults) {
    if item.is_open() || path.len() > 24 {
        return;
    }
    let parts: Vec<&str> = path[from..].iter().map(String::as_str).collect();
    // What holds for a service's container holds for the one of a hook.
    let rest = match parts.as_slice() {
        ["pre_start", "[]", rest @ ..] if rest.first() != Some(&"per_replica") => rest,
        all => all,
    };
    let look = VALUES.iter().chain(&LISTS).find(|(pattern, _)| fits(pattern, rest));
    if let Some(message) = look.and_then(|(_, look)| look(item)) {
        let shown = path.join(".").replace(".[]", "[]");
        faults.push(Fault::new(item.span, format!("`{shown}`: {message}")));
        return;
    }
    let mut next = path.to_vec();
    match &item.kind {
        Kind::Map(map) => {
            for (key, entry) in &map.entries {
                if key.starts_with("x-") {
                    continue;
                }
                next.push(key.clone());
                walk(&entry.item, &next, from, faults);
                next.pop();
            }
        }
        Kind::List(items) => {
            next.push("[]".to_owned());
            for item in items {
                walk(item, &next, from, faults);
            }
        }
        _ => {}
    }
}

fn duration(item: &Item) -> Option<String> {
    let text = item.printed()?;
    (!scalar::is_duration(&text)).then(|| format!("`{text}` is no duration: write it as `30s` or `1m30s`"))
}

fn size(item: &Item) -> Option<String> {
    let text = item.text()?;
    scalar::bytes(text).is_none().then(|| format!("`{text}` is no size: write it as `512m` or `1g`"))
}

fn number(item: &Item) -> Option<String> {
    let text = item.text()?;
    scalar::go_float(text).is_none().then(|| format!("`{text}` is no number"))
}

fn whole(item: &Item) -> Option<String> {
    let text = item.text()?;
    text.parse::<i64>().is_err().then(|| format!("`{text}` is no whole number"))
}

fn unsigned(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Int(n) if *n < 0 => Some(format!("`{n}` is less than nothing")),
        Kind::Float(n) if *n < 0.0 => Some(format!("`{n}` is less than nothing")),
        Kind::Text(text) => Some(format!("`{text}` is no whole number")),
        _ => None,
    }
}

fn count(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) if text.eq_ignore_ascii_case("all") || text.parse::<i64>().is_ok() => None,
        Kind::Text(text) => Some(format!("`{text}` is no number of devices: write one, or `all`")),
        Kind::Float(n) => Some(format!("`{n}` is no number of devices")),
        _ => None,
    }
}

fn request(item: &Item) -> Option<String> {
    let map = item.map()?;
    let both = map.get("count").is_some() && map.get("device_ids").is_some();
    both.then(|| "`count` and `device_ids` exclude each other".to_owned())
}

fn no_text(item: &Item) -> Option<String> {
    item.text().map(|text| format!("`{text}` is text, not a number"))
}

fn no_fraction(item: &Item) -> Option<String> {
    if let Kind::Float(n) = item.kind { Some(format!("`{n}` is no group")) } else { None }
}

fn boolean(item: &Item) -> Option<String> {
    let text = item.text()?;
    truth(text).is_none().then(|| format!("`{text}` is neither `true` nor `false`"))
}

fn command(item: &Item) -> Option<String> {
    let text = item.text()?;
    (!scalar::is_command(text)).then(|| "a quote or a bracket of this command line is not closed".to_owned())
}

fn mode(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) if i64::from_str_radix(text, 8).is_err() => Some(format!("`{text}` is no file mode")),
        Kind::Float(n) => Some(format!("`{n}` is no file mode")),
        _ => None,
    }
}

fn port(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) => scalar::port_fault(text),
        Kind::Int(n) => scalar::port_fault(&n.to_string()),
        Kind::Float(n) => Some(format!("`{n}` is no port; put `HOST:CONTAINER` in quotes")),
        Kind::Map(map) => {
            let Some(target) = map.get("target") else { return Some("`target` is missing".to_owned()) };
            if let Kind::Int(n) = target.kind
                && n < 0
            {
                return Some(format!("`{n}` is no port"));
            }
            let ip = map.text("host_ip")?;
            (!scalar::is_ip(ip)).then(|| format!("`{ip}` is no address"))
        }
        _ => None,
    }
}

fn volume(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) => scalar::volume(text).err().map(|why| format!("`{text}` is no mount: {why}")),
        Kind::Map(map) => map.get("target").is_none().then(|| "`target` is missing".to_owned()),
        _ => None,
    }
}

fn device(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) if text.matches(':').count() > 2 => Some(format!("`{text}` has too many colons")),
        Kind::Map(map) => map.get("target").is_none().then(|| "`target` is missing".to_owned()),
        _ => None,
    }
}

fn ulimit(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::Text(text) => Some(format!("`{text}` is no number")),
        Kind::Float(n) => Some(format!("`{n}` is no whole number")),
        Kind::Map(map) => ["soft", "hard"].iter().filter_map(|k| map.get(k)).find_map(ulimit),
        _ => None,
    }
}

fn expose(item: &Item) -> Option<String> {
    if let Kind::Float(n) = item.kind { Some(format!("`{n}` is no port")) } else { None }
}

fn environment(item: &Item) -> Option<String> {
    let bad = |item: &Item| {
        let text = item.text()?;
        let name = text.split('=').next().unwrap_or_default();
        name.ends_with(char::is_whitespace).then(|| format!("the name `{}` ends with a blank", name.trim_end()))
    };
    item.list()?.iter().find_map(bad)
}

fn hosts(item: &Item) -> Option<String> {
    let named = |host: &str| {
        let bad = host.is_empty() || host.contains([':', '=']);
        bad.then(|| format!("`{host}` is no name of a host"))
    };
    match &item.kind {
        Kind::Map(map) => map.entries.keys().find_map(|host| named(host)),
        Kind::List(items) => items.iter().find_map(|item| {
            let text = item.text()?;
            match text.split_once('=').or_else(|| text.split_once(':')) {
                Some((host, _)) => named(host),
                None => Some(format!("`{text}` has no address: write `HOST=ADDRESS`")),
            }
        }),
        _ => None,
    }
}

fn contexts(item: &Item) -> Option<String> {
    let bad = |item: &Item| item.text().filter(|t| !t.contains('=')).map(|t| format!("`{t}` is not `NAME=VALUE`"));
    item.list()?.iter().find_map(bad)
}

fn ssh(item: &Item) -> Option<String> {
    let bad = |item: &Item| {
        let text = item.text()?;
        (!text.contains('=') && text != "default").then(|| format!("`{text}` is not `ID=PATH`"))
    };
    item.list()?.iter().find_map(bad)
}

fn blank(item: &Item) -> Option<String> {
    item.text().filter(|t| t.is_empty()).map(|_| "the path is empty".to_owned())
}

/// Volumes, networks, configs and secrets at the top.
fn resources(dict: &Map, faults: &mut Faults) {
    for section in ["volumes", "networks", "configs", "secrets"] {
        for (name, entry) in dict.map(section).into_iter().flat_map(|m| &m.entries) {
            let Kind::Map(map) = &entry.item.kind else { continue };
            if let Some(message) = resource(section, map) {
                faults.push(Fault::new(entry.key, format!("`{section}.{name}`: {message}")));
            }
        }
    }
}

fn resource(section: &str, map: &Map) -> Option<String> {
    let external = map.get("external").map(|e| &e.kind);
    if let Some(Kind::Map(inner)) = external
        && let (Some(name), Some(other)) = (map.text("name"), inner.text("name"))
        && name != other
    {
        return Some("`name` and `external.name` differ".to_owned());
    }
    let sources: &[&str] = match section {
        "volumes" => return beside_external(map, external),
        "configs" => &["file", "environment", "content"],
        "secrets" => &["file", "environment"],
        _ => return None,
    };
    let given: Vec<&str> = sources.iter().copied().filter(|k| map.get(k).is_some()).collect();
    let all = || sources.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
    match given.as_slice() {
        [] if map.get("driver").is_none() && external.is_none() => Some(format!("one of {} must be there", all())),
        [] | [_] => None,
        [first, second, ..] => Some(format!("`{first}` and `{second}` exclude each other")),
    }
}

/// An external volume has a name and nothing else.
fn beside_external(map: &Map, external: Option<&Kind>) -> Option<String> {
    let is = matches!(external, Some(Kind::Bool(true) | Kind::Map(_)));
    let allowed = |key: &String| key == "name" || key == "external" || key.starts_with("x-");
    let other = map.entries.iter().find(|(key, Entry { .. })| !allowed(key));
    other.filter(|_| is).map(|(key, _)| format!("it is external, so `{key}` cannot be set here"))
}
