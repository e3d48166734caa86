//! The two files of a new rule, and the lines that register it. Never edits Rust by searching in its text.

use std::fs;

use anyhow::{Result, ensure};

use crate::root;

/// Writes them. `scope` is an engine, or `link`.
pub(crate) fn run(scope: &str, stem: &str) -> Result<()> {
    let snake = stem.replace('-', "_");
    let kebab = stem.replace('_', "-");
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    ensure!(
        kebab.starts_with(|c: char| c.is_ascii_lowercase()) && kebab.chars().all(fits),
        "`{stem}` is not kebab-case"
    );
    let engine = vispyr::engines::named(scope);
    ensure!(engine.is_some() || scope == "link", "`{scope}` is neither an engine nor `link`");
    let id = format!("{scope}-{kebab}");
    let (folder, code) = match engine {
        Some(engine) => {
            let kind = engine.kinds.first().map_or("…", |k| k.name);
            (format!("src/engines/{scope}/rules"), file_rule(&id, &snake, kind))
        }
        None => ("src/link/rules".to_owned(), link_rule(&id, &snake)),
    };
    let folder = root().join(folder);
    let (rust, markdown) = (folder.join(format!("{snake}.rs")), folder.join(format!("{snake}.md")));
    for path in [&rust, &markdown] {
        ensure!(!path.exists(), "`{}` is there already", path.display());
    }
    fs::create_dir_all(&folder)?;
    fs::write(&rust, code.file)?;
    fs::write(&markdown, page(&id))?;
    println!("wrote {}\nwrote {}\n", rust.display(), markdown.display());
    println!("add to {}, by id:\n\nmod {snake};\n{}", folder.join("mod.rs").display(), code.entry);
    Ok(())
}

/// A file of Rust, and its line in the slice.
struct Code {
    file: String,
    entry: String,
}

fn file_rule(id: &str, snake: &str, kind: &str) -> Code {
    let uses = "use crate::diagnostic::{FixKind, Rule, Severity, Tier};\nuse crate::engine::{FileCtx, Findings};";
    let body = "pub(super) fn run(_ctx: &FileCtx<'_>, _findings: &mut Findings) {}";
    let entry = format!("    FileRule {{ rule: &{snake}::RULE, kinds: &[\"{kind}\"], run: {snake}::run }},");
    Code { file: rust(id, snake, uses, body), entry }
}

fn link_rule(id: &str, snake: &str) -> Code {
    let uses = "use crate::diagnostic::{FixKind, Rule, Severity, Tier};\nuse crate::engine::Findings;\nuse crate::link::Linked;";
    let body = "pub(super) fn run(_linked: &Linked<'_>, _findings: &mut Findings) {}";
    let entry = format!("    LinkRule {{ rule: &{snake}::RULE, run: {snake}::run }},");
    Code { file: rust(id, snake, uses, body), entry }
}

fn rust(id: &str, snake: &str, uses: &str, body: &str) -> String {
    let since = env!("CARGO_PKG_VERSION");
    format!(
        "//! `{id}`.\n\n{uses}\n\n/// The rule.\npub static RULE: Rule = Rule {{\n    id: \"{id}\",\n    aliases: &[],\n    \
         summary: \"\",\n    tier: Tier::C,\n    severity: Severity::Warning,\n    fix: FixKind::None,\n    since: \"{since}\",\n    \
         page: include_str!(\"{snake}.md\"),\n}};\n\n/// Looks.\n{body}\n"
    )
}

/// A page that fails until it says something.
fn page(id: &str) -> String {
    format!(
        "# {id}\n\n## The fault\n```yaml PATH\n```\n```findings\n```\n\n## The same without it\n```yaml PATH\n```\n"
    )
}
