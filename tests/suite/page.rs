//! Case pages: headings are cases, fenced blocks are files and expectations, the rest is prose.
//!
//! The same file serves `xtask`, which writes `verdict` blocks into pages.

use std::ops::Range;

/// One page.
#[derive(Debug)]
pub(crate) struct Page {
    /// Text of the first heading.
    pub(crate) title: String,
    /// Whether prose stands between the title and the first case.
    pub(crate) explained: bool,
    /// Its cases, in order.
    pub(crate) cases: Vec<Case>,
}

/// One case.
#[derive(Debug)]
pub(crate) struct Case {
    /// Text of its heading.
    pub(crate) heading: String,
    /// Its blocks, in order.
    pub(crate) blocks: Vec<Block>,
}

/// What a fenced block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Info {
    /// A file of the tree.
    File(String),
    /// Paths that git ignores.
    Ignored,
    /// Findings that are required; no block means silence.
    Findings,
    /// A file after every fix is applied.
    Fixed(String),
    /// What an upgrade does and says; no block means that there is nothing to do.
    Steps,
    /// What a real program of that name and version said.
    Verdict {
        /// `prometheus`.
        program: String,
        /// `3.14.0`.
        version: String,
    },
    /// Where upstream says so.
    Source(String),
}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    /// What it is.
    pub(crate) info: Info,
    /// Its lines, each with its end.
    pub(crate) body: String,
    /// Bytes of the page that it takes, fences included.
    pub(crate) range: Range<usize>,
}

impl Case {
    /// Paths and contents of its files.
    pub(crate) fn files(&self) -> Vec<(&str, &str)> {
        let file = |b: &'_ Block| matches!(b.info, Info::File(_)).then_some(());
        self.blocks.iter().filter(|b| file(b).is_some()).map(|b| (b.path(), b.body.as_str())).collect()
    }
}

impl Case {
    /// Its files as they stand beside that release of Alloy: where a comment or the tag of an image names another one,
    /// this is named.
    pub(crate) fn alloy_at(&self, version: &str) -> Vec<(String, String)> {
        let at = |text: &str| named(&named(text, "vispyr: alloy@", version), "image: grafana/alloy:v", version);
        self.files().into_iter().map(|(path, text)| (path.to_owned(), at(text))).collect()
    }

    /// [`Self::alloy_at`] with a service that runs them: the case's own, else one that admits everything and gets the
    /// whole folder. `None` = there is nothing to run, or it cannot be known which of the files.
    pub(crate) fn alloy_run(&self, version: &str) -> Option<Vec<(String, String)>> {
        let mut files = self.alloy_at(version);
        let alloy = |path: &str| path.ends_with(".alloy");
        let deployed = |(path, _): &(String, String)| path.ends_with(".yaml") || path.ends_with(".yml");
        if files.iter().any(deployed) {
            return files.iter().any(|(_, text)| text.contains("grafana/alloy")).then_some(files);
        }
        let top: Vec<&str> = files.iter().map(|(p, _)| p.as_str()).filter(|p| alloy(p) && !p.contains('/')).collect();
        let config = match top[..] {
            _ if !files.iter().all(|(p, _)| alloy(p)) => return None,
            [] => return None,
            [one] => format!("/case/{one}"),
            // Files of one folder are one config when the folder runs.
            _ => "/case".to_owned(),
        };
        let service = format!(
            "services:\n  alloy:\n    image: grafana/alloy:v{version}\n    command: [run, --stability.level=experimental, \
             --feature.community-components.enabled, {config}]\n    working_dir: /case\n    volumes: ['.:/case']\n"
        );
        files.push(("compose.yaml".to_owned(), service));
        Some(files)
    }
}

/// A text with the version behind every `before` replaced.
fn named(text: &str, before: &str, version: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        out.extend([before, version, rest]);
    }
    out
}

impl Block {
    /// The path that its info string names.
    pub(crate) fn path(&self) -> &str {
        match &self.info {
            Info::File(path) | Info::Fixed(path) => path,
            _ => "",
        }
    }
}

impl Info {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (first, second) = (words.next()?, words.next());
        let rest = words.next();
        let info = match (first, second, rest) {
            ("findings", None, None) => Self::Findings,
            ("ignored", None, None) => Self::Ignored,
            ("steps", None, None) => Self::Steps,
            ("fixed", Some(path), None) => Self::Fixed(path.to_owned()),
            // A repository of documents may have no tags; a place in code names one (`path@tag`).
            ("source", Some(_), Some(_)) => Self::Source(text.to_owned()),
            ("verdict", Some(name), None) => {
                let (program, version) = name.split_once('@')?;
                Self::Verdict { program: program.to_owned(), version: version.to_owned() }
            }
            ("findings" | "ignored" | "steps" | "fixed" | "source" | "verdict", ..) => return None,
            (_, Some(path), None) => Self::File(path.to_owned()),
            _ => return None,
        };
        Some(info)
    }
}

/// Reads a page. Blocks before the first case are prose; inside a case an unknown info string is an error, so that a
/// slip of the pen is never a block that nobody reads.
pub(crate) fn parse(text: &str) -> Result<Page, String> {
    let mut page = Page { title: String::new(), explained: false, cases: Vec::new() };
    let mut open: Option<(String, String, usize, usize)> = None;
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let bare = line.trim_end_matches(['\n', '\r']);
        let ticks = bare.len() - bare.trim_start_matches('`').len();
        if let Some((info, mut body, from, fence)) = open.take() {
            if ticks < fence || bare.len() != ticks {
                body.push_str(line);
                open = Some((info, body, from, fence));
                continue;
            }
            let Some(case) = page.cases.last_mut() else { continue };
            let info = Info::parse(&info).ok_or_else(|| format!("line {}: no block is called `{info}`", number + 1))?;
            case.blocks.push(Block { info, body, range: from..at });
        } else if ticks >= 3 {
            open = Some((bare[ticks..].to_owned(), String::new(), start, ticks));
        } else if let Some(heading) = bare.strip_prefix("## ") {
            page.cases.push(Case { heading: heading.to_owned(), blocks: Vec::new() });
        } else if let Some(title) = bare.strip_prefix("# ") {
            title.clone_into(&mut page.title);
        } else if page.cases.is_empty() && !page.title.is_empty() && !bare.trim().is_empty() {
            page.explained = true;
        }
    }
    match open {
        Some((info, ..)) => Err(format!("the block `{info}` never ends")),
        None => Ok(page),
    }
}

/// The page with blocks of one case set anew: `None` removes one that stands there. `after` says where a new block goes
/// when the case has none of that kind: behind the last block that it accepts.
pub(crate) fn set(
    text: &str,
    case: &Case,
    info: &Info,
    name: &str,
    body: Option<&str>,
    after: impl Fn(&Info) -> bool,
) -> String {
    let block = body.map(|b| format!("```{name}\n{b}```\n")).unwrap_or_default();
    let old = case.blocks.iter().find(|b| b.info == *info).map(|b| b.range.clone());
    let end = case.blocks.iter().rev().find(|b| after(&b.info)).map_or(0, |b| b.range.end);
    let range = old.unwrap_or(end..end);
    format!("{}{block}{}", &text[..range.start], &text[range.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# x-rule\n\nWhy.\n\n## One\n```yaml a.yaml\na: 1\n```\n```findings\nold\n```\n\n## Two\n````md b.md\n```\n````\n";

    #[test]
    fn blocks_are_read_with_their_fences() {
        let page = parse(PAGE).unwrap();
        assert_eq!((page.title.as_str(), page.explained, page.cases.len()), ("x-rule", true, 2));
        assert_eq!(page.cases[0].files(), [("a.yaml", "a: 1\n")]);
        assert_eq!(page.cases[1].files(), [("b.md", "```\n")]);
    }

    #[test]
    fn a_block_that_nobody_reads_is_refused() {
        for info in ["finding", "findings a", "verdict prometheus", "fixed", ""] {
            assert!(parse(&format!("# x\n## One\n```{info}\n```\n")).is_err(), "{info}");
        }
        assert!(parse("# x\n## One\n```yaml a.yaml\n").is_err());
    }

    #[test]
    fn a_case_runs_at_another_release() {
        let page = "# x\n## One\n```alloy config.alloy\n// vispyr: alloy@1.5.1\n```\n";
        let files = parse(page).unwrap().cases[0].alloy_run("1.11.3").unwrap();
        assert_eq!(files[0].1, "// vispyr: alloy@1.11.3\n");
        assert!(files[1].1.contains("alloy:v1.11.3\n") && files[1].1.contains("/case/config.alloy]"), "{files:?}");
        let page = "# x\n## One\n```alloy a.alloy\n```\n```text b.river\n```\n";
        assert_eq!(parse(page).unwrap().cases[0].alloy_run("1.11.3"), None);
    }

    #[test]
    fn a_block_is_replaced_removed_or_put_behind_the_files() {
        let page = parse(PAGE).unwrap();
        let put = |n: usize, body| {
            set(PAGE, &page.cases[n], &Info::Findings, "findings", body, |i| matches!(i, Info::File(_)))
        };
        assert!(put(0, Some("new\n")).contains("a: 1\n```\n```findings\nnew\n```\n\n## Two"));
        assert!(put(0, None).contains("a: 1\n```\n\n## Two"));
        assert!(put(1, Some("new\n")).ends_with("````\n```findings\nnew\n```\n"));
    }
}
