//! Ranges of days, months and years as Alertmanager and what is built on it read them
//! (prometheus/alertmanager timeinterval/timeinterval.go@v0.26.0, v0.34.0).

use super::value::Misfit;

const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Folders of the time zone database, and names outside of them (eggert/tz backward, etcetera, northamerica@2025b).
const AREAS: [&str; 16] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Brazil",
    "Canada",
    "Chile",
    "Etc",
    "Europe",
    "Indian",
    "Mexico",
    "Pacific",
    "US",
];
const ZONES: [&str; 45] = [
    "",
    "UTC",
    "Local",
    "CET",
    "CST6CDT",
    "Cuba",
    "EET",
    "EST",
    "EST5EDT",
    "Egypt",
    "Eire",
    "Factory",
    "GB",
    "GB-Eire",
    "GMT",
    "GMT+0",
    "GMT-0",
    "GMT0",
    "Greenwich",
    "HST",
    "Hongkong",
    "Iceland",
    "Iran",
    "Israel",
    "Jamaica",
    "Japan",
    "Kwajalein",
    "Libya",
    "MET",
    "MST",
    "MST7MDT",
    "NZ",
    "NZ-CHAT",
    "Navajo",
    "PRC",
    "PST8PDT",
    "Poland",
    "Portugal",
    "ROC",
    "ROK",
    "Singapore",
    "Turkey",
    "UCT",
    "Universal",
    "WET",
];

/// `monday`, `monday:friday`.
pub(super) fn weekdays(text: &str) -> Option<Misfit> {
    const WANTED: &str = "a day such as `monday`, or two with a colon";
    let day = |t: &str| DAYS.iter().position(|d| *d == t).and_then(|n| i64::try_from(n).ok());
    range(text, WANTED, day, |from, to| {
        (from > to).then_some("the week begins on Sunday, and the last day is before the first")
    })
}

/// `1`, `1:15`, `-3:-1`.
pub(super) fn days(text: &str) -> Option<Misfit> {
    const WANTED: &str = "a day of the month, or two with a colon";
    range(text, WANTED, whole, |from, to| {
        let day = |n: i64| n != 0 && (-31..=31).contains(&n);
        if !day(from) || !day(to) {
            return Some("days go from 1 to 31, or from -31 to -1, counted from the end");
        }
        if from < 0 && to > 0 {
            return Some("the last day must be negative where the first one is");
        }
        let least = |n: i64| if n < 0 { 28 + n } else { n };
        (least(from) > least(to)).then_some("the last day is before the first")
    })
}

/// `january`, `1:3`.
pub(super) fn months(text: &str) -> Option<Misfit> {
    const WANTED: &str = "a month such as `january` or `1`, or two with a colon";
    let month = |t: &str| match MONTHS.iter().position(|m| *m == t) {
        Some(at) => i64::try_from(at + 1).ok(),
        None => whole(t).filter(|n| (1..=12).contains(n)),
    };
    range(text, WANTED, month, |from, to| (from > to).then_some("the last month is before the first"))
}

/// `2026`, `2026:2028`.
pub(super) fn years(text: &str) -> Option<Misfit> {
    const WANTED: &str = "a year, or two with a colon";
    range(text, WANTED, whole, |from, to| (from > to).then_some("the last year is before the first"))
}

/// A name of the time zone database: `Europe/Berlin`.
pub(super) fn zone(text: &str) -> Option<Misfit> {
    let known = ZONES.contains(&text)
        || ["W-SU", "Zulu"].contains(&text)
        || text.split_once('/').is_some_and(|(area, rest)| AREAS.contains(&area) && !rest.contains(".."));
    (!known).then(|| Misfit::reads("a time zone such as `Europe/Berlin`", "no time zone has that name"))?
}

/// As Go's `strconv.Atoi`.
fn whole(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn range(
    text: &str,
    wanted: &str,
    member: impl Fn(&str) -> Option<i64>,
    fault: impl Fn(i64, i64) -> Option<&'static str>,
) -> Option<Misfit> {
    let text = text.to_lowercase();
    let parts: Vec<&str> = text.split(':').collect();
    let ends = match parts[..] {
        [one] => member(one).map(|n| (n, n)),
        [from, to] => member(from).zip(member(to)),
        _ => None,
    };
    match ends {
        None => Misfit::reads(wanted, "it is none"),
        Some((from, to)) => fault(from, to).and_then(|why| Misfit::reads(wanted, why)),
    }
}
