//! Names of text encodings, as the OpenTelemetry Collector finds them (open-telemetry/opentelemetry-collector-contrib
//! internal/coreinternal/textutils/encoding.go `LookupEncoding`@v0.134.0, @v0.158.0).

const EMBEDDED: &str = include_str!("../../schemas/lang/encodings.txt");

/// Names that the collector has beside those of IANA.
const OWN: [&str; 10] = ["", "ascii", "nop", "us-ascii", "utf-16", "utf-8", "utf-8-raw", "utf16", "utf8", "utf8-raw"];

/// Whether there is an encoding of that name. Case does not matter, nor do spaces around one of IANA.
#[must_use]
pub fn is_known(name: &str) -> bool {
    let lower = name.to_lowercase();
    OWN.contains(&lower.as_str()) || of_iana().any(|known| known == lower.trim())
}

/// All names, those of IANA first.
pub fn names() -> impl Iterator<Item = &'static str> {
    of_iana().chain(OWN.into_iter().filter(|name| !name.is_empty()))
}

fn of_iana() -> impl Iterator<Item = &'static str> {
    EMBEDDED.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_those_of_the_collector() {
        for known in ["", "utf-8", "UTF-8", "nop", "utf8-raw", "Big5", " latin1 ", "windows-1252", "utf-16le", "GBK"] {
            assert!(is_known(known), "{known}");
        }
        for no in ["foo", "utf 8", "windows1252", "utf-32", "base64", "#"] {
            assert!(!is_known(no), "{no}");
        }
    }
}
