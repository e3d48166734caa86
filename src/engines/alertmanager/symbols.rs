//! What Alertmanager says to others: its port and the file that it reads.

use super::IMAGE_CONFIG;
use crate::address;
use crate::catalogue;
use crate::engine::{Instance, Say};
use crate::symbol::{Accepts, Bind, Credentials, Export, Import, Listener, Origin, PathRead};
use crate::tree::path;

/// Reads the symbols of an instance.
pub(super) fn symbols(instance: &Instance<'_>, say: &mut Say<'_>) {
    let Some((_, service)) = instance.service else { return };
    let Some((facts, (version, _))) = catalogue::engine("alertmanager").zip(instance.version.as_ref()) else { return };
    let image = service.image.as_ref().map_or(service.span, |i| i.span);
    let known = service.args().is_some();
    for fact in facts.listeners.iter().filter(|l| l.range.holds(*version)) {
        let mut listener = Listener {
            name: facts.title.into(),
            port: known.then_some(fact.port),
            bind: Some(if fact.loopback { Bind::Loopback } else { Bind::All }),
            transport: fact.transport,
            tls: Some(false),
            auth: Some(Credentials::None),
            auth_span: None,
            any_origin: None,
            // The protocol of the cluster is nobody else's.
            accepts: (fact.name == "cluster").then(Vec::new),
            origin: Origin::Default(image),
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
    let (path, origin) = match service.flag("config.file") {
        Some((arg, _)) if arg.open => return,
        Some((arg, value)) => (path::join("/alertmanager", &value), Origin::Written(arg.span)),
        // The image's command is replaced, and with it the flag: the program then looks in its working directory.
        None if service.command.is_some() => return,
        None => (IMAGE_CONFIG.to_owned(), Origin::Default(image)),
    };
    say.import(None, Import::Path(PathRead { path, origin, what: "config", folder: false, required: true }));
}
