//! A store that something is sent to, and that no data source asks.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::symbol::{Datasource, Export, Owner, Protocol, Signal, Url};
use crate::tree::{ServiceId, has_word};

use super::engine;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-store-unasked",
    aliases: &[],
    summary: "a store is sent traces, logs or profiles, and no data source of Grafana asks it",
    tier: Tier::C,
    severity: Severity::Info,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("store_unasked.md"),
};

/// A store by its engine: what it keeps, how it is asked, and by data sources of which types.
struct Kept {
    engine: &'static str,
    signal: Signal,
    asked: Protocol,
    kinds: &'static [&'static str],
}

const KEPT: [Kept; 3] = [
    Kept {
        engine: "tempo",
        signal: Signal::Traces,
        asked: Protocol::TempoQuery,
        kinds: &["tempo", "jaeger", "zipkin"],
    },
    Kept { engine: "loki", signal: Signal::Logs, asked: Protocol::LogQuery, kinds: &["loki"] },
    Kept {
        engine: "pyroscope",
        signal: Signal::Profiles,
        asked: Protocol::PyroscopeQuery,
        kinds: &["grafana-pyroscope-datasource", "phlare"],
    },
];

/// Every such store beside a Grafana whose data sources are all known.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let exports = linked.symbols.exports.iter();
    let sources =
        exports.filter_map(|(o, e)| if let Export::Datasource(source) = e { Some((*o, source)) } else { None });
    let sources: Vec<(Owner, &Datasource)> = sources.collect();
    let known = |(owner, source): &(Owner, &Datasource)| {
        owner.service.is_some() && linked.index.grafana(linked.tree, *owner).is_known() && !source.kind.contains('$')
    };
    let Some((grafana, shown)) = sources.first().filter(|_| sources.iter().all(known)) else { return };
    let Some(grafana) = grafana.service else { return };
    let project = linked.tree.service(grafana).project;
    for kept in &KEPT {
        let asks = |url: &Url| url.protocol == kept.asked;
        let asked = sources.iter().any(|(_, s)| kept.kinds.contains(&s.kind.as_str()))
            || linked.urls.iter().any(|(_, url, _)| asks(url))
            || linked.tree.services.iter().any(|s| s.engine.is_none() && has_word(&s.name, &["jaeger", "query"]));
        if asked {
            continue;
        }
        let here = |id: &ServiceId| {
            let service = linked.tree.service(*id);
            service.engine == Some(kept.engine) && service.project == project
        };
        let sent = linked.urls.iter().zip(&linked.reached).find_map(|((_, url, _), reached)| {
            let holds = url.signals.is_empty() || url.signals.contains(&kept.signal);
            reached.iter().map(|(id, _)| *id).find(here).filter(|_| holds).map(|to| (url, to))
        });
        let Some((url, to)) = sent else { continue };
        let (store, grafana) = (linked.tree.service(to), linked.tree.service(grafana));
        let (what, name) = (kept.signal.name(), &grafana.name);
        let message = format!("{} keeps {what}, and no data source of `{name}` asks it", engine(store));
        findings.push(
            Diagnostic::new(&RULE, store.span, message)
                .label(url.span, format!("{} sends {what} to it", url.sender))
                .label(shown.span, "the data sources that are provisioned are these")
                .help(format!("provision one of the type `{}` for `{}`", kept.kinds[0], store.name)),
        );
    }
}
