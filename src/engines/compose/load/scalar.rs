//! Texts that compose takes apart: durations, sizes, ports, volumes, command lines.

/// `str2duration.ParseDuration`: Go's durations with days and weeks (`xhit/go-str2duration str2duration.go@v2.1.0`).
pub(super) fn is_duration(text: &str) -> bool {
    duration(text, &["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w"])
}

/// `time.ParseDuration`.
pub(super) fn is_go_duration(text: &str) -> bool {
    duration(text, &["ns", "us", "µs", "μs", "ms", "s", "m", "h"])
}

fn duration(text: &str, units: &[&str]) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (digits, after) = rest.split_at(number);
        // More digits than these overflow whatever the unit is.
        if !digits.bytes().any(|b| b.is_ascii_digit()) || digits.matches('.').count() > 1 || digits.len() > 18 {
            return false;
        }
        let unit = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        if !units.contains(&&after[..unit]) {
            return false;
        }
        rest = &after[unit..];
    }
    true
}

/// `units.RAMInBytes`, or a whole number with a sign (`types/bytes.go@v2.16.2`, `docker/go-units size.go@v0.5.0`).
pub(super) fn bytes(text: &str) -> Option<i64> {
    if let Ok(n) = text.parse() {
        return Some(n);
    }
    let at = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let number = if text.as_bytes()[at] == b' ' { &text[..at] } else { &text[..=at] };
    let size = go_float(number).filter(|n| *n >= 0.0)?;
    let suffix = text[at + 1..].to_ascii_lowercase();
    let factor = match suffix.as_bytes() {
        [] | [b'b'] => 1.0,
        [unit] | [unit, b'b'] | [unit, b'i', b'b'] => {
            let power = b"kmgtp".iter().position(|u| u == unit)?;
            1024_f64.powi(power as i32 + 1)
        }
        _ => return None,
    };
    Some((size * factor) as i64)
}

/// `strconv.ParseFloat`, without the notations that nobody writes.
pub(super) fn go_float(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let word = ["inf", "+inf", "-inf", "nan", "infinity"].contains(&text.to_ascii_lowercase().as_str());
    text.parse().ok().filter(|_| plain || word)
}

/// Why a short port is none; `None` = it is one (`docker/go-connections nat/nat.go@v0.4.0`).
pub(super) fn port_fault(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (ip, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [rest @ .., host, container] => (rest.join(":"), *host, *container),
        [] => return Some("a port is missing".to_owned()),
    };
    let mut pieces = container.split('/');
    let (port, protocol) = (pieces.next().unwrap_or_default(), pieces.next().filter(|p| !p.is_empty()));
    if !is_address(&ip) {
        return Some(format!("`{ip}` is no address"));
    }
    if port.is_empty() {
        return Some("the port of the container is missing".to_owned());
    }
    let Some((first, last)) = range(port) else { return Some(format!("`{port}` is no port")) };
    if !host.is_empty() {
        let Some((low, high)) = range(host) else { return Some(format!("`{host}` is no port")) };
        if last - first != high - low && first != last {
            return Some(format!("`{host}` and `{port}` are ranges of different length"));
        }
    }
    let protocol = protocol.unwrap_or("tcp").to_ascii_lowercase();
    (!["tcp", "udp", "sctp"].contains(&protocol.as_str())).then(|| format!("`{protocol}` is no protocol"))
}

/// First and last port of `8080` or `8080-8090`.
fn range(text: &str) -> Option<(u16, u16)> {
    // Rust takes a sign, Go does not.
    let number = |t: &str| t.parse::<u16>().ok().filter(|_| !t.starts_with('+'));
    match text.split_once('-') {
        None => number(text).map(|n| (n, n)),
        Some((first, rest)) => {
            let last = rest.split('-').next().unwrap_or_default();
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some((first, last))
        }
    }
}

/// Whether `net.SplitHostPort` and `net.ParseIP` take what stands before the ports.
fn is_address(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('[') {
        return inner.strip_suffix(']').is_some_and(|ip| ip.is_empty() || is_ip(ip));
    }
    text.is_empty() || (!text.contains(':') && is_ip(text))
}

/// `net.ParseIP`.
pub(super) fn is_ip(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// A volume in the short form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Volume {
    /// What is mounted; empty = a volume without a name.
    pub source: String,
    /// Where.
    pub target: String,
}

impl Volume {
    /// Whether it is a path of the host.
    pub(super) fn is_bind(&self) -> bool {
        let source = self.source.as_str();
        let mut chars = source.chars();
        source.starts_with(['.', '/', '~'])
            || source.starts_with(r"\\")
            || (chars.next().is_some_and(char::is_alphabetic) && chars.next() == Some(':'))
    }
}

/// Takes a short volume apart, or says why it is none (`format/volume.go@v2.13.0`).
pub(super) fn volume(text: &str) -> Result<Volume, &'static str> {
    let mut volume = Volume::default();
    match text.len() {
        0 => return Err("it is empty"),
        1 | 2 => {
            volume.target = text.to_owned();
            return Ok(volume);
        }
        _ => {}
    }
    let mut field = String::new();
    let mut nested = 0usize;
    let mut chars = text.chars().peekable();
    loop {
        let next = chars.next();
        match next {
            Some('$') if chars.peek() == Some(&'{') => {
                nested += 1;
                field.push('$');
            }
            Some('}') if nested > 0 => {
                nested -= 1;
                field.push('}');
            }
            Some(':') if field.chars().count() == 1 && field.chars().all(char::is_alphabetic) => field.push(':'),
            Some(':') | None if nested == 0 => {
                let last = next.is_none();
                if field.is_empty() {
                    return Err("it has an empty part between colons");
                }
                let value = std::mem::take(&mut field);
                match (volume.source.is_empty(), volume.target.is_empty(), last) {
                    (true, _, true) => volume.target = value,
                    (true, _, false) => volume.source = value,
                    (false, true, _) => volume.target = value,
                    (false, false, false) => return Err("it has too many colons"),
                    (false, false, true) => {}
                }
                if last {
                    break;
                }
            }
            Some(c) => field.push(c),
            None => break,
        }
    }
    volume.target = clean(&volume.target);
    Ok(volume)
}

/// `path.Clean`.
pub(super) fn clean(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|p| !p.is_empty() && *p != ".") {
        if part != ".." {
            parts.push(part);
        } else if parts.last().is_some_and(|p| *p != "..") {
            parts.pop();
        } else if !rooted {
            parts.push("..");
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Whether a command line can be split (`mattn/go-shellwords shellwords.go@v1.0.12`).
pub(super) fn is_command(text: &str) -> bool {
    let (mut escaped, mut double, mut single, mut back, mut dollar) = (false, false, false, false, false);
    let mut before = None;
    for c in text.chars() {
        let last = before.replace(c);
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' if !single => escaped = true,
            '`' if !single && !double && !dollar => back = !back,
            ')' if !single && !double && !back => dollar = !dollar,
            '(' if !single && !double && !back => {
                if dollar || last != Some('$') {
                    return false;
                }
                dollar = true;
            }
            '"' if !single && !dollar => double = !double,
            '\'' if !double && !dollar => single = !single,
            ';' | '&' | '|' | '<' | '>' if !(single || double || back || dollar) => break,
            _ => {}
        }
    }
    !(escaped || double || single || back || dollar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_those_of_the_loader() {
        for text in ["10s", "1m30s", "1.5h", "2d", "1w", "0", "-5s", "100ms", ".5s"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["", "10", "10 s", "s", "1x", "ten", "1..5s", "."] {
            assert!(!is_duration(text), "{text}");
        }
        assert!(!is_go_duration("2d"));
        for (text, want) in
            [("1g", 1 << 30), ("512m", 512 << 20), ("1.5 kb", 1536), ("-1", -1), ("10", 10), ("2GiB", 2 << 30)]
        {
            assert_eq!(bytes(text), Some(want), "{text}");
        }
        for text in ["", "g", "1x", "1gbb", "lots", "-1g", "1 2g3"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn ports_are_those_of_the_loader() {
        for text in [
            "80",
            "80:80",
            "127.0.0.1:80:80",
            "[::1]:80:80/udp",
            "80-82:80-82",
            "8000-9000:80",
            "127.0.0.1::80",
            ":80",
            "80/TCP",
            "0:80",
        ] {
            assert_eq!(port_fault(text), None, "{text}");
        }
        for text in
            ["", "a", "80:", "70000:80", "80:80/http", "80-81:80-82", "82-80", "1.2.3:80:80", "::1:80:80", "+80"]
        {
            assert!(port_fault(text).is_some(), "{text}");
        }
    }

    #[test]
    fn volumes_are_those_of_the_loader() {
        let v = volume("./a:/b/:ro,z").unwrap();
        assert_eq!((v.source.as_str(), v.target.as_str(), v.is_bind()), ("./a", "/b", true));
        let v = volume("data:/b").unwrap();
        assert_eq!((v.source.as_str(), v.is_bind()), ("data", false));
        assert_eq!(volume("/only").unwrap().target, "/only");
        assert!(volume(r"c:\x:/y").unwrap().is_bind());
        for text in ["", "ab::b", ":/b", "./a:"] {
            assert!(volume(text).is_err(), "{text}");
        }
    }

    #[test]
    fn command_lines_close_their_quotes() {
        for text in ["a 'b c' \"d\"", "echo $(date)", "a | (b", "a\\ b", ""] {
            assert!(is_command(text), "{text}");
        }
        for text in ["a 'b", "a \"b", "f(x)", "a \\", "a `b", "a )"] {
            assert!(!is_command(text), "{text}");
        }
    }
}
