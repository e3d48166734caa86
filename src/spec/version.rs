//! Versions of engines that a spec may pin.

use crate::catalogue::{self, Version};

use super::text::{Complaint, printable};

/// Lowest version of each engine that `gen` can write for.
const LOWEST: [(&str, Version); 6] = [
    // `pyroscope.receive_http`, which takes the profiles, is generally available from here on; before, the server refuses it
    // without a flag: grafana/alloy internal/component/pyroscope/receive_http/receive_http.go@v1.10.0.
    ("alloy", Version::new(1, 10, 0)),
    // `metrics` is a global option from here on: caddyserver/caddy caddyconfig/httpcaddyfile/options.go@v2.9.0.
    ("caddy", Version::new(2, 9, 0)),
    // Our choice: the oldest major whose provisioning files and dashboards are held in tests.
    ("grafana", Version::new(12, 0, 0)),
    // Our choice: the last line of 2.x.
    ("prometheus", Version::new(2, 55, 0)),
    // Our choice: the oldest line of 1.x whose files are held in tests.
    ("pyroscope", Version::new(1, 13, 0)),
    // The HTTP port is 3200 by default from here on: grafana/tempo cmd/tempo/app/config.go@v2.8.0.
    ("tempo", Version::new(2, 8, 0)),
];

/// What is to be said about a pinned version.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pin {
    /// Nothing.
    Known(Version),
    /// It may exist, but nothing is known of it; the text says what is.
    Unknown(Version, String),
    /// It names no fixed release.
    Floating(Complaint),
    /// It cannot be used.
    Unfit(Complaint),
}

/// Judges the version that `[versions]` pins for `engine`.
pub(super) fn pin(engine: &str, text: &str) -> Pin {
    let facts = catalogue::engine(engine);
    let title = facts.map_or(engine, |f| f.title);
    let use_default = || facts.map(|f| format!("use an exact version such as `{}`", f.default));
    let Some((major, minor, patch)) = Version::line(text) else {
        let complaint = Complaint::new("names no fixed release");
        return Pin::Floating(Complaint { help: use_default(), ..complaint });
    };
    let (Some(minor), Some(patch)) = (minor, patch) else {
        let known = facts.and_then(|f| f.resolve(text)).filter(|v| v.patch != u16::MAX);
        let complaint = Complaint::new("leaves the patch open, so it moves");
        return Pin::Floating(match known {
            Some(newest) => complaint.help(format!("use `{newest}`, the newest known of that line")),
            None => Complaint { help: use_default(), ..complaint },
        });
    };
    let version = Version::new(major, minor, patch);
    let suffix = Version::suffix(text);
    if !suffix.is_empty() {
        let complaint = Complaint::new(format!("has the suffix `{}`", printable(suffix)));
        return Pin::Unfit(
            complaint.help(format!("use a release such as `{version}`; the variant of the image is chosen by vispyr")),
        );
    }
    if let Some((_, lowest)) = LOWEST.iter().find(|(e, l)| *e == engine && version < *l) {
        let complaint = Complaint::new(format!("is older than {lowest}, the oldest {title} that `gen` writes for"));
        return Pin::Unfit(Complaint { help: use_default(), ..complaint });
    }
    let Some(facts) = facts else { return Pin::Known(version) };
    if version > facts.newest() {
        return Pin::Unknown(version, format!("the newest known {title} is {}", facts.newest()));
    }
    match facts.releases.iter().find(|r| (r.major, r.minor) == (major, minor)) {
        Some(newest) if version > *newest => {
            Pin::Unknown(version, format!("the newest known {title} {major}.{minor} is {newest}"))
        }
        _ => Pin::Known(version),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_releases_can_be_pinned() {
        assert_eq!(pin("prometheus", "v3.14.0"), Pin::Known(Version::new(3, 14, 0)));
        for moving in ["latest", "", "main", "main-abc123", "3", "3.14", "v3.14", "stable"] {
            assert!(matches!(pin("prometheus", moving), Pin::Floating(_)), "{moving}");
        }
        for unfit in ["3.14.0-distroless", "3.14.0-rc.1", "2.54.1"] {
            assert!(matches!(pin("prometheus", unfit), Pin::Unfit(_)), "{unfit}");
        }
        assert!(matches!(pin("prometheus", "99.0.0"), Pin::Unknown(v, _) if v == Version::new(99, 0, 0)));
    }

    #[test]
    fn an_open_patch_is_answered_with_the_newest_of_its_line() {
        let Pin::Floating(complaint) = pin("prometheus", "3.14") else { panic!("floating") };
        assert!(complaint.help.unwrap_or_default().starts_with("use `3.14."));
    }

    #[test]
    fn every_default_is_at_least_the_lowest() {
        for (engine, lowest) in LOWEST {
            if let Some(facts) = catalogue::engine(engine) {
                assert!(facts.default >= lowest, "{engine}");
            }
        }
    }
}
