//! The labels that service discoveries of Prometheus give their targets: `schemas/lang/discovery.json`, compiled in.

include!(concat!(env!("OUT_DIR"), "/discovery.rs"));

/// A way to find targets.
#[derive(Debug)]
pub struct Discovery {
    /// Its name, as in `docker_sd_configs` and `discovery.docker`.
    pub name: &'static str,
    /// What all of its labels begin with.
    pub prefix: &'static str,
    /// What follows, in any version: the whole, or the beginning of names of the users' own where it ends in `_`; in order.
    pub labels: &'static [&'static str],
}

/// The discovery of that name, where all of its labels are known.
#[must_use]
pub fn discovery(name: &str) -> Option<&'static Discovery> {
    DISCOVERIES.iter().find(|d| d.name == name)
}
