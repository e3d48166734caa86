//! The way between the agent's host and the gateway's: address, TLS and credential, decided once.

use crate::spec::{Layout, Spec, TlsMode};

use super::{Edge, EdgeTls, Material, SecretFile};

/// Plans the edge; `None` on a single host.
pub(super) fn plan(spec: &Spec) -> Option<Edge> {
    if spec.stack.layout.value == Layout::SingleHost {
        return None;
    }
    let gateway = spec.gateway.as_ref()?;
    let text = |s: &crate::source::Spanned<String>| s.value.clone();
    Some(Edge {
        address: text(&gateway.address),
        port: gateway.port.value,
        bind: text(&gateway.bind),
        tls: match &spec.tls.mode.value {
            TlsMode::Off => EdgeTls::Off,
            TlsMode::Private => EdgeTls::Private,
            TlsMode::Files { cert, key, ca } => {
                EdgeTls::Files { cert: text(cert), key: text(key), ca: ca.as_ref().map(text) }
            }
        },
        auth: spec.auth,
    })
}

/// Files of TLS material: the server's pair beside the gateway, what the agent trusts beside the agent.
pub(super) fn secret_files(edge: &Edge) -> Vec<SecretFile> {
    let (cert, key, ca) = match &edge.tls {
        EdgeTls::Off => return Vec::new(),
        EdgeTls::Private => (Material::PrivateCert, Material::PrivateKey, Some(Material::PrivateCa)),
        EdgeTls::Files { cert, key, ca } => {
            (Material::File(cert.clone()), Material::File(key.clone()), ca.clone().map(Material::File))
        }
    };
    let file = |path: &str, from| SecretFile { path: path.into(), from };
    let mut files = vec![file("gateway/tls/server.crt", cert), file("gateway/tls/server.key", key)];
    files.extend(ca.map(|ca| file("agent/tls/ca.crt", ca)));
    files
}

impl Edge {
    /// Whether the agent trusts a CA of its own (else the system's roots).
    pub fn own_ca(&self) -> bool {
        matches!(self.tls, EdgeTls::Private | EdgeTls::Files { ca: Some(_), .. })
    }
}
