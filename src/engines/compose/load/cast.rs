//! Places where compose reads text as a number or a truth value (`loader/interpolate.go@v2.13.0`, `@v2.16.2`).

use super::model::Kind;

/// What text becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cast {
    Bool,
    Int,
    Float,
    Umask,
}

impl Cast {
    /// The value; `None` when the text is none.
    pub(super) fn read(self, text: &str) -> Option<Kind> {
        match self {
            Self::Bool => truth(text).map(Kind::Bool),
            Self::Int => integer(text).map(Kind::Int),
            Self::Float => super::scalar::go_float(text).map(Kind::Float),
            Self::Umask => {
                let digits = text.strip_prefix("0o").or_else(|| text.strip_prefix('0').filter(|r| !r.is_empty()));
                let value = match digits {
                    Some(octal) => u32::from_str_radix(octal, 8).ok(),
                    None => text.parse().ok(),
                };
                value.map(|n| Kind::Int(i64::from(n)))
            }
        }
    }

    /// In words.
    pub(super) fn says(self) -> &'static str {
        match self {
            Self::Bool => "`true` or `false`",
            Self::Int => "a whole number",
            Self::Float => "a number",
            Self::Umask => "a file mode",
        }
    }
}

/// The words of YAML 1.1, in any case.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// `strconv.Atoi`.
pub(super) fn integer(text: &str) -> Option<i64> {
    // Rust takes a `+` too, and nothing else that Go refuses.
    text.parse().ok()
}

/// Below a service or a job; those of containers below a hook that runs before too.
const CONTAINER: [(&str, Cast); 21] = [
    ("cpu_count", Cast::Int),
    ("cpu_percent", Cast::Float),
    ("cpu_period", Cast::Int),
    ("cpu_quota", Cast::Int),
    ("cpu_rt_period", Cast::Int),
    ("cpu_rt_runtime", Cast::Int),
    ("cpus", Cast::Float),
    ("cpu_shares", Cast::Int),
    ("init", Cast::Bool),
    ("networks.*.use_service_name_alias", Cast::Bool),
    ("oom_kill_disable", Cast::Bool),
    ("oom_score_adj", Cast::Int),
    ("pids_limit", Cast::Int),
    ("privileged", Cast::Bool),
    ("read_only", Cast::Bool),
    ("umask", Cast::Umask),
    ("ulimits.*", Cast::Int),
    ("ulimits.*.hard", Cast::Int),
    ("ulimits.*.soft", Cast::Int),
    ("volumes.*.read_only", Cast::Bool),
    ("volumes.*.volume.nocopy", Cast::Bool),
];

const WORKLOAD: [(&str, Cast); 7] = [
    ("depends_on.*.required", Cast::Bool),
    ("depends_on.*.restart", Cast::Bool),
    ("healthcheck.retries", Cast::Int),
    ("healthcheck.disable", Cast::Bool),
    ("ports.*.target", Cast::Int),
    ("stdin_open", Cast::Bool),
    ("tty", Cast::Bool),
];

const SERVICE: [(&str, Cast); 8] = [
    ("deploy.replicas", Cast::Int),
    ("deploy.update_config.parallelism", Cast::Int),
    ("deploy.update_config.max_failure_ratio", Cast::Float),
    ("deploy.rollback_config.parallelism", Cast::Int),
    ("deploy.rollback_config.max_failure_ratio", Cast::Float),
    ("deploy.restart_policy.max_attempts", Cast::Int),
    ("deploy.placement.max_replicas_per_node", Cast::Int),
    ("scale", Cast::Int),
];

const TOP: [(&str, Cast); 8] = [
    ("networks.*.external", Cast::Bool),
    ("networks.*.internal", Cast::Bool),
    ("networks.*.attachable", Cast::Bool),
    ("networks.*.enable_ipv4", Cast::Bool),
    ("networks.*.enable_ipv6", Cast::Bool),
    ("volumes.*.external", Cast::Bool),
    ("secrets.*.external", Cast::Bool),
    ("configs.*.external", Cast::Bool),
];

/// What text at a path is cast to.
pub(super) fn of(path: &[String]) -> Option<Cast> {
    if path.len() < 3 {
        return None;
    }
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let find = |table: &[(&str, Cast)], rest: &[&str]| {
        table.iter().find(|(pattern, _)| fits(pattern, rest)).map(|(_, cast)| *cast)
    };
    match parts.as_slice() {
        ["services", _, "pre_start", "[]", rest @ ..] => find(&CONTAINER, rest),
        ["services", _, rest @ ..] => {
            find(&CONTAINER, rest).or_else(|| find(&WORKLOAD, rest)).or_else(|| find(&SERVICE, rest))
        }
        ["jobs", _, rest @ ..] => find(&CONTAINER, rest).or_else(|| find(&WORKLOAD, rest)),
        all => find(&TOP, all),
    }
}

/// Whether a path is one that a pattern stands for; `*` stands for one part.
pub(super) fn fits(pattern: &str, path: &[&str]) -> bool {
    // Most paths differ in their first part already.
    let Some(first) = path.first() else { return false };
    if !pattern.starts_with(*first) && !pattern.starts_with('*') {
        return false;
    }
    let mut at = 0;
    for part in pattern.split('.') {
        match path.get(at) {
            Some(own) if part == "*" || part == *own => at += 1,
            _ => return false,
        }
    }
    at == path.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_by_their_pattern() {
        let cast = |path: &str| of(&path.split('.').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(cast("services.a.ports.[].target"), Some(Cast::Int));
        assert_eq!(cast("services.a.pre_start.[].privileged"), Some(Cast::Bool));
        assert_eq!(cast("jobs.a.scale"), None);
        assert_eq!(cast("services.a.command"), None);
        assert_eq!(cast("networks.n.external"), Some(Cast::Bool));
        assert_eq!(cast("services"), None);
    }

    #[test]
    fn text_is_read_as_go_does() {
        assert!(matches!(Cast::Bool.read("YES"), Some(Kind::Bool(true))));
        assert!(Cast::Bool.read("1").is_none());
        assert!(matches!(Cast::Int.read("-3"), Some(Kind::Int(-3))));
        assert!(Cast::Int.read("3.0").is_none());
        assert!(matches!(Cast::Umask.read("022"), Some(Kind::Int(18))));
        assert!(Cast::Umask.read("9z").is_none());
    }
}
