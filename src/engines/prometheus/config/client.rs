//! How Prometheus logs in where it asks.

use crate::conform::Judge;
use crate::conform::client::{self, Since};
use crate::engines::prometheus::rules::invalid_value::RULE;
use crate::parse::Node;

/// The library as go.mod names it (prometheus/prometheus@v2.40.7 to v3.14.0).
fn since(judge: &Judge<'_>) -> Since {
    Since {
        environment: judge.since(2, 43),
        inline: judge.since(2, 45),
        secret_required: !judge.since(2, 51),
        username_file: judge.since(2, 49),
        references: judge.since(2, 53),
        signed: judge.since(3, 8),
    }
}

/// The fields of a client, which stand among others in the same map.
pub(super) fn client(judge: &mut Judge<'_>, map: Node<'_>) {
    client::client(judge, &RULE, map, since(judge));
}

/// The `tls_config` of a map.
pub(super) fn tls(judge: &mut Judge<'_>, map: Node<'_>) {
    client::tls(judge, &RULE, map, since(judge));
}

/// Two fields of which one may be set.
pub(super) fn several(judge: &mut Judge<'_>, map: Node<'_>, first: &str, second: &str, what: &str) {
    client::several(judge, &RULE, map, first, second, what);
}
