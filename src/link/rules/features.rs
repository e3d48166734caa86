//! Features of Prometheus that its command turns on.

use crate::tree::Service;

/// Keeps exemplars (`prometheus/prometheus cmd/prometheus/main.go@v2.40.0, v3.14.0`).
pub(super) const EXEMPLARS: &str = "exemplar-storage";

/// Takes native histograms (`prometheus/prometheus cmd/prometheus/main.go@v2.40.0, v3.7.3`).
pub(super) const NATIVE: &str = "native-histograms";

/// Whether a Prometheus has a feature; `None` = not known.
pub(super) fn has(service: &Service, feature: &str) -> Option<bool> {
    if service.build {
        return None;
    }
    let args = service.args()?;
    let mut found = false;
    let mut next = false;
    for arg in args {
        if arg.open {
            return None;
        }
        let list = match arg.text.strip_prefix("--enable-feature") {
            Some("") => {
                next = true;
                continue;
            }
            Some(rest) => rest.trim_start_matches('='),
            None if std::mem::take(&mut next) => &arg.text,
            None => continue,
        };
        found |= list.split(',').any(|f| f.trim() == feature);
    }
    Some(found)
}
