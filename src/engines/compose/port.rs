//! Published ports.

use super::value::{Text, Value};
use crate::tree::Port;

/// Reads one entry of `ports:`; `None` when it is no port at all.
pub(super) fn read(value: &Value<'_>) -> Option<Port> {
    match value {
        Value::Text(text) => Some(short(text)),
        Value::Map(map) => {
            let text = |key: &str| map.text(key);
            let published = text("published").filter(|t| !t.open()).and_then(|t| ports(t.as_str()));
            let target = text("target").filter(|t| !t.open()).and_then(|t| ports(t.as_str()));
            let host_ip = text("host_ip").map(|t| t.as_str().to_owned());
            let udp = text("protocol").is_some_and(|t| t.as_str() == "udp");
            let on_node = text("mode").is_some_and(|t| t.as_str() == "host");
            Some(Port { on_node, host_ip, published, target, udp, span: map.span })
        }
        _ => None,
    }
}

/// `[[ip:]host[-range]:]container[-range][/protocol]`.
fn short(text: &Text<'_>) -> Port {
    let whole = text.as_str();
    let body = whole.rfind('/').filter(|at| !text.expanded.open_in(*at..at + 1)).map_or(whole, |at| &whole[..at]);
    let udp = whole[body.len()..].eq_ignore_ascii_case("/udp");
    let fields: Vec<_> = text.expanded.fields(':').into_iter().filter(|f| f.start <= body.len()).collect();
    let known = |at: usize| {
        let range = fields.get(at)?.start..fields.get(at)?.end.min(body.len());
        (!text.expanded.open_in(range.clone())).then(|| ports(&body[range])).flatten()
    };
    let last = fields.len() - 1;
    let published = if last > 0 { known(last - 1) } else { None };
    // An address may hold colons of its own (`[::1]:80:80`): it is all that stands before the host port.
    let host_ip = (last > 1).then(|| body[..fields[last - 1].start - 1].trim_matches(['[', ']']).to_owned());
    Port { on_node: false, host_ip, published, target: known(last), udp, span: text.span }
}

/// `8080` or `8080-8090`.
fn ports(text: &str) -> Option<(u16, u16)> {
    match text.split_once('-') {
        Some((first, last)) => Some((first.trim().parse().ok()?, last.trim().parse().ok()?)),
        None => text.trim().parse().ok().map(|p| (p, p)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(text: &str) -> Port {
        short(&Text::plain(text))
    }

    #[test]
    fn short_forms_are_read() {
        let p = port("3000");
        assert_eq!((p.published, p.target), (None, Some((3000, 3000))));
        let p = port("8080:80/udp");
        assert_eq!((p.published, p.target, p.udp), (Some((8080, 8080)), Some((80, 80)), true));
        let p = port("127.0.0.1:9090-9091:8080-8081/tcp");
        assert_eq!(
            (p.host_ip.as_deref(), p.published, p.target, p.udp),
            (Some("127.0.0.1"), Some((9090, 9091)), Some((8080, 8081)), false)
        );
        let p = port("[::1]:80:81");
        assert_eq!((p.host_ip.as_deref(), p.published, p.target), (Some("::1"), Some((80, 80)), Some((81, 81))));
        let p = port("127.0.0.1::80");
        assert_eq!((p.host_ip.as_deref(), p.published, p.target), (Some("127.0.0.1"), None, Some((80, 80))));
    }

    #[test]
    fn an_open_host_port_leaves_the_target_known() {
        let p = port("${PORT:?say}:3000");
        assert_eq!((p.host_ip, p.published, p.target), (None, None, Some((3000, 3000))));
        assert_eq!(port("nonsense").target, None);
        assert_eq!(port("").target, None);
        assert_eq!(port("99999:1").published, None);
    }
}
