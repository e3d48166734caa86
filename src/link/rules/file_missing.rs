//! A file that a config or a command names, and nothing brings into the container.

use std::collections::{HashMap, HashSet};

use crate::catalogue::{self, Facts};
use crate::diagnostic::{Diagnostic, FixKind, Label, Rule, Severity, Tier};
use crate::engine::Findings;
use crate::link::Linked;
use crate::source::Span;
use crate::symbol::{Lack, PathRead};
use crate::tree::{Inside, Mount, SECRETS, Service, path};

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "link-file-missing",
    aliases: &[],
    summary: "a file that a config or a command names is not there in the container",
    tier: Tier::C,
    severity: Severity::Error,
    fix: FixKind::None,
    since: "0.1.0",
    page: include_str!("file_missing.md"),
};

/// Where Kubernetes puts what a service account has (k8s.io/client-go rest/config.go `InClusterConfig`@v0.31.0, @v0.35.3).
const KUBERNETES: [&str; 2] = ["/var/run/secrets/kubernetes.io", "/run/secrets/kubernetes.io"];

/// A file of one service that is not there.
struct Missing<'a> {
    service: &'a Service,
    facts: &'static Facts,
    read: &'a PathRead,
    lack: &'a Lack,
    found: Inside<'a>,
}

/// Every file that is missing, once per folder and kind. Of several deployments that read one config one suffices that has it: that
/// is the one which the config is written for.
pub(super) fn run(linked: &Linked<'_>, findings: &mut Findings) {
    let mut missing: Vec<Missing<'_>> = Vec::new();
    let mut there: HashSet<Span> = HashSet::new();
    for (id, service) in linked.tree.services() {
        let Some(facts) = service.engine.and_then(catalogue::engine) else { continue };
        for read in linked.index.reads(id) {
            let Some(lack) = &read.lack else { continue };
            let found = linked.tree.inside(service, read.pattern.as_ref().unwrap_or(&read.path));
            if is_missing(read, &found) {
                missing.push(Missing { service, facts, read, lack, found });
            } else {
                there.insert(read.origin.span());
            }
        }
    }
    let mut told: HashMap<(Span, &str, &str), usize> = HashMap::new();
    let mut spans: HashMap<Span, usize> = HashMap::new();
    for one in missing.iter().filter(|one| !there.contains(&one.read.origin.span())) {
        let span = one.read.origin.span();
        // The same place, read by another service.
        if let Some(at) = spans.get(&span) {
            let label = Label { span: one.service.span, text: "read here too".to_owned() };
            if findings.all[*at].labels.iter().all(|l| l.span != label.span) {
                findings.all[*at].labels.push(label);
            }
            continue;
        }
        let group = (one.service.span, path::folder(&one.read.path), &*one.lack.then);
        let grouped = one.read.is_secret() && path::below(&one.read.path, SECRETS).is_none();
        if let Some(at) = told.get(&group).filter(|_| grouped) {
            findings.all[*at].labels.push(Label { span, text: format!("and `{}`", one.read.path) });
            spans.insert(span, *at);
            continue;
        }
        told.insert(group, findings.all.len());
        spans.insert(span, findings.all.len());
        findings.push(one.told());
    }
}

/// Whether a file is missing for certain, and missed. What is kept out of repositories may come to lie in a folder of theirs, and a
/// folder of files that fit a pattern may be meant for later.
fn is_missing(read: &PathRead, found: &Inside<'_>) -> bool {
    match found {
        Inside::Nothing => true,
        Inside::Folder => read.pattern.is_none() && !read.folder,
        Inside::Lacks(_) | Inside::NoFolder(_) => !read.is_secret() && read.pattern.is_none(),
        Inside::File | Inside::Unknown => false,
    }
}

impl Missing<'_> {
    fn told(&self) -> Diagnostic {
        let Self { service, facts, read, lack, found } = self;
        let at = read.pattern.as_ref().unwrap_or(&read.path);
        let (title, what) = (facts.title, if read.required { "its config" } else { read.what });
        let secret = path::below(at, SECRETS).filter(|_| *found == Inside::Nothing);
        let (reason, help) = match found {
            Inside::Folder => ("that is a folder".to_owned(), format!("mount the file itself at `{at}`")),
            Inside::Lacks(mount) | Inside::NoFolder(mount) => (
                format!("the folder that is mounted at `{}` has no such file", mount.target),
                "write the path as the file is called, or put it there".to_owned(),
            ),
            _ => match secret {
                Some(secret) => {
                    let help = match service.secret_like(secret) {
                        Some(other) => format!("name `{SECRETS}/{other}`, which it has"),
                        None => format!("add `{secret}` to the `secrets` of the service"),
                    };
                    (format!("`{}` has no secret `{secret}`", service.name), help)
                }
                None => ("nothing is mounted there".to_owned(), mend(service, read, at)),
            },
        };
        let mut diagnostic =
            Diagnostic::new(&RULE, read.origin.span(), format!("{title} reads {what} from `{at}`, and {reason}"))
                .label(service.span, "this service")
                .help(help)
                .note(&*lack.then);
        let mounted = |mount: &Mount| Label { span: mount.span, text: "this folder".to_owned() };
        // The file may come from elsewhere before it starts.
        let sure = match found {
            Inside::Lacks(mount) | Inside::NoFolder(mount) => {
                diagnostic.labels.push(mounted(mount));
                false
            }
            _ => true,
        };
        // A config of a cluster that runs elsewhere, too: what else it does is not in vain.
        let of_cluster = KUBERNETES.iter().any(|folder| path::below(at, folder).is_some());
        if of_cluster {
            diagnostic.help = Some("leave out what only a cluster has: Kubernetes puts this file there".to_owned());
        }
        if !(lack.fatal && sure) || of_cluster {
            diagnostic = diagnostic.severity(Severity::Warning);
        }
        diagnostic
    }
}

/// Where to mount what is missing: a folder over that of the config would hide it.
fn mend(service: &Service, read: &PathRead, at: &str) -> String {
    let folder = path::folder(at);
    let inside = service.mounts.iter().any(|m| path::below(&m.target, folder).is_some_and(|rest| !rest.is_empty()));
    match (&read.pattern, inside) {
        (None, _) => format!("mount the file at `{at}`, or name the path where it is mounted"),
        (Some(_), true) => format!("mount the files in `{folder}`, one by one, or in a folder of their own"),
        (Some(_), false) => format!("mount their folder at `{folder}`"),
    }
}

/// A config without which a server does not start, where no mount is there that could be meant for it.
pub(super) fn config(
    linked: &Linked<'_>,
    service: &Service,
    read: &PathRead,
    facts: &'static Facts,
) -> Option<Diagnostic> {
    // Prometheus' own rule tells what its image reads instead.
    if !read.required || facts.engine == "prometheus" || linked.tree.inside(service, &read.path) != Inside::Nothing {
        return None;
    }
    let lack = Lack::STOPS;
    Some(Missing { service, facts, read, lack: &lack, found: Inside::Nothing }.told())
}
