//! What Tempo's modules look at when they start, which `-config.verify` does not (grafana/tempo cmd/tempo/app/modules.go@v2.3.1 to
//! v3.0.3).

use super::super::rules::start_refused::RULE;
use super::storage::STORING;
use crate::catalogue::Version;
use crate::conform::bounds::{self, Bound, Limit, Releases, since};
use crate::conform::{Judge, Settings, When};
use crate::dskit;
use crate::near::Near;
use crate::parse::Node;
use crate::source::Span;

const TWO: &[Releases] = &[(Version::new(2, 3, 0), Some(Version::new(3, 0, 0)))];

/// Targets with a query frontend.
const QUERYING: [&str; 4] = ["all", "all-3.0", "scalable-single-binary", "query-frontend"];

/// Those with the ring of ingesters, before 3.0. One process for all has its own, whatever stands there (cmd/tempo/main.go@v2.3.1,
/// v2.8.4).
const RINGED: [&str; 4] = ["scalable-single-binary", "distributor", "ingester", "querier"];

/// Those with a querier that does not find the frontend by itself (cmd/tempo/app/modules.go `initQuerier`@v2.3.1 to v3.0.3).
const WORKING: [&str; 2] = ["scalable-single-binary", "querier"];

/// Those with a distributor.
const RECEIVING: [&str; 4] = ["all", "all-3.0", "scalable-single-binary", "distributor"];

/// Of the query frontend (modules/frontend/frontend.go `New`, modules/frontend/v1/frontend.go `New`@v2.3.1, v2.5.0, v2.8.0, v3.0.3).
const FRONTEND: &[Bound] = &[
    positive(&["query_frontend", "max_batch_size"], &[]),
    positive(&["query_frontend", "search", "concurrent_jobs"], &[]),
    positive(&["query_frontend", "search", "target_bytes_per_job"], &[]),
    positive(&["query_frontend", "search", "most_recent_shards"], &[since(2, 8)]),
    positive(&["query_frontend", "metrics", "concurrent_jobs"], &[since(2, 5)]),
    positive(&["query_frontend", "metrics", "target_bytes_per_job"], &[since(2, 5)]),
    Bound { path: &["query_frontend", "metrics", "interval"], flag: "", held: &[since(2, 5)], limit: Limit::Time },
    Bound {
        path: &["query_frontend", "trace_by_id", "query_shards"],
        flag: "",
        held: &[],
        limit: Limit::Within(2, 100_000),
    },
];

/// Of blocks (tempodb/config.go `validateConfig`, tempodb/encoding/common/config.go `ValidateConfig`@v2.3.1, v2.8.0, v3.0.3).
const BLOCKS: &[Bound] = &[
    positive(&["storage", "trace", "block", "v2_index_downsample_bytes"], TWO),
    positive(&["storage", "trace", "block", "v2_index_page_size_bytes"], TWO),
    positive(&["storage", "trace", "block", "bloom_filter_shard_size_bytes"], &[]),
    Bound { path: &["storage", "trace", "block", "version"], flag: "", held: &[], limit: Limit::Filled },
    Bound {
        path: &["storage", "trace", "block", "bloom_filter_false_positive"],
        flag: "storage.trace.block.v2-bloom-filter-false-positive",
        held: &[(Version::new(2, 3, 0), Some(Version::new(2, 8, 0)))],
        limit: Limit::Above,
    },
    Bound {
        path: &["storage", "trace", "block", "bloom_filter_false_positive"],
        flag: "storage.trace.block.v2-bloom-filter-false-positive",
        held: &[since(2, 8)],
        limit: Limit::Fraction,
    },
];

/// Of rings (vendor/github.com/grafana/dskit/kv/client.go `createClient`@v2.3.1, v2.10.8).
const RINGS: &[Bound] = &[Bound {
    path: &["ingester", "lifecycler", "ring", "kvstore", "store"],
    flag: "",
    held: TWO,
    limit: Limit::Words(&["consul", "etcd", "inmemory", "memberlist", "multi"]),
}];

/// Of the compactor, which has one where it is named (cmd/tempo/app/modules.go `initCompactor`@v2.3.1, v2.8.4).
const COMPACTING: &[Bound] = &[Bound {
    path: &["compactor", "ring", "kvstore", "store"],
    flag: "",
    held: TWO,
    limit: Limit::Words(&["", "consul", "etcd", "inmemory", "memberlist", "multi"]),
}];

const fn positive(path: &'static [&'static str], held: &'static [Releases]) -> Bound {
    Bound { path, flag: "", held, limit: Limit::Positive }
}

/// Roles of caches (pkg/cache/cache.go, modules/cache/config.go `allRoles`@v2.4.0, v3.0.3).
const ROLES: [&str; 7] = [
    "bloom",
    "trace-id-index",
    "parquet-footer",
    "parquet-column-idx",
    "parquet-offset-idx",
    "frontend-search",
    "parquet-page",
];

/// Looks at one config.
pub(super) fn start(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let Some(target) = settings.get(&["target"], "target").or("all") else { return };
    dskit::ports(judge, settings, &RULE);
    if QUERYING.contains(&target) {
        bounds::check(judge, settings, &RULE, FRONTEND);
    }
    if STORING.contains(&target) {
        bounds::check(judge, settings, &RULE, BLOCKS);
        caches(judge, settings);
    }
    if RINGED.contains(&target) {
        bounds::check(judge, settings, &RULE, RINGS);
    }
    if ["all", "all-3.0", "scalable-single-binary", "compactor"].contains(&target) {
        bounds::check(judge, settings, &RULE, COMPACTING);
    }
    if WORKING.contains(&target) {
        worker(judge, settings);
    }
    if RECEIVING.contains(&target) {
        forwarders(judge, settings);
    }
}

/// Caches are told apart by their roles, each of which one has (modules/cache/config.go `Validate`@v2.4.0, v3.0.3).
fn caches(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    if !judge.since(2, 4) {
        return;
    }
    let mut taken: Vec<&str> = Vec::new();
    for cache in settings.root.at(&["cache", "caches"]).into_iter().flat_map(Node::items) {
        let kinds = ["memcached", "redis"].map(|kind| cache.entry(kind).filter(|e| !e.value.is_null()));
        let whole = cache.entries().first().map_or(cache.span(), |e| e.key.span());
        match kinds {
            [Some(_), Some(second)] => {
                refuse(
                    judge,
                    settings,
                    second.key.span(),
                    "a cache is of one kind: this one has both".to_owned(),
                    None,
                );
            }
            [None, None] => {
                let help = Some("give it `memcached`, with a `host` at least".to_owned());
                refuse(judge, settings, whole, "this cache has neither `memcached` nor `redis`".to_owned(), help);
            }
            _ => {}
        }
        let roles: Vec<Node<'_>> = cache.get("roles").into_iter().flat_map(Node::items).collect();
        if roles.is_empty() && cache.get("roles").is_none_or(|r| r.is_null() || r.is_seq()) {
            let help = Some(format!("the roles are {}", listed(&ROLES)));
            refuse(judge, settings, whole, "this cache has no role".to_owned(), help);
        }
        for role in roles {
            let Some(name) = role.scalar().filter(|_| !settings.is_open(role)) else { continue };
            if !ROLES.contains(&name) {
                let near = Near::default().nearest(name, ROLES.into_iter());
                let help = near.map_or(format!("the roles are {}", listed(&ROLES)), |n| format!("did you mean `{n}`?"));
                refuse(judge, settings, role.span(), format!("`{name}` is no role of a cache"), Some(help));
            } else if taken.contains(&name) {
                refuse(judge, settings, role.span(), format!("two caches have the role `{name}`"), None);
            } else {
                taken.push(name);
            }
        }
    }
}

/// The frontend that queriers take their work from.
fn worker(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    let path = ["querier", "frontend_worker", "frontend_address"];
    let address = settings.get(&path, "querier.frontend-address");
    let named = settings.get(&["target"], "target").span();
    if let (Some(""), Some(span)) = (address.or(""), address.span().or(named)) {
        let help = Some("write `querier.frontend_worker.frontend_address` with the frontend's gRPC port".to_owned());
        refuse(judge, settings, span, "no query frontend is named for this querier".to_owned(), help);
    }
}

/// Where traces are sent on (modules/distributor/forwarder/config.go, modules/distributor/forwarder/otlpgrpc/config.go
/// `Validate`@v2.3.1, v3.0.3).
fn forwarders(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    for forwarder in settings.root.at(&["distributor", "forwarders"]).into_iter().flat_map(Node::items) {
        let whole = forwarder.entries().first().map_or(forwarder.span(), |e| e.key.span());
        let at = |key: &str| forwarder.get(key).map_or(whole, Node::span);
        let text = |key: &str| settings.text_in(forwarder, key, "");
        if text("name") == Some("") {
            refuse(judge, settings, at("name"), "this forwarder has no `name`".to_owned(), None);
        }
        if let Some(backend) = text("backend").filter(|b| *b != "otlpgrpc") {
            let message = match backend {
                "" => "this forwarder has no `backend`".to_owned(),
                other => format!("a forwarder's `backend` cannot be `{other}`"),
            };
            refuse(judge, settings, at("backend"), message, Some("write `otlpgrpc`".to_owned()));
            continue;
        }
        let tls = forwarder.at(&["otlpgrpc", "tls"]);
        let set = |key: &str| tls.and_then(|t| t.get(key)).filter(|n| !n.is_null());
        let plain = set("insecure").is_some_and(|n| n.as_bool() != Some(false));
        if !plain && set("cert_file").is_none_or(|n| n.scalar() == Some("")) {
            let message = "this forwarder has neither a `cert_file` nor `insecure: true`".to_owned();
            refuse(judge, settings, tls.map_or(whole, Node::span), message, None);
        }
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn refuse(judge: &mut Judge<'_>, settings: &Settings<'_>, span: Span, message: String, help: Option<String>) {
    let told = judge.tell(&RULE, span, When::Always, message).sure(settings.known());
    let told = told.note("Tempo does not start with it, and `-config.verify` does not say so");
    if let Some(help) = help {
        told.help(help);
    }
}
