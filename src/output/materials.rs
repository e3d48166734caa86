//! Files of mode 0600: each `.env` and the TLS material.

use std::collections::BTreeMap;

use crate::stack::{Material, SecretFile};

use super::compare::{Content, Root};
use super::error::{Error, InTheWay, Why};
use super::fs::{Fs, SECRET};
use super::journal::{Batch, Write};
use super::manifest::Manifest;
use super::secrets::{self, Fate, Random};
use super::{Outcome, Request, tls};

/// An `.env` or a certificate larger than this is none.
const LARGEST: usize = 1 << 20;

/// Plans every `.env`.
pub(super) fn environment(
    fs: &dyn Fs,
    root: &Root,
    request: &Request<'_>,
    random: Random<'_>,
    batch: &mut Batch,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    if request.only.is_some_and(|kind| kind != secrets::KIND) {
        return Ok(());
    }
    let mut there: BTreeMap<String, Content> = BTreeMap::new();
    let mut existing = BTreeMap::new();
    for folder in secrets::folders(request.stack) {
        let path = secrets::path(folder);
        let Some(content) = root.read(fs, &path)? else { continue };
        existing.insert(folder, text(&path, content.bytes.as_deref())?);
        there.insert(path, content);
    }
    let planned = secrets::plan(request.stack, &existing, request.rotate, request.force, random)?;
    for (path, text) in planned.files {
        let old = there.get(&path);
        let open = old.and_then(|c| c.mode).filter(|m| *m != SECRET);
        if old.is_some_and(|c| c.bytes.as_deref() == Some(text.as_bytes())) && open.is_none() {
            outcome.unchanged += 1;
            continue;
        }
        if let Some(mode) = open.filter(|m| m & 0o077 != 0) {
            outcome.notes.push(format!("`{path}` could be read by others (mode {mode:04o}) and is 0600 now"));
        }
        let old = old.map(Content::digest);
        batch.writes.push(Write { path, content: text.into_bytes(), mode: SECRET, old });
    }
    for held in planned.held.iter().filter(|h| h.fate == Fate::Wanted) {
        outcome.notes.push(format!("`{}` wants `{}` from you: {}", held.path, held.variable, held.purpose));
    }
    outcome.secrets = planned.held;
    Ok(())
}

fn text(path: &str, bytes: Option<&[u8]>) -> Result<String, Error> {
    let bytes = bytes.filter(|b| b.len() <= LARGEST).ok_or_else(|| Error::Input(format!("`{path}` is too large")))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| Error::Input(format!("`{path}` is not UTF-8 text")))
}

/// Plans the TLS material.
pub(super) fn certificates(
    fs: &dyn Fs,
    root: &Root,
    request: &Request<'_>,
    manifest: &Manifest,
    random: Random<'_>,
    batch: &mut Batch,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    if request.only.is_some_and(|kind| kind != tls::KIND) || request.stack.secret_files.is_empty() {
        return Ok(());
    }
    let mut there = BTreeMap::new();
    for file in &request.stack.secret_files {
        if let Some(content) = root.read(fs, &file.path)? {
            there.insert(file.path.as_str(), content);
        }
    }
    let made = private(request, &there, random, outcome)?;
    let mut in_the_way = Vec::new();
    for file in &request.stack.secret_files {
        let old = there.get(file.path.as_str());
        let content = match (&file.from, &made) {
            (Material::File(given), _) => Some(given_file(fs, request, given)?),
            (Material::PrivateCa, Some(made)) => Some(made.ca.clone().into_bytes()),
            (Material::PrivateCert, Some(made)) => Some(made.cert.clone().into_bytes()),
            (Material::PrivateKey, Some(made)) => Some(made.key.clone().into_bytes()),
            (_, None) => None,
        };
        let Some(content) = content.or_else(|| old.and_then(|c| c.bytes.clone())) else { continue };
        let same = old.is_some_and(|c| c.bytes.as_deref() == Some(content.as_slice()));
        if same && old.and_then(|c| c.mode).is_none_or(|m| m == SECRET) {
            outcome.unchanged += 1;
            continue;
        }
        // Ours, or the user's own file under the name that ours should have.
        let ours = manifest.get(&file.path).is_some_and(|e| e.secret);
        if old.is_some() && !same && !ours && !request.force {
            in_the_way.push(InTheWay { path: file.path.clone(), why: Why::Foreign });
        }
        let old = old.map(Content::digest);
        batch.writes.push(Write { path: file.path.clone(), content, mode: SECRET, old });
    }
    if in_the_way.is_empty() { Ok(()) } else { Err(Error::InTheWay(in_the_way)) }
}

/// Makes a private CA and its certificate where there is none that is good; `None` = what is there stays.
fn private(
    request: &Request<'_>,
    there: &BTreeMap<&str, Content>,
    random: Random<'_>,
    outcome: &mut Outcome,
) -> Result<Option<tls::Material>, Error> {
    let wanted: Vec<&SecretFile> =
        request.stack.secret_files.iter().filter(|f| !matches!(f.from, Material::File(_))).collect();
    let Some(edge) = request.stack.edge.as_ref().filter(|_| !wanted.is_empty()) else { return Ok(None) };
    let cert = wanted.iter().find(|f| f.from == Material::PrivateCert).and_then(|f| there.get(f.path.as_str()));
    let missing: Vec<&str> = wanted.iter().map(|f| f.path.as_str()).filter(|p| !there.contains_key(p)).collect();
    let reason = if missing.len() == wanted.len() {
        None
    } else if let Some(path) = missing.first() {
        Some(format!("`{path}` is missing"))
    } else if request.rotate {
        Some("`--rotate-secrets` was given".to_owned())
    } else {
        let pem = cert.and_then(|c| c.bytes.as_deref()).map(String::from_utf8_lossy).unwrap_or_default();
        match tls::stale(&pem, &edge.address, request.now) {
            Some(reason) => Some(reason),
            None => return Ok(None),
        }
    };
    let made = tls::make(&edge.address, request.now, random)?;
    let days = tls::days_left(&made.cert, request.now).unwrap_or_default();
    outcome.notes.push(match reason {
        None => format!("made a private CA and a certificate for `{}`, good for {days} days", edge.address),
        Some(reason) => format!(
            "made a new private CA and a certificate for `{}`, good for {days} days, since {reason}: copy both folders to their hosts",
            edge.address
        ),
    });
    Ok(Some(made))
}

/// The content of a file that the user named in `[tls]`.
fn given_file(fs: &dyn Fs, request: &Request<'_>, given: &str) -> Result<Vec<u8>, Error> {
    let failed = |why: &str| Error::Input(format!("cannot read `{given}`, which `[tls]` names: {why}"));
    // Links are followed here: they are the user's own.
    let path = fs.resolve(&request.base.join(given)).map_err(|e| failed(&e.to_string()))?;
    match fs.entry(&path).map_err(|e| failed(&e.to_string()))? {
        Some(super::fs::Entry::File { size, .. }) if size <= LARGEST as u64 => {
            fs.read(&path).map_err(|e| failed(&e.to_string()))
        }
        Some(super::fs::Entry::File { .. }) => Err(failed("it is too large")),
        _ => Err(failed("it is no regular file")),
    }
}
