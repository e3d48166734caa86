//! What `gen` says when it has written: what it made, what to do next, where each secret is.

use std::path::PathBuf;

use crate::output::{Fate, Outcome, Request};
use crate::stack::{Host, HostRole, Role, outage};

use super::{Failure, Streams};

pub(super) fn print(request: &Request<'_>, outcome: &Outcome, streams: &mut Streams<'_>) -> Result<(), Failure> {
    let err = &mut *streams.err;
    for note in &outcome.notes {
        writeln!(err, "note: {note}")?;
    }
    for path in &outcome.removed {
        writeln!(err, "removed `{path}`, which is no longer generated")?;
    }
    for path in &outcome.abandoned {
        writeln!(err, "kept `{path}`, which is no longer generated: it was edited or holds secrets")?;
    }
    let root = request.root.display();
    if outcome.written.is_empty() && outcome.removed.is_empty() {
        writeln!(err, "nothing to do: {} files in `{root}` are as they should be", outcome.unchanged)?;
    }
    for host in &request.stack.hosts {
        made(request, host, outcome, err)?;
    }
    secrets(request, outcome, err)?;
    if request.only.is_none() && !outcome.written.is_empty() {
        next(request, err)?;
    }
    Ok(())
}

fn made(request: &Request<'_>, host: &Host, outcome: &Outcome, err: &mut dyn std::io::Write) -> Result<(), Failure> {
    let prefix = host.path("");
    let files: Vec<&str> =
        outcome.written.iter().filter_map(|p| p.strip_prefix(&prefix)).filter(|p| !p.is_empty()).collect();
    if files.is_empty() {
        return Ok(());
    }
    let name = match host.role {
        HostRole::Single => "stack",
        HostRole::Agent => "application host",
        HostRole::Gateway => "observability host",
    };
    let folder = place(request, host);
    writeln!(
        err,
        "\n{name}: {} file{} in `{}`",
        files.len(),
        if files.len() == 1 { "" } else { "s" },
        folder.display()
    )?;
    for file in files {
        writeln!(err, "  {file}")?;
    }
    let images: Vec<String> = host.nodes.iter().map(|n| format!("{} {}", n.service, n.version)).collect();
    let memory: u64 = host.nodes.iter().map(|n| n.container.memory).sum();
    writeln!(err, "  runs {}", images.join(", "))?;
    writeln!(err, "  memory limits add up to {}", bytes(memory))?;
    Ok(())
}

fn secrets(request: &Request<'_>, outcome: &Outcome, err: &mut dyn std::io::Write) -> Result<(), Failure> {
    if !outcome.secrets.is_empty() {
        writeln!(err, "\nsecrets (mode 0600, never printed):")?;
    }
    for held in &outcome.secrets {
        let fate = match held.fate {
            Fate::Kept => "kept",
            Fate::New => "new",
            Fate::Rotated => "rotated",
            Fate::Wanted => "yours to fill in",
        };
        writeln!(err, "  {} {}: {} ({fate})", held.path, held.variable, held.purpose)?;
    }
    let rotated = |h: &&crate::output::Held| h.fate == Fate::Rotated && h.variable == "GRAFANA_ADMIN_PASSWORD";
    if let Some(held) = outcome.secrets.iter().find(rotated)
        && let Some(view) = request.stack.node(Role::View)
    {
        // Grafana reads the variable only when it makes its database; the command is that of
        // `grafana/grafana pkg/cmd/grafana-cli/commands/reset_password_command.go`.
        writeln!(
            err,
            "\nan existing Grafana keeps its old password until, in the folder of `{}` and after `docker compose up -d`:",
            held.path
        )?;
        writeln!(
            err,
            "  sed -n 's/^GRAFANA_ADMIN_PASSWORD=//p' .env | docker compose exec -T {} grafana cli admin reset-admin-password --password-from-stdin",
            view.service
        )?;
    }
    Ok(())
}

fn next(request: &Request<'_>, err: &mut dyn std::io::Write) -> Result<(), Failure> {
    writeln!(err, "\nan outage of the stores that loses nothing may last:")?;
    for (signal, text) in outage::outage(request.stack) {
        writeln!(err, "  {}: {text}", format!("{signal:?}").to_lowercase())?;
    }
    writeln!(err, "\nnext:")?;
    let hosts = &request.stack.hosts;
    // The gateway first: the agent has nobody to talk to before.
    for host in hosts.iter().rev() {
        let folder = place(request, host);
        if hosts.len() > 1 {
            let name = if host.role == HostRole::Agent { "application host" } else { "observability host" };
            writeln!(err, "  copy `{}` to the {name}; there:", folder.display())?;
            writeln!(err, "    docker compose up -d")?;
        } else {
            writeln!(err, "  cd {} && docker compose up -d", folder.display())?;
        }
    }
    let port = request.stack.node(Role::View).and_then(|n| n.container.ports.first());
    if let Some(port) = port {
        let bind = if port.bind.contains(':') { format!("[{}]", port.bind) } else { port.bind.clone() };
        writeln!(err, "  open http://{bind}:{} as `admin` with `GRAFANA_ADMIN_PASSWORD`", port.published)?;
    }
    Ok(())
}

/// The folder of a host, as the user can name it.
fn place(request: &Request<'_>, host: &Host) -> PathBuf {
    // Joining nothing would leave a `/` at the end.
    if host.folder.is_empty() { request.root.to_owned() } else { request.root.join(host.folder) }
}

fn bytes(n: u64) -> String {
    let gib = n as f64 / f64::from(1u32 << 30);
    if gib >= 1.0 { format!("{gib:.1} GiB") } else { format!("{} MiB", n >> 20) }
}
