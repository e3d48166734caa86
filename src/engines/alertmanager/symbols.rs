//! What Alertmanager says to others: its port and the file that it reads.

use super::{HOME, IMAGE_CONFIG, files};
use crate::address::{self, Client, Written};
use crate::catalogue;
use crate::engine::{Instance, Say};
use crate::parse::Node;
use crate::symbol::{Accepts, Export, Import, Listener, Origin, PathRead, Protocol, Url};

/// Reads the symbols of an instance.
pub(super) fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let Some((_, service)) = instance.service else { return };
    let Some((facts, (version, _))) = catalogue::engine("alertmanager").zip(instance.version.as_ref()) else { return };
    let image = service.image_span();
    let known = service.args().is_some();
    for fact in facts.listeners.iter().filter(|l| l.range.holds(*version)) {
        let mut listener = Listener {
            port: known.then_some(fact.port),
            accepts: (fact.name == "cluster")
                .then(|| vec![Accepts { protocol: Protocol::Gossip, paths: Vec::new(), missing_flag: None }]),
            ..Listener::recorded(fact, facts.title, image)
        };
        if let Some((arg, value)) = service.flag(fact.flag.trim_start_matches('-')) {
            listener.origin = Origin::Written(arg.span);
            (listener.bind, listener.port) = if arg.open { (None, None) } else { address::listen(&value) };
        }
        if let Some(prefix) = service.route_prefix().filter(|_| fact.name == "http" && known) {
            let recorded = Accepts::recorded(facts, fact.name, *version);
            listener.accepts = Some(recorded.into_iter().map(|a| a.below(&prefix)).collect());
        }
        if fact.name == "http" && service.flag("web.config.file").is_some() {
            // The file may ask for TLS and for users.
            (listener.tls, listener.auth) = (None, None);
        }
        say.export(None, Export::Listener(listener));
    }
    if !known {
        return;
    }
    // prometheus/alertmanager cmd/alertmanager/main.go@v0.26.0, @v0.34.0; it starts without them.
    for (arg, value) in service.flags("cluster.peer").into_iter().filter(|(arg, _)| !arg.open) {
        let url = address::server(&Written::Flat(value, arg.span), "Alertmanager's `--cluster.peer`", Protocol::Gossip);
        url.into_iter().for_each(|url| say.import(None, Import::Url(url)));
    }
    let named = service.flag("config.file").map(|(_, value)| service.path(HOME, &value));
    let named = named.unwrap_or_else(|| IMAGE_CONFIG.to_owned());
    for (id, artifact) in instance.read(super::CONFIG.name, |at| at == named) {
        let root = artifact.data().and_then(|d| d.root());
        let Some(root) = root else { continue };
        told(root).into_iter().for_each(|url| say.import(Some(id), Import::Url(url)));
        files::named(root, &named, service, instance.tree)
            .into_iter()
            .for_each(|read| say.import(Some(id), Import::Path(read)));
    }
    let web = PathRead::web_config(service, HOME);
    web.into_iter().for_each(|read| say.import(None, Import::Path(read)));
    let (path, origin) = match service.flag("config.file") {
        Some((arg, _)) if arg.open => return,
        Some((arg, value)) => (service.path(HOME, &value), Origin::Written(arg.span)),
        // The image's command is replaced, and with it the flag: the program then looks in its working directory
        // (cmd/alertmanager/main.go@v0.26.0, @v0.34.0).
        None if service.command.is_some() => (service.path(HOME, "alertmanager.yml"), Origin::Default(image)),
        None => (IMAGE_CONFIG.to_owned(), Origin::Default(image)),
    };
    say.import(None, Import::Path(PathRead::config(path, origin)));
}

/// Keys of an integration that hold a URL (prometheus/alertmanager config/notifiers.go, config/config.go@v0.26.0, @v0.34.0).
const URLS: [&str; 3] = ["url", "webhook_url", "api_url"];

/// Whom it tells of alerts: the servers of its receivers' integrations, and the mail server.
fn told(root: Node<'_>) -> Vec<Url> {
    let mut urls = Vec::new();
    let mut dial = |name: &str, text: Node<'_>, mail: bool| {
        let Some(text) = text.text() else { return };
        let text = Written::Data(text);
        let mut client = Client::new(name, Protocol::Http, &[], &[]);
        client.credentials = (None, None);
        // Mail goes to `host:port`; TLS is agreed upon later.
        urls.extend(if mail { address::server(&text, name, Protocol::Http) } else { address::url(&text, client) });
    };
    for receiver in root.get("receivers").into_iter().flat_map(Node::items) {
        let name = format!("receiver `{}`", receiver.get("name").and_then(Node::scalar).unwrap_or_default());
        for kind in receiver.entries().iter().filter(|e| e.name().ends_with("_configs")) {
            for one in kind.value.items() {
                let texts = URLS.iter().filter_map(|key| one.get(key)).filter(|n| !n.is_map());
                texts.for_each(|text| dial(&name, text, false));
                one.get("smarthost").into_iter().for_each(|text| dial(&name, text, true));
            }
        }
    }
    let smarthost = root.at(&["global", "smtp_smarthost"]);
    smarthost.into_iter().for_each(|text| dial("Alertmanager", text, true));
    urls
}
