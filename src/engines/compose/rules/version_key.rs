//! The `version:` that compose ignores.

use crate::diagnostic::{Diagnostic, Fix, FixKind, Rule, Severity, Tier};
use crate::engine::{FileCtx, Findings};
use crate::parse::Document;
use crate::source::{Edit, Span};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "compose-version-key",
    aliases: &[],
    summary: "`version` is obsolete: compose ignores it and says so at every command",
    tier: Tier::A,
    severity: Severity::Info,
    fix: FixKind::Safe,
    since: "0.1.0",
    page: include_str!("version_key.md"),
};

/// The key at the top of the file.
pub(super) fn run(ctx: &FileCtx<'_>, findings: &mut Findings) {
    let Some(root) = ctx.artifact.data().and_then(Document::root) else { return };
    let Some(entry) = root.own_entries().find(|e| e.name() == "version") else { return };
    let mut diagnostic = Diagnostic::new(&RULE, entry.key.span(), "`version` is obsolete: compose ignores it")
        .help("remove it")
        .note("docker compose warns of it at every command");
    if let Some(edit) = removal(ctx, entry.key.span(), entry.value.span()) {
        diagnostic = diagnostic.fix(Fix { title: "remove `version`".to_owned(), safe: true, edits: vec![edit] });
    }
    findings.push(diagnostic);
}

/// Its lines, and one blank line after them; nothing where other things stand on them.
fn removal(ctx: &FileCtx<'_>, key: Span, value: Span) -> Option<Edit> {
    let text = ctx.tree.sources.text(ctx.artifact.source);
    let from = text[..key.start as usize].rfind('\n').map_or(0, |n| n + 1);
    let end = value.end.max(key.end) as usize;
    let to = text[end..].find('\n').map_or(text.len(), |n| end + n + 1);
    let rest = text[end..to].trim();
    if from != key.start as usize || !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    let blank = text[to..].split_inclusive('\n').next().filter(|l| l.trim().is_empty()).map_or(0, str::len);
    Some(Edit { span: Span::new(ctx.artifact.source, from..to + blank), text: String::new() })
}
