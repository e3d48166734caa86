//! What Alloy says to others: the components that listen, dial or make series, and its own server.

mod dial;
mod files;
mod flow;
mod inner;
mod listen;
mod series;
mod text;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use vispyr_alloy::{Block, Body, Expr, ExprKind};

use crate::address::Written;
use crate::catalogue::Version;
use crate::engine::{Instance, Say};
use crate::engines::alloy::rules::sampling_before_metrics::drops_spans;
use crate::labels::{End, Series};
use crate::source::{SourceId, Span};
use crate::symbol::{Credentials, Export, Import, Origin, PathRead, SecretSource, Signal};
use crate::tree::{ArtifactId, Service, path};

/// Config path of the image (`grafana/alloy Dockerfile@v1.18.1`).
const CONFIG: &str = "/etc/alloy/config.alloy";

/// Reads the symbols of an instance.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let version = instance.version.as_ref().map(|(v, _)| *v);
    let mut files = Vec::new();
    let mut is_paced = false;
    let config = instance.service.and_then(|(_, s)| config(s));
    let read = |at: &str| {
        config.as_ref().is_none_or(|(c, _)| c == at || path::folder(at) == c && path::extension(at) == "alloy")
    };
    for (id, artifact) in instance.read("alloy", read) {
        files.extend(artifact.alloy().map(|p| (id, artifact.source, p.file.body())));
        is_paced |= artifact.alloy().is_some_and(|p| p.file.text().contains("__scrape_interval__"));
    }
    // The files of a folder are one config: a component of one names those of another.
    let service = instance.service.map(|(_, s)| s);
    let whole = Config { is_paced, ..Config::new(&files, version, service) };
    if let Some(service) = service {
        listen::server(service, version, &whole, say);
        dial::cluster(service, say);
        reads(service, say);
    }
    flow::config(&whole, service.is_some(), say);
    if let Some(service) = service.filter(|_| whole.components.is_empty()) {
        say.series(None, Series::open("Alloy", service.span, Vec::new(), End::Unknown));
    }
    for component in &whole.components {
        series::component(component, &whole, say);
        // Where a process runs decides whom it reaches and who reaches it: nothing is known of one that nobody runs.
        if service.is_some() {
            listen::component(component, &whole, say);
            dial::component(component, &whole, say);
            files::component(component, say);
        }
    }
    if service.is_some() {
        for config in inner::configs(instance, &whole) {
            config.components.iter().for_each(|component| dial::component(component, &config, say));
        }
    }
}

/// A block outside of all others, and the file it stands in.
#[derive(Clone)]
pub(super) struct Component<'a> {
    id: ArtifactId,
    source: SourceId,
    block: Block<'a>,
    name: Cow<'a, str>,
    /// Who runs it.
    service: Option<&'a Service>,
    /// The block that gives arguments to the custom component which it is a part of, and the file of that.
    given: Option<(Block<'a>, SourceId)>,
}

impl<'a> Component<'a> {
    fn body(&self) -> Body<'a> {
        self.block.body()
    }

    fn label(&self) -> &'a str {
        self.block.label().map_or("", |l| l.name())
    }

    /// `` `otelcol.receiver.otlp.default` ``.
    fn title(&self) -> String {
        let dot = if self.label().is_empty() { "" } else { "." };
        format!("`{}{dot}{}`", self.name, self.label())
    }

    fn span(&self, range: std::ops::Range<u32>) -> Span {
        Span { source: self.source, start: range.start, end: range.end }
    }

    fn evaluator(&self) -> text::Evaluator<'a> {
        text::Evaluator { service: self.service, source: self.source, given: self.given }
    }

    /// A text as the process reads it.
    fn written(&self, expr: Expr<'a>) -> Option<Written<'a>> {
        self.evaluator().text(expr)
    }

    /// Whether a condition holds in the process.
    fn truth(&self, expr: Expr<'a>) -> Option<bool> {
        self.evaluator().truth(expr)
    }

    /// The same without its places.
    fn text(&self, expr: Expr<'a>) -> Option<String> {
        self.written(expr).map(|text| text.value().to_owned())
    }

    /// The span of a value: of a string, without its quotes.
    fn value_span(&self, expr: Expr<'a>) -> Span {
        expr.as_literal().and(self.written(expr)).map_or(self.span(expr.range()), |w| w.whole())
    }

    /// Where the text stands that a value is worth: where its variable is set, if it is one.
    fn place(&self, expr: Expr<'a>) -> Span {
        self.written(expr).map_or(self.span(expr.range()), |w| w.place())
    }
}

/// All components of one process. What is asked of them together is worked out when it is asked for.
pub(super) struct Config<'a> {
    version: Option<Version>,
    components: Vec<Component<'a>>,
    /// Whether targets may say by a label how often they are scraped.
    is_paced: bool,
    /// Places in `components`, by `name.label`.
    index: OnceCell<HashMap<String, usize>>,
    /// Whether series get the names that the catalogue has.
    suffixed: OnceCell<bool>,
    /// What arrives at each component, by `name.label`: from the `output` blocks that name it.
    sent: OnceCell<HashMap<String, Arrives>>,
}

impl<'a> Config<'a> {
    fn new(files: &[(ArtifactId, SourceId, Body<'a>)], version: Option<Version>, service: Option<&'a Service>) -> Self {
        let mut components = Vec::new();
        for (id, source, body) in files {
            let blocks = body.all_blocks();
            let of = |block: Block<'a>| Component {
                id: *id,
                source: *source,
                block,
                name: block.name(),
                service,
                given: None,
            };
            components.extend(blocks.map(of));
        }
        Self {
            version,
            components,
            is_paced: false,
            index: OnceCell::new(),
            suffixed: OnceCell::new(),
            sent: OnceCell::new(),
        }
    }

    /// Whether components may come from elsewhere: imports, remote configuration, custom components.
    fn is_open(&self) -> bool {
        // A custom component is named after a `declare`, or comes from an import: its name has a root of its own.
        let roots = ["otelcol", "prometheus", "pyroscope", "loki", "discovery", "local", "remote", "mimir", "faro"];
        let rest = ["beyla", "logging", "tracing", "http", "livedebugging", "argument", "export", "foreach", "declare"];
        let known = |n: &str| {
            let root = n.split('.').next().unwrap_or_default();
            roots.contains(&root) || rest.contains(&root) || root == "database_observability"
        };
        self.components
            .iter()
            .any(|c| !known(&c.name) || matches!(&*c.name, "declare" | "foreach") || c.name.starts_with("import."))
    }

    fn is_suffixed(&self) -> bool {
        *self.suffixed.get_or_init(|| series::suffixed(&self.components))
    }

    /// The component that a reference such as `otelcol.auth.basic.x.handler` names.
    fn referred(&self, expr: Expr<'_>) -> Option<&Component<'a>> {
        let reference = expr.as_reference()?;
        let path = reference.path();
        let (component, _export) = path.rsplit_once('.')?;
        let key = |c: &Component<'_>| {
            if c.label().is_empty() { c.name.to_string() } else { format!("{}.{}", c.name, c.label()) }
        };
        let index = || self.components.iter().enumerate().map(|(at, c)| (key(c), at)).collect();
        self.index.get_or_init(index).get(component).map(|at| &self.components[*at])
    }

    fn signals(&self, component: &Component<'_>) -> Vec<Signal> {
        self.arrives(component).map(|a| a.signals.clone()).unwrap_or_default()
    }

    fn arrives(&self, component: &Component<'_>) -> Option<&Arrives> {
        self.sent.get_or_init(|| sent(self)).get(&format!("{}.{}", component.name, component.label()))
    }

    /// The sampler that all spans pass which reach a component.
    fn sampler(&self, component: &Component<'_>) -> Option<Span> {
        let arrives = self.arrives(component).filter(|a| !a.whole)?;
        let sampler = self.components.get(arrives.sampler?)?;
        Some(sampler.span(sampler.block.header_range()))
    }

    /// Where signals are handed to a component: the first output of each.
    fn handed(&self, component: &Component<'_>) -> Vec<(Signal, Span)> {
        self.arrives(component).map(|a| a.handed.clone()).unwrap_or_default()
    }
}

/// What arrives at a component.
#[derive(Default)]
struct Arrives {
    /// In order.
    signals: Vec<Signal>,
    /// The place in `components` of a sampler that spans on some way pass.
    sampler: Option<usize>,
    /// Whether spans on another way pass none.
    whole: bool,
    /// The first output that hands each signal to it.
    handed: Vec<(Signal, Span)>,
}

/// What arrives at each component: a processor passes on what it is sent, everything else makes what its outputs name.
fn sent(whole: &Config<'_>) -> HashMap<String, Arrives> {
    // Components of modules may feed any processor.
    let open = whole.is_open();
    let mut outputs: HashMap<String, Vec<(Signal, String, Option<usize>)>> = HashMap::new();
    let mut waiting = Vec::new();
    let mut handed: HashMap<String, Vec<(Signal, Span)>> = HashMap::new();
    for (at, component) in whole.components.iter().enumerate() {
        let makes = open || !component.name.starts_with("otelcol.processor.");
        let sampler = Some(at).filter(|_| drops_spans(&component.name, component.body()));
        for block in component.body().descendant_blocks().iter().filter(|b| b.name() == "output") {
            for attr in block.body().attrs() {
                let signal = match attr.name().name() {
                    "metrics" => Signal::Metrics,
                    "traces" => Signal::Traces,
                    "logs" => Signal::Logs,
                    _ => continue,
                };
                for reference in attr.value().references() {
                    let path = reference.path();
                    let Some(target) = path.strip_suffix(".input") else { continue };
                    let places = handed.entry(target.to_owned()).or_default();
                    if places.iter().all(|(other, _)| *other != signal) {
                        places.push((signal, component.span(attr.range())));
                    }
                    if makes {
                        waiting.push((signal, target.to_owned(), sampler));
                    } else {
                        let own = outputs.entry(format!("{}.{}", component.name, component.label())).or_default();
                        own.push((signal, target.to_owned(), sampler));
                    }
                }
            }
        }
    }
    let mut sent: HashMap<String, Arrives> = HashMap::new();
    while let Some((signal, target, sampler)) = waiting.pop() {
        let next = outputs.get(&target).into_iter().flatten().filter(|(s, ..)| *s == signal);
        let here = sent.entry(target.clone()).or_default();
        let mut news = !here.signals.contains(&signal);
        if news {
            here.signals.push(signal);
        }
        if signal == Signal::Traces {
            news |= if sampler.is_some() { here.sampler.is_none() } else { !here.whole };
            here.sampler = here.sampler.or(sampler);
            here.whole |= sampler.is_none();
        }
        if news {
            waiting.extend(next.map(|(s, t, own)| (*s, t.clone(), sampler.or(*own))));
        }
    }
    for (target, here) in &mut sent {
        here.signals.sort();
        here.handed = handed.remove(target).unwrap_or_default();
    }
    sent
}

/// Where a secret comes from. `convert.nonsensitive(…)` and the like only change its type.
pub(super) fn secret(expr: Expr<'_>) -> SecretSource {
    if let Some(call) = expr.as_env_call() {
        return SecretSource::Env(call.variable.value().into_owned());
    }
    if let Some(text) = expr.as_str() {
        return SecretSource::Literal(text.into_owned());
    }
    if let ExprKind::Call { callee, args } = expr.unparen().kind()
        && callee.as_reference().is_some_and(|r| matches!(&*r.path(), "convert.nonsensitive" | "nonsensitive"))
        && let Some(inner) = args.get(0)
        && let Some(call) = inner.as_env_call()
    {
        return SecretSource::Env(call.variable.value().into_owned());
    }
    SecretSource::Unknown
}

/// What an `otelcol.auth.*` handler shows or demands, and where that is written.
pub(super) fn handler<'a>(whole: &Config<'a>, expr: Expr<'a>) -> (Option<Credentials>, Option<Span>) {
    let Some(auth) = whole.referred(expr) else { return (None, None) };
    let body = auth.body();
    let attr = |name: &str| {
        let nested = ["client_auth", "htpasswd"].iter().find_map(|b| body.block(b)?.body().attr(name));
        body.attr(name).or(nested).map(|a| a.value())
    };
    match &*auth.name {
        "otelcol.auth.bearer" => {
            let scheme = attr("scheme").map(|e| e.as_str().is_some_and(|s| s == "Bearer"));
            let header = attr("header").map(|e| e.as_str().is_some_and(|s| s.eq_ignore_ascii_case("authorization")));
            let Some(token) = attr("token").filter(|_| scheme != Some(false) && header != Some(false)) else {
                return (None, None);
            };
            (Some(Credentials::Bearer(secret(token))), Some(auth.value_span(token)))
        }
        "otelcol.auth.basic" => {
            let user = attr("username").and_then(|e| e.as_str()).map(|s| s.into_owned());
            let Some(password) = attr("password") else { return (None, None) };
            (Some(Credentials::Basic { user, password: secret(password) }), Some(auth.value_span(password)))
        }
        _ => (None, None),
    }
}

/// The config path that the command names, else the image's; `None` = not known.
pub(super) fn config(service: &Service) -> Option<(String, Origin)> {
    let args = service.args()?;
    if args.iter().any(|a| a.open) {
        return None;
    }
    let words: Vec<_> = args.iter().filter(|a| !a.text.starts_with('-')).collect();
    if words.len() > 1 {
        // A flag's value may stand between `run` and the path: the last word that looks like one is taken.
        let named = words[1..].iter().rfind(|a| a.text.contains('/') || a.text.ends_with(".alloy"));
        let named = named.or(words.get(1))?;
        return Some((service.path("/", &named.text), Origin::Written(named.span)));
    }
    let image = service.image_span();
    args.is_empty().then(|| (CONFIG.to_owned(), Origin::Default(image)))
}

fn reads(service: &Service, say: &mut Say<'_>) {
    let Some((path, origin)) = config(service) else { return };
    // A path without an extension is a folder of which all `.alloy` files are read.
    let folder = path::extension(&path).is_empty();
    say.import(None, Import::Path(PathRead { folder, ..PathRead::config(path, origin) }));
}

/// Says that anything may be open on this process.
pub(super) fn anything(service: &Service) -> Export {
    Export::Listener(crate::symbol::Listener {
        name: "Alloy".into(),
        port: None,
        bind: None,
        transport: crate::catalogue::Transport::Http,
        tls: None,
        auth: None,
        auth_span: None,
        any_origin: None,
        accepts: None,
        origin: Origin::Default(service.image_span()),
    })
}
