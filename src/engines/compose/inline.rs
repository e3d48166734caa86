//! Files that stand in the deployment file itself: the `content` of `configs:`, and here-documents that a script of the
//! service writes before it starts the process.

use std::ops::Range;

use super::script::HARMLESS;
use crate::parse::{Node, Style};
use crate::source::Span;
use crate::tree::{Inline, MountSource, Service, Tree, path};

/// Files of one service beyond this are not read.
const FILES: usize = 64;

/// Finds those of all services.
pub(super) fn find(tree: &Tree, services: &mut [Service]) {
    for service in services {
        let mut found = contents(tree, service);
        let words = service.entrypoint.iter().chain(&service.command).flatten();
        let mut scripts = 0;
        let mut only = true;
        let shell = service.entrypoint.as_ref().or(service.command.as_ref()).and_then(|w| w.first());
        if shell.is_some_and(|w| Service::is_shell(&w.text)) {
            for word in words.skip(1).filter(|w| w.text.contains('\n')) {
                scripts += 1;
                let text = tree.sources.text(word.span.source);
                let script = here_documents(text, word.span, &mut found);
                only &= script.is_some_and(|only| only);
            }
        }
        found.truncate(FILES);
        service.writes_only = scripts == 1 && only;
        service.inline = found;
    }
}

/// `content:` of the configs that a service mounts.
fn contents(tree: &Tree, service: &Service) -> Vec<Inline> {
    let mut found = Vec::new();
    let inline = |m: &&crate::tree::Mount| matches!(m.source, MountSource::Inline(_));
    for mount in service.mounts.iter().filter(inline) {
        let MountSource::Inline(name) = &mount.source else { continue };
        let root = tree.artifact(service.artifact).data().and_then(|d| d.root());
        let Some(node) = root.and_then(|r| r.at(&["configs", name, "content"])) else { continue };
        if let Some(range) = literal(node, tree.sources.text(node.span().source)) {
            found.push(Inline { path: mount.target.clone(), span: Span::new(node.span().source, range), shell: false });
        }
    }
    found
}

/// The lines of a literal block.
fn literal(node: Node<'_>, text: &str) -> Option<Range<usize>> {
    if node.style() != Style::Literal {
        return None;
    }
    lines(text, node.span())
}

/// The bytes of a literal block after the line of its `|`; `None` where the span is no such block.
fn lines(text: &str, span: Span) -> Option<Range<usize>> {
    let raw = text.get(span.range())?;
    let header = raw.strip_prefix('|')?.find('\n')? + 2;
    Some(span.range().start + header..span.range().end)
}

/// Adds what a script writes; whether it does nothing else to files. `None` = it cannot be read.
fn here_documents(text: &str, span: Span, found: &mut Vec<Inline>) -> Option<bool> {
    let range = lines(text, span)?;
    let body = text.get(range.clone())?;
    let mut only = true;
    let mut open: Option<(Start<'_>, usize)> = None;
    let mut at = range.start;
    for line in body.split_inclusive('\n') {
        let next = at + line.len();
        let words = line.trim();
        match &open {
            Some((start, from)) if words == start.tag => {
                if let Some(path) = start.path {
                    found.push(Inline {
                        path: path::clean(path),
                        span: Span::new(span.source, *from..at),
                        shell: !start.quoted,
                    });
                }
                open = None;
            }
            Some(_) => {}
            None if words.starts_with('#') => {}
            None => match start(words) {
                Some(start) => {
                    only &= start.path.is_some();
                    open = Some((start, next));
                }
                None => only &= is_harmless(words),
            },
        }
        at = next;
    }
    Some(only && open.is_none())
}

/// The line that starts a here-document.
struct Start<'t> {
    /// The word that ends it.
    tag: &'t str,
    /// Whether the word is quoted: then the shell leaves what follows alone.
    quoted: bool,
    /// The file it goes to, where that is one literal path.
    path: Option<&'t str>,
}

fn start(line: &str) -> Option<Start<'_>> {
    let at = line.find("<<")?;
    let rest = line[at + 2..].trim_start_matches('-').trim_start();
    if rest.starts_with('<') {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | ';' | '|' | '&')).unwrap_or(rest.len());
    let word = &rest[..end];
    let tag = word.trim_matches(['"', '\'']).trim_start_matches('\\');
    if tag.is_empty() || !tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let (before, after) = (&line[..at], &rest[end..]);
    // Of `mkdir -p x && cat <<EOF > y` only the last command gets the text.
    let command = before.rsplit(['&', ';', '|']).next().unwrap_or(before).trim();
    let path = match command.split_whitespace().next() {
        Some("cat") => target(&command["cat".len()..]).or_else(|| target(after)),
        Some("tee") => command.split_whitespace().nth(1).or_else(|| after.split_whitespace().nth(1)),
        _ => None,
    };
    let literal = |p: &&str| p.starts_with('/') && !p.contains(['$', '`', '*']);
    Some(Start { tag, quoted: word != tag, path: path.map(|p| p.trim_matches(['"', '\''])).filter(literal) })
}

/// The path after the one `>` of a text.
fn target(text: &str) -> Option<&str> {
    let (_, after) = text.split_once('>')?;
    let after = after.trim_start();
    if after.starts_with('>') {
        return None;
    }
    after.split(|c: char| c.is_whitespace() || matches!(c, '<' | ';' | '|' | '&')).find(|w| !w.is_empty())
}

/// Redirections that write no file.
const NOWHERE: [&str; 6] = ["2>&1", ">&2", "1>&2", "2>/dev/null", "2> /dev/null", "> /dev/null"];

/// Whether a line changes no file and passes nothing to the process.
fn is_harmless(line: &str) -> bool {
    let line = NOWHERE.iter().fold(line.to_owned(), |line, to| line.replace(to, " "));
    if line.contains(['>', '`']) || line.contains("$(") {
        return false;
    }
    line.split([';', '&', '|']).all(|command| {
        let before = |w: &&str| matches!(*w, "exec" | "if" | "then" | "else" | "elif" | "!");
        let mut words = command.split_whitespace().skip_while(before);
        match words.next() {
            None | Some("[" | "[[" | "test" | "exit" | "fi") => true,
            Some(program) if HARMLESS.contains(&program) => true,
            Some(program) => program.starts_with('/') && words.next().is_none(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn written(script: &str) -> (Vec<(String, String, bool)>, Option<bool>) {
        let text = format!("|\n{script}");
        let mut found = Vec::new();
        let span = Span::new(SourceId(0), 0..text.len());
        let only = here_documents(&text, span, &mut found);
        let of = |i: Inline| (i.path, text[i.span.range()].to_owned(), i.shell);
        (found.into_iter().map(of).collect(), only)
    }

    #[test]
    fn here_documents_are_found_with_their_files() {
        let one = |path: &str, body: &str, shell| (path.to_owned(), body.to_owned(), shell);
        assert_eq!(
            written("  mkdir -p /x\n  cat <<EOF > /x/a.yaml\n  a: 1\n  EOF\n  /run.sh\n"),
            (vec![one("/x/a.yaml", "  a: 1\n", true)], Some(true))
        );
        assert_eq!(
            written(
                "cat > /x/a.yaml <<'END'\na\nEOF\nEND\ntee /x/b.yaml <<-\"EOF\"\nb\nEOF\nexec /run.sh --homepath=/x"
            ),
            (vec![one("/x/a.yaml", "a\nEOF\n", false), one("/x/b.yaml", "b\n", false)], Some(false))
        );
        assert_eq!(written("cat <<EOF > $$X/a.yaml\na\nEOF\n"), (vec![], Some(false)));
        assert_eq!(written("cat <<EOF > /a.yaml\nnever ends\n"), (vec![], Some(false)));
        assert_eq!(written("curl -o /x/y http://z\n"), (vec![], Some(false)));
        assert_eq!(written("cat <<< word > /x\n"), (vec![], Some(false)));
    }
}
