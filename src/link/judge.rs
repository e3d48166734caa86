//! URL ↔ listener: the first thing that stops a signal. One fault, one finding.
//!
//! In the order in which a request fails: host, port, path, flag, TLS, credentials.

pub use super::credentials::Credential;
use super::credentials::compare;
use super::index::Namespace;
use super::{Linked, Resolution};
use crate::address::is_loopback;
use crate::source::Span;
use crate::symbol::{Accepts, Bind, Listener, Owner, Protocol, Url};
use crate::tree::{Network, Port, Service, ServiceId};

/// Paths of a listener that a fault names: more helps nobody.
const PATHS: usize = 8;

/// What is wrong with a URL.
#[derive(Debug, Clone)]
pub enum Fault<'a> {
    /// No service answers to the host. `sure` = nothing outside of the tree could.
    Host {
        /// Whether all services are known.
        sure: bool,
    },
    /// The service exists and no network leads there.
    Unreachable {
        /// The service.
        to: ServiceId,
    },
    /// The service opens no such port.
    Port {
        /// The service.
        to: ServiceId,
        /// The port that takes what is sent, if one does.
        instead: Option<&'a Listener>,
        /// What listens at the port that is dialled, when something does that takes other things.
        taken: Option<&'a Listener>,
        /// Whether nothing else can be behind the address.
        sure: bool,
    },
    /// Loopback is dialled, and nothing in the sender's own network namespace listens at the port.
    Localhost {
        /// The sender.
        to: ServiceId,
        /// What takes it at that port of another container in reach.
        meant: Option<(ServiceId, &'a Listener)>,
    },
    /// The port is the one on the host; between containers another counts.
    Published {
        /// The service.
        to: ServiceId,
        /// Where the port is published.
        port: Span,
        /// The port inside.
        inside: u16,
        /// Whether it is known what the service opens.
        sure: bool,
    },
    /// The port does not take that path.
    Path {
        /// The service.
        to: ServiceId,
        /// What listens.
        listener: &'a Listener,
        /// The paths that it takes for what is sent; empty = it takes nothing of the kind.
        paths: Vec<&'a str>,
    },
    /// The port takes it only with a flag.
    Flag {
        /// The service.
        to: ServiceId,
        /// What listens.
        listener: &'a Listener,
        /// The flag.
        flag: &'a str,
    },
    /// The port is open, on loopback alone.
    Loopback {
        /// The service.
        to: ServiceId,
        /// What listens.
        listener: &'a Listener,
        /// Who opens it.
        owner: Owner,
    },
    /// TLS at one end only.
    Tls {
        /// The service.
        to: ServiceId,
        /// What listens.
        listener: &'a Listener,
    },
    /// What is shown is not what is demanded.
    Auth {
        /// The service.
        to: ServiceId,
        /// What listens.
        listener: &'a Listener,
        /// What is wrong.
        what: Credential,
    },
}

impl Fault<'_> {
    /// The service that is meant.
    pub fn to(&self) -> Option<ServiceId> {
        match self {
            Self::Host { .. } => None,
            Self::Unreachable { to }
            | Self::Port { to, .. }
            | Self::Localhost { to, .. }
            | Self::Published { to, .. }
            | Self::Path { to, .. }
            | Self::Flag { to, .. }
            | Self::Loopback { to, .. }
            | Self::Tls { to, .. }
            | Self::Auth { to, .. } => Some(*to),
        }
    }
}

/// A fault and the URL that has it.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// Who dials.
    pub owner: Owner,
    /// What.
    pub url: &'a Url,
    /// What is wrong.
    pub fault: Fault<'a>,
    /// Whether the way leads over a published port, from another host.
    pub across: bool,
}

/// What became of one URL.
pub(super) struct Judged<'a> {
    pub finding: Option<Finding<'a>>,
    /// Services that it reaches, and the ports.
    pub reached: Vec<(ServiceId, &'a Listener)>,
}

pub(super) fn judge<'a>(linked: &Linked<'a>, owner: Owner, url: &'a Url, resolution: &Resolution) -> Judged<'a> {
    let across = matches!(resolution, Resolution::Published(_));
    let fault = |fault| Judged { finding: Some(Finding { owner, url, fault, across }), reached: Vec::new() };
    let nothing = || Judged { finding: None, reached: Vec::new() };
    let candidates: Vec<(ServiceId, bool)> = match resolution {
        Resolution::Nobody => return fault(Fault::Host { sure: !linked.index.several }),
        Resolution::Misspelt => return fault(Fault::Host { sure: false }),
        Resolution::Unreachable(services) => {
            // Of the variants of one service, that of the sender's own file.
            let file = |s: ServiceId| linked.tree.service(s).artifact;
            let own = services.iter().find(|s| owner.service.map(file) == Some(file(**s)));
            match own.or(services.first()) {
                Some(to) => return fault(Fault::Unreachable { to: *to }),
                None => return nothing(),
            }
        }
        Resolution::Itself => owner.service.into_iter().map(|s| (s, false)).collect(),
        Resolution::Services(services) | Resolution::Abroad(services) => services.iter().map(|s| (*s, false)).collect(),
        Resolution::Published(services) => services.iter().map(|s| (*s, true)).collect(),
        Resolution::Host | Resolution::External | Resolution::Unknown => return nothing(),
    };
    let Some(port) = url.port else { return nothing() };
    let itself = *resolution == Resolution::Itself;
    let mut first = None;
    let mut reached = Vec::new();
    for (to, published) in candidates {
        match one(linked, owner, url, port, Way { to, published, itself }) {
            One::Reached(listener) => reached.push((to, listener)),
            One::Unknown => return Judged { finding: None, reached },
            One::Wrong(wrong) => first = first.or(Some(wrong)),
        }
    }
    // A name may stand for several services (variants of one file): what one of them answers is answered.
    match first {
        Some((wrong, listener)) if reached.is_empty() => {
            let mut judged = fault(wrong);
            // A credential or a flag that is missing does not change the way.
            judged.reached = listener.into_iter().collect();
            judged
        }
        _ => Judged { finding: None, reached },
    }
}

struct Way {
    to: ServiceId,
    /// By a published port, from another host.
    published: bool,
    /// Inside of one network namespace.
    itself: bool,
}

enum One<'a> {
    Reached(&'a Listener),
    Wrong((Fault<'a>, Option<(ServiceId, &'a Listener)>)),
    Unknown,
}

fn one<'a>(linked: &Linked<'a>, owner: Owner, url: &'a Url, port: u16, way: Way) -> One<'a> {
    let to = way.to;
    let target = linked.tree.service(to);
    let listeners = linked.index.namespace(to);
    let port = if way.published {
        match inside(target, port) {
            Inside::Port(port) => port,
            Inside::Unknown => return One::Unknown,
            Inside::None => {
                // Other things may run on that host, exporters above all; but what is written there belongs to the site.
                let pushed =
                    url.protocol.is_otlp() || matches!(url.protocol, Protocol::RemoteWrite | Protocol::ProfilePush);
                let instead = listeners.taking(url.protocol, None);
                return match instead.filter(|_| pushed) {
                    Some(_) => One::Wrong((Fault::Port { to, instead, taken: None, sure: false }, None)),
                    None => One::Unknown,
                };
            }
        }
    } else {
        port
    };
    // One site of several may have the name that is asked for.
    let Some((owner_of, listener)) = listeners.at(to, port, &url.host) else {
        if !way.published
            && !way.itself
            && let Some(fault) = mixed_up(target, to, port, listeners)
        {
            return One::Wrong((fault, None));
        }
        let shared = shared(linked, to);
        if way.itself && !shared && is_loopback(&url.host) {
            let meant = linked.index.elsewhere(linked.tree, to, url, port);
            // A program that is not known may run a collector of its own: one that stands elsewhere must be meant.
            if listeners.is_complete() || (target.engine.is_none() && meant.is_some()) {
                return One::Wrong((Fault::Localhost { to, meant }, None));
            }
        }
        // Which other containers share the namespace may decide; those of unknown engines may listen anywhere.
        if !listeners.is_complete() || shared {
            return One::Unknown;
        }
        let instead = listeners.taking(url.protocol, None);
        return One::Wrong((Fault::Port { to, instead, taken: None, sure: true }, None));
    };
    let speaks = |a: &&Accepts| url.protocol.is_served_by(a.protocol);
    let asks = url.protocol != Protocol::Http;
    let same: Option<Vec<&Accepts>> =
        listener.accepts.as_ref().filter(|_| asks).map(|all| all.iter().filter(speaks).collect());
    if same.as_ref().is_some_and(Vec::is_empty) {
        let instead = listeners.taking(url.protocol, Some(port));
        // A port that speaks something else altogether, or a port of the same kind that does not take it.
        return One::Wrong(match instead {
            None if !matches!(url.protocol, Protocol::OtlpGrpc | Protocol::Otlp)
                && listener.transport != crate::catalogue::Transport::Grpc =>
            {
                (Fault::Path { to, listener, paths: Vec::new() }, None)
            }
            _ => (Fault::Port { to, instead, taken: Some(listener), sure: true }, None),
        });
    }
    // By its own name, too, a container is reached at its address in the network. What takes nothing of the kind is not meant,
    // wherever it listens.
    if listener.bind == Some(Bind::Loopback) && !way.itself {
        return One::Wrong((Fault::Loopback { to, listener, owner: owner_of }, None));
    }
    if let Some(same) = same {
        match same.iter().find(|a| matches(&a.paths, url.paths.as_deref())) {
            None => {
                let paths = same.iter().flat_map(|a| a.paths.iter().map(String::as_str)).take(PATHS).collect();
                return One::Wrong((Fault::Path { to, listener, paths }, None));
            }
            Some(accept) => {
                if let Some(flag) = &accept.missing_flag {
                    return One::Wrong((Fault::Flag { to, listener, flag }, Some((to, listener))));
                }
            }
        }
    }
    security(linked, owner, url, to, listener)
}

/// TLS, then credentials.
fn security<'a>(linked: &Linked<'a>, owner: Owner, url: &'a Url, to: ServiceId, listener: &'a Listener) -> One<'a> {
    if let (Some(client), Some(server)) = (url.tls, listener.tls)
        && client != server
    {
        return One::Wrong((Fault::Tls { to, listener }, Some((to, listener))));
    }
    if let (Some(shown), Some(demanded)) = (&url.credentials, &listener.auth) {
        let client = owner.service.map(|s| linked.tree.service(s));
        let server = linked.tree.service(to);
        if let Some(what) = compare((shown, client), (demanded, Some(server))) {
            return One::Wrong((Fault::Auth { to, listener, what }, Some((to, listener))));
        }
    }
    One::Reached(listener)
}

/// Whether all of the paths are taken: each is that of a signal.
fn matches(taken: &[String], asked: Option<&[String]>) -> bool {
    asked.is_none_or(|asked| taken.is_empty() || asked.iter().all(|path| is_taken(taken, path)))
}

/// Whether a request path is one of those that are taken.
pub fn is_taken(taken: &[impl AsRef<str>], path: &str) -> bool {
    taken.iter().map(AsRef::as_ref).any(|t| match t.strip_suffix('*') {
        Some(prefix) => path.starts_with(prefix),
        // What the client appends to a base that has it already is no path of an API.
        None if t.ends_with('/') => {
            let behind = path.char_indices().nth(1).map_or("", |(at, _)| &path[at..]);
            path.starts_with(t) && (t.len() == 1 || !behind.contains(t))
        }
        None => path == t,
    })
}

/// Whether containers of unknown listeners share the namespace.
pub(super) fn shared(linked: &Linked<'_>, id: ServiceId) -> bool {
    let service = linked.tree.service(id);
    if !matches!(service.network, Network::Named(_)) {
        return true;
    }
    linked.index.is_shared(service.project, &service.name)
}

enum Inside {
    Port(u16),
    None,
    Unknown,
}

/// The port inside of the container that a published port leads to.
fn inside(service: &Service, port: u16) -> Inside {
    if service.network == Network::Host {
        return Inside::Port(port);
    }
    for published in service.ports.iter().filter(|p| !p.udp) {
        let (Some((first, last)), Some((target, _))) = (published.published, published.target) else {
            return Inside::Unknown;
        };
        if (first..=last).contains(&port) {
            return Inside::Port(target.saturating_add(port - first));
        }
    }
    // Behind something else that publishes: only what is published here is known.
    if service.ports.is_empty() { Inside::Unknown } else { Inside::None }
}

/// The port is one on the host, where the container has another.
fn mixed_up<'a>(target: &Service, to: ServiceId, port: u16, listeners: &Namespace<'_>) -> Option<Fault<'a>> {
    let covers = |range: Option<(u16, u16)>| range.is_some_and(|(a, b)| (a..=b).contains(&port));
    let tcp = || target.ports.iter().filter(|p| !p.udp);
    if tcp().any(|p| covers(p.target) || p.target.is_none()) {
        return None;
    }
    let found: &Port = tcp().find(|p| covers(p.published))?;
    let (first, _) = found.published?;
    let inside = found.target?.0.saturating_add(port - first);
    let sure = listeners.is_complete() && listeners.at(to, inside, "").is_some();
    Some(Fault::Published { to, port: found.span, inside, sure })
}

/// Whether the version of a service was only assumed: what hangs on it weighs less then.
pub(super) fn assumed(linked: &Linked<'_>, id: ServiceId) -> bool {
    linked.tree.service(id).version.is_none() && !linked.index.is_told(id)
}

#[cfg(test)]
mod tests {
    use super::is_taken;

    #[test]
    fn a_base_that_is_appended_twice_is_no_path() {
        let taken = ["/api/v1/", "/push", "é/", "/ui*"];
        for path in ["/api/v1/query", "/push", "/ui/x", "é/x"] {
            assert!(is_taken(&taken, path), "{path}");
        }
        for path in ["/api/v1/api/v1/query", "/api/v1/query/api/v1/query", "/push/", "é/é/x", "", "é"] {
            assert!(!is_taken(&taken, path), "{path}");
        }
    }
}
