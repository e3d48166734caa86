//! Breakages at the end that dials: host, port, path, TLS and credential of every URL that something in the tree serves.

use vispyr::link::Linked;
use vispyr::source::Span;
use vispyr::symbol::{Credentials, Protocol, SecretSource};

use super::edit::{Mutation, before, indent, last_line, next_line};
use super::trees::{Site, Way, ways};

/// A port that no generated stack opens or publishes.
pub(super) const FREE: &str = "6553";

pub(super) fn all(site: &Site, linked: &Linked<'_>, all: &mut Vec<Mutation>) {
    for way in ways(linked) {
        let what = format!("{} -> {}", way.url.sender, linked.tree.service(way.to).name);
        host(site, &way, &what, all);
        port(site, linked, &way, &what, all);
        path(site, &way, &what, all);
        tls(site, &way, &what, all);
        credentials(site, &way, &what, all);
    }
}

fn host(site: &Site, way: &Way<'_>, what: &str, all: &mut Vec<Mutation>) {
    let host = site.slice(way.url.host_span);
    let wrong = format!("{host}{}", &host[host.len() - 1..]);
    if way.across {
        // Any public name may lead to a server that nobody describes here.
        all.push(Mutation::new("url: public host misspelt", what).edit(way.url.host_span, wrong));
    } else {
        all.push(Mutation::new("url: host misspelt", what).edit(way.url.host_span, wrong).here("link-host-unknown"));
    }
}

fn port(site: &Site, linked: &Linked<'_>, way: &Way<'_>, what: &str, all: &mut Vec<Mutation>) {
    let span = way.url.port_span;
    let written = site.slice(span);
    assert!(written.bytes().all(|b| b.is_ascii_digit()), "{what}: a generated URL names its port");
    all.push(Mutation::new("url: free port", what).edit(span, FREE).here("link-port-unserved"));
    let inside = way.listener.port.unwrap().to_string();
    if way.across && inside != written {
        let m = Mutation::new("url: container's port from outside", what);
        all.push(m.edit(span, inside).here("link-port-unserved"));
    } else if let Some(published) = linked.published(way.to, way.listener.port.unwrap())
        && published.to_string() != written
    {
        let m = Mutation::new("url: published port inside", what);
        all.push(m.edit(span, published.to_string()).here("link-published-port-inside"));
    }
}

fn path(site: &Site, way: &Way<'_>, what: &str, all: &mut Vec<Mutation>) {
    let url = way.url;
    let text = site.text(url.span.source);
    let rule = "link-path-wrong";
    let class = "url: path wrong";
    if url.path_span != url.span {
        let wrong = format!("{}x", site.slice(url.path_span));
        all.push(Mutation::new(class, what).edit(url.path_span, wrong).here(rule));
        return;
    }
    match url.protocol {
        // A gRPC client has no path of its own, and a proxy passes on what it was asked for.
        Protocol::OtlpGrpc | Protocol::Http => {}
        Protocol::Scrape => {
            let m = Mutation::new(class, what);
            all.push(attribute(site, m, url.span, "metrics_path", "/wrong", rule));
        }
        _ => {
            let at = before(url.span.source, url.span.end as usize);
            assert!(!text[..at.range().start].ends_with('/'), "{what}");
            all.push(Mutation::new(class, what).edit(at, "/wrong").here(rule));
        }
    }
}

fn tls(site: &Site, way: &Way<'_>, what: &str, all: &mut Vec<Mutation>) {
    let url = way.url;
    let (class, rule) = ("url: TLS flipped", "link-tls-mismatch");
    let m = Mutation::new(class, what);
    let written = site.slice(url.tls_span);
    all.push(match written {
        "http" => m.edit(url.tls_span, "https").here(rule),
        "https" => m.edit(url.tls_span, "http").here(rule),
        "h2c" => m.edit(url.tls_span, "https").here(rule),
        _ if written.starts_with("insecure") => {
            let value = written.rfind("true").unwrap();
            m.edit(url.tls_span.slice(value..value + 4), "false").at(rule, url.tls_span)
        }
        _ if url.protocol == Protocol::Scrape => attribute(site, m, url.span, "scheme", "https", rule),
        _ => {
            let at = before(url.span.source, url.span.range().start);
            m.edit(at, "https://").inside(rule, 0, "://".len())
        }
    });
}

/// Gives a scrape one more setting: expects the finding at its value.
fn attribute(site: &Site, m: Mutation, at: Span, key: &str, value: &str, rule: &'static str) -> Mutation {
    let text = site.text(at.source);
    let alloy = site.tree.sources.get(at.source).path.ends_with(".alloy");
    let first = if alloy { "targets" } else { "static_configs:" };
    let line = last_line(text, at.range().start, |l| l.starts_with(first)).unwrap();
    let indent = indent(text, line.start);
    let (head, tail) = if alloy { (format!("{indent}{key} = \""), "\"\n") } else { (format!("{indent}{key}: "), "\n") };
    m.edit(before(at.source, line.start), format!("{head}{value}{tail}")).inside(rule, head.len(), tail.len())
}

fn credentials(site: &Site, way: &Way<'_>, what: &str, all: &mut Vec<Mutation>) {
    let url = way.url;
    let (Some(shown), Some(Credentials::Bearer(_) | Credentials::Basic { .. })) =
        (&url.credentials, &way.listener.auth)
    else {
        return;
    };
    let (Credentials::Bearer(SecretSource::Env(name)) | Credentials::Basic { password: SecretSource::Env(name), .. }) =
        shown
    else {
        panic!("{what}: a generated credential comes from a variable")
    };
    let rule = "link-auth-mismatch";
    let span = url.credentials_span;
    let within = site.slice(span).find(name.as_str()).unwrap();
    let variable = span.slice(within..within + name.len());
    let other = Mutation::new("credential: other variable (sender)", what).edit(variable, "OTHER");
    all.push(other.at(rule, span).also("alloy-env-unset"));

    // The place where the URL's own block says what is shown: a line, a block, or the name of a handler.
    let text = site.text(url.span.source);
    let starts = ["bearer_token ", "basic_auth {", "auth "];
    let line = next_line(text, url.span.range().end, |l| starts.iter().any(|s| l.starts_with(s))).unwrap();
    let end = if text[line.clone()].contains("basic_auth") {
        next_line(text, line.end + 1, |l| l == "}").unwrap().end
    } else {
        line.end
    };
    let gone = Span::new(url.span.source, line.start..end + 1);
    let removed = Mutation::new("credential: removed (sender)", what).edit(gone, "");
    all.push(removed.at(rule, url.span).also("alloy-auth-unwired"));
}
