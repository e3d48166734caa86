//! References to variables of one file, for the rules that look at them.

use super::base;
use super::interpolate::{Env, What};
use super::load::model;
use super::project;
use super::rules::{dollar_unescaped, var_unset};
use crate::engine::{FileCtx, Findings, Instance};
use crate::source::Span;
use crate::tree::{Presence, Tree, path};

/// A reference to a variable that nothing in the project's `.env` sets.
pub(super) struct Unset {
    /// Its name.
    pub name: String,
    /// Where.
    pub span: Span,
    /// The path of the value that it stands in.
    pub path: Vec<String>,
    /// Whether the file says that it must be set.
    pub required: bool,
}

/// Variables that the shell of everybody sets, a tool chain, a runner of pipelines, or docker itself.
const SHELL: [&str; 20] = [
    "PWD",
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "LANG",
    "HOSTNAME",
    "DISPLAY",
    "TMPDIR",
    "EDITOR",
    "OLDPWD",
    "SSH_AUTH_SOCK",
    "XDG_RUNTIME_DIR",
    "APPDATA",
    "USERPROFILE",
    "GOPATH",
    "JAVA_HOME",
    "CI",
];

/// Tells of the variables of each compose file of a folder.
pub(super) fn check(instance: &Instance<'_>, findings: &mut Findings) {
    for (id, artifact) in instance.files.iter().filter(|(_, a)| *a.kind == super::COMPOSE && a.syntax.is_empty()) {
        let ctx = FileCtx { tree: instance.tree, artifact, id: *id };
        let unset = unset(&ctx);
        dollar_unescaped::tell(&ctx, &unset, findings);
        var_unset::tell(&ctx, &unset, findings);
    }
}

/// All of a file, with the variables of its own folder.
fn unset(ctx: &FileCtx<'_>) -> Vec<Unset> {
    let text = ctx.tree.sources.text(ctx.artifact.source);
    let Some(data) = ctx.artifact.data().filter(|_| text.contains('$')) else { return Vec::new() };
    let env: Env = project::environment_of(ctx.tree, ctx.artifact);
    let read = model::read(data.roots(), &env, &mut Vec::new());
    let all = read.references.into_iter().filter_map(|(span, what, path)| {
        let (name, required) = match what {
            What::Unset(name) => (name, false),
            What::Required(name, _) => (name, true),
            What::Invalid | What::InvalidDefault => return None,
        };
        let own = SHELL.contains(&name.as_str())
            || ["COMPOSE_", "DOCKER_", "XDG_", "LC_"].iter().any(|p| name.starts_with(p));
        (!own).then_some(Unset { name, span, path, required })
    });
    all.collect()
}

/// Where variables may come from besides the `.env` of the project.
pub(super) struct Elsewhere<'t> {
    tree: &'t Tree,
    /// Whether the project has a `.env` that is not in the tree.
    hidden: bool,
}

impl<'t> Elsewhere<'t> {
    /// For the variables of one file.
    pub(super) fn of(ctx: &FileCtx<'t>) -> Self {
        let folder = base::folder(ctx.tree, ctx.artifact);
        let dotenv = path::join(folder, ".env");
        let named = ctx.tree.env_files(folder).iter().chain(ctx.tree.env_files(&ctx.artifact.path));
        let hidden = ctx.tree.is_ignored(&dotenv)
            || !matches!(ctx.tree.presence(&dotenv), Presence::File | Presence::Absent)
            || named.into_iter().any(|file| ctx.tree.at(file).is_none());
        Self { tree: ctx.tree, hidden }
    }

    /// Whether a file that is not in the tree, or that another folder has, may set a variable.
    pub(super) fn may_set(&self, name: &str) -> bool {
        let named = |text: &str| {
            text.lines().any(|line| {
                let line = line.trim_start_matches(['#', ' ', '\t']).trim_start_matches("export ");
                line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['=', ':']))
            })
        };
        self.hidden
            || self.tree.sets(name)
            || self.tree.of_kind(super::DOTENV.name).any(|(_, a)| named(self.tree.sources.text(a.source)))
    }
}

/// Whether a value is a command that a shell or a program in the container reads.
pub(super) fn is_command(path: &[String]) -> bool {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let rest = match parts.as_slice() {
        ["services" | "jobs", _, rest @ ..] => rest,
        _ => return false,
    };
    matches!(
        rest,
        ["command" | "entrypoint", ..]
            | ["healthcheck", "test", ..]
            | ["post_start" | "pre_stop" | "pre_start", "[]", "command", ..]
    )
}
