//! Strings that a decoder of their own reads. The catalogue names the decoder by its Go type; here is how those read that
//! many fields share. What is not here is taken as it is.

use super::value::Misfit;
use crate::catalogue::schema::TextType;
use crate::lang::quantity::{self, PrometheusFault};
use crate::lang::re2::{self, Go};

/// Why a text is refused; `None` = it is not.
type Read = fn(&str) -> Option<Misfit>;

/// Decoders by the end of their type's name.
const DECODERS: &[(&str, Read)] = &[
    ("/model.Duration", prometheus_duration),
    ("/units.Base2Bytes", base2_bytes),
    ("relabel.Regexp", regexp),
    ("dskit/log.Level", level),
];

const DURATION: &str = "a duration such as `1d12h`";

/// What a type wants, for people.
pub(super) fn wanted(ty: TextType) -> String {
    if ty.name().ends_with("/model.Duration") {
        return DURATION.to_owned();
    }
    if !ty.open() && ty.values().next().is_some() {
        let words: Vec<_> = ty.values().map(|w| format!("`{w}`")).collect();
        return format!("one of {}", words.join(", "));
    }
    "text".to_owned()
}

/// Why a text does not fit.
pub(super) fn misfit(text: &str, ty: TextType) -> Option<Misfit> {
    if let Some((_, read)) = DECODERS.iter().find(|(name, _)| ty.name().ends_with(name)) {
        return read(text);
    }
    if ty.open() || (ty.empty() && text.is_empty()) {
        return None;
    }
    let known = |word: &str| if ty.fold() { word.eq_ignore_ascii_case(text) } else { word == text };
    if ty.values().any(known) {
        return None;
    }
    Some(Misfit { wanted: wanted(ty), why: None, words: ty.values().collect() })
}

/// grafana/loki vendor/github.com/grafana/dskit/log/level.go `Set`@v2.9.17, v3.7.6.
fn level(text: &str) -> Option<Misfit> {
    const LEVELS: [&str; 4] = ["debug", "info", "warn", "error"];
    let wanted = || "one of `debug`, `info`, `warn`, `error`".to_owned();
    (!LEVELS.contains(&text)).then(|| Misfit { wanted: wanted(), why: None, words: LEVELS.to_vec() })
}

/// prometheus/common model/time.go `ParseDuration`@v0.65.0: `0` alone needs no unit, nothing is refused.
fn prometheus_duration(text: &str) -> Option<Misfit> {
    if text == "0" {
        return None;
    }
    if text.is_empty() {
        return Misfit::reads(DURATION, "it is empty");
    }
    match quantity::prometheus_duration(text) {
        Ok(_) => None,
        Err(PrometheusFault::Unit("")) => Misfit::reads(DURATION, "a unit is missing"),
        Err(PrometheusFault::Unit(_)) => {
            Misfit::reads(DURATION, "units are `y`, `w`, `d`, `h`, `m`, `s`, `ms`, and numbers are whole")
        }
        Err(PrometheusFault::Order) => Misfit::reads(DURATION, "units go from long to short, each once"),
        Err(PrometheusFault::Range) => Misfit::reads(DURATION, "it is out of range"),
    }
}

/// alecthomas/units bytes.go `ParseBase2Bytes`@0f3dac36c52b.
fn base2_bytes(text: &str) -> Option<Misfit> {
    const WANTED: &str = "a size such as `64MiB`";
    match quantity::base2_bytes(text) {
        Ok(_) => None,
        Err(quantity::Fault::NoUnit) => Misfit::reads(WANTED, "a unit is missing"),
        Err(quantity::Fault::Unit) => Misfit::reads(WANTED, "units are `B`, `KiB`, `MiB`, `GiB` and so on"),
        Err(quantity::Fault::Shape) => Misfit::reads(WANTED, "it is no size"),
    }
}

/// prometheus/prometheus model/relabel/relabel.go `NewRegexp`@v3.14.0: anchored on both ends.
fn regexp(text: &str) -> Option<Misfit> {
    let error = re2::parse_anchored(text, Go::NEWEST).err()?;
    Misfit::reads("a regular expression of RE2", error.message.clone())
}
