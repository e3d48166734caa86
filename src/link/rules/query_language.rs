//! A query that is sent to a data source of another language.

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::engines::grafana::queries::{Field, Question, languages, questions};
use crate::link::Linked;
use crate::link::index::Grafanas;
use crate::source::Span;
use crate::symbol::Datasource;

use super::sources::shown_with;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "dash-query-language",
    aliases: &["dash-ds-type-mismatch"],
    summary: "a panel asks a data source in the language of another one",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("query_language.md"),
};

/// Plugins that read no `expr` (`grafana/grafana public/app/plugins/datasource/tempo/dataquery.gen.ts@008aba5cef5e`,
/// `jaeger/types.ts@0ab9c4f5c805`, `grafana-pyroscope-datasource/dataquery.gen.ts@041993ff84c0`), and Grafana itself.
const NO_EXPR: [&str; 5] = ["tempo", "jaeger", "grafana-pyroscope-datasource", "phlare", GRAFANA];

/// The source that Grafana brings, by its names.
const GRAFANA: &str = "grafana";
const ITSELF: [&str; 2] = [GRAFANA, "-- Grafana --"];

/// Names that stand for other things than one data source.
const OTHERS: [&str; 5] = ["-- Mixed --", "-- Dashboard --", "default", "__expr__", "-100"];

/// Queries that are told of beside the first.
const SHOWN: usize = 7;

/// What one data source is asked in a language that is not its own.
struct Misled<'a> {
    /// As the dashboard has it.
    name: String,
    /// Its plugin.
    kind: String,
    language: Language,
    source: Option<&'a Datasource>,
    asked: Vec<(String, Span)>,
    /// Whether every query names another one itself.
    disputed: bool,
}

/// What it is asked, and the plugin that answers.
type Language = (&'static str, &'static str);

const PROMQL: Language = ("in PromQL", "prometheus");
const LOGQL: Language = ("in LogQL", "loki");
const TRACEQL: Language = ("in TraceQL", "tempo");
const PROFILES: Language = ("for profiles", "grafana-pyroscope-datasource");

/// Every data source of a dashboard that is asked so, once.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    for (id, artifact) in linked.tree.artifacts() {
        let questions = questions(artifact);
        if questions.is_empty() {
            continue;
        }
        let grafana = shown_with(linked, id, artifact);
        let mut found: IndexMap<(String, Language), Misled<'_>> = IndexMap::new();
        for question in questions {
            let Some(misled) = judge(grafana, &question) else { continue };
            let entry = found.entry((misled.name.clone(), misled.language)).or_insert(misled);
            entry.disputed &= question.disputed;
            entry.asked.push((question.by, question.text.whole()));
        }
        findings.all.extend(found.into_values().filter_map(|misled| tell(grafana, misled)));
    }
}

/// The source that a query goes to, where it speaks another language.
fn judge<'a>(grafana: Option<Grafanas<'_, 'a>>, question: &Question<'_>) -> Option<Misled<'a>> {
    let name = question.source;
    if name.is_some_and(|n| OTHERS.contains(&n)) {
        return None;
    }
    let literal = name.is_none_or(|n| !n.contains('$') && !n.contains("[["));
    let itself = name.is_some_and(|n| ITSELF.contains(&n));
    let source = grafana.filter(|_| literal && !itself).map(|g| match name {
        Some(name) => g.resolve(name),
        None => g.default().filter(|_| question.kind.is_none()),
    });
    let kind = match (itself, source) {
        (true, _) => GRAFANA.to_owned(),
        (_, Some(Some(source))) => source.kind.clone(),
        // One that does not exist is told of as that.
        (_, Some(None)) if name.is_some() => return None,
        _ => question.kind.clone()?,
    };
    // A query that its own source refuses is told of as that.
    let told = question.kind.as_deref() == Some(kind.as_str());
    let reads = matches!(kind.as_str(), "prometheus" | "loki");
    let asked = question.field == Field::Expr && (NO_EXPR.contains(&kind.as_str()) || reads && !told);
    let (promql, logql) = if asked { languages(question.text.value()) } else { (false, false) };
    let language = match (question.field, kind.as_str()) {
        (Field::Expr, k) if NO_EXPR.contains(&k) && promql => PROMQL,
        (Field::Expr, k) if NO_EXPR.contains(&k) && logql => LOGQL,
        (Field::Expr, "prometheus") if logql && !promql => LOGQL,
        (Field::Expr, "loki") if promql && !logql => PROMQL,
        (Field::Trace, "prometheus" | "loki" | "grafana-pyroscope-datasource" | "phlare" | GRAFANA) => TRACEQL,
        (Field::Profile, "prometheus" | "loki" | "tempo" | "jaeger" | GRAFANA) => PROFILES,
        _ => return None,
    };
    let name = name.map_or_else(|| "the default data source".to_owned(), |n| format!("`{n}`"));
    Some(Misled { name, kind, language, source: source.flatten(), asked: Vec::new(), disputed: true })
}

fn tell(grafana: Option<Grafanas<'_, '_>>, misled: Misled<'_>) -> Option<Diagnostic> {
    let Misled { name, kind, language: (language, right), source, asked, disputed } = misled;
    let mut asked = asked.into_iter();
    let (by, span) = asked.next()?;
    let is = if kind == GRAFANA { "Grafana's own".to_owned() } else { format!("of type `{kind}`") };
    let mut diagnostic =
        Diagnostic::new(&RULE, span, format!("{by} asks {name} {language}, and that data source is {is}"));
    for (by, span) in asked.by_ref().take(SHOWN) {
        diagnostic = diagnostic.label(span, format!("so does {by}"));
    }
    let more = asked.count();
    if more > 0 {
        diagnostic = diagnostic.note(format!("so do {more} other queries of this dashboard"));
    }
    match source {
        Some(source) => diagnostic = diagnostic.label(source.span, format!("it is of type `{kind}` here")),
        // It may be of another type where the dashboard is loaded.
        None => diagnostic = diagnostic.severity(Severity::Warning),
    }
    // Which of the two counts, that of the panel or that of the query, is another matter in each Grafana.
    if disputed {
        diagnostic = diagnostic
            .severity(Severity::Warning)
            .note("the query names another data source than its panel: in some releases of Grafana that one counts");
    }
    let fit = grafana.and_then(|g| g.of(right).first().copied());
    diagnostic.help = Some(match fit {
        Some(fit) => {
            let name = if fit.uid_written { &fit.uid } else { &fit.name };
            format!("name `{name}`, which is of type `{right}`")
        }
        None => format!("name a data source of type `{right}`"),
    });
    Some(diagnostic.note("it answers nothing of that: the panel stays empty"))
}
