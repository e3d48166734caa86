//! What `grafana.ini` may hold, and what a Grafana reads from it and from its environment.
//!
//! Settings are looked up by name and never listed, so a name that is not known does nothing. A key of a section stands for
//! one of its child sections, too (`go-ini/ini section.go` `GetKey`@v1.67.0). A variable of the environment is asked for
//! once for each key that the files have (`grafana/grafana pkg/setting/setting.go` `applyEnvVariableOverrides` at 12.3.3).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::catalogue::Version;
use crate::near::Near;
use crate::parse::Node;

/// How much of a section is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SectionKind {
    /// Users choose the names of its keys.
    Open,
    /// One release alone was read that has it.
    Loose,
    /// All of its keys are known.
    Closed,
}

#[derive(Debug)]
struct Section {
    name: &'static str,
    kind: SectionKind,
    keys: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/grafana_ini.rs"));

/// Sections of any name below these hold what their user likes: settings of plugins, feature toggles, keys per resource,
/// and those of one provider of keys each (`conf/defaults.ini`, `docs/sources/setup-grafana` of 12.4.0).
const OPEN: [&str; 10] = [
    "plugin.",
    "feature_toggles",
    "unified_storage",
    "security.encryption.",
    "secrets_manager.encryption.",
    "auth.saml",
    "datasources",
    "storage",
    "environment",
    "white_labeling",
];

/// Variables that the image's start script reads itself (`grafana/grafana packaging/docker/run.sh` at 12.3.3).
const SCRIPT: [&str; 4] = ["GF_INSTALL_", "GF_PATHS_", "GF_AWS_", "GF_PLUGIN_"];

/// Keys before the first section, as Go's reader calls them.
const DEFAULT: &str = "DEFAULT";

/// What is known of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may mean something.
    Known,
    /// It means nothing to any release that was read.
    Unknown {
        /// What was meant most likely.
        meant: Option<String>,
    },
}

/// The name of a section as a file writes it: the keys before the first one have none.
fn plain(section: &str) -> &str {
    if section.is_empty() { DEFAULT } else { section }
}

fn known(section: &str) -> Option<&'static Section> {
    SECTIONS.binary_search_by(|s| s.name.cmp(section)).ok().map(|at| &SECTIONS[at])
}

fn is_open(section: &str) -> bool {
    OPEN.iter().any(|o| section.starts_with(o)) || known(section).is_some_and(|s| s.kind == SectionKind::Open)
}

/// A section and those that it inherits keys from.
fn family(section: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(section), |name| name.rsplit_once('.').map(|(parent, _)| parent))
}

/// The variable that sets a key (`EnvKey` there).
pub(super) fn variable(section: &str, key: &str) -> String {
    let name = |text: &str| text.to_ascii_uppercase().replace('.', "_");
    format!("GF_{}_{}", name(plain(section)).replace('-', "_"), name(key))
}

/// Whether a version lies between those that were read; others may know more.
fn is_read(version: Option<Version>) -> bool {
    let line = |v: Version| (v.major, v.minor);
    version.is_some_and(|v| line(OLDEST) <= line(v) && line(v) <= line(NEWEST))
}

/// A section of an ini file.
pub(super) fn section(name: &str, near: &Near) -> Verdict {
    if name.is_empty() || known(name).is_some() || is_open(name) {
        return Verdict::Known;
    }
    // A child of a section takes over its keys, and some are read under names that are made as they are needed.
    let close = nearest(near, name, SECTIONS.iter().map(|s| s.name));
    close.map_or(Verdict::Known, |meant| Verdict::Unknown { meant: Some(meant.to_owned()) })
}

/// A key of an ini file.
pub(super) fn key(section: &str, key: &str, version: Option<Version>, near: &Near) -> Verdict {
    let section = plain(section);
    let Some(own) = known(section).filter(|_| !is_open(section)) else { return Verdict::Known };
    // All providers of logins are read by one reader, whatever their sections show of it.
    let kin = family(section).chain(section.starts_with("auth.").then_some("auth.generic_oauth"));
    let kin: Vec<&str> = kin.collect();
    let all = || kin.iter().filter_map(|s| known(s)).flat_map(|s| s.keys.iter().copied());
    if all().any(|k| k == key) || ASKED.binary_search(&key).is_ok() {
        return Verdict::Known;
    }
    if let Some(meant) = nearest(near, key, all()).or_else(|| alike(key, all())) {
        return Verdict::Unknown { meant: Some(meant.to_owned()) };
    }
    // A key that has its place elsewhere.
    let mut others = SECTIONS
        .iter()
        .filter(|s| key.len() > 6 && s.kind == SectionKind::Closed && s.keys.binary_search(&key).is_ok());
    if let (Some(other), None) = (others.next(), others.next()) {
        return Verdict::Unknown { meant: Some(format!("[{}] {key}", other.name)) };
    }
    let sure = own.kind == SectionKind::Closed && is_read(version);
    if sure { Verdict::Unknown { meant: None } } else { Verdict::Known }
}

/// Variables of all keys with the section of each.
static VARIABLES: LazyLock<HashMap<String, &'static Section>> = LazyLock::new(|| {
    let of = |s: &'static Section| s.keys.iter().map(move |k| (variable(s.name, k), s));
    SECTIONS.iter().flat_map(of).collect()
});

/// A variable of the environment; `written` are those that stand for settings of the files that this Grafana reads.
pub(super) fn environment(name: &str, written: &HashSet<String>, version: Option<Version>, near: &Near) -> Verdict {
    let Some(rest) = name.strip_prefix("GF_") else { return Verdict::Known };
    // The start script reads the file and sets the variable without the ending.
    let name = name.strip_suffix("__FILE").unwrap_or(name);
    if SCRIPT.iter().any(|s| name.starts_with(s)) || VARIABLES.contains_key(name) || written.contains(name) {
        return Verdict::Known;
    }
    let upper = |text: &str| text.to_ascii_uppercase().replace(['.', '-'], "_");
    let below = |section: &str| rest.strip_prefix(upper(section).as_str()).is_some_and(|r| r.starts_with('_'));
    let homes: Vec<&Section> = SECTIONS.iter().filter(|s| below(s.name)).collect();
    let open = OPEN.iter().any(|o| rest.starts_with(&upper(o))) || homes.iter().any(|s| is_open(s.name));
    if open || rest.is_empty() {
        return Verdict::Known;
    }
    let asked = |section: &&Section| {
        let key = &rest[section.name.len() + 1..];
        ASKED.iter().any(|a| a.eq_ignore_ascii_case(key))
    };
    if homes.iter().any(asked) {
        return Verdict::Known;
    }
    let close = nearest(near, name, VARIABLES.keys().map(String::as_str));
    let home = homes.iter().max_by_key(|s| s.name.len());
    let close = close.map(str::to_owned).or_else(|| {
        let home = home?;
        let key = rest[home.name.len() + 1..].to_ascii_lowercase();
        alike(&key, home.keys.iter().copied()).map(|meant| variable(home.name, meant))
    });
    if close.is_some() {
        return Verdict::Unknown { meant: close };
    }
    let sure = !homes.is_empty() && homes.iter().all(|s| s.kind == SectionKind::Closed) && is_read(version);
    if sure { Verdict::Unknown { meant: None } } else { Verdict::Known }
}

/// The name that is another only by a slip: letters of the other case, `-` for `_`, one or, in a long name, two letters.
fn nearest<'n>(near: &Near, name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let fold = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    let most = if name.len() >= 10 { 2 } else { 1 };
    let wanted = fold(name);
    let close = names.filter(|n| name.len() > 3 && n.len().abs_diff(name.len()) <= most);
    let scored = close.filter_map(|n| Some((near.distance(&wanted, &fold(n), most)?, n)));
    scored.min().map(|(_, n)| n)
}

/// The only name that has all words of `name`, and more of them: before them, or, where `name` says enough by itself, behind.
fn alike<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let words: Vec<&str> = name.split('_').filter(|w| w.len() > 3).collect();
    let holds = |n: &&str| {
        let whole = n.ends_with(name) || name.len() > 7 || n.strip_prefix(name).is_some_and(|rest| !rest.contains('_'));
        let has = |word: &&str| n.split('_').any(|part| part.starts_with(word));
        whole && name.len() <= 64 && n.len() > name.len() && words.iter().all(has)
    };
    let mut found = names.filter(|n| !words.is_empty() && holds(n));
    found.next().filter(|_| found.next().is_none())
}

/// A setting of a file: the last one of that name, whether its section stands there once or often. Where it has no text Grafana keeps
/// what it had before.
pub(super) fn setting<'d>(root: Node<'d>, section: &str, key: &str) -> Option<Node<'d>> {
    let sections = root.own_entries().rev().filter(|s| plain(s.name()) == section);
    sections.filter_map(|s| s.value.get(key)).find(|n| n.scalar().is_some_and(|t| !t.is_empty()))
}

/// The variables that stand for the settings of an ini file.
pub(super) fn written(root: Node<'_>) -> impl Iterator<Item = String> + use<'_> {
    let keys = |s: crate::parse::Entry<'_>| s.value.own_entries().map(|k| k.name().to_owned()).collect::<Vec<_>>();
    root.own_entries().flat_map(move |s| {
        let name = s.name();
        keys(s).into_iter().map(move |k| variable(name, &k))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Option<Version> = Some(NEWEST);

    fn ask(section: &str, name: &str) -> Verdict {
        key(section, name, READ, &Near::default())
    }

    fn meant(verdict: &Verdict) -> Option<&str> {
        if let Verdict::Unknown { meant: Some(meant) } = verdict { Some(meant) } else { None }
    }

    #[test]
    fn keys_are_known_or_near() {
        assert_eq!(ask("auth.anonymous", "org_role"), Verdict::Known);
        assert_eq!(ask("auth.basic", "disable_login_form"), Verdict::Known);
        assert_eq!(ask("plugin.mine", "anything"), Verdict::Known);
        assert_eq!(ask("auth.gitlab", "login_attribute_path"), Verdict::Known);
        assert_eq!(meant(&ask("server", "HTTP_PORT")), Some("http_port"));
        assert_eq!(meant(&ask("auth.anonymous", "role")), Some("org_role"));
        assert_eq!(meant(&ask("server", "ldap_sync_ttl")), Some("[auth.proxy] ldap_sync_ttl"));
        assert_eq!(ask("server", "colour_of_door"), Verdict::Unknown { meant: None });
        assert_eq!(key("server", "colour_of_door", Some(Version::new(99, 0, 0)), &Near::default()), Verdict::Known);
        assert_eq!(meant(&section("auth.anonymus", &Near::default())), Some("auth.anonymous"));
    }

    #[test]
    fn variables_are_known_or_near() {
        let written = HashSet::from([variable("mine", "own")]);
        let env = |name| environment(name, &written, READ, &Near::default());
        for known in [
            "GF_SECURITY_ADMIN_PASSWORD__FILE",
            "GF_INSTALL_PLUGINS",
            "GF_MINE_OWN",
            "GF_FEATURE_TOGGLES_ENABLE",
            "GF_DEFAULT_INSTANCE_NAME",
            "GF_PLUGIN_GRAFANA_IMAGE_RENDERER_RENDERING_MODE",
            "GF_OTHER",
            "PATH",
        ] {
            assert_eq!(env(known), Verdict::Known, "{known}");
        }
        assert_eq!(meant(&env("GF_AUTH_ANONYMOUS_ROLE")), Some("GF_AUTH_ANONYMOUS_ORG_ROLE"));
        assert_eq!(meant(&env("GF_SECURITY_ADMIN_PASS")), Some("GF_SECURITY_ADMIN_PASSWORD"));
        assert_eq!(meant(&env("GF_USERS_ALLOW_SIGNUP")), Some("GF_USERS_ALLOW_SIGN_UP"));
    }
}
