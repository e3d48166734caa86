//! Values → [`Spec`], defaults filled in.

use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span, Spanned};

use super::conflict;
use super::model::*;
use super::node;
use super::read::{self, Got, Table, Value, Values};
use super::report::Report;
use super::rules;
use super::sections;

/// Decodes the text of a `vispyr.toml`. Every finding comes at once, in the order of the text; there is a
/// [`Spec`] exactly when none of them is an error. A value that was not written has the span of its section's
/// header, or that of the file's start where the section was not written either.
pub fn decode(source: SourceId, text: &str) -> (Option<Spec>, Vec<Diagnostic>) {
    let (values, mut report) = values(source, text);
    whole(&values, &mut report);
    let spec = if report.has_errors() { None } else { spec(source, &values) };
    (spec, report.finish())
}

/// What `vispyr check` takes from the text of a `vispyr.toml`, as far as it can be read, and every finding on it. A text
/// that only says how to check needs no stack.
pub fn of_check(source: SourceId, text: &str) -> (CheckSection, Vec<Diagnostic>) {
    let (values, mut report) = values(source, text);
    if !values.only(sections::OF_CHECK) {
        whole(&values, &mut report);
    }
    let from = From { section: "check", table: values.table("check"), source };
    let ignore = match from.written("ignore") {
        Some(Spanned { value: Value::Ignores(all), .. }) => all.clone(),
        _ => Vec::new(),
    };
    (CheckSection { ignore, symbols: from.texts("symbols") }, report.finish())
}

fn values(source: SourceId, text: &str) -> (Values, Report<'_>) {
    let mut report = Report::new(source, text);
    let (document, errors) = node::parse(source, text);
    for (span, message) in &errors {
        report.syntax(*span, message);
    }
    let values = read::read(document.root(), &mut report);
    (values, report)
}

/// Holds the values of a whole stack against each other.
fn whole(values: &Values, report: &mut Report<'_>) {
    if values.table("stack").is_none() && !report.is_broken() {
        report.push(
            Diagnostic::new(&rules::MISSING_KEY, Span::file(report.source), "`[stack] name` is missing")
                .help("add `[stack]` with `name`, such as `name = \"shop\"`"),
        );
    }
    conflict::check(values, report);
}

/// Reads values of one section.
struct From<'a> {
    section: &'static str,
    table: Option<&'a Table>,
    source: SourceId,
}

impl<'a> From<'a> {
    fn written(&self, key: &str) -> Option<&'a Spanned<Value>> {
        match self.table?.get(key) {
            Got::Written(value, _) => Some(value),
            Got::Absent | Got::Broken => None,
        }
    }

    /// Where a default stands.
    fn span(&self) -> Span {
        self.table.map_or(Span::file(self.source), |t| t.span)
    }

    fn text(&self, key: &str) -> Option<Spanned<String>> {
        match self.written(key) {
            Some(Spanned { value: Value::Text(text), span }) => Some(Spanned::new(text.clone(), *span)),
            Some(_) => None,
            None => conflict::default(self.section, key).map(|t| Spanned::new(t.to_owned(), self.span())),
        }
    }

    fn word(&self, key: &str) -> Option<Spanned<&'static str>> {
        match self.written(key) {
            Some(Spanned { value: Value::Word(word), span }) => Some(Spanned::new(*word, *span)),
            Some(_) => None,
            None => conflict::default(self.section, key).map(|t| Spanned::new(t, self.span())),
        }
    }

    fn number(&self, key: &str) -> Option<Spanned<u64>> {
        match self.written(key) {
            Some(Spanned { value: Value::Number(number), span }) => Some(Spanned::new(*number, *span)),
            Some(_) => None,
            None => conflict::default_number(self.section, key).map(|n| Spanned::new(n, self.span())),
        }
    }

    fn port(&self, key: &str) -> Option<Spanned<u16>> {
        let number = self.number(key)?;
        u16::try_from(number.value).ok().map(|port| Spanned::new(port, number.span))
    }

    fn flag(&self, key: &str) -> Option<bool> {
        match self.written(key) {
            Some(Spanned { value: Value::Flag(flag), .. }) => Some(*flag),
            Some(_) => None,
            None => conflict::default(self.section, key).map(|t| t == "true"),
        }
    }

    fn texts(&self, key: &str) -> Vec<Spanned<String>> {
        match self.written(key) {
            Some(Spanned { value: Value::Texts(texts), .. }) => texts.clone(),
            _ => Vec::new(),
        }
    }
}

/// Builds the spec from values that are all sound; `None` only if a default of the table is not, which a test excludes.
fn spec(source: SourceId, values: &Values) -> Option<Spec> {
    let from = |section| From { section, table: values.table(section), source };
    let each = |section| values.all(section).map(move |t| From { section, table: Some(t), source });
    let stack = from("stack");
    let layout = stack.word("layout")?.map(|w| match w {
        "agent-gateway" => Layout::AgentGateway,
        _ => Layout::SingleHost,
    });
    let pair = layout.value == Layout::AgentGateway;
    let signals = from("signals");
    let signals =
        Signals { traces: signals.word("traces")?.value != "off", profiles: signals.word("profiles")?.value != "off" };
    Some(Spec {
        source,
        stack: StackSection { name: stack.text("name")?, layout, environment: stack.text("environment") },
        services: each("services").map(|f| service(&f)).collect::<Option<_>>()?,
        signals,
        versions: versions(values),
        collector: collector(&from("collector"), signals)?,
        retention: retention(&from("retention"))?,
        gateway: if pair { Some(gateway(&from("gateway"))?) } else { None },
        tls: tls(&from("tls"), pair)?,
        auth: match from("auth").word("mode").map(|w| w.value) {
            Some("basic") => AuthMode::Basic,
            Some("bearer") => AuthMode::Bearer,
            None if pair => AuthMode::Bearer,
            Some(_) | None => AuthMode::None,
        },
        grafana: grafana(&from("grafana"))?,
        agent: agent(&from("agent"))?,
        scrapes: each("scrape").map(|f| scrape(&f)).collect::<Option<_>>()?,
        resources: resources(values),
        limits: limits(&from("limits")),
    })
}

fn service(from: &From<'_>) -> Option<Application> {
    let language = from.word("language").and_then(|word| {
        let (_, language) = Language::ALL.iter().find(|(name, _)| *name == word.value)?;
        Some(Spanned::new(*language, word.span))
    });
    Some(Application { name: from.text("name")?, language, namespace: from.text("namespace"), span: from.span() })
}

fn versions(values: &Values) -> Vec<(String, Spanned<crate::catalogue::Version>)> {
    let fields = values.table("versions").into_iter().flat_map(Table::fields);
    let pinned = fields.filter_map(|field| match &field.value {
        Some(Spanned { value: Value::Version(version), span }) => {
            Some((field.key.to_owned(), Spanned::new(*version, *span)))
        }
        _ => None,
    });
    let mut pinned: Vec<_> = pinned.collect();
    pinned.sort_by(|(a, _), (b, _)| a.cmp(b));
    pinned
}

fn collector(from: &From<'_>, signals: Signals) -> Option<Collector> {
    Some(Collector {
        host_metrics: from.flag("host_metrics")?,
        span_metrics: from.flag("span_metrics").unwrap_or(signals.traces),
        service_graph: from.flag("service_graph").unwrap_or(signals.traces),
        scrape_interval: from.number("scrape_interval")?.value,
        instance: from.text("instance"),
        dimensions: from.texts("dimensions"),
    })
}

fn retention(from: &From<'_>) -> Option<Retention> {
    Some(Retention {
        metrics: from.number("metrics")?,
        metrics_size: from.number("metrics_size")?,
        traces: from.number("traces")?,
        profiles: from.number("profiles")?,
    })
}

fn gateway(from: &From<'_>) -> Option<Gateway> {
    Some(Gateway { address: from.text("address")?, port: from.port("port")?, bind: from.text("bind")? })
}

fn tls(from: &From<'_>, pair: bool) -> Option<Tls> {
    let default = if pair { "private" } else { "off" };
    let mode = from.word("mode").unwrap_or(Spanned::new(default, from.span()));
    let value = match mode.value {
        "files" => TlsMode::Files { cert: from.text("cert")?, key: from.text("key")?, ca: from.text("ca") },
        "private" => TlsMode::Private,
        _ => TlsMode::Off,
    };
    Some(Tls { mode: Spanned::new(value, mode.span), allow_plaintext: from.flag("allow_plaintext")? })
}

fn grafana(from: &From<'_>) -> Option<Grafana> {
    Some(Grafana { bind: from.text("bind")?, port: from.port("port")?, root_url: from.text("root_url") })
}

fn agent(from: &From<'_>) -> Option<Agent> {
    Some(Agent {
        bind: from.text("bind")?,
        otlp_grpc_port: from.port("otlp_grpc_port")?,
        otlp_http_port: from.port("otlp_http_port")?,
        profiles_port: from.port("profiles_port")?,
    })
}

fn scrape(from: &From<'_>) -> Option<Scrape> {
    Some(Scrape {
        name: from.text("name")?,
        targets: from.texts("targets"),
        path: from.text("path")?,
        interval: from.number("interval"),
        https: from.word("scheme")?.value == "https",
        bearer: from.text("bearer"),
    })
}

fn resources(values: &Values) -> Vec<(String, Spanned<u64>)> {
    let limits = values.all("resources").filter_map(|table| {
        let name = table.name.as_ref()?;
        match table.get("memory") {
            Got::Written(Spanned { value: Value::Number(bytes), span }, _) => {
                Some((name.value.to_owned(), Spanned::new(*bytes, *span)))
            }
            _ => None,
        }
    });
    let mut limits: Vec<_> = limits.collect();
    limits.sort_by(|(a, _), (b, _)| a.cmp(b));
    limits
}

fn limits(from: &From<'_>) -> Limits {
    Limits {
        traces_rate: from.number("traces_rate"),
        trace_size: from.number("trace_size"),
        profiles_rate: from.number("profiles_rate"),
        scrape_samples: from.number("scrape_samples"),
    }
}
