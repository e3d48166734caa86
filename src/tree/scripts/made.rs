//! Files that scripts make, and folders that they give to a user: `cp a b`, `x > b`, `tee b`, `chown -R 10001 b`.

use std::collections::{HashMap, HashSet};

use super::line::{commands, relative};
use super::{Files, base, is_yaml};
use crate::tree::path;

/// Entries of one name that are kept.
const SAME: usize = 64;

/// Commands whose last word is a file or a folder that is there afterwards.
const COPIES: [&str; 9] = ["cp", "mv", "ln", "install", "rsync", "scp", "copy", "xcopy", "Copy-Item"];

/// Programs that fill in templates.
const FILLERS: [&str; 6] = ["sed", "envsubst", "gomplate", "dockerize", "esh", "awk"];

/// What the name of a template ends with.
const TEMPLATES: [&str; 4] = [".tmpl", ".template", ".tpl", ".in"];

/// Whom a folder is given to that everybody may write.
const EVERYBODY: &str = "everybody";

/// A path as a script of a folder writes it.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    /// The folder of the script.
    folder: String,
    /// The path.
    path: String,
    /// Who it is given to; empty where it is made.
    owner: String,
}

impl Written {
    /// Whether a path of the tree may be meant: scripts lie above it or in a folder beside, and change their own folder.
    fn is(&self, at: &str) -> bool {
        let near = [Some(self.folder.as_str()), path::parent(&self.folder)];
        let ends = at.strip_suffix(self.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        ends && near.into_iter().flatten().any(|folder| path::below(at, folder).is_some())
    }

    /// Whether a path has the name of a pattern.
    fn fits(&self, at: &str) -> bool {
        let (folder, name) = (path::folder(&self.path), path::name(&self.path));
        let Some((start, end)) = name.split_once('*') else { return false };
        let own = path::name(at);
        let named = own.len() > start.len() + end.len() && own.starts_with(start) && own.ends_with(end);
        named && Self { folder: self.folder.clone(), path: path::join(folder, own), owner: String::new() }.is(at)
    }
}

/// A path with a `*` for the one variable of its last name, which a loop counts up: `sentinel-$i.conf`.
fn pattern(to: &str) -> Option<String> {
    let to = to.trim_matches(['"', '\'']);
    let (folder, name) = to.rsplit_once('/').unwrap_or(("", to));
    let (start, rest) = name.split_once('$').filter(|_| !folder.contains('$'))?;
    let rest = match rest.strip_prefix('{') {
        Some(inner) => inner.split_once('}')?.1,
        None => rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
    };
    let plain = |text: &str| !text.contains(['$', '*', '(', '"', '\'']);
    (start.len() + rest.len() > 3 && plain(start) && plain(rest))
        .then(|| path::join(folder, &format!("{start}*{rest}")))
}

/// What scripts make.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// By the last name of the path.
    files: HashMap<String, Vec<Written>>,
    owned: HashMap<String, Vec<Written>>,
    filled: HashMap<String, Vec<Written>>,
    /// Compose files that are copied: where to.
    pub copied: Vec<(String, String)>,
    /// Compose files that are copied to where the tree has nothing.
    pub moved: HashSet<String>,
    /// Paths with a name in which a variable stands, for which they have a `*`.
    patterns: Vec<Written>,
}

impl Made {
    /// What one line of a script in a folder makes.
    pub(super) fn line(&mut self, files: &Files, folder: &str, line: &str) {
        let fills = |words: &[&str]| words.iter().any(|w| FILLERS.contains(&path::name(w)));
        let mut commands = commands(line).into_iter().peekable();
        while let Some(words) = commands.next() {
            // `cat x | sed …`
            let piped = words.first() == Some(&"cat") && commands.peek().is_some_and(|next| fills(next));
            if piped || fills(&words) {
                self.fill(folder, &words);
            }
            if let (Some(from), Some(to)) = (redirected(&words, '<'), redirected(&words, '>')) {
                self.copied(files, folder, from, to);
            }
            let mut all = words.iter();
            while let Some(word) = all.next() {
                let mut rest = all.clone().filter(|w| !w.starts_with('-')).copied();
                if COPIES.contains(word) {
                    self.copies(files, folder, &rest.collect::<Vec<_>>());
                    break;
                } else if *word == "tee" {
                    rest.for_each(|to| self.make(folder, to));
                    break;
                } else if *word == "chown" || *word == "chmod" && rest.clone().next().is_some_and(lets_all_write) {
                    self.give(folder, &rest.collect::<Vec<_>>());
                    break;
                }
                // `> x`, `>> x`, `>x`, `2>x`.
                if let Some(at) = word.find('>').filter(|at| *at < 2) {
                    let to = word[at..].trim_start_matches('>');
                    self.make(folder, if to.is_empty() { rest.next().unwrap_or_default() } else { to });
                }
            }
        }
    }

    fn copies(&mut self, files: &Files, folder: &str, ends: &[&str]) {
        // What a redirection or a condition adds is none of its ends.
        let ends: Vec<&str> = ends.iter().take_while(|w| !w.contains(['>', '<', '#'])).copied().collect();
        let [froms @ .., to] = ends.as_slice() else { return };
        self.make(folder, to);
        if let Some(into) = relative(to) {
            for from in froms.iter().take(SAME) {
                self.make(folder, &path::join(into, path::name(from)));
            }
        }
        if let Some(from) = froms.iter().find(|from| is_yaml(from)).or(froms.first()) {
            self.copied(files, folder, from, to);
        }
    }

    /// A compose file that is read where it is copied to.
    fn copied(&mut self, files: &Files, folder: &str, from: &str, to: &str) {
        let Some(from) = relative(from).filter(|f| is_yaml(f)) else { return };
        let Some(base) = base(files, folder, from) else { return };
        let at = path::join(base, from);
        let far = to.contains(':') || to.starts_with(['/', '~']);
        let Some(to) = relative(to).filter(|_| !far) else {
            self.moved.insert(at);
            return;
        };
        // A copy beside it, under another name, is one to keep.
        if path::name(to).starts_with(path::name(from)) && path::name(to) != path::name(from) {
            return;
        }
        let to = path::join(base, to);
        let home = if is_yaml(&to) { path::folder(&to).to_owned() } else { to };
        let there =
            |home: &str| files.range(format!("{home}/")..).next().is_some_and(|(f, _)| path::below(f, home).is_some());
        if !home.is_empty() && !there(&home) {
            self.moved.insert(at.clone());
        }
        self.copied.push((at, home));
    }

    fn make(&mut self, folder: &str, to: &str) {
        if let Some(pattern) = pattern(to) {
            keep(&mut self.patterns, Written { folder: folder.to_owned(), path: pattern, owner: String::new() });
            return;
        }
        let Some(to) = relative(to).map(path::clean).filter(|t| !t.is_empty()) else { return };
        let all = self.files.entry(path::name(&to).to_owned()).or_default();
        keep(all, Written { folder: folder.to_owned(), path: bare(&to), owner: String::new() });
    }

    fn give(&mut self, folder: &str, ends: &[&str]) {
        let [owner, paths @ ..] = ends else { return };
        let owner = if lets_all_write(owner) { EVERYBODY } else { owner.split([':', '.']).next().unwrap_or_default() };
        for at in paths.iter().take(SAME).filter_map(|p| relative(p)).map(path::clean).filter(|p| !p.is_empty()) {
            let all = self.owned.entry(path::name(&at).to_owned()).or_default();
            keep(all, Written { folder: folder.to_owned(), path: bare(&at), owner: owner.to_owned() });
        }
    }

    /// What is filled in: a template by its name, or a file that one of them becomes.
    fn fill(&mut self, folder: &str, words: &[&str]) {
        for at in words.iter().filter_map(|w| relative(w.trim_start_matches(['<', '>']))).map(path::clean) {
            let mut name = path::name(&at);
            name = TEMPLATES.iter().find_map(|t| name.strip_suffix(t)).unwrap_or(name);
            if !path::extension(name).is_empty() {
                let all = self.filled.entry(name.to_owned()).or_default();
                keep(all, Written { folder: folder.to_owned(), path: name.to_owned(), owner: String::new() });
            }
        }
    }

    /// Whether a script may fill a file in.
    pub(super) fn fills(&self, at: &str) -> bool {
        let name = path::name(at);
        let name = TEMPLATES.iter().find_map(|t| name.strip_suffix(t)).unwrap_or(name);
        let at = path::join(path::folder(at), name);
        self.filled.get(name).is_some_and(|all| all.iter().any(|w| w.is(&at)))
    }

    /// Whether a script may make a file.
    pub(super) fn makes(&self, at: &str) -> bool {
        self.files.get(path::name(at)).is_some_and(|all| all.iter().any(|w| w.is(at)))
            || self.patterns.iter().any(|w| w.fits(at))
    }

    /// Whether scripts give a folder, or one that holds it, to a user.
    pub(super) fn gives(&self, at: &str, user: &str) -> bool {
        let mut up = std::iter::successors(Some(at), |f| path::parent(f)).take(super::ABOVE);
        let given = |f: &str, w: &Written| w.is(f) && (w.owner == user || w.owner == EVERYBODY);
        up.any(|f| self.owned.get(path::name(f)).into_iter().flatten().any(|w| given(f, w)))
    }
}

/// The file behind `<`, or behind `>`.
fn redirected<'w>(words: &[&'w str], sign: char) -> Option<&'w str> {
    let at = words.iter().position(|w| w.starts_with(sign) && !w.starts_with("<<"))?;
    let rest = words[at].trim_start_matches(sign);
    if rest.is_empty() { words.get(at + 1).copied() } else { Some(rest) }
}

/// Whether a mode of `chmod` lets everybody write.
fn lets_all_write(mode: &str) -> bool {
    mode.ends_with("777")
        || ["a+", "o+", "ugo+"].iter().any(|who| mode.strip_prefix(who).is_some_and(|m| m.contains('w')))
}

/// Without the way up: what the script calls `../x` lies beside it.
fn bare(at: &str) -> String {
    at.trim_start_matches("../").to_owned()
}

fn keep(all: &mut Vec<Written>, one: Written) {
    if all.len() < SAME && !all.contains(&one) {
        all.push(one);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn read(folder: &str, text: &str) -> Made {
        let mut made = Made::default();
        text.lines().for_each(|line| made.line(&Files::new(), folder, line));
        made
    }

    #[test]
    fn what_is_written_is_made() {
        let text = "cp -f a/demo.env settings.env 2>/dev/null\necho A=1 > one.env\nprintf x >>two.env\nx | tee -a three.env\nmv b.env deploy/";
        let made = read("env", text);
        for at in ["settings.env", "one.env", "two.env", "three.env", "deploy/b.env"] {
            assert!(made.makes(&format!("env/{at}")), "{at}");
        }
        assert!(made.makes("other/one.env"), "scripts of a folder beside change theirs");
        assert!(!made.makes("env/demo.env") && !read("a/b", text).makes("c/one.env"));
    }

    #[test]
    fn names_with_a_variable_are_patterns() {
        let made = read("x/redis", "sed s/a/b/ x > \"sentinel-$i.conf\"\ncp a out/node-${n}.yaml\nx > $Y\n");
        assert!(made.makes("x/redis/sentinel-1.conf") && made.makes("x/redis/out/node-b.yaml"));
        assert!(!made.makes("x/redis/sentinel.conf") && !made.makes("a/sentinel-1.conf") && !made.makes("x/redis/x"));
    }

    #[test]
    fn files_that_are_copied_away_are_known() {
        let text = "scp compose.yaml me@there:/srv/\ninstall -m 644 a/other.yaml /opt/app/compose.yaml\ncp here.yaml here.yaml.bak\nmv ./last.yaml ${X}/new/last.yaml\ncp near.yaml a/near.yaml";
        let names = ["compose.yaml", "a/other.yaml", "here.yaml", "last.yaml", "near.yaml"];
        let files: Files = names.iter().map(|at| ((*at).to_owned(), (Arc::from(""), 0))).collect();
        let mut made = Made::default();
        text.lines().for_each(|line| made.line(&files, "", line));
        let mut moved: Vec<_> = made.moved.iter().map(String::as_str).collect();
        moved.sort_unstable();
        assert_eq!(moved, ["a/other.yaml", "compose.yaml", "last.yaml"]);
    }

    #[test]
    fn folders_are_given_to_users() {
        let made = read("", "sudo chown -R 472:0 ./grafana\nchmod -R 777 open\nchmod +x run.sh");
        assert!(made.gives("grafana", "472") && made.gives("grafana/data", "472") && made.gives("open/x", "1"));
        assert!(!made.gives("grafana", "10001") && !made.gives("run.sh", "1"));
    }

    #[test]
    fn templates_are_filled_in() {
        let made = read("", "envsubst < conf/a.yaml.tmpl > out/a.yaml");
        assert!(made.fills("conf/a.yaml.tmpl") && made.fills("conf/a.yaml") && !made.fills("conf/b.yaml"));
    }

    #[test]
    fn a_long_line_is_read_once() {
        let made = read("", &"> a ".repeat(200_000));
        assert!(made.makes("a"));
    }
}
