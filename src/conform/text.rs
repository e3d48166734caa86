//! Strings that a decoder of their own reads. The catalogue names the decoder by its Go type; here is how those read that
//! many fields share. What is not here is taken as it is.

use super::times;
use super::value::Misfit;
use crate::catalogue::schema::TextType;
use crate::lang::quantity::{self, PrometheusFault};
use crate::lang::re2::{self, Go};
use crate::lang::template::{self, Names};
use crate::lang::url::{self, Verdict};

/// Why a text is refused; `None` = it is not.
type Read = fn(&str) -> Option<Misfit>;

/// Decoders by the end of their type's name, or by the whole of it behind `=`.
const DECODERS: &[(&str, Read)] = &[
    ("/model.Duration", prometheus_duration),
    ("/units.Base2Bytes", base2_bytes),
    ("dskit/flagext.Bytes", base2_bytes),
    ("util/flagext.ByteSize", byte_size),
    ("relabel.Regexp", regexp),
    ("dskit/log.Level", level),
    ("=tempodb/backend.Encoding", block_encoding),
    ("=config.URL", web_url),
    ("=config.SecretURL", secret_url),
    ("=config.Regexp", regexp),
    ("=config/common.URL", web_url),
    ("=config/common.SecretURL", secret_url),
    ("=config/common.Regexp", regexp),
    ("=config.SecretTemplateURL", template_url),
    ("=config/common.SecretTemplateURL", template_url),
    ("=config.HostPort", host_port),
    ("=config.duration", go_duration),
    ("=timeinterval.WeekdayRange", times::weekdays),
    ("=timeinterval.DayOfMonthRange", times::days),
    ("=timeinterval.MonthRange", times::months),
    ("=timeinterval.YearRange", times::years),
    ("=timeinterval.Location", times::zone),
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
    let is = |name: &str| match name.strip_prefix('=') {
        Some(whole) => ty.name() == whole,
        None => ty.name().ends_with(name),
    };
    if let Some((_, read)) = DECODERS.iter().find(|(name, _)| is(name)) {
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

/// grafana/tempo tempodb/backend/encoding.go `ParseEncoding`@v2.3.1, v2.10.8.
fn block_encoding(text: &str) -> Option<Misfit> {
    const ALL: [&str; 9] = ["none", "gzip", "lz4-64k", "lz4-256k", "lz4-1M", "lz4", "snappy", "zstd", "s2"];
    let known = ALL.iter().any(|name| name.eq_ignore_ascii_case(text));
    let wanted = || format!("one of {}", ALL.map(|name| format!("`{name}`")).join(", "));
    (!known).then(|| Misfit { wanted: wanted(), why: None, words: ALL.to_vec() })
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

/// Units of Loki's sizes (grafana/loki pkg/util/flagext/bytesize.go, vendor/github.com/c2h5oh/datasize/datasize.go@v3.5.0), each
/// by the power of 1024.
const SIZES: [(u32, &[&str]); 7] = [
    (0, &["", "b", "byte"]),
    (1, &["k", "kb", "kilo", "kilobyte", "kilobytes"]),
    (2, &["m", "mb", "mega", "megabyte", "megabytes"]),
    (3, &["g", "gb", "giga", "gigabyte", "gigabytes"]),
    (4, &["t", "tb", "tera", "terabyte", "terabytes"]),
    (5, &["p", "pb", "peta", "petabyte", "petabytes"]),
    (6, &["e", "eb"]),
];

/// A whole number and a unit, in whatever case.
fn byte_size(text: &str) -> Option<Misfit> {
    const WANTED: &str = "a size such as `64MB`";
    // Nothing is zero bytes.
    if text.is_empty() {
        return None;
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Misfit::reads(WANTED, "it is no size");
    }
    let unit = unit.trim().to_ascii_lowercase();
    let Some((power, _)) = SIZES.iter().find(|(_, names)| names.contains(&unit.as_str())) else {
        return Misfit::reads(WANTED, "units are `B`, `KB`, `MB`, `GB` and so on, and numbers are whole");
    };
    let size = number.parse::<u64>().ok().and_then(|n| n.checked_mul(1024u64.pow(*power)));
    size.is_none().then(|| Misfit::reads(WANTED, "it is out of range"))?
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

/// prometheus/alertmanager config/config.go `parseURL`@v0.26.0, config/common/url.go `ParseURL`@v0.34.0.
fn web_url(text: &str) -> Option<Misfit> {
    const WANTED: &str = "a URL such as `https://example.com/hook`";
    match url::url(text) {
        Verdict::Refused(why) => Misfit::reads(WANTED, why),
        Verdict::Url(scheme, _) if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) => {
            Misfit::reads(WANTED, "it must begin with `http://` or `https://`")
        }
        Verdict::Url(_, "") => Misfit::reads(WANTED, "it names no host"),
        Verdict::Url(..) | Verdict::Unsure => None,
    }
}

/// What Alertmanager prints in the place of a secret is taken as well.
fn secret_url(text: &str) -> Option<Misfit> {
    if text == "<secret>" { None } else { web_url(text) }
}

/// One that may be made by a template, in which no function of Alertmanager is known when the config is loaded (prometheus/alertmanager
/// config/config.go `SecretTemplateURL`@v0.31.0, config/common/url.go `ContainsTemplating`@v0.34.0).
fn template_url(text: &str) -> Option<Misfit> {
    if text.is_empty() {
        return None;
    }
    if !text.contains("{{") {
        return secret_url(text);
    }
    let error = template::check(text, Names { functions: &[], variables: &[] }).err()?;
    Misfit::reads("a URL or a template with no functions but Go's own", &error.message)
}

/// Go's own durations (prometheus/alertmanager config/notifiers.go `duration.UnmarshalText`@v0.26.0, v0.34.0).
fn go_duration(text: &str) -> Option<Misfit> {
    quantity::go_duration(text).is_err().then(|| Misfit::reads("a duration such as `1h30m`", "it is none"))?
}

/// golang/go src/net/ipsock.go `SplitHostPort`@go1.26.0, and a port (prometheus/alertmanager config/config.go
/// `HostPort.UnmarshalYAML`@v0.34.0).
fn host_port(text: &str) -> Option<Misfit> {
    const WANTED: &str = "a host and a port such as `smtp.example.com:587`";
    if text.is_empty() {
        return None;
    }
    let Some((host, port)) = text.rsplit_once(':') else { return Misfit::reads(WANTED, "a port is missing") };
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    if port.is_empty() || port.contains(']') {
        return Misfit::reads(WANTED, "a port is missing");
    }
    match inner {
        Some(inner) if inner.contains(['[', ']']) => Misfit::reads(WANTED, "brackets stand within brackets"),
        None if host.contains(':') => Misfit::reads(WANTED, "an address with colons needs brackets"),
        None if host.contains(['[', ']']) => Misfit::reads(WANTED, "a bracket stands alone"),
        _ => None,
    }
}
