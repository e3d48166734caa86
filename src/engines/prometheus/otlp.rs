//! What the OTLP receiver makes of what it takes (prometheus/prometheus storage/remote/write_otlp_handler.go, config/config.go
//! `OTLPConfig`@v3.14.0; storage/remote/write_handler.go@v2.55.0, @v3.0.0).

use std::collections::BTreeSet;

use crate::catalogue::Version;
use crate::engine::Instance;
use crate::labels::{Promoted, Translation};
use crate::parse::Node;
use crate::source::Span;
use crate::symbol::{Accepts, Protocol};
use crate::tree::Service;

/// Suffixes and escapes of each strategy (prometheus/otlptranslator strategy.go@v1.0.0).
const STRATEGIES: [(&str, bool, bool); 4] = [
    ("UnderscoreEscapingWithSuffixes", true, true),
    ("NoUTF8EscapingWithSuffixes", true, false),
    ("UnderscoreEscapingWithoutSuffixes", false, true),
    ("NoTranslation", false, false),
];

/// What an instance makes of OTLP; `None` = it takes none.
pub(super) fn translation(root: Node<'_>, instance: &Instance<'_>) -> Option<Translation> {
    let (_, service) = instance.service?;
    let (version, _) = instance.version.as_ref()?;
    let flag = asked(service, *version)?;
    let otlp = root.get("otlp");
    let get = |key: &str| otlp.and_then(|o| o.get(key));
    let strategy = get("translation_strategy");
    let named = strategy.and_then(Node::scalar).filter(|s| !s.is_empty()).unwrap_or(STRATEGIES[0].0);
    let known = STRATEGIES.iter().find(|(name, ..)| *name == named);
    let (_, suffixes, escapes) = *known.unwrap_or(&STRATEGIES[0]);
    let names = |key: &str| -> Option<BTreeSet<String>> {
        get(key).into_iter().flat_map(Node::items).map(|n| Some(n.scalar()?.trim().to_owned())).collect()
    };
    let all = get("promote_all_resource_attributes").map_or(Some(false), Node::as_bool);
    let promoted = match (known, all) {
        (Some(_), Some(true)) => names("ignore_resource_attributes").map(Promoted::All),
        (Some(_), Some(false)) => names("promote_resource_attributes").map(Promoted::Only),
        _ => None,
    };
    let place = get("promote_resource_attributes").or(strategy).or(otlp);
    Some(Translation {
        title: "Prometheus' OTLP receiver".into(),
        span: place.map_or(flag, Node::span),
        suffixes,
        escapes,
        promoted: promoted.unwrap_or(Promoted::Unknown),
        promotes: "`otlp.promote_resource_attributes`",
    })
}

/// The word of a command that turns it on, where that is one of the version.
fn asked(service: &Service, version: Version) -> Option<Span> {
    let takes = |a: &Accepts| a.protocol == Protocol::OtlpHttp && a.missing_flag.is_none();
    let word = service.args()?.into_iter().find(|a| a.text.contains("otlp"))?;
    super::symbols::accepts(service, version).iter().any(takes).then_some(word.span)
}
