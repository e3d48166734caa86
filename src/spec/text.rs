//! Forms of text in `vispyr.toml`: names, addresses, paths, references.

use std::net::{IpAddr, Ipv6Addr};

/// What is wrong with a text, to follow the text itself in a sentence, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// "is no size".
    pub message: String,
    /// Imperative.
    pub help: Option<String>,
}

impl Complaint {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A form of text.
#[derive(Debug)]
pub struct TextForm {
    /// As the reference table names it.
    pub name: &'static str,
    /// In words: "an IP address such as `127.0.0.1`".
    pub what: &'static str,
    /// What every valid text matches; the schema's part of the truth.
    pub pattern: &'static str,
    /// The whole truth.
    pub check: fn(&str) -> Result<(), Complaint>,
}

/// Name of a compose project: compose-spec/compose-go loader/loader.go NormalizeProjectName@v2.9.0.
pub(super) static PROJECT: TextForm = TextForm {
    name: "name: `a-z`, `0-9`, `-`, `_`; no `-` or `_` first",
    what: "a name such as `\"shop\"`",
    pattern: "^[a-z0-9][a-z0-9_-]{0,62}$",
    check: |text| {
        name(
            text,
            |c| c.is_ascii_lowercase() || c.is_ascii_digit(),
            "lower case letters, digits, `-` and `_`, and start with a letter or digit",
        )
    },
};

/// Name of a scrape job; it becomes part of names in the collector's configuration.
pub(super) static SCRAPE: TextForm = TextForm {
    name: "name: `a-z`, `0-9`, `-`, `_`; a letter first",
    what: "a name such as `\"checkout\"`",
    pattern: "^[a-z][a-z0-9_-]{0,62}$",
    check: |text| {
        name(text, |c| c.is_ascii_lowercase(), "lower case letters, digits, `-` and `_`, and start with a letter")
    },
};

/// Any text that is safe to print and to store as a label value.
pub(super) static LABEL: TextForm = TextForm {
    name: "text",
    what: "a text of 1 to 255 bytes",
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]{1,255}$",
    check: label,
};

/// An IP address.
pub(super) static IP: TextForm = TextForm {
    name: "IP address",
    what: "an IP address such as `\"127.0.0.1\"`",
    pattern: "^[0-9A-Fa-f:.]+$",
    check: |text| match text.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) if text == "localhost" => Err(Complaint::new("is a name, not an IP address").help("write `127.0.0.1`")),
        Err(_) if text == "*" || text.is_empty() => {
            Err(Complaint::new("is no IP address").help("write `0.0.0.0` for all addresses of the host"))
        }
        Err(_) => Err(Complaint::new("is no IP address")
            .help("write an address of the host such as `127.0.0.1`, or `0.0.0.0` for all")),
    },
};

/// A DNS name or IP address, without scheme and port.
pub(super) static HOST: TextForm = TextForm {
    name: "host",
    what: "a host name or IP address such as `\"obs.example.org\"`",
    pattern: "^[0-9A-Za-z_.:-]+$",
    check: host_alone,
};

/// `host:port`.
pub(super) static TARGET: TextForm = TextForm {
    name: "`host:port`",
    what: "a `host:port` such as `\"checkout:8080\"`",
    pattern: "^([0-9A-Za-z_.-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$",
    check: |text| target(text).map(|_| ()),
};

/// Path of a URL, without query.
pub(super) static PATH: TextForm = TextForm {
    name: "URL path",
    what: "a path such as `\"/metrics\"`",
    pattern: "^/[!-\"$->@-~]*$",
    check: |text| {
        if !text.starts_with('/') {
            return Err(Complaint::new("does not start with `/`").help(if text.contains("://") {
                "write the path alone; host and port belong into `targets`".to_owned()
            } else {
                format!("write `/{}`", printable(text))
            }));
        }
        match text.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '?' | '#')) {
            Some('?' | '#') => Err(Complaint::new("holds more than a path").help("leave query and fragment out")),
            Some(_) => Err(Complaint::new("holds a character that URLs do not").help("percent-encode it")),
            None => Ok(()),
        }
    },
};

/// Path of a file.
pub(super) static FILE: TextForm = TextForm {
    name: "file",
    what: "a path relative to `vispyr.toml` such as `\"tls/server.pem\"`",
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]{1,4096}$",
    check: |text| {
        if text.starts_with("-----BEGIN") {
            return Err(Complaint::new("is the content of a file, not its path").help("write the path of the PEM file"));
        }
        plain(text, 4096)
    },
};

/// Path of a symbol file.
pub(super) static SYMBOLS: TextForm = TextForm {
    name: "symbol file",
    what: "a path relative to `vispyr.toml` such as `\"../infra/infra.vsym\"`",
    pattern: "^[^/\\\\\\u0000-\\u001f][^\\\\\\u0000-\\u001f]*\\.vsym$",
    check: |text| {
        plain(text, 4096)?;
        let beside = "write it as it is seen from the folder of `vispyr.toml`, such as `../infra/infra.vsym`";
        if text.contains("://") {
            return Err(Complaint::new("is a URL, and nothing is fetched").help("name a file in or beside the tree"));
        }
        if text.contains('\\') {
            return Err(Complaint::new("holds `\\`").help("write `/` between folders"));
        }
        let drive = text.as_bytes().get(1) == Some(&b':');
        if text.starts_with(['/', '~']) || drive {
            return Err(Complaint::new("does not start at the folder of `vispyr.toml`").help(beside));
        }
        if !text.ends_with(".vsym") {
            let help = "name what `vispyr symbols` or `vispyr learn` wrote";
            return Err(Complaint::new("does not end in `.vsym`, as symbol files do").help(help));
        }
        Ok(())
    },
};

/// An `http` or `https` URL without credentials.
pub(super) static URL: TextForm = TextForm {
    name: "URL",
    what: "a URL such as `\"https://grafana.example.org/\"`",
    pattern: "^https?://[!-~]+$",
    check: url,
};

/// Starts of variables that `.env` holds for the stack itself, or that compose reads from there for itself.
const RESERVED: [&str; 4] = ["VISPYR_", "GRAFANA_", "COMPOSE_", "DOCKER_"];

/// Name of an environment variable.
pub(super) static VARIABLE: TextForm = TextForm {
    name: "variable",
    what: "the name of an environment variable such as `\"CHECKOUT_TOKEN\"`",
    pattern: "^[A-Za-z_][A-Za-z0-9_]{0,254}$",
    check: |text| {
        let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let rest = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if let Some(prefix) = RESERVED.iter().find(|p| text.starts_with(**p)) {
            let complaint = Complaint::new(format!("starts with `{prefix}`, which the stack itself uses"));
            return Err(complaint.help("choose another name"));
        }
        if first && rest && text.len() <= 255 {
            return Ok(());
        }
        let complaint = Complaint::new("is no name of an environment variable");
        Err(match text.strip_prefix('$').map(|t| t.trim_start_matches('{').trim_end_matches('}')) {
            Some(bare) if (VARIABLE.check)(bare).is_ok() => complaint.help(format!("write `{bare}`")),
            _ => complaint.help("use letters, digits and `_`, and start with no digit"),
        })
    },
};

fn name(text: &str, first: fn(char) -> bool, rule: &str) -> Result<(), Complaint> {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if text.len() > 63 {
        return Err(Complaint::new("is longer than 63 characters"));
    }
    if text.starts_with(first) && text.chars().all(rest) {
        return Ok(());
    }
    let complaint = Complaint::new("is no valid name");
    let mended: String = text.to_lowercase().chars().map(|c| if rest(c) { c } else { '-' }).collect();
    let mended = mended.trim_start_matches(|c| !first(c)).trim_end_matches('-');
    Err(match mended {
        "" => complaint.help(format!("use {rule}")),
        _ => complaint.help(format!("use {rule}, such as `{mended}`")),
    })
}

fn label(text: &str) -> Result<(), Complaint> {
    plain(text, 255)?;
    if text.trim() != text {
        return Err(Complaint::new("starts or ends with a space").help(format!("write `{}`", text.trim())));
    }
    Ok(())
}

fn plain(text: &str, most: usize) -> Result<(), Complaint> {
    if text.is_empty() {
        return Err(Complaint::new("is empty"));
    }
    if text.len() > most {
        return Err(Complaint::new(format!("is longer than {most} bytes")));
    }
    match text.chars().find(|c| hidden(*c)) {
        Some(c) => {
            Err(Complaint::new(format!("holds the invisible character U+{:04X}", u32::from(c))).help("leave it out"))
        }
        None => Ok(()),
    }
}

/// Characters that change how text around them is shown, or are not shown at all.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Text as it may be shown in a message: hidden characters replaced, cut where it is long.
pub(super) fn printable(text: &str) -> String {
    const MOST: usize = 60;
    let mut out: String = text.chars().take(MOST).map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}

/// Whether `text` can name a host: labels of letters, digits, `-`, and `_`, which compose services may have.
fn is_host_name(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    // Four numbers that are no IPv4 address are a slip, not a name.
    let numeric = text.rsplit('.').next().is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= 253 && text.split('.').all(label) && (!numeric || text.parse::<IpAddr>().is_ok())
}

fn host_alone(text: &str) -> Result<(), Complaint> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return if ip.is_unspecified() {
            Err(Complaint::new("is no address that can be dialled")
                .help("write the name or address by which agents reach the gateway"))
        } else {
            Ok(())
        };
    }
    if is_host_name(text) {
        return Ok(());
    }
    let (bare, found) = match text.split_once("://") {
        Some((_, rest)) => (rest, "is a URL"),
        None => (text, "is more than a host"),
    };
    let bare = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let bare = match (bare.strip_prefix('['), bare.rsplit_once(':')) {
        (Some(inner), _) => inner.split(']').next().unwrap_or_default(),
        (None, Some((host, _))) => host,
        (None, None) => bare,
    };
    Err(if bare != text && (is_host_name(bare) || bare.parse::<IpAddr>().is_ok()) {
        Complaint::new(found).help(format!("write `{bare}`; the port belongs into `port`"))
    } else {
        Complaint::new("is neither a host name nor an IP address")
    })
}

/// Host and port of a target.
pub(super) fn target(text: &str) -> Result<(&str, u16), Complaint> {
    if let Some((_, rest)) = text.split_once("://") {
        let bare = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let complaint = Complaint::new("is a URL");
        return Err(match target(bare) {
            Ok(_) => complaint.help(format!("write `{bare}`; the rest belongs into `scheme` and `path`")),
            Err(_) => complaint.help("write `host:port`; the rest belongs into `scheme` and `path`"),
        });
    }
    if let Some((bare, _)) = text.split_once('/') {
        let complaint = Complaint::new("holds a path");
        return Err(match target(bare) {
            Ok(_) => complaint.help(format!("write `{bare}`; the rest belongs into `path`")),
            Err(_) => complaint.help("write `host:port`; the rest belongs into `path`"),
        });
    }
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let Some((host, after)) = rest.split_once(']') else {
            return Err(Complaint::new("has a `[` without `]`"));
        };
        if host.parse::<Ipv6Addr>().is_err() {
            return Err(Complaint::new("has no IPv6 address between `[` and `]`"));
        }
        (host, after.strip_prefix(':'))
    } else if text.parse::<Ipv6Addr>().is_ok() {
        return Err(Complaint::new("has no port").help(format!("write `[{text}]:9090` with the right port")));
    } else {
        let (host, port) = text.rsplit_once(':').map_or((text, None), |(h, p)| (h, Some(p)));
        if !is_host_name(host) {
            return Err(Complaint::new("has no valid host name").help("write `host:port`"));
        }
        (host, port)
    };
    let Some(port) = port else {
        return Err(Complaint::new("has no port").help(format!("write `{}:9090` with the right port", printable(text))));
    };
    match port.parse::<u16>() {
        Ok(number) if number > 0 && port.bytes().all(|b| b.is_ascii_digit()) => Ok((host, number)),
        _ => Err(Complaint::new("has no valid port").help("use a port between 1 and 65535")),
    }
}

fn url(text: &str) -> Result<(), Complaint> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Err(Complaint::new("starts with neither `http://` nor `https://`"));
    };
    if !rest.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Complaint::new("holds a character that URLs do not").help("percent-encode it"));
    }
    if rest.contains(['?', '#']) {
        return Err(Complaint::new("holds a query or fragment").help("end it after the path"));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err(Complaint::new("holds a credential").help("leave user and password out"));
    }
    let fits = is_host_name(authority)
        || target(authority).is_ok()
        || authority.strip_prefix('[').and_then(|a| a.strip_suffix(']')).is_some_and(|a| a.parse::<Ipv6Addr>().is_ok());
    if fits { Ok(()) } else { Err(Complaint::new("has no valid host")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(form: &TextForm, text: &str) -> bool {
        (form.check)(text).is_ok()
    }

    fn help(form: &TextForm, text: &str) -> String {
        (form.check)(text).err().and_then(|c| c.help).unwrap_or_default()
    }

    #[test]
    fn names_are_what_compose_takes() {
        assert!(ok(&PROJECT, "shop") && ok(&PROJECT, "0shop_1-x"));
        assert!(!ok(&PROJECT, "") && !ok(&PROJECT, "-shop") && !ok(&PROJECT, "Shop") && !ok(&PROJECT, &"a".repeat(64)));
        assert!(help(&PROJECT, "My Shop").ends_with("such as `my-shop`"));
        assert!(!ok(&SCRAPE, "0a") && ok(&SCRAPE, "a0"));
    }

    #[test]
    fn labels_hold_nothing_that_hides() {
        assert!(ok(&LABEL, "checkout") && ok(&LABEL, "Ünï cödé") && ok(&LABEL, &"a".repeat(255)));
        for bad in ["", " a", "a\n", "a\u{202e}b", "a\0b", "\u{feff}a", "\u{1b}[31m"] {
            assert!(!ok(&LABEL, bad), "{bad:?}");
        }
        assert!(!ok(&LABEL, &"a".repeat(256)) && !ok(&LABEL, &"ü".repeat(128)));
    }

    #[test]
    fn a_gateway_address_is_a_host_alone() {
        for good in ["obs.example.org", "obs", "10.0.0.7", "2001:db8::1", "host.docker.internal"] {
            assert!(ok(&HOST, good), "{good}");
        }
        for bad in ["", "0.0.0.0", "::", "a b", "10.0.0.300", "-a", "a..b", "x@y"] {
            assert!(!ok(&HOST, bad), "{bad}");
        }
        assert_eq!(
            help(&HOST, "https://obs.example.org:4443/x"),
            "write `obs.example.org`; the port belongs into `port`"
        );
        assert_eq!(help(&HOST, "obs:4443"), "write `obs`; the port belongs into `port`");
        assert_eq!(help(&HOST, "[2001:db8::1]:1"), "write `2001:db8::1`; the port belongs into `port`");
    }

    #[test]
    fn targets_have_a_host_and_a_port() {
        for good in ["checkout:8080", "10.0.0.7:9100", "[2001:db8::1]:9100", "my_svc:1", "a.b.c:65535"] {
            assert!(ok(&TARGET, good), "{good}");
        }
        for bad in [
            "",
            "checkout",
            ":8080",
            "a:0",
            "a:65536",
            "a:+80",
            "2001:db8::1",
            "[::1]",
            "[x]:80",
            "[::1:80",
            "u:p@h:80",
            "a b:1",
        ] {
            assert!(!ok(&TARGET, bad), "{bad}");
        }
        assert_eq!(help(&TARGET, "http://a:80/metrics"), "write `a:80`; the rest belongs into `scheme` and `path`");
        assert_eq!(help(&TARGET, "2001:db8::1"), "write `[2001:db8::1]:9090` with the right port");
    }

    #[test]
    fn paths_urls_files_and_variables() {
        assert!(
            ok(&PATH, "/metrics")
                && ok(&PATH, "/")
                && !ok(&PATH, "metrics")
                && !ok(&PATH, "/a?b=c")
                && !ok(&PATH, "/a b")
        );
        assert!(
            ok(&URL, "https://g.example.org/x/") && ok(&URL, "http://[::1]:3000") && ok(&URL, "http://localhost:3000/")
        );
        for bad in ["g.example.org", "https://", "https://u:p@h/", "https://h/?q", "ftp://h", "http://h h/"] {
            assert!(!ok(&URL, bad), "{bad}");
        }
        assert!(
            ok(&FILE, "tls/server.pem")
                && !ok(&FILE, "")
                && !ok(&FILE, "-----BEGIN CERTIFICATE-----")
                && !ok(&FILE, "a\0")
        );
        assert!(ok(&VARIABLE, "CHECKOUT_TOKEN") && !ok(&VARIABLE, "1A") && !ok(&VARIABLE, "a-b") && !ok(&VARIABLE, ""));
        assert_eq!(help(&VARIABLE, "${TOKEN}"), "write `TOKEN`");
        assert!(
            !ok(&VARIABLE, "VISPYR_GATEWAY_TOKEN") && !ok(&VARIABLE, "COMPOSE_FILE") && ok(&VARIABLE, "MY_VISPYR_X")
        );
    }

    #[test]
    fn addresses_to_bind_are_ip_addresses() {
        assert!(ok(&IP, "127.0.0.1") && ok(&IP, "::1") && !ok(&IP, "[::1]") && !ok(&IP, "eth0"));
        assert_eq!(help(&IP, "localhost"), "write `127.0.0.1`");
    }
}
