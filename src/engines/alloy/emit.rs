//! Alloy's file: what applications dial, what is made of it, where it goes.
//!
//! Built as a syntax tree and printed in the engine's own format. Argument names and shapes:
//! `grafana/alloy internal/component/@v1.10.2` and `@v1.18.1`.

use vispyr_alloy::build::{Body, Value};

use crate::emitter::{Emitted, Place, header};
use crate::spec::{AuthMode, Scrape};
use crate::stack::outage::{BATCH_ITEMS, BATCH_SECONDS, QUEUE_REQUESTS, RETRY_SECONDS};
use crate::stack::{
    PlannedRoute, Role,
    containers::{HOST_ROOT, duration},
    port, secrets,
};
use crate::symbol::Protocol;

/// Upper bounds of the classic latency histogram.
const BUCKETS: [&str; 11] = ["5ms", "10ms", "25ms", "50ms", "100ms", "250ms", "500ms", "1s", "2.5s", "5s", "10s"];

/// Span attributes that become labels: the stable HTTP conventions.
const DIMENSIONS: [&str; 3] = ["http.request.method", "http.response.status_code", "http.route"];

/// Series per metric before the rest is counted under one overflow series.
const CARDINALITY: i64 = 10_000;

/// Writes `config.alloy`.
pub fn emit(at: &Place<'_>) -> Vec<Emitted> {
    let mut body = Body::new();
    body.block("logging", None, |b| {
        b.attr("level", "info");
        b.attr("format", "logfmt");
    });
    let writer = Writer { at, stores: at.node.role != Role::Agent };
    writer.receivers(&mut body);
    writer.processors(&mut body);
    writer.connectors(&mut body);
    writer.exporters(&mut body);
    writer.profiles(&mut body);
    writer.scrapes(&mut body);
    // Every name and value above is either ours or checked by the spec, so the tree is valid; were it not, the
    // check that `gen` runs on its own output would refuse an empty file.
    let printed = body.to_file().map(|f| vispyr_alloy::print(&f)).unwrap_or_default();
    vec![at.file("alloy/config.alloy", "alloy", format!("{}\n{printed}", header("//")))]
}

struct Writer<'a> {
    at: &'a Place<'a>,
    /// Whether this Alloy writes to the stores itself, rather than to a gateway.
    stores: bool,
}

impl Writer<'_> {
    fn traces(&self) -> bool {
        self.at.stack.node(Role::Traces).is_some()
    }

    fn profiling(&self) -> bool {
        self.at.stack.node(Role::Profiles).is_some()
    }

    fn route(&self, protocol: Protocol, to: Option<&str>) -> Option<&PlannedRoute> {
        self.at.stack.route(self.at.node.service, protocol, to)
    }

    /// The receivers of all signals: of applications, or of agents.
    fn receivers(&self, body: &mut Body) {
        let label = self.source();
        body.block("otelcol.receiver.otlp", Some(label), |b| {
            b.block("grpc", None, |b| {
                b.attr("endpoint", format!("0.0.0.0:{}", port::OTLP_GRPC));
            });
            b.block("http", None, |b| {
                b.attr("endpoint", format!("0.0.0.0:{}", port::OTLP_HTTP));
            });
            self.output(b, "otelcol.processor.memory_limiter.default.input");
        });
        if self.at.node.role == Role::Gateway {
            body.block("prometheus.receive_http", Some(label), |b| {
                listen(b, port::GATEWAY_WRITE);
                b.attr("forward_to", vec![Value::reference("prometheus.remote_write.default.receiver")]);
            });
        }
    }

    fn source(&self) -> &'static str {
        if self.at.node.role == Role::Gateway { "agents" } else { "applications" }
    }

    /// `output { metrics = […] traces = […] }` to one consumer.
    fn output(&self, body: &mut Body, to: &str) {
        body.block("output", None, |b| {
            b.attr("metrics", vec![Value::reference(to)]);
            if self.traces() {
                b.attr("traces", vec![Value::reference(to)]);
            }
        });
    }

    fn processors(&self, body: &mut Body) {
        let limit = (self.at.node.container.memory * 3 / 4) >> 20;
        let environment = self.at.stack.environment.as_deref().filter(|_| self.at.node.role != Role::Gateway);
        body.comment("First in line: refuses data before memory runs out, and the senders try again.");
        body.block("otelcol.processor.memory_limiter", Some("default"), |b| {
            b.attr("check_interval", "1s");
            b.attr("limit", format!("{limit}MiB"));
            b.attr("spike_limit", format!("{}MiB", limit / 5));
            let next = if environment.is_some() {
                "otelcol.processor.transform.environment.input"
            } else {
                "otelcol.processor.batch.default.input"
            };
            self.output(b, next);
        });
        if let Some(environment) = environment {
            self.environment(body, environment);
        }
        body.block("otelcol.processor.batch", Some("default"), |b| {
            b.attr("timeout", format!("{BATCH_SECONDS}s"));
            b.attr("send_batch_size", BATCH_ITEMS);
            b.attr("send_batch_max_size", BATCH_ITEMS);
            b.block("output", None, |b| self.outputs(b));
        });
    }

    fn environment(&self, body: &mut Body, environment: &str) {
        let key = r#"attributes["deployment.environment.name"]"#;
        let quoted = vispyr_alloy::quote(environment);
        let statement = format!("set({key}, {quoted}) where {key} == nil");
        let signals =
            if self.traces() { &["metric_statements", "trace_statements"][..] } else { &["metric_statements"] };
        body.block("otelcol.processor.transform", Some("environment"), |b| {
            b.attr("error_mode", "ignore");
            for signal in signals {
                b.block(*signal, None, |b| {
                    b.attr("context", "resource");
                    b.attr("statements", vec![Value::Raw(statement.clone())]);
                });
            }
            self.output(b, "otelcol.processor.batch.default.input");
        });
    }

    /// Where batches go.
    fn outputs(&self, body: &mut Body) {
        if !self.stores {
            let gateway = vec![Value::reference("otelcol.exporter.otlphttp.gateway.input")];
            body.attr("metrics", gateway.clone());
            if self.traces() {
                body.attr("traces", gateway);
            }
            return;
        }
        body.attr("metrics", vec![Value::reference("otelcol.exporter.prometheus.default.input")]);
        let pipeline = &self.at.stack.pipeline;
        let consumers = [
            (self.traces(), "otelcol.exporter.otlp.tempo.input"),
            (pipeline.span_metrics, "otelcol.connector.spanmetrics.default.input"),
            (pipeline.service_graph, "otelcol.connector.servicegraph.default.input"),
        ];
        let traces: Vec<Value> = consumers.iter().filter(|c| c.0).map(|c| Value::reference(c.1)).collect();
        if self.traces() {
            body.attr("traces", traces);
        }
    }

    fn connectors(&self, body: &mut Body) {
        if !self.stores {
            return;
        }
        let pipeline = &self.at.stack.pipeline;
        let interval = format!("{}s", pipeline.scrape_interval);
        let metrics = |b: &mut Body| {
            b.block("output", None, |b| {
                b.attr("metrics", vec![Value::reference("otelcol.exporter.prometheus.default.input")]);
            });
        };
        if pipeline.span_metrics {
            body.comment("Rate, errors and duration, counted on every span before any sampling could take some away.");
            body.block("otelcol.connector.spanmetrics", Some("default"), |b| {
                // A random label per process would make new series at every restart.
                b.attr("exclude_dimensions", vec!["collector.instance.id"]);
                b.attr("aggregation_cardinality_limit", CARDINALITY);
                b.attr("metrics_flush_interval", interval.clone());
                b.attr("metrics_expiration", "10m");
                let asked = pipeline.dimensions.iter().map(String::as_str);
                let mut dimensions: Vec<&str> = DIMENSIONS.into_iter().chain(asked).collect();
                dimensions.sort_unstable();
                dimensions.dedup();
                for name in dimensions {
                    b.block("dimension", None, |b| {
                        b.attr("name", name);
                    });
                }
                b.block("histogram", None, |b| {
                    b.attr("unit", "s");
                    b.block("explicit", None, |b| {
                        b.attr("buckets", BUCKETS.to_vec());
                    });
                });
                b.block("exemplars", None, |b| {
                    b.attr("enabled", true);
                    b.attr("max_per_data_point", 5);
                });
                metrics(b);
            });
        }
        if pipeline.service_graph {
            body.block("otelcol.connector.servicegraph", Some("default"), |b| {
                b.attr("metrics_flush_interval", interval.clone());
                b.block("store", None, |b| {
                    b.attr("max_items", 5000);
                    b.attr("ttl", "10s");
                });
                metrics(b);
            });
        }
    }

    fn exporters(&self, body: &mut Body) {
        if self.stores {
            body.block("otelcol.exporter.prometheus", Some("default"), |b| {
                b.attr("forward_to", vec![Value::reference("prometheus.remote_write.default.receiver")]);
            });
            if let Some(route) = self.route(Protocol::RemoteWrite, Some("prometheus")) {
                self.remote_write(body, route, |_| {});
            }
            if let Some(route) = self.route(Protocol::OtlpGrpc, Some("tempo")) {
                body.block("otelcol.exporter.otlp", Some("tempo"), |b| {
                    b.block("client", None, |b| {
                        b.attr("endpoint", route.address());
                        b.block("tls", None, |b| {
                            b.attr("insecure", true);
                        });
                    });
                    patience(b);
                });
            }
            return;
        }
        self.credentials(body);
        if let Some(route) = self.route(Protocol::OtlpHttp, None) {
            body.block("otelcol.exporter.otlphttp", Some("gateway"), |b| {
                b.block("client", None, |b| {
                    b.attr("endpoint", route.url());
                    match self.auth() {
                        AuthMode::Bearer => b.attr("auth", Value::reference("otelcol.auth.bearer.gateway.handler")),
                        AuthMode::Basic => b.attr("auth", Value::reference("otelcol.auth.basic.gateway.handler")),
                        AuthMode::None => b,
                    };
                    self.trust(b, "tls");
                });
                patience(b);
            });
        }
        if let Some(route) = self.route(Protocol::RemoteWrite, None) {
            self.remote_write(body, route, |b| self.client(b));
        }
    }

    fn auth(&self) -> AuthMode {
        self.at.stack.edge.as_ref().map_or(AuthMode::None, |e| e.auth)
    }

    /// The handler that OTLP exporters name.
    fn credentials(&self, body: &mut Body) {
        match self.auth() {
            AuthMode::Bearer => body.block("otelcol.auth.bearer", Some("gateway"), |b| {
                b.attr("token", Value::env(secrets::TOKEN));
            }),
            // The block for clients alone is refused: the engine asks for the credentials of a server beside it
            // (open-telemetry/opentelemetry-collector-contrib extension/basicauthextension/extension.go
            // `newServerAuthExtension`@v0.134.0, @v0.158.0), which this pair is as well.
            AuthMode::Basic => body.block("otelcol.auth.basic", Some("gateway"), |b| {
                b.attr("username", secrets::BASIC_USER);
                b.attr("password", Value::env(secrets::TOKEN));
            }),
            AuthMode::None => body,
        };
    }

    /// Credential and trust of clients that take them in their endpoint.
    fn client(&self, body: &mut Body) {
        match self.auth() {
            AuthMode::Bearer => {
                body.attr("bearer_token", Value::env(secrets::TOKEN));
            }
            AuthMode::Basic => {
                body.block("basic_auth", None, |b| {
                    b.attr("username", secrets::BASIC_USER);
                    b.attr("password", Value::env(secrets::TOKEN));
                });
            }
            AuthMode::None => {}
        }
        self.trust(body, "tls_config");
    }

    fn trust(&self, body: &mut Body, block: &str) {
        if self.at.stack.edge.as_ref().is_some_and(crate::stack::Edge::own_ca) {
            body.block(block, None, |b| {
                b.attr("ca_file", "/etc/vispyr/tls/ca.crt");
            });
        }
    }

    fn remote_write(&self, body: &mut Body, route: &PlannedRoute, client: impl FnOnce(&mut Body)) {
        body.block("prometheus.remote_write", Some("default"), |b| {
            b.block("endpoint", None, |b| {
                b.attr("url", route.url());
                b.attr("send_exemplars", true);
                b.attr("send_native_histograms", true);
                client(b);
            });
        });
    }

    fn profiles(&self, body: &mut Body) {
        if !self.profiling() {
            return;
        }
        body.block("pyroscope.receive_http", Some(self.source()), |b| {
            listen(b, port::PROFILES);
            b.attr("forward_to", vec![Value::reference("pyroscope.write.default.receiver")]);
        });
        if let Some(route) = self.route(Protocol::ProfilePush, None) {
            body.block("pyroscope.write", Some("default"), |b| {
                b.block("endpoint", None, |b| {
                    b.attr("url", route.url());
                    if !self.stores {
                        self.client(b);
                    }
                });
            });
        }
    }

    fn scrapes(&self, body: &mut Body) {
        let pipeline = &self.at.stack.pipeline;
        let instance = pipeline.instances.iter().find(|(f, _)| *f == self.at.host.folder).map_or("", |(_, i)| i);
        if pipeline.host_metrics {
            body.comment("The host, not this container: its /proc, /sys and / are mounted below /host.");
            body.block("prometheus.exporter.unix", Some("host"), |b| {
                b.attr("procfs_path", format!("{HOST_ROOT}/proc"));
                b.attr("sysfs_path", format!("{HOST_ROOT}/sys"));
                b.attr("rootfs_path", format!("{HOST_ROOT}/root"));
                // What these would report is the container's own network, not the host's.
                b.attr(
                    "disable_collectors",
                    vec!["arp", "netclass", "netdev", "netstat", "sockstat", "softnet", "udp_queues"],
                );
            });
            self.scrape_own(body, "host", "prometheus.exporter.unix.host.targets", instance);
        }
        body.block("prometheus.exporter.self", Some("alloy"), |_| {});
        self.scrape_own(body, "alloy", "prometheus.exporter.self.alloy.targets", instance);
        if let Some(route) = self.route(Protocol::Scrape, Some("proxy")) {
            body.block("prometheus.scrape", Some("proxy"), |b| {
                b.attr("targets", vec![Value::object([("__address__", Value::from(route.address()))])]);
                b.attr("job_name", "proxy");
                self.scrape_tail(b, None);
            });
        }
        if self.at.node.role != Role::Gateway {
            for scrape in &pipeline.scrapes {
                self.scrape_application(body, scrape);
            }
        }
    }

    /// Scrapes an exporter inside this process under a job and instance of its own.
    fn scrape_own(&self, body: &mut Body, job: &str, targets: &str, instance: &str) {
        body.block("discovery.relabel", Some(job), |b| {
            b.attr("targets", Value::reference(targets));
            for (label, value) in [("job", job), ("instance", instance)] {
                b.block("rule", None, |b| {
                    b.attr("target_label", label);
                    b.attr("replacement", value);
                });
            }
        });
        body.block("prometheus.scrape", Some(job), |b| {
            b.attr("targets", Value::reference(format!("discovery.relabel.{job}.output")));
            self.scrape_tail(b, None);
        });
    }

    fn scrape_tail(&self, body: &mut Body, interval: Option<u64>) {
        let interval = interval.unwrap_or(self.at.stack.pipeline.scrape_interval);
        body.attr("scrape_interval", format!("{interval}s"));
        // The engine refuses a timeout above the interval; its default is ten seconds.
        body.attr("scrape_timeout", format!("{}s", interval.min(10)));
        body.attr("forward_to", vec![Value::reference("prometheus.remote_write.default.receiver")]);
    }

    fn scrape_application(&self, body: &mut Body, scrape: &Scrape) {
        let label = vispyr_alloy::sanitize_identifier(&scrape.name.value).unwrap_or_else(|| "application".into());
        body.block("prometheus.scrape", Some(&format!("app_{label}")), |b| {
            let target = |t: &crate::source::Spanned<String>| Value::object([("__address__", Value::from(&t.value))]);
            b.attr("targets", Value::array(scrape.targets.iter().map(target)));
            b.attr("job_name", &scrape.name.value);
            b.attr("metrics_path", &scrape.path.value);
            if scrape.https {
                b.attr("scheme", "https");
            }
            if let Some(variable) = &scrape.bearer {
                b.attr("bearer_token", Value::env(&variable.value));
            }
            if let Some(limit) = &self.at.stack.limits.scrape_samples {
                b.attr("sample_limit", i64::try_from(limit.value).unwrap_or(i64::MAX));
            }
            self.scrape_tail(b, scrape.interval.as_ref().map(|i| i.value));
        });
    }
}

/// `http { listen_address … listen_port … }` of the HTTP receivers.
fn listen(body: &mut Body, port: u16) {
    body.block("http", None, |b| {
        b.attr("listen_address", "0.0.0.0");
        b.attr("listen_port", port);
    });
}

/// How long an OTLP exporter holds on to what it cannot send.
fn patience(body: &mut Body) {
    body.block("sending_queue", None, |b| {
        b.attr("queue_size", QUEUE_REQUESTS);
    });
    body.block("retry_on_failure", None, |b| {
        b.attr("max_elapsed_time", duration(u64::from(RETRY_SECONDS)));
    });
}
