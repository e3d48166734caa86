//! Runs the real Prometheus with the generated command line and files on a loopback port.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use super::Tools;
use super::stacks::{Host, files};

/// Ends the process when the check is over, whatever came of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it as the compose file would, with `config` in place of the mounted folder, and drives it.
pub(super) fn run(tools: &Tools, host: &Host, config: &Path) -> Result<String> {
    let service = &host.compose["services"]["prometheus"];
    let data = host.folder.join("prometheus-data");
    fs::create_dir_all(&data)?;
    let words = service["command"].as_array().context("the service has no command")?;
    // A flag's value is a path of the container: that of the volume, or below the mounted folder.
    let here = |word: &str| match word.split_once('=') {
        Some((flag, "/prometheus")) => format!("{flag}={}", data.display()),
        Some((flag, value)) => format!("{flag}={}", value.replace("/etc/prometheus", &config.display().to_string())),
        None => word.to_owned(),
    };
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let log = host.folder.join("prometheus.log");
    let mut command = Command::new(&tools.prometheus);
    command.args(words.iter().filter_map(Value::as_str).map(here));
    // The last one counts; without it the server would be reachable from elsewhere.
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    command.stdout(Stdio::null()).stderr(fs::File::create(&log)?).current_dir(&data);
    let mut running = Running(command.spawn().context("cannot start prometheus")?);
    let task = json!({
        "base": format!("http://127.0.0.1:{port}"),
        "write": write_path(host)?,
        // Alloy's receiver has this one, Prometheus must not.
        "wrong": "/api/v1/metrics/write",
        "queries": queries(host)?,
        "rules": rules(config)?,
    });
    drive(tools, &task).map_err(|error| {
        let ended = running.0.try_wait().ok().flatten().map(|s| format!("; it ended with {s}")).unwrap_or_default();
        let log = fs::read_to_string(&log).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(8).collect();
        anyhow!("{error}{ended}\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
    })
}

fn drive(tools: &Tools, task: &Value) -> Result<String> {
    let mut driver = Command::new(&tools.drive);
    driver.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut driver = driver.spawn()?;
    driver.stdin.take().context("no input")?.write_all(task.to_string().as_bytes())?;
    let output = driver.wait_with_output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(format!(": {}", String::from_utf8_lossy(&output.stdout).trim()))
}

/// The path on which the collector writes to Prometheus, as its configuration has it.
fn write_path(host: &Host) -> Result<String> {
    for file in files(&host.folder.join("alloy"), "alloy")? {
        let text = fs::read_to_string(file)?;
        let url = text.split('"').find(|s| s.starts_with("http://prometheus:"));
        if let Some(path) = url.and_then(|u| u.strip_prefix("http://")?.split_once('/')) {
            return Ok(format!("/{}", path.1));
        }
    }
    bail!("the collector writes to no Prometheus")
}

/// How many rules the files hold.
fn rules(config: &Path) -> Result<usize> {
    let mut count = 0;
    for file in files(&config.join("rules"), "yml")? {
        let text = fs::read_to_string(file)?;
        let starts = |l: &&str| l.trim_start().starts_with("- alert:") || l.trim_start().starts_with("- record:");
        count += text.lines().filter(starts).count();
    }
    ensure!(count > 0, "no rule was written");
    Ok(count)
}

/// Every query that the dashboards ask of Prometheus, variables replaced by something that fits their place.
fn queries(host: &Host) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for file in files(&host.folder.join("grafana/dashboards"), "json")? {
        let dashboard: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
        let mut names: Vec<&str> = Vec::new();
        for variable in dashboard["templating"]["list"].as_array().into_iter().flatten() {
            names.extend(variable["name"].as_str());
            // `label_values(SERIES, LABEL)` asks for series.
            let asked = variable["definition"].as_str().and_then(|d| d.strip_prefix("label_values("));
            found.extend(asked.and_then(|d| d.rsplit_once(',')).map(|(series, _)| series.to_owned()));
        }
        // Longest first: `$route` is no `$r`.
        names.sort_by_key(|n| std::cmp::Reverse(n.len()));
        let mut panels: Vec<&Value> = dashboard["panels"].as_array().into_iter().flatten().collect();
        while let Some(panel) = panels.pop() {
            panels.extend(panel["panels"].as_array().into_iter().flatten());
            for target in panel["targets"].as_array().into_iter().flatten() {
                if target["datasource"]["type"] == "prometheus"
                    && let Some(query) = target["expr"].as_str()
                {
                    found.push(substituted(query, &names));
                }
            }
        }
    }
    ensure!(!found.is_empty(), "no dashboard asks Prometheus anything");
    if let Some(left) = found.iter().find(|q| q.contains('$')) {
        bail!("`{left}` uses a variable that the dashboard does not have");
    }
    Ok(found)
}

fn substituted(query: &str, names: &[&str]) -> String {
    let built_in = [("__rate_interval", "1m"), ("__interval", "15s"), ("__range", "1h")];
    let own = names.iter().map(|n| (*n, "checkout"));
    built_in.into_iter().chain(own).fold(query.to_owned(), |query, (name, value)| {
        query.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
    })
}
