//! `.vispyr/manifest.json`: which files vispyr wrote, and with which content, so that an edit is seen and kept.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::emit::hex;
use crate::emitter::{Emitted, Mode};

/// Path of the manifest below the output folder.
pub const PATH: &str = ".vispyr/manifest.json";

/// The manifest, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this shape.
    pub version: u32,
    /// The vispyr that wrote it.
    pub vispyr: String,
    /// Files by path.
    pub files: Vec<Entry>,
}

/// One file of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Path below the output folder, `/`-separated.
    pub path: String,
    /// Name of its kind.
    pub kind: String,
    /// Engine that reads it.
    pub engine: Option<String>,
    /// Version it was written for.
    pub engine_version: Option<String>,
    /// `0644` or `0600`.
    pub mode: String,
    /// SHA-256 of its content; `None` for secrets.
    pub sha256: Option<String>,
    /// Whether it holds a secret.
    pub secret: bool,
}

/// [`Entry`] with content, for `--format json`.
#[derive(Debug, Serialize)]
struct WithContent<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    content: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ManifestWithContent<'a> {
    version: u32,
    vispyr: &'a str,
    files: Vec<WithContent<'a>>,
}

/// Why a manifest cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no manifest: a merge conflict, a truncated file.
    Damaged,
    /// A later vispyr wrote it.
    Newer,
}

impl Manifest {
    /// The manifest of these files; `secrets` are paths and kinds of files whose content is no function of the spec.
    pub fn of(files: &[Emitted], secrets: &[(String, &'static str)]) -> Self {
        let mut entries: Vec<Entry> = files
            .iter()
            .map(|f| Entry {
                path: f.path.clone(),
                kind: f.kind.to_owned(),
                engine: f.engine.map(|(name, _)| name.to_owned()),
                engine_version: f.engine.map(|(_, version)| version.to_string()),
                mode: if f.mode == Mode::Public { "0644" } else { "0600" }.to_owned(),
                sha256: (f.mode == Mode::Public).then(|| digest(f.content.as_bytes())),
                secret: f.mode == Mode::Secret,
            })
            .chain(secrets.iter().map(|(path, kind)| Entry {
                path: path.clone(),
                kind: (*kind).to_owned(),
                engine: None,
                engine_version: None,
                mode: "0600".to_owned(),
                sha256: None,
                secret: true,
            }))
            .collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Self { version: 1, vispyr: env!("CARGO_PKG_VERSION").to_owned(), files: entries }
    }

    /// Reads a manifest; entries whose path leaves the output folder are refused with the whole.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let version = serde_json::from_slice::<serde_json::Value>(bytes).map_err(|_| Unreadable::Damaged)?;
        match version.get("version").and_then(serde_json::Value::as_u64) {
            Some(1) => {}
            Some(n) if n > 1 => return Err(Unreadable::Newer),
            _ => return Err(Unreadable::Damaged),
        }
        let manifest: Self = serde_json::from_value(version).map_err(|_| Unreadable::Damaged)?;
        if manifest.files.iter().all(|f| inside(&f.path)) { Ok(manifest) } else { Err(Unreadable::Damaged) }
    }

    /// The text of `manifest.json`.
    pub fn text(&self) -> String {
        // Plain strings and numbers always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The text with the content of each file, null for secrets.
    pub fn text_with_content(&self, files: &[Emitted]) -> String {
        let content = |e: &Entry| files.iter().find(|f| !e.secret && f.path == e.path).map(|f| f.content.as_str());
        let files = self.files.iter().map(|entry| WithContent { entry, content: content(entry) }).collect();
        let all = ManifestWithContent { version: self.version, vispyr: &self.vispyr, files };
        serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
    }

    /// The entry of that path.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.files.iter().find(|f| f.path == path)
    }

    /// This manifest with the entries of `other` in the place of its own of the same path.
    pub fn updated(mut self, other: Self) -> Self {
        self.files.retain(|f| other.get(&f.path).is_none());
        self.files.extend(other.files);
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files: self.files, ..Self::of(&[], &[]) }
    }
}

/// SHA-256 as `sha256sum` prints it.
pub fn digest(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// Whether a path stays below the folder it is relative to.
pub fn inside(path: &str) -> bool {
    !path.is_empty()
        // Paths are printed: what moves a terminal's cursor is no name that vispyr wrote.
        && !path.contains(|c: char| c == '\\' || c.is_control())
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_folder_are_refused() {
        for path in
            ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "C:/x", "a\\..\\b", "a/", "a\u{1b}[2J", "a\nb"]
        {
            assert!(!inside(path), "{path}");
        }
        assert!(inside("a/b-c/.env"));
        let hostile = r#"{"version":1,"vispyr":"0","files":[{"path":"../x","kind":"k","engine":null,
            "engine_version":null,"mode":"0644","sha256":null,"secret":false}]}"#;
        assert_eq!(Manifest::read(hostile.as_bytes()), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_later_shape_is_told_from_a_damaged_one() {
        assert_eq!(Manifest::read(br#"{"version":2,"everything":"else"}"#), Err(Unreadable::Newer));
        for damaged in [&b"<<<<<<< HEAD"[..], b"", b"[]", b"{}", b"\xff", br#"{"version":1}"#] {
            assert_eq!(Manifest::read(damaged), Err(Unreadable::Damaged));
        }
    }

    #[test]
    fn it_reads_what_it_writes_and_holds_no_digest_of_a_secret() {
        let manifest = Manifest::of(&[], &[("gateway/.env".into(), "dotenv")]);
        assert_eq!(Manifest::read(manifest.text().as_bytes()).as_ref(), Ok(&manifest));
        insta::assert_snapshot!(manifest.text().replace(env!("CARGO_PKG_VERSION"), "x.y.z"), @r#"
        {
          "version": 1,
          "vispyr": "x.y.z",
          "files": [
            {
              "path": "gateway/.env",
              "kind": "dotenv",
              "engine": null,
              "engine_version": null,
              "mode": "0600",
              "sha256": null,
              "secret": true
            }
          ]
        }
        "#);
    }
}
