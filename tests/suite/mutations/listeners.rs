//! Breakages at the end that listens: port, address, TLS, paths, credential and flag of everything that is dialled.

use vispyr::catalogue;
use vispyr::link::Linked;
use vispyr::source::Span;
use vispyr::symbol::{Bind, Credentials, Listener, Origin, Owner, Protocol, SecretSource};
use vispyr::tree::{EnvVar, Service, ServiceId};

use super::edit::{Mutation, before, indent, line};
use super::trees::{Site, Way, ways};
use super::urls::FREE;

pub(super) fn all(site: &Site, linked: &Linked<'_>, all: &mut Vec<Mutation>) {
    let ways = ways(linked);
    for (owner, listener) in site.symbols.listeners() {
        let Some(id) = owner.service else { continue };
        let end = End { site, id, owner, listener, dialled: dialled(&ways, listener) };
        end.loopback(all);
        if !end.dialled.is_empty() {
            end.moved(all);
            end.tls(all);
            end.paths(all);
            end.demanded(all);
        }
    }
    for (id, service) in site.tree.services() {
        let from: Vec<_> = ways.iter().filter(|w| w.owner.service == Some(id)).collect();
        let to: Vec<_> = ways.iter().filter(|w| w.to == id).collect();
        flag(service, &to, all);
        variables(site, service, &from, &to, all);
    }
}

fn dialled<'w, 'a>(ways: &'w [Way<'a>], listener: &Listener) -> Vec<&'w Way<'a>> {
    ways.iter().filter(|w| std::ptr::eq(w.listener, listener)).collect()
}

struct End<'s, 'w, 'a> {
    site: &'s Site,
    id: ServiceId,
    owner: Owner,
    listener: &'s Listener,
    /// Everybody who dials it.
    dialled: Vec<&'w Way<'a>>,
}

impl End<'_, '_, '_> {
    fn service(&self) -> &Service {
        self.site.tree.service(self.id)
    }

    fn what(&self) -> String {
        format!("{} of {}", self.listener.name, self.service().name)
    }

    fn is_alloy(&self) -> bool {
        self.service().engine == Some("alloy")
    }

    /// Its port is another one: every sender that dials the old one is told, and who publishes it.
    fn moved(&self, all: &mut Vec<Mutation>) {
        let m = Mutation::new("listener: port moved", self.what());
        let port = self.listener.port.unwrap().to_string();
        let m = match self.listener.origin {
            Origin::Written(span) => {
                let at = self.site.slice(span).rfind(&port).unwrap();
                m.edit(span.slice(at..at + port.len()), FREE)
            }
            // Nothing is written: a flag or a variable moves what the engine does by itself.
            Origin::Default(_) => match self.service().engine {
                Some("grafana") => self.variable(m, &format!("GF_SERVER_HTTP_PORT: \"{FREE}\"")),
                engine => {
                    let facts = engine.and_then(catalogue::engine).unwrap();
                    let flag = facts.listeners.iter().find(|l| Some(l.port) == self.listener.port).unwrap().flag;
                    self.flag(m, &format!("{flag}=0.0.0.0:{FREE}"))
                }
            },
        };
        let old = self.listener.port;
        let published = self.service().ports.iter().filter(|p| old.is_some_and(|o| p.target == Some((o, o))));
        let m = m.all("compose-published-unserved", published.map(|p| p.span));
        // What a check asks for moves with it.
        let m = m.also("compose-healthcheck-port");
        all.push(m.all("link-port-unserved", self.dialled.iter().map(|w| w.url.port_span)));
    }

    /// One more word of the command, before the others.
    fn flag(&self, m: Mutation, word: &str) -> Mutation {
        let first = self.service().command.as_ref().unwrap()[0].span;
        let text = self.site.text(first.source);
        let indent = indent(text, first.range().start);
        m.edit(before(first.source, first.range().start), format!("{word}\n{indent}- "))
    }

    /// One more variable of the container.
    fn variable(&self, m: Mutation, assignment: &str) -> Mutation {
        let first = self.service().environment[0].span;
        let text = self.site.text(first.source);
        let at = line(text, first.range().start).start;
        m.edit(before(first.source, at), format!("{}{assignment}\n", indent(text, at)))
    }

    /// A receiver on loopback, which others dial or which is published.
    fn loopback(&self, all: &mut Vec<Mutation>) {
        let (Origin::Written(span), Some(Bind::All), Some(port)) =
            (self.listener.origin, &self.listener.bind, self.listener.port)
        else {
            return;
        };
        let rule = match self.service().engine {
            Some("alloy") => "alloy-receiver-loopback",
            Some("tempo") => "tempo-otlp-loopback",
            _ => return,
        };
        let published = self.service().ports.iter().any(|p| p.target == Some((port, port)));
        if self.dialled.is_empty() && !published {
            return;
        }
        let m = Mutation::new("listener: on loopback", self.what());
        let written = self.site.slice(span);
        if let Some(at) = written.find("0.0.0.0") {
            all.push(m.edit(span.slice(at..at + 7), "127.0.0.1").at(rule, span));
        } else if self.is_alloy() {
            // `listen_address` stands in the line above `listen_port`.
            let text = self.site.text(span.source);
            let at = text[..span.range().start].rfind("0.0.0.0").unwrap();
            all.push(m.edit(Span::new(span.source, at..at + 7), "127.0.0.1").here(rule));
        }
    }

    /// TLS at a server that spoke plainly, or the other way round.
    fn tls(&self, all: &mut Vec<Mutation>) {
        let m = Mutation::new("listener: TLS flipped", self.what());
        let written = self.listener.origin.span();
        let text = self.site.text(written.source);
        let m = match (self.service().engine, self.listener.origin) {
            (Some("caddy"), _) => {
                let site = self.site.slice(written);
                let scheme = site.find("://").unwrap();
                m.edit(written.slice(0..scheme), if &site[..scheme] == "https" { "http" } else { "https" })
            }
            (Some("grafana"), _) => self.variable(m, "GF_SERVER_PROTOCOL: https"),
            (Some("alloy"), Origin::Written(_)) => {
                // Older receivers have no block for TLS: written there it would be a fault of its own.
                if !self.takes_tls() {
                    return;
                }
                let at = line(text, written.range().start).end + 1;
                m.edit(
                    before(written.source, at),
                    "\t\ttls {\n\t\t\tcert_file = \"/etc/ssl/a.crt\"\n\t\t\tkey_file = \"/etc/ssl/a.key\"\n\t\t}\n",
                )
            }
            (Some("tempo"), Origin::Written(_)) if self.site.slice(written).contains(':') => {
                let line = line(text, written.range().start);
                let indent = indent(text, line.start);
                let block =
                    format!("{indent}tls:\n{indent}  cert_file: /etc/ssl/a.crt\n{indent}  key_file: /etc/ssl/a.key\n");
                m.edit(before(written.source, line.end + 1), block)
            }
            (Some("tempo" | "pyroscope"), Origin::Written(_)) => {
                let line = line(text, written.range().start);
                let indent = indent(text, line.start);
                let block =
                    format!("{indent}http_tls_config: {{cert_file: /etc/ssl/a.crt, key_file: /etc/ssl/a.key}}\n");
                m.edit(before(written.source, line.end + 1), block)
            }
            // Prometheus takes TLS from a file of its own, which is not read.
            _ => return,
        };
        all.push(m.all("link-tls-mismatch", self.dialled.iter().map(|w| w.url.tls_span)));
    }

    /// Whether a block of the Alloy component that listens takes `tls` at its version.
    fn takes_tls(&self) -> bool {
        let name = self.listener.name.trim_matches('`');
        let component = name.rsplit_once('.').map_or(name, |(component, _label)| component);
        let version = self.service().version.unwrap();
        let body = catalogue::schema("alloy").unwrap().at(version).root(component).unwrap().body().unwrap();
        body.fields().any(|f| f.body().is_some_and(|b| b.field("tls").is_some()))
    }

    /// The paths that a proxy lets through.
    fn paths(&self, all: &mut Vec<Mutation>) {
        if self.service().engine != Some("caddy") {
            return;
        }
        let artifact = self.site.tree.artifact(self.owner.artifact.unwrap());
        let text = self.site.text(artifact.source);
        for way in &self.dialled {
            for path in way.url.paths.iter().flatten() {
                let folder = &path[..=path.rfind('/').unwrap()];
                let whole = text.find(&format!(" {path}")).map(|at| at + 1 + path.len());
                let at = whole.or_else(|| text.find(&format!(" {folder}*")).map(|at| at + folder.len())).unwrap();
                let m = Mutation::new("listener: path moved", format!("{path} at {}", self.what()));
                all.push(m.edit(before(artifact.source, at), "x").at("link-path-wrong", way.url.path_span));
            }
        }
    }

    /// The credential that a server demands.
    fn demanded(&self, all: &mut Vec<Mutation>) {
        let rule = "link-auth-mismatch";
        let (Some(Credentials::Bearer(_) | Credentials::Basic { .. }), Some(span)) =
            (&self.listener.auth, self.listener.auth_span)
        else {
            return;
        };
        let written = self.site.slice(span);
        let (scheme, _) = written.split_once(' ').unwrap();
        let name = written.find("env.").unwrap() + 4..written.rfind('}').unwrap();
        let other = Mutation::new("credential: other variable (receiver)", self.what());
        all.push(other.edit(span.slice(name), "OTHER").at(rule, span));
        let kind = if scheme == "Bearer" { "Basic" } else { "Bearer" };
        let m = Mutation::new("credential: other kind (receiver)", self.what());
        let senders = self.dialled.iter().map(|w| w.url.credentials_span);
        all.push(m.edit(span.slice(0..scheme.len()), kind).all(rule, senders));
    }
}

/// Prometheus takes remote write with a flag alone.
fn flag(service: &Service, to: &[&Way<'_>], all: &mut Vec<Mutation>) {
    let words = service.command.as_deref().unwrap_or_default();
    let Some(word) = words.iter().find(|w| w.text == "--web.enable-remote-write-receiver") else { return };
    assert!(to.iter().any(|w| w.url.protocol == Protocol::RemoteWrite));
    let whole = words[0].span.to(words[words.len() - 1].span);
    let m = Mutation::new("flag: no remote write receiver", &service.name);
    all.push(m.edit(word.span, "--log.level=info").at("link-receiver-flag", whole));
}

/// The variables through which both ends have their secret.
fn variables(site: &Site, service: &Service, from: &[&Way<'_>], to: &[&Way<'_>], all: &mut Vec<Mutation>) {
    let rule = "link-auth-mismatch";
    let guarded = |w: &&&Way<'_>| matches!(w.listener.auth, Some(Credentials::Bearer(_) | Credentials::Basic { .. }));
    let bearer = |w: &&&Way<'_>| matches!(w.listener.auth, Some(Credentials::Bearer(_)));
    let name = |c: Option<&Credentials>| match c {
        Some(Credentials::Bearer(SecretSource::Env(n)) | Credentials::Basic { password: SecretSource::Env(n), .. }) => {
            Some(n.clone())
        }
        _ => None,
    };
    let removed = |var: &EnvVar| {
        let text = site.text(var.span.source);
        let line = line(text, var.span.range().start);
        (Span::new(var.span.source, line.start..line.end + 1), variable(site, var))
    };
    let shown: Vec<_> = from.iter().filter(guarded).collect();
    if let Some(var) = shown.first().and_then(|w| name(w.url.credentials.as_ref())).and_then(|n| service.env(&n)) {
        let spans = || shown.iter().map(|w| w.url.credentials_span);
        let (gone, inner) = removed(var);
        let m = Mutation::new("credential: not passed (sender)", &service.name).also("alloy-env-unset");
        all.push(m.edit(gone, "").all(rule, spans()));
        let class = if shown.iter().all(bearer) {
            "credential: another is passed (sender)"
        } else {
            "credential: another is passed (basic)"
        };
        let m = Mutation::new(class, &service.name).edit(inner, "OTHER");
        all.push(if class.ends_with("(basic)") { m } else { m.all(rule, spans()) });
    }
    let Some(first) = to.iter().find(guarded) else { return };
    let demanded = site.slice(first.listener.auth_span.unwrap());
    let name = &demanded[demanded.find("env.").unwrap() + 4..demanded.rfind('}').unwrap()];
    let var = service.env(name).unwrap();
    let (gone, inner) = removed(var);
    let m = Mutation::new("credential: not passed (receiver)", &service.name);
    all.push(m.edit(gone, "").at(rule, first.listener.auth_span.unwrap()));
    if bearer(&first) {
        let m = Mutation::new("credential: another is passed (receiver)", &service.name).edit(inner, "OTHER");
        all.push(m.all(rule, to.iter().filter(bearer).map(|w| w.url.credentials_span)));
    } else {
        all.push(Mutation::new("credential: another is passed (basic)", &service.name).edit(inner, "OTHER"));
    }
}

/// `NAME` of `${NAME:?…}`.
fn variable(site: &Site, var: &EnvVar) -> Span {
    let text = site.text(var.span.source);
    let line = line(text, var.span.range().start);
    let start = line.start + text[line.clone()].find("${").unwrap() + 2;
    let end = start + text[start..].find([':', '}']).unwrap();
    Span::new(var.span.source, start..end)
}
