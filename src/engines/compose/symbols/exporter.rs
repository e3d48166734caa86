//! Exporters, which are known by their images.

use crate::address;
use crate::catalogue::{Exporter, Transport};
use crate::symbol::{Accepts, Bind, Listener, Origin, Protocol};
use crate::tree::{Arg, Service, path};

/// Parts of the names of flags and variables that say at which paths exporters answer.
const TURNED: [&str; 5] = ["telemetry-path", "TELEMETRY_PATH", "prometheus_endpoint", "route-prefix", "external-url"];

/// The ports of an exporter, where its command says them all.
pub(super) fn listeners(service: &Service) -> Vec<Listener> {
    // A script before it may say anything.
    let own = |word: &Arg| ["exporter", "cadvisor"].iter().any(|name| path::name(&word.text).contains(name));
    let plain = service.entrypoint.as_ref().is_none_or(|words| words.first().is_some_and(own));
    let image = service.image.as_ref().filter(|_| !service.build && plain);
    let known = image.and_then(|i| Some((Exporter::of_image(&i.repository)?, service.args()?)));
    // Redis' and Postgres' exporters take the address from their environment as well.
    let moved = || service.environment_open || service.environment.iter().any(|v| v.name.contains("LISTEN_ADDRESS"));
    let Some((exporter, args)) = known.filter(|(_, args)| !args.iter().any(|a| a.open) && !moved()) else {
        return Vec::new();
    };
    let turned = |text: &str| TURNED.iter().any(|word| text.contains(word));
    let default = !args.iter().any(|a| turned(&a.text)) && !service.environment.iter().any(|v| turned(&v.name));
    let scrapes = || Accepts {
        protocol: Protocol::Scrape,
        paths: exporter.paths.iter().map(|p| (*p).to_owned()).collect(),
        missing_flag: None,
    };
    let at = |port: Option<u16>, bind: Option<Bind>, origin: Origin| Listener {
        name: exporter.title.to_owned(),
        port,
        bind,
        transport: Transport::Http,
        // A file of its own may ask for both.
        tls: args.iter().all(|a| !a.text.contains("web.config")).then_some(false),
        auth: None,
        auth_span: None,
        any_origin: None,
        accepts: default.then(|| vec![scrapes()]),
        origin,
    };
    let given = service.flags(exporter.flag);
    if given.is_empty() {
        return vec![at(Some(exporter.port), Some(Bind::All), Origin::Default(service.image_span()))];
    }
    let written = |(arg, text): (&Arg, String)| {
        let (bind, port) = match exporter.flag {
            "port" => (Some(Bind::All), text.parse().ok()),
            _ => address::listen(&text),
        };
        at(port, bind, Origin::Written(arg.span))
    };
    given.into_iter().map(written).collect()
}
