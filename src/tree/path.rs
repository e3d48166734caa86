//! Paths of the tree as text: `/`-separated, cleaned, never asked of the disk.

/// Cleans a path: no `.`, no empty and no resolvable `..` segments, no trailing slash. The current folder is `""`.
pub fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if absolute => {}
                _ => parts.push(".."),
            },
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

/// `path` seen from `folder`; `path` itself when it is absolute.
pub fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') || folder.is_empty() {
        return clean(path);
    }
    clean(&format!("{folder}/{path}"))
}

/// A relative path as people on Windows write it (`.\\conf\\a.yaml`), with the slashes that all others have.
pub fn slashed(path: &str) -> std::borrow::Cow<'_, str> {
    if path.starts_with(".\\") || path.starts_with("..\\") { path.replace('\\', "/").into() } else { path.into() }
}

/// The folder that holds a path; `None` above a root, and above a `..`, which hides the name of what holds it.
pub fn parent(path: &str) -> Option<&str> {
    if path.is_empty() || path == "/" || path == ".." || path.ends_with("/..") {
        return None;
    }
    match path.rfind('/') {
        Some(0) => Some("/"),
        Some(at) => Some(&path[..at]),
        None => Some(""),
    }
}

/// The folder of a file; `""` where it has none.
pub fn folder(path: &str) -> &str {
    parent(path).unwrap_or_default()
}

/// The last segment.
pub fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The extension of the last segment, without the dot; empty when it has none (`.env` has none).
pub fn extension(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(stem, ext)| if stem.is_empty() { "" } else { ext })
}

/// What remains of `path` below `folder`; `Some("")` for the folder itself.
pub fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return (!path.starts_with('/') && path != ".." && !path.starts_with("../")).then_some(path);
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() || folder == "/" {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// Whether a name fits a pattern of `*` and `?`, as Go's `filepath.Match` does; `None` = it is a pattern of another kind.
pub fn fits(pattern: &str, name: &str) -> Option<bool> {
    if pattern.contains(['[', '\\']) {
        return None;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                (p, n) = (p + 1, n + 1);
            }
            _ => {
                let Some((star, from)) = back else { return Some(false) };
                back = Some((star, from + 1));
                (p, n) = (star + 1, from + 1);
            }
        }
    }
    Some(pattern[p..].iter().all(|c| *c == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_resolves_what_can_be_resolved() {
        for (raw, want) in [
            ("./a//b/", "a/b"),
            ("a/../b", "b"),
            ("../a/./../b", "../b"),
            (".", ""),
            ("/a/../../b", "/b"),
            ("/", "/"),
            ("a/..", ""),
        ] {
            assert_eq!(clean(raw), want, "{raw}");
        }
        assert_eq!(join("dir", "./x"), "dir/x");
        assert_eq!(join("dir", "../x"), "x");
        assert_eq!(join("", "../x"), "../x");
        assert_eq!(join("dir", "/x"), "/x");
    }

    #[test]
    fn backslashes_divide_only_what_begins_with_a_dot() {
        assert_eq!(slashed(".\\conf\\a.yaml"), "./conf/a.yaml");
        assert_eq!(slashed("..\\a"), "../a");
        assert_eq!(slashed("./a\\b"), "./a\\b");
        assert_eq!(slashed("c:\\a"), "c:\\a");
    }

    #[test]
    fn a_parent_is_named_only_where_it_has_a_name() {
        assert_eq!(parent("a/b"), Some("a"));
        assert_eq!(parent("a"), Some(""));
        assert_eq!(parent("/a"), Some("/"));
        assert_eq!(parent("../a"), Some(".."));
        assert_eq!(parent(".."), None);
        assert_eq!(parent("../.."), None);
        assert_eq!(parent(""), None);
    }

    #[test]
    fn below_takes_whole_segments() {
        assert_eq!(below("a/b", "a"), Some("b"));
        assert_eq!(below("ab", "a"), None);
        assert_eq!(below("a", "a"), Some(""));
        assert_eq!(below("x", ""), Some("x"));
        assert_eq!(below("../x", ""), None);
        assert_eq!(below("/x", "/"), Some("x"));
    }

    #[test]
    fn an_extension_needs_a_stem() {
        assert_eq!(extension("a/b.yml"), "yml");
        assert_eq!(extension(".env"), "");
        assert_eq!(extension("a.d/b"), "");
    }

    #[test]
    fn a_pattern_fits_names() {
        for (pattern, name, is) in [
            ("*.yml", "a.yml", true),
            ("*.yml", "a.yaml", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("?.json", "a.json", true),
            ("?.json", "ab.json", false),
            ("**", "a", true),
            ("a", "a", true),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, name), Some(is), "{pattern} {name}");
        }
        assert!(fits("[ab]", "a").is_none());
    }
}
