//! A receiver that Tempo is not built with.

use crate::diagnostic::{Diagnostic, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::near::Near;
use crate::parse::Node;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "tempo-receiver-invalid",
    aliases: &[],
    summary: "a receiver that this version of Tempo does not have",
    tier: Tier::B,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("receiver_invalid.md"),
};

/// Receivers with the first release without them (grafana/tempo modules/distributor/receiver/shim.go@v2.3.1 to v3.0.3).
const RECEIVERS: [(&str, Option<(u16, u16)>); 5] =
    [("otlp", None), ("jaeger", None), ("zipkin", None), ("kafka", None), ("opencensus", Some((3, 0)))];

/// What stands under a key of a receiver.
enum Takes {
    /// Nothing that is looked at.
    Any,
    /// Text.
    Text,
    /// These keys, or nothing.
    Keys(&'static [Key]),
}

type Key = (&'static str, Takes);

/// Settings of a gRPC server in any release: a key that none of them has is refused by all (grafana/tempo
/// vendor/go.opentelemetry.io/collector/config/configgrpc/configgrpc.go, config/confignet/confignet.go@v2.3.0 to v3.0.3).
const GRPC: &[Key] = &[
    ("endpoint", Takes::Text),
    ("transport", Takes::Text),
    ("auth", Takes::Any),
    ("dialer", Takes::Any),
    ("include_metadata", Takes::Any),
    ("keepalive", Takes::Any),
    ("max_concurrent_streams", Takes::Any),
    ("max_recv_msg_size_mib", Takes::Any),
    ("middlewares", Takes::Any),
    ("read_buffer_size", Takes::Any),
    ("tls", Takes::Any),
    ("write_buffer_size", Takes::Any),
];

/// The settings of an HTTP server, and keys of a receiver beside them (grafana/tempo
/// vendor/go.opentelemetry.io/collector/config/confighttp/confighttp.go, config/confighttp/server.go@v2.3.0 to v3.0.3).
macro_rules! http {
    ($($more:literal),*) => {
        Takes::Keys(&[
            ("endpoint", Takes::Text),
            ("transport", Takes::Text),
            ("auth", Takes::Any),
            ("compression_algorithms", Takes::Any),
            ("cors", Takes::Any),
            ("dialer", Takes::Any),
            ("idle_timeout", Takes::Any),
            ("include_metadata", Takes::Any),
            ("keep_alives_enabled", Takes::Any),
            ("max_request_body_size", Takes::Any),
            ("middlewares", Takes::Any),
            ("read_header_timeout", Takes::Any),
            ("read_timeout", Takes::Any),
            ("response_headers", Takes::Any),
            ("tls", Takes::Any),
            ("write_timeout", Takes::Any),
            $(($more, Takes::Any),)*
        ])
    };
}

/// Jaeger's senders over UDP (grafana/tempo vendor/github.com/open-telemetry/opentelemetry-collector-contrib/receiver/
/// jaegerreceiver/config.go `ProtocolUDP`@v2.3.0 to v3.0.3).
const UDP: &[Key] = &[
    ("endpoint", Takes::Text),
    ("max_packet_size", Takes::Any),
    ("queue_size", Takes::Any),
    ("socket_buffer_size", Takes::Any),
    ("workers", Takes::Any),
];

/// What receivers take that are looked at inside (grafana/tempo
/// vendor/go.opentelemetry.io/collector/receiver/otlpreceiver/config.go,
/// vendor/github.com/open-telemetry/opentelemetry-collector-contrib/receiver/{jaegerreceiver,zipkinreceiver}/config.go@v2.3.0 to v3.0.3).
const SETTINGS: [(&str, Takes); 3] = [
    (
        "otlp",
        Takes::Keys(&[(
            "protocols",
            Takes::Keys(&[
                ("grpc", Takes::Keys(GRPC)),
                ("http", http!("traces_url_path", "metrics_url_path", "logs_url_path")),
            ]),
        )]),
    ),
    (
        "jaeger",
        Takes::Keys(&[
            (
                "protocols",
                Takes::Keys(&[
                    ("grpc", Takes::Keys(GRPC)),
                    ("thrift_http", http!()),
                    ("thrift_binary", Takes::Keys(UDP)),
                    ("thrift_compact", Takes::Keys(UDP)),
                ]),
            ),
            ("remote_sampling", Takes::Any),
        ]),
    ),
    ("zipkin", http!("parse_string_tags")),
];

/// Tells of what is none of these.
fn settings(node: Node<'_>, takes: &Takes, place: &str, findings: &mut Findings) {
    let mut refuse =
        |what: &str| findings.push(Diagnostic::new(&RULE, node.span(), format!("`{place}` must be {what}")).note(NOTE));
    let keys = match takes {
        Takes::Any => return,
        Takes::Text if node.is_map() || node.is_seq() => {
            return refuse("text");
        }
        Takes::Keys(_) if is_no_map(node, place.matches('.').count() == 2) => {
            return refuse("a map, or nothing");
        }
        Takes::Text => return,
        Takes::Keys(keys) => *keys,
    };
    for entry in node.entries() {
        let name = entry.name();
        if name.contains('$') || entry.key.is_tagged() {
            continue;
        }
        let Some((_, below)) = keys.iter().find(|(key, _)| *key == name) else {
            let near = Near::default().nearest(name, keys.iter().map(|k| k.0));
            let all: Vec<_> = keys.iter().map(|(key, _)| format!("`{key}`")).collect();
            let help = near.map_or(format!("it takes {}", all.join(", ")), |n| format!("did you mean `{n}`?"));
            let found = Diagnostic::new(&RULE, entry.key.span(), format!("`{name}` is no key of `{place}`"));
            findings.push(found.help(help).note(NOTE));
            continue;
        };
        settings(entry.value, below, &format!("{place}.{name}"), findings);
    }
}

/// Whether something stands there that is no map, and no variable that could become one.
fn is_no_map(node: Node<'_>, whole: bool) -> bool {
    // Of a whole receiver some releases take maps in a list as one (mitchellh/mapstructure mapstructure.go
    // `decodeMapFromSlice`@v1.5.0).
    let list = node.is_seq() && node.items().any(|item| !whole || !item.is_map());
    !node.is_tagged()
        && (list || node.scalar().is_some_and(|text| !text.is_empty() && !text.contains('$')) && !node.is_null())
}

const NOTE: &str = "Tempo does not start with it, and `-config.verify` does not say so";

pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(all) = super::root(ctx).and_then(|r| r.at(&["distributor", "receivers"])) else { return };
    for entry in all.entries() {
        // `otlp/second` is a second receiver of the type.
        let name = entry.name();
        let ty = name.split('/').next().unwrap_or_default();
        if ty.contains("${") {
            continue;
        }
        let known = RECEIVERS.iter().find(|(n, _)| *n == ty);
        let found = match known {
            Some((_, Some((major, minor)))) if super::since(ctx, *major, *minor).is_some() => {
                let message = format!("Tempo has no receiver `{ty}` since {major}.{minor}");
                super::weighed(ctx, Diagnostic::new(&RULE, entry.key.span(), message))
                    .help("its senders must speak OTLP")
            }
            Some(_) => {
                if let Some((_, takes)) = SETTINGS.iter().find(|s| s.0 == ty) {
                    settings(entry.value, takes, &format!("distributor.receivers.{name}"), findings);
                }
                continue;
            }
            None => {
                let message = format!("`{ty}` is no receiver that Tempo is built with");
                let near = Near::default().nearest(ty, RECEIVERS.iter().map(|(n, _)| *n));
                let help = near.map_or("it has `otlp`, `jaeger`, `zipkin`, `kafka`".to_owned(), |n| {
                    format!("did you mean `{n}`?")
                });
                Diagnostic::new(&RULE, entry.key.span(), message).help(help)
            }
        };
        findings.push(found.note(NOTE));
    }
}
