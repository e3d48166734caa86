//! A list of series, one on each line.

use super::families::Families;
use super::{at, sample};

pub(super) fn read(text: &str, families: &mut Families) -> Result<(), String> {
    for (number, line) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let sample = sample::read(line).map_err(|e| at(number, &e))?;
        families.add(&sample.name, None, &sample.labels);
    }
    families.collapse();
    Ok(())
}
