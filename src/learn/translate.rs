//! Names of OTLP → names that Prometheus stores them under unless it is told otherwise: underscores for what is no letter,
//! with suffixes for units and counters (`prometheus/otlptranslator metric_namer.go, unit_namer.go, label_namer.go,
//! strconv.go @v1.0.0`, which `prometheus/prometheus go.mod @v3.14.0` names; `UnderscoreEscapingWithSuffixes` is the
//! default of `config/config.go` there).

/// What a name hangs on besides itself and its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sum that never falls.
    Counter,
    /// A value.
    Gauge,
    /// Anything else.
    Other,
}

/// Units as they are spelt out (`unitMap`).
const UNITS: [(&str, &str); 26] = [
    ("%", "percent"),
    ("1", ""),
    ("A", "amperes"),
    ("By", "bytes"),
    ("Cel", "celsius"),
    ("GBy", "gigabytes"),
    ("GiBy", "gibibytes"),
    ("Hz", "hertz"),
    ("J", "joules"),
    ("KBy", "kilobytes"),
    ("KiBy", "kibibytes"),
    ("MBy", "megabytes"),
    ("MiBy", "mebibytes"),
    ("TBy", "terabytes"),
    ("TiBy", "tibibytes"),
    ("V", "volts"),
    ("W", "watts"),
    ("d", "days"),
    ("g", "grams"),
    ("h", "hours"),
    ("m", "meters"),
    ("min", "minutes"),
    ("ms", "milliseconds"),
    ("ns", "nanoseconds"),
    ("s", "seconds"),
    ("us", "microseconds"),
];

/// The same behind a slash (`perUnitMap`).
const PER: [(&str, &str); 7] =
    [("s", "second"), ("m", "minute"), ("h", "hour"), ("d", "day"), ("w", "week"), ("mo", "month"), ("y", "year")];

/// The name of a metric; `None` = it is refused.
pub(super) fn metric(name: &str, unit: &str, kind: Kind) -> Option<String> {
    let mut tokens: Vec<String> = name.split(|c| !is_plain(c)).filter(|t| !t.is_empty()).map(str::to_owned).collect();
    let (main, per) = suffixes(unit);
    let (mut main, per) = (clean(&main), clean(&per));
    if tokens.contains(&main) {
        main.clear();
    }
    let per = match per.as_str() {
        "per_" => String::new(),
        other => other.strip_suffix('_').unwrap_or(other).to_owned(),
    };
    let per = if tokens.contains(&per) { String::new() } else { per };
    if !per.is_empty() {
        main = main.strip_suffix('_').unwrap_or(&main).to_owned();
    }
    tokens.extend([main, per].into_iter().filter(|t| !t.is_empty()));
    let last = match kind {
        Kind::Counter => Some("total"),
        Kind::Gauge if unit == "1" => Some("ratio"),
        _ => None,
    };
    if let Some(last) = last {
        tokens.retain(|t| t != last);
        tokens.push(last.to_owned());
    }
    let mut out = tokens.join("_");
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    let kept = !out.is_empty() && (out == name || out.contains(|c| c != '_'));
    kept.then_some(out)
}

/// The name of a label; `None` = it is refused.
pub(super) fn label(name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let inner = (name.len() >= 4).then(|| name.strip_prefix("__")?.strip_suffix("__")).flatten();
    let mut out = String::with_capacity(name.len());
    for c in inner.unwrap_or(name).chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    if inner.is_some() {
        out = format!("__{out}__");
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert_str(0, "key_");
    }
    out.contains(|c| c != '_').then_some(out)
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == ':'
}

/// What a unit appends, before and behind its slash.
fn suffixes(unit: &str) -> (String, String) {
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let spelt = |unit: &str, names: &[(&str, &str)]| {
        let unit = unit.trim();
        if unit.contains(['{', '}']) {
            return String::new();
        }
        names.iter().find(|(short, _)| *short == unit).map_or(unit, |(_, long)| long).to_owned()
    };
    let per = spelt(per, &PER);
    (spelt(main, &UNITS), if per.is_empty() { per } else { format!("per_{per}") })
}

/// Letters, with single underscores between them and none before.
fn clean(unit: &str) -> String {
    let mut out = String::with_capacity(unit.len());
    for c in unit.chars().map(|c| if is_plain(c) { c } else { '_' }) {
        if c != '_' || !out.ends_with('_') {
            out.push(c);
        }
    }
    out.strip_prefix('_').map(str::to_owned).unwrap_or(out)
}
