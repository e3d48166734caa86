//! Which services run where, at which versions.

use crate::catalogue::{self, Version};
use crate::spec::{Layout, Spec};

use super::{Container, Host, HostRole, Node, Role};

/// The network of applications and of what they dial.
pub(super) const APPS: &str = "apps";
/// The network of the stores, which have no authentication of their own.
pub(super) const STORES: &str = "stores";
/// The network between the proxy and the gateway.
pub(super) const EDGE: &str = "edge";

/// Service name, engine and role, in start order.
type Plan = (&'static str, &'static str, Role);

const METRICS: Plan = ("prometheus", "prometheus", Role::Metrics);
const TRACES: Plan = ("tempo", "tempo", Role::Traces);
const PROFILES: Plan = ("pyroscope", "pyroscope", Role::Profiles);
const VIEW: Plan = ("grafana", "grafana", Role::View);

/// Hosts with their nodes; containers are filled in later.
pub(super) fn plan(spec: &Spec) -> Vec<Host> {
    let mut stores = vec![METRICS];
    if spec.signals.traces {
        stores.push(TRACES);
    }
    if spec.signals.profiles {
        stores.push(PROFILES);
    }
    let name = &spec.stack.name.value;
    let host = |role, folder, suffix: &str, plans: Vec<Plan>, networks: &[&'static str]| Host {
        role,
        folder,
        project: format!("{name}{suffix}"),
        nodes: plans.into_iter().map(|p| node(spec, p)).collect(),
        networks: networks.to_vec(),
    };
    match spec.stack.layout.value {
        Layout::SingleHost => {
            let plans = [stores, vec![("alloy", "alloy", Role::Collector), VIEW]].concat();
            vec![host(HostRole::Single, "", "", plans, &[APPS, STORES])]
        }
        Layout::AgentGateway => {
            let agent = vec![("agent", "alloy", Role::Agent)];
            let gateway =
                [stores, vec![("gateway", "alloy", Role::Gateway), ("proxy", "caddy", Role::Proxy), VIEW]].concat();
            vec![
                host(HostRole::Agent, "agent", "-agent", agent, &[APPS]),
                host(HostRole::Gateway, "gateway", "-gateway", gateway, &[EDGE, STORES]),
            ]
        }
    }
}

fn node(spec: &Spec, (service, engine, role): Plan) -> Node {
    Node { service, engine, role, version: version(spec, engine), container: Container::default() }
}

/// The version the spec names, else the pinned default.
fn version(spec: &Spec, engine: &str) -> Version {
    let named = spec.versions.iter().find(|(e, _)| e == engine).map(|(_, v)| v.value);
    // Every engine that is planned has a schema file: a test holds the two together.
    named.or_else(|| catalogue::engine(engine).map(|f| f.default)).unwrap_or(Version::new(0, 0, 0))
}
