//! Names of time zones, as `time.LoadLocation` of Go finds them: in the files of the machine, else among those that a program
//! embeds by `time/tzdata`.

const EMBEDDED: &str = include_str!("../../schemas/lang/time-zones.txt");

/// Names and folders that only files of a machine have: other forms of the same zones, and what left the database.
const OF_MACHINES: [&str; 6] = ["posix/", "right/", "SystemV/", "localtime", "posixrules", "US/Pacific-New"];

/// Whether a program that embeds the zones knows one of that name; `None` = the machine may have it.
#[must_use]
pub fn is_known(name: &str) -> Option<bool> {
    if matches!(name, "" | "UTC" | "Local") {
        return Some(true);
    }
    // What would leave the folder is never looked up.
    if name.starts_with(['/', '\\']) || name.contains("..") {
        return Some(false);
    }
    let mut other_case = false;
    for zone in names() {
        if zone == name {
            return Some(true);
        }
        other_case |= zone.eq_ignore_ascii_case(name);
    }
    // Some file systems do not tell letters from capitals.
    if other_case || OF_MACHINES.iter().any(|of| name.starts_with(of)) { None } else { Some(false) }
}

/// All names, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    EMBEDDED.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_those_of_go() {
        for known in ["", "UTC", "Local", "Europe/Berlin", "Etc/GMT+1", "EST", "America/Argentina/Buenos_Aires"] {
            assert_eq!(is_known(known), Some(true), "{known}");
        }
        for no in ["10", "../a", "/a", "Europe Berlin", "Europe/Berln", "CEST", "Foo/Bar", "#"] {
            assert_eq!(is_known(no), Some(false), "{no}");
        }
        for of_machine in ["europe/berlin", "posix/Europe/Berlin", "localtime"] {
            assert_eq!(is_known(of_machine), None, "{of_machine}");
        }
        assert!(names().count() > 500);
    }
}
