//! The `.env` of each host: what is there is kept, what is missing is drawn, `--rotate-secrets` draws anew what may change.

use std::collections::BTreeMap;

use crate::stack::{Derived, Secret, Stack};

use super::dotenv::Dotenv;
use super::error::{Error, InTheWay, Why};

/// Kind of `.env` in the manifest.
pub const KIND: &str = "dotenv";

/// Fills a buffer with bytes nobody can foretell.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<(), String>;

/// The system's source of [`Random`].
pub fn system_random(buffer: &mut [u8]) -> Result<(), String> {
    getrandom::fill(buffer).map_err(|e| e.to_string())
}

/// What became of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was there and stays.
    Kept,
    /// It was drawn now.
    New,
    /// It was drawn anew.
    Rotated,
    /// Only the user knows it, and it is not there.
    Wanted,
}

/// Where a secret is; never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The `.env` that holds it, below the output folder.
    pub path: String,
    /// Its variable.
    pub variable: String,
    /// What it is for.
    pub purpose: &'static str,
    /// What became of it.
    pub fate: Fate,
}

/// The `.env` files to write, by path, and where each secret is.
#[derive(Debug, Default)]
pub(super) struct Planned {
    pub(super) files: BTreeMap<String, String>,
    pub(super) held: Vec<Held>,
}

/// Path of the `.env` of a host's folder.
pub(super) fn path(folder: &str) -> String {
    if folder.is_empty() { ".env".to_owned() } else { format!("{folder}/.env") }
}

/// Folders that have an `.env`, in the order of the hosts.
pub(super) fn folders(stack: &Stack) -> Vec<&'static str> {
    let wanted = |folder: &str| stack.secrets.iter().any(|s| s.folders.contains(&folder));
    stack.hosts.iter().map(|h| h.folder).filter(|f| wanted(f)).collect()
}

/// Plans every `.env`. `existing` holds the texts that are there, by folder.
pub(super) fn plan(
    stack: &Stack,
    existing: &BTreeMap<&'static str, String>,
    rotate: bool,
    force: bool,
    random: Random<'_>,
) -> Result<Planned, Error> {
    let folders = folders(stack);
    let mut files: BTreeMap<&str, Dotenv> =
        folders.iter().map(|f| (*f, existing.get(f).map_or_else(Dotenv::default, |t| Dotenv::read(t)))).collect();
    for (folder, file) in &mut files {
        if !existing.contains_key(folder) {
            *file =
                Dotenv::read("# Secrets of this host. Never commit this file; `.env.example` names what it holds.\n");
        }
    }
    let mut held = Vec::new();
    // Derived ones last: they are made of the others.
    let (derived, drawn): (Vec<&Secret>, Vec<&Secret>) =
        stack.secrets.iter().partition(|s| matches!(s.derived, Some(Derived::Basic { .. })));
    for secret in drawn.into_iter().chain(derived) {
        let key = secret.variable.as_ref();
        // An empty value is a missing one: compose refuses it just so.
        let values: Vec<(&str, String)> = secret
            .folders
            .iter()
            .filter_map(|f| Some((*f, files.get(f)?.get(key).filter(|v| !v.is_empty())?.to_owned())))
            .collect();
        let rotating = rotate && secret.rotates;
        let value = match secret.derived {
            Some(Derived::Given) => {
                for folder in &secret.folders {
                    let Some(file) = files.get_mut(folder) else { continue };
                    let there = file.get(key).is_some_and(|v| !v.is_empty());
                    if !there {
                        file.leave_room(key, secret.purpose);
                    }
                    held.push(told(secret, folder, if there { Fate::Kept } else { Fate::Wanted }));
                }
                continue;
            }
            Some(Derived::Basic { user, password }) => {
                let password = secret.folders.iter().find_map(|f| files.get(f)?.get(password)).unwrap_or_default();
                base64(format!("{user}:{password}").as_bytes())
            }
            None if rotating => draw(secret.length, random)?,
            None => match values.first() {
                None => draw(secret.length, random)?,
                Some((folder, first)) => {
                    if let Some((other, _)) = values.iter().find(|(_, v)| v != first)
                        && !force
                    {
                        let _ = folder;
                        return Err(Error::InTheWay(vec![InTheWay {
                            path: format!("{}: {key}", path(other)),
                            why: Why::Differs,
                        }]));
                    }
                    first.clone()
                }
            },
        };
        for folder in &secret.folders {
            let Some(file) = files.get_mut(folder) else { continue };
            let fate = match file.get(key).filter(|v| !v.is_empty()) {
                Some(old) if old == value => Fate::Kept,
                Some(_) => Fate::Rotated,
                None => Fate::New,
            };
            if fate != Fate::Kept {
                file.set(key, &value, secret.purpose);
            }
            held.push(told(secret, folder, fate));
        }
    }
    held.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Planned { files: files.into_iter().map(|(f, d)| (path(f), d.text())).collect(), held })
}

fn told(secret: &Secret, folder: &str, fate: Fate) -> Held {
    Held { path: path(folder), variable: secret.variable.to_string(), purpose: secret.purpose, fate }
}

/// Letters and digits only: no shell, no compose file and no URL gives any of them a meaning.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Draws a secret; bytes beyond the last whole multiple of the alphabet are thrown away, so that no letter is likelier.
pub(super) fn draw(length: usize, random: Random<'_>) -> Result<String, Error> {
    const LIMIT: usize = 256 / ALPHABET.len() * ALPHABET.len();
    let mut text = String::with_capacity(length);
    let mut buffer = [0u8; 64];
    while text.len() < length {
        random(&mut buffer).map_err(|e| Error::Input(format!("the system gives no random numbers: {e}")))?;
        let letters = buffer.iter().map(|b| usize::from(*b)).filter(|b| *b < LIMIT);
        text.extend(letters.take(length - text.len()).map(|b| char::from(ALPHABET[b % ALPHABET.len()])));
    }
    Ok(text)
}

/// Standard base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut block = [0u8; 3];
        block[..chunk.len()].copy_from_slice(chunk);
        let n = u32::from_be_bytes([0, block[0], block[1], block[2]]);
        for digit in 0..4 {
            let six = (n >> (18 - 6 * digit)) & 63;
            text.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[six as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn every_letter_is_as_likely_as_the_next() {
        // All bytes once: letters must appear equally often, whatever the alphabet's length.
        let mut next = 0u8;
        let mut count = |buffer: &mut [u8]| {
            for b in buffer.iter_mut() {
                *b = next;
                next = next.wrapping_add(1);
            }
            Ok(())
        };
        let text = draw(62 * 4, &mut count).unwrap();
        for letter in ALPHABET {
            assert_eq!(text.bytes().filter(|b| b == letter).count(), 4, "{}", char::from(*letter));
        }
    }
}
