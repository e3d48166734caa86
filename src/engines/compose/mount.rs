//! Volumes, and configs and secrets that come as files.

use super::value::{Map, Text, Value};
use crate::source::Span;
use crate::tree::{Mount, MountSource, path};

/// Where paths of one file start.
pub(super) struct Base<'a> {
    /// The folder that relative paths are relative to.
    pub folder: &'a str,
    /// Whether something known lies at a path of the tree.
    pub exists: &'a dyn Fn(&str) -> bool,
}

/// Reads one entry of `volumes:` of a service; `None` when it cannot be read at all.
pub(super) fn volume(value: &Value<'_>, base: &Base<'_>) -> Option<Mount> {
    match value {
        Value::Text(text) => Some(short(text, base)),
        Value::Map(map) => long(map, base),
        _ => None,
    }
}

/// `[source:]target[:mode]`.
fn short(text: &Text<'_>, base: &Base<'_>) -> Mount {
    let mut fields = text.expanded.fields(':');
    // The colon of a Windows drive is none between parts (compose-spec/compose-go format/volume.go `isWindowsDrive`@v2.9.1).
    let drive =
        fields.first().is_some_and(|f| f.len() == 1 && text.as_str()[f.clone()].chars().all(char::is_alphabetic));
    if drive && fields.len() > 1 {
        let letter = fields.remove(0);
        fields[0].start = letter.start;
    }
    let part = |at: usize| fields.get(at).map(|f| (&text.as_str()[f.clone()], f.clone()));
    let (source, target) = match (part(0), part(1)) {
        (Some(source), Some(target)) => (Some(source), target),
        (Some(target), None) => (None, target),
        _ => (None, ("", 0..0)),
    };
    let read_only = part(2).is_some_and(|(mode, _)| mode.split(',').any(|m| m == "ro"));
    let (span, kind) = match source {
        None => (text.span, MountSource::Scratch),
        Some((_, range)) => {
            let open = text.expanded.open_in(range.clone());
            (text.span_of(range.clone()), source_of(&text.as_str()[range], open, base))
        }
    };
    let open_target = text.expanded.open_in(target.1.clone());
    // A target that is not known mounts something somewhere: its source says nothing about any file then.
    let kind = if open_target { MountSource::Unknown } else { kind };
    Mount { source: kind, target: absolute(target.0), read_only, span, target_span: text.span_of(target.1) }
}

fn source_of(source: &str, open: bool, base: &Base<'_>) -> MountSource {
    if open {
        // The shell's own folder is where compose is run, nearly always that of the file: believed when it fits.
        for prefix in ["${PWD}/", "$PWD/"] {
            if let Some(rest) = source.strip_prefix(prefix).filter(|r| !r.contains('$')) {
                let path = path::join(base.folder, rest);
                return if (base.exists)(&path) { MountSource::Bind(path) } else { MountSource::Unknown };
            }
        }
        return MountSource::Unknown;
    }
    match source.as_bytes().first() {
        Some(b'.' | b'/') => MountSource::Bind(path::join(base.folder, &path::slashed(source))),
        Some(b'~' | b'\\') | None => MountSource::Unknown,
        _ if source.contains(['\\', ':']) || source.len() == 1 => MountSource::Unknown,
        // `conf/x:/y` is a path to people and an invalid volume name to compose.
        _ if source.contains('/') => MountSource::Unknown,
        _ => MountSource::Volume(source.to_owned()),
    }
}

fn long(map: &Map<'_>, base: &Base<'_>) -> Option<Mount> {
    let target = map.text("target")?;
    let source = map.text("source").or_else(|| map.text("src"));
    let known = source.filter(|s| !s.open());
    let subpath = map.get("volume").and_then(Value::map).is_some_and(|v| v.get("subpath").is_some());
    let kind = match (map.text("type").map(Text::as_str), source, known) {
        (Some("bind"), Some(s), _) if s.open() => source_of(s.as_str(), true, base),
        (Some("bind"), _, Some(s)) if !s.as_str().starts_with(['~', '\\']) => {
            MountSource::Bind(path::join(base.folder, &path::slashed(s.as_str())))
        }
        (Some("volume"), None, _) | (Some("tmpfs"), ..) => MountSource::Scratch,
        (Some("volume"), _, Some(s)) if !subpath => MountSource::Volume(s.as_str().to_owned()),
        _ => MountSource::Unknown,
    };
    let kind = if target.open() { MountSource::Unknown } else { kind };
    Some(Mount {
        source: kind,
        target: absolute(target.as_str()),
        read_only: map.text("read_only").is_some_and(|t| t.as_str() == "true"),
        span: source.map_or(map.span, |s| s.span),
        target_span: target.span,
    })
}

/// Reads one entry of `configs:` or `secrets:` of a service. `declared` is the top-level mapping of that name and the
/// base of the file that holds it.
pub(super) fn file_entry(
    value: &Value<'_>,
    default_folder: &str,
    declared: &dyn Fn(&str) -> Option<(MountSource, Span)>,
) -> Option<Mount> {
    let (name, target, span) = match value {
        Value::Text(text) if !text.open() => (text.as_str().to_owned(), None, text.span),
        Value::Map(map) => {
            let source = map.text("source")?;
            (source.as_str().to_owned(), map.text("target"), source.span)
        }
        _ => return None,
    };
    let (source, source_span) = declared(&name).unwrap_or((MountSource::Unknown, span));
    let to = target.map_or(name.as_str(), Text::as_str);
    let open = target.is_some_and(Text::open);
    Some(Mount {
        source: if open { MountSource::Unknown } else { source },
        target: path::join(default_folder, to),
        read_only: true,
        span: source_span,
        target_span: target.map_or(span, |t| t.span),
    })
}

/// What a top-level config or secret brings.
pub(super) fn declared(name: &str, map: &Map<'_>, base: &Base<'_>) -> (MountSource, Span) {
    if let Some(file) = map.text("file") {
        let known = !file.open() && !file.as_str().starts_with(['~', '\\']);
        let source = if known {
            MountSource::Bind(path::join(base.folder, &path::slashed(file.as_str())))
        } else {
            source_of(file.as_str(), true, base)
        };
        return (source, file.span);
    }
    if map.get("content").is_some() || map.get("environment").is_some() {
        return (MountSource::Inline(name.to_owned()), map.span);
    }
    (MountSource::Unknown, map.span)
}

fn absolute(target: &str) -> String {
    path::join("/", target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(text: &str) -> Mount {
        short(&Text::plain(text), &Base { folder: "dir", exists: &|p| p == "dir/there" })
    }

    #[test]
    fn short_forms_are_read() {
        let m = mount("./a/../b:/etc/x/:ro");
        assert_eq!((m.source, m.target.as_str(), m.read_only), (MountSource::Bind("dir/b".into()), "/etc/x", true));
        assert_eq!(mount("data:/x").source, MountSource::Volume("data".into()));
        assert_eq!(mount("../b:/x").source, MountSource::Bind("b".into()));
        assert_eq!(mount("/var/run/docker.sock:/x").source, MountSource::Bind("/var/run/docker.sock".into()));
        assert_eq!(mount("/x").source, MountSource::Scratch);
        assert_eq!(mount(".\\a\\b:/x").source, MountSource::Bind("dir/a/b".into()));
        assert_eq!(mount("~/b:/x").source, MountSource::Unknown);
        assert_eq!(mount("c:\\b:/x").source, MountSource::Unknown);
        let drive = mount("D:/a/b:/etc/x:ro");
        assert_eq!((drive.source, drive.target.as_str(), drive.read_only), (MountSource::Unknown, "/etc/x", true));
    }

    #[test]
    fn open_sources_are_unknown_but_for_the_shells_own_folder() {
        assert_eq!(mount("${DATA:?x}/b:/x").source, MountSource::Unknown);
        assert_eq!(mount("${PWD}/there:/x").source, MountSource::Bind("dir/there".into()));
        assert_eq!(mount("$PWD/gone:/x").source, MountSource::Unknown);
        assert_eq!(mount("./a:${T}").source, MountSource::Unknown);
    }
}
