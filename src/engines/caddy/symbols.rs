//! What Caddy says to others: the sites it serves, what it demands there and where it passes requests on.

use std::collections::{HashMap, HashSet};

use super::caddyfile::{self, Segment, Token};
use crate::address::{self, Client, Written};
use crate::catalogue::{self, Transport};
use crate::engine::{Instance, Say};
use crate::source::{SourceId, Span};
use crate::symbol::{
    Accepts, Bind, Credentials, Export, Import, Lack, Listener, Origin, PathRead, Protocol, SecretSource,
};
use crate::tree::{ArtifactId, Service, path};

/// Config path of the image (`caddyserver/caddy-docker 2.11/alpine/Dockerfile`).
const CONFIG: &str = "/etc/caddy/Caddyfile";

/// Directives that change no request on its way to a proxy (`caddyserver/caddy modules/caddyhttp@v2.11.4`). With any other
/// nothing is said about paths.
const HARMLESS: [&str; 14] = [
    "tls",
    "route",
    "handle",
    "respond",
    "reverse_proxy",
    "log",
    "metrics",
    "header",
    "encode",
    "bind",
    "request_body",
    "abort",
    "error",
    "vars",
];

/// Sites with more lines than this are left alone: matchers are looked up by name for every directive.
const SITE_LIMIT: usize = 2_000;

/// A site with more addresses and paths than this, multiplied, takes whatever is sent: nothing is said of its paths.
pub(super) const PATH_LIMIT: usize = 100_000;

/// Reads the symbols of an instance.
pub fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    if let Some((_, service)) = instance.service {
        reads(service, say);
    }
    for (id, source, segments) in sites(instance) {
        admin(instance, id, source, &segments, say);
        for segment in &segments {
            let Some(site) = Site::new(id, source, segment, &segments, instance) else { continue };
            if instance.service.is_some() {
                site.listeners(say);
                site.certificates(say);
            }
            site.upstreams(say);
        }
    }
}

/// The variable that moves the admin API (caddyserver/caddy admin.go@v2.11.4 `DefaultAdminListen`).
const ADMIN: &str = "CADDY_ADMIN";

/// The admin API, which has an address of its own and the metrics of the server.
fn admin(instance: &Instance<'_>, id: ArtifactId, source: SourceId, segments: &[Segment], say: &mut Say<'_>) {
    let Some((_, service)) = instance.service else { return };
    let version = instance.version.as_ref().map(|(v, _)| *v);
    let Some((facts, version)) = catalogue::engine("caddy").zip(version) else { return };
    let Some(fact) = facts.listener("admin", version) else { return };
    let option = global(segments, "admin");
    let word = option.and_then(|s| s.args().first());
    if word.is_some_and(|w| w.text == "off") {
        return;
    }
    let mut listener = Listener {
        accepts: Some(Accepts::recorded(facts, fact.name, version)),
        ..Listener::recorded(fact, "Caddy's admin API", service.image_span())
    };
    let variable = || Some((service.env(ADMIN)?.value.clone().unwrap_or_default(), service.env(ADMIN)?.span));
    let written = word.map(|w| (w.text.clone(), Span::new(source, w.range.clone())));
    if let Some((text, span)) = written.or_else(variable) {
        let known = !text.contains(['{', '$', '/']);
        (listener.bind, listener.port) = if known { address::listen(&text) } else { (None, None) };
        listener.origin = Origin::Written(span);
    }
    // What is imported may move it.
    if segments.first().and_then(|s| s.block.as_deref()).is_some_and(|all| all.iter().any(|s| s.name() == "import")) {
        listener.port = None;
    }
    say.export(Some(id), Export::Listener(listener));
}

/// The files that an instance reads, taken apart.
pub(super) fn sites(instance: &Instance<'_>) -> Vec<(ArtifactId, SourceId, Vec<Segment>)> {
    let named = instance.service.and_then(|(_, s)| s.flag("config"));
    let named = named.map_or(CONFIG.to_owned(), |(_, v)| path::clean(&v));
    let files = instance.read("caddyfile", |at| at == named).into_iter();
    let text = |source| instance.tree.sources.text(source);
    files.filter_map(|(id, a)| Some((id, a.source, caddyfile::read(text(a.source))?))).collect()
}

fn global<'s>(segments: &'s [Segment], name: &str) -> Option<&'s Segment> {
    let options = segments.first().filter(|s| s.words.is_empty())?.block.as_deref()?;
    options.iter().find(|s| s.name() == name)
}

fn reads(service: &Service, say: &mut Say<'_>) {
    if service.args().is_none() {
        return;
    }
    let image = service.image_span();
    let (path, origin) = match service.flag("config") {
        Some((arg, _)) if arg.open => return,
        Some((arg, value)) => (path::clean(&value), Origin::Written(arg.span)),
        None if service.command.is_some() => return,
        None => (CONFIG.to_owned(), Origin::Default(image)),
    };
    say.import(None, Import::Path(PathRead::config(path, origin)));
}

/// A site of a file.
pub(super) struct Site<'a> {
    id: ArtifactId,
    source: SourceId,
    /// Its addresses and its block.
    pub(super) segment: &'a Segment,
    /// Whether certificates are not managed by themselves.
    plain: bool,
    /// Whether snippets may bring in more.
    open: bool,
    /// Who runs it.
    service: Option<&'a Service>,
}

impl<'a> Site<'a> {
    /// The site of a segment, if it is one that can be followed.
    pub(super) fn new(
        id: ArtifactId,
        source: SourceId,
        segment: &'a Segment,
        all: &[Segment],
        instance: &Instance<'a>,
    ) -> Option<Self> {
        if segment.words.is_empty() || segment.block.is_none() || segment.name().starts_with(['(', '&']) {
            return None;
        }
        let plain = global(all, "auto_https").is_some_and(|s| s.args().first().is_some_and(|a| a.text == "off"));
        let open = all.iter().any(|s| s.name().starts_with('(') || s.name() == "import");
        let site = Self { id, source, segment, plain, open, service: instance.service.map(|(_, s)| s) };
        (site.all().len() <= SITE_LIMIT && segment.words.len() <= SITE_LIMIT).then_some(site)
    }

    fn span(&self, token: &Token) -> Span {
        Span::new(self.source, token.range.clone())
    }

    /// All segments inside the site, at any depth.
    fn all(&self) -> Vec<&'a Segment> {
        let mut found = Vec::new();
        let mut waiting: Vec<&'a Segment> = self.segment.block.iter().flatten().rev().collect();
        while let Some(segment) = waiting.pop() {
            found.push(segment);
            waiting.extend(segment.block.iter().flatten().rev());
        }
        found
    }

    /// The segments that are directives: at the top, or in blocks that hold directives.
    fn directives(&self) -> Vec<&Segment> {
        let mut found = Vec::new();
        let mut waiting: Vec<&Segment> = self.segment.block.iter().flatten().rev().collect();
        while let Some(segment) = waiting.pop() {
            found.push(segment);
            if matches!(segment.name(), "route" | "handle" | "handle_path" | "handle_errors") {
                waiting.extend(segment.block.iter().flatten().rev());
            }
        }
        found
    }

    fn tls(&self) -> Option<&Segment> {
        self.directives().into_iter().find(|s| s.name() == "tls")
    }

    /// `tls CERTIFICATE KEY`, both read at the start (caddyserver/caddy modules/caddytls/fileloader.go, tls.go
    /// `Provision`@v2.9.1).
    fn certificates(&self, say: &mut Say<'_>) {
        let Some([certificate, key]) = self.tls().map(Segment::args) else { return };
        for word in [certificate, key] {
            if word.text.starts_with('/') && !word.text.contains(['{', '*']) {
                let (path, origin) = (path::clean(&word.text), Origin::Written(self.span(word)));
                let read = PathRead::new(path, origin, PathRead::CERTIFICATES).lacking(Lack::STOPS);
                say.import(Some(self.id), Import::Path(read));
            }
        }
    }

    fn listeners(&self, say: &mut Say<'_>) {
        let (auth, auth_span) = self.auth();
        // Each address gets a list of its own.
        let accepts = self.accepts().filter(|all| {
            let paths: usize = all.iter().map(|a| a.paths.len() + 1).sum();
            paths.saturating_mul(self.segment.words.len()) <= PATH_LIMIT
        });
        let tls_block = self.tls().is_some();
        for word in &self.segment.words {
            let text = word.text.trim_end_matches(',');
            let (scheme, rest) = text.split_once("://").map_or((None, text), |(s, r)| (Some(s), r));
            let (host, port) = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
                Some((host, port)) => (host, port.strip_prefix(':')),
                None => rest.rsplit_once(':').map_or((rest, None), |(h, p)| (h, Some(p))),
            };
            let unknown = text.contains(['{', '$', '*', '/']) && scheme.is_none() || rest.contains(['{', '$', '*']);
            let tls = match scheme {
                Some("http") => Some(false),
                Some("https") => Some(true),
                _ if tls_block => Some(true),
                _ if self.plain => Some(false),
                // Without a scheme it depends on the port and on what Caddy finds out about the name.
                _ => None,
            };
            let port = match port {
                Some(port) => port.parse().ok(),
                None if scheme == Some("http") => Some(80),
                None if scheme == Some("https") => Some(443),
                None => None,
            };
            let listener = Listener {
                name: format!("Caddy's site `{text}`"),
                port: port.filter(|_| !unknown),
                bind: Some(if host.is_empty() { Bind::All } else { Bind::Host(host.to_ascii_lowercase()) }),
                transport: Transport::HttpGrpc,
                tls,
                auth: auth.clone(),
                auth_span,
                any_origin: None,
                accepts: accepts.clone(),
                origin: Origin::Written(self.span(word)),
            };
            say.export(Some(self.id), Export::Listener(listener));
        }
    }

    /// The paths that reach something, for every protocol: a proxy takes whatever is sent there. `None` = any, or not
    /// known.
    fn accepts(&self) -> Option<Vec<Accepts>> {
        let directives = self.directives();
        let known = |s: &&Segment| HARMLESS.contains(&s.name()) || s.name().starts_with('@');
        if self.open || !directives.iter().all(known) {
            return None;
        }
        let matchers = self.matchers();
        let mut paths = Vec::new();
        for directive in
            directives.iter().filter(|d| matches!(d.name(), "reverse_proxy" | "handle" | "metrics" | "respond"))
        {
            let first = directive.args().first().map(|a| a.text.as_str());
            match first {
                Some(name) if name.starts_with('@') => match matchers.get(name).and_then(|m| matched(m)) {
                    Some(found) => paths.extend(found),
                    // A matcher on something else: a refusal lets the rest through, a proxy may take any path.
                    None if directive.name() == "respond" => {}
                    None => return None,
                },
                Some(path) if path.starts_with('/') => paths.push(path.to_owned()),
                _ if directive.name() == "respond" => {}
                _ if directive.name() == "handle" => {}
                _ => return None,
            }
        }
        // `*` at the end is a prefix; anywhere else it is not followed.
        let paths: Option<Vec<String>> = paths
            .into_iter()
            .map(|p| match p.strip_suffix('*') {
                Some(prefix) if !prefix.contains('*') => Some(format!("{prefix}*")),
                Some(_) => None,
                None => Some(p).filter(|p| !p.contains('*')),
            })
            .collect();
        let paths = paths.filter(|p| !p.is_empty())?;
        let one = |(_, protocol): &(&str, Protocol)| Accepts {
            protocol: *protocol,
            paths: paths.clone(),
            missing_flag: None,
        };
        Some(Protocol::ALL.iter().map(one).collect())
    }

    /// The first segment of each name that starts with `@`.
    pub(super) fn matchers(&self) -> HashMap<&'a str, &'a Segment> {
        let mut matchers = HashMap::new();
        for segment in self.all().into_iter().filter(|s| s.name().starts_with('@')) {
            matchers.entry(segment.name()).or_insert(segment);
        }
        matchers
    }

    /// The credential that a request must show: a matcher on the header whose absence is answered with 401 or 403.
    fn auth(&self) -> (Option<Credentials>, Option<Span>) {
        let all = self.all();
        if let Some(basic) = all.iter().find(|s| matches!(s.name(), "basic_auth" | "basicauth")) {
            let user = basic.block.as_deref().and_then(|b| b.first()).map(|s| s.name().to_owned());
            let span = basic.words.first().map(|w| self.span(w));
            return (Some(Credentials::Basic { user, password: SecretSource::Unknown }), span);
        }
        let gated = ["forward_auth", "import", "authenticate", "authorize", "jwtauth"];
        if self.open || all.iter().any(|s| gated.contains(&s.name())) {
            return (None, None);
        }
        // Matchers whose requests are refused, and those whose requests are let in.
        let first = |s: &&'a Segment| s.args().first().map(|w| w.text.as_str());
        let code = |w: &Token| matches!(w.text.as_str(), "401" | "403");
        let refuses = |s: &&Segment| match s.name() {
            "respond" | "error" => s.args().iter().any(code),
            "abort" => true,
            _ => false,
        };
        let lets_in = |s: &&Segment| matches!(s.name(), "handle" | "route" | "reverse_proxy");
        let refused: HashSet<&str> = all.iter().copied().filter(refuses).filter_map(|s| first(&s)).collect();
        let taken: HashSet<&str> = all.iter().copied().filter(lets_in).filter_map(|s| first(&s)).collect();
        for matcher in all.iter().filter(|s| s.name().starts_with('@')) {
            let words: Vec<&Token> = match matcher.block.as_deref() {
                Some([line]) => line.words.iter().collect(),
                Some(_) => continue,
                None => matcher.args().iter().collect(),
            };
            let (negated, words) = match words.split_first() {
                Some((first, rest)) if first.text == "not" => (true, rest),
                _ => (false, &words[..]),
            };
            let [kind, header, value] = words else { continue };
            if kind.text != "header" || !header.text.eq_ignore_ascii_case("authorization") {
                continue;
            }
            let demanded = if negated { &refused } else { &taken }.contains(matcher.name());
            if demanded {
                return (shown(&value.text, self.service), Some(self.span(value)));
            }
        }
        (Some(Credentials::None), None)
    }

    fn upstreams(&self, say: &mut Say<'_>) {
        for directive in self.all().into_iter().filter(|s| s.name() == "reverse_proxy") {
            let args = directive.args().iter().filter(|w| !w.text.starts_with(['@', '/']) && w.text != "*");
            let inner = directive.block.iter().flatten().filter(|s| s.name() == "to").flat_map(|s| s.args());
            for word in args.chain(inner) {
                let text = Written::Flat(word.text.clone(), self.span(word));
                let protocol = if word.text.starts_with("h2c://") { Protocol::OtlpGrpc } else { Protocol::Http };
                let mut client = Client::new("Caddy's `reverse_proxy`", protocol, &[], &[]);
                if !word.text.contains("://") {
                    let by_block =
                        directive.block.as_deref().unwrap_or_default().iter().any(|s| s.name() == "transport");
                    client.tls = Some(((!by_block).then_some(false), self.span(word)));
                }
                client.port = Some(80).filter(|_| !protocol.is_grpc());
                // What a client shows is passed on.
                client.credentials = (None, None);
                let url = address::url(&text, client);
                url.into_iter().for_each(|u| say.import(Some(self.id), Import::Url(u)));
            }
        }
    }
}

/// The paths of a named matcher that looks at nothing but paths.
pub(super) fn matched(matcher: &Segment) -> Option<Vec<String>> {
    let lines: Vec<(&str, &[Token])> = match &matcher.block {
        Some(lines) => lines.iter().map(|l| (l.name(), l.args())).collect(),
        None => vec![(matcher.args().first()?.text.as_str(), matcher.args().get(1..).unwrap_or_default())],
    };
    match lines[..] {
        [("path", words)] => Some(words.iter().map(|w| w.text.clone()).collect()),
        _ => None,
    }
}

/// A header's value: `Bearer {env.TOKEN}`.
fn shown(value: &str, service: Option<&Service>) -> Option<Credentials> {
    let (scheme, secret) = value.split_once(' ')?;
    let inner = secret.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
    let source = match inner {
        Some(inner) => match inner.strip_prefix("env.").or_else(|| inner.strip_prefix('$')) {
            Some(name) => SecretSource::Env(name.to_owned()),
            None => SecretSource::Unknown,
        },
        None if secret.contains(['{', '*']) => SecretSource::Unknown,
        None => SecretSource::Literal(secret.to_owned()),
    };
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Credentials::Bearer(source));
    }
    // A Basic header is user and password in one: nothing to compare a password with, unless there is nothing at all.
    let unset = |name: &str| service.is_some_and(|s| !s.environment_open && !s.build && s.env(name).is_none());
    let password = match source {
        SecretSource::Env(name) if unset(&name) => SecretSource::Env(name),
        _ => SecretSource::Unknown,
    };
    scheme.eq_ignore_ascii_case("basic").then_some(Credentials::Basic { user: None, password })
}
