//! Its files, command lines and queries on their way to another version (docs/migration.md@v3.14.0).

use std::collections::{BTreeMap, HashSet};

use super::check::PLUG;
use super::{CONFIG, ENGINE, RULE_TESTS, command, symbols};
use crate::catalogue::Version;
use crate::conform::flags::{self, Dialect};
use crate::conform::{self, words};
use crate::engine::{Asked, Crossing, Step, StepKind, Upgrade};
use crate::lang::promql::{MatchOp, NodeKind, Query, bounds as limits};
use crate::source::{Edit, Span};
use crate::tree::{ArtifactId, Service, ServiceId};

/// The plug.
pub(super) static UPGRADE: Upgrade =
    Upgrade { steps: |passage| PLUG.steps(passage), tidy: |_| None, wider: Some(wider) };

const THREE: Version = Version::new(3, 0, 0);

/// Since this version the config has keys for retention (config/config.go@v3.8.0).
const RETENTION: Version = Version::new(3, 8, 0);

/// The feature that `double_exponential_smoothing` hides behind.
const EXPERIMENTAL: &str = "promql-experimental-functions";

fn wider(crossing: &Crossing<'_>) -> Vec<Step> {
    let mut steps = conform::command(ENGINE.name, Dialect::Kingpin, crossing);
    // Where the version that ran is not known, all that a release before the new one changed may be news.
    let before = |service: &Service, version: Version| service.version.is_none_or(|from| from < version);
    let moves = crossing.to >= THREE
        && (crossing.services.is_empty() || crossing.services.iter().any(|(_, s)| before(s, THREE)));
    let smooth = if moves { queries(crossing, &mut steps) } else { false };
    let mut seen = HashSet::new();
    for (id, service) in &crossing.services {
        if before(service, crossing.to) {
            features(crossing, *id, service, smooth, &mut seen, &mut steps);
        }
    }
    steps
}

/// What 3.0 makes of queries; whether one smooths.
fn queries(crossing: &Crossing<'_>, steps: &mut Vec<Step>) -> bool {
    let mut smooth = false;
    // What another store answers keeps its names.
    let alone = !crossing.tree.services.iter().any(|s| {
        let image = s.image.as_ref().map_or("", |i| i.repository.as_str());
        s.engine == Some("mimir") || ["thanos", "cortex", "victoria"].iter().any(|o| image.contains(o))
    });
    let mut seen = HashSet::new();
    for (id, asked) in crossing.asked {
        let Some(query) = asked.parse() else { continue };
        // Series that a test makes up are no queries, and hold what it says.
        let test = *crossing.tree.artifact(*id).kind == RULE_TESTS;
        let bounds = if test { Vec::new() } else { rounded(crossing, asked, &query) };
        let sure = alone || !asked.template;
        for step in renamed(crossing, asked, &query).into_iter().chain(bounds) {
            smooth |= step.subject == "holt_winters";
            if seen.insert(step.span) {
                let unsure = Step { kind: StepKind::Note, edits: Vec::new(), ..step.clone() };
                steps.push(if sure { step } else { unsure });
            }
        }
        steps.extend(narrow(asked, &query));
    }
    smooth
}

/// `holt_winters` (promql/parser/functions.go@v2.55.1, v3.0.0).
fn renamed(crossing: &Crossing<'_>, asked: &Asked<'_>, query: &Query) -> Vec<Step> {
    let calls = query.nodes().filter_map(|(_, node)| match &node.kind {
        NodeKind::Call { function, .. } if function.value == "holt_winters" && !function.dynamic => Some(function),
        _ => None,
    });
    let step = |span: Span| {
        let edit = Edit { span, text: "double_exponential_smoothing".to_owned() };
        let text =
            format!("gone since 3.0.0; it is `double_exponential_smoothing` behind the feature `{EXPERIMENTAL}`");
        Step { kind: StepKind::Edit, span, subject: "holt_winters".to_owned(), text, edits: vec![edit] }
    };
    let spans = calls.map(|f| asked.span(f.range.clone()));
    spans.filter(|s| crossing.tree.sources.slice(*s) == "holt_winters").map(step).collect()
}

/// Whole numbers as `le` and `quantile`.
fn rounded(crossing: &Crossing<'_>, asked: &Asked<'_>, query: &Query) -> Vec<Step> {
    let sources = &crossing.tree.sources;
    let mut steps = Vec::new();
    for found in limits::whole(query) {
        let matcher = found.matcher;
        let (all, value) = (asked.span(matcher.range.clone()), asked.span(matcher.value.range.clone()));
        let label = asked.span(matcher.label.range.clone());
        // Of a text that cannot be followed byte by byte every part is the whole.
        if label.end > value.start || label.source != value.source {
            continue;
        }
        let operator = Span { start: label.end, end: value.start, ..all };
        let sign = if matcher.op == MatchOp::Equal { "=" } else { "!=" };
        let (written, inside) = (sources.slice(operator), sources.slice(value));
        let (Some(at), Some(number)) = (written.find(sign), inside.find(matcher.value.value.as_str())) else {
            continue;
        };
        if written.contains('~') {
            continue;
        }
        let sign_at = operator.slice(at..at + sign.len());
        let number = value.slice(number..number + matcher.value.value.len());
        let both = format!("{}|{}", matcher.value.value, found.stored.replace('+', "[+]"));
        let regex = if matcher.op == MatchOp::Equal { "=~" } else { "!~" };
        let text =
            format!("scrapes store `{}` since 3.0.0; `{both}` matches what was stored before as well", found.stored);
        let edits = vec![Edit { span: sign_at, text: regex.to_owned() }, Edit { span: number, text: both }];
        let subject = matcher.label.value.clone();
        steps.push(Step { kind: StepKind::Edit, span: all, subject, text, edits });
    }
    steps
}

/// Sub-queries with one point where there were two.
fn narrow(asked: &Asked<'_>, query: &Query) -> Vec<Step> {
    let mut steps = Vec::new();
    for (_, node) in query.nodes() {
        let NodeKind::Subquery { window, step: Some(step), .. } = &node.kind else { continue };
        if let (Some(range), Some(every)) = (window.seconds, step.seconds)
            && (range - every).abs() < f64::EPSILON
        {
            let span = asked.span(window.range.start..step.range.end);
            let text =
                "one point since 3.0.0 where there were two: a range leaves out its left edge; widen it to two steps";
            let subject = "sub-query".to_owned();
            steps.push(Step { kind: StepKind::Note, span, subject, text: text.to_owned(), edits: Vec::new() });
        }
    }
    steps
}

/// What became of a word of `--enable-feature`.
enum Word {
    /// It goes, and this flag does the same.
    Flag(&'static str),
    /// It goes, and a key of the config does the same.
    Native,
    /// It goes.
    Default,
}

fn features(
    crossing: &Crossing<'_>,
    id: ServiceId,
    service: &Service,
    smooth: bool,
    seen: &mut HashSet<Span>,
    steps: &mut Vec<Step>,
) {
    let Some(facts) = ENGINE.facts() else { return };
    let Some(line) = flags::read(service, facts, crossing.to, Dialect::Kingpin) else { return };
    let sources = &crossing.tree.sources;
    let mut smooth = smooth && !symbols::features(service).iter().any(|f| f == EXPERIMENTAL);
    let has = |flag: &str| line.given.iter().any(|g| format!("--{}", g.name) == flag);
    for given in line.given.iter().filter(|g| g.name == "enable-feature") {
        let Some(value) = given.value else { continue };
        let all: Vec<&str> = value.split(',').filter(|w| !w.is_empty()).collect();
        let gone: BTreeMap<&str, (Version, Word)> =
            all.iter().filter_map(|w| Some((*w, became(w, service.version, crossing.to)?))).collect();
        let fresh = smooth;
        if (gone.is_empty() && !fresh) || !seen.insert(given.arg.span) {
            continue;
        }
        smooth = false;
        let mut left: Vec<&str> = all.iter().copied().filter(|w| !gone.contains_key(w)).collect();
        left.extend(fresh.then_some(EXPERIMENTAL));
        let flags: Vec<String> = gone
            .values()
            .filter_map(|(_, w)| if let Word::Flag(flag) = w { Some((*flag).to_owned()) } else { None })
            .filter(|flag| !has(flag))
            .collect();
        let text = told(&gone, fresh);
        let joined = given.arg.text.contains('=');
        let edits = edited(crossing, service, given, value, &left, &flags).filter(|_| joined && !given.open);
        let (kind, edits) = match edits {
            Some(edits) => (StepKind::Edit, edits),
            None => (StepKind::Hand, Vec::new()),
        };
        steps.push(Step { kind, span: given.arg.span, subject: "--enable-feature".to_owned(), text, edits });
        if gone.values().any(|(_, w)| matches!(w, Word::Native)) {
            steps.extend(native(crossing, id));
        }
    }
    if smooth {
        let text = format!("a query smooths: write `--enable-feature={EXPERIMENTAL}`");
        let (subject, word) = ("--enable-feature".to_owned(), format!("--enable-feature={EXPERIMENTAL}"));
        let last = service.command.as_ref().and_then(|c| c.last()).filter(|a| !a.open && seen.insert(a.span));
        let edit = last.and_then(|last| words::append(sources, last, &[word]));
        let span = edit.as_ref().map_or(service.span, |e| e.span);
        let (kind, edits) = edit.map_or((StepKind::Hand, Vec::new()), |edit| (StepKind::Edit, vec![edit]));
        steps.push(Step { kind, span, subject, text, edits });
    }
    for given in line.given.iter().filter(|g| g.name.starts_with("storage.tsdb.retention.")) {
        if crossing.to >= RETENTION && service.version.is_some_and(|v| v < RETENTION) && seen.insert(given.arg.span) {
            let key = given.name;
            let text = format!("deprecated since 3.8.0: the config has `{key}`, which wins");
            let subject = format!("--{key}");
            steps.push(Step { kind: StepKind::Note, span: given.arg.span, subject, text, edits: Vec::new() });
        }
    }
}

/// What became of a feature between two versions; `None` = it is as it was.
fn became(word: &str, from: Option<Version>, to: Version) -> Option<(Version, Word)> {
    let until = command::gone(word)?;
    if until > to || from.is_some_and(|from| from >= until) {
        return None;
    }
    let word = match word {
        "agent" => Word::Flag("--agent"),
        "remote-write-receiver" => Word::Flag("--web.enable-remote-write-receiver"),
        "otlp-write-receiver" => Word::Flag("--web.enable-otlp-receiver"),
        "native-histograms" => Word::Native,
        _ => Word::Default,
    };
    Some((until, word))
}

fn told(gone: &BTreeMap<&str, (Version, Word)>, fresh: bool) -> String {
    let one = |(name, (until, word)): (&&str, &(Version, Word))| {
        let instead = match word {
            Word::Flag(flag) => format!("`{flag}` does the same"),
            Word::Native => "`scrape_native_histograms` of the config asks for them".to_owned(),
            Word::Default => "it is the default".to_owned(),
        };
        format!("`{name}` does nothing since {until}, {instead}")
    };
    let all = gone.iter().map(one).chain(fresh.then(|| format!("a query needs `{EXPERIMENTAL}`")));
    all.collect::<Vec<_>>().join("; ")
}

/// The word anew: with the features that are left, the flags behind it; none left: the first flag in its place, or nothing.
fn edited(
    crossing: &Crossing<'_>,
    service: &Service,
    given: &flags::Given<'_>,
    value: &str,
    left: &[&str],
    flags: &[String],
) -> Option<Vec<Edit>> {
    let sources = &crossing.tree.sources;
    if !left.is_empty() {
        let mut edits = vec![words::replace(sources, given.arg, value, &left.join(","))?];
        edits.extend(words::append(sources, given.arg, flags));
        return Some(edits);
    }
    match flags {
        [] if service.args()?.len() < 2 => None,
        [] => Some(vec![words::remove(sources, given.arg)?]),
        [first, rest @ ..] => {
            let mut edits = vec![words::replace(sources, given.arg, &given.arg.text, first)?];
            edits.extend(words::append(sources, given.arg, rest));
            Some(edits)
        }
    }
}

/// Native histograms are asked for in the config.
fn native(crossing: &Crossing<'_>, id: ServiceId) -> Option<Step> {
    let config = |(_, a): &(ArtifactId, &crate::tree::Artifact)| *a.kind == CONFIG && !a.used_by(id).is_empty();
    let (_, artifact) = crossing.tree.artifacts().find(config)?;
    let (document, path) = (artifact.data()?, ["global", "scrape_native_histograms"]);
    let root = document.root()?;
    if root.at(&path).is_some() {
        return None;
    }
    let edits = conform::put(document, &path, ": true");
    let span = root.get("global").map_or(root.span(), |g| g.span());
    let span = Span { end: span.start, ..span };
    let text = "written: the feature that asked for native histograms does nothing since 3.9.0".to_owned();
    let (kind, edits) = edits.map_or((StepKind::Hand, Vec::new()), |edits| (StepKind::Edit, edits));
    Some(Step { kind, span, subject: path.join("."), text, edits })
}
